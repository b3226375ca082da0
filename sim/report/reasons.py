"""Why a variant differs, as terminal, page and pictures are given it: `sim.studies.why`, further up, makes it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Cause(Protocol):
    """How often something was the first difference."""

    @property
    def count(self) -> int: ...

    @property
    def words(self) -> str: ...


class Step(Protocol):
    """A row of a replication told side by side: what happens at a second in one of the two, or in both."""

    @property
    def second(self) -> int: ...

    @property
    def base(self) -> str: ...

    @property
    def variant(self) -> str: ...


class Typical(Protocol):
    """The changed replication whose first contact moved by the median amount."""

    @property
    def replication(self) -> int: ...

    @property
    def second(self) -> int: ...

    @property
    def cause(self) -> str: ...

    @property
    def base_second(self) -> int | None: ...

    @property
    def variant_second(self) -> int | None: ...

    @property
    def steps(self) -> Sequence[Step]: ...


class Reason(Protocol):
    """Why one variant differs, in one column."""

    @property
    def column(self) -> str: ...

    @property
    def changed(self) -> int: ...

    @property
    def traced(self) -> int: ...

    @property
    def causes(self) -> Sequence[Cause]: ...

    @property
    def typical(self) -> Typical | None: ...
