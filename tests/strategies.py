"""Random scenarios that cover every construct of the language and their combinations.

Durations are mostly multiples of half an hour, so that log entries meet at one second far more often than chance would
have it: that is where engines differ. Scenarios are small (one to five lines, one to four days, at most some hundred
attempts a replication) and always valid."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from tests.support import DEEP

EXAMPLES = settings(
    max_examples=300 if DEEP else 20,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
"""How every property is tried: the same scenarios each time, and many more in a deep campaign."""

Draw = Any
"""The `draw` of a composite strategy."""

START, DAYS = "2022-03-26", 4
ZONES = ("UTC", "America/New_York", "Europe/Berlin", "Europe/Moscow", "Asia/Kolkata")


def half_hours(least: int, most: int) -> st.SearchStrategy[str]:
    """A duration, in one of the units a person might use."""
    return st.integers(least, most).map(lambda k: f"{k // 2} h" if k % 2 == 0 else f"{30 * k} min")


def moments(first: int = 0, last: int = 47 * DAYS) -> st.SearchStrategy[str]:
    """A date and time on the half hour, counted in half hours from the clock's start."""
    return st.integers(first, last).map(lambda k: f"2022-03-{26 + k // 48:02d} {k // 2 % 24:02d}:{30 * (k % 2):02d}")


def odds() -> st.SearchStrategy[float]:
    return st.sampled_from([0.02, 0.3, 0.5, 0.98, 1.0, 1.5, 4.0, 30.0])


@st.composite
def durations(draw: Draw, least: int = 1, most: int = 24) -> Any:
    """A distribution of times between about `least` and `most` half hours, in any family and way of writing it."""
    low = draw(st.integers(least, most - 1))
    high = draw(st.integers(low + 1, most))
    a, b, middle = f"{30 * low} min", f"{30 * high} min", f"{15 * (low + high)} min"
    return draw(
        st.sampled_from(
            [
                a,
                {"exponential": {"mean": b}},
                {"exponential": {"median": b}},
                {"uniform": {"min": a, "max": b}},
                {"uniform": [a, b]},
                {"triangular": {"min": a, "mode": middle, "max": b}},
                {"pert": {"min": a, "mode": middle, "max": b}},
                {"lognormal": {"median": middle, "sigma": 0.4}},
                {"lognormal": {"median": middle, "p90": f"{60 * high} min"}},
                {"lognormal": {"mean": middle, "sd": a}},
                {"weibull": {"shape": 1.5, "scale": middle}},
                {"gamma": {"mean": middle, "sd": a}},
                {"loglogistic": {"median": middle, "shape": 3.0}},
                {"empirical": [a, middle, b]},
                {"scipy": {"name": "invgauss", "mu": 0.5, "scale": middle}},
            ]
        )
    )


def waits() -> st.SearchStrategy[Any]:
    """A time that may be 0."""
    return st.one_of(
        st.just("0 s"), half_hours(0, 12), st.just({"uniform": {"min": "0 h", "max": "6 h"}}), durations(most=12)
    )


@st.composite
def answers(draw: Draw) -> Any:
    """A probability: known, certain, wrapped, with a prior in place, or a parameter."""
    plain = draw(st.sampled_from([0, 0.05, 0.3, 0.5, 0.9, 1]))
    return draw(
        st.sampled_from(
            [
                plain,
                plain,
                {"value": plain, "basis": "assumption", "why": "drawn"},
                {"prior": {"beta": {"a": 2, "b": 5}}},
                {"prior": {"uniform": [0.1, 0.9]}},
                {"parameter": "p"},
                {"parameter": "p-known"},
            ]
        )
    )


