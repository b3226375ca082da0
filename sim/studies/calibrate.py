"""Calibrations and forecasts as results of a study: posterior of the uncertain numbers, and the next contacts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.calibration.fit import SHARES, Calibration
from sim.calibration.fit import calibrate as fit
from sim.calibration.forecast import QUANTILES, Forecast
from sim.calibration.forecast import forecast as predict
from sim.calibration.named import load_with_priors
from sim.calibration.posterior import DRAWS, Stage, equal_draws
from sim.calibration.record import second_of
from sim.report.style import new_axes
from sim.report.tabular import Row
from sim.runs.errors import RunRefused
from sim.studies.result import StudyResult

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.calibration.checks import PredictiveCheck
    from sim.calibration.likelihood import Progress
    from sim.scenario.resolved import Scenario

ROWS = 4096
"""Draws of equal weight in the scenario that a calibration gives."""


@dataclass(frozen=True, eq=False, repr=False)
class CalibrationResult(StudyResult):
    """What `calibrate` found: the posterior, with its tables and pictures. `found`: its weighted draws."""

    found: Calibration

    @cached_property
    def scenario(self) -> Scenario:
        """The scenario with draws of the posterior in the place of its priors, for `sim.run`: one draw a block."""
        from sim.scenario.posterior import draws_from

        sample = self.found.sample
        numbers = sample.numbers[equal_draws(sample, ROWS, self.found.seed)]
        columns = {path: tuple(column) for path, column in zip(sample.paths, numbers.T.tolist(), strict=True)}
        return replace(self.found.scenario, posterior="posterior.parquet", draws=draws_from(columns))

    def rows(self) -> list[Row]:
        """A row for each number: quantiles of prior and posterior, mean and its standard error (seconds where it is a
        duration), and how much of the prior's 90 % width the record removed."""
        return [
            {
                "number": number.path,
                "unit": number.unit,
                **_quantiles("prior", SHARES, number.prior),
                **_quantiles("posterior", SHARES, number.posterior),
                "mean": number.mean,
                "standard_error": number.error,
                "width_removed": number.removed,
                "verdict": number.verdict,
            }
            for number in self.found.numbers
        ]

    def sentences(self) -> list[str]:
        """What the record tells, what it leaves as it was, and how far the draws can be trusted."""
        from sim.report.calibration import sentences

        return sentences(self.found)

    def predictive(self) -> tuple[PredictiveCheck, ...]:
        """Where each entry of the record falls among records that the fitted model brings about."""
        from sim.calibration.checks import predictive

        return predictive(self.found)

    def as_dict(self) -> dict[str, Any]:
        """What it found, for JSON."""
        return self.found.as_data()

    def plot(self, ax: Axes | None = None) -> Axes:
        """By number, the middle 50 and 90 % of prior and posterior."""
        from sim.report.figures.calibration import intervals

        return intervals(ax or new_axes(), self.found)

    def plot_pair(self, ax: Axes | None = None, numbers: tuple[str, str] | None = None) -> Axes:
        """Draws of two numbers, given by path; those that the record ties to each other most unless given.

        Raises RunRefused for a path that is no uncertain number, or where there are not two numbers.
        """
        from sim.report.figures.calibration import ridge, tied

        paths = self.found.sample.paths
        for path in numbers or ():
            if path not in paths:
                raise RunRefused(f"'{path}' is no uncertain number; expected one of: {', '.join(paths)}")
        pair = tied(self.found) if numbers is None else (paths.index(numbers[0]), paths.index(numbers[1]))
        if pair is None:
            raise RunRefused("a picture of two numbers needs two; only one is uncertain")
        return ridge(ax or new_axes(), self.found, pair)


@dataclass(frozen=True, eq=False, repr=False)
class ForecastResult(StudyResult):
    """What `forecast` found: the next contact on each line from a date on."""

    found: Forecast

    @property
    def states(self) -> dict[str, dict[str, float]]:
        """By regime, the probability of each state when the forecast begins."""
        return self.found.states

    def rows(self) -> list[Row]:
        """A row for each line: chances of a contact within some days and before the end, and quantiles of the days
        until it; None where there is none so soon before clock.end."""
        days = sorted({days for one in self.found.lines for days in one.within})
        return [
            {
                "line": one.line,
                **{f"within_{d}_days": one.within.get(d) for d in days},
                "before_end": one.before_end,
                **_quantiles("days", QUANTILES, one.days),
            }
            for one in self.found.lines
        ]

    def sentences(self) -> list[str]:
        """The chances in words, and the states of the regimes."""
        from sim.report.calibration import sentences_of_forecast

        return sentences_of_forecast(self.found)

    def as_dict(self) -> dict[str, Any]:
        """What it found, for JSON."""
        return self.found.as_data()

    def plot(self, ax: Axes | None = None) -> Axes:
        """By line, when the next contact is to be expected: median, middle 50 and 90 %."""
        from sim.report.figures.forecast import expected

        return expected(ax or new_axes(), self.found)


def calibrate(
    scenario: Scenario | str | Path,
    as_of: str | None = None,
    draws: int = DRAWS,
    seed: int = 1,
    *,
    progress: Progress | None = None,
    stage: Stage | None = None,
) -> CalibrationResult:
    """The posterior of a scenario's uncertain numbers given its record.

    scenario  a scenario, or the path of a file. A posterior that it names is left aside: it starts from the priors
    as_of     a date: only what was known at its end is used; None: the whole record
    draws     of the uncertain numbers, at least 256; they are weighted, and worth fewer
    seed      in [0, 2^64); the same numbers for the same seed

    Raises ScenarioErrors; RunRefused where there is nothing to calibrate or nothing to calibrate it to; RunFailed where
    the model cannot produce the record, or the posterior cannot be relied on.
    """
    loaded = _loaded(scenario)
    second = None if as_of is None else second_of(loaded, as_of)
    return CalibrationResult(fit(loaded, as_of=second, draws=draws, seed=seed, progress=progress, stage=stage))


def forecast(
    scenario: Scenario | str | Path,
    as_of: str,
    draws: int = DRAWS,
    seed: int = 1,
    *,
    presume_silence: bool = True,
    progress: Progress | None = None,
    stage: Stage | None = None,
) -> ForecastResult:
    """The next contact on each line from the end of a date on, given the record as known by then.

    presume_silence  a line whose last word on record is a silence is taken to have been silent up to the date

    The rest is as for `calibrate`, errors too.
    """
    loaded = _loaded(scenario)
    found = predict(
        loaded,
        second_of(loaded, as_of),
        draws=draws,
        seed=seed,
        presume_silence=presume_silence,
        progress=progress,
        stage=stage,
    )
    return ForecastResult(found)


def _loaded(scenario: Scenario | str | Path) -> Scenario:
    return load_with_priors(scenario).scenario if isinstance(scenario, str | Path) else scenario


def _quantiles(name: str, shares: tuple[float, ...], values: tuple[float | None, ...]) -> Row:
    return {f"{name}_p{round(100 * share)}": value for share, value in zip(shares, values, strict=True)}
