"""Delay distributions fitted to observed times: the families of the language, by maximum likelihood.

Times may be known exactly, to an interval (a clock that shows minutes), or only as longer than something. SciPy
maximises the likelihoods; three of the families are fitted as location and scale of the logarithm of time, which is the
same maximum. Nothing of SciPy is loaded before a function is called.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.rules.random import Purpose, stream_of, uniforms
from sim.stats.intervals import LEVEL

Floats = NDArray[np.float64]
RESAMPLES = 999
FEWEST = 3
"""Times that are needed: a fit of two parameters to fewer says nothing."""
MOST_STEPS = 2_000


@dataclass(frozen=True)
class Family:
    """A family of the language and the SciPy distribution that it is, of time or of its natural logarithm.

    own  from SciPy's free parameters, in seconds and without the location of a distribution of time, to the language's
    """

    name: str
    scipy: str
    logarithmic: bool
    own: Callable[[Sequence[float]], dict[str, float]]


FAMILIES: Mapping[str, Family] = {
    family.name: family
    for family in (
        Family("exponential", "expon", False, lambda p: {"mean": p[0]}),
        Family("lognormal", "norm", True, lambda p: {"median": math.exp(p[0]), "sigma": p[1]}),
        Family("weibull", "gumbel_l", True, lambda p: {"shape": 1 / p[1], "scale": math.exp(p[0])}),
        Family("gamma", "gamma", False, lambda p: {"shape": p[0], "scale": p[1]}),
        Family("loglogistic", "logistic", True, lambda p: {"scale": math.exp(p[0]), "shape": 1 / p[1]}),
    )
}


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
    def half_widths(self) -> Floats:
        """(n,): half the length of each interval."""
        return (self.high - self.low) / 2


@dataclass(frozen=True)
class Resampled:
    """What fits to simulated samples tell of a fit; see `fit_delays`.

    intervals  of each parameter, the central 95 % of its refits
    statistic  Anderson and Darling's A² of the data
    p_value    (1 + samples whose A² against their own refit is at least as large) / (1 + samples)
    laws       (samples, SciPy's parameters) of the refits
    """

    intervals: Mapping[str, tuple[float, float]]
    statistic: float
    p_value: float
    laws: Floats


@dataclass(frozen=True)
class Fit:
    """One family, fitted.

    parameters      as the language names them; durations in seconds
    log_likelihood  natural logarithm; densities per second for exact times, probabilities for intervals
    aic, bic        2k − 2 log L and k ln n − 2 log L, k parameters
    resampled       None where a time has no upper end, or where no resamples were asked for
    """

    family: str
    parameters: Mapping[str, float]
    log_likelihood: float
    aic: float
    bic: float
    law: tuple[float, ...]
    resampled: Resampled | None

    def cdf(self, seconds: ArrayLike) -> Floats:
        """P(T <= t) of the fit."""
        return _cdf(FAMILIES[self.family], self.law, np.asarray(seconds, dtype=float))

    def quantile(self, probability: ArrayLike) -> Floats:
        """The time in seconds by which a share of all has passed; shares in (0, 1)."""
        return _quantile(FAMILIES[self.family], self.law, np.asarray(probability, dtype=float))

    def cdf_band(self, seconds: Floats) -> tuple[Floats, Floats]:
        """Ends of the pointwise 95 % band of `cdf`, from the refits: what so few times leave open of the parameters.

        Raises ValueError where there were no resamples.
        """
        if self.resampled is None:
            raise ValueError("no band without resamples")
        family = FAMILIES[self.family]
        curves = np.array([_cdf(family, tuple(law), seconds) for law in self.resampled.laws])
        low, high = np.quantile(curves, _TAILS, axis=0)
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
    """Times and the families fitted to them, the lowest AIC first; of equal ones the first in `FAMILIES`."""

    times: Times
    fits: tuple[Fit, ...]

    @property
    def best(self) -> Fit:
        """The one with the lowest AIC."""
        return self.fits[0]

    def of(self, family: str) -> Fit:
        """The fit of a family. Raises KeyError where it was not fitted."""
        return {fit.family: fit for fit in self.fits}[family]


_TAILS = ((1 - LEVEL) / 2, (1 + LEVEL) / 2)


def fit_delays(
    low: ArrayLike,
    high: ArrayLike | None = None,
    *,
    families: Sequence[str] = tuple(FAMILIES),
    resamples: int = RESAMPLES,
    seed: int = 1,
) -> Fits:
    """Fit families to observed times.

    low, high  (n,) ends of the interval in which each time lies, in seconds, 0 <= low <= high; exact where the two are
               equal, and all are unless `high` is given. An infinite `high` is a time that was still going on at `low`
    families   names in `FAMILIES`
    resamples  samples of the same size drawn from each fit, by keyed draws from `seed`, and fitted again. A simulated
               time is seen as coarsely as the one in its place: within an interval as wide, at an even place of it. For
               the refits and for A² every interval counts as its middle, in data and samples alike

    The likelihood of an interval is the probability of it: none is replaced by its middle in the fit itself.
    Sources: AIC, H. Akaike, IEEE Trans. Automat. Contr. 19 (1974) 716–723; BIC, G. Schwarz, Ann. Statist. 6 (1978)
    461–464; A² and why its p-value needs refits, M. A. Stephens, JASA 69 (1974) 730–737; the bootstrap of it, W. Stute,
    W. González Manteiga and M. Presedo Quindimil, Metrika 40 (1993) 243–256.

    Raises ValueError for times that are not such, for fewer than three with an upper end, for times that all may be
    equal (no spread can be estimated), where no maximum of the likelihood is found, and KeyError for an unknown family.
    """
    times = _checked(low, high)
    fitted = [_fit(FAMILIES[name], times, resamples, seed) for name in families]
    return Fits(times, tuple(sorted(fitted, key=lambda fit: fit.aic)))


def anderson_darling(shares: Floats) -> float:
    """A² of times whose probabilities P(T <= t) under the law are `shares`, (n,), in any order, each in (0, 1)."""
    ordered = np.sort(shares)
    n = len(ordered)
    weights = 2 * np.arange(1, n + 1) - 1
    return float(-n - np.mean(weights * (np.log(ordered) + np.log1p(-ordered[::-1]))))


def _checked(low: ArrayLike, high: ArrayLike | None) -> Times:
    lows = np.array(low, dtype=float)
    highs = lows.copy() if high is None else np.array(high, dtype=float)
    if lows.ndim != 1 or lows.shape != highs.shape:
        raise ValueError(f"times of shapes {lows.shape} and {highs.shape}; expected two lists of one length")
    for place, (one, other) in enumerate(zip(lows, highs, strict=True), 1):
        if not (math.isfinite(one) and 0 <= one <= other and other > 0):
            raise ValueError(f"time {place} is from {one:g} to {other:g} s; expected 0 <= from <= to, and not 0 alone")
    ended = int(np.isfinite(highs).sum())
    if ended < FEWEST:
        raise ValueError(f"{ended} times with an upper end; a fit needs {FEWEST}")
    if lows.max() <= highs.min():
        raise ValueError(f"all times may be {highs.min():g} s; a fit needs times that differ")
    return Times(lows, highs)


def _fit(family: Family, times: Times, resamples: int, seed: int) -> Fit:
    law = _maximum(family, times)
    log_likelihood = _log_likelihood(family, law, times)
    size = len(family.own(law))
    return Fit(
        family=family.name,
        parameters=family.own(law),
        log_likelihood=log_likelihood,
        aic=2 * size - 2 * log_likelihood,
        bic=size * math.log(times.n) - 2 * log_likelihood,
        law=law,
        resampled=_resample(family, law, times, resamples, seed) if resamples and times.ended else None,
    )


def _distribution(family: Family) -> Any:
    from scipy import stats

    return getattr(stats, family.scipy)


def _full(family: Family, law: Sequence[float]) -> tuple[float, ...]:
    """SciPy's parameters: shapes, location, scale. Distributions of time itself begin at 0."""
    return tuple(law) if family.logarithmic else (*law[:-1], 0.0, law[-1])


def _free(family: Family, full: Sequence[float]) -> tuple[float, ...]:
    found = tuple(float(value) for value in full)
    return found if family.logarithmic else (*found[:-2], found[-1])


def _scaled(family: Family, seconds: Floats) -> Floats:
    if not family.logarithmic:
        return seconds
    with np.errstate(divide="ignore"):
        return np.log(seconds)


def _maximum(family: Family, times: Times) -> tuple[float, ...]:
    """SciPy's free parameters where the likelihood is largest."""
    exact = times.low == times.high
    if exact.all():
        return _refit(family, times.low)
    from scipy.stats import CensoredData, FitError

    # Of order one, so that the optimiser's steps and tolerances fit whatever the unit.
    unit = float(np.median(times.middles[np.isfinite(times.high)]))
    low, high = (_scaled(family, ends / unit) for ends in (times.low, times.high))
    first, last = times.low == 0, np.isinf(times.high)
    inside = ~(exact | first | last)
    data = CensoredData(
        uncensored=low[exact],
        left=high[first & ~exact],
        right=low[last],
        interval=np.column_stack([low[inside], high[inside]]),
    )
    # SciPy's own start for censored data can be so far off that no maximum is found.
    *shapes, loc, scale = _full(family, _refit(family, np.where(last, times.low, times.middles) / unit))
    fixed = {"loc": loc} if family.logarithmic else {"floc": 0}
    try:
        with np.errstate(all="ignore"):
            found = _distribution(family).fit(data, *shapes, scale=scale, optimizer=_minimum, **fixed)
    except FitError as error:
        raise ValueError(f"no maximum of the likelihood was found ({error})") from None
    law = _free(family, found)
    return (law[0] + math.log(unit), *law[1:]) if family.logarithmic else (*law[:-1], law[-1] * unit)


def _minimum(function: Callable[..., float], start: Floats, args: tuple[object, ...] = (), disp: int = 0) -> Floats:
    """SciPy's own choice of method, with tolerances such that parameters are right to more digits than are shown."""
    from scipy.optimize import fmin

    found, _, _, _, trouble = fmin(  # type: ignore[call-overload]  # the stubs know of no further arguments
        function, start, args=args, disp=disp, xtol=1e-9, ftol=1e-11, maxiter=MOST_STEPS, full_output=True
    )
    if trouble:
        raise ValueError(f"no maximum of the likelihood was found in {MOST_STEPS:,} steps")
    return np.asarray(found, dtype=float)


def _refit(family: Family, seconds: Floats) -> tuple[float, ...]:
    """The same for exact times, for which SciPy solves the equations of the maximum."""
    fixed = {} if family.logarithmic else {"floc": 0}
    with np.errstate(all="ignore"):
        return _free(family, _distribution(family).fit(_scaled(family, seconds), **fixed))


def _cdf(family: Family, law: Sequence[float], seconds: Floats) -> Floats:
    found: Floats = _distribution(family).cdf(_scaled(family, seconds), *_full(family, law))
    return found


def _quantile(family: Family, law: Sequence[float], probability: Floats) -> Floats:
    found: Floats = _distribution(family).ppf(probability, *_full(family, law))
    return np.exp(found) if family.logarithmic else found


def _log_likelihood(family: Family, law: Sequence[float], times: Times) -> float:
    exact = times.low == times.high
    law_of = _distribution(family)(*_full(family, law))
    at = times.low[exact]
    density = law_of.logpdf(_scaled(family, at)) - (np.log(at) if family.logarithmic else 0.0)
    low, high = (_scaled(family, ends[~exact]) for ends in (times.low, times.high))
    # In the upper half the difference of the survival functions keeps the digits that 1 − p has lost.
    chance = np.where(law_of.cdf(low) < 0.5, law_of.cdf(high) - law_of.cdf(low), law_of.sf(low) - law_of.sf(high))
    return float(density.sum() + np.log(chance).sum())


def _resample(family: Family, law: tuple[float, ...], times: Times, resamples: int, seed: int) -> Resampled:
    u, place = uniforms(seed, stream_of("fit", family.name), range(resamples), range(times.n), Purpose.INTERVAL // 2)
    half = times.half_widths
    seen = _quantile(family, law, u) + half * (2 * place - 1)
    middles = (np.maximum(seen - half, 0.0) + seen + half) / 2
    laws = np.array([_refit(family, row) for row in middles])
    statistic = anderson_darling(_cdf(family, law, times.middles))
    others = [anderson_darling(_cdf(family, tuple(one), row)) for one, row in zip(laws, middles, strict=True)]
    refits = [family.own(one) for one in laws.tolist()]
    intervals = {}
    for name in family.own(law):
        low, high = np.quantile([refit[name] for refit in refits], _TAILS)
        intervals[name] = (float(low), float(high))
    return Resampled(intervals, statistic, (1 + sum(a >= statistic for a in others)) / (1 + resamples), laws)