@st.composite
def effects(draw: Draw, names: list[str], own: bool) -> dict[str, Any]:
    """An effect on some of `names`; where `own`, it may also be left to the own line."""
    effect: dict[str, Any] = {}
    if not own or draw(st.booleans()):
        effect["affects"] = draw(st.lists(st.sampled_from(names), min_size=1, max_size=3, unique=True))
    shape = draw(st.sampled_from(["permanent", "lasts", "half_life"]))
    if shape != "permanent":
        effect[shape] = draw(half_hours(1, 24))
    effect["odds_factor"] = draw(odds())
    if shape == "lasts" and draw(st.booleans()):
        effect["odds_factor"] = 0
    elif draw(st.integers(0, 5)) == 0:
        effect["odds_factor"] = draw(st.sampled_from([{"parameter": "factor"}, {"prior": {"uniform": [0.5, 2]}}]))
    return effect


@st.composite
def people(draw: Draw, names: tuple[str, ...]) -> dict[str, Any]:
    """Officials, about a quarter of them with duty hours, some with holidays."""
    duties = [
        "Mon-Fri 08:00-19:00",
        "Mon-Sun 09:00-17:00",
        ["Sat,Sun 00:00-24:00", "Mon-Fri 10:00-14:00"],
        "Sat 22:00-06:00",
        "Mon-Sun 01:30-03:30",
        "always",
    ]
    made: dict[str, Any] = {}
    for name in names:
        made[name] = {"side": name[0].upper()}
        if draw(st.integers(0, 3)) == 0:
            made[name]["duty"] = draw(st.sampled_from(duties))
            if draw(st.booleans()):
                made[name]["holidays"] = ["2022-03-27"]
    return made


@st.composite
def channels(draw: Draw) -> dict[str, Any]:
    """Channels c and d, with levels, openings, closings and outages."""
    made: dict[str, Any] = {"c": {}, "d": {"level": "working"}}
    for channel in made.values():
        if draw(st.integers(0, 3)) == 0:
            channel["opens"] = draw(moments(0, 24))
        if draw(st.integers(0, 3)) == 0:
            channel["closes"] = draw(moments(60, 180))
        if draw(st.integers(0, 2)) == 0:
            first = draw(st.integers(1, 120))
            length = draw(st.integers(1, 30))
            channel["outages"] = [
                {"from": draw(moments(first, first)), "to": draw(moments(first + length, first + length))}
            ]
    return made


@st.composite
def regimes(draw: Draw, names: list[str]) -> dict[str, Any]:
    made = {}
    for name in draw(st.sampled_from([[], ["gate"], ["gate", "mood"]])):
        states: dict[str, Any] = {}
        for state in ("open", "shut", "half")[: draw(st.integers(2, 3))]:
            states[state] = {"odds_factor": draw(st.sampled_from([0, 0.1, 0.5, 1, 2]))}
            if draw(st.integers(0, 4)):
                states[state]["lasts"] = draw(durations(2, 40))
        regime: dict[str, Any] = {
            "affects": draw(st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True))
        }
        start = draw(st.sampled_from(["default", "named", "mixed"]))
        if start == "named":
            regime["initially"] = draw(st.sampled_from(sorted(states)))
        elif start == "mixed":
            regime["initially"] = {"open": 0.25, "shut": 0.75}
        made[name] = regime | {"states": states}
    return made


@st.composite
def events(draw: Draw, names: list[str], gates: dict[str, Any]) -> dict[str, Any]:
    """Always `e`, so that lines have something to be triggered by; sometimes `f`."""
    made: dict[str, Any] = {}
    for name in draw(st.sampled_from([["e"], ["e", "f"]])):
        kind = draw(st.sampled_from(["date", "dates", "plus", "every", "every from"]))
        event: dict[str, Any]
        if kind == "date":
            event = {"at": draw(moments())}
        elif kind == "dates":
            event = {"at": sorted(draw(st.lists(moments(), min_size=2, max_size=4, unique=True)))}
        elif kind == "plus":
            event = {"at": {"date": draw(moments(0, 90)), "plus": draw(waits())}}
        else:
            event = {"every": draw(durations(3, 24))}
            if kind == "every from":
                event["starts"] = draw(moments(0, 90))
        if draw(st.booleans()):
            event["effect"] = draw(effects(names, own=False))
        if gates and draw(st.booleans()):
            gate = draw(st.sampled_from(sorted(gates)))
            event["switches"] = {gate: draw(st.sampled_from(sorted(gates[gate]["states"])))}
        made[name] = event
    return made


