"""Outcomes of studies in words and cells: whose contact, by when, and how much more or less of it."""

from __future__ import annotations

from sim.report.document import Report, Section
from sim.report.format import (
    NOTHING,
    Cell,
    date_after,
    duration,
    measured,
    plain,
    point_sizes,
    several,
    share,
    share_changes,
    shares,
    wait_changes,
    waits,
)
from sim.report.labels import kind_of, name_of, short_label
from sim.stats.intervals import Estimate
from sim.stats.outcomes import Outcome, StudySpec


def column_name(column: str, asked: StudySpec) -> str:
    """The title of a column with its name where it has one: ``Ministerial line (austin-shoigu)``."""
    kind, name = kind_of(column), name_of(column)
    title = plain(asked.titles.get(f"{kind}s.{name}", ""))
    return f"{title} ({name})" if title and title != name else short_label(column)


def path_name(path: str, asked: StudySpec) -> str:
    """A path by titles: ``Ministerial line (austin-shoigu), answer``; a parameter by its name."""
    kind, *rest = plain(path).split(".")
    if kind == "parameters":
        return ".".join(rest)
    title = plain(asked.titles.get(f"{kind}.{rest[0]}", "")) if rest else ""
    if not title or title == rest[0] or len(rest) < 2:
        return plain(path)
    return f"{title} ({rest[0]}), {'.'.join(rest[1:])}"


def end_words(by: int, asked: StudySpec) -> str:
    """``by 30 d (26 Mar 2022)``, ``by the end (30 Jun 2022)``."""
    date = date_after(asked.start, by, asked.horizon)
    return f"by {'the end' if by == asked.horizon else duration(by)} ({date})"


def outcome_words(outcome: Outcome, asked: StudySpec) -> str:
    """``contact by 30 d (26 Mar 2022)`` or ``mean wait``."""
    return "mean wait" if outcome.by is None else f"contact {end_words(outcome.by, asked)}"


def short_outcome(outcome: Outcome, asked: StudySpec) -> str:
    """The same without the date."""
    if outcome.by is None:
        return "mean wait"
    return f"contact by {'the end' if outcome.by == asked.horizon else duration(outcome.by)}"


def whose(outcome: Outcome, asked: StudySpec) -> str:
    """``contact by 30 d (26 Mar 2022) of group senior``, ``the mean wait of any line``."""
    return f"{'the ' * outcome.is_wait}{outcome_words(outcome, asked)} of {short_label(outcome.column)}"


def value(outcome: Outcome, number: float | None) -> str:
    """A probability in per cent, a wait in its unit."""
    number = max(0.0, number or 0.0)
    return duration(number) if outcome.is_wait else share(min(1.0, number))


def estimate(outcome: Outcome, found: Estimate) -> Cell:
    """``81.5 % [80.3–82.6]``, ``63.9 d [62.7–65.2]``."""
    if found.estimate is None or found.low is None or found.high is None:
        return Cell(NOTHING)
    measure = waits if outcome.is_wait else shares
    return measured(measure, max(0.0, found.estimate), max(0.0, found.low), max(0.0, found.high))


def change(outcome: Outcome, found: Estimate) -> Cell:
    """``+4.2 points [+3.1 to +5.3]``, ``−2.2 d [−2.4 to −2]``: how much more of it there is."""
    if found.estimate is None or found.low is None or found.high is None:
        return Cell(NOTHING)
    measure = wait_changes if outcome.is_wait else share_changes
    return measured(measure, found.estimate, found.low, found.high, " to ")


def amount(outcome: Outcome, found: Estimate, more: str, less: str) -> str:
    """``4.2 percentage points [3.1–5.3] more likely``: a clear difference, by its size and one of two words; as
    `change` has it where it is not clear."""
    if found.estimate is None or found.low is None or found.high is None or not is_clear(found):
        return str(change(outcome, found)).replace(" points", " percentage points")
    low, high = sorted((abs(found.low), abs(found.high)))
    cell = measured(waits if outcome.is_wait else point_sizes, abs(found.estimate), low, high)
    return f"{cell} {more if found.estimate > 0 else less}"


def opposite(found: Estimate) -> Estimate:
    """The same difference, seen from the other side."""
    return Estimate(*(None if end is None else -end for end in (found.estimate, found.high, found.low)))


def is_clear(found: Estimate) -> bool:
    """Whether the interval of a difference excludes zero."""
    return found.low is not None and found.high is not None and (found.low > 0 or found.high < 0)


def path_lines(path: str, width: int) -> list[str]:
    """A path in one line, or in two where it is longer than `width` and a dot allows it."""
    shown = plain(path)
    middle = shown.rfind(".", 0, width) + 1 if len(shown) > width else 0
    return [shown[:middle], shown[middle:]] if middle else [shown]


def study_report(
    what: str, asked: StudySpec, question: str, each: str, sentences: list[str], sections: tuple[Section, ...]
) -> Report:
    """The report of a study: title, what was changed, the question with the clock, how it was answered."""
    span = f"{date_after(asked.start, 0, asked.horizon)} to {date_after(asked.start, asked.horizon, asked.horizon)}"
    unit = "" if asked.unit == 1 else ", intervals by block"
    return Report(
        what=f"report of {what}",
        title=plain(asked.title),
        question=f"{question} {span}, {duration(asked.horizon)} (UTC)",
        setting=f"{several(asked.replications, 'replication')} {each}, seed {asked.seed}, engine {asked.engine}, "
        f"95 % intervals{unit}",
        answer=tuple(sentences),
        sections=sections,
        changes=tuple(map(plain, asked.changes)),
    )
