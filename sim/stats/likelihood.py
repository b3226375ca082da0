"""Likelihoods of delay families: exact, interval-censored and right-censored times, and where they are largest.

A family is a point of one or two coordinates, all on logarithmic scales, so that every point is a distribution:

===========  ===============  ==========
family       first            second
===========  ===============  ==========
exponential  ln mean
lognormal    ln median        ln sigma
weibull      ln scale         −ln shape
loglogistic  ln scale         −ln shape
gamma        ln mean          ln shape
===========  ===============  ==========

All but the gamma are location-scale families of the logarithm of time: the first coordinate is the location, the second
the logarithm of the scale, which is 1 for the exponential. Functions work on many points at a time: an array of points
has the shape (…, coordinates), and times the shape (samples, times) or (1, times).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
MOST_STEPS = 100
_STENCIL = 2e-3
"""Distance of the points from which slopes are taken: errors of its fourth power, and rounding, are near 1e-11."""
_DONE = 1e-14
"""The rise in twice the log-likelihood that a last step may still promise."""
_EDGE = 15.0
"""Coordinates beyond this are on their way to an edge: a shape or a scale of millions of units."""
_FLAT = 1e-3
"""Curvature in some direction below which there is no maximum: the logarithm of a number would be known to ± 30."""


@dataclass(frozen=True)
class Block:
    """Times that are all exact (`high` is None) or all known to an interval; shapes (samples or 1, times).

    weight  how often each counts
    offset  added to the log-likelihood of each sample
    """

    low: Floats
    high: Floats | None
    weight: Floats
    offset: float = 0.0


class Family(Protocol):
    """A family of the scenario language."""

    @property
    def name(self) -> str:
        """As the language has it."""

    @property
    def size(self) -> int:
        """How many parameters it has."""

    def own(self, point: Floats) -> dict[str, float]:
        """The language's parameters at one point, durations in seconds."""

    def start(self, times: Floats, weight: Floats) -> Floats:
        """(samples, coordinates) from which to look for the maximum: moments of times taken for exact, (samples, n)."""

    def log_density(self, points: Floats, times: Floats) -> Floats:
        """Per second."""

    def cdf(self, points: Floats, times: Floats) -> Floats:
        """P(T <= t)."""

    def survival(self, points: Floats, times: Floats) -> Floats:
        """P(T > t), with all its digits where it is small."""

    def quantile(self, points: Floats, shares: Floats) -> Floats:
        """The time by which a share of all has passed."""

    def spread(self, points: Floats) -> Floats:
        """(…, coordinates) how far a coordinate moves for the distribution to be clearly another."""


@dataclass(frozen=True)
class Standard:
    """The distribution of (ln T − location) / scale. mean, sd: its moments."""

    log_density: Callable[[Floats], Floats]
    cdf: Callable[[Floats], Floats]
    survival: Callable[[Floats], Floats]
    quantile: Callable[[Floats], Floats]
    mean: float
    sd: float


