"""Where things are in the flat arrays that `abreast` has beside those of `rows`.

A lane is a replication; the cell of line l in lane i is ``l · lanes + i``. `z` holds reals (seconds are whole numbers
in doubles), `g` whole numbers, `y` parts of addresses. What every log entry needs is in rows, with a place for each
cell or each lane. What is seldom needed stands together for each cell, in records at the beginning of `z` and `g`, so
that it lies in one or two lines of the processor's cache.
"""

from __future__ import annotations

from sim.engines.compiled.rows import CELLS, STEP

# A record of `z`. By what share each unanswered attempt may lower the lower bound on the odds of an answer; of the
# attempt that was answered: its second, and the interval after it; by how much a contact, and an unanswered
# attempt, may multiply the odds of the lines that it affects, at most and at least; what the fading effects of both
# have come to, and when.
FALL = 0
ATTEMPTED = 1
INTERVAL_AFTER = 2
MOST = 3
LEAST = 5
VALUE = 7
LAST = 9
REALS = 11

# Rows of `z`, by cell: an upper and a lower bound on the odds of an answer.
_Z = CELLS * REALS
BOUND = _Z
LOWEST = _Z + 1 * STEP
# By lane. The attempt: its second, uniforms, interval and parameters of that; the bound and the limit.
AT = _Z + 2 * STEP
U_INTERVAL = _Z + 3 * STEP
U_ANSWER = _Z + 4 * STEP
U_DELAY = _Z + 5 * STEP
U_REASON = _Z + 6 * STEP
INTERVAL = _Z + 7 * STEP
LAW = _Z + 8 * STEP
BOUND_HERE = _Z + 11 * STEP
LIMIT_HERE = _Z + 12 * STEP
# Answered attempts side by side.
U_DELAY_2 = _Z + 13 * STEP
U_REASON_2 = _Z + 14 * STEP
LAW_2 = _Z + 15 * STEP
DELAY_2 = _Z + 18 * STEP
# Room for the normal quantiles of lognormal durations.
NORMAL = _Z + 19 * STEP
TAIL = _Z + 20 * STEP
Z_END = _Z + 21 * STEP

# A record of `g`. Contacts and answered attempts so far; attempts before this request, and before the bounds were set.
CONTACTS = 0
ANSWERS = 1
BEFORE_REQUEST = 2
SET = 3
WHOLES = 4

# Rows of `g`, by cell: the key of what happens next.
_G = CELLS * WHOLES
NEXT = _G
# By lane. The key of what happens next, in the first or the second row; the cell of the attempt; whether it was
# answered, and whether it needs more than the next one.
KEY = _G + 1 * STEP
CELL = _G + 3 * STEP
IS_ANSWERED = _G + 4 * STEP
MORE = _G + 5 * STEP
# Lists of lanes: those without an attempt next; those whose attempt needs more, and these by why.
IDLE = _G + 6 * STEP
SPECIAL = _G + 7 * STEP
LIKELY = _G + 8 * STEP
LATE = _G + 9 * STEP
ANSWERED = _G + 10 * STEP
# The cells of these last; cells that need a look; room to work in.
CELL_2 = _G + 11 * STEP
LOOK = _G + 12 * STEP
PLACES = _G + 13 * STEP
G_END = _G + 14 * STEP

# Rows of `y`, by cell: attempts so far; the stream. By lane: the replication; the attempt and the stream. Of answered
# attempts side by side: likewise.
INDEX = 0 * STEP
STREAM = 1 * STEP
REPLICATION = 2 * STEP
INDEX_HERE = 3 * STEP
STREAM_HERE = 4 * STEP
INDEX_2 = 5 * STEP
REPLICATION_2 = 6 * STEP
STREAM_2 = 7 * STEP
Y_END = 8 * STEP
