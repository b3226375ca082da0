"""What is due, as a winner tree: each leaf holds a key, each inner node the smaller of the two below it.

A key is second, kind and order of declaration in one whole number, so the smallest key is what happens next, and says
what it is. A tree needs no search, and no more steps than the logarithm of the number of leaves: that is why it is
preferred to a scan, whose vector loads wait for the stores of the log entry before. `a[1]` is the root; the leaves are
``a[LEAVES]`` to ``a[2 · LEAVES − 1]``.
"""

from __future__ import annotations

from sim.engines.compiled import fixed, moving
from sim.engines.compiled.jit import inlined, part
from sim.engines.compiled.state import Crisis

# The agenda's kinds; beginnings of requests come first, because they are only told.
BEGIN, SWITCH, GIVING_UP, EVENT, OPENING, CALL_END, CONTACT, ATTEMPT = range(8)

_SECOND, _KIND = 24, 20
_ORDERS = (1 << _KIND) - 1
_KINDS = (1 << (_SECOND - _KIND)) - 1


@inlined
def never(m: Crisis) -> int:
    """The key of what is not due: greater than all others."""
    return m.k[fixed.HORIZON] << _SECOND


@inlined
def second_of(key: int) -> int:
    """The second at which it is due."""
    return key >> _SECOND


@inlined
def kind_of(key: int) -> int:
    """What is due."""
    return (key >> _KIND) & _KINDS


@inlined
def order_of(key: int) -> int:
    """The line, regime or event, in order of declaration."""
    return key & _ORDERS


@inlined
def set_due(m: Crisis, leaf: int, second: int, kind: int, order: int) -> None:
    """Note in a leaf what is due next; at the horizon or after, nothing is."""
    _put(m, leaf, min(second << _SECOND | kind << _KIND | order, never(m)))


@inlined
def put_off(m: Crisis, leaf: int, key: int, seconds: int) -> None:
    """What had this key is due again, so many seconds later."""
    _put(m, leaf, min(key + (seconds << _SECOND), never(m)))


@part
def clear(m: Crisis, leaf: int) -> None:
    """Nothing is due in this leaf."""
    _put(m, leaf, never(m))


@part
def is_clear(m: Crisis, leaf: int) -> bool:
    """Whether nothing is due in this leaf."""
    return m.a[m.s[moving.LEAVES] + leaf] == never(m)


@inlined
def _put(m: Crisis, leaf: int, key: int) -> None:
    node = m.s[moving.LEAVES] + leaf
    m.a[node] = key
    while node > 1:
        # The sibling is known before the smaller of the two: nothing here waits for a store.
        key = min(key, m.a[node ^ 1])
        node >>= 1
        m.a[node] = key


@part
def clear_all(m: Crisis) -> None:
    """Nothing is due."""
    empty = never(m)
    for node in range(2 * m.s[moving.LEAVES]):
        m.a[node] = empty
