"""Value of information in sentences, as a table, and as a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.report.document import Report, Row, Section, Table
from sim.report.figures.panels import row_names, sheet
from sim.report.format import in_quotes, listing, plain, several, share
from sim.report.labels import short_label
from sim.report.style import LIGHT, Theme
from sim.stats.decision import InformationValue, ValueOfInformation

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST = 12
"""Numbers in the table and the picture; JSON has all of them."""


def sentences(found: ValueOfInformation) -> list[str]:
    """The best option now, the most valuable number, and what complete knowledge is worth."""
    best = next(one for one in found.options if one.name == found.best)
    now = _utility(found, best.utility.estimate)
    said = [f"Without further information the best choice is {in_quotes(best.name)}: {now}."]
    first = found.numbers[0]
    if first.low > 0.0:
        said.append(
            f"Learning {_names(first)} is worth {_worth(found, first.estimate)}; it would change the choice in "
            f"{share(first.changes)} of the draws."
        )
    else:
        most = _worth(found, first.high)
        said.append(f"No single number has a clear value; learning {_names(first)} is worth at most {most}.")
    said.append(
        f"Learning all {several(len(found.numbers), 'number')} is worth {_worth(found, found.everything.estimate)}."
    )
    return said


def _whose(found: ValueOfInformation) -> str:
    return short_label(found.outcome.column)


def _utility(found: ValueOfInformation, utility: float | None) -> str:
    assert utility is not None
    costs = " after the cost of attempts" if found.cost else ""
    if found.unit == "days":
        return f"{-utility:.3g} days without contact on average{costs}"
    return f"contact with a probability of {share(utility)}{costs}"


def _worth(found: ValueOfInformation, value: float) -> str:
    return f"{value:.2g} days of waiting" if found.unit == "days" else f"{100.0 * value:.2g} percentage points"


def _names(value: InformationValue) -> str:
    return listing([plain(path).removeprefix("parameters.") for path in value.numbers])


def _cells(found: ValueOfInformation, name: str, value: InformationValue) -> tuple[str, str, str, str]:
    scale = 1.0 if found.unit == "days" else 100.0
    numbers = f"{scale * value.estimate:.3g}", f"{scale * value.low:.2g} to {scale * value.high:.2g}"
    return name, *numbers, share(value.changes)


def voi_report(found: ValueOfInformation) -> Report:
    """The answer, the options and the values."""
    unit, scale = ("days", 1.0) if found.unit == "days" else ("percentage points", 100.0)
    options: tuple[Row, ...] = tuple(
        (
            plain(one.name),
            f"{scale * (one.utility.estimate or 0.0):.3g}",
            "" if at == 0 else f"{scale * (one.difference.estimate or 0.0):+.3g}",
            f"{one.attempts:.3g}",
        )
        for at, one in enumerate(found.options)
    )
    values = [_cells(found, _names(one), one) for one in found.numbers[:MOST]]
    values += [_cells(found, f"group {plain(name)}", one) for name, one in found.groups.items()]
    values.append(_cells(found, "all numbers", found.everything))
    tables = (
        Table("Options", ("option", f"utility, {unit}", "against base", "attempts"), options),
        Table("Worth of learning", ("number", unit, "95 % interval", "choice changes"), tuple(values)),
    )
    replications, draws = several(found.replications, "replication"), several(found.draws, "draw")
    return Report(
        what="report of the value of information",
        title=plain(found.title),
        question=f"What is worth learning before a choice? First contact of {_whose(found)}",
        setting=f"{replications} of each option, {draws} of the uncertain numbers, seed {found.seed}",
        answer=tuple(sentences(found)),
        sections=(Section("tables", "", tables),),
    )


def voi_figure(found: ValueOfInformation, theme: Theme = LIGHT) -> Figure:
    """Bars with intervals: each number, each named group, and all numbers."""
    values = [(_names(one), one) for one in found.numbers[:MOST]]
    values += [(f"group {plain(name)}", one) for name, one in found.groups.items()]
    values.append(("all numbers", found.everything))
    scale = 1.0 if found.unit == "days" else 100.0
    heading = f"What is worth learning before a choice: {plain(found.title)}"
    draws = several(found.draws, "draw")
    note = f"{draws} of the uncertain numbers; thin lines: 95 % intervals; first contact of {_whose(found)}"
    figure, body = sheet(heading, note, 8.4, 0.7 + 0.34 * len(values))
    axes = body.subplots()
    for place, (_, one) in enumerate(values):
        axes.barh(place, scale * one.estimate, 0.6, color=theme.looks[0].colour)
        axes.plot([scale * one.low, scale * one.high], [place, place], color=theme.ink, linewidth=1.2)
    row_names(axes, [name for name, _ in values], 44)
    axes.set_xlim(left=0.0)
    axes.set_xlabel("days of waiting saved" if found.unit == "days" else "percentage points gained")
    return figure


def describe(found: ValueOfInformation) -> str:
    """The figure in words."""
    return " ".join([f"{plain(found.title)}.", *sentences(found), "Thin lines are 95 % intervals."])
