"""From replications run in pairs to a comparison: every column, every quantity, every variant against the base."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sim.engines.contract import NEVER
from sim.runs.execute import copies_to_use, execute
from sim.runs.paired import Paired
from sim.stats import survival
from sim.stats.differences import (
    PairedMeans,
    mean_contrasts,
    order_of,
    paired_means,
    share_contrasts,
    unit_sizes,
    unit_sums,
)
from sim.stats.first_contact import FirstContact, count_times
from sim.stats.intervals import Estimate, few_blocks, ratio, student_quantile, wilson
from sim.stats.paired import WITHIN, ColumnComparison, Compared, Contrast, Order, Rank
from sim.stats.paired_quantiles import (
    grouped_quantile,
    median_contrasts,
    response_groups,
    section_contrasts,
    section_estimate,
)
from sim.stats.simultaneous import clearly_different, rank_ranges
from sim.stats.survival import PairedCurve, paired_curve

Integers = NDArray[np.int64]
Truths = NDArray[np.bool_]

WORTH_SHARING = 10_000
"""Replications from which columns are shared out among processes."""

RESPONSES = {"response_median_seconds": Fraction(1, 2), "response_p90_seconds": Fraction(9, 10)}


def compare_paired(paired: Paired, titles: Mapping[str, str] | None = None, warnings: Sequence[str] = ()) -> Compared:
    """Compare all programs of `paired` with its first one.

    titles     by program; their own unless given
    """
    names = tuple(paired.programs)
    first = paired.programs[paired.base]
    return Compared(
        base=paired.base,
        variants=names[1:],
        titles=dict(titles or {name: program.title for name, program in paired.programs.items()}),
        sha256={name: program.sha256 for name, program in paired.programs.items()},
        seed=paired.seed,
        replications=paired.replications,
        block=first.block,
        engine=paired.engine,
        unit=paired.unit,
        start=first.start,
        horizon=paired.horizon,
        columns=_columns(paired),
        warnings=(*warnings, *filter(None, [few_blocks(paired.replications, -(-paired.replications // paired.unit))])),
    )


def paired_curves(paired: Paired) -> dict[tuple[str, str], PairedCurve]:
    """Survival curves by scenario and column, of every scenario that has the column."""
    drawn: dict[tuple[str, tuple[int, ...]], PairedCurve] = {}
    found = {}
    for name, program in paired.programs.items():
        for column in program.columns:
            key = (name, column.members)
            if key not in drawn:
                times = paired.times_of(name, column.members)
                drawn[key] = paired_curve(count_times(times, paired.horizon, paired.unit))
            found[name, column.key] = drawn[key]
    return found


def _columns(paired: Paired) -> dict[str, ColumnComparison]:
    """All columns, those of the base first. Columns of the same lines (a channel with one line) are one."""
    members: dict[str, dict[str, tuple[int, ...]]] = {}
    for scenario, program in paired.programs.items():
        for column in program.columns:
            members.setdefault(column.key, {})[scenario] = column.members
    keys = {name: tuple(of.items()) for name, of in members.items()}
    distinct = list(dict.fromkeys(keys.values()))
    tallies: dict[tuple[str, tuple[int, ...]], FirstContact] = {}

    def work(place: range) -> ColumnComparison:
        return _Column(paired, dict(distinct[place.start]), tallies).comparison()

    places = [range(at, at + 1) for at in range(len(distinct))]
    workers = copies_to_use() if paired.replications >= WORTH_SHARING else 1
    done = {distinct[place.start]: found for place, found in execute(work, places, workers)}
    return {name: done[key] for name, key in keys.items()}


class _Column:
    """One column of all the programs that have it, the base first if it is among them."""

    def __init__(
        self,
        paired: Paired,
        members: Mapping[str, tuple[int, ...]],
        tallies: dict[tuple[str, tuple[int, ...]], FirstContact],
    ) -> None:
        self.paired, self.members, self._tallies = paired, members, tallies
        self.names = list(members)
        self.times = {name: paired.times_of(name, members[name]) for name in self.names}
        self.limited = {name: self._limited(name) for name in self.names}
        self.sizes = unit_sizes(paired.replications, paired.unit)

    def comparison(self) -> ColumnComparison:
        """Everything about the column."""
        estimates = {quantity: self._estimates(quantity) for quantity in self._quantities()}
        contrasts: dict[str, dict[str, Contrast]] = {}
        order: dict[str, Order] = {}
        if self.based:
            contrasts = {quantity: self._contrasts(quantity) for quantity in estimates}
            base = self.times[self.paired.base]
            order = {name: order_of(base, self.times[name], self.paired.horizon, self.sizes) for name in self.variants}
        absent = tuple(name for name in self.paired.programs if name not in self.names)
        return ColumnComparison(estimates, contrasts, order, self._ranking(), absent)

    @property
    def based(self) -> bool:
        """Whether the base has the column."""
        return self.paired.base in self.times

    @property
    def variants(self) -> list[str]:
        """Those that have it."""
        return [name for name in self.names if name != self.paired.base]

    @cached_property
    def equal(self) -> Truths:
        """(v,) whether a variant is the base by another name."""
        hashes = {name: self.paired.programs[name].sha256 for name in self.paired.programs}
        return np.array([hashes[name] == hashes[self.paired.base] for name in self.variants], np.bool_)

    @cached_property
    def means(self) -> PairedMeans:
        """Of the restricted times."""
        return self._means(self.limited)

    @cached_property
    def responses(self) -> dict[str, dict[str, tuple[int | None, list[int] | None]]]:
        """By quantity and scenario; empty where the lines' times are counted from different things."""
        kinds = {bool(self.paired.programs[name].triggered[at]) for name in self.names for at in self.members[name]}
        if len(kinds) != 1:
            return {}
        groups = {name: response_groups(self.paired.counts[name].response, self.members[name]) for name in self.names}
        return {
            quantity: {name: grouped_quantile(groups[name], share) for name in self.names}
            for quantity, share in RESPONSES.items()
        }

    def _quantities(self) -> list[str]:
        shares = [name for name, second in WITHIN.items() if second < self.paired.horizon]
        return [*shares, "probability", "median_seconds", "restricted_mean_seconds", "attempts", *self.responses]

    def _estimates(self, quantity: str) -> dict[str, Estimate]:
        return {name: self._estimate(quantity, name) for name in self.names}

    def _estimate(self, quantity: str, name: str) -> Estimate:
        if quantity in WITHIN:
            return self._share(self.times[name], WITHIN[quantity])
        if quantity == "attempts":
            sums = self._attempts(name)
            means = paired_means(sums, np.zeros((0, len(sums)), np.int64), self._groups)
            half = float(np.sqrt(means.covariance[0, 0]))
            ends = (None, None) if means.units == 1 else _around(means.base, student_quantile(means.degrees) * half)
            return Estimate(means.base, *ends)
        if quantity in self.responses:
            return section_estimate(*self.responses[quantity][name])
        found = self._count_times(name)
        if quantity == "probability":
            return survival.probability(found)
        if quantity == "median_seconds":
            rows = survival.order_statistics(found, (Fraction(1, 2),))
            rows.add(self.times[name])
            return survival.quantile(found, Fraction(1, 2), rows=rows)
        return survival.restricted_mean(found)

    def _contrasts(self, quantity: str) -> dict[str, Contrast]:
        found = self._contrast_list(quantity) if self.variants else []
        return dict(zip(self.variants, found, strict=True))

    def _contrast_list(self, quantity: str) -> list[Contrast]:
        base, others, horizon = self.paired.base, self.variants, self.paired.horizon
        if quantity == "median_seconds":
            limited = [self.limited[name] for name in (base, *others)]
            return median_contrasts(limited, horizon, self.paired.unit, self.equal)
        if quantity == "restricted_mean_seconds":
            same = np.array([np.array_equal(self.limited[base], self.limited[name]) for name in others], np.bool_)
            return mean_contrasts(self.means, same, self.equal, float(horizon))
        if quantity == "attempts":
            sums = {name: self._attempts(name) for name in (base, *others)}
            differences = np.array([sums[name] - sums[base] for name in others])
            means = paired_means(sums[base], differences, self._groups)
            return mean_contrasts(means, np.all(differences == 0, axis=1), self.equal, np.inf)
        if quantity in self.responses:
            found = self.responses[quantity]
            whole, groups = zip(*(found[name] for name in (base, *others)), strict=True)
            return section_contrasts(whole, groups, self.paired.replications, self.equal)
        limit = WITHIN.get(quantity, horizon - 1)
        by_then = {name: (times >= 0) & (times <= limit) for name, times in self.times.items()}
        gained = np.array([np.count_nonzero(by_then[name] & ~by_then[base]) for name in others], np.int64)
        lost = np.array([np.count_nonzero(by_then[base] & ~by_then[name]) for name in others], np.int64)
        return share_contrasts(self._means(by_then), gained, lost, self.equal)

    def _means(self, rows: Mapping[str, NDArray[np.generic]]) -> PairedMeans:
        base = unit_sums(rows[self.paired.base], self.paired.unit)
        differences = [unit_sums(rows[name], self.paired.unit) - base for name in self.variants]
        return paired_means(base, np.array(differences, np.int64).reshape(-1, len(base)), self.sizes)

    def _ranking(self) -> tuple[Rank, ...]:
        if not self.based:
            return ()
        names = [self.paired.base, *self.variants]
        estimates = self.means.base + np.concatenate([[0.0], self.means.differences])
        apart = clearly_different(estimates, self.means.of_scenarios, self.means.degrees)
        if self.means.units == 1:
            apart[:] = False
        ranges = rank_ranges(estimates, apart)
        ranks = []
        for at in np.argsort(estimates, kind="stable").tolist():
            alike = tuple(name for other, name in enumerate(names) if other != at and not apart[at, other])
            ranks.append(Rank(names[at], float(estimates[at]), ranges[at][0], ranges[at][1], alike))
        return tuple(ranks)

    def _share(self, times: Integers, second: int) -> Estimate:
        by_then = (times >= 0) & (times <= second)
        if self.paired.unit > 1:
            return ratio(unit_sums(by_then, self.paired.unit), self.sizes)
        share = np.array([np.count_nonzero(by_then) / len(times)])
        low, high = wilson(share, np.array([float(len(times))]))
        return Estimate(float(share[0]), float(low[0]), float(high[0]))

    def _count_times(self, name: str) -> FirstContact:
        """Kept by the lines of the column, and by the base where a variant is the same: many columns are one."""
        key = (name, self.members[name])
        if self.based and name != self.paired.base and np.array_equal(self.times[name], self.times[self.paired.base]):
            return self._count_times(self.paired.base)
        if key not in self._tallies:
            self._tallies[key] = count_times(self.times[name], self.paired.horizon, self.paired.unit)
        return self._tallies[key]

    @cached_property
    def _groups(self) -> Integers:
        return np.array([len(group) for group in self.paired.groups], np.int64)

    def _attempts(self, name: str) -> Integers:
        """(groups,) attempts made on the column's lines."""
        sums: Integers = self.paired.counts[name].attempts[:, list(self.members[name])].sum(axis=1)
        return sums

    def _limited(self, name: str) -> Integers:
        return np.where(self.times[name] == NEVER, self.paired.horizon, self.times[name])


def _around(middle: float, half: float) -> tuple[float, float]:
    return max(0.0, middle - half), middle + half
