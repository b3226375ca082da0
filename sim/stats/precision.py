"""Sequential stopping at a precision: its specification, its looks, and whether it is reached.

A run that stops because an interval is narrow enough has looked at several intervals. Looks are taken at numbers of
replications that are fixed beforehand, and each of the K intervals has the level 1 − (1 − LEVEL)/K, so that all of them
hold together with probability LEVEL at least (Bonferroni), and with them the one at which the run stops, whatever made
it stop.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from sim.rules.bins import bin_of, first_of, last_of
from sim.scenario.program import Column, find_column
from sim.stats.first_contact import FirstContact
from sim.stats.intervals import LEVEL, Estimate
from sim.stats.survival import probability_by, quantile, restricted_mean

FIRST_LOOK = 1000
"""Replications at the first look; there are twice as many at each later one."""

FEWEST_CONTACTS = 50
"""Replications with contact, or blocks' worth of them, without which the interval of a mean is not believed."""

SEVERAL = 10
"""Contacts of a bin from which the time between the first and the last of them is taken for its width."""

QUANTILES = {"p10": Fraction(1, 10), "median": Fraction(1, 2), "p90": Fraction(9, 10)}
MEAN, PROBABILITY = "mean", "probability"

_SIGN = re.compile(r"\s*(?:±|\+/?-)\s*")
_TIME = re.compile(r"(mean|restricted mean|median|p10|p90)(?:\s+of\s+(\S+))?")
_SHARE = re.compile(r"[Pp]\(\s*([^\s()]+)(?:\s+within\s+([^()]+?))?\s*\)")
_NUMBER = re.compile(r"(\d+(?:\.\d*)?|\.\d+)\s*(%?)")
FORMS = "'median ± 12 h', 'median of line:NAME ± 12 h', 'mean of any ± 6 h' or 'P(any within 30 d) ± 0.5 %'"


@dataclass(frozen=True)
class Precision:
    """An interval of at most twice `half_width`.

    text        how it is written, with the column spelt out
    quantity    ``p10``, ``median``, ``p90``, ``mean`` (of min(T, horizon)) or ``probability``
    column      of first contacts, such as ``any`` or ``line:hotline``
    half_width  seconds, or for a probability a share in (0, 1)
    within      seconds by which contact is meant, for a probability; None: by the horizon
    """

    text: str
    quantity: str
    column: str
    half_width: float
    within: int | None = None

    def estimate(self, column: FirstContact, level: float) -> Estimate:
        """The quantity with its interval at that level."""
        if self.quantity == PROBABILITY:
            return probability_by(column, column.horizon - 1 if self.within is None else self.within, level)
        if self.quantity == MEAN:
            mean = restricted_mean(column, level)
            # Student's interval knows nothing of contacts that are rare: where too few were seen, nor do we.
            few = column.contacts < FEWEST_CONTACTS * column.block
            return Estimate(mean.estimate, None, None) if few else mean
        return quantile(column, QUANTILES[self.quantity], level)

    def reached_by(self, interval: Estimate) -> bool:
        """Whether both ends are known, and no more than twice `half_width` apart."""
        return interval.low is not None and interval.high is not None and interval.high - interval.low <= self.width

    def finer_than_bins(self, horizon: int) -> bool:
        """Whether a bin of first-contact times before the horizon could be wider than the interval."""
        return self.quantity in QUANTILES and last_of(bin_of(horizon)) - first_of(bin_of(horizon)) > self.width

    def coarsest(self, column: FirstContact, interval: Estimate) -> int | None:
        """The narrowest bin that the interval of a quantile touches, where it is wider than `width`, else None.

        Its width is the time between its earliest and its latest contact where it holds several, else all its seconds.
        The precision is then below the resolution of the counts, and no number of replications reaches it.
        """
        if self.quantity not in QUANTILES or interval.low is None or interval.high is None:
            return None
        touched = (column.most >= interval.low) & (column.least <= interval.high)
        seconds = np.diff(np.append(column.starts, column.horizon))[column.filled] - 1
        apart = np.where(column.held >= SEVERAL, column.most - column.least, seconds)[touched]
        return int(apart.min()) if len(apart) and apart.min() > self.width else None

    @property
    def width(self) -> float:
        """Twice `half_width`."""
        return 2 * self.half_width


