"""A small scenario to begin with."""

from __future__ import annotations

from pathlib import Path

from sim.scenario.check_names import NAME
from sim.scenario.errors import ScenarioError, ScenarioErrors, quoted

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
    triggered_by: incident                      # an errand for every incident
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


def write_new(name: str, folder: Path | None = None) -> Path:
    """Write ``NAME.yaml`` into a folder (the current one unless given) and return its path.

    Raises ScenarioErrors where the name is no name, a file is there already, or the folder cannot be written to.
    """
    name = name.removesuffix(".yaml")
    text = template(name)
    path = (folder or Path()) / f"{name}.yaml"
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise ScenarioErrors([ScenarioError(str(path), 0, 0, "", "exists already; choose another name")]) from None
    except OSError as error:
        message = f"cannot be written ({error.strerror})"
        raise ScenarioErrors([ScenarioError(str(path), 0, 0, "", message)]) from None
    return path
