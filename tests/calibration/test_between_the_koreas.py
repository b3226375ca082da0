"""The committed calibration of the line checks between the Koreas: of the scenario as it is, as integration has it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from sim.report.calibration import ends
from sim.scenario import load
from sim.scenario.compiler import sha256_of
from tests.scenarios.documents import DOCS
from tests.support import DAY

KEPT = Path("results/inter-korean-2018-2021/calibration")
NAME = "inter-korean-2018-2021"


def test_the_draws_are_of_the_scenario_as_it_is() -> None:
    made = json.loads(pq.read_schema(KEPT / f"{NAME}.posterior.parquet").metadata[b"openlines"])
    assert made["scenario_sha256"] == sha256_of(load(f"scenarios/{NAME}.yaml"))
    assert load(KEPT / f"{NAME}-calibrated.yaml").draws is not None


@pytest.mark.parametrize(("name", "days"), [("open-mean", 633.2 + 13.7), ("shut-mean", 412.8 + 54.0)])
def test_spells_of_known_length_tell_as_much(name: str, days: float) -> None:
    """Two spells that ended after `days` in all: quantiles by integration over the logarithm of the mean.

    The instants of the switches are known to a day or two in hundreds; quantiles of draws worth about 2300 have a
    standard error of 0.03, or less, in the logarithm. A factor of 1.13 would be seen.
    """
    logs = np.linspace(np.log(1.0), np.log(1e6), 20_001)
    # The prior: 80 % between 20 and 2000 days.
    scores = (logs - np.log(200)) / (np.log(10) / 1.2815515655446004)
    density = np.exp(-0.5 * scores**2 - 2 * logs - days / np.exp(logs))
    reached = np.cumsum(density) / density.sum()
    drawn = np.log(np.array(pq.read_table(KEPT / f"{NAME}.posterior.parquet").column(f"parameters.{name}")) / DAY)
    for share in (0.1, 0.5, 0.9):
        exact = logs[np.searchsorted(reached, share)]
        assert abs(np.quantile(drawn, share) - exact) < 0.12


def test_the_page_has_the_numbers_that_came_out() -> None:
    page = (DOCS / "explanation" / "inter-korean.md").read_text(encoding="utf-8")
    found = json.loads((KEPT / f"{NAME}.calibration.json").read_text(encoding="utf-8"))
    assert f"worth {found['effective_draws']:.0f}" in page
    for number in found["numbers"]:
        name = number["path"].removeprefix("parameters.")
        prior, posterior = (" to ".join(ends(number[which], number["unit"])) for which in ("prior", "posterior"))
        assert f"| {name} | {prior} | {posterior} | {100 * number['width_removed']:.0f} % |" in page
