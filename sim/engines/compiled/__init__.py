"""The compiled engine: the same semantics over the program's arrays, in numba.

The engine shares `sim.rules` with the reference and nothing else, and agrees with it to the bit.
"""