@st.composite
def begins(draw: Draw, before: list[str], quitters: list[str]) -> dict[str, Any]:
    """`starts` or `triggered_by`, naming only lines declared before, so that no ring of lines waits for itself;
    `quitters` are those of them that may give up."""
    kinds = ["default", "date", "wait", "event", "after event"]
    kinds += ["after line", "after group"] * bool(before) + ["gave up"] * bool(quitters)
    kind = draw(st.sampled_from(kinds))
    if kind == "default":
        return {}
    if kind == "date":
        return {"starts": draw(moments(0, 60))}
    if kind == "wait":
        return {"starts": {"at": draw(moments(0, 40)), "wait": draw(waits())}}
    if kind == "event":
        return {"triggered_by": "e"}
    if kind == "gave up":
        return {"triggered_by": {"gave_up": draw(st.sampled_from(quitters))}}
    after: dict[str, Any] = {"event": "e"}
    if kind != "after event":
        what = draw(st.sampled_from(["contact", "unanswered"] + ["gave_up"] * bool(quitters)))
        named = quitters if what == "gave_up" else [*before, "both"] if kind == "after group" else before
        after = {what: draw(st.sampled_from(named))}
    if draw(st.booleans()):
        after["count"] = draw(st.integers(1, 3))
    starts: dict[str, Any] = {"after": after}
    if draw(st.booleans()):
        starts["wait"] = draw(waits())
    return {"starts": starts}


@st.composite
def one_line(draw: Draw, before: dict[str, Any], others: list[str], names: list[str]) -> dict[str, Any]:
    """One line: those `before` may be waited for, contacts of `others` may end its requests, `names` may be
    affected."""
    quitters = [name for name, line in before.items() if "give_up" in line or "attempts" in line]
    caller, callee = draw(
        st.sampled_from([("a1", "b1"), ("a2", "b1"), ("a1", "b2"), ("b1", "a1"), ("b1", "a2"), ("a2", "b1")])
    )
    made: dict[str, Any] = {
        "caller": caller,
        "callee": callee,
        "channel": draw(st.sampled_from(["c", "d"])),
        "every": draw(durations(1, 10)),
        "answer": draw(answers()),
        "delay": draw(waits()),
    } | draw(begins(list(before), quitters))
    if draw(st.integers(0, 3)):
        made["call"] = draw(st.one_of(half_hours(2, 24), durations(4, 24), st.just("0 s")))
    until = ["contact", None] + ["horizon"] * (4 * ("triggered_by" not in made)) + ["line", "group"] * bool(others)
    chosen = draw(st.sampled_from(until))
    if chosen in ("line", "group"):
        made["until"] = {"contact": "both" if chosen == "group" else draw(st.sampled_from(others))}
    elif chosen:
        made["until"] = chosen
    if draw(st.integers(0, 2)) == 0:
        made["give_up"] = draw(half_hours(1, 60))
    if draw(st.integers(0, 3)) == 0:
        made["attempts"] = draw(st.integers(1, 4))
    if draw(st.booleans()):
        made["unanswered"] = draw(
            st.sampled_from([{"declined": 0.7, "no reply": 0.3}, {"no reply": 1}, {"a": 0.25, "b": 0.75}])
        )
    for effect in ("on_unanswered", "on_contact"):
        if draw(st.integers(0, 2)) == 0:
            made[effect] = draw(effects(names, own=True))
    return made


