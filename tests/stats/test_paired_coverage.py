"""How often the intervals of a comparison hold what they are intervals of, on synthetic pairs whose truth is known.

Times are lognormal, paired through what base and variants share: a replication's own part, and a block's where numbers
are uncertain. A hundred comparisons or so could not see a level of 0.93; the deep campaign sees 0.944.
"""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
from scipy import stats

from sim.stats.differences import mean_contrasts, order_of, paired_means, share_contrasts, unit_sizes, unit_sums
from sim.stats.paired import Contrast
from sim.stats.paired_quantiles import median_contrasts, section_contrasts

HORIZON, BY = 5000, 800
SHIFTS = (0.0, -0.15, 0.25, -0.02)
OWN, BLOCK, NOISE = 0.7, 0.4, 0.25
SPREAD = math.sqrt(OWN**2 + BLOCK**2 + NOISE**2)
SCALE = 1000.0


def drawn(rng: np.random.Generator, n: int, unit: int) -> np.ndarray:
    """(4, n) seconds, censored at the horizon."""
    shared = OWN * rng.standard_normal(n) + BLOCK * np.repeat(rng.standard_normal(-(-n // unit)), unit)[:n]
    logs = np.log(SCALE) + shared + NOISE * rng.standard_normal((len(SHIFTS), n)) + np.array(SHIFTS)[:, None]
    return np.minimum(np.exp(logs), HORIZON).astype(np.int64)


def restricted_mean(shift: float) -> float:
    """Of whole seconds: the floor takes half a second, which the tolerance below does not see."""
    law = stats.lognorm(SPREAD, scale=SCALE * math.exp(shift))
    below = law.expect(lambda t: t, ub=HORIZON)
    return float(below + HORIZON * law.sf(HORIZON)) - 0.5


TRUE_MEANS = np.array([restricted_mean(shift) for shift in SHIFTS])
TRUE_SHARES = np.array([stats.lognorm(SPREAD, scale=SCALE * math.exp(s)).cdf(BY + 1) for s in SHIFTS])
TRUE_MEDIANS = np.array([SCALE * math.exp(shift) for shift in SHIFTS])
TRUE_SOONER = [stats.norm.cdf(-(shift) / (NOISE * math.sqrt(2))) for shift in SHIFTS]


def holds(low: float | None, high: float | None, true: float, slack: float = 0.0) -> bool:
    return (low is None or low <= true + slack) and (high is None or high >= true - slack)


def count_times(
    found: Counter[str], name: str, contrasts: list[Contrast], true: np.ndarray, slack: float = 0.0
) -> None:
    differences = (true[1:] - true[0]).tolist()
    each = [holds(c.low, c.high, d, slack) for c, d in zip(contrasts, differences, strict=True)]
    found[f"{name}, the first"] += each[0]
    found[f"{name}, the second"] += each[1]
    found[f"{name}, together"] += all(
        holds(c.low_all, c.high_all, d, slack) for c, d in zip(contrasts, differences, strict=True)
    )


def one_comparison(rng: np.random.Generator, n: int, unit: int, found: Counter[str]) -> None:
    rows, sizes, no = drawn(rng, n, unit), unit_sizes(n, unit), np.zeros(len(SHIFTS) - 1, np.bool_)

    def means(what: np.ndarray):  # type: ignore[no-untyped-def]
        sums = unit_sums(what, unit)
        return paired_means(sums[0], sums[1:] - sums[0], sizes)

    count_times(found, "restricted mean", mean_contrasts(means(rows), no, no, HORIZON), TRUE_MEANS)
    by = rows <= BY
    gained, lost = (by[1:] & ~by[0]).sum(axis=1), (by[0] & ~by[1:]).sum(axis=1)
    count_times(found, "share", share_contrasts(means(by), gained, lost, no), TRUE_SHARES)
    count_times(found, "median", median_contrasts(list(rows), HORIZON, unit, no), TRUE_MEDIANS, 0.5)
    capped = np.where(rows >= HORIZON, -1, rows)
    order = order_of(capped[0], capped[1], HORIZON, sizes)
    # Both censored is the same: with these numbers in under 2 % of the pairs, which the truth leaves out.
    found["order"] += holds(order.sooner.low, order.sooner.high, sooner_share())
    groups = [np.array_split(row, 32) for row in rows]
    medians = [[float(np.quantile(part, 0.5, method="inverted_cdf")) for part in one] for one in groups]
    whole = [float(np.quantile(row, 0.5, method="inverted_cdf")) for row in rows]
    if unit == 1:
        count_times(found, "sections", section_contrasts(whole, medians, n, no), TRUE_MEDIANS, 0.5)


_SOONER: dict[str, float] = {}


def sooner_share() -> float:
    """P(the first variant is sooner, both limited to the horizon and in whole seconds), from four million pairs."""
    if not _SOONER:
        rows = drawn(np.random.default_rng(99), 4_000_000, 1)[:2]
        _SOONER["is"] = float((rows[1] < rows[0]).mean())
    return _SOONER["is"]


def coverage(repeats: int, n: int, unit: int) -> dict[str, float]:
    found: Counter[str] = Counter()
    rng = np.random.default_rng(7)
    for _ in range(repeats):
        one_comparison(rng, n, unit, found)
    return {name: count / repeats for name, count in found.items()}


def assert_covers(rates: dict[str, float], repeats: int) -> None:
    least = 0.95 - 3 * math.sqrt(0.95 * 0.05 / repeats)
    assert {name: rate for name, rate in rates.items() if rate < least} == {}
    assert {name: rate for name, rate in rates.items() if rate > 0.995 and repeats >= 2000} == {}


@pytest.mark.parametrize("unit", [1, 16])
def test_intervals_hold_what_they_should(unit: int) -> None:
    assert_covers(coverage(120, 1600, unit), 120)


def test_intervals_that_take_replications_of_blocks_as_independent_do_not_hold() -> None:
    """The saboteur: restricted means of blocks, as though every replication were a unit of its own."""
    rng, hits, no = np.random.default_rng(8), 0, np.zeros(3, np.bool_)
    for _ in range(250):
        rows = drawn(rng, 800, 16)
        rows[1] += np.repeat(rng.integers(-600, 600, 50), 16)  # a block's own change
        means = paired_means(rows[0], rows[1:] - rows[0], unit_sizes(800, 1))
        one = mean_contrasts(means, no, no, HORIZON)[0]
        hits += holds(one.low, one.high, TRUE_MEANS[1] - TRUE_MEANS[0])
    assert hits / 250 < 0.8


@pytest.mark.deep
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("unit", [1, 16])
def test_intervals_hold_what_they_should_in_ten_thousand_repeats(unit: int) -> None:
    assert_covers(coverage(10_000, 1600, unit), 10_000)
