"""What lines and channels are worth, against closed forms and against brute force."""

from __future__ import annotations

import json
from itertools import permutations
from pathlib import Path

import pytest

from sim.runs.errors import RunRefused
from sim.scenario import loads
from sim.scenario.resolved import Scenario
from sim.stats.intervals import Estimate
from sim.stats.outcomes import Outcome
from sim.studies import attribute as module
from sim.studies.attribute import AttributionResult, attribute
from tests.studies.poisson import DAY, HORIZON, LINES, contact, human, saved, write
from tests.support import line, scenario, text

N = 4000
BY = 10 * DAY
GROUPS = {"report": {"groups": {"first": ["p"], "two": ["p", "q"]}}}


def loaded(written: dict[str, object]) -> Scenario:
    return loads(text(written))


@pytest.fixture(scope="module")
def found() -> AttributionResult:
    return attribute(loaded(human(**GROUPS)), N, by="10 d", engine="compiled")


def assert_near(one: Estimate | None, exact: float) -> None:
    """Within 4.5 standard errors, as the interval (1.96 of them) has it."""
    assert one is not None
    assert one.estimate is not None
    assert one.high is not None
    assert one.low is not None
    assert abs(one.estimate - exact) <= 4.5 * (one.high - one.low) / 2 / 1.96


def by_definition(name: str, worth: object) -> float:
    """The mean over all orders of joining of what a line adds."""
    orders = list(permutations(LINES))
    added = [worth([*order[: order.index(name)], name]) - worth(order[: order.index(name)]) for order in orders]  # type: ignore[operator]
    return sum(added) / len(orders)


@pytest.mark.parametrize("name", LINES)
def test_exponential_lines_are_worth_what_the_closed_form_says(found: AttributionResult, name: str) -> None:
    """A tenth of the smallest worth (0.05 in probability, a day) would be seen."""
    for outcome, worth in (
        (Outcome("any", BY), lambda lines: contact(lines, BY) if lines else 0.0),
        (Outcome("any"), lambda lines: saved(lines) if lines else 0.0),
    ):
        one = next(one for one in found.of("line", outcome) if one.name == name)
        others = [other for other in LINES if other != name]
        assert_near(one.loss, worth(list(LINES)) - worth(others))
        assert_near(one.shapley, by_definition(name, worth))


def test_channels_are_all_of_their_lines(found: AttributionResult) -> None:
    worths = {one.name: one for one in found.of("channel", Outcome("any", BY))}
    assert list(worths) == ["c", "d"]
    assert_near(worths["c"].without, contact(["r"], BY))
    assert_near(worths["c"].shapley, (contact("pqr", BY) - contact("r", BY) + contact("pq", BY)) / 2)
    assert worths["d"].loss == next(one for one in found.of("line", Outcome("any", BY)) if one.name == "r").loss


def test_shapley_values_add_up(found: AttributionResult) -> None:
    for kind in ("line", "channel"):
        for column in found.columns:
            contacts, waits = (found.of(kind, Outcome(column, by)) for by in (BY, None))
            whole = contacts[0].with_it.estimate
            assert sum(one.shapley.estimate for one in contacts) == pytest.approx(whole, rel=1e-14)  # type: ignore[union-attr,misc]
            saving = HORIZON - (waits[0].with_it.estimate or 0)
            assert sum(one.shapley.estimate for one in waits) == pytest.approx(saving, rel=1e-14)  # type: ignore[union-attr,misc]


def test_a_line_outside_the_column_is_worth_nothing_to_it(found: AttributionResult) -> None:
    for kind in ("line", "channel"):
        for outcome in (Outcome("group:first", BY), Outcome("group:first")):
            for one in found.of(kind, outcome):
                if one.name not in {"p", "c"}:
                    assert (one.loss.estimate, one.changed) == (0, 0)
                    assert one.shapley == Estimate(0, 0, 0)


def test_independent_lines_pay_no_price(found: AttributionResult) -> None:
    assert {row.column for row in found.redundancy} == {"any", "group:two"}
    assert [row.by for row in found.redundancy if row.column == "any"] == [DAY, 7 * DAY, BY, 30 * DAY]
    for row in found.redundancy:
        assert_near(row.loss, 0)
        assert_near(row.simulated, contact("pqr" if row.column == "any" else "pq", row.by))


def test_a_gate_has_a_price() -> None:
    """Two lines answered if and only if the gate is open, which it is with 0.4: 1 − 0.6² − 0.4 = 0.24."""
    gate = {
        "affects": ["p", "q"],
        "initially": {"open": 0.4, "shut": 0.6},
        "states": {"open": {}, "shut": {"odds_factor": 0}},
    }
    lines = {"p": line(answer=1, every="40 d"), "q": line(answer=1, every="40 d")}
    found = attribute(loaded(scenario(lines, regimes={"gate": gate})), 2000, engine="compiled")
    assert_near(found.redundancy[-1].loss, 0.24)
    assert found.redundancy[-1].loss.low is not None
    assert found.redundancy[-1].loss.low > 0.2
    assert [one.loss.estimate for one in found.of("line", Outcome("any", found.by))] == [0, 0]