def whole(
    draw: Draw,
    title: str,
    days: int,
    officials: tuple[str, ...],
    names: list[str],
    gates: dict[str, Any],
    lines: dict[str, Any],
) -> dict[str, Any]:
    """A scenario of these `lines` and `gates`: what else there is is drawn. Events may affect `names`."""
    return {
        "scenario": 1,
        "title": title,
        "clock": {"start": START, "end": f"2022-03-{26 + days:02d}"},
        "sides": {"A": {"timezone": draw(st.sampled_from(ZONES))}, "B": {"timezone": draw(st.sampled_from(ZONES))}},
        "officials": draw(people(officials)),
        "channels": draw(channels()),
        "parameters": {
            "p": {"prior": {"beta": {"a": 3, "b": 3}}},
            "p-known": {"value": 0.4, "basis": "assumption"},
            "factor": {"prior": {"lognormal": {"median": 1, "sigma": 0.5}}},
        },
        "regimes": gates,
        "events": draw(events(names, gates)),
        "lines": lines,
    }


@st.composite
def scenarios(draw: Draw, most_lines: int = 5) -> dict[str, Any]:
    """A valid scenario of the human model, as data (see `tests.support.text`)."""
    order = draw(st.permutations(["k", "l", "m", "r", "s"]))[: draw(st.integers(1, most_lines))]
    names = [*order, "c", "d", "a1", "b1", "A", "B"]
    gates = draw(regimes(names))
    lines: dict[str, Any] = {}
    for name in order:
        lines[name] = draw(one_line(dict(lines), [other for other in order if other != name], names))
    days = draw(st.sampled_from([DAYS, 3, 2, DAYS, 1]))
    made = whole(draw, "random", days, ("a1", "a2", "b1", "b2"), names, gates, lines)
    return made | {"report": {"groups": {"both": [*order[:2]]}}}


@st.composite
def scenarios_apart(draw: Draw) -> dict[str, Any]:
    """A valid scenario whose lines depend on each other through calls at most: no references, no effects on others.

    About half of the scenarios have officials of their own for every line, the others share some."""
    order = draw(st.permutations(["k", "l", "m"]))[: draw(st.integers(1, 3))]
    names = [*order, "c", "d"]
    gates = draw(regimes(names))
    shared = draw(st.booleans())
    lines: dict[str, Any] = {}
    for at, name in enumerate(order):
        one = draw(one_line({}, [], [name]))
        if not shared:
            one |= {"caller": f"a{at + 1}", "callee": f"b{at + 1}"}
        lines[name] = one
    return whole(draw, "apart", DAYS, ("a1", "a2", "a3", "b1", "b2", "b3"), names, gates, lines)


SETTINGS: dict[str, list[Any]] = {
    "answer": [0.25, 1, {"parameter": "p"}],
    "every": ["3 h", {"exponential": {"mean": "5 h"}}],
    "delay": ["0 s", "1 h"],
    "call": ["0 s", "2 h"],
    "give_up": ["1 d"],
    "attempts": [2],
    "unanswered": [{"no reply": 0.5, "hung up": 0.5}],
    "on_contact": [{"odds_factor": 3, "half_life": "6 h"}],
    "channel": ["c"],
    "caller": ["a1"],
}
"""Keys of a line and what a variant may set them to."""


@st.composite
def what_ifs(draw: Draw) -> tuple[dict[str, Any], dict[str, Any]]:
    """A random scenario, and the same with one thing changed, which may be nothing."""
    base = draw(st.one_of(scenarios(), scenarios_apart()))
    variant = deepcopy(base)
    names = [*base["lines"], "c", "d"]
    kind = draw(st.sampled_from([*["line"] * 6, "no line", "officials", "channels", "events", "regimes", "parameter"]))
    name = draw(st.sampled_from(sorted(base["lines"])))
    if kind == "line":
        key = draw(st.sampled_from(sorted(SETTINGS)))
        variant["lines"][name][key] = draw(st.sampled_from(SETTINGS[key]))
    elif kind == "no line":
        del variant["lines"][name]
    elif kind == "officials":
        variant[kind] = draw(people(tuple(base[kind])))
    elif kind == "channels":
        variant[kind] = draw(channels())
    elif kind == "events":
        variant[kind] = draw(events(names, base["regimes"]))
    elif kind == "regimes":
        variant[kind] = draw(regimes(names))
    else:
        variant["parameters"]["p"] = {"prior": {"beta": {"a": 2, "b": 9}}}
    return base, variant
