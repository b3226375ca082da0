"""Random scenarios of lines that affect each other, and nothing more."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.strategies import DAYS, Draw, effects, moments, one_line, regimes, whole


@st.composite
def scenarios_abreast(draw: Draw) -> dict[str, Any]:
    """A valid scenario whose lines bear on each other through lasting and fading effects alone.

    The first line affects another one at least; every line has officials of its own. In about half of the scenarios
    all replications begin alike."""
    order = draw(st.permutations(["j", "k", "l", "m"]))[: draw(st.integers(2, 4))]
    names = [*order, "c", "d"]
    alike = draw(st.booleans())
    gates = {} if alike else draw(regimes(names))
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
    return draw(beginning_alike(made)) if alike else made


@st.composite
def beginning_alike(draw: Draw, human: dict[str, Any]) -> dict[str, Any]:
    """The same without what makes replications differ before their first attempts: uncertain numbers, and chance in
    dates and waits."""
    made: dict[str, Any] = known(human) | {"parameters": human["parameters"]}
    for event in made["events"].values():
        if event.pop("every", None) is not None:
            event.pop("starts", None)
            event["at"] = draw(moments())
        elif isinstance(event["at"], dict):
            del event["at"]["plus"]
    for line in made["lines"].values():
        if isinstance(line.get("starts"), dict):
            line["starts"].pop("wait", None)
    return made


def known(part: Any) -> Any:
    """A scenario, or a part of one, with a number in the place of each that is not known."""
    if isinstance(part, list):
        return [known(one) for one in part]
    if not isinstance(part, dict):
        return part
    return 0.5 if part.keys() & {"prior", "parameter"} else {key: known(value) for key, value in part.items()}
