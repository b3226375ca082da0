"""Report of a sweep: outcomes at each of several values of one number, or of two."""

from __future__ import annotations

from sim.report.document import Report, Row, Section, Table, Words, cut
from sim.report.format import Cell, capital, duration, plain
from sim.report.labels import short_label
from sim.report.outcomes import (
    amount,
    change,
    estimate,
    is_clear,
    short_outcome,
    study_report,
    value,
    whose,
)
from sim.stats.intervals import Estimate, normal_quantile
from sim.stats.outcomes import Axis, Outcome, Point, Sweep

MOST_ROWS = 40
"""Points in a table; JSON has all of them."""


def value_words(axis: Axis, at: int) -> str:
    """A value as a reader writes it: durations in the unit that suits them."""
    return duration(axis.places[at]) if axis.kind == "duration" else plain(axis.values[at])


def point_words(found: Sweep, point: Point) -> str:
    """``every 2 d, answer 0.3``."""
    named = zip(short_paths(found), found.axes, point.values, strict=True)
    return ", ".join(f"{name} {value_words(axis, axis.values.index(written))}" for name, axis, written in named)


def short_paths(found: Sweep) -> list[str]:
    """The last key of each path, or as many as distinguish the two."""
    paths = [plain(axis.path).split(".") for axis in found.axes]
    size = next(size for size in range(1, 100) if len({tuple(path[-size:]) for path in paths}) == len(paths))
    return [".".join(path[-size:]) for path in paths]


def sentences(found: Sweep) -> list[str]:
    """The answer: how far each outcome of the first column moves, between which points, and against the file."""
    contact, wait = found.outcomes(found.columns[0])
    return [_range(found, outcome) for outcome in (contact, wait)] + [_against(found, wait)]


def _range(found: Sweep, outcome: Outcome) -> str:
    what = whose(outcome, found.spec)
    ranked = sorted(found.points, key=lambda point: point.results[outcome].estimate.estimate or 0.0)
    least, most = (estimate(outcome, ranked[at].results[outcome].estimate) for at in (0, -1))
    if not _moves(found, outcome):
        return f"{capital(what)} does not clearly change: {least} to {most}."
    ends = f"from {least} at {point_words(found, ranked[0])} to {most} at {point_words(found, ranked[-1])}"
    return f"{capital(what)} goes {ends}."


def _moves(found: Sweep, outcome: Outcome) -> bool:
    """Whether a point's paired difference from the file is clear, or two points' intervals are apart.

    Points share their replications, so that overlapping intervals of the points do not speak against a move.
    """
    if any(_clear(found, point, outcome) for point in found.points):
        return True
    spans = [_among(found, point.results[outcome].estimate) for point in found.points]
    known = [(low, high) for low, high in spans if low is not None and high is not None]
    return bool(known) and min(high for _, high in known) < max(low for low, _ in known)


def _clear(found: Sweep, point: Point, outcome: Outcome) -> bool:
    """Whether the point's difference from the file is clear, among those of all points."""
    difference = point.results[outcome].difference
    return is_clear(Estimate(difference.estimate, *_among(found, difference)))


def _among(found: Sweep, one: Estimate) -> tuple[float | None, float | None]:
    """The ends of a 95 % interval, widened so that those of all points hold together (Bonferroni, normal quantiles)."""
    if one.estimate is None or one.low is None or one.high is None:
        return None, None
    wider = normal_quantile(1 - 0.05 / len(found.points)) / normal_quantile(0.95)
    return one.estimate - wider * (one.estimate - one.low), one.estimate + wider * (one.high - one.estimate)


def _against(found: Sweep, wait: Outcome) -> str:
    """The point that differs most from the file, paired."""
    clear = [point for point in found.points if _clear(found, point, wait)]
    if not clear:
        return "No point's mean wait is clearly different from that of the scenario as its file has it."
    most = max(clear, key=lambda point: abs(point.results[wait].difference.estimate or 0.0))
    difference = most.results[wait].difference
    return (
        f"Against the scenario as its file has it (mean wait {value(wait, found.as_is[wait].estimate)}), "
        f"{point_words(found, most)} makes it {amount(wait, difference, 'longer', 'shorter')}, paired by replication."
    )


def sweep_report(found: Sweep) -> Report:
    """All of it."""
    note = (
        "Every point runs the same replications, so that its difference from the file is not due to luck. Points of a "
        "change are percentage points. Intervals hold at each point by itself; the sentences above hold for all points "
        "together."
    )
    sections = (
        Section("points", "", tuple(_points(found, column) for column in found.columns)),
        Section("notes", "How to read it", (Words(note, quiet=True),)),
    )
    question = f"What if {' and '.join(plain(axis.path) for axis in found.axes)} changed?"
    return study_report("a sweep", found.spec, question, "at each point", sentences(found), sections)


def _points(found: Sweep, column: str) -> Table:
    contact, wait = found.outcomes(column)
    caption = capital(short_label(column))
    head = (
        *short_paths(found),
        short_outcome(contact, found.spec),
        "against the file",
        "mean wait",
        "against the file",
    )
    if all(not point.results[one].difference.estimate for point in found.points for one in (contact, wait)):
        return Table(f"{caption}: the same at every point as in the file", head, (_in_file(found, contact, wait),))
    rows, note = cut([_row(found, point, contact, wait) for point in found.points], "the output of --json", MOST_ROWS)
    return Table(caption, head, (*rows, _in_file(found, contact, wait)), note=note.strip())


def _in_file(found: Sweep, contact: Outcome, wait: Outcome) -> Row:
    own = " and ".join("as in the file" if own is None else own[0] for own in dict.fromkeys(found.own))
    first = (f"file: {plain(own)}", *("" for _ in found.axes[1:]))
    return (*first, estimate(contact, found.as_is[contact]), Cell(""), estimate(wait, found.as_is[wait]), Cell(""))


def _row(found: Sweep, point: Point, contact: Outcome, wait: Outcome) -> Row:
    named = zip(found.axes, point.values, strict=True)
    cells: list[str | Cell] = [value_words(axis, axis.values.index(written)) for axis, written in named]
    for outcome in (contact, wait):
        result = point.results[outcome]
        cells += [estimate(outcome, result.estimate), change(outcome, result.difference)]
    return tuple(cells)
