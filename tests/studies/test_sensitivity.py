"""Tornadoes against closed forms and their order, Sobol indices against numerical integration, and refusals."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim import engines
from sim.runs.errors import RunRefused
from sim.scenario import loads
from sim.stats.intervals import Estimate
from sim.stats.outcomes import Outcome
from sim.studies import sensitivity as module
from sim.studies.sensitivity import SensitivityResult, designed, held, plain_numbers, sensitivity
from tests.studies.poisson import DAY, LINES, human, write
from tests.support import line, program, scenario, text

BY = 10 * DAY
CONTACT = Outcome("any", BY)

# A line a day for ten days from the first, and one every two days: contact by the last second before day 10 is
# 1 − (1 − p)¹⁰ (1 − q)⁵.
SURE = scenario(
    {
        "p": line(answer={"parameter": "p"}, every="1 d"),
        "q": line(answer={"parameter": "q"}, every="2 d"),
    },
    end="2022-01-11",
    parameters={"p": {"prior": {"uniform": [0.01, 0.1]}}, "q": {"prior": {"beta": [2, 6]}}},
)
END = Outcome("any", 10 * DAY)


def z(found: Estimate, exact: float, quantile: float = 2.131) -> float:
    """Standard errors between them; the quantile is Student's on 15 degrees of freedom, of the Sobol intervals."""
    assert found.estimate is not None
    assert found.high is not None
    assert found.low is not None
    return abs(found.estimate - exact) / ((found.high - found.low) / 2 / quantile)


def moment(power: int, density: Callable[[float], float], low: float, high: float) -> float:
    from scipy.integrate import quad

    return float(quad(lambda x: (1 - x) ** power * density(x), low, high)[0])


def exact() -> dict[str, float]:
    """SobolIndices of f = 1 − X·Y, X = (1 − p)¹⁰ and Y = (1 − q)⁵ independent."""
    from scipy.stats import beta

    x, xx = (moment(k, lambda _: 1 / 0.09, 0.01, 0.1) for k in (10, 20))
    y, yy = (moment(k, beta(2, 6).pdf, 0, 1) for k in (5, 10))
    variance = xx * yy - (x * y) ** 2
    of_x, of_y = xx - x * x, yy - y * y
    return {
        "variance": variance,
        "first p": of_x * y * y / variance,
        "first q": of_y * x * x / variance,
        "total p": of_x * yy / variance,
        "total q": of_y * xx / variance,
        "within": (x * y - xx * yy) / (x * y - (x * y) ** 2),
    }


@pytest.fixture(scope="module")
def sure() -> SensitivityResult:
    return sensitivity(loads(text(SURE)), 2048, engine="compiled")


def test_indices_are_those_of_numerical_integration(sure: SensitivityResult) -> None:
    """512 points of 16 replications: standard errors are below 0.06, and noise is a third of the variance."""
    found, known = sure.indices[END], exact()
    assert found.first is not None
    assert found.total is not None
    for at, name in enumerate("pq"):
        assert z(found.first[at], known[f"first {name}"]) < 4.5
        assert z(found.total[at], known[f"total {name}"]) < 4.5
    assert z(found.variance, known["variance"]) < 4.5
    assert z(found.within, known["within"]) < 4.5
    noise = known["within"] / (known["within"] + 16 * (1 - known["within"]))
    assert found.noise.estimate == pytest.approx(noise, abs=0.06)
    assert (found.rows, found.replications) == (512, 16)


