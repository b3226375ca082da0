"""A sweep in sentences and tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.report.format import duration, plain, several
from sim.report.outcomes import (
    amount,
    change,
    column_words,
    heading,
    outcome_words,
    short_outcome,
    tells,
    value,
    with_interval,
)
from sim.report.tables import put, table, text, title, wrapped
from sim.stats.intervals import Estimate, normal_quantile
from sim.stats.outcomes import Axis, Outcome, Point, Sweep

if TYPE_CHECKING:
    from rich.console import Console

MOST_ROWS = 40
"""Points in a table on the terminal; JSON has all of them."""


def value_words(axis: Axis, at: int) -> str:
    """A value as a reader writes it: durations in the unit that suits them."""
    return duration(axis.places[at]) if axis.kind == "duration" else plain(axis.values[at])


def point_words(found: Sweep, point: Point) -> str:
    """``every 2 d, answer 0.3``."""
    named = zip(short_paths(found), found.axes, point.values, strict=True)
    return ", ".join(f"{name} {value_words(axis, axis.values.index(written))}" for name, axis, written in named)


def short_paths(found: Sweep) -> list[str]:
    """The last key of each path, or as many as tell the two apart."""
    paths = [plain(axis.path).split(".") for axis in found.axes]
    size = next(size for size in range(1, 100) if len({tuple(path[-size:]) for path in paths}) == len(paths))
    return [".".join(path[-size:]) for path in paths]


def sentences(found: Sweep) -> list[str]:
    """The answer: how far each outcome of the first column moves, between which points, and against the file."""
    contact, wait = found.outcomes(found.columns[0])
    return [_range(found, outcome) for outcome in (contact, wait)] + [_against(found, wait)]


def _range(found: Sweep, outcome: Outcome) -> str:
    what = f"the {outcome_words(outcome, found.asked)}" if outcome.is_wait else outcome_words(outcome, found.asked)
    whose = f"{what} of {column_words(outcome.column)}"
    ranked = sorted(found.points, key=lambda point: point.results[outcome].estimate.estimate or 0.0)
    least, most = (ranked[at].results[outcome].estimate for at in (0, -1))
    if _moves(found, outcome):
        ends = f"from {with_interval(outcome, least)} at {point_words(found, ranked[0])}"
        said = f"{whose} goes {ends} to {with_interval(outcome, most)} at {point_words(found, ranked[-1])}."
    else:
        ends = f"{with_interval(outcome, least)} to {with_interval(outcome, most)}"
        said = f"no move of {whose} can be told from chance: {ends}."
    return said[0].upper() + said[1:]


def _moves(found: Sweep, outcome: Outcome) -> bool:
    """Whether a point's paired difference from the file can be told from none, or two points' intervals are apart.

    Points share their replications, so that overlapping intervals of the points do not speak against a move.
    """
    if any(_told(found, point, outcome) for point in found.points):
        return True
    spans = [_among(found, point.results[outcome].estimate) for point in found.points]
    known = [(low, high) for low, high in spans if low is not None and high is not None]
    return bool(known) and min(high for _, high in known) < max(low for low, _ in known)


def _told(found: Sweep, point: Point, outcome: Outcome) -> bool:
    """Whether the point's difference from the file can be told from none, among those of all points."""
    difference = point.results[outcome].difference
    return tells(Estimate(difference.estimate, *_among(found, difference)))


def _among(found: Sweep, one: Estimate) -> tuple[float | None, float | None]:
    """The ends of a 95 % interval, widened so that those of all points hold together (Bonferroni, normal quantiles)."""
    if one.estimate is None or one.low is None or one.high is None:
        return None, None
    wider = normal_quantile(1 - 0.05 / len(found.points)) / normal_quantile(0.95)
    return one.estimate - wider * (one.estimate - one.low), one.estimate + wider * (one.high - one.estimate)


def _against(found: Sweep, wait: Outcome) -> str:
    """The point that differs most from the file, paired."""
    told = [point for point in found.points if _told(found, point, wait)]
    if not told:
        return "No point's mean wait can be told from that of the scenario as its file has it."
    most = max(told, key=lambda point: abs(point.results[wait].difference.estimate or 0.0))
    difference = most.results[wait].difference
    as_is = value(wait, found.as_is[wait].estimate or 0.0)
    return (
        f"Against the scenario as its file has it (mean wait {as_is}), {point_words(found, most)} makes it "
        f"{amount(wait, difference, 'longer', 'shorter')}, paired by replication."
    )


def show(found: Sweep, target: Console) -> None:
    """Print all of it."""
    question = f"What if {' and '.join(plain(axis.path) for axis in found.axes)} were otherwise?"
    for at, line in enumerate(heading(found.asked, question, each="at each point")):
        put(target, text(line, "" if at else "bold"))
    put(target, title("In short"))
    for sentence in sentences(found):
        put(target, text(wrapped(sentence, target.width)))
    for column in found.columns:
        _points(found, column, target)
    put(target, title("How to read it"))
    notes = (
        "Every point runs the same replications, so that its difference from the file is no chance of the draw. "
        "Intervals hold at each point by itself; what is said in short would hold for all points together.",
    )
    for note in notes:
        put(target, text(wrapped(note, target.width), "dim"))


def _points(found: Sweep, column: str, target: Console) -> None:
    contact, wait = found.outcomes(column)
    put(target, title(column_words(column)))
    if all(not point.results[one].difference.estimate for point in found.points for one in (contact, wait)):
        same = with_interval(wait, found.as_is[wait])
        put(target, text(wrapped(f"the same at every point as in the file: mean wait {same}", target.width)))
        return
    head = short_paths(found)
    head += [short_outcome(contact, found.asked), "against the file", "mean wait", "against the file"]
    rows = [_row(found, point, contact, wait) for point in found.points[:MOST_ROWS]]
    own = " and ".join("as in the file" if own is None else own[0] for own in dict.fromkeys(found.own))
    first = [f"file: {plain(own)}", *[""] * (len(found.axes) - 1)]
    as_is = [found.as_is[outcome] for outcome in (contact, wait)]
    rows.append([*first, with_interval(contact, as_is[0]), "", with_interval(wait, as_is[1]), ""])
    for part in table(head, rows, target.width):
        put(target, part)
    if len(found.points) > MOST_ROWS:
        put(target, text(f"  … and {several(len(found.points) - MOST_ROWS, 'point')} more with --json", "dim"))


def _row(found: Sweep, point: Point, contact: Outcome, wait: Outcome) -> list[str]:
    cells = [
        value_words(axis, axis.values.index(written)) for axis, written in zip(found.axes, point.values, strict=True)
    ]
    for outcome in (contact, wait):
        result = point.results[outcome]
        cells += [with_interval(outcome, result.estimate), change(outcome, result.difference)]
    return cells