@dataclass(frozen=True)
class LocationScale:
    """A location-scale family of the logarithm of time. `names`: of the parameters of place and of width.

    inverse  whether the language's second parameter is 1 / scale
    """

    name: str
    standard: Standard
    names: tuple[str, ...]
    inverse: bool = True

    @property
    def size(self) -> int:
        """As in `Family`; so are the others."""
        return len(self.names)

    def own(self, point: Floats) -> dict[str, float]:
        """As in `Family`."""
        found = {self.names[0]: math.exp(point[0])}
        if self.size == 2:
            found[self.names[1]] = math.exp(-point[1] if self.inverse else point[1])
        return found

    def start(self, times: Floats, weight: Floats) -> Floats:
        """As in `Family`."""
        if self.size == 1:
            return np.log(_mean(times, weight))[:, np.newaxis]
        logs = np.log(times)
        middle = _mean(logs, weight)
        spread = np.sqrt(_mean((logs - middle[:, np.newaxis]) ** 2, weight))
        scale = np.maximum(spread, 0.05) / self.standard.sd
        return np.stack([middle - scale * self.standard.mean, np.log(scale)], axis=-1)

    def log_density(self, points: Floats, times: Floats) -> Floats:
        """As in `Family`."""
        logs = np.log(times)
        return self.standard.log_density(self._z(points, logs)) - self._log_scale(points) - logs

    def cdf(self, points: Floats, times: Floats) -> Floats:
        """As in `Family`."""
        return self.standard.cdf(self._z(points, np.log(times)))

    def survival(self, points: Floats, times: Floats) -> Floats:
        """As in `Family`."""
        return self.standard.survival(self._z(points, np.log(times)))

    def quantile(self, points: Floats, shares: Floats) -> Floats:
        """As in `Family`."""
        found: Floats = np.exp(points[..., :1] + np.exp(self._log_scale(points)) * self.standard.quantile(shares))
        return found

    def spread(self, points: Floats) -> Floats:
        """As in `Family`."""
        found = np.ones_like(points)
        found[..., :1] = np.exp(self._log_scale(points))
        return found

    def _log_scale(self, points: Floats) -> Floats:
        return points[..., 1:2] if self.size == 2 else np.zeros_like(points[..., :1])

    def _z(self, points: Floats, logs: Floats) -> Floats:
        found: Floats = (logs - points[..., :1]) * np.exp(-self._log_scale(points))
        return found


@dataclass(frozen=True)
class Gamma:
    """The gamma family, which is none of location and scale."""

    name: str = "gamma"
    size: int = 2

    def own(self, point: Floats) -> dict[str, float]:
        """As in `Family`; so are the others."""
        return {"shape": math.exp(point[1]), "scale": math.exp(point[0] - point[1])}

    def start(self, times: Floats, weight: Floats) -> Floats:
        """As in `Family`; the shape by T. P. Minka, Estimating a gamma distribution (2002)."""
        mean = _mean(times, weight)
        s = np.maximum(np.log(mean) - _mean(np.log(times), weight), 1e-4)
        shape = (3.0 - s + np.sqrt((s - 3.0) ** 2 + 24.0 * s)) / (12.0 * s)
        return np.stack([np.log(mean), np.log(shape)], axis=-1)

    def log_density(self, points: Floats, times: Floats) -> Floats:
        """As in `Family`."""
        from scipy.special import gammaln

        shape, scale = self._parameters(points)
        found: Floats = (shape - 1.0) * np.log(times) - times / scale - shape * np.log(scale) - gammaln(shape)
        return found

    def cdf(self, points: Floats, times: Floats) -> Floats:
        """As in `Family`."""
        from scipy.special import gammainc

        shape, scale = self._parameters(points)
        found: Floats = gammainc(shape, times / scale)
        return found

    def survival(self, points: Floats, times: Floats) -> Floats:
        """As in `Family`."""
        from scipy.special import gammaincc

        shape, scale = self._parameters(points)
        found: Floats = gammaincc(shape, times / scale)
        return found

    def quantile(self, points: Floats, shares: Floats) -> Floats:
        """As in `Family`."""
        from scipy.special import gammaincinv

        shape, scale = self._parameters(points)
        found: Floats = scale * gammaincinv(shape, shares)
        return found

    def spread(self, points: Floats) -> Floats:
        """As in `Family`."""
        found = np.ones_like(points)
        found[..., 0] = np.exp(-0.5 * points[..., 1])
        return found

    def _parameters(self, points: Floats) -> tuple[Floats, Floats]:
        shape = np.exp(points[..., 1:2])
        return shape, np.exp(points[..., :1]) / shape


def _mean(values: Floats, weight: Floats) -> Floats:
    weighted = values * weight
    found: Floats = weighted.sum(axis=-1) / np.broadcast_to(weight, weighted.shape).sum(axis=-1)
    return found


def _normal() -> Standard:
    from scipy.special import ndtr, ndtri

    half = 0.5 * math.log(2.0 * math.pi)
    return Standard(lambda z: -0.5 * z * z - half, ndtr, lambda z: ndtr(-z), ndtri, 0.0, 1.0)