def read_precision(text: str, columns: Sequence[Column], horizon: int) -> Precision:
    """A precision from how a person writes it; ``+-`` and ``+/-`` stand for ``±``, a share may be in percent.

    columns  those that there are; a name alone will do where only one has it
    horizon  seconds

    Raises ValueError with what was found and what was expected.
    """
    parts = _SIGN.split(text.strip(), maxsplit=1)
    if len(parts) != 2:
        raise ValueError(f"{text!r} has no ±; expected {FORMS}")
    what, amount = parts
    if time := _TIME.fullmatch(what):
        quantity, column = time[1].removeprefix("restricted "), find_column(time[2] or "any", columns).key
        half = _duration(amount)
        if quantity in QUANTILES and 2 * half < 1:
            raise ValueError(f"{amount!r} is below the resolution: times are whole seconds; ask for ± 0.5 s or more")
        return Precision(f"{quantity} of {column} ± {_written(half)}", quantity, column, half)
    share = _SHARE.fullmatch(what)
    if share is None:
        raise ValueError(f"{what!r} is nothing that can be waited for; expected {FORMS}")
    column = find_column(share[1], columns).key
    half = _share(amount)
    if share[2] is None:
        return Precision(f"P({column}) ± {half:g}", PROBABILITY, column, half)
    within = round(_duration(share[2]))
    if within >= horizon:
        raise ValueError(f"{share[2]!r} is not before the horizon, {_written(horizon)}; P({column}) is contact by then")
    return Precision(f"P({column} within {_written(within)}) ± {half:g}", PROBABILITY, column, half, within)


def looks(most: int, block: int = 1) -> tuple[int, ...]:
    """Replications at each look, increasing: 1,000·2^k in whole blocks while they are below `most`, then `most`."""
    found: list[int] = []
    size = FIRST_LOOK
    while (whole := -(-size // block) * block) < most:
        if not found or whole > found[-1]:
            found.append(whole)
        size *= 2
    return (*found, most)


def level_of_a_look(count: int) -> float:
    """The level of each of `count` intervals of which all are to hold together with probability LEVEL."""
    return 1.0 - (1.0 - LEVEL) / count


def until_summary(precision: Precision, at: Sequence[int], found: Sequence[Estimate]) -> dict[str, Any]:
    """The entry `until` of `summary.json`.

    at     replications at each planned look
    found  the intervals at those that were taken; the last one is that at which the run stopped
    """
    return {
        "precision": precision.text,
        "quantity": precision.quantity,
        "column": precision.column,
        "within_seconds": precision.within,
        "half_width": precision.half_width,
        "reached": precision.reached_by(found[-1]),
        **found[-1].as_dict(),
        "level": LEVEL,
        "level_of_a_look": level_of_a_look(len(at)),
        "at_most": at[-1],
        "looks_planned": len(at),
        "looks": [{"replications": size, **interval.as_dict()} for size, interval in zip(at, found, strict=False)],
    }


def until_again(precision: Precision, at: Sequence[int], kept: Any, column: FirstContact) -> dict[str, Any]:
    """The entry `until` of a summary made again from the sums of the whole run: all but the earlier looks, which are
    taken from what was `kept`. Empty where that is no such entry."""
    try:
        earlier = [Estimate(one["estimate"], one["low"], one["high"]) for one in kept["looks"][:-1]]
        found = precision.estimate(column, level_of_a_look(len(at)))
        return until_summary(precision, at, [*earlier, found])
    except (KeyError, TypeError, IndexError):
        return {}


def _duration(text: str) -> float:
    from sim.scenario.units import seconds_of

    seconds = seconds_of(text)
    if not seconds > 0:
        raise ValueError(f"{text!r} is out of range; expected a duration above 0 s")
    return seconds


def _written(seconds: float) -> str:
    from sim.scenario.units import duration_text

    return duration_text(seconds)


def _share(text: str) -> float:
    found = _NUMBER.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is no share; expected a number such as 0.005 or 0.5 %")
    share = float(found[1]) / (100 if found[2] else 1)
    if not 0 < share < 1:
        raise ValueError(f"{text!r} is out of range; expected a share above 0 and below 1 (100 %)")
    return share
