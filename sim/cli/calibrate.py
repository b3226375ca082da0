"""`openlines calibrate` and `forecast`: what a dated record says of a scenario's numbers, and of what comes next."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.program import REFUSED, ScenarioFile, Seed, check_picture, file_meant, over
from sim.report.format import plain

if TYPE_CHECKING:
    from sim.calibration.checks import LeftOut, ModelComparison, PredictiveCheck, Sensitivity
    from sim.calibration.files import Written
    from sim.calibration.fit import Calibration
    from sim.calibration.forecast import Forecast
    from sim.report.progress import Reporter
    from sim.scenario.resolved import Scenario

AsOf = Annotated[
    str | None,
    typer.Option("--as-of", metavar="DATE", help="Use what was known at the end of this day.", show_default=False),
]
Draws = Annotated[
    int | None, typer.Option("--draws", help="Draws of the uncertain numbers; 4096 unless given.", show_default=False)
]

_PHASES = {
    "compiling": "compiling for this machine (once; about a minute)",
    "looking": "finding where the draws should lie",
    "sampling": "weighing draws by the record",
}


def calibrate(
    scenario: ScenarioFile,
    as_of: AsOf = None,
    draws: Draws = None,
    seed: Seed = 1,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Where to write; beside the scenario unless given."),
    ] = None,
    holdout: Annotated[
        list[str] | None,
        typer.Option("--holdout", metavar="LINE", help="Predict this line from the rest too. Repeatable."),
    ] = None,
    alternative: Annotated[
        list[Path] | None,
        typer.Option("--alternative", metavar="FILE", help="Compare with this scenario, same record. Repeatable."),
    ] = None,
) -> None:
    """Find what the record says of the numbers with a prior.

    Writes the posterior as a table of draws, and a calibrated scenario that uses it, which `openlines run` takes as any
    other. A scenario that names its posterior starts from its priors, and has that table made anew.
    """
    from sim.calibration.files import targets
    from sim.calibration.record import second_of
    from sim.report.progress import progress
    from sim.runs.files import making_files

    with progress() as told:
        loaded, named = _with_priors(scenario, told)
        second = None if as_of is None else second_of(loaded, as_of)
        to = targets(scenario, out, as_of, named)
        asked = _Asked(second, _count(draws), seed)
        _known_lines(loaded, "--holdout", holdout or ())
        rivals = [_with_priors(file, told)[0] for file in alternative or ()]
        with making_files(to.draws.parent, to.draws.name) as folder:
            found = asked.calibrate(loaded, told, paths=True)
            checked = _check(found, asked, holdout or (), rivals, told)
            _write(found, checked, scenario, to, folder, told)
    _show(found, checked, to)


@dataclass(frozen=True)
class _Asked:
    """What is asked of every calibration of one command."""

    second: int | None
    draws: int
    seed: int

    def calibrate(self, scenario: Scenario, told: Reporter, *, paths: bool = False, stages: bool = True) -> Calibration:
        """Calibrate a scenario as asked. `paths`: keep what was simulated; `stages`: tell of each phase."""
        from sim.calibration.fit import calibrate as fit

        return fit(
            scenario,
            as_of=self.second,
            draws=self.draws,
            seed=self.seed,
            progress=told.update,
            stage=(lambda what: told.phase(_PHASES[what])) if stages else None,
            paths=paths,
        )


@dataclass(frozen=True)
class _Checked:
    placed: Sequence[PredictiveCheck]
    moved: Sequence[Sensitivity]
    left: Sequence[LeftOut]
    compared: Sequence[ModelComparison]


def _with_priors(file: Path, told: Reporter) -> tuple[Scenario, str | None]:
    """A scenario with its priors, and the table that it names itself as its posterior. Says so where it names one."""
    from sim.calibration.named import load_with_priors

    loaded = load_with_priors(file)
    if loaded.ignored is not None:
        told.note(f"{plain(file.name)}: starting from its priors, not from {plain(loaded.ignored)}")
    return loaded.scenario, loaded.ignored if loaded.own else None


def _count(draws: int | None) -> int:
    from sim.calibration.posterior import DRAWS

    return DRAWS if draws is None else draws


def _known_lines(scenario: Scenario, option: str, lines: Sequence[str]) -> None:
    known = [line.name for line in scenario.lines]
    for line in lines:
        if line not in known:
            raise over(REFUSED, f"openlines: {option} {line} is no line of the scenario")


def _check(
    found: Calibration, asked: _Asked, leave_out: Sequence[str], rivals: Sequence[Scenario], told: Reporter
) -> _Checked:
    """What a sceptic asks of a calibration."""
    from sim.calibration import checks

    told.phase("simulating records from the posterior")
    placed, moved = checks.predictive(found), checks.sensitivity(found)
    left = []
    for line in leave_out:
        told.phase(f"leaving out {plain(line)}")
        left.append(checks.leave_out(found, line, asked.draws, told.update))
    compared = []
    for other in rivals:
        told.phase(f"calibrating {plain(other.title)}")
        compared.append(checks.against(found, asked.calibrate(other, told, stages=False)))
    return _Checked(placed, moved, left, compared)


def _write(found: Calibration, checked: _Checked, scenario: Path, to: Written, folder: Path, told: Reporter) -> None:
    from sim.calibration import files
    from sim.report.figures.calibration import draw_calibration
    from sim.runs.store import written_to
    from sim.version import __version__

    more = files.findings(checked.placed, checked.moved, checked.left, checked.compared)
    told.phase("drawing")
    with written_to(to.draws.parent):
        files.write(found, scenario, to, folder, __version__, more, lambda file: draw_calibration(found, file))


def _show(found: Calibration, checked: _Checked, to: Written) -> None:
    from sim.report.calibration import calibration_report
    from sim.report.terminal import console, show

    report = calibration_report(found, checked.placed, checked.moved, checked.left, checked.compared)
    show(report, console(sys.stdout))
    for file in to.files:
        sys.stdout.write(f"{plain(str(file))}\n")


def forecast(
    scenario: ScenarioFile,
    as_of: Annotated[
        str, typer.Option("--as-of", metavar="DATE", help="Forecast from the end of this day.", show_default=False)
    ],
    draws: Draws = None,
    seed: Seed = 1,
    no_presumed_silence: Annotated[
        bool,
        typer.Option("--no-presumed-silence", help="Do not take lines without news for silent up to that day."),
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="FILE", help="Write the forecast as JSON too.", show_default=False, callback=file_meant
        ),
    ] = None,
    picture: Annotated[
        Path | None,
        typer.Option(
            "--figure",
            metavar="FILE",
            help="Draw how it moved with the record up to that day, into FILE.png or FILE.svg: a calibration for each "
            "fortnight and each date on which something became known.",
            show_default=False,
            callback=file_meant,
        ),
    ] = None,
    lines: Annotated[
        list[str] | None,
        typer.Option("--line", metavar="NAME", help="Draw this line; all with a record unless given. Repeatable."),
    ] = None,
) -> None:
    """Say when the next contact on each line is to be expected, from a date on.

    Each simulated path has lived through the record as it was known on that day, so what the silence says of a gate is
    in the forecast.
    """
    from sim.calibration.forecast import forecast as predict
    from sim.calibration.record import second_of
    from sim.report.calibration import forecast_report
    from sim.report.progress import progress
    from sim.report.terminal import console, show
    from sim.runs.files import check_file, write_json

    with progress() as told:
        loaded, _ = _with_priors(scenario, told)
        second = second_of(loaded, as_of)
        if out is not None:
            check_file(out)
        check_picture(picture)
        _known_lines(loaded, "--line", lines or ())
        found = predict(
            loaded,
            second,
            draws=_count(draws),
            seed=seed,
            presume_silence=not no_presumed_silence,
            progress=told.update,
            stage=lambda what: told.phase(_PHASES[what]),
        )
        if picture is not None:
            _draw_moving(loaded, found, picture, lines or [], seed, not no_presumed_silence, told)
    if out is not None:
        write_json(out, found.as_data())
    show(forecast_report(found), console(sys.stdout))


def _draw_moving(
    scenario: Scenario,
    found: Forecast,
    picture: Path,
    lines: list[str],
    seed: int,
    presume_silence: bool,
    told: Reporter,
) -> None:
    """Forecast again at each date before, with a quarter of the draws (all of them where that is too few), and draw."""
    from sim.calibration.forecast import dates_of_change
    from sim.calibration.forecast import forecast as predict
    from sim.report.figures.forecast import draw_moving
    from sim.runs.errors import RunFailed

    shown = lines or [line.name for line in scenario.lines if any(e.line == line.name for e in scenario.record)]
    begun = min((entry.known for entry in scenario.record if entry.line in shown), default=0)
    seconds = [second for second in dates_of_change(scenario) if begun <= second < found.second]
    draws = max(1024, found.sample.diagnosis.draws // 4)
    forecasts = []
    told.phase("forecasting from earlier dates")
    for number, second in enumerate(seconds):
        told.update(number, len(seconds))
        try:
            forecasts.append(predict(scenario, second, draws=draws, seed=seed, presume_silence=presume_silence))
        except RunFailed:
            forecasts.append(predict(scenario, second, draws=4 * draws, seed=seed, presume_silence=presume_silence))
    told.phase("drawing")
    draw_moving([*forecasts, found], shown, picture)
