"""Sobol indices: the Ishigami function, noise, the design, and coverage."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.stats.intervals import Estimate
from sim.stats.sensitivity import BITS, SETS, SobolIndices, sobol_design, sobol_indices, sobol_points
from tests.support import DEEP

Floats = NDArray[np.float64]
A, B = 7.0, 0.1
VARIANCE = A**2 / 8 + B * math.pi**4 / 5 + B**2 * math.pi**8 / 18 + 0.5
ALONE = (0.5 * (1 + B * math.pi**4 / 5) ** 2 / VARIANCE, A**2 / 8 / VARIANCE, 0.0)
TOGETHER = B**2 * math.pi**8 * 8 / 225 / VARIANCE
FIRST, TOTAL = ALONE, (ALONE[0] + TOGETHER, ALONE[1], TOGETHER)


def ishigami(coordinates: Floats) -> Floats:
    """T. Ishigami and T. Homma, Proceedings of ISUMA (1990) 398–403; indices in closed form."""
    x = (2 * coordinates - 1) * math.pi
    found: Floats = np.sin(x[:, 0]) + A * np.sin(x[:, 1]) ** 2 + B * x[:, 2] ** 4 * np.sin(x[:, 0])
    return found


def shifts(dimensions: int, seed: int) -> NDArray[np.int64]:
    return np.random.default_rng(seed).integers(0, 1 << BITS, (SETS, dimensions))


def estimated(rows: int, noise: float, seed: int, *, size: int = 4) -> SobolIndices:
    """`noise`: standard deviation of what a row's points have in common, and again of what each has for itself."""
    rng = np.random.default_rng(seed)
    common = rng.normal(0, noise, (rows, size))
    a, b, mixed = sobol_points(sobol_design(6, rows, shifts(6, seed)))

    def outcome(x: Floats) -> Floats:
        found: Floats = ishigami(x)[:, None] + common + rng.normal(0, noise, (rows, size))
        return found

    return sobol_indices(outcome(a), outcome(b), tuple(outcome(one) for one in mixed))


def z(found: Estimate, exact: float) -> float:
    """How many standard errors lie between them; Student's 0.975 quantile on 15 degrees of freedom is 2.131."""
    assert found.estimate is not None
    assert found.high is not None
    return abs(found.estimate - exact) / max((found.high - found.estimate) / 2.131, 1e-12)


@pytest.mark.parametrize("noise", [0.0, 3.0])
def test_ishigami(noise: float) -> None:
    """Within 4.5 standard errors, which are below 0.05: noise as large as the spread must not bias them."""
    found = estimated(4096, noise, 1)
    assert found.first is not None
    assert found.total is not None
    for one, exact in zip((*found.first, *found.total), (*FIRST, *TOTAL), strict=True):
        assert z(one, exact) < 4.5
        assert one.high is not None
        assert one.low is not None
        assert one.high - one.low < 0.2
    assert z(found.variance, VARIANCE) < 4.5
    share = 2 * noise**2 / 4 / (VARIANCE + 2 * noise**2 / 4)
    assert found.noise.estimate == pytest.approx(share, abs=0.02)
    assert found.within.estimate == pytest.approx(2 * noise**2 / (VARIANCE + 2 * noise**2), abs=0.03)


def test_forgetting_the_noise_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The saboteur: without the correction the totals are far off."""
    from sim.stats import sensitivity

    monkeypatch.setattr(sensitivity, "_noise", lambda one, other: np.zeros(len(one)))
    found = estimated(4096, 3.0, 1)
    assert found.total is not None
    assert max(z(one, exact) for one, exact in zip(found.total, TOTAL, strict=True)) > 4.5


def test_mixing_the_wrong_number_would_be_seen() -> None:
    a, b, mixed = sobol_points(sobol_design(6, 2048, shifts(6, 3)))
    f = [np.repeat(ishigami(x)[:, None], 2, axis=1) for x in (a, b, mixed[1], mixed[0], mixed[2])]
    found = sobol_indices(f[0], f[1], tuple(f[2:]))
    assert found.first is not None
    assert z(found.first[0], FIRST[0]) > 4.5


def test_scipy_agrees() -> None:
    from scipy import stats

    a, b, mixed = sobol_points(sobol_design(6, 2048, shifts(6, 4)))
    known = stats.sobol_indices(
        func={
            "f_A": ishigami(a)[None, :],
            "f_B": ishigami(b)[None, :],
            "f_AB": np.stack([ishigami(one)[None, :] for one in mixed]),
        },
        n=2048,
        dists=[stats.uniform()] * 3,
    )
    pairs = [np.repeat(ishigami(x)[:, None], 2, axis=1) for x in (a, b, *mixed)]
    found = sobol_indices(pairs[0], pairs[1], tuple(pairs[2:]))
    assert found.first is not None
    assert found.total is not None
    assert [one.estimate for one in found.first] == pytest.approx(known.first_order.ravel(), abs=2e-3)
    assert [one.estimate for one in found.total] == pytest.approx(known.total_order.ravel(), abs=2e-3)


def test_what_does_not_vary_has_no_indices() -> None:
    same = np.full((32, 4), 0.25)
    found = sobol_indices(same, same, (same, same))
    assert (found.first, found.total) == (None, None)
    assert found.noise == Estimate(0, 0, 0)
    rng = np.random.default_rng(1)
    noise = [rng.normal(size=(64, 4)) for _ in range(4)]
    found = sobol_indices(noise[0], noise[1], tuple(noise[2:]))
    assert found.first is None
    assert found.noise.estimate is not None
    assert found.noise.estimate > 0.5


def test_the_design_fills_every_cell_once() -> None:
    coordinates = sobol_design(4, SETS * 64, shifts(4, 7))
    assert coordinates.min() > 0
    assert coordinates.max() < 1
    for one in coordinates.reshape(SETS, 64, 4):
        for column in one.T:
            assert sorted((column * 64).astype(int)) == list(range(64))
    with pytest.raises(ValueError, match="16 times a power of two"):
        sobol_design(4, SETS * 48, shifts(4, 7))


def test_points_are_mixed_by_column() -> None:
    a, b, mixed = sobol_points(np.arange(12.0).reshape(2, 6))
    assert a.tolist() == [[0, 1, 2], [6, 7, 8]]
    assert b.tolist() == [[3, 4, 5], [9, 10, 11]]
    assert mixed[1].tolist() == [[0, 4, 2], [6, 10, 8]]


@pytest.mark.parametrize("shape", [(32, 1), (31, 4), (0, 4)])
def test_too_few_outcomes_are_refused(shape: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="two replications a row"):
        sobol_indices(np.zeros(shape), np.zeros(shape), (np.zeros(shape),))


@pytest.mark.parametrize(("rows", "noise"), [(256, 0.0), (512, 3.0)])
def test_intervals_cover(rows: int, noise: float) -> None:
    """Not below 95 % by more than 3 standard errors (2,000 repeats in a deep campaign, else 150)."""
    repeats = 2000 if DEEP else 150
    hits = np.zeros(7)
    for seed in range(repeats):
        found = estimated(rows, noise, seed)
        assert found.first is not None
        assert found.total is not None
        pairs = zip((*found.first, *found.total, found.variance), (*FIRST, *TOTAL, VARIANCE), strict=True)
        hits += [(one.low or -9) <= exact <= (one.high or 9) for one, exact in pairs]
    assert (hits / repeats).min() >= 0.95 - 3 * math.sqrt(0.95 * 0.05 / repeats)
