"""Delay distributions fitted to observed times: the families of the language, by maximum likelihood.

Times may be known exactly, to an interval (a clock that shows minutes), or only as longer than something. Fits have
intervals, a test of fit, and measures that compare the families. Nothing of SciPy is loaded before a fit is made.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.rules.random import Purpose, stream_of, uniforms
from sim.stats.intervals import LEVEL
from sim.stats.likelihood import Block, Family, LocationScale, families, log_likelihood, maximum, slopes

Floats = NDArray[np.float64]
FAMILIES = ("exponential", "lognormal", "weibull", "gamma", "loglogistic")
RESAMPLES = 999
FEWEST = 3
"""Times with an upper end that are needed: a fit of two parameters to fewer says nothing."""
MOST_PIVOTS = 1_000
"""Times up to which intervals come from refits; with more, the likelihood gives the same ones."""
MOST_DRAWN, LEAST_RESAMPLES = 1_000_000, 39
"""Simulated times for the test of one family: with more than a few thousand observed ones there are fewer samples."""
_NARROW = 0.5
"""Intervals no wider than this share of the standard deviation, both of the logarithm of time, count as exact times in
refits: the rounding then adds one per cent to the standard deviation."""
_EXACT = 1e-6
"""Intervals whose logarithm is narrower are densities at the middle; a difference of probabilities loses digits."""
_EVALUATED = 2_000_000
"""Densities that are evaluated at once, for the same reason as `_TOGETHER`."""
_TOGETHER = 100_000
"""Simulated times that are refitted at once, which bounds the memory that is taken."""
_REFIT_STEPS = 25
"""Steps for a refit: one that has not arrived by then is on its way to an edge, and its A² says so."""
_TAILS = ((1 - LEVEL) / 2, (1 + LEVEL) / 2)


@dataclass(frozen=True)
class Times:
    """Observed times in seconds, both of shape (n,): each lies in [low, high], and is exact where the two are equal.

    An infinite `high` is a time known only to be longer than `low`.
    """

    low: Floats
    high: Floats

    @property
    def n(self) -> int:
        """How many times there are, those known only to be longer counted too."""
        return len(self.low)

    @property
    def ended(self) -> bool:
        """Whether every time has an upper end."""
        return bool(np.isfinite(self.high).all())

    @property
    def middles(self) -> Floats:
        """(n,): the middle of each interval; infinite where the time has no upper end."""
        return (self.low + self.high) / 2

    @property
    def fine(self) -> NDArray[np.bool_]:
        """(n,): whether a time is known well enough to count as exact where samples are fitted again."""
        rough = np.where(np.isfinite(self.high), self.middles, self.low)
        spread = float(np.log(rough).std())
        with np.errstate(divide="ignore"):
            return np.log(self.high) - np.log(self.low) <= _NARROW * spread


@dataclass(frozen=True)
class Goodness:
    """A test of fit. statistic: Anderson and Darling's A² of the data.

    p_value  (1 + samples whose A² against their own refit is at least as large) / (1 + samples)
    """

    statistic: float
    p_value: float
    samples: int


@dataclass(frozen=True)
class Fit:
    """One family, fitted.

    parameters      as the language names them; durations in seconds
    intervals       of each parameter, 95 %; an end that the times leave open is 0 or infinite
    log_likelihood  natural logarithm; densities per second for exact times, probabilities for intervals
    aic, bic        2k − 2 log L and k ln n − 2 log L, k parameters
    goodness        None where a time has no upper end, or where no resamples were asked for
    points          (m, k) distributions within what the times leave open, in the coordinates of `sim.stats.likelihood`
    tails           the shares of `points` left out at either end of an interval: 0 for a region, 2.5 % for refits
    """

    family: str
    parameters: Mapping[str, float]
    intervals: Mapping[str, tuple[float, float]]
    log_likelihood: float
    aic: float
    bic: float
    goodness: Goodness | None
    point: Floats
    points: Floats
    tails: tuple[float, float]

    def cdf(self, seconds: ArrayLike) -> Floats:
        """P(T <= t) of the fit."""
        return _over(families()[self.family].cdf, self.point, seconds)

    def quantile(self, probability: ArrayLike) -> Floats:
        """The time in seconds by which a share of all has passed; shares in (0, 1)."""
        return _over(families()[self.family].quantile, self.point, probability)

    def cdf_band(self, seconds: Floats) -> tuple[Floats, Floats]:
        """Ends of the pointwise 95 % band of `cdf`: what so few times leave open of the parameters."""
        with np.errstate(all="ignore"):
            curves = families()[self.family].cdf(self.points, np.asarray(seconds, dtype=float)[np.newaxis, :])
        low, high = np.quantile(curves, self.tails, axis=0)
        return low, high

    def order_band(self, n: int) -> tuple[Floats, Floats]:
        """Ends, in seconds, of the 95 % range of each of `n` ordered times drawn from the fit, the smallest first.

        The i-th of n uniform numbers has a Beta(i, n + 1 − i) distribution (David and Nagaraja, Order Statistics, 2003,
        section 2.3). That the parameters were fitted to these very times is not taken into account.
        """
        from scipy.stats import beta

        rank = np.arange(1, n + 1)
        low, high = (self.quantile(beta.ppf(tail, rank, n + 1 - rank)) for tail in _TAILS)
        return low, high


@dataclass(frozen=True)
class Fits:
    """Times and the families fitted to them, the lowest AIC first; of equal ones the first in `FAMILIES`.

    left_out  families without a fit, and why
    ignored   times left aside, because they say no more than that a time is longer than 0 s
    """

    times: Times
    fits: tuple[Fit, ...]
    left_out: Mapping[str, str] = field(default_factory=dict)
    ignored: int = 0

    @property
    def best(self) -> Fit:
        """The one with the lowest AIC."""
        return self.fits[0]

    def of(self, family: str) -> Fit:
        """The fit of a family. Raises KeyError where it was not fitted."""
        return {fit.family: fit for fit in self.fits}[family]


def fit_delays(
    low: ArrayLike,
    high: ArrayLike | None = None,
    *,
    families: Sequence[str] = FAMILIES,
    resamples: int = RESAMPLES,
    seed: int = 1,
) -> Fits:
    """Fit families to observed times.

    low, high  (n,) ends of the interval in which each time lies, in seconds, 0 <= low <= high; exact where the two are
               equal, and all are unless `high` is given. An infinite `high` is a time that was still going on at `low`;
               from 0 on it says nothing, and is left aside
    families   names in `FAMILIES`
    resamples  samples of the same size drawn from each fit, by keyed draws from `seed`, and fitted again. A simulated
               time is seen on the marks of the one in its place: those of a clock whose steps are as wide as that
               interval and of which that interval is one. For A² every interval counts as its middle

    Intervals: for families of location and scale of ln T and times that are exact, or nearly so, the pivots
    (location − estimate) / scale and scale / estimate of the refits are inverted, which is exact (J. F. Lawless,
    Statistical Models and Methods for Lifetime Data, 2003, section 5.1); for the lognormal and the exponential their
    distributions are Student's t and chi-square. Else the intervals are those of the profile likelihood: the range of
    a number over all distributions whose log-likelihood is within 1.92 of the largest.

    Sources: AIC, H. Akaike, IEEE Trans. Automat. Contr. 19 (1974) 716–723; BIC, G. Schwarz, Ann. Statist. 6 (1978)
    461–464; A² and why its p-value needs refits, M. A. Stephens, JASA 69 (1974) 730–737; the bootstrap of it, W. Stute,
    W. González Manteiga and M. Presedo Quindimil, Metrika 40 (1993) 243–256.

    Raises ValueError for times that are not such, for fewer than three with an upper end, for times that all may be
    equal (no spread can be estimated), where no family has a maximum of the likelihood, and KeyError for an unknown
    family.
    """
    times = _checked(low, high)
    fitted, left_out = [], {}
    for name in families:
        found = _Fitting(_family(name), times).fit(resamples, seed)
        if found is None:
            left_out[name] = "its likelihood has no maximum for these times"
        else:
            fitted.append(found)
    if not fitted:
        raise ValueError("no family has a maximum of the likelihood for these times")
    ignored = len(np.atleast_1d(low)) - times.n
    return Fits(times, tuple(sorted(fitted, key=lambda fit: fit.aic)), left_out, ignored)


def anderson_darling(shares: Floats, counts: Floats | None = None) -> Floats:
    """A² of samples whose probabilities P(T <= t) under the law are `shares`, (…, n), each in (0, 1).

    counts  (…, n) how often each share occurs, the shares then in rising order; once each, in any order, by default
    """
    if counts is None:
        shares, counts = np.sort(shares, axis=-1), np.ones(shares.shape)
    upto = np.cumsum(counts, axis=-1)
    n = upto[..., -1:]
    before = upto - counts
    inside = np.clip(shares, 1e-300, 1.0 - 2.0**-53)
    low, high = (upto**2 - before**2) * np.log(inside), ((n - before) ** 2 - (n - upto) ** 2) * np.log1p(-inside)
    found: Floats = -n[..., 0] - (low + high).sum(axis=-1) / n[..., 0]
    return found


def _over(function: object, point: Floats, values: ArrayLike) -> Floats:
    given = np.asarray(values, dtype=float)
    with np.errstate(all="ignore"):
        found: Floats = function(point, given.ravel()).reshape(given.shape)  # type: ignore[operator]
    return found


def _family(name: str) -> Family:
    return families()[name]


def _checked(low: ArrayLike, high: ArrayLike | None) -> Times:
    lows = np.array(low, dtype=float)
    highs = lows.copy() if high is None else np.array(high, dtype=float)
    if lows.ndim != 1 or lows.shape != highs.shape:
        raise ValueError(f"times of shapes {lows.shape} and {highs.shape}; expected two lists of one length")
    wrong = ~(np.isfinite(lows) & (lows >= 0) & (lows <= highs) & (highs > 0))
    if wrong.any():
        place = int(np.argmax(wrong))
        raise ValueError(
            f"time {place + 1} is from {lows[place]:g} to {highs[place]:g} s; expected 0 <= from <= to, and not 0 alone"
        )
    known = (lows > 0) | np.isfinite(highs)
    lows, highs = lows[known], highs[known]
    ended = int(np.isfinite(highs).sum())
    if ended < FEWEST:
        raise ValueError(f"{ended} times with an upper end; a fit needs {FEWEST}")
    if lows.max() < highs.min() or (lows == highs[0]).all():
        raise ValueError(f"all times may be {highs.min():g} s; a fit needs times that differ")
    return Times(lows, highs)


class _Fitting:
    """One family and the times, in units of their median, so that numbers are of order one."""

    def __init__(self, family: Family, times: Times) -> None:
        self.family, self.times = family, times
        self.unit = float(np.median(np.where(np.isfinite(times.high), times.middles, times.low)))
        rows, counts = np.unique(np.stack([times.low, times.high]), axis=1, return_counts=True)
        self.blocks = self._blocks(rows[0] / self.unit, rows[1] / self.unit, counts.astype(float))

    def fit(self, resamples: int, seed: int) -> Fit | None:
        """None where the likelihood has no maximum."""
        times = self.times
        rough = np.where(np.isfinite(times.high), times.middles, times.low)[np.newaxis, :] / self.unit
        points, found = maximum(self.family, self.blocks, self.family.start(rough, np.ones((1, 1))))
        if not found[0]:
            return None
        point = points[0]
        exact = int((times.low == times.high).sum())
        best = float(log_likelihood(self.family, points, self.blocks)[0]) - exact * math.log(self.unit)
        number = min(resamples, max(LEAST_RESAMPLES, MOST_DRAWN // times.n))
        goodness, refits = self._goodness(point, number, seed) if number and times.ended else (None, None)
        within, tails, intervals = self._open(point, refits)
        size = self.family.size
        return Fit(
            family=self.family.name,
            parameters=self.family.own(self._seconds(point)),
            intervals=intervals,
            log_likelihood=best,
            aic=2 * size - 2 * best,
            bic=size * math.log(times.n) - 2 * best,
            goodness=goodness,
            point=self._seconds(point),
            points=self._seconds(within),
            tails=tails,
        )

    def _seconds(self, points: Floats) -> Floats:
        """Points in seconds rather than units."""
        moved = points.copy()
        moved[..., 0] += math.log(self.unit)
        return moved

    def _blocks(self, low: Floats, high: Floats, weight: Floats) -> tuple[Block, ...]:
        """Times of one sample, (n,), as exact ones and intervals."""
        with np.errstate(divide="ignore"):
            exact = np.log(high / np.maximum(low, 1e-300)) <= _EXACT
        stamped = exact & (low < high)
        offset = float((np.log((high - low)[stamped]) * weight[stamped]).sum())
        blocks = []
        if exact.any():
            middle = 0.5 * (low + high)[exact]
            blocks.append(Block(middle[np.newaxis], None, weight[np.newaxis, exact], offset))
        if not exact.all():
            blocks.append(Block(low[np.newaxis, ~exact], high[np.newaxis, ~exact], weight[np.newaxis, ~exact]))
        return tuple(blocks)

    def _open(
        self, point: Floats, refits: Floats | None
    ) -> tuple[Floats, tuple[float, float], dict[str, tuple[float, float]]]:
        """Distributions that the times leave open, the shares of them to leave out, and intervals of the parameters."""
        exact = isinstance(self.family, LocationScale) and bool(self.times.fine.all()) and self.times.n <= MOST_PIVOTS
        if exact and refits is not None:
            within, tails = _pivoted(point, refits), _TAILS
        else:
            within, tails = self._region(point), (0.0, 1.0)
        with np.errstate(over="ignore"):
            own = [self.family.own(one) for one in self._seconds(within)]
        intervals = {}
        for name in self.family.own(point):
            low, high = np.quantile([one[name] for one in own], tails)
            intervals[name] = (float(low), float(high))
        if exact and refits is not None and self.family.name in ("exponential", "lognormal"):
            intervals = _known_pivots(self.family.own(self._seconds(point)), self.times.n)
        return within, tails, intervals

    def _region(self, point: Floats) -> Floats:
        """The edge of the distributions whose log-likelihood is within half the chi-square quantile of the largest."""
        from scipy.special import chdtri

        drop = 0.5 * float(chdtri(1, 1 - LEVEL))
        best = float(log_likelihood(self.family, point[np.newaxis], self.blocks)[0])
        _, second = slopes(self.family, self.blocks, point[np.newaxis])
        rays = _rays(-second[0], 360 if self.times.n <= 1_000 else 72) * self.family.spread(point)

        def lost(radius: Floats) -> Floats:
            there = np.nan_to_num(point + radius[:, np.newaxis] * rays, posinf=700.0, neginf=-700.0)
            parts = np.array_split(there[:, np.newaxis], -(-len(there) * self.times.n // _EVALUATED))
            found = np.concatenate([log_likelihood(self.family, part, self.blocks)[:, 0] for part in parts])
            return np.nan_to_num(best - found - drop, nan=math.inf)

        farthest = 60.0 / np.sqrt((rays * rays).sum(axis=1))
        high = np.minimum(math.sqrt(2.0 * drop), farthest)
        above = lost(high)
        low, below = np.zeros(len(rays)), np.full(len(rays), -drop)
        for _ in range(60):
            inside = (above < 0.0) & (high < farthest)
            if not inside.any():
                break
            low, below = np.where(inside, high, low), np.where(inside, above, below)
            high = np.where(inside, np.minimum(1.5 * high, farthest), high)
            above = np.where(inside, lost(high), above)
        high = _crossing(lost, low, below, high, above)
        edge: Floats = point + high[:, np.newaxis] * rays
        edge[high >= farthest * (1 - 1e-9)] *= 20.0  # open: so far that a parameter is 0 or infinite
        return edge

    def _goodness(self, point: Floats, resamples: int, seed: int) -> tuple[Goodness, Floats]:
        """The test of fit by refits of samples drawn from the fit, and the refits."""
        family, times = self.family, self.times
        low, high = times.low / self.unit, times.high / self.unit
        statistic = float(anderson_darling(family.cdf(point, 0.5 * (low + high))))
        stream, together = stream_of("fit", family.name), max(1, _TOGETHER // times.n)
        refits, larger = [], 0
        for first in range(0, resamples, together):
            rows = range(first, min(first + together, resamples))
            drawn = family.quantile(point, uniforms(seed, stream, rows, range(times.n), Purpose.INTERVAL // 2)[0])
            found, others = self._refit(*_seen(drawn, low, high))
            refits.append(found)
            larger += int((others >= statistic * (1 - 1e-9)).sum())
        return Goodness(statistic, (1 + larger) / (1 + resamples), resamples), np.concatenate(refits)

    def _refit(self, low: Floats, high: Floats) -> tuple[Floats, Floats]:
        """Points of samples, (b, n) ends of each time, and A² of each against its own."""
        family = self.family
        middle, weight = 0.5 * (low + high), np.ones((1, 1))
        blocks, counts, fine = [], None, self.times.fine
        cells = None if fine.any() else _cells(low, high)
        if cells is not None:
            low, high, counts = cells
            middle, weight = 0.5 * (low + high), counts
            blocks = [Block(low, high, counts)]
        else:
            blocks += [Block(middle[:, fine], None, weight)] * bool(fine.any())
            blocks += [Block(low[:, ~fine], high[:, ~fine], weight)] * bool((~fine).any())
        points, _ = maximum(family, tuple(blocks), family.start(middle, weight), _REFIT_STEPS)
        return points, anderson_darling(family.cdf(points, middle), counts)


def _cells(low: Floats, high: Floats) -> tuple[Floats, Floats, Floats] | None:
    """The same times as few intervals, (1, cells), in rising order of their middles, and how often each sample has
    each, (samples, cells); None where that would be no saving."""
    samples, n = low.shape
    ends, place = np.unique(low + 1j * high, return_inverse=True)
    if (ends.real == ends.imag).any() or 2 * len(ends) > n:
        return None
    number = place.reshape(samples, n) + len(ends) * np.arange(samples)[:, np.newaxis]
    counts = np.bincount(number.ravel(), minlength=samples * len(ends)).reshape(samples, len(ends)).astype(float)
    order = np.argsort(ends.real + ends.imag, kind="stable")
    return ends.real[np.newaxis, order], ends.imag[np.newaxis, order], counts[:, order]


def _seen(drawn: Floats, low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """Simulated times, (b, n), as the observed one in each place was seen: exactly, or between two marks."""
    width = high - low
    coarse = width > 0.0
    step = np.where(coarse, width, 1.0)
    first = low - np.floor(low / step + 1e-9) * step
    below = first + np.floor((drawn - first) / step) * step
    one, other = np.maximum(below, 0.0), below + step
    return np.where(coarse, one, drawn), np.where(coarse, other, drawn)


def _pivoted(point: Floats, refits: Floats) -> Floats:
    """The pivots of refits inverted: location − scale·(location* − location) / scale*, and scale² / scale*."""
    found = refits.copy()
    if len(point) == 1:
        found[:, 0] = 2.0 * point[0] - refits[:, 0]
        return found
    found[:, 1] = 2.0 * point[1] - refits[:, 1]
    found[:, 0] = point[0] - np.exp(point[1]) * (refits[:, 0] - point[0]) / np.exp(refits[:, 1])
    return found


def _known_pivots(own: Mapping[str, float], n: int) -> dict[str, tuple[float, float]]:
    """Intervals of the exponential and the lognormal, whose pivots have known distributions."""
    from scipy.special import chdtri, stdtrit

    upper, lower = _TAILS
    if "mean" in own:
        total = 2 * n * own["mean"]
        return {"mean": (float(total / chdtri(2 * n, upper)), float(total / chdtri(2 * n, lower)))}
    scatter = n * own["sigma"] ** 2
    half = float(stdtrit(n - 1, lower)) * math.sqrt(scatter / (n - 1) / n)
    return {
        "median": (own["median"] * math.exp(-half), own["median"] * math.exp(half)),
        "sigma": (
            math.sqrt(scatter / float(chdtri(n - 1, upper))),
            math.sqrt(scatter / float(chdtri(n - 1, lower))),
        ),
    }


def _crossing(lost: Callable[[Floats], Floats], low: Floats, below: Floats, high: Floats, above: Floats) -> Floats:
    """Where a function of a radius crosses 0 from `below` to `above`; `high` where it does not. It is about quadratic,
    so that the square of the radius is found by false position, with halved weights (the Illinois rule)."""
    known = above <= 0.0
    for _ in range(60):
        share = np.where(np.isfinite(above), below / np.where(known, -1.0, below - above), 0.5)
        middle = np.sqrt(low**2 + np.clip(share, 1e-3, 1 - 1e-3) * (high**2 - low**2))
        middle = np.where(known, high, middle)
        there = np.where(known, 0.0, lost(middle))
        known = known | (np.abs(there) <= 1e-9)
        rising = there >= 0.0
        below = np.where(rising, 0.5 * below, there)
        above = np.where(rising, there, 0.5 * above)
        low, high = np.where(rising, low, middle), np.where(rising | known, middle, high)
        if known.all():
            break
    return high


def _rays(information: Floats, number: int) -> Floats:
    """(number, d) directions, such that one unit of length loses half a unit of log-likelihood near the maximum."""
    if len(information) == 1:
        return np.array([[-1.0], [1.0]]) / math.sqrt(max(float(information[0, 0]), 1e-8))
    angle = 2.0 * math.pi * np.arange(number) / number
    (a, b), (_, c) = information
    a = max(float(a), 1e-8)
    rest = max(float(c) - float(b) ** 2 / a, 1e-8)
    # The inverse of the information's triangular factor, written out.
    second = np.sin(angle) / math.sqrt(rest)
    return np.stack([np.cos(angle) / math.sqrt(a) - float(b) / a * second, second], axis=-1)
