"""A small scenario to begin with."""

from __future__ import annotations

from pathlib import Path

from sim.scenario.check_names import NAME
from sim.scenario.errors import ScenarioError, ScenarioErrors, quoted

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
    delay: {{lognormal: {{median: 6 h, p90: 2 d}}}} # from an answered attempt to the contact
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