def test_other_values_than_those_of_the_design_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The saboteur: a program that ignores its design, as one with a posterior table would."""
    monkeypatch.setattr(module, "designed", lambda program, table: held(program, table[0]))
    found = sensitivity(loads(text(SURE)), 512, engine="compiled").indices[END]
    assert found.first is None or z(found.variance, exact()["variance"]) > 4.5


def test_a_designed_program_has_a_row_for_each_block() -> None:
    one = program(SURE)
    table = np.array([[0.9, 0.9], [0.01, 0.02], [0.5, 0.6]])
    for name in ("reference", "compiled"):
        batch = engines.get(name).simulate(designed(one, table), 3, range(16, 48))
        assert batch.parameters.tolist() == table[1:].tolist()
    late = engines.get("reference").simulate(designed(one, table), 3, range(32))
    assert (late.first_contact[:16, 0] == 0).mean() > 0.5
    assert (late.first_contact[16:, 0] == 0).mean() < 0.5


def test_a_tornado_over_priors_has_the_ends_of_the_closed_form(sure: SensitivityResult) -> None:
    from scipy.stats import beta

    ends = {
        "parameters.p": [0.01 + 0.09 * share for share in (0.1, 0.5, 0.9)],
        "parameters.q": [float(beta(2, 6).ppf(share)) for share in (0.1, 0.5, 0.9)],
    }

    def contact(p: float, q: float) -> float:
        return 1 - (1 - p) ** 10 * (1 - q) ** 5

    middle = contact(ends["parameters.p"][1], ends["parameters.q"][1])
    tornado = sure.tornado(END)
    assert z(tornado.middle, middle, 1.96) < 4.5
    for swing in tornado.swings:
        low, _, high = ends[swing.path]
        other = next(values[1] for path, values in ends.items() if path != swing.path)
        both = [contact(one, other) if swing.path.endswith("p") else contact(other, one) for one in (low, high)]
        for found, known in zip(
            (swing.at_low, swing.at_high, swing.swing, swing.from_low, swing.from_high),
            (*both, both[1] - both[0], both[0] - middle, both[1] - middle),
            strict=True,
        ):
            assert z(found, known, 1.96) < 4.5
    assert [swing.path for swing in tornado.swings] == ["parameters.q", "parameters.p"]
    assert tornado.swings[1].low == "0.019"


def test_a_tornado_over_plain_numbers_has_the_order_of_the_derivatives(tmp_path: Path) -> None:
    """Exponential lines: per unit of its logarithm the pace of a line moves the rate by p/m, the odds of its answer by
    p(1 − p)/m. 4,000 replications tell a tenth of the largest swing."""
    written = human(parameters={f"pace-{name}": f"{days:g} d" for name, (days, _) in LINES.items()})
    for name, one in written["lines"].items():
        one["every"] = one["starts"]["wait"] = {"exponential": {"mean": {"parameter": f"pace-{name}"}}}
    found = sensitivity(write(tmp_path, written), 4000, by="10 d", of=["any"], engine="compiled")
    assert found.source == "numbers"
    assert found.no_indices.startswith("no number of the scenario is uncertain")
    slopes, swings = {}, {swing.path: swing for swing in found.tornado(CONTACT).swings}
    whole = sum(answer / days for days, answer in LINES.values())
    for name, (days, answer) in LINES.items():
        slopes[f"parameters.pace-{name}"] = answer / days
        slopes[f"lines.{name}.answer"] = answer * (1 - answer) / days
        rest = whole - answer / days
        rates = [rest + answer / days / factor for factor in (0.8, 1.2)]
        assert z(swings[f"parameters.pace-{name}"].swing, _contact(rates[1]) - _contact(rates[0]), 1.96) < 4.5
        moved = [factor * answer / (1 - answer + factor * answer) / days for factor in (0.8, 1.2)]
        exact = _contact(rest + moved[1]) - _contact(rest + moved[0])
        assert z(swings[f"lines.{name}.answer"].swing, exact, 1.96) < 4.5
    order = list(swings)
    assert sorted(order) == sorted(slopes)
    for one, other in pairwise(sorted(slopes, key=lambda path: -slopes[path])):
        assert order.index(one) < order.index(other) or slopes[other] > 0.9 * slopes[one]
    assert (swings["lines.p.answer"].low, swings["lines.p.answer"].high) == ("0.1667", "0.2308")
    assert (swings["parameters.pace-p"].low, swings["parameters.pace-p"].high) == ("38.4 h", "2.4 d")


def _contact(contacts_a_day: float) -> float:
    return 1 - math.exp(-10 * contacts_a_day)


def test_the_ends_of_plain_numbers() -> None:
    moved, left = plain_numbers(
        {
            "parameters": {"a": 0.5, "d": "10 h", "odds": {"value": 2, "why": "30 d of talks"}, "u": {"prior": {}}},
            "regimes": {"gate": {"states": {"open": {"lasts": {"exponential": {"mean": "1 d"}}, "odds_factor": 0}}}},
            "events": {"e": {"every": "1 d", "effect": {"odds_factor": 0.5, "half_life": {"parameter": "d"}}}},
            "lines": {
                "p": {
                    "answer": {"parameter": "a"},
                    "delay": {"lognormal": {"median": {"value": "6 h", "why": "2 d"}, "sigma": 0.5}},
                    "every": {"uniform": ["1 h", "2 h"]},
                    "call": "0 s",
                    "give_up": {"value": "1 d", "basis": "assumption"},
                    "on_contact": {"odds_factor": 3, "lasts": {"prior": {"uniform": ["1 d", "2 d"]}}},
                },
                "q": {"answer": 1},
            },
        }
    )
    ends = {one.path: tuple(setting.partition("=")[2] for setting in one.settings) for one in moved}
    assert ends == {
        "parameters.a": ("0.444444444", "0.545454545"),
        "parameters.d": ('"8 h"', '"12 h"'),
        "parameters.odds": ("1.6", "2.4"),
        "regimes.gate.states.open.lasts": (
            '{"exponential": {"mean": "1152 min"}}',
            '{"exponential": {"mean": "1728 min"}}',
        ),
        "events.e.every": ('"1152 min"', '"1728 min"'),
        "events.e.effect.odds_factor": ("0.4", "0.6"),
        "lines.p.every": ('{"uniform": ["48 min", "96 min"]}', '{"uniform": ["72 min", "144 min"]}'),
        "lines.p.delay": (
            '{"lognormal": {"median": {"value": "288 min", "why": "2 d"}, "sigma": 0.5}}',
            '{"lognormal": {"median": {"value": "432 min", "why": "2 d"}, "sigma": 0.5}}',
        ),
        "lines.p.give_up": ('"1152 min"', '"1728 min"'),
        "lines.p.on_contact.odds_factor": ("2.4", "3.6"),
    }
    assert left == {
        "regimes.gate.states.open.odds_factor": "a fifth of 0 more or less is the same",
        "lines.p.call": "a fifth of 0 s more or less is the same",
        "lines.q.answer": "a fifth of 1 more or less is the same",
    }


def posterior(folder: Path) -> Path:
    """A scenario with a table of draws of which the second follows from the first."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    p = np.linspace(0.011, 0.099, 101)
    pq.write_table(pa.table({"parameters.p": p, "parameters.q": 50 * p**2}), folder / "draws.parquet")
    return write(folder, SURE | {"posterior": "draws.parquet"}, "posterior.yaml")