def _least_extreme() -> Standard:
    """ln of a standard exponential time: P(Z > z) = exp(−exp z)."""
    return Standard(
        lambda z: z - np.exp(z),
        lambda z: -np.expm1(-np.exp(z)),
        lambda z: np.exp(-np.exp(z)),
        lambda p: np.log(-np.log1p(-p)),
        -float(np.euler_gamma),
        math.pi / math.sqrt(6.0),
    )


def _logistic() -> Standard:
    from scipy.special import expit, logit

    return Standard(
        lambda z: -np.abs(z) - 2.0 * np.log1p(np.exp(-np.abs(z))),
        expit,
        lambda z: expit(-z),
        logit,
        0.0,
        math.pi / math.sqrt(3.0),
    )


def families() -> Mapping[str, Family]:
    """The families of the language that are fitted, by name."""
    least = _least_extreme()
    found: tuple[Family, ...] = (
        LocationScale("exponential", least, ("mean",)),
        LocationScale("lognormal", _normal(), ("median", "sigma"), inverse=False),
        LocationScale("weibull", least, ("scale", "shape")),
        Gamma(),
        LocationScale("loglogistic", _logistic(), ("scale", "shape")),
    )
    return {family.name: family for family in found}


def log_likelihood(family: Family, points: Floats, blocks: tuple[Block, ...]) -> Floats:
    """Of each sample at its point, (…, samples): densities of exact times, probabilities of intervals."""
    total = np.zeros(points.shape[:-1])
    with np.errstate(all="ignore"):
        for block in blocks:
            if block.high is None:
                terms = family.log_density(points, block.low)
            else:
                below, above = family.cdf(points, block.low), family.survival(points, block.high)
                # In the upper half the difference of the survival functions keeps the digits that 1 − p has lost.
                inside = np.where(
                    below < 0.5,
                    family.cdf(points, block.high) - below,
                    family.survival(points, block.low) - above,
                )
                terms = np.log(np.maximum(inside, 0.0))
            total = total + (terms * block.weight).sum(axis=-1) + block.offset
    return total


def maximum(
    family: Family, blocks: tuple[Block, ...], start: Floats, steps: int = MOST_STEPS
) -> tuple[Floats, NDArray[np.bool_]]:
    """Points of the largest likelihood of each sample, (samples, coordinates), and where one was found.

    Newton's method with slopes from differences; where the surface is not concave its curvature is raised until it is,
    and a step that does not rise is halved. Where the likelihood has no maximum, because it rises for ever towards an
    edge, the last point is returned.
    """
    point = _finite_start(family, blocks, start)
    here = log_likelihood(family, point, blocks)
    promised = np.full(len(point), math.inf)
    active = np.arange(len(point))
    for _ in range(steps):
        own = tuple(_of_rows(block, active) for block in blocks)
        gradient, second = slopes(family, own, point[active])
        step = _newton(gradient, second)
        promised[active] = np.abs((gradient * step).sum(axis=-1))
        risen = _rise(family, blocks, point, here, active, step * family.spread(point[active]))
        going_on = risen & (promised[active] > _DONE) & (np.abs(point[active]) < _EDGE).all(axis=1)
        active = active[going_on]
        if not len(active):
            break
    _, second = slopes(family, blocks, point)
    return point, (promised <= math.sqrt(_DONE)) & (_least_curvature(second) > _FLAT)


def _least_curvature(second: Floats) -> Floats:
    """(samples,) the least eigenvalue of minus the second derivatives."""
    a, c = -second[:, 0, 0], -second[:, -1, -1]
    found: Floats = a if second.shape[-1] == 1 else 0.5 * (a + c) - np.sqrt(0.25 * (a - c) ** 2 + second[:, 0, 1] ** 2)
    return found


