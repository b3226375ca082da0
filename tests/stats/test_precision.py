"""Precisions as they are written, and the coverage of the interval at which a run stops."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.scenario.program import Column
from sim.stats import precision as module
from sim.stats.first_contact import FirstContact, count_times
from sim.stats.intervals import LEVEL, Estimate
from sim.stats.precision import Precision, level_of_a_look, looks, read_precision

DAY = 86_400
HORIZON = 88 * DAY
COLUMNS = tuple(map(Column.parse, ("any", "line:hotline", "line:austin-shoigu")))

WRITTEN = {
    "median ± 12 h": ("median of any ± 12 h", "median", "any", 43_200.0, None),
    "median of line:hotline +- 90 min": ("median of line:hotline ± 90 min", "median", "line:hotline", 5400.0, None),
    "p90±1 d": ("p90 of any ± 1 d", "p90", "any", 86_400.0, None),
    "mean of any +/- 6 h": ("mean of any ± 6 h", "mean", "any", 21_600.0, None),
    "restricted mean ± 6 h": ("mean of any ± 6 h", "mean", "any", 21_600.0, None),
    "P(any within 30 d) ± 0.005": ("P(any within 30 d) ± 0.005", "probability", "any", 0.005, 30 * DAY),
    " P( line:hotline within 1 h )  ± 0.5 % ": (
        "P(line:hotline within 1 h) ± 0.005",
        "probability",
        "line:hotline",
        0.005,
        3600,
    ),
    "p(any) ± .01": ("P(any) ± 0.01", "probability", "any", 0.01, None),
}

REFUSED = {
    "median 12 h": "has no ±",
    "mode ± 1 h": "'mode' is nothing that can be waited for",
    "median ± 0.5": "'0.5' has no unit",
    "median ± 0 h": "expected a duration above 0 s",
    "median ± -1 h": "is negative",
    "median ± 0.4 s": "below the resolution: times are whole seconds",
    "median of line:hotlin ± 1 h": "did you mean 'line:hotline'",
    "P(any within 88 d) ± 0.01": "not before the horizon, 88 d",
    "P(any within 3) ± 0.01": "'3' has no unit",
    "P(any) ± 0": "out of range",
    "P(any) ± 100 %": "out of range",
    "P(any) ± nan": "is no share",
    "P(any) ± 1 h": "is no share",
    "": "has no ±",
}


@pytest.mark.parametrize("text", WRITTEN)
def test_what_is_written_is_read(text: str) -> None:
    found = read_precision(text, COLUMNS, HORIZON)
    assert (found.text, found.quantity, found.column, found.half_width, found.within) == WRITTEN[text]
    assert read_precision(found.text, COLUMNS, HORIZON) == found


@pytest.mark.parametrize("text", REFUSED)
def test_what_cannot_be_waited_for_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=REFUSED[text]):
        read_precision(text, COLUMNS, HORIZON)


def test_looks_double_in_whole_blocks_up_to_the_most() -> None:
    assert looks(5000) == (1000, 2000, 4000, 5000)
    assert looks(1000) == (1000,)
    assert looks(7) == (7,)
    assert looks(5000, 16) == (1008, 2000, 4000, 5000)
    assert looks(9000, 3000) == (3000, 6000, 9000)


def test_the_error_is_split_over_the_looks() -> None:
    assert math.isclose(15 * (1 - level_of_a_look(15)), 1 - LEVEL)
    assert level_of_a_look(1) == pytest.approx(LEVEL)


def test_an_unknown_end_is_never_narrow_enough() -> None:
    wanted = read_precision("median ± 12 h", COLUMNS, HORIZON)
    assert wanted.reached_by(Estimate(5.0, 0.0, 86_400.0))
    assert not wanted.reached_by(Estimate(5.0, 0.0, 86_401.0))
    assert not wanted.reached_by(Estimate(5.0, 0.0, None))
    assert not wanted.reached_by(Estimate(None, None, None))


def test_a_precision_below_the_resolution_is_seen_before_more_is_run() -> None:
    """Around 40 d a bin holds 34 min: ± 10 min is out of reach, ± 30 min is not, nor ± 10 s around a single second."""
    spread = count_times(40 * DAY + np.arange(0, 20_000, 7), HORIZON)
    narrow, wide = (read_precision(f"median ± {half}", COLUMNS, HORIZON) for half in ("10 min", "30 min"))
    apart = narrow.coarsest(spread, narrow.estimate(spread, LEVEL))
    assert apart is not None
    assert narrow.width < apart < 4096
    assert wide.coarsest(spread, wide.estimate(spread, LEVEL)) is None
    single = count_times(np.full(1000, 40 * DAY), HORIZON)
    exact = read_precision("median ± 10 s", COLUMNS, HORIZON)
    assert exact.finer_than_bins(HORIZON)
    assert exact.coarsest(single, exact.estimate(single, LEVEL)) is None
    assert exact.reached_by(exact.estimate(single, LEVEL))


def test_a_mean_without_contacts_is_not_believed() -> None:
    """All times equal the horizon, and Student's interval has no width: it would be enough at once."""
    wanted = read_precision("mean ± 1 s", COLUMNS, HORIZON)
    silent = count_times(np.full(1000, -1), HORIZON)
    assert not wanted.reached_by(wanted.estimate(silent, LEVEL))


