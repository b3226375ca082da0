"""Where the rows of lanes begin in the flat arrays of the lockstep kernel: lane l of row R is ``array[R + l]``.

`x` holds reals (seconds are whole numbers in doubles), `u` the addresses of draws, `s` whole numbers. One array rather
than one for each row, because the compiler then knows that rows do not overlap.
"""

from __future__ import annotations

WIDTH = 512
"""Lanes."""
STRIDE = 16
"""Loops over lanes run over a multiple of these; what they do beyond the last lane in use is of no consequence."""

# `u`: the address of the next draw; those of the answered attempts, side by side.
INDEX = 0 * WIDTH
REPLICATION = 1 * WIDTH
INDEX_2 = 2 * WIDTH
REPLICATION_2 = 3 * WIDTH
U_END = 4 * WIDTH

# `x`. The attempt: its second; when the next is due; up to when nothing but attempts changes.
AT = 0 * WIDTH
DUE = 1 * WIDTH
LIMIT = 2 * WIDTH
# The errand: attempts so far; when it began; when it gives up; when it was over (below 0: and the replication too).
MADE = 3 * WIDTH
BEGAN = 4 * WIDTH
GIVES_UP = 5 * WIDTH
OVER = 6 * WIDTH
# Up to when the officials are in a call of this line; the seconds after which an errand gives up.
FREE = 7 * WIDTH
PATIENCE = 8 * WIDTH
# The answer: the log-odds before moving terms, the probability.
BASE = 9 * WIDTH
CHANCE = 10 * WIDTH
# Uniforms, and the interval that one of them makes.
U_INTERVAL = 11 * WIDTH
U_ANSWER = 12 * WIDTH
U_DELAY = 13 * WIDTH
U_REASON = 14 * WIDTH
INTERVAL = 15 * WIDTH
# The three parameters of each law.
EVERY_LAW = 16 * WIDTH
DELAY_LAW = 19 * WIDTH
CALL_LAW = 22 * WIDTH
# Answered attempts side by side: uniforms, parameters, durations.
U_DELAY_2 = 25 * WIDTH
U_REASON_2 = 26 * WIDTH
U_WAIT_2 = 27 * WIDTH
U_CALL_2 = 28 * WIDTH
DELAY_LAW_2 = 29 * WIDTH
CALL_LAW_2 = 32 * WIDTH
DELAY_2 = 35 * WIDTH
CALL_2 = 36 * WIDTH
# What to do about the attempt just made.
FLAG = 37 * WIDTH
# Room for the normal quantiles of lognormal durations.
NORMAL = 38 * WIDTH
TAIL = 39 * WIDTH
# Moving terms of the log-odds, four rows each.
MOVING = 40 * WIDTH
MOVING_ROWS = 4 * WIDTH
VALUE = 0 * WIDTH
"""The value of a fading term when it was last set; how often the cause of a permanent one has happened."""
LAST = 1 * WIDTH
HALF_LIFE = 2 * WIDTH
LOG_FACTOR = 3 * WIDTH

# `s`. Lanes of answered attempts, and of those that need a look; whether a lane is out of use.
ANSWERED = 0 * WIDTH
LOOK = 1 * WIDTH
IDLE = 2 * WIDTH
# The row of the replication in what comes out; the row of its numbers in `values`; whether it had a contact.
ROW = 3 * WIDTH
NUMBERS = 4 * WIDTH
CONTACTED = 5 * WIDTH
# Where the path goes on and ends; where the next occurrence that opens an errand is looked for.
PATH = 6 * WIDTH
PATH_END = 7 * WIDTH
TRIGGER = 8 * WIDTH
# The next interval of other lines to mind; how many of its own were kept.
MIND = 9 * WIDTH
KEPT = 10 * WIDTH
# Room for the places of tails.
PLACES = 11 * WIDTH
# Terms, two rows each: the state, or how many occurrences count; where on the path the first that counts is.
TERMS = 12 * WIDTH
TERM_ROWS = 2 * WIDTH
STATE = 0 * WIDTH
OLDEST = 1 * WIDTH

ROOM = 32
"""Intervals that are kept of the lines of a replication, at most."""