def test_dependent_draws_have_a_tornado_and_no_indices(tmp_path: Path) -> None:
    path = posterior(tmp_path)
    found = sensitivity(path, 256, engine="reference")
    assert found.source == "posterior"
    assert not found.indices
    assert "posterior draws, which depend on each other" in found.no_indices
    swing = next(one for one in found.tornado(END).swings if one.path == "parameters.p")
    assert (swing.low, swing.high) == ("0.0198", "0.0902")
    with pytest.raises(RunRefused, match="the uncertain numbers are posterior draws, which depend on each other"):
        sensitivity(path, 256, indices=True)


def test_indices_that_cannot_be_are_refused_with_the_reason(tmp_path: Path) -> None:
    with pytest.raises(RunRefused, match="no number of the scenario is uncertain"):
        sensitivity(write(tmp_path, human()), indices=True)
    with pytest.raises(RunRefused, match="replications: 100 are too few for Sobol indices; expected 128 at least"):
        sensitivity(loads(text(SURE)), 100, indices=True)
    found = sensitivity(loads(text(SURE)), 100, engine="reference")
    assert "too few" in found.no_indices
    found = sensitivity(loads(text(SURE)), 128, indices=False, engine="reference")
    assert (dict(found.indices), found.no_indices) == ({}, "they were not asked for")


def test_outcomes_that_are_never_reached_stay_numbers() -> None:
    """Nobody answers in most replications, so no median is reached: no NaN anywhere, and no indices of nothing."""
    never = SURE | {"parameters": {name: {"prior": {"uniform": [0, 1e-9]}} for name in "pq"}}
    found = sensitivity(loads(text(never)), 128, engine="reference")
    plain = json.dumps(found.as_dict(), allow_nan=False)
    assert "NaN" not in plain
    assert found.indices[END].first is None
    assert found.indices[END].noise == Estimate(0, 0, 0)
    assert any("is not clearly more than noise" in sentence for sentence in found.sentences())


def test_the_same_question_has_the_same_answer() -> None:
    one, other = (sensitivity(loads(text(SURE)), 128, 9, engine=name) for name in ("reference", "compiled"))
    assert one.tornadoes == other.tornadoes
    assert dict(one.indices) == dict(other.indices)
    another = sensitivity(loads(text(SURE)), 128, 10, engine="reference")
    assert dict(one.indices) != dict(another.indices)


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "a column misspelt": (
        {"of": ["lin:p"]},
        "'lin:p' is no line, group, channel, level or side; did you mean 'line:p'?",
    ),
    "a time without unit": ({"by": "3"}, "by: '3' has no unit"),
    "a time after the end": ({"by": "11 d"}, "by: 950400 s is out of range"),
    "no replications": ({"replications": 0}, "replications: 0 is out of range"),
    "no engine": ({"engine": "quick"}, "'quick' is no engine"),
    "no worker": ({"workers": 0}, "workers: 0 is out of range"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_input_is_refused(name: str) -> None:
    settings, words = WRONG[name]
    with pytest.raises(RunRefused) as refused:
        sensitivity(loads(text(SURE)), **settings)
    assert str(refused.value).startswith(words)


def test_a_number_of_numbers_that_is_none_or_too_many_is_refused() -> None:
    with pytest.raises(RunRefused, match="has no number to move"):
        module.check_count(0)
    with pytest.raises(RunRefused, match="201 numbers; at most 200"):
        module.check_count(201)
    with pytest.raises(RunRefused, match="needs the path of a scenario file"):
        sensitivity(loads(text(human())), 16)


def test_results_are_tables_json_and_html(sure: SensitivityResult) -> None:
    table = sure.to_arrow()
    assert table.num_rows == 2 * 2
    assert {"path", "swing", "swing_low", "first", "total_high"} <= set(table.column_names)
    by_path = dict(zip(table["path"].to_pylist(), table["total"].to_pylist(), strict=False))
    assert by_path["parameters.p"] is not None
    plain = json.loads(json.dumps(sure.as_dict(), allow_nan=False))
    assert plain["indices"][0]["first"][0]["estimate"] is not None
    assert "depends most on parameters.q" in sure._repr_html_()
    assert sure.plot().get_yticklabels()[0].get_text().startswith("q, ")
    assert sure.plot(indices=True).get_xlabel() == "share of the variance"
    assert math.isfinite(sure.indices[END].variance.estimate or math.nan)
