"""The compiled engine: the same semantics over the program's arrays, in numba.

`layout` lays the program out flat, `jit` compiles the rules, `state` holds one replication, `kernel` is the event loop,
`engine` the contract. It shares `sim.rules` with the reference and nothing else, and agrees with it to the bit.
"""
