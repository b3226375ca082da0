"""Conditions on the first contacts of a replication, such as ``ministers > 3 d and hotline < 1 h``."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.engines.contract import NEVER
from sim.scenario.errors import Faults
from sim.scenario.program import Column, ColumnError, find_column
from sim.scenario.units import seconds_of

_TERM = re.compile(r"\s*(?P<column>[A-Za-z][\w:.-]*)\s*(?P<sign><=|>=|<|>|=)\s*(?P<time>.+?)\s*")
_COMPARE: dict[str, Callable[[NDArray[np.float64], float], NDArray[np.bool_]]] = {
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
}


class ConditionError(ValueError):
    """A condition that cannot be read; the text says where, and what was expected."""


@dataclass(frozen=True)
class Condition:
    """One comparison: the first contact of a column against a time in seconds; a replication without contact is later
    than every time. `sign` = and `seconds` infinite: no contact."""

    column: str
    sign: str
    seconds: float

    def holds(self, times: NDArray[np.int64]) -> NDArray[np.bool_]:
        """By replication; `times` are first contacts in seconds, `NEVER` without contact."""
        waits = np.where(times == NEVER, np.inf, times.astype(np.float64))
        if self.sign == "=":
            return np.isinf(waits)
        return np.asarray(_COMPARE[self.sign](waits, self.seconds))


def parse_conditions(text: str, columns: Sequence[Column]) -> tuple[Condition, ...]:
    """Read terms ``COLUMN < TIME``, joined by ``and``; ``COLUMN = never`` means no contact. Raises ConditionError."""
    found = []
    for term in re.split(r"\s+and\s+", text.strip()):
        match = _TERM.fullmatch(term)
        if match is None:
            raise ConditionError(f"'{term}' is no condition; write for instance 'hotline < 1 h' or 'ministers = never'")
        try:
            column = find_column(match["column"], columns)
        except ColumnError as error:
            raise ConditionError(str(error)) from None
        never = match["time"] == "never"
        if never != (match["sign"] == "="):
            raise ConditionError(f"'{term}': = goes with never, and < <= > >= with a time such as '3 d'")
        try:
            seconds = np.inf if never else float(seconds_of(match["time"]))
        except Faults as error:
            raise ConditionError(f"'{term}': {error}") from None
        found.append(Condition(column.key, match["sign"], seconds))
    return tuple(found)
