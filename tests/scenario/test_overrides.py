"""`--set PATH=VALUE`: what it changes, and that a path that means nothing never goes unnoticed."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.scenario import load
from sim.scenario.resolved import Distribution
from tests.scenario.language import SMALL, file_refusals, write

TEXT = SMALL.replace("delay: 1 h}", "delay: {lognormal: {median: 6 h, p90: 2 d}}, give_up: 2 d}") + (
    "parameters: {refusal: 0.5}\nevents: {storm: {at: [2022-01-05, 2022-01-09]}}\n"
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write(tmp_path, "f.yaml", TEXT)


def test_a_value_is_replaced(path: Path) -> None:
    assert load(path, ["lines.call.every=2 h"]).lines[0].every == Distribution("fixed", {"value": 7200.0})


def test_a_path_may_go_inside_a_value(path: Path) -> None:
    delay = load(path, ["lines.call.delay.lognormal.p90=1 d"]).lines[0].delay
    assert delay.given == {"median": 21_600.0, "p90": 86_400.0}


def test_a_path_may_go_into_a_list(path: Path) -> None:
    assert [when.second for when in load(path, ["events.storm.at.1=2022-01-02"]).events[0].at] == [4 * 86_400, 86_400]


def test_null_deletes(path: Path) -> None:
    assert load(path, ["lines.call.give_up=null"]).lines[0].give_up is None


def test_later_overrides_see_earlier_ones(path: Path) -> None:
    entry = "{caller: bob, callee: ann, channel: phone, every: 1 d, answer: 0.5, delay: 1 h}"
    scenario = load(path, [f"lines.back={entry}", "lines.back.answer=0.25"])
    assert scenario.lines[1].answer == 0.25


def test_keys_that_the_language_knows_may_be_new(path: Path) -> None:
    scenario = load(path, ["lines.call.on_contact.odds_factor=3", "report.groups.all=[call]"])
    assert scenario.lines[0].on_contact is not None
    assert scenario.groups == {"all": ("call",)}


def test_the_file_is_left_as_it_is(path: Path) -> None:
    load(path, ["lines.call.every=2 h"])
    assert path.read_text(encoding="utf-8") == TEXT


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("lines.call.anwser=3", "unknown key 'anwser'; did you mean 'answer'?"),
        ("lines.cal.answer=0.3", "'cal' is not in lines; did you mean 'call'?"),
        ("lins.call.answer=0.3", "unknown key 'lins'; did you mean 'lines'?"),
        ("parameters.refusl=0.3", "'refusl' is not in parameters; did you mean 'refusal'?"),
        ("lines.call.answer=1.2", "1.2 is not a probability; expected a number from 0 to 1"),
        ("lines.call.give_up=3", "3 has no unit; write a duration such as '30 min', '6 h' or '3 d'"),
        ("lines.call.giv_up=null", "nothing to delete: unknown key 'giv_up'; did you mean 'give_up'?"),
        ("lines.call.starts=null", "nothing to delete: 'starts' is not in lines.call"),
        ("lines.call.every.exponential.mean=1 d", "lines.call.every is '1 d', which has no key 'exponential'"),
        ("events.storm.at.2=2022-01-02", "events.storm.at is a list of 2; '2' is none of its places, from 0"),
        ("events.storm.at.-1=2022-01-02", "events.storm.at is a list of 2; '-1' is none of its places, from 0"),
        ("lines.call.answer", "expected PATH=VALUE, such as lines.hotline.every=30 min"),
        ("lines.call.answer=", "no value after '='; null deletes"),
        ("=3", "expected PATH=VALUE, such as lines.hotline.every=30 min"),
        ("lines..answer=3", "'lines..answer' is no path; expected keys with dots between, such as lines.hotline.every"),
        ("lines.call.answer=&a 1", "anchors and aliases are refused, found '&a'; use 'parameters'"),
        ("lines.call.unanswered={a: 1, a: 0}", "duplicate key 'a'"),
        ("extends=x.yaml", "'extends' cannot be overridden; extend another file instead"),
        ("channels.phone.opens=2022-02-30", "'2022-02-30' is no date (day is out of range for month)"),
    ],
)
def test_what_is_wrong_is_told_with_the_override(path: Path, override: str, message: str) -> None:
    assert file_refusals(path, override) == [f"--set {override}: {message}"]


def test_what_an_override_breaks_elsewhere_is_told_there(path: Path) -> None:
    (error,) = file_refusals(path, "channels={radio: {}}")
    assert error == "f.yaml:11:45 lines.call.channel: 'phone' is no channel"


def test_all_overrides_that_are_wrong_are_told_at_once(tmp_path: Path) -> None:
    path = write(tmp_path, "f.yaml", TEXT.replace("channel: phone", "channel: phon"))
    overrides = ["foo", "lines.call.answer=2", "lines..x=1", "lines.call.every=[1 d", "lines.call.evry=1 d"]
    errors = file_refusals(path, *overrides)
    assert sorted(error.partition(": ")[0] for error in errors if error.startswith("--set")) == sorted(
        f"--set {override}" for override in overrides
    )
    (other,) = [error for error in errors if not error.startswith("--set")]
    assert other.endswith("'phon' is no channel; did you mean 'phone'?")
