"""What outcomes hang on, in sentences and tables."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sim.report.format import decimal, listing, plain, several, share, share_interval
from sim.report.outcomes import (
    amount,
    change,
    column_words,
    heading,
    outcome_words,
    path_lines,
    tells,
    value,
    with_interval,
)
from sim.report.tables import put, table, text, title, wrapped
from sim.stats.intervals import Estimate
from sim.stats.outcomes import Outcome
from sim.stats.sensitivity import Sensitivity, SobolIndices, Swing, Tornado

if TYPE_CHECKING:
    from rich.console import Console

MOST_ROWS = 12
"""Numbers in a table on the terminal, those that move the outcome most; JSON has all of them."""

LONG_PATH = 40
"""Characters of a path in one line of a table."""

SOURCES = {
    "prior": "each uncertain number from the 10 % to the 90 % quantile of its prior, the others at their medians",
    "posterior": "each uncertain number from the 10 % to the 90 % quantile of its posterior draws, the others at their "
    "medians; draws that depend on each other need not come near such a point",
    "numbers": "each plain number times 0.8 and 1.2 (of an answer, its odds), the others as in the file",
}


def sentences(found: Sensitivity) -> list[str]:
    """The answer: which number moves the first column most, what makes its spread, and how much of that is noise."""
    contact, wait = Outcome(found.columns[0], found.by), Outcome(found.columns[0])
    said = [_most(found.tornado(outcome), found) for outcome in (contact, wait)]
    outcome = next((one for one in (contact, wait) if one in found.indices and found.indices[one].first), None)
    if outcome is not None:
        said.append(_spread(found, outcome))
    elif found.indices:
        said.append(f"The spread of {_whose(wait, found)} over the uncertain numbers cannot be told from noise.")
    return said


def _whose(outcome: Outcome, found: Sensitivity) -> str:
    words = outcome_words(outcome, found.asked)
    return f"{'the ' if outcome.is_wait else ''}{words} of {column_words(outcome.column)}"


def _most(tornado: Tornado, found: Sensitivity) -> str:
    """Which number moves the outcome most, and which come next."""
    outcome, told = tornado.outcome, [one for one in tornado.swings if tells(one.swing)]
    whose = _whose(outcome, found)
    if not told:
        said = f"no number alone moves {whose} by more than chance ({with_interval(outcome, tornado.middle)})"
        return f"{said[0].upper()}{said[1:]}."
    first = told[0]
    words = ("longer", "shorter") if outcome.is_wait else ("more", "less")
    said = (
        f"{whose} hangs most on {plain(first.path)}: at {plain(first.high)} it is "
        f"{amount(outcome, first.swing, *words)} than at {plain(first.low)}"
    )
    others = [f"{plain(one.path)} ({_size(outcome, one)})" for one in told[1:3]]
    more = f"; next come{'' if len(others) > 1 else 's'} {listing(others)}" if others else ""
    return f"{said[0].upper()}{said[1:]}{more}."


def _size(outcome: Outcome, swing: Swing) -> str:
    return change(outcome, swing.swing).partition(" [")[0]


def _spread(found: Sensitivity, outcome: Outcome) -> str:
    one = found.indices[outcome]
    assert one.first is not None
    assert one.total is not None
    ranked = sorted(range(len(one.first)), key=lambda at: -((one.total or ())[at].estimate or 0.0))
    most = ranked[0]
    deviation = math.sqrt(max(0.0, one.variance.estimate or 0.0))
    size = value(outcome, deviation) if outcome.is_wait else f"{decimal(100 * deviation)} points"
    noise = share(one.noise.estimate or 0.0, 0)
    return (
        f"Over all priors at once {_whose(outcome, found)} has a standard deviation of {size}; knowing "
        f"{plain(found.numbers[most])} alone would take away {_percent(one.first[most])} of its variance. Of the "
        f"variance between the simulated points {noise} was Monte Carlo noise, which is taken out."
    )


def _percent(found: Estimate) -> str:
    ends = [min(1.0, max(0.0, end or 0.0)) for end in (found.estimate, found.low, found.high)]
    return f"{share(ends[0], 0)} [{share_interval(ends[1], ends[2], 0)}]"


def index(found: Estimate) -> str:
    """``0.31 [0.25…0.37]``: a share of the variance."""
    if found.estimate is None or found.low is None or found.high is None:
        return "–"
    low, high = (min(1.0, max(0.0, end)) for end in (found.low, found.high))
    return f"{found.estimate:.2f} [{low:.2f}…{high:.2f}]".replace("-", "\N{MINUS SIGN}")


def show(found: Sensitivity, target: Console) -> None:
    """Print all of it."""
    for at, line in enumerate(heading(found.asked, "What does the answer hang on?", each="at each end")):
        put(target, text(line, "" if at else "bold"))
    put(target, title("In short"))
    for sentence in sentences(found):
        put(target, text(wrapped(sentence, target.width)))
    for tornado in found.tornadoes:
        _tornado(found, tornado, target)
    if found.indices:
        for outcome, one in found.indices.items():
            _indices(found, outcome, one, target)
    put(target, title("How to read it"))
    for note in _notes(found):
        put(target, text(wrapped(note, target.width), "dim"))


def path_cell(path: str) -> str:
    """A path, in two lines where it is long: the numbers beside it need room."""
    return "\n  ".join(path_lines(path, LONG_PATH))


def _tornado(found: Sensitivity, tornado: Tornado, target: Console) -> None:
    outcome = tornado.outcome
    moved = [one for one in tornado.swings if one.width > 0]
    name = f"{outcome_words(outcome, found.asked)}, {column_words(outcome.column)}"
    put(target, title(f"{name[0].upper()}{name[1:]}: {with_interval(outcome, tornado.middle)} in the middle"))
    if not moved:
        put(target, text(wrapped("no number moves it", target.width)))
        return
    rows = [
        (
            path_cell(one.path),
            f"{plain(one.low)} to {plain(one.high)}",
            value(outcome, one.at_low.estimate or 0.0),
            value(outcome, one.at_high.estimate or 0.0),
            change(outcome, one.swing),
        )
        for one in moved[:MOST_ROWS]
    ]
    for part in table(("number", "from … to", "at the first", "at the second", "change"), rows, target.width):
        put(target, part)
    rest = len(tornado.swings) - len(rows)
    if rest:
        put(target, text(f"  … and {several(rest, 'number')} that move it less, or not", "dim"))


def _indices(found: Sensitivity, outcome: Outcome, one: SobolIndices, target: Console) -> None:
    name = f"{outcome_words(outcome, found.asked)}, {column_words(outcome.column)}"
    put(target, title(f"Shares of the variance (Sobol): {name}"))
    if one.first is None or one.total is None:
        put(target, text(wrapped("the spread over the uncertain numbers cannot be told from none", target.width)))
        return
    order = sorted(range(len(found.numbers)), key=lambda at: -((one.total or ())[at].estimate or 0.0))
    rows = [(path_cell(found.numbers[at]), index(one.first[at]), index(one.total[at])) for at in order]
    for part in table(("number", "alone (first order)", "with all it acts through (total)"), rows, target.width):
        put(target, part)
    parts = [share(part.estimate or 0.0) for part in (one.noise, one.within)]
    told = f"Monte Carlo noise: {parts[0]} of the variance between points; chance within one replication: {parts[1]}"
    put(target, text(wrapped(f"{told} of its variance", target.width), "dim"))


def _notes(found: Sensitivity) -> list[str]:
    notes = [
        f"Moved: {SOURCES[found.source]}. Both ends run the same replications. "
        "Intervals hold for each number by itself."
    ]
    if found.indices:
        one = next(iter(found.indices.values()))
        size = f"{several(one.rows, 'point')} in each design, {several(one.replications, 'replication')} at each"
        notes.append(
            f"Sobol indices are from {size}. The first order is what knowing a number would take away of the variance, "
            "the total what would be left if all others were known; where first orders add up to less than 1, the rest "
            "is interaction. Both are corrected for noise, so that an index of nothing may come out below 0."
        )
    elif found.no_indices:
        notes.append(f"No Sobol indices: {found.no_indices}.")
    if found.left_out:
        notes.append(f"Not moved: {', '.join(f'{plain(path)} ({why})' for path, why in found.left_out.items())}.")
    return notes
