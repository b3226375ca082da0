"""The shipped what-ifs of the baseline: what they change, and what they leave as it was."""

from __future__ import annotations

import math
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from sim import engines
from sim.scenario.program import compile_scenario
from sim.scenario.resolved import Scenario
from sim.scenario.whatif import WhatIf, load_whatif
from tests.scenarios.closed_form import answer_while_open, answered_share, attempts, open_share
from tests.scenarios.documents import ROOT

FILE = ROOT / "scenarios" / "us-russia-2022-what-ifs.yaml"
NAMES = (
    "hotline a week earlier",
    "no hotline",
    "daily attempts",
    "daily attempts were the record",
    "weekly attempts on a fixed day",
    "no shared gate",
    "no public criticism",
    "public complaints harm",
    "a third party's line",
    "the chiefs first",
    "the chiefs first, and it helps",
)
N = 1200


@cache
def what_ifs(path: Path = FILE) -> WhatIf:
    return load_whatif(path)


@cache
def times(name: str) -> np.ndarray:
    """First contacts of a variant, or of the base, by replication and line; NEVER is negative."""
    scenario = what_ifs().variants.get(name, what_ifs().base)
    program = compile_scenario(scenario, 16)
    return engines.get("compiled").simulate(program, 1, range(N)).first_contact


def column(scenario: Scenario, line: str) -> int:
    return [one.name for one in scenario.lines].index(line)


def contact(name: str, line: str) -> np.ndarray:
    scenario = what_ifs().variants.get(name, what_ifs().base)
    return times(name)[:, column(scenario, line)] >= 0


def test_the_variants_are_those_that_are_discussed() -> None:
    assert tuple(what_ifs().variants) == NAMES
    assert what_ifs().warnings == ()


@pytest.mark.parametrize("name", NAMES)
def test_every_number_of_a_variant_says_where_it_comes_from(name: str) -> None:
    base = {(one.path, one.value) for one in what_ifs().base.provenance}
    new = [one for one in what_ifs().variants[name].provenance if (one.path, one.value) not in base]
    assert all(one.basis and one.why for one in new)
    # Whatever a variant puts in place of a fact is an assumption; what is read off the record says by what formula.
    assert all(one.basis == "assumption" or (one.why or "").startswith("closed form") for one in new)


@pytest.mark.parametrize(
    ("line", "days", "answered", "gated"),
    [
        ("austin-shoigu", 78, 1, True),
        ("milley-gerasimov", 78, 0, True),
        ("sullivan-patrushev", 20, 1, True),
        ("attache-ilyin", 20, 1, False),
    ],
)
def test_daily_attempts_read_off_the_record_follow_the_closed_form(
    line: str, days: int, answered: int, gated: bool
) -> None:
    scenario = what_ifs().variants["daily attempts were the record"]
    share = answered_share(answered, attempts(days, 1))
    wanted = answer_while_open(share, open_share(days, 14, 78, [20 + 20 / 24]), 0.02) if gated else share
    assert scenario.lines[column(scenario, line)].answer == pytest.approx(wanted, abs=5e-5)


@pytest.mark.parametrize("line", ["milley-gerasimov", "sullivan-patrushev"])
def test_gates_of_their_own_leave_each_line_as_it_was(line: str) -> None:
    """Within 4.5 standard errors of the difference of two shares of 1,200: a bias of 0.09 would be seen."""
    with_gate, without = contact("base", line), contact("no shared gate", line)
    error = math.sqrt((with_gate.var() + without.var()) / N)
    assert abs(with_gate.mean() - without.mean()) <= 4.5 * error
    assert not np.array_equal(times("base"), times("no shared gate"))


def test_the_line_that_keeps_the_gate_is_the_same_to_the_second() -> None:
    kept = column(what_ifs().base, "austin-shoigu")
    assert np.array_equal(times("base")[:, kept], times("no shared gate")[:, kept])


def test_what_a_shared_gate_does_is_to_let_silence_come_together() -> None:
    """Both defence lines silent in the same crisis, more often than were they independent."""
    both = {
        name: (~contact(name, "austin-shoigu") & ~contact(name, "milley-gerasimov")).mean()
        for name in ("base", "no shared gate")
    }
    alone = (~contact("base", "austin-shoigu")).mean() * (~contact("base", "milley-gerasimov")).mean()
    assert both["base"] - alone > 2 * math.sqrt(alone * (1 - alone) / N)
    assert abs(both["no shared gate"] - alone) < 4.5 * math.sqrt(alone * (1 - alone) / N)


def test_without_the_hotline_nothing_comes_over_it_and_the_rest_is_the_same() -> None:
    scenario = what_ifs().base
    hotline = [column(scenario, "line-check"), column(scenario, "incident-call")]
    assert np.all(times("no hotline")[:, hotline] < 0)
    others = [place for place in range(len(scenario.lines)) if place not in hotline]
    assert np.array_equal(times("no hotline")[:, others], times("base")[:, others])


def test_the_ministers_wait_for_the_chiefs() -> None:
    scenario = what_ifs().variants["the chiefs first"]
    found = times("the chiefs first")
    ministers, chiefs = found[:, column(scenario, "austin-shoigu")], found[:, column(scenario, "milley-gerasimov")]
    spoke = ministers >= 0
    assert spoke.sum() > 100
    assert np.all((chiefs[spoke] >= 0) & (chiefs[spoke] < ministers[spoke]))


def test_a_third_party_counts_for_defence_in_its_variant_alone() -> None:
    assert "relay" in what_ifs().variants["a third party's line"].groups["defence"]
    assert "relay" not in what_ifs().base.groups["defence"]
    base, variant = what_ifs().base, what_ifs().variants["a third party's line"]
    kept = [column(variant, one.name) for one in base.lines if one.name != "austin-shoigu"]
    same = [column(base, one.name) for one in base.lines if one.name != "austin-shoigu"]
    # Only the minister himself can be busy with the third party's call.
    assert np.array_equal(times("a third party's line")[:, kept], times("base")[:, same])
