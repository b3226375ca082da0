"""Reports of a calibration with its checks, and of a forecast."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sim.report.document import Block, Report, Row, Section, Table, Words
from sim.report.format import NOT_REACHED, NOTHING, count, decimal, duration, plain, share

if TYPE_CHECKING:
    from sim.calibration.checks import LeftOut, ModelComparison, PredictiveCheck, Sensitivity
    from sim.calibration.fit import Calibration
    from sim.calibration.forecast import Forecast, Next

MOST = 10
"""Priors in the table of those that decide."""

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


def _span(values: Sequence[float], unit: str) -> str:
    return " to ".join(ends(values, unit))


def calibration_report(
    found: Calibration,
    checks: Sequence[PredictiveCheck] = (),
    priors: Sequence[Sensitivity] = (),
    left: Sequence[LeftOut] = (),
    alternatives: Sequence[ModelComparison] = (),
) -> Report:
    """What the record says of each number, what it leaves as it was, and the model checks."""
    rows: list[Row] = [
        (
            plain(short(number.path)),
            _span(number.prior, number.unit),
            _span(number.posterior, number.unit),
            value(number.posterior[2], number.unit),
            f"{100 * number.removed:.0f} %",
            number.verdict,
        )
        for number in found.numbers
    ]
    head = ("number", "5 to 95 % prior", "5 to 95 % posterior", "median", "range narrowed by", "effect of the record")
    numbers = Table("Numbers before and after the record", head, tuple(rows))
    return Report(
        what="report of a calibration",
        title=plain(found.scenario.title),
        question="What does the record say of the uncertain numbers?",
        setting=f"{len(found.evidence.entries)} entries of the record, seed {found.seed}",
        answer=tuple(sentences(found)),
        sections=(
            Section("numbers", "", (numbers,)),
            Section("checks", "", _checks(checks, priors, left, alternatives)),
        ),
    )


def sentences(found: Calibration) -> list[str]:
    """What the record leaves as it was, and how far the draws can be trusted."""
    diagnosis = found.sample.diagnosis
    said = []
    same = [short(number.path) for number in found.numbers if number.verdict == "repeats its prior"]
    if same:
        said.append(
            f"The record says almost nothing about these numbers; they are what was assumed: {', '.join(same)}."
        )
    said.append(
        f"{count(diagnosis.draws)} draws, as precise as {decimal(round(diagnosis.effective))} independent ones (more "
        f"than 100 is enough); Pareto k {diagnosis.pareto_k:.2f} (below 0.7 is good); the two halves of the draws "
        f"differ by at most {diagnosis.shift:.2f} sd. ln P(record) = {found.sample.log_evidence:.2f} ± "
        f"{found.sample.evidence_error:.2f}."
    )
    return [plain(words) for words in said]


def _checks(
    checks: Sequence[PredictiveCheck],
    priors: Sequence[Sensitivity],
    left: Sequence[LeftOut],
    alternatives: Sequence[ModelComparison],
) -> tuple[Block, ...]:
    """Posterior predictive checks, priors that decide, held-out predictions and model comparisons."""
    blocks: list[Block] = []
    if checks:
        rows: list[Row] = [
            (
                plain(f"{one.line}: {one.says}"),
                _percentile(one.percentile),
                _percentile(one.answers),
                share(one.probability),
                "unusual" if one.unusual else NOTHING,
            )
            for one in checks
        ]
        head = ("entry of the record", "percentile", "of answers", "agree", "remark")
        blocks.append(Table("Records simulated from the posterior", head, tuple(rows)))
    decisive = sorted((one for one in priors if one.telling), key=lambda one: -abs(one.higher - one.lower))[:MOST]
    if decisive:
        rows = [
            (plain(f"{one.line}: {short(one.path)}"), *(share(p) for p in (one.as_written, one.lower, one.higher)))
            for one in decisive
        ]
        caption = "Priors that change the forecast: probability of a contact between the last recorded day and the end"
        head_of_priors = ("line: number", "as written", "half an sd lower", "half an sd higher")
        blocks.append(Table(caption, head_of_priors, tuple(rows)))
    for out in left:
        gain = out.log_score - out.log_alone
        blocks.append(
            Words(
                f"{plain(out.line)}, predicted from the rest of the record: log score {out.log_score:.2f} ± "
                f"{out.error:.2f}; from the priors alone {out.log_alone:.2f} ± {out.alone_error:.2f}. The rest of the "
                f"record {'improves' if gain > 0 else 'worsens'} the prediction by {abs(gain):.2f}."
            )
        )
    compared = [
        f"'{plain(one.first)}' against '{plain(one.second)}': ln Bayes factor {one.log_factor:.2f} ± {one.error:.2f}, "
        f"{one.words}."
        for one in alternatives
    ]
    return (*blocks, *map(Words, compared))


def _percentile(place: float | None) -> str:
    return NOTHING if place is None else f"{100 * place:.0f}"


def forecast_report(found: Forecast) -> Report:
    """The next contact on each line."""
    days = sorted({days for one in found.lines for days in one.within})
    head = ("line", *(f"within {d} d" for d in days), "before the end", "25 %", "median", "75 %")
    return Report(
        what="forecast",
        title=plain(found.scenario.title),
        question=f"When is the next contact, as of the end of {found.date}?",
        setting=f"{len(found.evidence.entries)} entries of the record, {count(found.sample.diagnosis.draws)} draws",
        answer=tuple(_states(found)),
        sections=(
            Section("lines", "", (Table("Next contact", head, tuple(_next(one, days) for one in found.lines)),)),
        ),
    )


def _next(one: Next, days: Sequence[int]) -> Row:
    if one.before_end == 0.0:
        return (one.line, *([NOTHING] * len(days)), "no more", NOTHING, NOTHING, NOTHING)
    quantiles = [NOT_REACHED if day is None else f"{decimal(day)} d" for day in one.days]
    chances = [share(min(1.0, one.within[d])) if d in one.within else NOTHING for d in days]
    return (one.line, *chances, share(min(1.0, one.before_end)), *quantiles[1:4])


def sentences_of_forecast(found: Forecast) -> list[str]:
    """The probability of a contact on each line that may have one yet, and the states of the gates."""
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
        plain(f"{regime} then: {', '.join(f'{state} {share(min(1.0, p))}' for state, p in states.items())}.")
        for regime, states in found.states.items()
    ]
