"""All arrays of a run of the event loop: the program's records, one replication as it stands, and what is counted.

A record of a line, regime, event or effect holds the fields of the model and, behind them, those of the replication, so
that what an occurrence looks up lies together in the processor's cache.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from sim.engines.compiled.model import (
    CALENDAR,
    DATE,
    DISTRIBUTION,
    EFFECT,
    EVENT,
    LINE,
    REGIME,
    STATE,
    SWITCH,
    ProgramRecords,
    Records,
    model_of,
    record_type,
    records,
)
from sim.engines.contract import REQUEST_ENDS
from sim.rules.answer import answer_probability
from sim.rules.bins import bins_for
from sim.scenario.program import NONE, Floats, Ints, Program, Start

DRAWS_AHEAD = 8
"""Attempts of a line whose numbers are drawn together; a power of two."""
WAITING = 64
"""Responses that are counted together."""
BOUND_TO, BOUND_STEPS = 40.0, 16
"""Upper bounds on the probability of an answer are kept for log-odds from −BOUND_TO to BOUND_TO, so many for each 1."""
_ROOM_FOR_CAUSES = 8
"""Times of one effect in force for which there is room at first; a power of two."""
_ROOM_IN_LOG = 4096

CLOCK = [
    ("seed", np.uint64),
    *record_type(
        # Of the run: `rows` replications from `first` on; `leaves` of the event list; `tells`: 1 if there is a log.
        "horizon block first rows lines regimes events effects officials slots leaves reasons bins tells "
        # Of the replication: its row; `under_way`: 0 before it begins; `of_values`: the row of `values_by_block` in
        # `values`; `of_several`: 1 if there are several.
        "row under_way of_values of_several replication first_line logged "
        # DRAWS_AHEAD: not a constant, or loops would be unrolled before they could become vectors.
        "draws_ahead "
        # Room for the times of each effect; `full`: 1 if more is needed before the next occurrence; `log_most`: entries
        # from which on more room in the log is needed; `waiting`: responses to be counted.
        "causes_room log_most full waiting"
    ),
]
LINE_STATE = LINE + record_type(
    # delays_drawn: 1 if `delays` holds seconds.
    # attempts_before: made before the request; next_opening: after the one that is in the event list; answer_until: the
    # second up to which `answer_p` holds.
    "is_open pending begins attempted attempts_made attempts_before first_contact last_contact before_start "
    "next_opening answer_until delays_drawn "
    # Leaves of the event list besides that of its attempt or contact, which is its index; NONE where it has none.
    "giving_up_leaf opening_leaf begin_leaf call_end_leaf "
    # Counted over all replications. The last six are REQUEST_ENDS.
    "answered begun contact gave_up superseded merged open",
    # The probability of an answer, and an upper bound on it that holds until an effect raises the odds.
    "answer_p answer_bound",
)
REGIME_STATE = REGIME + record_type("state sojourns leaf")
EVENT_STATE = EVENT + record_type("occurrences leaf")
DATE_STATE = DATE + record_type("now")
"""now: the seconds of the event's dates in this replication, in rising order over the event's range."""
EFFECT_STATE = EFFECT + record_type("times last seconds recent_first recent", "value factor")
"""seconds: that it lasts, or its half-life; recent_first, recent: the oldest cause in force, and how many are."""
LOG = record_type("second what who a b c d", "probability uniform")

LOGGED = ("state", "event", "request", "merged", "attempt", "contact", "call ends", "gave up", "superseded")
"""Kinds of log entries; `LOG.what` is the place in this list."""
L_STATE, L_EVENT, L_REQUEST, L_MERGED, L_ATTEMPT, L_CONTACT, L_CALL_ENDS, L_GAVE_UP, L_SUPERSEDED = range(len(LOGGED))


class Simulation(NamedTuple):
    """The arrays that every function of the kernel takes.

    clock            (1,) CLOCK
    lines … reals    see ProgramRecords; lines, regimes, events, dates and effects with their state
    officials        second until which each is in a call
    values_by_block  a row of values for each block, one after the other; one row if no value is uncertain
    values           those of the present block
    due              the event list, see `event_list`
    causes           times of causes of effects that last a while, `causes_room` for each effect
    intervals        seconds, DRAWS_AHEAD of each line; answers, delays, reasons: uniforms, likewise, the last two only
                     of lines that have several reasons
    answer_bounds    the probability while a line is closed, then that for each of the log-odds for which one is kept
    unanswered       (lines · reasons); attempts_taken, response: (lines · bins): counts, a line after the other
    waiting          places in `response` to be counted
    first_contact    (rows · lines); first_line: (rows): see Batch
    log              LOG, empty if no log is kept
    """

    clock: Records
    lines: Records
    regimes: Records
    states: Records
    events: Records
    dates: Records
    switches: Records
    effects: Records
    distributions: Records
    calendars: Records
    starts: Ints
    ends: Ints
    indices: Ints
    reals: Floats
    officials: Ints
    values_by_block: Floats
    values: Floats
    due: Ints
    causes: Ints
    intervals: Ints
    answers: Floats
    delays: Floats
    reasons: Floats
    answer_bounds: Floats
    unanswered: Ints
    attempts_taken: Ints
    response: Ints
    waiting: Ints
    first_contact: Ints
    first_line: Ints
    log: Records


def simulation_of(program: Program, values: Floats, seed: int, replications: range, tells: bool = False) -> Simulation:
    """A run of some replications that has not begun. `values`: a row for each of their blocks, or one row for all."""
    clock = records(CLOCK, 1)
    bins = bins_for(program.horizon)
    for name, number in (
        *(("seed", seed), ("first", replications.start), ("rows", len(replications)), ("tells", tells)),
        *(("horizon", program.horizon), ("block", program.block), ("officials", len(program.officials))),
        *(("reasons", len(program.reasons)), ("bins", bins), ("causes_room", _ROOM_FOR_CAUSES), ("of_values", NONE)),
        *(("of_several", len(values) > 1), ("draws_ahead", DRAWS_AHEAD)),
    ):
        clock[name] = number
    return _assembled(model_of(program), clock, values)


def blank() -> Simulation:
    """Arrays of the same types and no length, from which kernels are compiled."""
    whole, real = np.zeros(0, dtype=np.int64), np.zeros(0)
    kinds = (LINE, REGIME, STATE, EVENT, DATE, SWITCH, EFFECT, DISTRIBUTION, CALENDAR)
    empty: Any = [records(kind, 0) for kind in kinds]
    model = ProgramRecords(*empty, whole, whole, whole, real)
    return _assembled(model, records(CLOCK, 1), np.zeros((1, 0)))


def _assembled(model: ProgramRecords, clock: Records, values: Floats) -> Simulation:
    lines = _with_state(model.lines, LINE_STATE)
    regimes, events = _with_state(model.regimes, REGIME_STATE), _with_state(model.events, EVENT_STATE)
    effects = _with_state(model.effects, EFFECT_STATE)
    clock["leaves"] = leaves = _assign_leaves(lines, regimes, events, bool(clock["tells"][0]))
    for name, found in (("lines", lines), ("regimes", regimes), ("events", events), ("effects", effects)):
        clock[name] = len(found)
    clock["slots"] = values.shape[1]
    size, rows, reasons, bins = len(lines), *(int(clock[name][0]) for name in ("rows", "reasons", "bins"))
    counts = [np.zeros(size * width, dtype=np.int64) for width in (reasons, bins, bins)]
    return Simulation(
        clock=clock,
        officials=np.zeros(int(clock["officials"][0]), dtype=np.int64),
        values_by_block=np.ascontiguousarray(values).reshape(-1),
        values=values[0].copy() if len(values) else np.zeros(0),
        due=np.zeros(2 * leaves, dtype=np.int64),
        causes=np.zeros(len(effects) * int(clock["causes_room"][0]), dtype=np.int64),
        intervals=np.zeros(size * DRAWS_AHEAD, dtype=np.int64),
        answers=np.zeros(size * DRAWS_AHEAD),
        delays=np.zeros(size * DRAWS_AHEAD),
        reasons=np.zeros(size * DRAWS_AHEAD),
        answer_bounds=_answer_bounds(),
        unanswered=counts[0],
        attempts_taken=counts[1],
        response=counts[2],
        waiting=np.zeros(WAITING, dtype=np.int64),
        first_contact=np.zeros(rows * size, dtype=np.int64),
        first_line=np.zeros(rows, dtype=np.int64),
        log=_log(clock, _ROOM_IN_LOG if clock["tells"][0] else 0),
        **(
            model._asdict()
            | {"lines": lines, "regimes": regimes, "events": events, "effects": effects}
            | {"dates": _with_state(model.dates, DATE_STATE)}
        ),
    )


@lru_cache(maxsize=1)
def _answer_bounds() -> Floats:
    steps = round(2 * BOUND_TO * BOUND_STEPS)
    odds = [at / BOUND_STEPS - BOUND_TO for at in range(steps + 2)]
    return np.array([answer_probability(0.0, 1), *(answer_probability(one, 0) for one in odds)]) * (1.0 + 1e-12)


def _with_state(model: Records, fields: list[tuple[str, Any]]) -> Records:
    found = records(fields, len(model))
    for name in model.dtype.names or ():
        found[name] = model[name]
    return found


def _assign_leaves(lines: Records, regimes: Records, events: Records, tells: bool) -> int:
    """A leaf of the event list for each thing that can be due while others are; the number of leaves, a power of two.
    A line's attempt and contact share one, because it makes no attempt while a contact pends."""
    leaves = len(lines)
    none = np.zeros(len(lines), dtype=bool)
    for found, name, needs in (
        (regimes, "leaf", np.ones(len(regimes), dtype=bool)),
        (events, "leaf", np.ones(len(events), dtype=bool)),
        (lines, "giving_up_leaf", lines["give_up"] != NONE),
        (lines, "opening_leaf", lines["start"] == Start.ON_GAVE_UP),
        # These two are for the log alone.
        (lines, "begin_leaf", none | tells),
        (lines, "call_end_leaf", none | tells),
    ):
        found[name] = np.where(needs, leaves + np.cumsum(needs) - 1, NONE)
        leaves += int(needs.sum())
    return 1 << max(0, leaves - 1).bit_length()


