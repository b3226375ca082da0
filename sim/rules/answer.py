"""The probability that an attempt is answered, and the effects that move it.

An effect adds ln(odds factor) to the log-odds of the lines that it affects, each time that its cause happens: for
ever, for a while (`lasts`), or fading (`half_life`). A factor of 0 closes the line while it is in force, whatever the
rest says; it is counted apart, because minus infinity could never be taken back.
"""

from __future__ import annotations

from collections.abc import Sequence

from sim.rules.arithmetic import exp, exp2


def answer_probability(log_odds: float, closers: int) -> float:
    """1 / (1 + e^−x); 0 while any closer is in force, even where x is +inf (an `answer` of 1)."""
    if closers > 0:
        return 0.0
    return 1.0 / (1.0 + exp(-log_odds))


def is_answered(uniform: float, probability: float) -> bool:
    """u < p: never at p = 0, always at p = 1, and never lost by raising p."""
    return uniform < probability


def reason_of(uniform: float, cumulative: Sequence[float]) -> int:
    """The first reason whose cumulative share exceeds u; the last one takes what rounding leaves."""
    for reason in range(len(cumulative) - 1):
        if uniform < cumulative[reason]:
            return reason
    return len(cumulative) - 1


def faded(value: float, age: int, half_life: float) -> float:
    """What is left of a fading log-odds term after `age` seconds: value · 2^(−age / half-life)."""
    return value * exp2(-age / half_life)


def in_force(age: int, lasts: int) -> bool:
    """Whether an occurrence of this age counts: its own second included, the last second of the window excluded."""
    return age < lasts
