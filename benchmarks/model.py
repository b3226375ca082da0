"""The numbers of five-lines.yaml, for the programs that were written for this one model."""

from __future__ import annotations

import math

DAY = 86_400.0
LINES = 5
HORIZON = 88 * DAY
EVERY = 3 * DAY
LATE = 12 * DAY
"""When the channel of the last line opens."""
SHOCK_AT, HALF_LIFE = 20 * DAY, 14 * DAY
ANSWER, FATIGUE, SHOCK = math.log(0.05 / 0.95), math.log(0.98), math.log(0.5)
"""Log-odds of an answer, and what a refusal and the shock add to them."""
LOG_MEDIAN = math.log(6 * 3600.0)
SIGMA = math.log(8.0) / 1.2815515655446004
"""Of the delay: 8 is the 90 % point over the median, 1.28 the normal distribution's 90 % point."""
FACTORS = {"apart": 1.0, "coupled": 3.0}
"""By how much a contact multiplies the odds of the other lines."""
