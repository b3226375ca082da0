"""Response times on record, shared by two lines, against quadrature: those of the hotline of June 1967."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

import sim

FILE = Path("scenarios/washington-moscow-1967.yaml")
TIMES = (72, 279, 494, 141, 187, 66, 84)
"""Minutes to the replies of both sides, which share their two parameters."""

PRIORS = """
scenario: 1
extends: washington-moscow-1967.yaml
title: The hotline of June 1967, times uncertain
parameters:
  reply-median: {value: null, source: null, prior: {lognormal: {median: 2 h, sigma: 1}}, basis: assumption, why: hours}
  reply-sigma: {value: null, source: null, prior: {lognormal: {median: 0.7, sigma: 0.5}}, basis: assumption, why: wide}
"""


def by_quadrature() -> tuple[float, float]:
    """Posterior means of the median, in seconds, and of sigma; a time counts with its minute."""
    scores = np.linspace(-6, 6, 601)
    first, second = np.meshgrid(scores, scores, indexing="ij")
    median, sigma = 7200 * np.exp(first), 0.7 * np.exp(0.5 * second)
    logs = stats.norm.logpdf(first) + stats.norm.logpdf(second)
    for minutes in TIMES:
        ends = [stats.norm.cdf(np.log((60 * minutes + end) / median) / sigma) for end in (-30.5, 29.5)]
        logs += np.log(np.maximum(ends[1] - ends[0], 1e-300))
    weights = np.exp(logs - logs.max())
    weights /= weights.sum()
    return float((weights * median).sum()), float((weights * sigma).sum())


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> sim.CalibrationResult:
    folder = tmp_path_factory.mktemp("hotline")
    shutil.copy(FILE, folder)
    (folder / "uncertain.yaml").write_text(PRIORS, encoding="utf-8")
    return sim.calibrate(folder / "uncertain.yaml", draws=8192)


def test_the_replies_of_1967(found: sim.CalibrationResult) -> None:
    for row, exact in zip(found.rows(), by_quadrature(), strict=True):
        assert abs(row["mean"] - exact) < 4.5 * row["standard_error"]
        assert row["standard_error"] < 0.01 * exact
        assert row["verdict"] in ("narrower", "told by the record")
    # Responses are given the attempt: there is nothing to filter, and no noise.
    assert found.found.sample.diagnosis.noise == 0.0


def test_it_holds_the_fit(found: sim.CalibrationResult) -> None:
    """The numbers fitted apart lie in the middle of the posterior."""
    fitted = {"reply-median": 8786.0, "reply-sigma": 0.6974}
    for row in found.rows():
        assert row["posterior_p5"] < fitted[row["number"].removeprefix("parameters.")] < row["posterior_p95"]


def test_without_priors_there_is_nothing_to_calibrate() -> None:
    with pytest.raises(sim.RunRefused, match="no number of the scenario has a prior"):
        sim.calibrate(FILE)
