"""Where the rows of lanes begin in the flat arrays of the kernels of lanes: lane l of row R is ``array[R + l]``.

`x` holds reals (seconds are whole numbers in doubles), `u` the addresses of draws, `s` whole numbers.
"""

from __future__ import annotations

from collections.abc import Sequence

from sim.scenario.program import Ints

WIDTH = 256
"""Lanes."""
CELLS = 400
"""Lines times lanes, where lines run abreast."""
STEP = CELLS + 24
"""From row to row. Not a power of two: the rows of a lane would all fall into the same few places of the processor's
cache."""
STRIDE = 16
"""Loops over lanes run over a multiple of these; what they do beyond the last lane in use is of no consequence."""

# `u`: the address of the next draw; those of the answered attempts, side by side.
INDEX = 0 * STEP
REPLICATION = 1 * STEP
INDEX_2 = 2 * STEP
REPLICATION_2 = 3 * STEP
U_END = 4 * STEP

# `x`. The attempt: its second; when the next is due; up to when nothing but attempts changes.
AT = 0 * STEP
DUE = 1 * STEP
LIMIT = 2 * STEP
# When the request gives up; up to when the officials are in a call of this line; the log-odds before moving terms.
GIVES_UP = 3 * STEP
FREE = 4 * STEP
BASE = 5 * STEP
# The request: when it began; when it was over (below 0: and the replication too); attempts so far.
BEGAN = 6 * STEP
OVER = 7 * STEP
MADE = 8 * STEP
# The seconds after which a request gives up; the probability of an answer.
PATIENCE = 9 * STEP
CHANCE = 10 * STEP
# Uniforms, and the interval that one of them makes.
U_INTERVAL = 11 * STEP
U_ANSWER = 12 * STEP
U_DELAY = 13 * STEP
U_REASON = 14 * STEP
INTERVAL = 15 * STEP
# The three parameters of each law.
EVERY_LAW = 16 * STEP
DELAY_LAW = 19 * STEP
CALL_LAW = 22 * STEP
# Answered attempts side by side: uniforms, parameters, durations.
U_DELAY_2 = 25 * STEP
U_REASON_2 = 26 * STEP
U_WAIT_2 = 27 * STEP
U_CALL_2 = 28 * STEP
DELAY_LAW_2 = 29 * STEP
CALL_LAW_2 = 32 * STEP
DELAY_2 = 35 * STEP
CALL_2 = 36 * STEP
# Room for the normal quantiles of lognormal durations.
NORMAL = 37 * STEP
TAIL = 38 * STEP
# Attempts that may be answered side by side: log-odds, second, and three rows of a moving term.
ODDS_2 = 39 * STEP
AT_2 = 40 * STEP
TERM_2 = 41 * STEP
# When the next interval of other lines begins.
MINDED = 44 * STEP
# Moving terms of the log-odds, four rows each.
MOVING = 45 * STEP
MOVING_ROWS = 4 * STEP
VALUE = 0 * STEP
"""The value of a fading term when it was last set; how often the cause of a permanent one has happened."""
LAST = 1 * STEP
HALF_LIFE = 2 * STEP
LOG_FACTOR = 3 * STEP

# `s`. Lanes of answered attempts, and of those that need a look; whether a lane is out of use.
ANSWERED = 0 * STEP
LOOK = 1 * STEP
IDLE = 2 * STEP
# The row of the replication in what comes out; the row of its numbers in `values`; whether it had a contact.
ROW = 3 * STEP
NUMBERS = 4 * STEP
CONTACTED = 5 * STEP
# Where the path goes on and ends; where the next occurrence that opens a request is looked for.
PATH = 6 * STEP
TRIGGER = 7 * STEP
PATH_END = 8 * STEP
# The next interval of other lines to mind; how many of its own were kept.
MIND = 9 * STEP
KEPT = 10 * STEP
# Room for the places of tails, which are taken together.
PLACES = 11 * STEP
# What is to be done about the attempt just made but to make the next: see `lanes.flag`.
SPECIAL = 12 * STEP
# Of answered attempts side by side: the bin of the response time.
BIN_2 = 13 * STEP
# Terms, two rows each: the state, or how many occurrences count; where on the path the first that counts is.
TERMS = 14 * STEP
TERM_ROWS = 2 * STEP
STATE = 0 * STEP
OLDEST = 1 * STEP

ROOM = 32
"""Intervals that are kept of the lines of a replication, at most."""


def extents(lines: Sequence[Ints], moving: int, terms: int) -> tuple[int, int, int]:
    """How many items `u`, `x` and `s` need, for any of some lines: their `q`, which say at `moving` and `terms` how
    many moving terms and terms they have."""
    most_moving = max((int(q[moving]) for q in lines), default=0)
    most_terms = max((int(q[terms]) for q in lines), default=0)
    return U_END, MOVING + most_moving * MOVING_ROWS, TERMS + most_terms * TERM_ROWS
