"""The compiled engine: the same semantics over the program's arrays, in numba.

`components` parts the lines that do not bear on each other. Those run in lockstep, many replications at a time: `alone`
lays a line out, `paths` follows regimes and events, `rows`, `lanes` and `errands` are the lanes, `lockstep` is the
kernel, `separate` runs it. The others run in an event loop: `layout` lays the program out, `state` is one replication,
`kernel` the loop, `loop` runs it. `whole` puts the parts together, `engine` is the contract. `jit` and `bits` compile the
rules. The engine shares `sim.rules` with the reference and nothing else, and agrees with it to the bit.
"""
