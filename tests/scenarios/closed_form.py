"""The closed form of docs/explanation/baseline.md, from the record and the assumed cadence to answer probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import exp, sqrt


def attempts(days: float, every_days: float) -> float:
    """Expected attempts in a period at random times `every_days` apart on average."""
    return days / every_days


def answered_share(answered: float, made: float) -> float:
    """Posterior mean of the probability of an answer under Jeffreys' prior Beta(1/2, 1/2)."""
    return (answered + 0.5) / (made + 1.0)


def open_share(days: float, open_mean: float, closed_mean: float, shut_at: Sequence[float] = ()) -> float:
    """Expected share of [0, days) in which a gate is open that is closed at 0 and put back to closed at `shut_at`.

    Sojourns are exponential with the given means, in days.
    """
    rate = 1.0 / open_mean + 1.0 / closed_mean
    cuts = [0.0, *(day for day in shut_at if 0.0 < day < days), days]
    lengths = [later - earlier for earlier, later in pairwise(cuts)]
    open_days = sum(length - (1.0 - exp(-rate * length)) / rate for length in lengths)
    return open_mean / (open_mean + closed_mean) * open_days / days


def answer_while_open(average: float, open_: float, factor: float) -> float:
    """The probability a with `open_` a + (1 - `open_`) p = `average`, where p has `factor` times the odds of a."""
    square = factor * (1.0 - average)
    linear = open_ + (1.0 - open_) * factor - average * (1.0 + factor)
    odds = (-linear + sqrt(linear * linear + 4.0 * square * average)) / (2.0 * square)
    return odds / (1.0 + odds)


def answer_while_closed(while_open: float, factor: float) -> float:
    """The answer probability once the odds are multiplied by `factor`."""
    odds = factor * while_open / (1.0 - while_open)
    return odds / (1.0 + odds)
