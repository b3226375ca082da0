"""Random scenarios of lines that affect each other, and nothing more."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.strategies import DAYS, START, Draw, durations, effects, moments, one_line, regimes, whole

LEFT_TO_CHANCE = [(), (), (), ("numbers",), ("paths",), ("waits",), ("numbers", "paths", "waits")]
"""What may differ between replications before their first attempts: uncertain numbers, when regimes and events take
place, and how long a line waits to begin. Where nothing does, they begin alike; where one thing does, nearly so."""


@st.composite
def scenarios_abreast(draw: Draw) -> dict[str, Any]:
    """A valid scenario whose lines bear on each other through lasting and fading effects alone.

    The first line affects another one at least; every line has officials of its own."""
    order = draw(st.permutations(["j", "k", "l", "m"]))[: draw(st.integers(2, 4))]
    names = [*order, "c", "d"]
    chance = draw(st.sampled_from(LEFT_TO_CHANCE))
    gates = draw(regimes(names)) if "paths" in chance else {}
    lines: dict[str, Any] = {}
    for at, name in enumerate(order):
        one = draw(one_line({}, [], names)) | {"caller": f"a{at + 1}", "callee": f"b{at + 1}"}
        if at == 0:
            cause = draw(st.sampled_from(["on_contact", "on_unanswered"]))
            one[cause] = draw(effects(names, own=False)) | {"affects": order}
        for cause in {"on_contact", "on_unanswered"} & set(one):
            effect = one[cause]
            if "lasts" in effect:
                effect["half_life"] = effect.pop("lasts")
            if effect["odds_factor"] == 0:
                effect["odds_factor"] = draw(st.sampled_from([0.5, 4.0]))
        lines[name] = one
    officials = tuple(f"{side}{at}" for side in "ab" for at in range(1, 5))
    made = whole(draw, "abreast", DAYS, officials, names, gates, lines)
    if "numbers" not in chance:
        made = known(made) | {"parameters": made["parameters"]}
    if "paths" not in chance:
        made["events"] = {name: dated(event, draw(moments())) for name, event in made["events"].items()}
    for line in made["lines"].values():
        if "waits" in chance and "triggered_by" not in line:
            line["starts"] = {"at": START, "wait": draw(durations())}
        elif "waits" not in chance and isinstance(line.get("starts"), dict):
            line["starts"].pop("wait", None)
    return made


def known(part: Any) -> Any:
    """A scenario, or a part of one, with a number in the place of each that is not known."""
    if isinstance(part, list):
        return [known(one) for one in part]
    if not isinstance(part, dict):
        return part
    return 0.5 if part.keys() & {"prior", "parameter"} else {key: known(value) for key, value in part.items()}


def dated(event: dict[str, Any], date: str) -> dict[str, Any]:
    """The same event at its own dates, without what is drawn about them, or at this one if it has none."""
    at = event.get("at", date)
    others = {key: value for key, value in event.items() if key not in ("every", "starts")}
    return others | {"at": at["date"] if isinstance(at, dict) else at}
