"""`openlines fit`: a delay distribution from observed times."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.program import REFUSED, Dark, PictureFile, Seed, check_picture, over
from sim.report.format import plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.scenario.times import ObservedTimes
    from sim.stats.fit import Fits


def fit(
    times: Annotated[
        Path,
        typer.Argument(
            metavar="TIMES",
            help="A CSV file with a column 'time', or 'at least' and 'at most', such as 72 min.",
            show_default=False,
        ),
    ],
    series: Annotated[
        str | None,
        typer.Option("--series", metavar="NAME", help="This series only, of a column 'series'.", show_default=False),
    ] = None,
    picture: PictureFile = None,
    dark: Dark = False,
    resamples: Annotated[int, typer.Option(help="Samples drawn from each fit and fitted again; 0 for none.")] = 999,
    seed: Seed = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, and nothing else.")] = False,
) -> None:
    """Fit delay distributions to observed times.

    Compares the families of the language by AIC and BIC, says how well each fits and how sure its parameters are, and
    prints the best one as a scenario takes it.
    """
    from sim.report.fit import as_data, fit_section
    from sim.scenario.times import read_times

    check_picture(picture)
    if not 0 <= seed < 2**64:
        raise over(REFUSED, f"openlines: --seed is {seed}; expected a whole number from 0 to 2^64 - 1")
    if resamples < 0:
        raise over(REFUSED, f"openlines: --resamples is {resamples}; expected a whole number of at least 0")
    chosen = _chosen(times, read_times(times), series, alone=picture is not None)
    fitted = {name: _fitted(times, name, sample, resamples, seed) for name, sample in chosen.items()}
    if picture is not None:
        _draw(times, next(iter(fitted.items())), picture, dark)
    if as_json:
        found = {
            "format": 1,
            "seed": seed,
            "resamples": resamples,
            "series": {n: as_data(f) for n, f in fitted.items()},
        }
        sys.stdout.write(f"{json.dumps(found, ensure_ascii=False, indent=1)}\n")
        return
    from sim.report.terminal import console, show_section

    target = console(sys.stdout)
    for name, fits in fitted.items():
        show_section(fit_section(name, fits), target)


def _chosen(
    file: Path, known: Mapping[str, ObservedTimes], wanted: str | None, *, alone: bool
) -> Mapping[str, ObservedTimes]:
    from sim.scenario.errors import did_you_mean, one_of, quoted

    names = [quoted(name) for name in known]
    if wanted is None:
        if alone and len(known) > 1:
            raise over(
                REFUSED, f"openlines: a picture shows one series of {file}; choose --series {one_of(names[:20])}"
            )
        return known
    if wanted not in known:
        hint = did_you_mean(wanted, known) or (
            f"; expected {one_of(names[:20])}" if "" not in known else "; it has none"
        )
        raise over(REFUSED, f"openlines: {quoted(wanted)} is no series of {file}{hint}")
    return {wanted: known[wanted]}


def _fitted(file: Path, name: str, sample: ObservedTimes, resamples: int, seed: int) -> Fits:
    from sim.stats.fit import fit_delays

    try:
        return fit_delays(sample.low, sample.high, resamples=resamples, seed=seed)
    except ValueError as error:
        series = f", series {plain(name)}" if name else ""
        raise over(REFUSED, f"openlines: {file}{series}: {error}") from None


def _draw(file: Path, fitted: tuple[str, Fits], picture: Path, dark: bool) -> None:
    from sim.report.figures.delay_fit import draw_fit
    from sim.report.style import theme_for

    name, fits = fitted
    if not fits.times.ended:
        raise over(REFUSED, f"openlines: {file} has a time without 'at most', which has no place in a picture")
    draw_fit(f"{file.stem}: {name}" if name else file.stem, fits, picture, theme_for(dark=dark))
