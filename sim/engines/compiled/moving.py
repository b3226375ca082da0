"""Places in `s`, `x` and `c`: one replication as it stands, and what is counted. See `state`.

`s` and `x` begin with what every replication begins anew. It is kept twice, the second time as it is at the beginning.
"""

# Single numbers of `s`. TELLS: whether a history is kept; ROOM: how many rows of it there is room for; TOLD: rows so
# far, kept or not. RECENT_ROOM: how many times of an effect that lasts a while there is room for; FULL: they have run
# out. LEAVES: of the agenda. TO_COUNT: how many counts wait.
REPLICATION = 0
FIRST_LINE = 1
TOLD = 2
TELLS = 3
ROOM = 4
RECENT_ROOM = 5
FULL = 6
LEAVES = 7
TO_COUNT = 8

LINE_RECORDS = 16
LINE_WIDTH = 16

# A line. BEFORE_REQUEST: attempts made before the request; LATER: a second opening, due after the one in the agenda.
ATTEMPTS_MADE = 0
BEFORE_REQUEST = 1
PENDING = 2
IS_OPEN = 3
BEGINS = 4
ATTEMPTED = 5
FIRST_CONTACT = 6
LAST_CONTACT = 7
BEFORE_START = 8
LATER = 9

# A regime.
STATE = 0
SOJOURNS = 1
REGIME_WIDTH = 2

# An effect. RECENT_FIRST and RECENT: the oldest of the times that count, and how many do. WINDOW belongs to the block.
TIMES = 0
LAST = 1
RECENT_FIRST = 2
RECENT = 3
WINDOW = 4
EFFECT_WIDTH = 8

# A line in `x`: bounds on the probability that an attempt is answered.
ABOVE = 0
BELOW = 1
BOUNDS_WIDTH = 2

# An effect in `x`: what it has come to if it fades, the logarithm of its factor, and by what it may multiply the odds,
# at most and at least, from the moment of a cause on.
VALUE = 0
FACTOR = 1
AT_MOST = 2
AT_LEAST = 3
VALUE_WIDTH = 4

# A line's draws in `x`, DEPTH of each at a time: uniforms of answers, durations of intervals, and, where there is more
# than one reason, uniforms of delays and reasons. The intervals in whole seconds are in `s`.
DEPTH = 8
ANSWERS = 0
INTERVALS = 8
DELAYS = 16
REASONS = 24
DRAWS_WIDTH = 32

# What `c` holds: by line; by line and reason; by line and how a request ended; by line and bin.
ANSWERED = 0
UNANSWERED = 1
REQUESTS = 2
ATTEMPTS_TAKEN = 3
RESPONSE = 4

COUNT_HEADER = 5

WAITING = 64
"""Counts that wait, by their place in `c`: in `s`, behind what each replication begins with."""