def _rise(
    family: Family,
    blocks: tuple[Block, ...],
    point: Floats,
    here: Floats,
    active: NDArray[np.intp],
    step: Floats,
) -> NDArray[np.bool_]:
    """Move the active rows of `point` by their steps, each halved until the likelihood, `here`, does not fall. True for
    those that moved."""
    risen = np.zeros(len(active), dtype=bool)
    left = np.arange(len(active))
    for _ in range(30):
        rows = active[left]
        there = log_likelihood(family, point[rows] + step[left], tuple(_of_rows(block, rows) for block in blocks))
        better = there >= here[rows] - 1e-12 * np.abs(here[rows])
        point[rows[better]] += step[left[better]]
        here[rows[better]] = there[better]
        risen[left[better]] = True
        left = left[~better]
        if not len(left):
            break
        step[left] /= 2.0
    return risen


def _of_rows(block: Block, rows: NDArray[np.intp]) -> Block:
    """Some samples of a block."""
    low, high, weight = (
        values if values is None or len(values) == 1 else values[rows]
        for values in (block.low, block.high, block.weight)
    )
    assert low is not None
    assert weight is not None
    return Block(low, high, weight, block.offset)


def _finite_start(family: Family, blocks: tuple[Block, ...], start: Floats) -> Floats:
    """A start from which no time is impossible: wider and wider until none is."""
    point = start.copy()
    for _ in range(40):
        lost = ~np.isfinite(log_likelihood(family, point, blocks))
        if not lost.any():
            break
        if family.size == 1:
            point[lost, 0] += 0.5
        else:
            point[lost, 1] += -0.5 if isinstance(family, Gamma) else 0.5
    return point


def slopes(family: Family, blocks: tuple[Block, ...], point: Floats) -> tuple[Floats, Floats]:
    """Gradient (samples, d) and second derivatives (samples, d, d) of the log-likelihood by central differences.

    The unit of each coordinate is its `Family.spread`, so that both are of the order of the number of times.
    """
    size, h = family.size, _STENCIL
    unit = np.eye(size)
    moves = [k * unit[at] for at in range(size) for k in (-2.0, -1.0, 1.0, 2.0)]
    if size == 2:
        moves += [np.array(corner) for corner in ((1.0, 1.0), (-1.0, -1.0), (1.0, -1.0), (-1.0, 1.0))]
    around = np.stack([np.zeros(size), *moves])
    value = log_likelihood(family, point + h * around[:, np.newaxis, :] * family.spread(point), blocks)
    gradient, second = np.zeros_like(point), np.zeros((*point.shape, size))
    for at in range(size):
        a, b, c, d = value[1 + 4 * at : 5 + 4 * at]
        gradient[:, at] = (a - 8.0 * b + 8.0 * c - d) / (12.0 * h)
        second[:, at, at] = (-a + 16.0 * b - 30.0 * value[0] + 16.0 * c - d) / (12.0 * h * h)
    if size == 2:
        a, b, c, d = value[9:13]
        second[:, 0, 1] = second[:, 1, 0] = (a + b - c - d) / (4.0 * h * h)
    return np.nan_to_num(gradient), np.nan_to_num(second)


def _newton(gradient: Floats, second: Floats) -> Floats:
    """The step to the top of the paraboloid, no longer than 1."""
    if gradient.shape[-1] == 1:
        step = gradient / np.maximum(-second[:, 0], 1e-8)
    else:
        a, b, c = -second[:, 0, 0], -second[:, 0, 1], -second[:, 1, 1]
        middle, radius = 0.5 * (a + c), np.sqrt(0.25 * (a - c) ** 2 + b * b)
        raised = np.maximum(0.0, 1e-6 * (np.abs(middle) + radius) + 1e-10 - (middle - radius))
        a, c = a + raised, c + raised
        over = a * c - b * b
        step = np.stack([(c * gradient[:, 0] - b * gradient[:, 1]), (a * gradient[:, 1] - b * gradient[:, 0])], axis=-1)
        step = step / over[:, np.newaxis]
    length = np.sqrt((step * step).sum(axis=-1, keepdims=True))
    shorter: Floats = step / np.maximum(1.0, length)
    return shorter
