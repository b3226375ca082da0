"""Event list of the event loop: a winner tree.

Each leaf holds a key, each inner node the smaller of the two below it. A key is one whole number made of second, kind
and order of declaration, so the smallest key is the next occurrence and says what it is. A tree needs no search, and no
more steps than the logarithm of the number of leaves. ``due[1]`` is the root, the leaves are ``due[leaves]`` to
``due[2 · leaves − 1]``.
"""

from __future__ import annotations

from sim.engines.compiled.numba_setup import inlined, part
from sim.engines.compiled.state import Simulation
from sim.rules.order import Kind, kind_and_order, rank

MOST_OF_A_KIND = 1 << 20
"""Lines, regimes or events of a program, in all."""
_SECOND_BITS = 24

SWITCH, GIVING_UP, EVENT = int(Kind.SWITCH), int(Kind.GIVING_UP), int(Kind.EVENT)
CALL_END, CONTACT, ATTEMPT = int(Kind.CALL_END), int(Kind.CONTACT), int(Kind.ATTEMPT)
BEGIN = min(SWITCH, GIVING_UP, EVENT, CALL_END, CONTACT, ATTEMPT) - 1
"""The log entry of a request that begins later than it was opened; before all else of its second."""


@inlined
def key_of(second: int, kind: int, order: int) -> int:
    """Keys are in the order of `sim.rules.order`."""
    return (second << _SECOND_BITS) + rank(kind - BEGIN, order, MOST_OF_A_KIND)


@inlined
def never(m: Simulation) -> int:
    """The key of what is not due: greater than all others."""
    return m.clock[0].horizon << _SECOND_BITS


@inlined
def second_of(key: int) -> int:
    """The second at which it is due."""
    return key >> _SECOND_BITS


@inlined
def what_of(key: int) -> tuple[int, int]:
    """Kind and order."""
    kind, order = kind_and_order(key & ((1 << _SECOND_BITS) - 1), MOST_OF_A_KIND)
    return kind + BEGIN, order


@inlined
def set_due(m: Simulation, leaf: int, second: int, kind: int, order: int) -> None:
    """Note in a leaf what is due next; at the horizon or after, nothing is."""
    _put(m, leaf, min(key_of(second, kind, order), never(m)))


@part
def clear(m: Simulation, leaf: int) -> None:
    """Nothing is due in this leaf."""
    _put(m, leaf, never(m))


@part
def is_clear(m: Simulation, leaf: int) -> bool:
    """Whether nothing is due in this leaf."""
    return m.due[m.clock[0].leaves + leaf] == never(m)


@part
def clear_all(m: Simulation) -> None:
    """Nothing is due."""
    for node in range(2 * m.clock[0].leaves):
        m.due[node] = never(m)


@inlined
def _put(m: Simulation, leaf: int, key: int) -> None:
    node = m.clock[0].leaves + leaf
    m.due[node] = key
    while node > 1:
        # The sibling is known before the smaller of the two: nothing here waits for a store.
        key = min(key, m.due[node ^ 1])
        node >>= 1
        m.due[node] = key
