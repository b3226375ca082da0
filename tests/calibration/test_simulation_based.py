"""Simulation-based calibration: numbers drawn from the prior, a record simulated with them, and the rank of the truth.

Talts, S., Betancourt, M., Simpson, D., Vehtari, A. and Gelman, A. (2018), Validating Bayesian inference algorithms with
simulation-based calibration. Each entry keeps its line and the date as of which it speaks; what it says is what the
simulated crisis shows by then. Ranks are uniform where the likelihood is right.
"""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from sim.calibration.likelihood import Likelihood
from sim.calibration.posterior import sample
from sim.calibration.record import Contact, Evidence, Silence
from sim.scenario import loads
from sim.scenario.compiler import compile_scenario
from tests.support import DAY, line, officials, scenario, text

FITS, MANY = 100, 1000
AS_OF = 20 * DAY
LEVEL = 0.01

MEAN = {"exponential": {"mean": {"parameter": "cadence"}}}
GATE = {
    "affects": ["c"],
    "initially": "shut",
    "states": {
        "open": {"lasts": {"exponential": {"mean": "10 d"}}},
        "shut": {
            "lasts": {"exponential": {"mean": {"prior": {"lognormal": {"p10": "5 d", "p90": "60 d"}}}}},
            "odds_factor": 0.03,
        },
    },
}
HUMAN = scenario(
    {
        name: line(
            caller=f"a{k}",
            callee=f"b{k}",
            starts={"at": "2022-01-01", "wait": MEAN},
            every=MEAN,
            answer={"prior": {"beta": [2, 2]}},
            delay={"lognormal": {"p10": "6 h", "p90": "30 h"}},
        )
        for k, name in enumerate("xw")
    },
    end="2022-02-20",
    officials=officials("a0", "a1", "b0", "b1"),
    regimes={"gate": GATE},
    parameters={"cadence": {"prior": {"lognormal": {"p10": "2 d", "p90": "10 d"}}}},
)


def shown(first: NDArray[np.int64], *, flipped: bool) -> Evidence:
    """What two lines show by the date: the day of the contact, or a silence (flipped: a contact on the last day)."""
    contacts, silences = [], []
    for one, second in enumerate(first.tolist()):
        if 0 <= second < AS_OF:
            day = second // DAY * DAY
            contacts.append(Contact(one, one, day, day + DAY))
        elif flipped:
            contacts.append(Contact(one, one, AS_OF - DAY, AS_OF))
        else:
            silences.append(Silence(one, one, AS_OF))
    return Evidence(tuple(contacts), tuple(silences), (), ())


def ranks(fits: int, *, flipped: bool = False, seed: int = 3) -> NDArray[np.float64]:
    """The posterior probability of less than the truth, (fits, numbers)."""
    loaded = loads(text(HUMAN))
    program = compile_scenario(loaded, block=1)
    truths = program.draw_parameters(seed, range(fits))
    nothing = Evidence((), (), (), (), AS_OF)
    simulated = Likelihood(loaded, nothing, particles=1, seed=seed, program=program).weigh(truths, paths=True).paths
    first = np.full((fits, 2), -1)
    for paths in simulated:
        for one in paths.lines:
            first[:, one] = paths.first[:, 0, one]
    found = []
    for number, truth in enumerate(truths):
        evidence = shown(first[number], flipped=flipped)
        likelihood = Likelihood(loaded, evidence, particles=8, seed=1000 + number, program=program)
        one = sample(likelihood, 512, pilots=0, workers=1)
        found.append([float(one.weights @ (one.numbers[:, at] < truth[at])) for at in range(len(truth))])
    return np.array(found)


def smallest(found: NDArray[np.float64]) -> float:
    """The smallest p-value over the numbers, against uniform ranks, times their number (Bonferroni)."""
    return min(stats.kstest(column, "uniform").pvalue for column in found.T) * found.shape[1]


def test_ranks_are_uniform() -> None:
    # With 100 fits a shift of the ranks by 0.16 would be seen.
    assert smallest(ranks(FITS)) > LEVEL


def test_a_flipped_censoring_flag_is_seen() -> None:
    assert smallest(ranks(FITS, flipped=True)) < LEVEL


@pytest.mark.deep
@pytest.mark.timeout(1800)
def test_many_ranks_are_uniform() -> None:
    assert smallest(ranks(MANY, seed=4)) > LEVEL
