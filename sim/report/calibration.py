"""A calibration and a forecast on the terminal."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sim.report.words import decimal, duration, plain, share

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from sim.calibration.checks import Compared, LeftOut, Placed, Sensitivity
    from sim.calibration.fit import Calibration
    from sim.calibration.forecast import Forecast

_MOST = 10
_FAMILY = re.compile(r"\.(exponential|lognormal|weibull|gamma|loglogistic|uniform|triangular|scipy)\b")


def value(number: float, unit: str) -> str:
    """A number of the scenario: a duration, or plain."""
    return duration(number) if unit == "s" else decimal(number) if abs(number) >= 0.095 else f"{number:.2g}"


def short(path: str) -> str:
    """The path of a number in words: ``moscow-gate open lasts mean``."""
    head, _, tail = path.partition(".")
    tail = tail if head in {"parameters", "regimes", "lines", "events"} else path
    return _FAMILY.sub("", tail).replace(".states.", ".").replace(".", " ")


def _table(*columns: str) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for place, column in enumerate(columns):
        table.add_column(Text(column), justify="left" if place == 0 else "right", overflow="fold")
    return table


def _row(table: Table, *cells: str) -> None:
    from rich.text import Text

    table.add_row(*(Text(plain(cell)) for cell in cells))


def show_calibration(found: Calibration, target: Console) -> None:
    """What the record says of each number, and what it leaves as it was."""
    from rich.text import Text

    diagnosis = found.sample.diagnosis
    target.print(Text(plain(f"{found.scenario.title}: {len(found.evidence.entries)} entries of the record")))
    table = _table("number", "prior 5–95 %", "posterior 5–95 %", "median", "width removed", "")
    for number in found.numbers:
        _row(
            table,
            short(number.path),
            f"{value(number.prior[0], number.unit)} – {value(number.prior[-1], number.unit)}",
            f"{value(number.posterior[0], number.unit)} – {value(number.posterior[-1], number.unit)}",
            value(number.posterior[2], number.unit),
            f"{100 * number.removed:.0f} %",
            number.verdict,
        )
    target.print(table)
    same = [short(number.path) for number in found.numbers if number.verdict == "repeats its prior"]
    if same:
        words = f"Of these the record says next to nothing; they are what was assumed: {', '.join(same)}."
        target.print(Text(plain(words)))
    target.print(
        Text(
            f"{diagnosis.draws} draws worth {diagnosis.effective:.0f}; Pareto k {diagnosis.pareto_k:.2f}; the two "
            f"halves of the draws differ by at most {diagnosis.shift:.2f} sd. ln P(record) = "
            f"{found.sample.log_evidence:.2f} ± {found.sample.evidence_error:.2f}."
        )
    )


def show_checks(
    placed: Sequence[Placed],
    moved: Sequence[Sensitivity],
    left: Sequence[LeftOut],
    rivals: Sequence[Compared],
    target: Console,
) -> None:
    """The checks, one table each."""
    from rich.text import Text

    table = _table("entry of the record", "percentile", "agrees in", "")
    for one in placed:
        where = "" if one.percentile is None else f"{100 * one.percentile:.0f}"
        _row(table, f"{one.line}: {one.says}", where, share(one.probability), "unusual" if one.unusual else "")
    target.print(Text("Records simulated from the posterior:"))
    target.print(table)
    telling = sorted((one for one in moved if one.telling), key=lambda one: -abs(one.higher - one.lower))[:_MOST]
    if telling:
        table = _table("contact to come before the end", "as written", "prior half an sd lower", "half an sd higher")
        for item in telling:
            _row(
                table,
                f"{item.line}: {short(item.path)}",
                *(share(p) for p in (item.as_written, item.lower, item.higher)),
            )
        target.print(Text("Where priors decide:"))
        target.print(table)
    for out in left:
        gain = out.log_score - out.log_alone
        words = (
            f"{out.line}, predicted from the rest of the record: log score {out.log_score:.2f} ± {out.error:.2f}; from "
            f"the priors alone {out.log_alone:.2f} ± {out.alone_error:.2f}, so that the rest "
            f"{'helped' if gain > 0 else 'misled'} by {abs(gain):.2f}."
        )
        target.print(Text(plain(words)))
    for rival in rivals:
        words = (
            f"'{rival.first}' against '{rival.second}': ln Bayes factor {rival.log_factor:.2f} ± {rival.error:.2f}, "
            f"{rival.words}."
        )
        target.print(Text(plain(words)))


def show_forecast(found: Forecast, target: Console) -> None:
    """The next contact on each line."""
    from rich.text import Text

    target.print(Text(plain(f"{found.scenario.title}: the next contact, as of the end of {found.date}")))
    days = sorted({days for one in found.lines for days in one.within})
    table = _table("line", *(f"within {d} d" for d in days), "before the end", "25 %", "median", "75 %")
    for one in found.lines:
        if one.before_end == 0.0:
            _row(table, one.line, *([""] * len(days)), "no more", "", "", "")
            continue
        quantiles = ["not reached" if day is None else f"{decimal(day)} d" for day in one.days]
        chances = [share(min(1.0, one.within[d])) if d in one.within else "" for d in days]
        _row(table, one.line, *chances, share(min(1.0, one.before_end)), *quantiles[1:4])
    target.print(table)
    for regime, states in found.states.items():
        told = ", ".join(f"{state} {share(min(1.0, p))}" for state, p in states.items())
        target.print(Text(plain(f"{regime} then: {told}")))
