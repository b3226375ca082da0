"""Where things are in the flat arrays that `abreast` has beside those of `rows`.

A lane is a replication; the cell of line l in lane i is ``l · lanes + i``. `z` holds reals (seconds are whole numbers
in doubles), `g` whole numbers, `y` parts of addresses. What every happening needs is in rows, with a place for each
cell or each lane. What is seldom needed stands together for each cell, in records at the beginning of `z` and `g`, so
that it lies in one or two lines of the processor's cache.
"""

from __future__ import annotations

from sim.engines.compiled.rows import STEP, WIDTH

# A record of `z`. A lower bound on the odds of an answer, and by what share each unanswered attempt may lower it; of
# the attempt that was answered: its second, and the interval after it; by how much a contact, and an unanswered
# attempt, may multiply the odds of the lines that it affects, at most and at least; what the fading effects of both
# have come to, and when.
LOWEST = 0
FALL = 1
ATTEMPTED = 2
INTERVAL_AFTER = 3
MOST = 4
LEAST = 6
VALUE = 8
LAST = 10
REALS = 12

# Rows of `z`, by cell: an upper bound on the odds of an answer.
_Z = WIDTH * REALS
BOUND = _Z
# By lane. The happening: its second, uniforms, interval and parameters of that; the bound and the limit.
AT = _Z + 1 * STEP
U_INTERVAL = _Z + 2 * STEP
U_ANSWER = _Z + 3 * STEP
U_DELAY = _Z + 4 * STEP
U_REASON = _Z + 5 * STEP
INTERVAL = _Z + 6 * STEP
LAW = _Z + 7 * STEP
BOUND_HERE = _Z + 10 * STEP
LIMIT_HERE = _Z + 11 * STEP
# Answered attempts side by side.
U_DELAY_2 = _Z + 12 * STEP
U_REASON_2 = _Z + 13 * STEP
LAW_2 = _Z + 14 * STEP
DELAY_2 = _Z + 17 * STEP
# Room for the normal quantiles of lognormal durations.
NORMAL = _Z + 18 * STEP
TAIL = _Z + 19 * STEP
Z_END = _Z + 20 * STEP

# A record of `g`. Contacts and answered attempts so far; attempts before this errand, and before the bounds were set.
CONTACTS = 0
ANSWERS = 1
BEFORE_ERRAND = 2
SET = 3
WHOLES = 4

# Rows of `g`, by cell: the key of what happens next.
_G = WIDTH * WHOLES
NEXT = _G
# By lane. The cell of the happening; whether it is an attempt that was answered; its key, in the first or the second
# row.
CELL = _G + 1 * STEP
IS_ANSWERED = _G + 2 * STEP
KEY = _G + 3 * STEP
# Lists of lanes: all that need more than the next attempt; and these by why.
SPECIAL = _G + 5 * STEP
OVER = _G + 6 * STEP
CONTACT = _G + 7 * STEP
LIKELY = _G + 8 * STEP
LATE = _G + 9 * STEP
ANSWERED = _G + 10 * STEP
# The cells of these last; cells that need a look; room to work in.
CELL_2 = _G + 11 * STEP
LOOK = _G + 12 * STEP
PLACES = _G + 13 * STEP
G_END = _G + 14 * STEP

# Rows of `y`, by cell: attempts so far. By lane: the replication; the attempt and the stream. Of answered attempts side
# by side: likewise.
INDEX = 0 * STEP
REPLICATION = 1 * STEP
INDEX_HERE = 2 * STEP
STREAM_HERE = 3 * STEP
INDEX_2 = 4 * STEP
REPLICATION_2 = 5 * STEP
STREAM_2 = 6 * STEP
Y_END = 7 * STEP
