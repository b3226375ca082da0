"""A calibration and a forecast on the terminal."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sim.report.format import decimal, duration, plain, share
from sim.report.tables import Row, put, table, text, title, wrapped

if TYPE_CHECKING:
    from rich.console import Console

    from sim.calibration.checks import Compared, LeftOut, PredictiveCheck, Sensitivity
    from sim.calibration.fit import Calibration
    from sim.calibration.forecast import Forecast

_MOST = 10
LEAST_NAME = 18
"""Names are broken into lines of so many signs, where other columns leave no more room."""
_FAMILY = re.compile(r"\.(exponential|lognormal|weibull|gamma|loglogistic|uniform|triangular|scipy)\b")


def value(number: float, unit: str) -> str:
    """A number of the scenario: a duration, or plain."""
    return duration(number) if unit == "s" else decimal(number) if abs(number) >= 0.095 else f"{number:.2g}"


def ends(values: Sequence[float], unit: str) -> tuple[str, str]:
    """The first and the last of some values, with more digits where few would make them the same."""
    low, high = value(values[0], unit), value(values[-1], unit)
    return (f"{values[0]:.4g}", f"{values[-1]:.4g}") if low == high and unit != "s" else (low, high)


def short(path: str) -> str:
    """The path of a number in words: ``moscow-gate open lasts mean``."""
    head, _, tail = path.partition(".")
    tail = tail if head in {"parameters", "regimes", "lines", "events"} else path
    return _FAMILY.sub("", tail).replace(".states.", ".").replace(".", " ")


def _show_table(target: Console, head: Row, rows: Sequence[Row]) -> None:
    """A table whose first column takes the room that the others leave, in several lines where it needs them."""
    others = [max(len(cell) for cell in column) for column in list(zip(head, *rows, strict=True))[1:]]
    room = target.width - sum(others) - 2 * len(head)
    rows = [[_in_lines(row[0], max(room, LEAST_NAME)), *row[1:]] for row in rows]
    for part in table(head, [[plain_lines(cell) for cell in row] for row in rows], target.width):
        put(target, part)


def _in_lines(words: str, width: int) -> str:
    return "\n".join(textwrap.wrap(words, width, break_on_hyphens=False, break_long_words=False))


def plain_lines(words: str) -> str:
    """What `plain` makes of each line."""
    return "\n".join(plain(line) for line in words.split("\n"))


def _say(target: Console, words: str) -> None:
    put(target, text(f"\n{wrapped(plain(words), target.width)}"))


def _span(values: Sequence[float], unit: str) -> str:
    return " to ".join(ends(values, unit))


def show_calibration(found: Calibration, target: Console) -> None:
    """What the record says of each number, and what it leaves as it was."""
    put(target, title(plain(f"{found.scenario.title}: {len(found.evidence.entries)} entries of the record")))
    head = ("number", "5 to 95 % prior", "5 to 95 % posterior", "median", "width removed", "what is told")
    rows = [
        (
            short(number.path),
            _span(number.prior, number.unit),
            _span(number.posterior, number.unit),
            value(number.posterior[2], number.unit),
            f"{100 * number.removed:.0f} %",
            number.verdict,
        )
        for number in found.numbers
    ]
    _show_table(target, head, rows)
    for words in sentences(found):
        _say(target, words)


def sentences(found: Calibration) -> list[str]:
    """What the record leaves as it was, and how far the draws can be trusted."""
    diagnosis = found.sample.diagnosis
    said = []
    same = [short(number.path) for number in found.numbers if number.verdict == "repeats its prior"]
    if same:
        said.append(f"Of these the record says next to nothing; they are what was assumed: {', '.join(same)}.")
    said.append(
        f"{diagnosis.draws} draws worth {diagnosis.effective:.0f}; Pareto k {diagnosis.pareto_k:.2f}; the two halves "
        f"of the draws differ by at most {diagnosis.shift:.2f} sd. ln P(record) = {found.sample.log_evidence:.2f} ± "
        f"{found.sample.evidence_error:.2f}."
    )
    return [plain(words) for words in said]


def show_checks(
    placed: Sequence[PredictiveCheck],
    moved: Sequence[Sensitivity],
    left: Sequence[LeftOut],
    rivals: Sequence[Compared],
    target: Console,
) -> None:
    """The checks, one table each."""
    put(target, title("Records simulated from the posterior"))
    rows: list[Row] = [
        (
            f"{one.line}: {one.says}",
            _percentile(one.percentile),
            _percentile(one.answers),
            share(one.probability),
            "unusual" if one.unusual else "–",
        )
        for one in placed
    ]
    _show_table(target, ("entry of the record", "percentile", "of answers", "agree", "remark"), rows)
    telling = sorted((one for one in moved if one.telling), key=lambda one: -abs(one.higher - one.lower))[:_MOST]
    if telling:
        put(
            target,
            title("Where priors decide: the chance, given the record, of a contact between its last day and the end"),
        )
        rows = [
            (f"{item.line}: {short(item.path)}", *(share(p) for p in (item.as_written, item.lower, item.higher)))
            for item in telling
        ]
        _show_table(target, ("line: number", "as written", "half an sd lower", "half an sd higher"), rows)
    for out in left:
        gain = out.log_score - out.log_alone
        _say(
            target,
            f"{out.line}, predicted from the rest of the record: log score {out.log_score:.2f} ± {out.error:.2f}; from "
            f"the priors alone {out.log_alone:.2f} ± {out.alone_error:.2f}, so that the rest "
            f"{'helped' if gain > 0 else 'misled'} by {abs(gain):.2f}.",
        )
    for rival in rivals:
        _say(
            target,
            f"'{rival.first}' against '{rival.second}': ln Bayes factor {rival.log_factor:.2f} ± {rival.error:.2f}, "
            f"{rival.words}.",
        )


def _percentile(place: float | None) -> str:
    return "–" if place is None else f"{100 * place:.0f}"


def show_forecast(found: Forecast, target: Console) -> None:
    """The next contact on each line."""
    put(target, title(plain(f"{found.scenario.title}: the next contact, as of the end of {found.date}")))
    days = sorted({days for one in found.lines for days in one.within})
    rows = []
    for one in found.lines:
        if one.before_end == 0.0:
            rows.append((one.line, *(["–"] * len(days)), "no more", "–", "–", "–"))
            continue
        quantiles = ["not reached" if day is None else f"{decimal(day)} d" for day in one.days]
        chances = [share(min(1.0, one.within[d])) if d in one.within else "–" for d in days]
        rows.append((one.line, *chances, share(min(1.0, one.before_end)), *quantiles[1:4]))
    _show_table(target, ("line", *(f"within {d} d" for d in days), "before the end", "25 %", "median", "75 %"), rows)
    for words in _states(found):
        _say(target, words)


def sentences_of_forecast(found: Forecast) -> list[str]:
    """The chance of a contact on each line that may have one yet, and the states of the regimes."""
    said = []
    for one in found.lines:
        if one.before_end == 0.0:
            continue
        middle = one.days[2]
        when = "the median is not reached" if middle is None else f"the median is {decimal(middle)} d"
        said.append(f"{one.line}: a contact before the end with {share(min(1.0, one.before_end))}; {when}.")
    return [plain(words) for words in said] + _states(found)


def _states(found: Forecast) -> list[str]:
    return [
        plain(f"{regime} then: {', '.join(f'{state} {share(min(1.0, p))}' for state, p in states.items())}")
        for regime, states in found.states.items()
    ]
