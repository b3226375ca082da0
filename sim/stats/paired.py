"""Results of a comparison: estimates of every scenario, and paired differences of every variant from the base.

A *quantity* is a number that a scenario has for a column (a line, group, channel, level, side, or ``any``):

=========================  ===================================================================================
``within_1d`` …            P(T <= 24 h), P(T <= 7 d), P(T <= 30 d); those after the horizon are left out
``probability``            P(T < horizon)
``median_seconds``         the median of T, None where it is not reached
``restricted_mean_seconds`` E[min(T, horizon)]: mean time without contact before the horizon
``attempts``               attempts made on the column's lines, per replication
``response_median_seconds``, ``response_p90_seconds``  quantiles of all response times of the column's lines; only where
                           they are all counted from an attempt, or all from an occurrence
=========================  ===================================================================================

T is the time of first contact in seconds. Censored replications are in all of them: at the horizon, or after every t.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sim.stats.intervals import FEW, LEVEL, Estimate

WITHIN = {"within_1d": 86_400, "within_7d": 7 * 86_400, "within_30d": 30 * 86_400}
"""Quantities that are probabilities of contact by a time, and that time in seconds, included."""

SHARES = (*WITHIN, "probability")
SECONDS = ("median_seconds", "restricted_mean_seconds", "response_median_seconds", "response_p90_seconds")


@dataclass(frozen=True)
class Contrast:
    """A variant minus the base in one quantity.

    estimate               the difference; None where one of the two is not known (a median not reached)
    low, high              its 95 % interval by itself; None is an open end
    low_all, high_all      its interval among those of all variants, which all hold together with 95 %; None: open
    p_value, p_holm        two-sided, of no difference: by itself, and among all variants by Holm's procedure; None
                           where there is no standard error
    variance_removed       the share of the variance of the difference that pairing removed: 1 − paired/unpaired.
                           Negative where pairing made it worse; None where it is not known
    unpaired_replications  replications of each of the two that unpaired runs would need for the same precision
    same                   the two were equal in every replication (for counts and quantiles: in every group of them)
    """

    estimate: float | None
    low: float | None
    high: float | None
    low_all: float | None
    high_all: float | None
    p_value: float | None
    p_holm: float | None
    variance_removed: float | None
    unpaired_replications: int | None
    same: bool


@dataclass(frozen=True)
class Order:
    """In which replications a variant's first contact came sooner or later than the base's. Contact against none is
    sooner; none in both is the same.

    sooner, later, same  shares of the replications, with intervals; they add up to 1
    changed              replications that are sooner or later
    changed_units        units (replications, or blocks) that hold one
    gained, lost         replications with contact in the variant only, in the base only
    neither              replications without contact in both
    sooner_seconds       mean of base − variant over those sooner, each limited to the horizon: at least so much, since
                         `gained` of them have no contact in the base; None where there are none
    later_seconds        mean of variant − base over those later, likewise (`lost`)
    """

    sooner: Estimate
    later: Estimate
    same: Estimate
    changed: int
    changed_units: int
    gained: int
    lost: int
    neither: int
    sooner_seconds: float | None
    later_seconds: float | None

    @property
    def few(self) -> bool:
        """Whether so few units changed (but some) that the intervals of differences may not have their level."""
        return 0 < self.changed_units < FEW


@dataclass(frozen=True)
class Rank:
    """A scenario's place by restricted mean, 1 for the shortest time without contact.

    best, worst  the places that it may have: with 95 % the places of all scenarios are within theirs. There is no clear
                 difference from the scenarios in `alike`
    """

    scenario: str
    estimate: float
    best: int
    worst: int
    alike: tuple[str, ...]


@dataclass(frozen=True)
class ColumnComparison:
    """One column.

    estimates  by quantity and scenario, each as `openlines run` gives it for that scenario alone
    contrasts  by quantity and variant
    order      by variant
    ranking    all scenarios by restricted mean, the shortest first
    absent     scenarios that lack the column (a line that was removed or added); they are in none of the above, and
               without a base there are no contrasts
    """

    estimates: Mapping[str, Mapping[str, Estimate]]
    contrasts: Mapping[str, Mapping[str, Contrast]]
    order: Mapping[str, Order]
    ranking: tuple[Rank, ...]
    absent: tuple[str, ...] = ()


@dataclass(frozen=True)
class Compared:
    """A whole comparison, as in ``comparison.json``.

    base           name of the base among the scenarios
    variants       names of the others, in the order given
    titles         by scenario
    sha256         by scenario: of the resolved scenario
    seed, replications, block, engine  as in a run
    unit           replications in the independent unit of intervals: 1, or the block where numbers are uncertain
    start          clock.start, UTC
    horizon        seconds
    columns        by column: ``line:NAME`` …, ``any``; those of the base first
    level          of every interval
    warnings       variants that change nothing, among others
    """

    base: str
    variants: tuple[str, ...]
    titles: Mapping[str, str]
    sha256: Mapping[str, str]
    seed: int
    replications: int
    block: int
    engine: str
    unit: int
    start: datetime
    horizon: int
    columns: Mapping[str, ColumnComparison]
    level: float = LEVEL
    warnings: tuple[str, ...] = ()

    @property
    def scenarios(self) -> tuple[str, ...]:
        """The base, then the variants."""
        return (self.base, *self.variants)

    @property
    def main(self) -> str:
        """The column of which the answer speaks: the scenario's first group, or any line where it has none."""
        return next((name for name in self.columns if name.startswith("group:")), "any")

    def as_dict(self) -> dict[str, Any]:
        """For ``comparison.json``: plain mappings, lists and numbers."""
        plain = asdict(self)
        plain["start"] = self.start.isoformat()
        return {"format": FORMAT, **plain}


FORMAT = 1


def compared_from(plain: Mapping[str, Any]) -> Compared:
    """What `Compared.as_dict` made, back from JSON. Raises KeyError, TypeError or ValueError for other data."""
    if plain["format"] != FORMAT:
        raise ValueError(f"format {plain['format']!r}; this version reads {FORMAT}")
    known = {name: plain[name] for name in Compared.__dataclass_fields__}
    known["start"] = datetime.fromisoformat(known["start"])
    known["columns"] = {name: column_from(column) for name, column in known["columns"].items()}
    for name in ("variants", "warnings"):
        known[name] = tuple(known[name])
    return Compared(**known)


def column_from(plain: Mapping[str, Any]) -> ColumnComparison:
    """A column from plain mappings, lists and numbers. Raises KeyError or TypeError for other data."""

    def estimates(rows: Mapping[str, Any]) -> dict[str, Estimate]:
        """Estimates by name, from plain mappings."""
        return {name: Estimate(**one) for name, one in rows.items()}

    order = {}
    for name, one in plain["order"].items():
        shares = {key: Estimate(**one[key]) for key in ("sooner", "later", "same")}
        order[name] = Order(**{**one, **shares})
    return ColumnComparison(
        estimates={quantity: estimates(rows) for quantity, rows in plain["estimates"].items()},
        contrasts={
            quantity: {name: Contrast(**one) for name, one in rows.items()}
            for quantity, rows in plain["contrasts"].items()
        },
        order=order,
        ranking=tuple(Rank(**{**one, "alike": tuple(one["alike"])}) for one in plain["ranking"]),
        absent=tuple(plain["absent"]),
    )
