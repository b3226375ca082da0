"""Places in the headers of `s`, `x` and `c`: one replication as it stands, and what is counted. See `state`."""

# Single numbers. TOLD: rows of the history so far, kept or not.
REPLICATION = 0
FIRST_LINE = 1
TOLD = 2

# DUE holds a second for everything that can be due, in the order of the agenda, so of those that are due in the
# same second the first is next. These say where in `s` each kind begins: the beginnings of errands (told only),
# switches, giving up, events, openings after another line gave up, ends of calls (told only), contacts, attempts.
# END is past the last.
BEGIN = 3
SWITCH = 4
GIVING_UP = 5
EVENT = 6
OPENING = 7
CALL_END = 8
CONTACT = 9
ATTEMPT = 10
END = 11

DUE = 12

# By line. LATER: a second opening, due after the one in DUE.
LATER = 13
FIRST_CONTACT = 14
ATTEMPTS_MADE = 15
IS_OPEN = 16
BEGINS = 17
ERRAND_ATTEMPTS = 18
PENDING = 19
ATTEMPTED = 20
LAST_CONTACT = 21
BEFORE_START = 22

# By official, regime, event and date.
IN_CALL_UNTIL = 23
STATE = 24
DWELLS = 25
OCCURRENCES = 26
DATE_NOW = 27

# By effect. RECENT_FIRST and RECENT: the oldest of the times that count, and how many do.
TIMES = 28
LAST = 29
WINDOW = 30
RECENT_FIRST = 31
RECENT = 32

# Where the tables of `x` begin is kept in `s` as well.
INTERVAL = 33
VALUE = 34
FACTOR = 35

HEADER = 36

# What `c` holds: by line; by line and reason; by line and how an errand ended; by line and bin.
ANSWERED = 0
UNANSWERED = 1
ERRANDS = 2
ATTEMPTS_TAKEN = 3
RESPONSE = 4

COUNT_HEADER = 5
