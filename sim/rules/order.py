"""Order of what is due within one second.

One event list, keyed (second, kind, order of declaration). What becomes due at the present second enters it and takes
the place of its key, so an answer without delay is a contact before any other attempt of that second is made.
"""

from __future__ import annotations

from enum import IntEnum


class Kind(IntEnum):
    """The kinds of log entry, in the order in which they are processed within a second."""

    SWITCH = 0
    """A regime enters its next state. First, so that all else in the second meets the new state."""
    GIVING_UP = 1
    """Before events and attempts: the second at which a request gives up is no longer part of it."""
    EVENT = 2
    """Before calls end and contacts are made: an occurrence at the contact's own second merges with its request."""
    CALL_END = 3
    """Before contacts: an official freed in this second can take the next call in it."""
    CONTACT = 4
    """Before attempts: whoever has just begun a call attempts nothing and is busy to others."""
    ATTEMPT = 5


def rank(kind: Kind, order: int, width: int) -> int:
    """The place of a kind and an order of declaration (0 <= order < width) within a second, as one integer."""
    return kind * width + order


def kind_and_order(rank: int, width: int) -> tuple[int, int]:
    """The kind and the order of declaration that have this place."""
    return rank // width, rank % width
