"""Validation of entries against each other: names, references, ranges, order in time.

Works on a human model in which faulty values are BAD, and is silent about those: each fault is told once.
"""

from __future__ import annotations

from pathlib import Path

from sim.scenario import (
    schema,
    validate_lines,
    validate_names,
    validate_numbers,
    validate_record,
    validate_times,
)
from sim.scenario.errors import Problems, ScenarioErrors, quoted
from sim.scenario.merge import file_below, is_file
from sim.scenario.schema import BAD

MOST = {"sides": 1000, "officials": 20_000, "channels": 10_000, "lines": 20_000, "regimes": 1000, "events": 10_000}
MOST |= {"parameters": 10_000, "record": 100_000, "sources": 10_000}


def check(human: schema.ScenarioFields, problems: Problems, folder: Path | None) -> None:
    """Note every fault. `folder`: where the scenario's files lie; None for a text, whose files are not looked for."""
    _check_sizes(problems)
    validate_names.check(human, problems)
    validate_times.check(human, problems)
    validate_numbers.check(human, problems)
    validate_lines.check(human, problems)
    validate_record.check(human, problems)
    _check_files(human, problems, folder)


def _check_sizes(problems: Problems) -> None:
    for section, most in MOST.items():
        node = problems.root.child(section)
        size = len(node.value) if node is not None and isinstance(node.value, dict | list) else 0
        if size > most:
            problems.add((section,), f"{size} entries; at most {most} are read", at_key=True)
    for section in ("sides", "officials", "channels", "lines"):
        node = problems.root.child(section)
        if node is not None and node.value == {}:
            problems.add((section,), "is empty; expected at least one entry")


def _check_files(human: schema.ScenarioFields, problems: Problems, folder: Path | None) -> None:
    if folder is None and human.extends is not None and human.extends is not BAD:
        problems.add(("extends",), "cannot be followed from a text; load the file instead")
    if human.posterior is None or human.posterior is BAD:
        return
    node = problems.root.child("posterior")
    assert node is not None
    home = Path(node.place.file).parent if node.place.line and folder is not None else folder or Path()
    try:
        file = file_below(home, human.posterior, node.place, "posterior")
    except ScenarioErrors as error:
        problems.errors += error.errors
        return
    if folder is None:
        return
    if file.parent != home:
        problems.add(
            ("posterior",), f"{quoted(human.posterior)} is in another folder; expected a file beside the scenario"
        )
    elif not is_file(file):
        problems.add(("posterior",), f"{quoted(human.posterior)} is no file")
