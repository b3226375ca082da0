"""One replication out of many: the typical one, the earliest, the latest, or one without contact."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

NEVER = -1
"""Stands for "no contact before the horizon" in an array of seconds."""


class Choice(StrEnum):
    """The kinds of replication that can be asked for."""

    typical = "typical"
    earliest = "earliest"
    latest = "latest"
    no_contact = "no-contact"


class NothingToChoose(ValueError):  # noqa: N818 - no error of the program: the pool has none of the kind
    """The pool holds no replication of the kind asked for."""


@dataclass(frozen=True)
class Exemplar:
    """A replication and what it was chosen from.

    choice       the kind
    column       whose first contact decided: ``any``, ``line:NAME`` …
    replication  the one chosen
    pool         replications 0 to pool - 1 were looked at
    contacts     those of the pool with a contact in the column
    second       of its first contact, since clock.start; None where it has none
    median       the pool's median, the order statistic ⌈pool/2⌉ with censored times last; None where not reached
    """

    choice: Choice
    column: str
    replication: int
    pool: int
    contacts: int
    second: int | None
    median: int | None


def exemplar(times: NDArray[np.int64], choice: Choice, column: str) -> Exemplar:
    """Choose by first-contact times in seconds, shape (pool,), NEVER where censored; row r is replication r.

    Ties go to the lowest number. `typical` is the replication at the median; where fewer than half have contact, that
    is one without. Raises NothingToChoose where there is none of the kind.
    """
    reached = times != NEVER
    contacts, pool = int(reached.sum()), len(times)
    ordered = np.where(reached, times, np.iinfo(np.int64).max)
    middle = int(np.sort(ordered)[(pool + 1) // 2 - 1]) if pool else 0
    median = middle if contacts >= (pool + 1) // 2 and pool else None
    if choice in (Choice.earliest, Choice.latest) and contacts == 0:
        raise NothingToChoose(f"none of {pool} replications has a contact ({column}): none is {choice}")
    if choice is Choice.no_contact and contacts == pool:
        raise NothingToChoose(f"each of {pool} replications has a contact ({column}): there is none without")
    if choice is Choice.earliest:
        place = int(np.argmin(ordered))
    elif choice is Choice.latest:
        place = int(np.argmax(times))
    elif choice is Choice.typical and median is not None:
        place = int(np.flatnonzero(times == median)[0])
    else:
        place = int(np.flatnonzero(~reached)[0])
    second = int(times[place]) if reached[place] else None
    return Exemplar(choice, column, place, pool, contacts, second, median)
