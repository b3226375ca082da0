"""The compiled engine: the same semantics over the program's arrays, in numba.

`components` parts the lines that do not bear on each other. Those run in lockstep, many replications at a time: `alone`
lays a line out, `paths` follows regimes and events, `rows`, `lanes` and `errands` are the lanes, `drawing` is what they
draw, `meetings` what lines mind of each other, `lockstep` is the kernel, `separate` runs it. Lines that only effects
join run abreast: `joint` lays them out, `crew` and `berths` are the lanes, `turns` is what all lanes do in a step,
`sway` what lines do to each other's odds, `changeover` what lies between happenings, `abreast` is the kernel,
`together` runs it. The others run in an event loop: `layout` lays the program out (`fixed` names the places), `state`
is one replication (`moving`), `agenda` what is due, `attempts`, `happenings`, `force` and `times` what happens,
`history` tells it, `kernel` is the loop, `loop` runs it. `numbers` draws the uncertain numbers, `whole` puts the parts
together, `engine` is the contract. `jit`, `bits` and `pointers` compile. The engine shares `sim.rules` with the
reference and nothing else, and agrees with it to the bit.
"""
