"""Validation of one file, a scenario or a what-if file, in the words of `openlines validate`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from sim.report.format import duration, listing, several
from sim.scenario.errors import ScenarioErrors
from sim.scenario.resolved import Scenario

MOST_SHOWN = 5
"""Lines that a note names."""
WHAT_IF = re.compile(r"""^(\ufeff?\s*\{\s*)?["']?what_if["']?\s*:""", re.MULTILINE)
"""A top-level key `what_if`: at the beginning of a line, or after the brace that opens the file."""


@dataclass(frozen=True)
class Checked:
    """`counts`: what is in a file without errors, in words. `notes`: what a reader may overlook."""

    errors: tuple[str, ...]
    warnings: tuple[str, ...] = ()
    counts: str = ""
    notes: tuple[str, ...] = ()


def check_file(file: Path, *, strict: bool = False) -> Checked:
    """Check one file; with `strict`, a number without provenance is an error too."""
    from sim.scenario.reader import read_text

    try:
        if WHAT_IF.search(read_text(file)):
            return _what_if(file, strict)
        return _scenario(file, strict)
    except ScenarioErrors as refused:
        return Checked(tuple(str(error) for error in refused.errors))


def _scenario(file: Path, strict: bool) -> Checked:
    from sim.scenario.compiler import compile_scenario
    from sim.scenario.reader import load
    from sim.scenario.work import MUCH_WORK, estimate_work

    found = load(file)
    work = estimate_work(compile_scenario(found))
    much = (f"{file}: this takes long: {work.in_words()}",) if work.total > MUCH_WORK else ()
    missing = _without_basis(file, found) if strict else ()
    return Checked(missing, (*found.warnings, *much), counts(found), notes(found))


def _what_if(file: Path, strict: bool) -> Checked:
    from sim.scenario.whatif import load_whatif

    found = load_whatif(file)
    errors = _without_basis(found.base_path, found.base) if strict else ()
    return Checked(
        errors,
        (*found.base.warnings, *found.warnings),
        f"{several(len(found.variants), 'variant')} of {found.base_path}",
    )


def notes(found: Scenario) -> tuple[str, ...]:
    """That a delay counts the callee's time on duty, with what a usual delay of each such line comes to."""
    from sim.scenario.validate_lines import delays_on_duty

    lines = [
        f"{name} ({duration(delay)} on duty take about {duration(elapsed)})" if elapsed < found.horizon else name
        for name, delay, elapsed in delays_on_duty(found)
    ]
    if not lines:
        return ()
    shown = lines if len(lines) <= MOST_SHOWN else [*lines[:MOST_SHOWN], f"{len(lines) - MOST_SHOWN} more"]
    return (f"'delay' counts only the time in which the callee is on duty: {listing(shown)}",)


def _without_basis(file: Path, found: Scenario) -> tuple[str, ...]:
    return tuple(f"{file} {one.path}: {one.value} has no basis" for one in found.provenance if one.basis is None)


def counts(found: Scenario) -> str:
    """How many there are of each kind of thing, in words; what there is none of is left out."""
    parts = [
        several(some, noun, plural)
        for some, noun, plural in (
            (len(found.lines), "line", ""),
            (len(found.channels), "channel", ""),
            (len(found.sides), "side", ""),
            (len(found.officials), "official", ""),
            (len(found.regimes), "regime", ""),
            (len(found.events), "event", ""),
            (len(found.uncertain), "uncertain number", ""),
            (len(found.record), "entry of the record", "entries of the record"),
        )
        if some
    ]
    return listing(parts)
