"""A change to a rule is made in one place: both engines follow, and still agree."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import line, officials, scenario
from tests.support import text as as_text

ROOT = Path(__file__).parents[2]

Change = tuple[str, str | tuple[str, ...], str | tuple[str, ...]]

CHANGES: dict[str, Change] = {
    "nothing": ("rules/answer.py", "", ""),
    "the probability of an answer": (
        "rules/answer.py",
        "return 1.0 / (1.0 + exp(-log_odds))",
        "return 0.7 / (1.0 + exp(-log_odds))",
    ),
    "attempts before contacts": (
        "rules/order.py",
        ("    CONTACT = 4", "    ATTEMPT = 5"),
        ("    CONTACT = 5", "    ATTEMPT = 4"),
    ),
    "events before giving up": (
        "rules/order.py",
        ("    GIVING_UP = 1", "    EVENT = 2"),
        ("    GIVING_UP = 2", "    EVENT = 1"),
    ),
}
"""By name: a file below sim/, some text of it, and the text that replaces it."""

FULL_HOURS = scenario(
    {
        "check": line(every="1 h", answer=0.8, delay="1 h", call="1 h", until="horizon")
        | {"on_contact": {"affects": ["tires"], "odds_factor": 0.1, "half_life": "2 h"}},
        "alarm-call": line(caller="a2", every="1 h", answer=0.6, triggered_by="alarm", give_up="2 h", call="2 h"),
        "visit": line(caller="a2", every="3 h", answer=0.7, delay="2 h", call="1 h", until="horizon")
        | {"on_unanswered": {"affects": ["visit", "tires", "helped"], "odds_factor": 4, "half_life": "8 h"}},
        "helped": line(caller="a4", callee="b4", every="1 h", answer=0.2, until="horizon"),
        "tires": line(caller="a3", callee="b3", every="1 h", answer=0.5, until="horizon"),
    },
    end="2022-01-13",
    officials=officials("a", "a2", "a3", "a4", "b", "b3", "b4"),
    events={"alarm": {"every": "2 h"}, "opening": {"every": "7 h", "switches": {"gate": "open"}}},
    regimes={
        "gate": {
            "affects": ["c"],
            "states": {"open": {"lasts": "2 h"}, "narrow": {"lasts": "3 h", "odds_factor": 0.2}},
        }
    },
)
"""Nearly everything happens on the full hour, so that the order within a second decides."""

# The kernel as Python, so that nothing is compiled: it reads the same sources.
COMPARE = """
import hashlib
import sys
from sim.engines.compiled import kernel
from sim.engines.compiled.engine import Compiled
from sim.engines.reference import Reference
from tests.equivalence.agreement import differences
from tests.support import program

kernel.CACHE._ready = True
one = program(open(sys.argv[1], encoding="utf-8").read())
replications = range(int(sys.argv[2]))
a, b = (engine.simulate(one, 7, replications) for engine in (Reference(), Compiled()))
assert differences(a, b) == [], differences(a, b)
print(hashlib.sha256(a.first_contact.tobytes() + a.requests.tobytes() + a.unanswered.tobytes()).hexdigest())
"""


def changed(folder: Path, change: Change, compiled: bool = False) -> subprocess.CompletedProcess[str]:
    """Both engines after a change to a copy of the sources: a digest of their results, or how they differ."""
    file, before, after = change
    for part in ("sim", "tests"):
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    rule = folder / "sim" / file
    text = rule.read_text(encoding="utf-8")
    for old, new in zip(*((one,) if isinstance(one, str) else one for one in (before, after)), strict=True):
        assert not old or text.count(old) == 1
        text = text.replace(old, new) if old else text
    rule.write_text(text, encoding="utf-8")
    code = COMPARE.replace("kernel.CACHE._ready = True", "") if compiled else COMPARE
    environment = os.environ | {"PYTHONPATH": str(folder), "OPENLINES_CACHE": str(folder / "cache")}
    environment |= {} if compiled else {"NUMBA_DISABLE_JIT": "1"}
    (folder / "full-hours.yaml").write_text(as_text(FULL_HOURS), encoding="utf-8")
    command = [sys.executable, "-W", "ignore", "-c", code, "full-hours.yaml", "4"]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


def result(folder: Path, name: str, compiled: bool = False) -> str:
    """The digest after a change that both engines follow."""
    done = changed(folder, CHANGES[name], compiled)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture(scope="module")
def unchanged(tmp_path_factory: pytest.TempPathFactory) -> str:
    return result(tmp_path_factory.mktemp("unchanged"), "nothing")


@pytest.mark.parametrize("name", [name for name in CHANGES if name != "nothing"])
def test_both_engines_follow_a_change_to_a_rule(name: str, tmp_path: Path, unchanged: str) -> None:
    assert result(tmp_path, name) != unchanged


EFFECTS = "engines/compiled/effects.py"
SABOTEURS: dict[str, Change] = {
    "a bound that stays when odds rise": (
        EFFECTS,
        "if effect.factor > 0.0:\n            line",
        "if effect.factor > 9.0:\n            line",
    ),
    "a bound that stays when a regime switches": (
        EFFECTS,
        "        line.answer_until = 0\n        line.answer_bound = NO_BOUND\n",
        "        line.answer_until = 0\n",
    ),
    "a bound with what fades": (EFFECTS, "upper += max(term, 0.0) if passes else term", "upper += term"),
    "a probability that is kept while a term fades": (
        EFFECTS,
        "        return now\n",
        "        return clock.horizon\n",
    ),
}


@pytest.mark.parametrize("name", SABOTEURS)
def test_a_probability_or_a_bound_that_is_kept_too_long_is_seen(name: str, tmp_path: Path) -> None:
    done = changed(tmp_path, SABOTEURS[name])
    assert done.returncode == 1
    assert "AssertionError: ['" in done.stderr


@pytest.mark.deep
@pytest.mark.parametrize("name", CHANGES)
def test_so_does_the_compiled_kernel(name: str, tmp_path: Path) -> None:
    assert result(tmp_path / "compiled", name, compiled=True) == result(tmp_path / "python", name)
