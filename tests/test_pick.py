"""A replication of a kind is the one that the run of the same seed shows."""

from __future__ import annotations

import pytest

from sim import api
from sim.pick import column_named, pick
from sim.runs.errors import RunRefused
from sim.scenario import loads
from tests.support import line, scenario, text

HUMAN = scenario(
    {
        "x": line(every="1 d", answer=0.1),
        "w": line(every="1 d", answer=0.05, channel="d"),
        "z": line(every="1 d", answer=0, channel="d"),
    },
    channels={"c": {"level": "senior"}, "d": {"level": "w"}},
    report={"groups": {"both": ["x", "w"], "z": ["z", "x"]}},
)
LOADED = loads(text(HUMAN))


@pytest.mark.parametrize("choice", ["typical", "earliest", "latest"])
@pytest.mark.parametrize("column", ["any", "line:w", "group:both", "side:A"])
def test_what_is_picked_has_the_first_contact_that_it_says(choice: str, column: str) -> None:
    found = pick(LOADED, choice, column, 200, 5)
    times = api.run(LOADED, 200, 5, save=False).first_contact().column(column).to_pylist()
    assert times[found.replication] == found.second
    reached = sorted(time for time in times if time is not None)
    assert found.contacts == len(reached)
    if found.second is not None:
        expected = {"earliest": reached[0], "latest": reached[-1], "typical": found.median}
        assert found.second == expected[choice]


def test_the_event_log_of_what_is_picked_agrees() -> None:
    found = pick(LOADED, "earliest", "line:w", 200, 5)
    event_log = api.trace(LOADED, 5, found.replication)
    contacts = [one.second for one in event_log.log_entries if one.what == "contact" and one.name == "w"]
    assert contacts[0] == found.second
    silent = pick(LOADED, "no-contact", "line:w", 200, 5)
    assert not [
        one for one in api.trace(LOADED, 5, silent.replication).log_entries if (one.what, one.name) == ("contact", "w")
    ]


def test_another_seed_picks_another() -> None:
    assert pick(LOADED, "latest", "line:x", 200, 5) != pick(LOADED, "latest", "line:x", 200, 6)


@pytest.mark.parametrize(
    ("name", "column"), [("any", "any"), ("x", "line:x"), ("both", "group:both"), ("line:w", "line:w"), ("A", "side:A")]
)
def test_a_name_that_one_column_has_is_enough(name: str, column: str) -> None:
    assert column_named(LOADED, name) == column


def test_every_column_of_a_run_can_be_named() -> None:
    for column in api.run(LOADED, 2, save=False).totals.columns:
        assert column_named(LOADED, column) == column


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("w", "may mean line:w or level:w"),
        ("z", "may mean line:z or group:z"),
        ("bothh", "did you mean 'both'"),
        ("lin:x", "did you mean 'line:x'"),
        ("", "is no line, group, channel, level or side"),
    ],
)
def test_a_name_that_says_not_which_is_refused(name: str, said: str) -> None:
    with pytest.raises(RunRefused, match=said):
        column_named(LOADED, name)


def test_a_pool_without_the_kind_says_what_to_do() -> None:
    with pytest.raises(RunRefused, match="none is earliest; --outcome chooses another column, --pool a larger pool"):
        pick(LOADED, "earliest", "line:z", 20)
    with pytest.raises(RunRefused, match="replications"):
        pick(LOADED, "typical", "any", 0)
