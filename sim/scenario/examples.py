"""Shipped scenarios, and new ones: from an installed package as well as from a clone."""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from sim.scenario.errors import ScenarioError, ScenarioErrors, nearest, quoted
from sim.scenario.validate_names import NAME

ENDING = ".yaml"
POINTERS = re.compile(
    r"^(?:extends|base|[ \t]*posterior):[ \t]*(?!null\b)['\"]?([\w./-]+)['\"]?[ \t]*(?:#.*)?$", re.MULTILINE
)
"""Keys whose value is a file beside or below the one in which they stand: at the top, or a variant's posterior."""


@dataclass(frozen=True)
class ShippedExample:
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
    raise _no_example("no examples came with this installation")


@functools.cache
def examples() -> tuple[str, ...]:
    """Return the names of the shipped scenarios and what-if files.

    The large ones come first, then those of single constructs, each in alphabetical order.
    """
    top = sorted(file.name.removesuffix(ENDING) for file in folder().iterdir() if file.name.endswith(ENDING))
    inside = folder() / "constructs"
    small = [file.name.removesuffix(ENDING) for file in inside.iterdir()] if inside.is_dir() else []
    return (*top, *sorted(f"constructs/{name}" for name in small if not name.endswith(".md")))


def example(name: str) -> ShippedExample:
    """A shipped scenario by its name, ``constructs/`` and ``.yaml`` included or not.

    Raises ScenarioErrors with the nearest name, or with all of them.
    """
    wanted = name.removesuffix(ENDING)
    known = {one.removeprefix("constructs/"): one for one in examples()} | {one: one for one in examples()}
    if wanted not in known:
        near = nearest(wanted, tuple(known))
        hint = f"did you mean {quoted(near)}?" if near else f"there are {listed(examples())}"
        raise _no_example(f"{quoted(name)} is no example; {hint}")
    path = known[wanted] + ENDING
    content = (folder() / path).read_bytes()
    return ShippedExample(wanted.removeprefix("constructs/"), path, content, _needs(path, content))


def file_or_example(given: str | Path) -> Path:
    """The file of a shipped scenario where `given` is its name and no such file is there; else `given` as it is."""
    path, name = Path(given), str(given)
    if path.suffix or name.endswith("/") or os.path.lexists(path):
        return path
    known = {one.removeprefix("constructs/"): one for one in _known()} | {one: one for one in _known()}
    if name not in known:
        return path
    found = folder() / f"{known[name]}{ENDING}"
    return found if isinstance(found, Path) else path


def _known() -> tuple[str, ...]:
    """Names of the examples; none where no examples came with the installation."""
    try:
        return examples()
    except ScenarioErrors:
        return ()


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


def _no_example(message: str) -> ScenarioErrors:
    return ScenarioErrors([ScenarioError("new --from", 0, 0, "", message)])


TITLE = "Scenario of Open Lines"
"""Title of the JSON Schema, by which it is known."""

TEMPLATE = """\
# {name}: a scenario of Open Lines.
#   openlines validate {name}.yaml     checks it
#   openlines run {name}.yaml          simulates it
scenario: 1
title: "{name}"
clock: {{start: 2024-01-01, end: 2024-04-01}}     # dates are 00:00 UTC; contacts after the end are not seen

sides:
  North: {{timezone: Europe/London}}
  South: {{timezone: Asia/Seoul}}

officials:                                      # who calls and who is called; on duty always, unless hours are given
  envoy: {{side: North, office: Foreign Ministry, duty: Mon-Fri 08:00-18:00}}
  minister: {{side: South, office: Foreign Ministry, duty: Mon-Fri 09:00-18:00}}
  north-desk: {{side: North, office: operations room}}
  south-desk: {{side: South, office: operations room}}

channels:
  ministerial: {{title: Ministerial line, level: senior}}
  hotline: {{title: Hotline, level: working, opens: 2024-01-15}}

events:
  incident: {{every: {{exponential: {{mean: 20 d}}}}}}

lines:
  envoy-minister:
    caller: envoy
    callee: minister
    channel: ministerial
    every: {{uniform: [2 d, 5 d]}}                # from one attempt to the next
    answer: {{value: 0.05, basis: assumption, why: few attempts were answered in comparable crises}}
    # From an answered attempt to the contact; only the callee's time on duty counts, so that 18 h are two working days.
    delay: {{lognormal: {{median: 6 h, p90: 2 d}}}}
    call: 1 h
    unanswered: {{declined: 0.7, no reply: 0.3}}
  desk-to-desk:
    caller: north-desk
    callee: south-desk
    channel: hotline
    triggered_by: incident                      # a request for every incident
    every: 30 min
    give_up: 24 h
    answer: {{value: 0.95, basis: assumption}}
    delay: {{exponential: {{mean: 4 min}}}}
"""


