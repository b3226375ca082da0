"""Places in `k`, the program's whole numbers. See `layout`.

First single numbers, then a record for each line, of LINE_WIDTH numbers; then records of laws, regimes, events and
effects, lists and calendars, whose places are in the header or in other records. A list is two numbers: where it begins
and where it ends.
"""

HORIZON = 0
LINES = 1
REGIMES = 2
EVENTS = 3
EFFECTS = 4
OFFICIALS = 5
REASONS = 6
BINS = 7
BLOCK = 8

# Leaves of the agenda (a power of two) without and with a history, and the first leaf of a switch and of an event. A
# line's own leaf is its order.
LEAVES = 9
LEAVES_TOLD = 24
DEPTH = 25
S_WAITING = 26
S_INTERVALS = 27
LEAF_SWITCH = 10
LEAF_EVENT = 11

# Where the records of each kind begin in `k`.
REGIME_RECORDS = 12
EVENT_RECORDS = 13
EFFECT_RECORDS = 14

# Where the tables of `s` and `x` begin, and where what each replication begins with ends: see `moving`.
S_OFFICIALS = 15
S_REGIMES = 16
S_OCCURRENCES = 17
S_EFFECTS = 18
S_LIVE = 19
X_VALUES = 20
X_LIVE = 21
X_DRAWS = 22
S_DATES = 23

LINE_RECORDS = 32
LINE_WIDTH = 64

# A line. Calendars, laws and lists by their place in `k` (0: a calendar always open; NONE: no law); shares by their
# place in `f`; leaves NONE where the line has none.
CALLER = 0
CALLEE = 1
MAY_ATTEMPT = 2
EVERY = 3
ON_UNANSWERED = 4
ATTEMPTS = 5
REASON = 6
REASON_COUNT = 7
C_UNANSWERED = 8
AFTER_UNANSWERED = 9
STREAM = 11
ANSWER = 12
LINE_REGIMES = 13
LINE_EFFECTS = 15
DELAY = 17
ON_DUTY = 18
MAY_CONTACT = 19
SHARES = 20
CALL = 21
ON_CONTACT = 22
TRIGGERED = 23
UNTIL_HORIZON = 24
SUPERSEDES = 25
AFTER_CONTACT = 27
C_ANSWERED = 29
C_REQUESTS = 30
C_TAKEN = 31
C_RESPONSE = 32
START = 33
START_SECOND = 34
START_COUNT = 35
WAIT = 36
GIVE_UP = 37
OPENS = 38
AFTER_GIVING_UP = 40
LEAF_GIVING_UP = 42
LEAF_OPENING = 43
LEAF_BEGIN = 44
LEAF_CALL_END = 45

# A law (a distribution): its family, the slot of its numbers in `v`, and its table in `f` as a list.
FAMILY = 0
SLOT = 1
TABLE = 2
LAW_WIDTH = 4

# A regime: by state the sojourns' laws, the slots of the log factors, and (in `f`) the chances at the start.
STATES = 0
SOJOURN = 1
LOG_FACTOR = 2
INITIALLY = 3
REGIME_STREAM = 4
REGIME_AFFECTS = 5
REGIME_WIDTH = 8

# An event. DATES and PLUS: places of as many numbers; DATES_NOW: of the dates in this replication, in `s`. SWITCHES: a
# list of a regime and a state, in turn.
DATE_COUNT = 0
DATES = 1
PLUS = 2
DATES_NOW = 3
EVENT_EVERY = 4
EVENT_STARTS = 5
EVENT_EFFECT = 6
SWITCHES = 7
EVENT_OPENS = 9
EVENT_STARTS_LINES = 11
EVENT_STREAM = 13
EVENT_WIDTH = 16

# An effect: its slots, and the lines that it affects.
DECAY = 0
EFFECT_FACTOR = 1
EFFECT_WINDOW = 2
AFFECTS = 3
EFFECT_WIDTH = 8

# A calendar: its windows, the shift that makes a second a bucket, where the starts and ends of windows are (one
# more than there are windows: the last begins at the horizon), then for each bucket the first window that ends in it or
# after.
WINDOWS = 0
SHIFT = 1
WINDOW_STARTS = 2
WINDOW_ENDS = 3
BUCKETS = 4
