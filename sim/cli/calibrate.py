"""`openlines calibrate` and `forecast`: what a dated record says of a scenario's numbers, and of what comes next."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.program import REFUSED, ScenarioFile, Seed, over
from sim.report.words import plain

if TYPE_CHECKING:
    from sim.calibration.forecast import Forecast
    from sim.report.progress import Reporter
    from sim.scenario.resolved import Scenario

AsOf = Annotated[
    str | None,
    typer.Option("--as-of", metavar="DATE", help="Use what was known at the end of this day.", show_default=False),
]
Draws = Annotated[
    int | None, typer.Option("-n", help="Draws of the uncertain numbers; 4096 unless given.", show_default=False)
]

_PHASES = {
    "compiling": "reading the record (compiled on first use, about a minute)",
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
    leave_out: Annotated[
        list[str] | None,
        typer.Option("--leave-out", metavar="LINE", help="Predict this line from the rest too. Repeatable."),
    ] = None,
    rival: Annotated[
        list[Path] | None,
        typer.Option("--rival", metavar="FILE", help="Compare with this scenario, same record. Repeatable."),
    ] = None,
) -> None:
    """Find what the record says of the numbers with a prior.

    Writes the posterior as a table of draws, and a calibrated scenario that uses it, which `openlines run` takes as any
    other.
    """
    from sim import api
    from sim.calibration import checks, files, record
    from sim.calibration.fit import calibrate as fit
    from sim.calibration.posterior import DRAWS
    from sim.report.calibration import show_calibration, show_checks
    from sim.report.figures.calibration import draw_calibration
    from sim.report.progress import progress
    from sim.report.terminal import console
    from sim.version import __version__

    loaded = api.load(scenario)
    second = None if as_of is None else record.second_of(loaded, as_of)
    to, count = files.targets(scenario, out), DRAWS if draws is None else draws
    known = [line.name for line in loaded.lines]
    for line in leave_out or ():
        if line not in known:
            raise over(REFUSED, f"openlines: --leave-out {line} is no line of the scenario")
    others = [api.load(other) for other in rival or ()]
    with progress() as told:
        found = fit(
            loaded,
            as_of=second,
            draws=count,
            seed=seed,
            progress=told.update,
            stage=lambda what: told.phase(_PHASES[what]),
            paths=True,
        )
        told.phase("simulating records from the posterior")
        placed = checks.predictive(found)
        moved = checks.sensitivity(found)
        left = []
        for line in leave_out or ():
            told.phase(f"leaving out {plain(line)}")
            left.append(checks.leave_out(found, line, count, told.update))
        compared = []
        for other in others:
            told.phase(f"calibrating {plain(other.title)}")
            against = fit(other, as_of=second, draws=count, seed=seed, progress=told.update)
            compared.append(checks.against(found, against))
        files.write(found, scenario, to, __version__, files.findings(placed, moved, left, compared))
        told.phase("drawing")
        draw_calibration(found, to.picture)
    target = console(sys.stdout)
    show_calibration(found, target)
    show_checks(placed, moved, left, compared, target)
    for file in (to.draws, to.scenario, to.findings, to.picture):
        sys.stdout.write(f"{plain(str(file))}\n")


def forecast(
    scenario: ScenarioFile,
    as_of: Annotated[
        str, typer.Option("--as-of", metavar="DATE", help="Forecast from the end of this day.", show_default=False)
    ],
    draws: Draws = None,
    seed: Seed = 1,
    only_record: Annotated[
        bool,
        typer.Option("--only-record", help="Do not take lines without news for silent up to that day."),
    ] = False,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write the forecast as JSON too.", show_default=False)
    ] = None,
    picture: Annotated[
        Path | None,
        typer.Option(
            "--picture",
            metavar="FILE",
            help="Draw how it moved with the record up to that day, into FILE.png or FILE.svg: a calibration for each "
            "fortnight and each date on which something became known.",
            show_default=False,
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
    from sim import api
    from sim.calibration.forecast import forecast as predict
    from sim.calibration.posterior import DRAWS
    from sim.calibration.record import second_of
    from sim.report.calibration import show_forecast
    from sim.report.progress import progress
    from sim.report.terminal import console
    from sim.runs.files import write_json

    loaded = api.load(scenario)
    second = second_of(loaded, as_of)
    for file in (out, picture):
        if file is not None and (file.is_dir() or not file.parent.is_dir()):
            raise over(REFUSED, f"openlines: {file} cannot be written")
    if picture is not None and picture.suffix.lower() not in (".png", ".svg"):
        raise over(REFUSED, f"openlines: {picture} is no picture; expected a name that ends in .png or .svg")
    known = [line.name for line in loaded.lines]
    for line in lines or ():
        if line not in known:
            raise over(REFUSED, f"openlines: --line {line} is no line of the scenario")
    with progress() as told:
        found = predict(
            loaded,
            second,
            draws=DRAWS if draws is None else draws,
            seed=seed,
            presume_silence=not only_record,
            progress=told.update,
            stage=lambda what: told.phase(_PHASES[what]),
        )
        if picture is not None:
            _draw_moving(loaded, found, picture, lines or [], seed, not only_record, told)
    if out is not None:
        write_json(out, found.as_data())
    show_forecast(found, console(sys.stdout))


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
    from sim.report.figures.calibration import draw_moving
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
