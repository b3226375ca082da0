"""Report of a sensitivity analysis: tornado (one number at a time) and Sobol indices (variance decomposition)."""

from __future__ import annotations

import math

from sim.report.document import Report, Row, Section, Table, Words
from sim.report.format import NOTHING, Cell, capital, decimal, listing, plain, several, share, share_interval
from sim.report.labels import short_label
from sim.report.outcomes import (
    amount,
    change,
    estimate,
    is_clear,
    outcome_words,
    study_report,
    value,
    whose,
)
from sim.stats.intervals import Estimate
from sim.stats.outcomes import Outcome
from sim.stats.sensitivity import SensitivityAnalysis, SobolIndices, Tornado

MOST_ROWS = 12
"""Numbers in a table, those that move the outcome most; JSON has all of them."""

SOURCES = {
    "prior": "each uncertain number from the 10 % to the 90 % quantile of its prior, the others at their medians",
    "posterior": "each uncertain number from the 10 % to the 90 % quantile of its posterior draws, the others at their "
    "medians; draws that depend on each other need not come near such a point",
    "numbers": "each plain number times 0.8 and 1.2 (of an answer, its odds), the others as in the file",
}


def sentences(found: SensitivityAnalysis) -> list[str]:
    """The answer: which number moves the first column most, what makes its spread, and how much of that is noise."""
    contact, wait = Outcome(found.columns[0], found.by), Outcome(found.columns[0])
    said = [_most(found.tornado(outcome), found) for outcome in (contact, wait)]
    outcome = next((one for one in (contact, wait) if one in found.indices and found.indices[one].first), None)
    if outcome is not None:
        said.append(_spread(found, outcome))
    elif found.indices:
        said.append(
            f"The spread of {whose(wait, found.spec)} over the uncertain numbers is not clearly more than noise."
        )
    return said


def _most(tornado: Tornado, found: SensitivityAnalysis) -> str:
    """Which number moves the outcome most, and which come next."""
    outcome, clear = tornado.outcome, [one for one in tornado.swings if is_clear(one.swing)]
    what = whose(outcome, found.spec)
    if not clear:
        return f"No number alone moves {what} by more than chance ({estimate(outcome, tornado.middle)})."
    first = clear[0]
    words = ("longer", "shorter") if outcome.is_wait else ("more", "less")
    said = (
        f"{capital(what)} depends most on {plain(first.path)}: at {plain(first.high)} it is "
        f"{amount(outcome, first.swing, *words)} than at {plain(first.low)}"
    )
    others = [
        f"{plain(one.path)} ({change(outcome, one.swing).text.replace('points', 'percentage points')})"
        for one in clear[1:3]
    ]
    return f"{said}; next come{'' if len(others) > 1 else 's'} {listing(others)}." if others else f"{said}."


def _spread(found: SensitivityAnalysis, outcome: Outcome) -> str:
    one = found.indices[outcome]
    assert one.first is not None
    most = _ranked(one)[0]
    deviation = math.sqrt(max(0.0, one.variance.estimate or 0.0))
    size = value(outcome, deviation) if outcome.is_wait else f"{decimal(100 * deviation)} percentage points"
    first = [
        min(1.0, max(0.0, end or 0.0)) for end in (one.first[most].estimate, one.first[most].low, one.first[most].high)
    ]
    return (
        f"Over all priors at once {whose(outcome, found.spec)} has a standard deviation of {size}; knowing "
        f"{plain(found.numbers[most])} alone would remove "
        f"{share(first[0], 0)} [{share_interval(first[1], first[2], 0)}] of its variance. Of the variance between the "
        f"simulated points {share(one.noise.estimate or 0.0, 0)} was Monte Carlo noise, which is removed."
    )


def _ranked(one: SobolIndices) -> list[int]:
    """Places of the numbers, the largest total index first."""
    total = one.total or ()
    return sorted(range(len(total)), key=lambda at: -(total[at].estimate or 0.0))


def sensitivity_report(found: SensitivityAnalysis) -> Report:
    """All of it."""
    tables = (
        *(_tornado(found, tornado) for tornado in found.tornadoes),
        *(_indices(found, outcome, one) for outcome, one in found.indices.items()),
    )
    notes = tuple(Words(note, quiet=True) for note in _notes(found))
    sections = (Section("tables", "", tables), Section("notes", "How to read it", notes))
    question = "What does the answer depend on?"
    return study_report("a sensitivity analysis", found.spec, question, "at each end", sentences(found), sections)


def _tornado(found: SensitivityAnalysis, tornado: Tornado) -> Table:
    outcome = tornado.outcome
    moved = [one for one in tornado.swings if one.width > 0]
    rows: tuple[Row, ...] = tuple(
        (
            plain(one.path),
            f"{plain(one.low)} to {plain(one.high)}",
            value(outcome, one.at_low.estimate),
            value(outcome, one.at_high.estimate),
            change(outcome, one.swing),
        )
        for one in moved[:MOST_ROWS]
    )
    rest = len(tornado.swings) - len(rows)
    note = (
        f"{several(rest, 'more number')} move it less, or not."
        if rest and rows
        else "No number moves it."
        if rest
        else ""
    )
    name = f"{outcome_words(outcome, found.spec)}, {short_label(outcome.column)}"
    head = ("number", "low to high", "at low", "at high", "change")
    return Table(f"{capital(name)}: {estimate(outcome, tornado.middle)} in the middle", head, rows, note=note)


def _indices(found: SensitivityAnalysis, outcome: Outcome, one: SobolIndices) -> Table:
    rows: tuple[Row, ...] = ()
    note = "The spread over the uncertain numbers is not clearly more than noise."
    if one.first is not None and one.total is not None:
        rows = tuple((plain(found.numbers[at]), index(one.first[at]), index(one.total[at])) for at in _ranked(one))
        noise, within = (share(part.estimate or 0.0) for part in (one.noise, one.within))
        note = f"Monte Carlo noise: {noise} of the variance between points; within a replication: {within} of its own."
    name = f"{outcome_words(outcome, found.spec)}, {short_label(outcome.column)}"
    head = ("number", "alone (first order)", "with interactions (total)")
    return Table(f"Shares of the variance (Sobol indices): {name}", head, rows, note=note)


def index(found: Estimate) -> Cell:
    """``0.31 [0.25 to 0.37]``: a share of the variance."""
    if found.estimate is None or found.low is None or found.high is None:
        return Cell(NOTHING)
    low, high = (min(1.0, max(0.0, end)) for end in (found.low, found.high))
    return Cell(f"{found.estimate:.2f}".replace("-", "\N{MINUS SIGN}"), f"{low:.2f} to {high:.2f}")


def _notes(found: SensitivityAnalysis) -> list[str]:
    notes = [
        f"Low and high: {SOURCES[found.source]}. Both ends run the same replications. Points are percentage points. "
        "Intervals hold for each number by itself."
    ]
    if found.indices:
        one = next(iter(found.indices.values()))
        size = f"{several(one.rows, 'point')} in each design, {several(one.replications, 'replication')} at each"
        notes.append(
            f"Sobol indices are from {size}. The first order is the share of the variance that knowing a number would "
            "remove, the total the share that would be left if all others were known. Where first orders add up to "
            "less than 1, the rest is interaction. Both are corrected for noise, so an index that is really 0 can be "
            "slightly negative."
        )
    elif found.no_indices:
        notes.append(f"No Sobol indices: {found.no_indices}.")
    if found.left_out:
        notes.append(f"Not moved: {', '.join(f'{plain(path)} ({why})' for path, why in found.left_out.items())}.")
    return notes
