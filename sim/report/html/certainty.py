"""How sure the numbers are: what more replications would mend, and what only more evidence would."""

from __future__ import annotations

from collections import Counter

from sim.report.format import count, duration, listing, points, several, share, spread
from sim.report.html.document import Block, Row, Table, Words
from sim.report.view import View
from sim.stats.variance_components import of_contact, of_restricted_mean

BASES = {
    "record": ("is from the public record", "are from the public record"),
    "briefing": ("is from a briefing", "are from a briefing"),
    "calibrated": ("is calibrated", "are calibrated"),
    "assumption": ("is an assumption", "are assumptions"),
    None: ("is without a basis", "are without a basis"),
}
"""What a person calls each basis, of one number and of several."""

MOST = 60


def headline(view: View) -> str:
    """What the intervals of the answer do not know, in one sentence."""
    uncertain = len(view.scenario.uncertain)
    if not uncertain:
        return f"The intervals know of chance only, not whether the numbers are right: {bases(view)}."
    found = [(name, parts) for name in _columns(view) if (parts := of_contact(view.column(name))) is not None]
    if not found:
        return "There were too few blocks of replications to tell chance from the uncertain numbers."
    name, widest = max(found, key=lambda one: one[1].between)
    return (
        f"More replications would narrow the intervals, but not what {several(uncertain, 'uncertain number')} "
        f"leave{'s' if uncertain == 1 else ''} open: from one draw of them to the next, the probability of contact has "
        f"a standard deviation of {points(widest.between)}, on {view.label(name)}, where it is largest."
    )


def bases(view: View) -> str:
    """How many numbers have which basis: ``of 64 numbers, 34 are assumptions and 30 are calibrated``."""
    counted = Counter(one.basis for one in view.scenario.provenance)
    if not counted:
        return "the scenario says of none where it comes from"
    total = sum(counted.values())
    if len(counted) == 1:
        (words,) = (BASES.get(basis, BASES[None]) for basis in counted)
        return f"its one number {words[0]}" if total == 1 else f"all {count(total)} numbers {words[1]}"
    parts = [f"{count(some)} {BASES.get(basis, BASES[None])[some > 1]}" for basis, some in counted.most_common()]
    return f"of {count(total)} numbers, {listing(parts)}"


def certainty(view: View) -> tuple[Block, ...]:
    """The paragraphs and the table of the section."""
    unit = (
        "block of replications that share a draw of the uncertain numbers"
        if view.scenario.uncertain
        else ("replication")
    )
    intervals = Words(
        f"Every interval is a 95 % interval from {several(view.n, 'replication')}; its unit is the {unit}. Four times "
        "the replications would halve its width. It does not know whether the scenario is right."
    )
    if not view.scenario.uncertain:
        return (
            intervals,
            Words(
                f"No number of the scenario has a prior, so the run cannot say how far the results hang on them: "
                f"{bases(view)}. Giving a range to the numbers that are not known, or varying them one by one, would "
                "show it. More replications would not."
            ),
        )
    rows = [(view.label(name), *cells) for name in _columns(view) if (cells := _parts(view, name)) is not None]
    if not rows:
        return (intervals, Words("There were too few blocks to tell chance from the uncertain numbers."))
    head = (
        "first contact of",
        "probability",
        "standard error",
        "spread by the uncertain numbers",
        "restricted mean",
        "standard error",
        "spread by the uncertain numbers",
        "share of the variance",
    )
    note = (
        "Standard error: what more replications would mend. Spread: the standard deviation, from one draw of the "
        "uncertain numbers to the next, of the probability and the mean that so many replications of that draw would "
        "give that chance no longer shows; only more evidence would mend it. Share: how much of the variance of a "
        "single wait, counted up to the end of the clock, comes from the uncertain numbers."
    )
    return (intervals, Table("Chance, and numbers that are not known", head, tuple(rows), note=note))


def _columns(view: View) -> list[str]:
    names = [f"line:{line.name}" for line in view.lines] + [f"group:{name}" for name in view.scenario.groups]
    return [name for name in [*names[:MOST], "any"] if name in view.summary["first_contact"]]


def _parts(view: View, name: str) -> Row | None:
    column = view.column(name)
    chance, mean = of_contact(column), of_restricted_mean(column)
    if chance is None or mean is None:
        return None
    return (
        share(min(1.0, chance.mean)),
        f"±{points(chance.error)}",
        spread(chance.between, chance.least),
        duration(mean.mean),
        f"±{duration(mean.error)}",
        spread(mean.between, mean.least, duration),
        share(mean.share),
    )
