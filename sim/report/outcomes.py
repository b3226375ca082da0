"""Outcomes of studies in words: whose contact, by when, and how much more or less of it."""

from __future__ import annotations

from sim.report.format import date_after, decimal, duration, plain, several, share, share_interval, unit_for
from sim.stats.intervals import Estimate
from sim.stats.outcomes import Asked, Outcome

MINUS = "\N{MINUS SIGN}"


def column_words(column: str) -> str:
    """``any line``, ``group senior``, ``channel embassy``; a line by its name."""
    kind, _, name = column.partition(":")
    return {"any": "any line", "line": name}.get(kind, f"{kind} {name}")


def column_name(column: str, asked: Asked) -> str:
    """As `column_words`, by its title where it has one: ``Ministerial line (austin-shoigu)``."""
    kind, _, name = column.partition(":")
    title = plain(asked.titles.get(f"{kind}s.{name}", ""))
    return f"{title} ({name})" if title and title != name else column_words(column)


def path_name(path: str, asked: Asked) -> str:
    """A path by titles: ``Ministerial line (austin-shoigu), answer``; a parameter by its name."""
    kind, *rest = plain(path).split(".")
    if kind == "parameters":
        return ".".join(rest)
    title = plain(asked.titles.get(f"{kind}.{rest[0]}", "")) if rest else ""
    if not title or title == rest[0] or len(rest) < 2:
        return plain(path)
    return f"{title} ({rest[0]}), {'.'.join(rest[1:])}"


def end_words(by: int, asked: Asked) -> str:
    """``by 30 d (26 Mar 2022)``, ``by the end (30 Jun 2022)``."""
    date = date_after(asked.start, by, asked.horizon)
    return f"by {'the end' if by == asked.horizon else duration(by)} ({date})"


def outcome_words(outcome: Outcome, asked: Asked) -> str:
    """``contact by 30 d (26 Mar 2022)`` or ``mean wait``."""
    return "mean wait" if outcome.by is None else f"contact {end_words(outcome.by, asked)}"


def short_outcome(outcome: Outcome, asked: Asked) -> str:
    """The same without the date."""
    if outcome.by is None:
        return "mean wait"
    return f"contact by {'the end' if outcome.by == asked.horizon else duration(outcome.by)}"


def value(outcome: Outcome, number: float) -> str:
    """A probability in per cent, a wait in its unit."""
    return duration(max(0.0, number)) if outcome.is_wait else share(min(1.0, max(0.0, number)))


def with_interval(outcome: Outcome, found: Estimate) -> str:
    """``81.5 % [80.3–82.6]``, ``63.9 d [62.7–65.2]``."""
    if found.estimate is None or found.low is None or found.high is None:
        return "–"
    if not outcome.is_wait:
        low, high = (min(1.0, max(0.0, end)) for end in (found.low, found.high))
        return f"{value(outcome, found.estimate)} [{share_interval(low, high)}]"
    unit = unit_for(max(found.estimate, 0.0))
    ends = "–".join(decimal(max(0.0, end) / unit.seconds) for end in (found.low, found.high))
    return f"{value(outcome, found.estimate)} [{ends}]"


def signed(number: float) -> str:
    """``+4.2``, ``−0.31``; ``0`` for what rounds to it."""
    shown = decimal(abs(number))
    return shown if shown == "0" else f"{'+' if number > 0 else MINUS}{shown}"


def change(outcome: Outcome, found: Estimate) -> str:
    """``+4.2 points [+3.1…+5.3]``, ``−2.2 d [−2.4…−2]``: how much more of it there is."""
    if found.estimate is None or found.low is None or found.high is None:
        return "–"
    size, name = _scale(outcome, found)
    ends = f"{signed(found.low / size)}…{signed(found.high / size)}"
    return f"{signed(found.estimate / size)} {name} [{ends}]"


def amount(outcome: Outcome, found: Estimate, more: str, less: str) -> str:
    """``4.2 points [3.1–5.3] more likely``: a difference that can be told from none, by its size and one of two words;
    as `change` has it where it cannot."""
    if found.estimate is None or found.low is None or found.high is None or not tells(found):
        return change(outcome, found)
    size, name = _scale(outcome, found)
    ends = sorted((abs(found.low), abs(found.high)))
    shown = "–".join(decimal(end / size) for end in ends)
    return f"{decimal(abs(found.estimate) / size)} {name} [{shown}] {more if found.estimate > 0 else less}"


def opposite(found: Estimate) -> Estimate:
    """The same difference, seen from the other side."""
    return Estimate(*(None if end is None else -end for end in (found.estimate, found.high, found.low)))


def _scale(outcome: Outcome, found: Estimate) -> tuple[float, str]:
    """What a difference is counted in: percentage points, or the unit of time that suits it."""
    if not outcome.is_wait:
        return 0.01, "points"
    largest = max(abs(end) for end in (found.estimate or 0.0, found.low or 0.0, found.high or 0.0))
    unit = unit_for(min(largest, 1e12))
    return unit.seconds, unit.sign


def path_lines(path: str, width: int) -> list[str]:
    """A path in one line, or in two where it is longer than `width` and a dot allows it."""
    shown = plain(path)
    middle = shown.rfind(".", 0, width) + 1 if len(shown) > width else 0
    return [shown[:middle], shown[middle:]] if middle else [shown]


def tells(found: Estimate) -> bool:
    """Whether a difference can be told from none."""
    return found.low is not None and found.high is not None and (found.low > 0 or found.high < 0)


def heading(asked: Asked, question: str, *, each: str) -> list[str]:
    """The lines above the tables: title, what was changed, the question with the clock, how it was answered."""
    span = f"{date_after(asked.start, 0, asked.horizon)} to {date_after(asked.start, asked.horizon, asked.horizon)}"
    unit = "" if asked.unit == 1 else ", intervals by block"
    return [
        plain(asked.title),
        *(f"changed: {plain(text)}" for text in asked.changes),
        f"{question} {span}, {duration(asked.horizon)} (UTC)",
        f"{several(asked.replications, 'replication')} {each}, seed {asked.seed}, engine {asked.engine}, "
        f"95 % intervals{unit}",
    ]
