"""Where replications part, and one of them told side by side."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given

from sim.engines.contract import EventLog, LogEntry
from sim.report.narrative.divergence import MOST_TOLD, cause_in_words, side_by_side
from sim.runs.errors import RunRefused
from sim.runs.paired import run_paired
from sim.runs.reuse import part_of
from sim.scenario import loads
from sim.scenario.errors import ScenarioErrors
from sim.scenario.program import Program
from sim.stats.divergence import CAUSES, count_causes, first_divergence, key_of, related_lines
from sim.studies import explain as module
from sim.studies.compare import compare
from sim.studies.contrasts import compare_paired
from sim.studies.explain import Why, explain_all, focus, side, sole_variant, why_from
from tests.strategies import EXAMPLES, what_ifs
from tests.support import line, program, scenario, text, trace

DAILY = {"every": "1 d", "answer": 0.3}
GATE = {
    "affects": ["p"],
    "states": {"shut": {"lasts": {"exponential": {"mean": "4 d"}}, "odds_factor": 0}, "open": {"lasts": "3 d"}},
}


def crisis(lines: dict[str, Any] | None = None, **sections: object) -> dict[str, Any]:
    return scenario(lines or {"p": line(**DAILY)}, **sections)


def q(**keys: object) -> dict[str, object]:
    return line(**{"every": "2 d", "answer": 0.2} | keys)


CASES: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "more answers": (crisis(), crisis({"p": line(every="1 d", answer=0.9)}), "answered"),
    "fewer answers": (crisis({"p": line(every="1 d", answer=0.9)}), crisis(), "unanswered"),
    "sooner": (crisis(), crisis({"p": line(every="6 h", answer=0.3)}), "tried sooner"),
    "later": (crisis({"p": line(every="6 h", answer=0.3)}), crisis(), "tried later"),
    "a channel that opens sooner": (
        crisis(channels={"c": {"opens": "2022-01-10"}}),
        crisis(channels={"c": {"opens": "2022-01-05"}}),
        "opened",
    ),
    "a channel that is out": (
        crisis({"p": line(every="1 d", answer=0)}),
        crisis(
            {"p": line(every="1 d", answer=0)},
            channels={"c": {"outages": [{"from": "2022-01-03", "to": "2022-01-09"}]}},
        ),
        "closed",
    ),
    "another reason": (
        crisis({"p": line(every="1 d", answer=0)}),
        crisis({"p": line(every="1 d", answer=0, unanswered={"declined": 1})}),
        "reason",
    ),
    "a longer delay": (
        crisis({"p": line(answer=1, every="1 d", delay="1 h")}),
        crisis({"p": line(answer=1, every="1 d", delay="2 h")}),
        "answered",
    ),
    "one line more": (crisis(), crisis({"p": line(**DAILY), "q": q()}), "added"),
    "one line fewer": (crisis({"p": line(**DAILY), "q": q()}), crisis(), "removed"),
    "a request that begins later": (crisis(), crisis({"p": line(**DAILY, starts="2022-01-02")}), "begun later"),
    "a request that begins sooner": (crisis({"p": line(**DAILY, starts="2022-01-02")}), crisis(), "begun sooner"),
    "a request that ends": (
        crisis({"p": line(every="1 d", answer=0)}),
        crisis({"p": line(every="1 d", answer=0, give_up="3 d")}),
        "request",
    ),
    "a gate": (
        crisis(regimes={"gate": GATE}),
        crisis(regimes={"gate": GATE | {"states": GATE["states"] | {"open": {"lasts": "5 d"}}}}),  # type: ignore[operator]
        "regime",
    ),
    "a gate that only the variant has": (
        crisis({"p": line(every="1 d", answer=0.9)}),
        crisis({"p": line(every="1 d", answer=0.9)}, regimes={"gate": GATE}),
        "unanswered",
    ),
    "an event that only the base has, and that affects nothing": (
        crisis(events={"remark": {"at": "2022-01-02"}}),
        crisis(),
        "event",
    ),
    "an event": (
        crisis(events={"remark": {"at": "2022-01-02"}}),
        crisis(events={"remark": {"at": "2022-01-03"}}),
        "event",
    ),
    "attempts that end": (
        crisis({"p": line(every="1 d", answer=0)}),
        crisis({"p": line(every="1 d", answer=0, attempts=3)}),
        "request",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_first_difference_has_its_cause(name: str) -> None:
    base, variant, cause = CASES[name]
    programs = (program(base), program(variant))
    found = [first_divergence(trace(base, r), trace(variant, r), programs) for r in range(12)]
    causes = {one.cause for one in found if one is not None}
    if name == "a longer delay":
        assert causes == {"contact later"}
    else:
        assert causes == {cause}, causes
    assert all(one is None or (one.base or one.variant) for one in found)


def test_the_same_scenario_does_not_part_and_a_shifted_contact_does() -> None:
    """The saboteur: one second more in one place of one history."""
    base = crisis({"p": line(**DAILY, delay="2 h")})
    programs = (program(base), program(base))
    event_log = next(h for h in (trace(base, r) for r in range(20)) if h.log_entries[-1].what == "contact")
    assert first_divergence(event_log, event_log, programs) is None
    last = event_log.log_entries[-1]
    later = replace(last, second=last.second + 1)
    shifted = replace(event_log, log_entries=(*event_log.log_entries[:-1], later))
    found = first_divergence(event_log, shifted, programs)
    assert found is not None
    assert (found.second, found.cause, found.base, found.variant) == (last.second, "contact later", last, None)
    cut = replace(event_log, log_entries=event_log.log_entries[:-1])
    assert first_divergence(event_log, cut, programs) == replace(found, cause="no contact")
    back = first_divergence(cut, event_log, programs)
    assert back is not None
    assert (back.cause, back.base, back.variant) == ("contact", None, last)


def test_an_answer_probability_that_changes_no_answer_is_no_difference() -> None:
    one = LogEntry(5, "attempt", "p", {"attempt": 0, "result": "declined", "probability": 0.2, "uniform": 0.9})
    other = replace(one, detail={**one.detail, "probability": 0.3})
    assert key_of(one) == key_of(other)
    assert key_of(one) != key_of(replace(one, detail={**one.detail, "result": "answered"}))


def test_every_cause_has_words_and_is_counted_most_frequent_first() -> None:
    assert all(cause_in_words(cause, "hotline") for cause in CAUSES)
    base, variant, _ = CASES["sooner"]
    programs = (program(base), program(variant))
    found = [one for r in range(5) if (one := first_divergence(trace(base, r), trace(variant, r), programs))]
    other = replace(found[0], cause="event", name="remark")
    assert count_causes([other, *found]) == {("tried sooner", "p"): len(found), ("event", "remark"): 1}


def test_side_by_side_tells_what_happens_in_one_only_and_leaves_out_the_middle() -> None:
    base, variant = crisis({"p": line(every="1 d", answer=0)}), crisis({"p": line(every="12 h", answer=0)})
    scenarios = (loads(text(base)), loads(text(variant)))
    event_logs = (trace(base), trace(variant))
    steps = side_by_side(scenarios, event_logs, (10**9, 10**9))
    assert [step.second for step in steps] == sorted(step.second for step in steps)
    for own in ([s.base for s in steps if s.base], [s.variant for s in steps if s.variant]):
        assert len(own) == MOST_TOLD
        assert any("more such entr" in words for words in own)
    few = side_by_side(scenarios, event_logs, (0, 86_400))
    assert all(not step.base for step in few)


@pytest.fixture(scope="module")
def explained() -> dict[str, Why]:
    base = crisis({"p": line(**DAILY, delay="2 h"), "q": q(answer=0.01)})
    more = crisis({"p": line(every="1 d", answer=0.6, delay="2 h"), "q": q(answer=0.01)})
    humans = {"base": base, "more": more, "same": base}
    scenarios = {name: loads(text(human)) for name, human in humans.items()}
    paired = run_paired({name: program(human) for name, human in humans.items()}, 300, 2)
    return explain_all(paired, scenarios, compare_paired(paired))


def test_a_variant_is_explained_by_a_sample_and_one_replication(explained: dict[str, Why]) -> None:
    one = explained["more"]
    assert one.column == "any"
    assert one.changed >= one.traced == sum(cause.count for cause in one.causes) > 50
    assert {(cause.cause, cause.name) for cause in one.causes} == {("answered", "p")}
    assert one.typical is not None
    assert (one.typical.variant_second or 0) < (one.typical.base_second or 10**9)
    assert one.typical.second < (one.typical.variant_second or 0)
    assert any("CONTACT" in step.variant for step in one.typical.steps)
    assert explained["same"] == Why("any", 0, 0, (), None)


def test_reasons_come_back_from_json(explained: dict[str, Why]) -> None:
    plain = json.loads(json.dumps({name: one.as_dict() for name, one in explained.items()}))
    assert why_from(plain) == explained


def test_the_column_told_of_is_the_line_that_changes_where_any_line_does_not() -> None:
    quick = line(every="1 h", answer=1)
    humans = {"base": crisis({"p": quick, "q": q()}), "more": crisis({"p": quick, "q": q(answer=0.9)})}
    paired = run_paired({name: program(human) for name, human in humans.items()}, 50)
    assert focus(compare_paired(paired), "more") == "line:q"
    assert len(module.changed_replications(paired, "more")) > 10


def test_a_line_that_only_the_variant_has_changes_its_group() -> None:
    """Nothing changes on the line that both have, nor for any line, which has contact at once."""
    quick, slow = line(every="1 h", answer=1), q(answer=0)
    humans = {
        "base": crisis({"p": quick, "q": slow}, report={"groups": {"g": ["q"]}}),
        "relay": crisis({"p": quick, "q": slow, "r": q(answer=0.5)}, report={"groups": {"g": ["q", "r"]}}),
    }
    paired = run_paired({name: program(human) for name, human in humans.items()}, 60)
    compared = compare_paired(paired)
    moved = compared.columns["group:g"].order["relay"].changed
    assert moved > 40
    assert len(module.changed_replications(paired, "relay")) == moved
    assert focus(compared, "relay") == "group:g"
    scenarios = {name: loads(text(human)) for name, human in humans.items()}
    one = explain_all(paired, scenarios, compared)["relay"]
    assert (one.column, one.changed, {cause.cause for cause in one.causes}) == ("group:g", moved, {"added"})
    assert one.typical is not None
    assert (one.typical.base_second, one.typical.variant_second is None) == (None, False)


def test_a_group_that_counts_other_lines_changes_though_nothing_happens_otherwise() -> None:
    lines = {"p": line(every="1 h", answer=1), "q": q(answer=0.5)}
    humans = {
        "base": crisis(lines, report={"groups": {"g": ["q"]}}),
        "both": crisis(lines, report={"groups": {"g": ["p", "q"]}}),
    }
    paired = run_paired({name: program(human) for name, human in humans.items()}, 60)
    scenarios = {name: loads(text(human)) for name, human in humans.items()}
    one = explain_all(paired, scenarios, compare_paired(paired))["both"]
    assert one.changed > 20
    assert [(cause.cause, cause.count) for cause in one.causes] == [("counted", one.traced)]
    assert one.typical is None


@pytest.mark.parametrize("engine", ["reference", "compiled"])
def test_lines_that_nothing_bears_on_are_not_needed_to_say_where_replications_part(engine: str) -> None:
    """Against histories of all lines. The two may differ only where, within one second, the whole ones set something
    against a log entry that both have."""
    seen = set()

    @EXAMPLES
    @given(what_ifs())
    def check(both: tuple[dict[str, Any], dict[str, Any]]) -> None:
        try:
            programs = {name: program(human) for name, human in zip(("base", "variant"), both, strict=True)}
        except ScenarioErrors:
            assume(False)
        tracer, both = module._Tracer(run_paired(programs, 4, engine=engine)), (programs["base"], programs["variant"])
        found = tracer.divergences("variant", "any", list(range(4)))
        for replication in range(4):
            event_logs = [tracer.trace(name, replication) for name in programs]
            part = found.get(replication)
            seen.add(part.cause if part else "")
            line = tracer._line_that_decides("variant", "any", replication)
            whole = None
            if line:
                parts = [part_of(one, lines) for one, lines in zip(both, related_lines(both, line), strict=True)]
                felt = [filtered(*pair) for pair in zip(event_logs, parts, strict=True)]
                whole = first_divergence(felt[0], felt[1], (parts[0], parts[1]))
            assert part == (whole or first_divergence(event_logs[0], event_logs[1], both))

    check()
    assert len(seen) > 6, seen


def filtered(event_log: EventLog, part: Program) -> EventLog:
    """The entries of the lines, regimes and events of a part."""
    names = {"state": part.regimes.names, "event": part.events.names}
    kept = tuple(one for one in event_log.log_entries if one.name in names.get(one.what, part.lines))
    return replace(event_log, log_entries=kept)


BEFORE = {"p": line(every="1 d", answer=0.0005), "q": line(every="1 d", answer=0.05)}
AFTER = {"p": line(every="12 h", answer=0.0005), "q": line(every="1 d", answer=0.1)}


def test_what_differs_on_another_line_is_not_blamed() -> None:
    """Attempts of p come sooner from the first day on; contacts come sooner because q is answered more often."""
    humans = {"base": crisis(BEFORE), "both": crisis(AFTER)}
    scenarios = {name: loads(text(human)) for name, human in humans.items()}
    paired = run_paired({name: program(human) for name, human in humans.items()}, 400)
    found = explain_all(paired, scenarios, compare_paired(paired))["both"]
    assert found.traced > 100
    assert sum(cause.count for cause in found.causes if cause.name == "q") > 0.9 * found.traced
    # The saboteur: the first difference of whole replications is that of p, but where q is answered at the start.
    tracer, both = module._Tracer(paired), (paired.programs["base"], paired.programs["both"])
    wholes = [first_divergence(tracer.trace("base", r), tracer.trace("both", r), both) for r in range(50)]
    assert sum(one is not None and one.name == "p" for one in wholes) > 40


def test_each_of_several_settings_has_its_share(tmp_path: Path) -> None:
    base = tmp_path / "crisis.yaml"
    base.write_text(text(crisis(BEFORE)), encoding="utf-8")
    both = "both: lines.p.every=12 h; lines.q.answer=0.1"
    found = compare(base, 400, what_ifs=[both, "one: lines.q.answer=0.1"], engine="reference", workers=1, save=False)
    assert found.why["one"].settings == ()
    often, willing = found.why["both"].settings
    assert (often.setting, willing.setting) == ("lines.p.every=12 h", "lines.q.answer=0.1")
    orders = found.result.columns["any"].order
    assert willing.moved == orders["one"].changed
    assert often.moved < 0.1 * willing.moved
    change = found.result.columns["any"].contrasts["restricted_mean_seconds"]
    assert willing.alone.estimate == pytest.approx(change["one"].estimate)
    shares = (often.shapley.estimate or 0) + (willing.shapley.estimate or 0)
    assert shares == pytest.approx(change["both"].estimate)
    assert why_from(json.loads(json.dumps({"both": found.why["both"].as_dict()}))) == {"both": found.why["both"]}


def test_settings_that_need_each_other_have_no_shares(tmp_path: Path) -> None:
    """A channel that is closed before it opens is no scenario; both dates together are one."""
    base = tmp_path / "crisis.yaml"
    base.write_text(text(crisis(channels={"c": {"opens": "2022-01-02", "closes": "2022-01-05"}})), encoding="utf-8")
    later = "later: channels.c.opens=2022-01-10; channels.c.closes=2022-01-20"
    found = compare(base, 50, what_ifs=[later], engine="reference", workers=1, save=False)
    assert found.why["later"].changed > 0
    assert found.why["later"].settings == ()


def test_two_replications_side_by_side_diverge_where_the_contact_does() -> None:
    scenarios = {"base": loads(text(crisis(BEFORE))), "both": loads(text(crisis(AFTER)))}
    told = [side(scenarios, "both", replication).told for replication in range(20)]
    moved = [one.cause for one in told if one and one.base_second != one.variant_second]
    assert moved
    assert not any("line p" in cause for cause in moved)


def test_lines_that_effects_or_calls_join_are_related() -> None:
    joined = crisis({"p": q(on_contact={"affects": ["q"], "odds_factor": 2}), "q": q(), "r": q()})
    apart = crisis({"p": q(), "q": q(), "r": q()})
    assert related_lines((program(apart), program(joined)), "q") == ((0, 1), (0, 1))
    assert related_lines((program(apart), program(apart)), "r") == ((2,), (2,))


def test_the_replication_told_is_one_in_which_its_column_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The group changes seldom, another line always: the first few that changed do not show the group."""
    base = {"p": q(), "q": line(every="30 d", answer=0.01)}
    humans = {
        "base": crisis(base, report={"groups": {"g": ["q"]}}),
        "more": crisis(
            base | {"p": q(every="1 d"), "q": line(every="30 d", answer=0.05)}, report={"groups": {"g": ["q"]}}
        ),
    }
    paired = run_paired({name: program(human) for name, human in humans.items()}, 300)
    scenarios = {name: loads(text(human)) for name, human in humans.items()}
    monkeypatch.setattr(module, "MOST", 3)
    monkeypatch.setattr(module, "LEAST", 3)
    one = explain_all(paired, scenarios, compare_paired(paired))["more"]
    assert (one.column, one.traced) == ("group:g", 3)
    assert one.typical is not None
    assert one.typical.base_second != one.typical.variant_second


