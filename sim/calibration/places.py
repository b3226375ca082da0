"""Places in the headers of the flat arrays of a particle filter: `g`, what the record asks of each line, and `s`, one
particle as it stands. Entry i of table T is ``g[g[T] + i]``, as in `sim.calibration.layout`."""

# g: single numbers. AS_OF: from when contacts count as next ones. END: where evidence ends.
G_AS_OF = 0
G_END = 1
G_ENTRIES = 2

# By line. MODE: how it is followed at first. SILENT: no contact before. WINDOW, WINDOW_END: its only contact lies in
# this window; NONE where none is known. *_ENTRY: which entry says so. LATE: what happens on other lines may put its
# contact off, or end its request. ALONE: its contact affects nothing else. STEADY: its attempts in a period can be
# counted ahead.
G_MODE = 3
G_SILENT = 4
G_SILENT_ENTRY = 5
G_WINDOW = 6
G_WINDOW_END = 7
G_WINDOW_ENTRY = 8
G_LATE = 9
G_ALONE = 10
G_STEADY = 11
G_OF_LINE = 12
"""Lists: the counts and contacts on each line."""

# By entry of the filter (counts and contacts of lines that may make several).
E_KIND = 13
E_LINE = 14
E_START = 15
E_END = 16
E_LEAST = 17
E_MOST = 18
E_LEAST_ANSWERED = 19
E_MOST_ANSWERED = 20
E_NUMBER = 21
"""The entry's number in the record."""

# By regime, lists: spans in which the record suggests a switch, and by when it has shown what follows. CHECKPOINTS: a
# list. COVER: by window of a calendar, the seconds covered by the windows of that calendar before it.
G_HINTS = 22
G_HINT_ENDS = 23
G_SHOWN = 24
G_CHECKPOINTS = 25
G_COVER = 26
G_HEADER = 27

INACTIVE, FREE, GUIDED, SUMMED = -1, 0, 1, 2
"""Modes of a line: not simulated; as the model has it; outcomes proposed so that the record stays possible; all
outcomes at once, as probability masses."""

COUNT, ALL_ANSWERED, SEEN = 0, 1, 2
"""Kinds of entries of the filter."""

# s: single numbers.
REPLICATION = 0
BLAMED = 1
"""The entry that the particle contradicts; NONE while it is alive."""
FULL = 2
"""1 where there was no room for the times of an effect."""

# What is due, one slot each, in the order of the event list: switches, giving up, events, openings, contacts, attempts.
SWITCH = 3
GIVING_UP = 4
EVENT = 5
OPENING = 6
CONTACT = 7
ATTEMPT = 8
DUE_END = 9

# By line.
LATER = 10
FIRST_CONTACT = 11
NEXT_CONTACT = 12
ATTEMPTS_MADE = 13
IS_OPEN = 14
BEGINS = 15
REQUEST_ATTEMPTS = 16
PENDING = 17
ATTEMPTED = 18
LAST_CONTACT = 19
BEFORE_START = 20
MODE = 21
CANDIDATE = 22
"""The attempt that would have been answered, were the sum over attempts to be resolved now: its second, …"""
CANDIDATE_INDEX = 23

# By official, regime, event, date, effect, entry.
IN_CALL_UNTIL = 24
STATE = 25
SOJOURNS = 26
SINCE = 27
OCCURRENCES = 28
DATE_NOW = 29
TIMES = 30
LAST = 31
WINDOW = 32
RECENT_FIRST = 33
RECENT = 34
MADE = 35
ANSWERED = 36
CONTACTS = 37

# Where the tables of `x` begin. X_LOG_WEIGHT comes first.
X_INTERVAL = 38
X_MASS = 39
"""By line that is summed: the probability that an earlier attempt was answered, its contact being as recorded."""
X_LOW = 40
X_HIGH = 41
"""Between which uniforms the candidate's delay lies."""
X_DEBT = 42
"""By line: the logarithm of model over proposal of outcomes that were drawn with a view to what is still to come, paid
when it has come."""
X_VALUE = 43
X_FACTOR = 44
X_OWED = 45
"""By regime: the logarithm of model over proposal for the sojourn that is under way, paid when it ends."""
X_FROM = 46
X_TILT_LOW = 47
X_TILT_HIGH = 48
"""By regime: the proposal of the sojourn under way: uniforms from FROM to 1, and more of them from LOW to HIGH."""

X_HELD = 49
"""By regime: what sojourns owed that ended within such a span, paid when the record has shown what follows."""

S_HEADER = 50

X_LOG_WEIGHT = 0
X_FIRST = 1
NONE = -1
