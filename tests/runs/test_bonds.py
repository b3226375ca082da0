"""Lines that do not bear on each other."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given

from sim import engines
from sim.runs import bonds as module
from sim.runs.bonds import components
from sim.scenario.program import Program
from sim.studies.without import without
from tests.strategies import EXAMPLES, scenarios
from tests.support import line, officials, program, scenario

N = range(3)


def first_contact(one: Program) -> np.ndarray:
    return engines.get("reference").simulate(one, 1, N).first_contact


@EXAMPLES
@given(scenarios())
def test_components_do_not_bear_on_each_other(human: dict[str, object]) -> None:
    one = program(human)
    whole = first_contact(one)
    for part in components(one):
        others = [at for at in range(len(one.lines)) if at not in part]
        alone = first_contact(without(one, others))
        assert np.array_equal(alone[:, list(part)], whole[:, list(part)])


PEOPLE = officials("a1", "a2", "a3", "b1", "b2", "b3")
OPEN = {"every": "6 h", "answer": 0.5}
BONDS = {
    "a shared caller with calls": ({"callee": "b2", "call": "7 h"}, {"call": "7 h"}),
    "a shared callee with calls": ({"caller": "a2", "callee": "b1"}, {"call": "7 h"}),
    "an effect of contact": ({"caller": "a2", "callee": "b2"}, {"on_contact": {"affects": ["q"], "odds_factor": 9}}),
    "an effect of refusals": (
        {"caller": "a2", "callee": "b2"},
        {"on_unanswered": {"affects": ["q"], "odds_factor": 0.1}},
    ),
    "a start after its contact": ({"caller": "a2", "callee": "b2", "starts": {"after": {"contact": "p"}}}, {}),
    "a trigger": ({"caller": "a2", "callee": "b2", "triggered_by": {"gave_up": "p"}}, {"give_up": "1 d"}),
    "an end by its contact": ({"caller": "a2", "callee": "b2", "until": {"contact": "p"}}, {}),
}


def bonded(of_q: dict[str, object], of_p: dict[str, object]) -> Program:
    """Lines p and q, which something joins, and r, which stands alone."""
    lines = {
        "p": line(caller="a1", callee="b1") | OPEN | of_p,
        "q": line(caller="a1", callee="b2") | OPEN | of_q,
        "r": line(caller="a3", callee="b3") | OPEN,
    }
    return program(scenario(lines, officials=PEOPLE))


@pytest.mark.parametrize("bond", BONDS)
def test_every_bond_is_seen(bond: str) -> None:
    assert components(bonded(*BONDS[bond])) == ((0, 1), (2,))


@pytest.mark.parametrize("bond", BONDS)
def test_every_bond_changes_something(bond: str) -> None:
    """Else the tests of components would pass without it."""
    one = bonded(*BONDS[bond])
    runs = [
        engines.get("reference").simulate(some, 1, range(40)) for some in (one, without(one, [0]), without(one, [1]))
    ]
    with_p, without_p = (run.first_contact[:, 1] for run in runs[:2])
    with_q, without_q = (run.first_contact[:, 0] for run in (runs[0], runs[2]))
    same = np.array_equal(with_p, without_p) and np.array_equal(with_q, without_q)
    assert not same or not np.array_equal(runs[0].requests[1], runs[1].requests[1])


def test_lines_of_one_official_without_calls_stand_alone() -> None:
    lines = {"p": line(**OPEN), "q": line(**OPEN)}
    assert components(program(scenario(lines))) == ((0,), (1,))
    lines["q"]["call"] = {"exponential": {"mean": "1 h"}}
    assert components(program(scenario(lines))) == ((0, 1),)


def test_a_bond_that_is_overlooked_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The saboteur: without the bond of calls, what is computed from components is wrong."""
    monkeypatch.setattr(module, "_shared_calls", lambda program: iter(()))
    one = bonded({"callee": "b1", "call": "20 h"}, {"call": "20 h"})
    assert components(one) == ((0,), (1,), (2,))
    assert not np.array_equal(first_contact(without(one, [0, 2]))[:, 1], first_contact(one)[:, 1])
