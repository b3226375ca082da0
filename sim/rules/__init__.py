"""What every engine obeys: small pure functions of numbers.

Read them in this order: `arithmetic` (log, exp and the normal quantile, equal to the bit on every machine), `draws`
(the keyed random numbers), `families`, `solvers` and `quantiles` (distributions), `clock` (calendars), `answer` (the
probability that an attempt is answered, and the effects that move it), `order` (what comes first within one second),
`bins`.
"""
