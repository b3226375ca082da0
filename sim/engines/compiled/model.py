"""Records of the program: one numpy array for each kind of thing, with named fields.

Numbers that may be uncertain are slots of the vector of values (`sim.scenario.program`). Distributions, effects and
lines are indices, NONE where there is none; calendars too, NONE for one that is open all the time. A list of whole
numbers is a range of `indices`, a list of reals a range of `reals`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.rules.random import stream_of
from sim.scenario.program import NONE, Floats, Ints, Program, Start, Windows

Records = NDArray[Any]

RANGE = np.dtype([("first", np.int64), ("end", np.int64)], align=True)


def record_type(whole: str = "", real: str = "", ranges: str = "") -> list[tuple[str, Any]]:
    """Fields of a record: names of whole numbers, of reals and of ranges, parted by spaces."""
    kinds = ((whole, np.int64), (real, np.float64), (ranges, RANGE))
    return [(name, kind) for names, kind in kinds for name in names.split()]


LINE = record_type(
    # caller … attempts: as in sim.scenario.program.Lines; `stream`: see sim.rules.random.
    "stream caller callee may_attempt on_duty may_contact every delay call wait answer give_up attempts until_horizon "
    "triggered on_unanswered on_contact start start_second start_count",
    # reasons: indices of reasons; shares: their cumulative shares, reals; regimes, effects: terms of its log-odds.
    # opens: lines of which its giving up opens a request; starts_*: lines whose start waits for such an occurrence on
    # it; supersedes: lines a request of which its contact ends.
    ranges="reasons shares regimes effects opens starts_on_contact starts_on_unanswered starts_on_giving_up supersedes",
)
REGIME = record_type("stream", ranges="states affects")
STATE = record_type("sojourn log_factor", "initially")
"""initially: the cumulative share of the states up to this one, at the start."""
EVENT = record_type("stream every starts effect", ranges="dates switches opens starts_lines")
DATE = record_type("second plus")
SWITCH = record_type("regime state")
EFFECT = record_type("decay log_factor window", ranges="affects")
DISTRIBUTION = record_type("family slot", ranges="table")
CALENDAR = record_type("shift buckets", ranges="windows")
"""For each 2^shift seconds `indices` holds, from `buckets` on, the first window that
ends in them or after."""


class ProgramRecords(NamedTuple):
    """The records of a program. `starts` and `ends`: of the windows of calendars, each calendar with one more window
    that begins at the horizon."""

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


class _Builder:
    """Lists as ranges of two growing arrays."""

    def __init__(self) -> None:
        self.indices: list[int] = []
        self.reals: list[float] = []

    def list_of(self, items: Iterable[Any]) -> tuple[int, int]:
        first = len(self.indices)
        self.indices.extend(int(item) for item in items)
        return first, len(self.indices)

    def real_list_of(self, items: Iterable[Any]) -> tuple[int, int]:
        first = len(self.reals)
        self.reals.extend(float(item) for item in items)
        return first, len(self.reals)


def records(fields: list[tuple[str, Any]], size: int) -> Records:
    """Records of zeros, whose fields are attributes."""
    return np.zeros(size, np.dtype(fields, align=True)).view(np.recarray)


@lru_cache(maxsize=8)
def model_of(program: Program) -> ProgramRecords:
    """The records of a program; kept for the next call with the same object."""
    build = _Builder()
    regimes, states = _regimes(program, build)
    events, dates, switches = _events(program, build)
    calendars, starts, ends = _calendars(program, build)
    lines, effects, distributions = _lines(program, build), _effects(program, build), _distributions(program, build)
    indices, reals = np.array(build.indices, dtype=np.int64), np.array(build.reals, dtype=np.float64)
    return ProgramRecords(
        *(lines, regimes, states, events, dates, switches, effects, distributions, calendars),
        *(starts, ends, indices, reals),
    )


def _fill(array: Records, rows: Iterable[dict[str, Any]]) -> Records:
    for at, row in enumerate(rows):
        for name, value in row.items():
            array[name][at] = value
    return array


def _lines(program: Program, build: _Builder) -> Records:
    line = program.line
    found = records(LINE, len(program.lines))
    own = {"stream", "triggered"}
    for name in (name for name, kind in LINE if kind is np.int64 and name not in own):
        found[name] = getattr(line, name)
    always = [_is_always(windows, program.horizon) for windows in program.calendars]
    for name in ("may_attempt", "on_duty", "may_contact"):
        found[name] = [NONE if always[at] else at for at in found[name]]
    found["stream"] = [stream_of("line", name) for name in program.lines]
    found["triggered"] = program.triggered
    lists: dict[str, Sequence[Sequence[int]]] = {
        "reasons": line.reasons,
        "regimes": line.regimes,
        "effects": line.effects,
        "opens": line.waiting_for_line(Start.ON_GAVE_UP),
        "starts_on_contact": line.waiting_for_line(Start.AFTER_CONTACT),
        "starts_on_unanswered": line.waiting_for_line(Start.AFTER_UNANSWERED),
        "starts_on_giving_up": line.waiting_for_line(Start.AFTER_GAVE_UP),
        "supersedes": line.superseded(),
    }
    for name, by_line in lists.items():
        found[name] = np.array([build.list_of(items) for items in by_line], dtype=RANGE)
    found["shares"] = np.array([build.real_list_of(shares) for shares in line.shares], dtype=RANGE)
    return found


def _regimes(program: Program, build: _Builder) -> tuple[Records, Records]:
    regimes = program.regimes
    affected = _inverse(program.line.regimes, len(regimes.names))
    rows: list[dict[str, Any]] = []
    states: list[dict[str, Any]] = []
    for at, name in enumerate(regimes.names):
        first = len(states)
        fields = zip(regimes.sojourn[at], regimes.log_factor[at], regimes.initially[at], strict=True)
        states += [{"sojourn": one, "log_factor": slot, "initially": share} for one, slot, share in fields]
        range_of_states = (first, len(states))
        rows.append(
            {"stream": stream_of("regime", name), "states": range_of_states, "affects": build.list_of(affected[at])}
        )
    return _fill(records(REGIME, len(rows)), rows), _fill(records(STATE, len(states)), states)


def _events(program: Program, build: _Builder) -> tuple[Records, Records, Records]:
    events, line = program.events, program.line
    size = len(events.names)
    opens = line.waiting_for_event(Start.ON_EVENT, size)
    starts = line.waiting_for_event(Start.AFTER_EVENT, size)
    rows: list[dict[str, Any]] = []
    dates: list[dict[str, Any]] = []
    switches: list[dict[str, Any]] = []
    for at, name in enumerate(events.names):
        ranges = {"dates": (len(dates), len(dates) + len(events.at[at]))}
        ranges["switches"] = (len(switches), len(switches) + len(events.switches[at]))
        dates += [{"second": second, "plus": plus} for second, plus in events.at[at]]
        switches += [{"regime": regime, "state": state} for regime, state in events.switches[at]]
        lists = {"opens": build.list_of(opens[at]), "starts_lines": build.list_of(starts[at])}
        own = {name: getattr(events, name)[at] for name in ("every", "starts", "effect")}
        rows.append({"stream": stream_of("event", name), **own, **ranges, **lists})
    return (
        _fill(records(EVENT, size), rows),
        _fill(records(DATE, len(dates)), dates),
        _fill(records(SWITCH, len(switches)), switches),
    )


def _effects(program: Program, build: _Builder) -> Records:
    effects = program.effects
    found = records(EFFECT, len(effects.decay))
    for name in ("decay", "log_factor", "window"):
        found[name] = getattr(effects, name)
    affected = _inverse(program.line.effects, len(found))
    found["affects"] = np.array([build.list_of(lines) for lines in affected], dtype=RANGE)
    return found


def _distributions(program: Program, build: _Builder) -> Records:
    made = program.distributions
    found = records(DISTRIBUTION, len(made.family))
    found["family"], found["slot"] = made.family, made.slot
    found["table"] = np.array([build.real_list_of(table) for table in made.tables], dtype=RANGE)
    return found


def _calendars(program: Program, build: _Builder) -> tuple[Records, Ints, Ints]:
    horizon, rows = program.horizon, []
    starts: list[int] = []
    ends: list[int] = []
    for windows in program.calendars:
        size, first = len(windows.starts), len(starts)
        shift = max(0, (horizon // (4 * size + 1)).bit_length() - 1)
        times = np.arange(0, horizon + 1, 1 << shift)
        starts += [*windows.starts.tolist(), horizon]
        ends += [*windows.ends.tolist(), 2 * horizon]
        buckets, _ = build.list_of(np.searchsorted(windows.ends, times, side="right"))
        rows.append({"shift": shift, "buckets": buckets, "windows": (first, first + size)})
    calendars = _fill(records(CALENDAR, len(rows)), rows)
    return calendars, np.array(starts, dtype=np.int64), np.array(ends, dtype=np.int64)


def _is_always(windows: Windows, horizon: int) -> bool:
    return windows.starts.tolist() == [0] and windows.ends.tolist() == [horizon]


def _inverse(by_line: Sequence[Sequence[int]], size: int) -> list[list[int]]:
    """By regime or effect, the lines that it affects."""
    lines: list[list[int]] = [[] for _ in range(size)]
    for line, those in enumerate(by_line):
        for at in those:
            lines[at].append(line)
    return lines
