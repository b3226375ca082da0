"""The scenarios that come with the program, from an installed package as well as from a clone."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from sim.scenario.errors import ScenarioError, ScenarioErrors, nearest, quoted

ENDING = ".yaml"
POINTERS = re.compile(
    r"^(?:extends|base|[ \t]*posterior):[ \t]*(?!null\b)['\"]?([\w./-]+)['\"]?[ \t]*(?:#.*)?$", re.MULTILINE
)
"""Keys whose value is a file beside or below the one in which they stand: at the top, or a variant's posterior."""


@dataclass(frozen=True)
class Example:
    """A shipped file. `path`: relative to the folder of scenarios, such as ``constructs/gate.yaml``; `needs`: the files
    that it builds on, relative to its own folder."""

    name: str
    path: str
    content: bytes
    needs: Mapping[str, bytes]

    @property
    def text(self) -> str:
        """The file as it was written."""
        return self.content.decode("utf-8")

    @property
    def about(self) -> str:
        """The first sentence of its first comment, or its title."""
        comment = re.match(r"(?:#[^\n]*\n)+", self.text)
        words = " ".join(line.lstrip("# ").strip() for line in (comment.group() if comment else "").splitlines())
        return re.split(r"(?<=[.!?]) ", words, maxsplit=1)[0]


def folder() -> Traversable:
    """Where the scenarios are: in the package, or in the clone beside it. Raises ScenarioErrors where in neither."""
    installed = files("sim") / "scenarios"
    if installed.is_dir():
        return installed
    clone = Path(__file__).parents[2] / "scenarios"
    if clone.is_dir():
        return clone
    raise _refused("no examples came with this installation")


@functools.cache
def examples() -> tuple[str, ...]:
    """Their names: the large ones first, then those of single constructs, each in alphabetical order."""
    top = sorted(file.name.removesuffix(ENDING) for file in folder().iterdir() if file.name.endswith(ENDING))
    inside = folder() / "constructs"
    small = [file.name.removesuffix(ENDING) for file in inside.iterdir()] if inside.is_dir() else []
    return (*top, *sorted(f"constructs/{name}" for name in small if not name.endswith(".md")))


def example(name: str) -> Example:
    """A shipped scenario by its name, ``constructs/`` and ``.yaml`` included or not.

    Raises ScenarioErrors with the nearest name, or with all of them.
    """
    wanted = name.removesuffix(ENDING)
    known = {one.removeprefix("constructs/"): one for one in examples()} | {one: one for one in examples()}
    if wanted not in known:
        near = nearest(wanted, tuple(known))
        hint = f"did you mean {quoted(near)}?" if near else f"there are {listed(examples())}"
        raise _refused(f"{quoted(name)} is no example; {hint}")
    path = known[wanted] + ENDING
    content = (folder() / path).read_bytes()
    return Example(wanted.removeprefix("constructs/"), path, content, _needs(path, content))


def listed(names: Sequence[str]) -> str:
    """The names without their folder, in one line."""
    return ", ".join(name.removeprefix("constructs/") for name in names)


def _needs(path: str, content: bytes) -> Mapping[str, bytes]:
    """The files on which one builds, and those on which these build, relative to its own folder."""
    parent, found = path.rpartition("/")[0], dict[str, bytes]()
    pending = [("", content)]
    while pending:
        below, text = pending.pop()
        for target in POINTERS.findall(text.decode("utf-8", "replace")):
            relative = f"{below}/{target}".lstrip("/")
            if relative not in found:
                found[relative] = (folder() / parent / relative).read_bytes()
                pending.append((relative.rpartition("/")[0], found[relative]))
    return found


def _refused(message: str) -> ScenarioErrors:
    return ScenarioErrors([ScenarioError("new --from", 0, 0, "", message)])