def test_the_sample_is_as_large_as_its_bounds_say(monkeypatch: pytest.MonkeyPatch) -> None:
    humans = {"base": crisis(), "more": crisis({"p": line(every="1 d", answer=0.9)})}
    paired = run_paired({name: program(human) for name, human in humans.items()}, 200)
    scenarios = {name: loads(text(human)) for name, human in humans.items()}
    monkeypatch.setattr(module, "MOST", 30)
    monkeypatch.setattr(module, "LEAST", 20)
    one = explain_all(paired, scenarios, compare_paired(paired))["more"]
    assert (one.traced, one.changed > 100) == (30, True)


def test_one_replication_of_two_scenarios_is_told_side_by_side() -> None:
    base, variant, _ = CASES["more answers"]
    found = side({"base": loads(text(base)), "more": loads(text(variant))}, "more", 3)
    assert isinstance(found.event_logs[0], EventLog)
    assert found.told is None or found.told.cause.startswith("an attempt on p is answered")
    told = [side({"base": loads(text(base)), "more": loads(text(variant))}, "more", r).told for r in range(5)]
    assert any(one is not None and one.steps for one in told)
    same = side({"base": loads(text(base)), "same": loads(text(base))}, "same")
    assert same.told is None


@pytest.mark.parametrize(
    ("variant", "replication", "words"),
    [
        ("moer", 0, "'moer' is no variant; did you mean 'more'"),
        ("base", 0, "'base' is no variant; expected one of 'more'"),
        ("more", -1, "replication: -1 is out of range"),
        ("more", 1 << 56, "is out of range"),
    ],
)
def test_what_cannot_be_told_is_refused(variant: str, replication: int, words: str) -> None:
    base, other, _ = CASES["more answers"]
    with pytest.raises(RunRefused) as refused:
        side({"base": loads(text(base)), "more": loads(text(other))}, variant, replication)
    assert words in str(refused.value)


def test_the_only_variant_needs_no_name() -> None:
    assert sole_variant(["daily: lines.p.every=1 d"]) == "daily"
    with pytest.raises(RunRefused, match="which one of 'a', 'b'"):
        sole_variant(["a: x=1", "b: x=2"])