def _log(clock: Records, entries: int) -> Records:
    """Room for so many log entries, and for those of one more occurrence."""
    clock["log_most"] = entries
    things = int(clock["lines"][0] + clock["regimes"][0])
    return records(LOG, entries + 8 * (1 + things) if entries else 0)


def enlarged(m: Simulation) -> Simulation:
    """The same run with twice the room for times of causes and for log entries."""
    clock, room = m.clock, int(m.clock["causes_room"][0])
    causes = np.zeros((len(m.effects), 2 * room), dtype=np.int64)
    for at, effect in enumerate(m.effects):
        causes[at, :room] = np.roll(m.causes.reshape(-1, room)[at], -int(effect["recent_first"]))
    log = _log(clock, 2 * int(clock["log_most"][0]))
    log[: len(m.log)] = m.log
    m.effects["recent_first"] = 0
    clock["causes_room"], clock["full"] = 2 * room, 0
    return m._replace(causes=causes.reshape(-1), log=log)


def counts_of(m: Simulation) -> dict[str, Ints]:
    """The fields of a `Batch` that are added up."""
    size = len(m.lines)
    unanswered = m.unanswered.reshape(size, -1)
    answered: Ints = np.array(m.lines["answered"])
    return {
        "attempts": answered + unanswered.sum(axis=1),
        "answered": answered,
        "unanswered": unanswered,
        "requests": np.stack([m.lines[name] for name in REQUEST_ENDS], axis=1),
        "attempts_taken": m.attempts_taken.reshape(size, -1),
        "response": m.response.reshape(size, -1),
    }
