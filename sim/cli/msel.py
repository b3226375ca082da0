"""`openlines msel`: one replication as the list of injects of an exercise."""

from __future__ import annotations

import re
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.program import REFUSED, Changes, ScenarioFile, Seed, file_meant, over

if TYPE_CHECKING:
    from sim.scenario.resolved import Scenario


class PresetName(StrEnum):
    """The sets of columns."""

    hseep = "hseep"
    mitre = "mitre"
    blueprint = "blueprint"
    conducttr = "conducttr"
    t3sf = "t3sf"


class ViewName(StrEnum):
    """Who reads the list."""

    control = "control"
    player = "player"


def msel(
    scenario: ScenarioFile,
    replication: Annotated[
        int | None, typer.Option(help="Which replication, counted from 0; 0 unless chosen otherwise.")
    ] = None,
    typical: Annotated[
        bool, typer.Option("--typical", help="The one whose first contact on any line is the median.")
    ] = False,
    where: Annotated[
        str | None,
        typer.Option(
            metavar="CONDITION", help="The first one with, e.g., 'ministers > 3 d and hotline < 1 h', or 'any = never'."
        ),
    ] = None,
    pool: Annotated[int, typer.Option("--pool", help="Replications to choose from.")] = 1000,
    preset: Annotated[PresetName, typer.Option(help="Columns of the list.")] = PresetName.hseep,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="FILE",
            help="FILE.csv, FILE.xlsx or FILE.json; CSV (t3sf: JSON) on standard output unless given.",
            show_default=False,
            callback=file_meant,
        ),
    ] = None,
    view: Annotated[
        ViewName, typer.Option(help="control has outcomes and odds; player what a side may know.")
    ] = ViewName.control,
    side: Annotated[str | None, typer.Option(help="Whose players, with --view player.")] = None,
    start: Annotated[
        str | None, typer.Option(metavar="HH:MM", help="Time of day at which the game begins.", show_default=False)
    ] = None,
    pace: Annotated[
        str | None,
        typer.Option(
            metavar="'1 d = 10 min'", help="Scenario time and the game time that it takes.", show_default=False
        ),
    ] = None,
    dtg: Annotated[bool, typer.Option("--dtg", help="Times as date-time groups, 161200ZMAR22.")] = False,
    seed: Seed = 1,
    changes: Changes = None,
) -> None:
    """Write one replication as a master scenario events list (MSEL).

    The columns are those of HSEEP, MITRE, an exercise blueprint, Conducttr or T3SF. Choose the replication by number,
    the typical one, or the first one that meets a condition.
    """
    from sim import api
    from sim.report import msel as lists
    from sim.runs.files import replacing

    ending = _ending(out, preset)
    loaded = api.load(scenario, tuple(changes or ()))
    _check_side(loaded, view, side)
    clock = lists.Clock(loaded.start, *_game_clock(start, pace), dtg)
    chosen = _chosen(loaded, replication, typical, where, pool, seed)
    event_log = api.trace(loaded, seed, chosen)
    rows = lists.table(loaded, event_log, preset.value, clock, view.value, side)
    names = lists.columns(preset.value)
    if ending == ".xlsx":
        assert out is not None
        try:
            with replacing(out) as target:
                lists.write_xlsx(rows, names, target)
        except ModuleNotFoundError as error:
            raise over(REFUSED, "openlines: a spreadsheet needs XlsxWriter: pip install 'openlines[xlsx]'") from error
        return
    text = lists.as_json(rows) if ending == ".json" else lists.as_csv(rows, names)
    if out is None:
        sys.stdout.write(text)
    else:
        with replacing(out) as target:
            target.write_bytes(text.encode())


def _ending(out: Path | None, preset: PresetName) -> str:
    if out is None:
        return ".json" if preset is PresetName.t3sf else ".csv"
    if out.suffix not in (".csv", ".xlsx", ".json"):
        raise over(REFUSED, f"openlines: --out {out}: expected a file that ends in .csv, .xlsx or .json")
    if not out.parent.is_dir():
        raise over(REFUSED, f"openlines: --out {out}: there is no folder {out.parent}")
    return out.suffix


def _check_side(scenario: Scenario, view: ViewName, side: str | None) -> None:
    from sim.scenario.errors import did_you_mean, one_of, quoted

    known = [one.name for one in scenario.sides]
    if view is ViewName.control:
        if side is not None:
            raise over(REFUSED, "openlines: --side goes with --view player")
    elif side is None:
        raise over(REFUSED, f"openlines: --view player needs --side: {one_of(known)}")
    elif side not in known:
        hint = did_you_mean(side, known) or f"; expected {one_of(known)}"
        raise over(REFUSED, f"openlines: --side {quoted(side)} is no side{hint}")


def _game_clock(start: str | None, pace: str | None) -> tuple[int | None, float]:
    """Seconds since midnight at which the game begins, and game seconds for a second of the scenario."""
    from sim.scenario.errors import Faults
    from sim.scenario.units import seconds_of

    if start is None and pace is None:
        return None, 1.0
    match = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", start or "09:00")
    if match is None:
        raise over(REFUSED, f"openlines: --start {start}: expected a time of day such as 09:00")
    begin = int(match[1]) * 3600 + int(match[2]) * 60
    if pace is None:
        return begin, 1.0
    scenario_time, sign, game_time = pace.partition("=")
    try:
        ratio = float(seconds_of(game_time.strip())) / float(seconds_of(scenario_time.strip()))
    except (Faults, ZeroDivisionError):
        ratio = 0.0
    if not sign or not ratio > 0.0:
        raise over(REFUSED, f"openlines: --pace {pace}: expected two durations such as '1 d = 10 min'")
    return begin, ratio


def _chosen(scenario: Scenario, replication: int | None, typical: bool, where: str | None, pool: int, seed: int) -> int:
    given = [name for name, value in (("--replication", replication), ("--where", where)) if value is not None]
    given += ["--typical"] if typical else []
    if len(given) > 1:
        raise over(REFUSED, f"openlines: {' and '.join(given)}: choose the replication in one way")
    if typical:
        from sim.pick import pick

        return pick(scenario, "typical", "any", pool, seed).replication
    if where is not None:
        return _first_where(scenario, where, pool, seed)
    return replication or 0


def _first_where(scenario: Scenario, where: str, pool: int, seed: int) -> int:
    """The first replication of the pool in which the condition holds."""
    import numpy as np

    from sim import api
    from sim.engines.contract import NEVER
    from sim.scenario.program import columns_of
    from sim.stats.conditions import ConditionError, parse_conditions

    try:
        terms = parse_conditions(where, columns_of(scenario))
    except ConditionError as error:
        raise over(REFUSED, f"openlines: --where: {error}") from None
    table = api.run(scenario, pool, seed, save=False).first_contact()
    held = np.ones(pool, dtype=np.bool_)
    for term in terms:
        held &= term.holds(np.asarray(table.column(term.column).fill_null(NEVER), dtype=np.int64))
    if not held.any():
        raise over(REFUSED, f"openlines: --where: none of {pool} replications; --pool looks at more of them")
    return int(np.argmax(held))
