"""Selection of a policy in sentences, as a table, and as a picture of waiting against attempts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.report.document import Report, Row, Section, Table
from sim.report.figures.panels import sheet
from sim.report.format import in_quotes, listing, plain, several, share
from sim.report.style import LIGHT, Theme, label
from sim.stats.intervals import Estimate
from sim.stats.selection import Optimization

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def sentences(found: Optimization) -> list[str]:
    """The selected policy with its guarantee, its estimate on fresh random numbers, and what the draws say."""
    chosen = in_quotes(found.selected)
    zone = f"{found.zone:g} days" if found.unit == "days" else f"{100 * found.zone:g} percentage points"
    if found.decided:
        least = share(found.confidence)
        said = [
            f"The best policy is {chosen}.",
            f"If it is better than every other one by {zone}, it is found with a probability of at least {least}.",
        ]
    else:
        others = [in_quotes(one.name) for one in found.policies if one.remaining and one.name != found.selected]
        said = [f"{chosen} is best so far, but there is no clear difference from {listing(others)}."]
    said.append(f"On other random numbers: {_utility(found, found.fresh)}.")
    share_of_best = next(one.best_share for one in found.policies if one.name == found.selected)
    if share_of_best is not None:
        said.append(f"It is the best one in {share(share_of_best)} of the draws of the uncertain numbers.")
    return said


def _utility(found: Optimization, utility: Estimate) -> str:
    assert utility.estimate is not None
    low, high = (float("nan") if end is None else end for end in (utility.low, utility.high))
    if found.unit == "days":
        return f"{-utility.estimate:.3g} days without contact on average [{-high:.3g}–{-low:.3g}]"
    return f"contact with a probability of {share(utility.estimate)} [{100 * low:.1f}–{100 * high:.1f}]"


def optimization_report(found: Optimization) -> Report:
    """The answer and the policies."""
    scale, unit = (-1.0, "days without contact") if found.unit == "days" else (100.0, "probability, %")
    rows: list[Row] = []
    for one in found.policies:
        state = "over budget" if not one.admissible else "may be best" if one.remaining else "no better"
        best = "" if one.best_share is None else share(one.best_share)
        utility, simulated = f"{scale * (one.utility.estimate or 0.0):.3g}", several(one.replications, "replication")
        rows.append((plain(one.name), utility, f"{one.attempts:.3g}", simulated, state, best))
    head = ("policy", unit, "attempts", "simulated", "verdict", "best in draws")
    kind = "at most" if found.hard else "on average at most"
    budget = "no budget" if found.budget is None else f"{kind} {found.budget:g} attempts"
    whose = "any line" if found.outcome.column == "any" else found.outcome.column.replace(":", " ")
    return Report(
        what="report of the selection of a policy",
        title=plain(found.title),
        question=f"Which calling policy is best? First contact of {whose}",
        setting=f"{several(len(found.policies), 'policy', 'policies')}, {budget}, seed {found.seed}",
        answer=tuple(sentences(found)),
        sections=(Section("tables", "", (Table("Policies", head, tuple(rows)),)),),
    )


def frontier_figure(found: Optimization, theme: Theme = LIGHT) -> Figure:
    """Waiting (or the probability of contact) against the mean number of attempts, a point with intervals a policy."""
    budget = "" if found.budget is None else f"; dashed: the budget of {found.budget:g} attempts"
    note = f"95 % intervals; filled: may be the best policy; hollow: no better, or over budget{budget}"
    figure, body = sheet(f"Waiting against attempts: {plain(found.title)}", note, 8.4, 4.6)
    axes = body.subplots()
    scale = -1.0 if found.unit == "days" else 100.0
    for one in found.policies:
        x, y = one.attempts, scale * (one.utility.estimate or 0.0)
        low, high = sorted(
            scale * (end if end is not None else one.utility.estimate or 0.0)
            for end in (one.utility.low, one.utility.high)
        )
        filled = one.remaining and one.admissible
        colour = theme.looks[0].colour
        axes.plot([x, x], [low, high], color=theme.ink, linewidth=1.0)
        axes.plot(
            [x], [y], marker="o", color=colour, markerfacecolor=colour if filled else theme.paper, linestyle="none"
        )
        axes.annotate(label(plain(one.name)), (x, y), xytext=(6, 4), textcoords="offset points", fontsize=8.5)
    if found.budget is not None:
        axes.axvline(found.budget, color=theme.soft, linestyle="--", linewidth=1.0)
    axes.margins(x=0.15, y=0.12)
    axes.set_xlabel("attempts per replication, all lines")
    axes.set_ylabel("days without contact" if found.unit == "days" else "probability of contact, %")
    return figure


def describe(found: Optimization) -> str:
    """The figure in words."""
    return " ".join([f"{plain(found.title)}.", *sentences(found)])
