"""Interfaces of an explanation of a difference, which `sim.studies.explain` makes and reports show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from sim.stats.intervals import Estimate


class CauseOfDifference(Protocol):
    """How often something was the first difference."""

    @property
    def count(self) -> int:
        """Of the traced replications."""

    @property
    def words(self) -> str:
        """What it was, as a sentence."""


class DivergenceStep(Protocol):
    """A row of a replication told side by side: what happens at a second in one of the two, or in both."""

    @property
    def second(self) -> int:
        """Since clock.start."""

    @property
    def base(self) -> str:
        """What happens in the base; empty if nothing."""

    @property
    def variant(self) -> str:
        """What happens in the variant; empty if nothing."""


class TypicalReplication(Protocol):
    """The changed replication whose first contact moved by the median amount."""

    @property
    def replication(self) -> int:
        """Its number."""

    @property
    def second(self) -> int:
        """Where it parts, since clock.start."""

    @property
    def cause(self) -> str:
        """What parts it."""

    @property
    def base_second(self) -> int | None:
        """First contact of the column in the base, None where there is none."""

    @property
    def variant_second(self) -> int | None:
        """Likewise in the variant."""

    @property
    def steps(self) -> Sequence[DivergenceStep]:
        """What happens in one of the two only, until both have had contact."""


class Setting(Protocol):
    """The part of one setting in what a variant of several settings changes."""

    @property
    def setting(self) -> str:
        """``PATH=VALUE``."""

    @property
    def moved(self) -> int:
        """Replications in which it alone moves the first contact."""

    @property
    def alone(self) -> Estimate:
        """Change of the restricted mean by it alone, in seconds."""

    @property
    def shapley(self) -> Estimate:
        """Its Shapley value in that change."""


class Reason(Protocol):
    """Why one variant differs, in one column."""

    @property
    def column(self) -> str:
        """Whose first contact is told of."""

    @property
    def changed(self) -> int:
        """Replications in which a first contact differs, in any column that both have."""

    @property
    def traced(self) -> int:
        """Of them, the first so many by number."""

    @property
    def causes(self) -> Sequence[CauseOfDifference]:
        """The most frequent first; their counts add up to `traced`."""

    @property
    def settings(self) -> Sequence[Setting]:
        """The share of each of several settings; empty where there is one, or shares are not known."""

    @property
    def typical(self) -> TypicalReplication | None:
        """None where nothing changed, or nothing but which contacts a column counts."""
