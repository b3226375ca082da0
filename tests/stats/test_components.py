"""Chance and numbers that are not known, distinguished."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import beta, f

from sim.stats.first_contact import count_times
from sim.stats.variance_components import (
    VarianceComponents,
    between_by_bin,
    conditional_survival,
    of_contact,
    of_restricted_mean,
)

HORIZON = 1000


def by_hand(values: NDArray[np.float64], block: int) -> VarianceComponents:
    """The analysis of variance as the textbooks have it, block by block."""
    blocks = [values[start : start + block] for start in range(0, len(values), block)]
    n, k, mean = len(values), len(blocks), values.mean()
    among = sum(len(one) * (one.mean() - mean) ** 2 for one in blocks) / (k - 1)
    within = sum(((one - one.mean()) ** 2).sum() for one in blocks) / (n - k)
    squares = sum(len(one) ** 2 for one in blocks)
    between = max(0.0, (among - within) / ((n - squares / n) / (k - 1)))
    error = math.sqrt(between * squares / n**2 + within / n)
    least = math.sqrt((f.ppf(0.95, k - 1, n - k) - 1) * within / ((n - squares / n) / (k - 1)))
    return VarianceComponents(float(mean), math.sqrt(between), math.sqrt(within), error, least)


def times(rng: np.random.Generator, blocks: int, block: int, a: float, b: float) -> NDArray[np.int64]:
    """Contact with a probability drawn for each block from Beta(a, b), at a uniform second."""
    chance = np.repeat(rng.beta(a, b, blocks), block)
    happened = rng.random(blocks * block) < chance
    return np.where(happened, rng.integers(0, HORIZON, blocks * block), -1)


@pytest.mark.parametrize("n", [64, 61, 17])
def test_sums_give_what_the_textbook_gives(n: int) -> None:
    found = times(np.random.default_rng(5), 4, 16, 1.0, 2.0)[:n]
    column = count_times(found, HORIZON, 16)
    limited = np.where(found < 0, HORIZON, found).astype(float)
    for parts, values in ((of_contact(column), (found >= 0).astype(float)), (of_restricted_mean(column), limited)):
        assert parts is not None
        wanted = by_hand(values, 16)
        for name in ("mean", "between", "within", "error", "least", "share"):
            assert getattr(parts, name) == pytest.approx(getattr(wanted, name), rel=1e-9, abs=1e-12), name


def test_the_spread_of_a_beta_prior_is_found() -> None:
    """The probability has the variance ab/((a + b)²(a + b + 1)); a bias of 4 % of it would be seen."""
    rng, a, b = np.random.default_rng(11), 2.0, 3.0
    truth = a * b / ((a + b) ** 2 * (a + b + 1))
    found = []
    for _ in range(40):
        parts = of_contact(count_times(times(rng, 1000, 16, a, b), HORIZON, 16))
        assert parts is not None
        found.append(parts.between**2)
    error = np.std(found, ddof=1) / math.sqrt(len(found))
    assert abs(np.mean(found) - truth) < 4.5 * error
    assert 4.5 * error < 0.04 * truth
    # Saboteur: blocks that share nothing have no spread to be found.
    rng.shuffle(mixed := times(rng, 1000, 16, a, b))
    parts = of_contact(count_times(mixed, HORIZON, 16))
    assert parts is not None
    assert abs(parts.between**2 - truth) > 4.5 * np.std(found, ddof=1)


def test_the_standard_error_is_that_of_repeats() -> None:
    """Within 4.5 standard errors of a standard deviation of 400 repeats: a bias of a sixth would be seen."""
    rng = np.random.default_rng(3)
    means, errors = [], []
    for _ in range(400):
        parts = of_contact(count_times(times(rng, 50, 16, 2.0, 3.0), HORIZON, 16))
        assert parts is not None
        means.append(parts.mean)
        errors.append(parts.error)
    assert np.std(means, ddof=1) == pytest.approx(np.mean(errors), rel=4.5 / math.sqrt(2 * 400))


def test_where_nothing_varies_nothing_is_shared() -> None:
    parts = of_contact(count_times(np.full(32, -1, np.int64), HORIZON, 16))
    assert parts == VarianceComponents(0.0, 0.0, 0.0, 0.0, 0.0)
    assert not parts.shows
    assert parts.share == 0.0


@pytest.mark.parametrize(("n", "block"), [(64, 1), (16, 16), (0, 16)])
def test_too_few_blocks_tell_nothing(n: int, block: int) -> None:
    column = count_times(np.arange(n, dtype=np.int64), HORIZON, block)
    assert of_contact(column) is None
    assert of_restricted_mean(column) is None


def test_a_spread_that_is_none_shows_as_often_as_the_test_allows() -> None:
    """5 % of 2,000 repeats in which blocks share nothing, within 4.5 standard errors; 0.1 is nearly always seen."""
    rng = np.random.default_rng(17)
    none = [of_contact(count_times(np.where(rng.random(800) < 0.4, 5, -1), HORIZON, 16)) for _ in range(2000)]
    seen = np.mean([parts is not None and parts.shows for parts in none])
    assert abs(seen - 0.05) < 4.5 * math.sqrt(0.05 * 0.95 / 2000)
    some = [of_contact(count_times(times(rng, 200, 16, 9.0, 14.0), HORIZON, 16)) for _ in range(50)]
    assert np.mean([parts is not None and parts.shows for parts in some]) > 0.9


@pytest.mark.parametrize("n", [64, 61, 17])
def test_the_variance_at_each_second_is_that_of_contact_by_then(n: int) -> None:
    found = times(np.random.default_rng(6), 4, 16, 1.0, 2.0)[:n]
    lasts = (0, 99, 400, HORIZON - 1)
    column = count_times(found, HORIZON, 16, exact_at=lasts)
    variances = between_by_bin(column, np.array([column.bin_by(last) for last in lasts]))
    assert variances is not None
    for last, variance in zip(lasts, variances, strict=True):
        parts = of_contact(count_times(np.where(found <= last, found, -1), HORIZON, 16))
        assert parts is not None
        assert variance == pytest.approx(parts.between**2, rel=1e-9, abs=1e-12)


def test_the_curve_given_the_numbers_lies_in_the_band_as_often_as_it_says() -> None:
    """Of curves given draws of their own 95 %, as exactly as a beta distribution is the right one: here it is."""
    rng, a, b = np.random.default_rng(23), 2.0, 3.0
    band = conditional_survival(count_times(times(rng, 20_000, 16, a, b), HORIZON, 16), np.array([HORIZON - 1]))
    assert band is not None
    exact = 1.0 - beta.ppf([0.975, 0.025], a, b)
    # The sd of the 20,000 draws' variance moves an end by less than a fiftieth of the band's width.
    assert [band.low[0], band.high[0]] == pytest.approx(exact, abs=0.02 * (exact[1] - exact[0]))
    # More replications of the same draws do not narrow it; the band of chance narrows.
    wide = conditional_survival(count_times(times(rng, 2000, 160, a, b), HORIZON, 160), np.array([HORIZON - 1]))
    assert wide is not None
    assert wide.high[0] - wide.low[0] == pytest.approx(band.high[0] - band.low[0], rel=0.08)


def test_a_band_without_spread_is_the_curve_itself() -> None:
    column = count_times(np.tile(np.arange(16, dtype=np.int64), 10), HORIZON, 16)
    band = conditional_survival(column, np.array([3, HORIZON - 1]))
    assert band is not None
    assert band.low == pytest.approx([0.75, 0.0])
    assert band.high == pytest.approx([0.75, 0.0])
    assert conditional_survival(count_times(np.arange(16, dtype=np.int64), HORIZON, 16), np.array([3])) is None
