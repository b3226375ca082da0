"""The two corpora of scenario files, and what the first line of each invalid one says about its fault."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sim.scenario import load
from sim.scenario.errors import ScenarioError, ScenarioErrors
from sim.scenario.resolved import Scenario
from sim.scenario.whatif import load_whatif

HERE = Path(__file__).parent
INVALID = sorted((HERE / "invalid").glob("*.yaml"))
VALID = sorted((HERE / "valid").glob("*.yaml"))

_EXPECTATION = re.compile(
    r"# expect: (?:(?P<file>\S+\.yaml):)?(?P<line>\d+):(?P<column>\d+) (?P<path>.*) \| (?P<phrase>.+)"
)


@dataclass(frozen=True)
class Expectation:
    """One fault: the end of the file's name, line and column from 1, dotted path, part of the message."""

    file: str
    line: int
    column: int
    path: str
    phrase: str


def expectation_of(file: Path) -> Expectation:
    """What the comment in the file's first line expects. The fault may lie in another file (a base)."""
    with file.open(encoding="utf-8") as lines:
        first = lines.readline().rstrip("\n")
    match = _EXPECTATION.fullmatch(first)
    assert match is not None, f"{file.name} does not begin with '# expect: LINE:COLUMN PATH | PHRASE'"
    return Expectation(
        match["file"] or file.name, int(match["line"]), int(match["column"]), match["path"], match["phrase"]
    )


def is_what_if(file: Path) -> bool:
    """Whether the file holds what-if variants instead of a scenario."""
    return file.name.startswith("what-if")


def errors_of(file: Path) -> tuple[ScenarioError, ...]:
    """The errors with which a file is refused; none where it is accepted."""
    try:
        if is_what_if(file):
            load_whatif(file)
        else:
            load(file)
    except ScenarioErrors as refused:
        return refused.errors
    return ()


def check(errors: tuple[ScenarioError, ...], expected: Expectation) -> None:
    """Exactly one error, at the very place, with the phrase in its message."""
    assert len(errors) == 1, [str(error) for error in errors]
    (error,) = errors
    assert Path(error.file).as_posix().endswith(expected.file), str(error)
    assert (error.line, error.column, error.path) == (expected.line, expected.column, expected.path), str(error)
    assert expected.phrase in error.message, str(error)


Check = Callable[[Scenario], None]


def resolved(name: str) -> Scenario:
    """The scenario in a file of the valid corpus."""
    return load(HERE / "valid" / f"{name}.yaml")


def registry(checks: dict[str, Check]) -> Callable[..., Callable[[Check], Check]]:
    """A decorator that files a check under the names of the files whose resolved scenario it looks at."""

    def shows(*names: str) -> Callable[[Check], Check]:
        def keep(check: Check) -> Check:
            assert not checks.keys() & set(names), f"{names}: one check would hide another"
            checks.update(dict.fromkeys(names, check))
            return check

        return keep

    return shows