def template(name: str) -> str:
    """The text of a small commented scenario of that name. Raises ScenarioErrors where it cannot be a name."""
    if not NAME.fullmatch(name):
        message = f"expected a name of letters, digits, '_' and '-' that begins with a letter, found {quoted(name)}"
        raise ScenarioErrors([ScenarioError("new", 0, 0, "", message)])
    return TEMPLATE.format(name=name)


SCHEMA_FILE = "scenario.schema.json"
SCHEMA_PLACES = (SCHEMA_FILE, f"docs/reference/{SCHEMA_FILE}")


def modeline(folder: Path) -> str:
    """The comment that leads an editor to the JSON Schema, if there is one in the folder or in one above it, else "".

    Found are the file that ``openlines schema > scenario.schema.json`` writes, and that of a clone.
    """
    above = folder.resolve()
    for depth, place in enumerate((above, *above.parents)):
        for name in SCHEMA_PLACES:
            if _is_schema(place / name):
                return f"# yaml-language-server: $schema={'../' * depth}{name}\n"
    return ""


def _is_schema(path: Path) -> bool:
    """Whether a file is this language's schema, and not that of something else by the same name."""
    try:
        with path.open(encoding="utf-8") as file:
            return f'"title": "{TITLE}"' in file.read(1000)
    except (OSError, ValueError):
        return False


def write_new(name: str, folder: Path | None = None, begin_with: str = "") -> tuple[Path, ...]:
    """Write ``NAME.yaml`` into a folder (the current one unless given); returns its path, and those of what it needs.

    begin_with  the name of an example that is copied as it is; else a small commented scenario of that name is written.
                What the example extends, or takes for a base, is written beside it unless the same file is there

    Raises ScenarioErrors where the name is no name, the example none, a file is there already, or the folder cannot be
    written to; nothing is written then.
    """
    name = name.removesuffix(".yaml")
    text, needs = template(name), dict[str, bytes]()
    if begin_with:
        from sim.scenario.examples import example

        found = example(begin_with)
        text, needs = found.text, dict(found.needs)
    target = folder or Path()
    path = target / f"{name}.yaml"
    beside = {target / relative: content for relative, content in needs.items()}
    if path in beside:
        raise _refused(path, f"is a file on which {quoted(begin_with)} builds; choose another name")
    for other, content in beside.items():
        if other.exists() and other.read_bytes() != content:
            raise _refused(other, f"exists already and is not the one on which {quoted(begin_with)} builds")
    _write(path, (modeline(target) + text).encode("utf-8"))
    missing = {other: content for other, content in beside.items() if not other.exists()}
    for other, content in missing.items():
        other.parent.mkdir(parents=True, exist_ok=True)
        _write(other, content)
    return path, *missing


def _write(path: Path, content: bytes) -> None:
    try:
        file = path.open("xb")
    except FileExistsError:
        raise _refused(path, "exists already; choose another name") from None
    except OSError as error:
        raise _refused(path, f"cannot be written ({error.strerror})") from None
    try:
        with file:
            file.write(content)
    except OSError as error:
        path.unlink(missing_ok=True)
        raise _refused(path, f"cannot be written ({error.strerror})") from None


def _refused(path: Path, message: str) -> ScenarioErrors:
    return ScenarioErrors([ScenarioError(str(path), 0, 0, "", message)])
