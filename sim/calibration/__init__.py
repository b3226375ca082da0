"""From a dated record to what it says of the uncertain numbers: evidence, likelihood, posterior, forecast.

Read `record` (what an entry says), `plan` (how each line is followed), `walk` (the semantics, guided by the record),
`likelihood`, `posterior`, `forecast`. docs/explanation/calibration-derivation.md has the mathematics.
"""