JOINED = scenario(
    {
        "p": line(answer=0.2, every="1 d", call="8 h", on_contact={"affects": ["q"], "odds_factor": 4}),
        "q": line(answer=0.1, every="18 h", call="3 h", until={"contact": "p"}),
        "r": line(answer=0.3, every="2 d", starts={"after": {"unanswered": "p"}}),
        "s": line(answer=0.1, every="1 d", caller="e", callee="f", channel="d"),
    },
    officials={name: {"side": "A" if name in "ae" else "B"} for name in "abef"},
    channels={"c": {}, "d": {}},
)


def test_lines_in_parts_are_worth_what_all_coalitions_say(monkeypatch: pytest.MonkeyPatch) -> None:
    """Taken apart by components, or every coalition run as a whole: the same to the bit."""
    apart = attribute(loaded(JOINED), 48, engine="reference")
    assert apart.components == (("p", "q", "r"), ("s",))
    monkeypatch.setattr(module, "components", lambda program: (tuple(range(len(program.lines))),))
    whole = attribute(loaded(JOINED), 48, engine="reference")
    assert apart.contributions == whole.contributions
    assert apart.redundancy == whole.redundancy


def test_parts_that_are_none_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The saboteur of the test above."""
    apart = attribute(loaded(JOINED), 48, engine="reference")
    monkeypatch.setattr(module, "components", lambda program: tuple((at,) for at in range(len(program.lines))))
    assert attribute(loaded(JOINED), 48, engine="reference").contributions != apart.contributions


def test_a_line_can_be_worth_less_than_nothing() -> None:
    """p keeps the officials in calls, and ends nothing by itself: without it q is sooner."""
    lines = {"p": line(answer=1, every="3 h", call="6 h", until="horizon"), "q": line(answer=0.2, every="2 h")}
    written = scenario(lines, end="2022-01-04", report={"groups": {"only": ["q"]}})
    found = attribute(loaded(written), 200, of=["only"])
    loss = next(one for one in found.of("line", Outcome("group:only")) if one.name == "p").loss
    assert loss.high is not None
    assert loss.high < 0


def test_uncertain_numbers_make_blocks_the_unit() -> None:
    written = human()
    written["lines"]["p"]["answer"] = {"prior": {"beta": [2, 8]}}
    assert attribute(loaded(written), 64, engine="reference").spec.unit == 16


def test_too_many_players_have_no_shapley_values_and_too_many_lines_are_refused() -> None:
    def lines(count: int) -> Scenario:
        return loaded(scenario({f"l{at}": line(answer=0.1, every="1 d") for at in range(count)}))

    found = attribute(lines(11), 16, engine="reference")
    assert "line" not in found.shapley_replications
    assert all(one.shapley is None for one in found.of("line", Outcome("any")))
    assert found.of("channel", Outcome("any"))[0].shapley is not None
    with pytest.raises(RunRefused, match="101 lines are too many"):
        attribute(lines(101), 16)


def test_many_coalitions_take_fewer_replications(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "COALITIONS_BUDGET", 150)
    found = attribute(loaded(JOINED), 100, engine="reference")
    assert found.shapley_replications == {"line": 48, "channel": 48}
    assert found.spec.replications == 100
    chosen = attribute(loaded(JOINED), 100, engine="reference", shapley_replications=100)
    assert chosen.shapley_replications["line"] == 100
    for value in (0, 101):
        with pytest.raises(RunRefused, match=f"shapley_replications: {value} is out of range"):
            attribute(loaded(JOINED), 100, shapley_replications=value)


def test_a_file_with_changes_and_an_object_give_the_same(tmp_path: Path) -> None:
    path = write(tmp_path, human())
    setting = "lines.p.answer=0.4"
    changed = human()
    changed["lines"]["p"]["answer"] = 0.4
    one = attribute(path, 50, overrides=[setting], engine="reference")
    assert one.spec.changes == (setting,)
    assert one.contributions == attribute(loaded(changed), 50, engine="reference").contributions


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"of": ["linne:p"]}, "'linne:p' is no line, group, channel, level or side; did you mean 'line:p'?"),
        ({"of": ["side:B"]}, "side:B has no line"),
        ({"by": "30"}, "by: '30' has no unit"),
        ({"by": "31 d"}, "by: 2678400 s is out of range"),
        ({"by": 0}, "by: 0 s is out of range"),
        ({"replications": 0}, "replications: 0 is out of range"),
        ({"seed": -1}, "seed: -1 is out of range"),
        ({"engine": "quick"}, "'quick' is no engine"),
        ({"overrides": ["lines.p.answer=1"]}, "overrides need the path of a scenario file"),
    ],
)
def test_wrong_input_is_refused(settings: dict[str, object], words: str) -> None:
    with pytest.raises(RunRefused, match=words.replace("?", r"\?")):
        attribute(loaded(human()), **settings)  # type: ignore[arg-type]


def test_results_are_tables_json_and_html(found: AttributionResult) -> None:
    table = found.to_arrow()
    assert table.num_rows == len(found.contributions) == 2 * 3 * (3 + 2)
    assert {"kind", "name", "column", "by_seconds", "loss", "loss_low", "shapley_high"} <= set(table.column_names)
    plain = json.loads(json.dumps(found.as_dict(), allow_nan=False))
    assert plain["contributions"][0]["outcome"] == {"column": "any", "by": BY}
    shown = found._repr_html_()
    assert shown.count("<tr>") == 31
    assert "The channel whose loss costs most is" in shown
    assert found.plot(kind="line").get_yticklabels()[-1].get_text() in LINES
