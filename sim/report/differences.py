"""Differences between scenarios as a person reads them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sim.report.format import decimal, duration, unit_for
from sim.stats.paired import Contrast

MINUS = "\N{MINUS SIGN}"


def points(difference: float) -> str:
    """``+1.3 points``: of percentages."""
    return f"{_sign(difference)}{decimal(abs(difference) * 100)} points"


def signed_duration(seconds: float) -> str:
    """``−2.5 h``."""
    return f"{_sign(seconds)}{duration(abs(seconds))}"


def durations(seconds: Sequence[float]) -> list[str]:
    """All in the unit of the largest: ``2.5 h``, ``0.9 h``."""
    unit = unit_for(max(map(abs, seconds)))
    return [f"{decimal(one / unit.seconds)} {unit.sign}" for one in seconds]


def signed_durations(seconds: Sequence[float]) -> list[str]:
    """The same with their signs: ``−2.5 h``, ``+0.9 h``."""
    return [f"{_sign(one)}{told}" for one, told in zip(seconds, durations([abs(one) for one in seconds]), strict=True)]


def signed(number: float) -> str:
    """``+1.3``."""
    return f"{_sign(number)}{decimal(abs(number))}"


def change(one: Contrast, words: Callable[[float], str]) -> str:
    """A difference, and on a second line its interval among those of all variants; open ends are said to be so."""
    if one.same:
        return "the same"
    if one.estimate is None:
        bounds = [f"at least {words(one.low_all)}"] if one.low_all is not None else []
        bounds += [f"at most {words(one.high_all)}"] if one.high_all is not None else []
        return f"not known\n{' and '.join(bounds)}" if bounds else "not known"
    if one.low_all is None and one.high_all is None:
        return words(one.estimate)
    known = [end for end in (one.low_all, one.high_all) if end is not None]
    numbers = [one.estimate, *known]
    first, *others = signed_durations(numbers) if words is signed_duration else [words(number) for number in numbers]
    told = iter(others)
    ends = " to ".join("…" if end is None else next(told) for end in (one.low_all, one.high_all))
    return f"{first}\n{_common(ends)}"


def nowhere(one: Contrast) -> bool:
    """Whether a difference and both ends of its interval are 0: two medians at the same second, as at a fixed date."""
    return one.estimate == one.low_all == one.high_all == 0


def by_how_much(one: Contrast) -> str:
    """A difference of durations for a sentence, its direction told already: ``21.3 d (20.1 to 22.5 d)``."""
    assert one.estimate is not None
    ends = sorted(abs(end) for end in (one.low_all, one.high_all) if end is not None)
    estimate, *others = durations([abs(one.estimate), *ends])
    return f"{estimate} ({_common(' to '.join(others))})"


def _common(ends: str) -> str:
    """An interval whose ends share their unit names it once: ``−2.5 to −1.5 d``."""
    first, to, last = ends.partition(" to ")
    number, space, unit = first.partition(" ")
    return f"{number} to {last}" if to and space and last.endswith(f" {unit}") else ends


def _sign(number: float) -> str:
    return "+" if number > 0 else MINUS if number < 0 else ""
