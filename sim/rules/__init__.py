"""Rules that every engine obeys: small pure functions of numbers.

Read them in this order: `arithmetic` (log, exp and the normal distribution, equal to the bit on every machine),
`vectors` (the same for arrays), `random` (keyed random numbers), `distributions` and `quantile_tables`, `calendar`
(whole seconds and windows of time), `answer` (the probability that an attempt is answered, and the effects that move
it), `order` (what comes first within one second), `bins`.
"""