Draw = Callable[[np.random.Generator, int], NDArray[np.int64]]


def exponential(generator: np.random.Generator, n: int) -> NDArray[np.int64]:
    times = generator.exponential(30 * DAY, n).astype(np.int64)
    return np.where(times < HORIZON, times, -1)


def mixture(generator: np.random.Generator, n: int) -> NDArray[np.int64]:
    """Blocks of 16 that share a rate from a gamma distribution of shape 2."""
    rate = np.repeat(generator.gamma(2.0, 1 / (60 * DAY), -(-n // 16)), 16)[:n]
    times = (generator.exponential(size=n) / rate).astype(np.int64)
    return np.where(times < HORIZON, times, -1)


def stopped(wanted: Precision, draw: Draw, block: int, most: int, seed: int) -> Estimate:
    """The interval at which a run stops; replications are drawn as the looks ask for them."""
    generator = np.random.default_rng(seed)
    column: FirstContact | None = None
    at, done = looks(most, 16), 0
    for size in at:
        exact_at = () if wanted.within is None else (wanted.within,)
        more = count_times(draw(generator, size - done), HORIZON, block, exact_at)
        column, done = more if column is None else column.merge(more), size
        found = wanted.estimate(column, module.level_of_a_look(len(at)))
        if wanted.reached_by(found):
            break
    return found


def coverage(text: str, truth: float, draw: Draw, block: int, repeats: int) -> float:
    wanted = read_precision(text, COLUMNS, HORIZON)
    found = [stopped(wanted, draw, block, 16_000, seed) for seed in range(repeats)]
    return float(np.mean([one.low is not None and one.low <= truth <= (one.high or math.inf) for one in found]))


def share_by(second: float) -> float:
    return 1 - math.exp(-second / (30 * DAY))


CASES: dict[str, tuple[float, Draw, int]] = {
    "P(any within 30 d) ± 0.03": (share_by(30 * DAY), exponential, 1),
    "P(any within 10 d) ± 0.05": (share_by(10 * DAY), exponential, 1),
    "median ± 2 d": (30 * DAY * math.log(2), exponential, 1),
    "mean ± 30 h": (30 * DAY * share_by(HORIZON), exponential, 1),
    "P(any within 20 d) ± 0.04": (1 - (1 + 20 / 60) ** -2, mixture, 16),
    "median ± 4 d": (60 * DAY * (math.sqrt(2) - 1), mixture, 16),
}


@pytest.mark.parametrize("repeats", [200, pytest.param(10_000, marks=[pytest.mark.deep, pytest.mark.timeout(3600)])])
@pytest.mark.parametrize("text", CASES)
def test_the_interval_at_which_a_run_stops_covers(text: str, repeats: int) -> None:
    """At least nominal: 200 repeats see a coverage below 0.88, ten thousand one below 0.94."""
    truth, draw, block = CASES[text]
    error = math.sqrt(LEVEL * (1 - LEVEL) / repeats)
    assert coverage(text, truth, draw, block, repeats) > LEVEL - 4.5 * error


def test_an_error_that_is_not_split_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """Saboteur: intervals at half the level are found not to cover."""
    monkeypatch.setattr(module, "level_of_a_look", lambda count: 0.5)
    text = "P(any within 30 d) ± 0.03"
    assert coverage(text, CASES[text][0], exponential, 1, 200) < LEVEL - 4.5 * math.sqrt(LEVEL * (1 - LEVEL) / 200)


def test_runs_do_stop_early() -> None:
    """The coverage above is not that of runs that all go to their end."""
    wanted = read_precision("P(any within 30 d) ± 0.03", COLUMNS, HORIZON)
    found = [stopped(wanted, exponential, 1, 16_000, seed) for seed in range(5)]
    never = read_precision("P(any within 30 d) ± 0.000001", COLUMNS, HORIZON)
    at_the_end = stopped(never, exponential, 1, 16_000, 1)
    assert all(one.low is not None and one.high is not None and 0.03 < one.high - one.low <= 0.06 for one in found)
    assert at_the_end.low is not None
    assert at_the_end.high is not None
    assert at_the_end.high - at_the_end.low < 0.03
