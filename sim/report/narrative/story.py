"""Stories: one replication in words, as text for a terminal, as Markdown, as JSON, and as a block of a page.

`tell` makes a `Story` of a scenario and an event log. Sentences come from `sentences`, what they say of other entries
from `context`, and what one sentence says for many entries from `condense`.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any

from sim.engines.contract import NEVER, EventLog, LogEntry
from sim.report.document import Day, Trace
from sim.report.format import DAY, count, day, day_and_clock, duration, plain, weekday
from sim.report.labels import short_label
from sim.report.narrative.condense import Item, affected, condensed, one_by_one, split
from sim.report.narrative.context import Context, contexts
from sim.report.narrative.outcomes import Ending, ending_in_words, endings, in_short
from sim.report.narrative.sentences import Sentences
from sim.report.terminal import put, text, wrapped
from sim.scenario.resolved import Scenario
from sim.stats.traces import Choice, Representative

if TYPE_CHECKING:
    from rich.console import Console

FORMAT = 1
WIDEST = 100
ENDED = "How it ended"
INDENT = 9
"""Columns taken by the time of day: two blanks, hours and minutes, two blanks."""

SPECIAL = re.compile(r"([\\`*_{}\[\]<>|#~$])")
NEVER_KEYS = frozenset({"until", "delay"})
"""Details in which NEVER stands for "not before the horizon"."""


@dataclass(frozen=True)
class Entry:
    """One sentence of the trace and the log entries for which it stands.

    local        place and time of day there, for the caller and, where it differs, the callee
    log_entries  the one that it tells and those that go without saying; or all of a run
    contexts     of each of them
    """

    second: int
    words: str
    local: tuple[tuple[str, str], ...]
    log_entries: tuple[LogEntry, ...]
    contexts: tuple[Context, ...]


@dataclass(frozen=True)
class Story:
    """`opening` sets the scene, `short` says it all in a few sentences, `entries` tell it, `endings` how it ended.

    title       of the scenario
    start       clock.start; every second counts from it
    horizon     seconds
    parameters  drawn values of the uncertain numbers by path
    lines       the lines told of; all of the scenario unless chosen
    chosen      how the replication was chosen, or None for one asked for by number
    complete    whether every log entry has a sentence of its own
    """

    title: str
    replication: int
    seed: int
    start: datetime
    horizon: int
    parameters: Mapping[str, float]
    lines: tuple[str, ...]
    chosen: Representative | None
    complete: bool
    opening: tuple[str, ...]
    short: tuple[str, ...]
    entries: tuple[Entry, ...]
    endings: tuple[Ending, ...]

    @property
    def outcome(self) -> tuple[tuple[str, str], ...]:
        """Each line and how it ended, in words."""
        return tuple((ending.line, ending_in_words(ending, self.start)) for ending in self.endings)


def tell(
    scenario: Scenario,
    event_log: EventLog,
    *,
    lines: Sequence[str] = (),
    complete: bool = False,
    chosen: Representative | None = None,
) -> Story:
    """The story of one replication of `scenario`.

    lines     tell of these only, and of the gates and events that affect them; of all unless given
    complete  a sentence for every log entry; else routine is told in one sentence for many
    chosen    how the replication was chosen
    """
    told = tuple(line.name for line in scenario.lines if not lines or line.name in lines)
    read = contexts(scenario, event_log)
    kept = _concerning(scenario, event_log.log_entries, told)
    log_entries = [event_log.log_entries[index] for index in kept]
    items = one_by_one(log_entries) if complete else condensed(scenario, log_entries)
    teller = Sentences(scenario, event_log.parameters)
    entries = tuple(_entry(teller, item, log_entries, [read[index] for index in kept]) for item in items)
    found = tuple(ending for ending in endings(scenario, event_log.log_entries) if ending.line in told)
    return Story(
        plain(scenario.title),
        event_log.replication,
        event_log.seed,
        scenario.start,
        scenario.horizon,
        event_log.parameters,
        told,
        chosen,
        complete,
        tuple(_opening(scenario, event_log, chosen, told)),
        in_short(scenario, found),
        entries,
        found,
    )


def _concerning(scenario: Scenario, log_entries: Sequence[LogEntry], told: Sequence[str]) -> list[int]:
    """Return the indices of the entries of these lines, and of the gates and events that affect one of them."""
    if len(told) == len(scenario.lines):
        return list(range(len(log_entries)))
    lines_of, wanted = affected(scenario), set(told)

    def concerns(log_entry: LogEntry) -> bool:
        if log_entry.what in ("state", "event"):
            return bool(lines_of[f"{log_entry.what}:{log_entry.name}"] & wanted)
        return log_entry.name in wanted

    return [index for index, log_entry in enumerate(log_entries) if concerns(log_entry)]


def _entry(teller: Sentences, item: Item, log_entries: Sequence[LogEntry], read: Sequence[Context]) -> Entry:
    own = tuple(log_entries[index] for index in item.indices)
    local: tuple[tuple[str, str], ...] = ()
    if item.kind == "attempts":
        words = teller.attempts(own)
    elif item.kind == "requests":
        words = teller.requests(split(own))
    elif item.kind == "occurrences":
        words = teller.occurrences(own)
    else:
        words, local = teller.sentence(own[0], read[item.indices[0]]), teller.local(own[0])
    return Entry(own[0].second, words, local, own, tuple(read[index] for index in item.indices))


def _opening(scenario: Scenario, event_log: EventLog, chosen: Representative | None, told: Sequence[str]) -> list[str]:
    span = f"{day_and_clock(scenario.start)} to {day_and_clock(scenario.end)}"
    lines = [f"Replication {event_log.replication} of seed {event_log.seed}. {span}; times are UTC."]
    if chosen is not None:
        lines.append(chosen_in_words(chosen))
    if len(told) < len(scenario.lines):
        lines.append(f"Only {', '.join(told)}, and what affects it.")
    if event_log.parameters:
        units = {number.path: number.unit for number in scenario.uncertain}
        drawn = [
            f"{path} = {duration(value) if units.get(path) == 's' and value >= 0 else f'{value:.4g}'}"
            for path, value in event_log.parameters.items()
        ]
        lines.append(f"Drawn for this replication: {', '.join(drawn)}.")
    return lines


def chosen_in_words(chosen: Representative) -> str:
    """Why this replication, and from how many it was chosen."""
    what = short_label(chosen.column)
    pool, some = count(chosen.pool), count(chosen.contacts)
    words = f"Chosen from {pool} replications, {some} of them with a contact ({what}): "
    if chosen.choice is Choice.no_contact:
        return f"{words}the first of the {count(chosen.pool - chosen.contacts)} without."
    if chosen.second is None:
        return f"{words}more often than not there is none, so the typical one is the first without."
    after = f"first contact after {duration(chosen.second)}"
    if chosen.choice is Choice.typical:
        return f"{words}the typical one, {after}, which is the median."
    median = f"; the median is {duration(chosen.median)}" if chosen.median is not None else ""
    return f"{words}the {chosen.choice} one, {after}{median}."


def as_text(story: Story, width: int = 100) -> list[str]:
    """Lines of at most `width` columns (a longer word stands alone): one paragraph an entry, under the date."""
    lines = [*_lines(story.title, width), *(line for one in story.opening for line in _lines(one, width)), ""]
    lines += _lines(f"In short: {' '.join(story.short)}", width)
    date = ""
    margin = INDENT + 3 * _by_second(story)
    for entry in story.entries:
        moment = story.start + timedelta(seconds=entry.second)
        if _date(moment) != date:
            date = _date(moment)
            lines += ["", date]
        head = f"  {_time(story, moment)}  "
        lines += _lines(_with_places(entry), width, head, " " * margin)
    lines += [] if story.entries else ["", "Nothing happened."]
    lines += ["", ENDED]
    for name, words in story.outcome:
        lines += _lines(f"{name}: {words}", width, "  ", "    ")
    return lines


def show(story: Story, target: Console) -> None:
    """Print the story, as wide as the terminal but not wider than a page; title, dates and contacts stand out."""
    headings = {story.title, ENDED, *(_date(story.start + timedelta(seconds=one.second)) for one in story.entries)}
    for line in as_text(story, min(target.width, WIDEST)):
        shown = text(line, "bold" if line in headings else "")
        shown.highlight_words(["CONTACT."], "bold green")
        put(target, shown, whole=True)


def as_markdown(story: Story) -> str:
    """The same as a Markdown page; what comes from the scenario is escaped."""
    parts = [f"# {_escaped(story.title)}", "\n".join(_escaped(one) for one in story.opening)]
    parts.append(f"**In short:** {_escaped(' '.join(story.short))}")
    date, trace = "", []
    for entry in story.entries:
        moment = story.start + timedelta(seconds=entry.second)
        if _date(moment) != date:
            date = _date(moment)
            trace.append(f"\n## {date}\n")
        words = _escaped(_with_places(entry)).replace(": CONTACT. ", ": **Contact.** ", 1)
        trace.append(f"- **{_time(story, moment)}** {words}")
    parts.append("\n".join(trace).strip("\n") or "Nothing happened.")
    parts.append(f"## {ENDED}")
    rows = [f"| {_escaped(name)} | {_escaped(words)} |" for name, words in story.outcome]
    parts.append("\n".join(["| line | |", "| --- | --- |", *rows]))
    return "\n\n".join(parts) + "\n"


def as_json(story: Story) -> str:
    """The story as a JSON text; docs/reference/story.schema.json describes it. Make it of a complete story."""
    return json.dumps(document(story), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def document(story: Story) -> dict[str, Any]:
    """What `as_json` writes. Raises ValueError for a story that tells many log entries in one sentence."""
    if not story.complete:
        raise ValueError("a story in JSON has a sentence for every log entry; tell it complete")
    chosen = story.chosen
    return {
        "format": FORMAT,
        "title": story.title,
        "seed": story.seed,
        "replication": story.replication,
        "chosen": None
        if chosen is None
        else {
            "as": chosen.choice.value,
            "column": chosen.column,
            "pool": chosen.pool,
            "contacts": chosen.contacts,
            "first_contact_seconds": chosen.second,
            "median_seconds": chosen.median,
        },
        "start": _iso(story.start),
        "horizon_seconds": story.horizon,
        "parameters": dict(story.parameters),
        "lines": list(story.lines),
        "short": list(story.short),
        "log_entries": [_log_entry(story, entry) for entry in story.entries],
        "endings": {
            ending.line: {
                "first_contact_seconds": ending.first_contact,
                "contacts": ending.contacts,
                "attempts": ending.attempts,
                "results": dict(ending.results),
                "gave_up": ending.gave_up,
                "superseded": ending.superseded,
                "merged": ending.merged,
                "pending": ending.pending,
                "words": words,
            }
            for ending, (_, words) in zip(story.endings, story.outcome, strict=True)
        },
    }


def _log_entry(story: Story, entry: Entry) -> dict[str, Any]:
    (log_entry,), (context,) = entry.log_entries, entry.contexts
    made: dict[str, Any] = {
        "second": log_entry.second,
        "at": _iso(story.start + timedelta(seconds=log_entry.second)),
        "local": [{"place": place, "time": time} for place, time in entry.local],
        "what": log_entry.what,
        "name": log_entry.name,
        "words": entry.words,
        "detail": _detail(log_entry),
    }
    if log_entry.what == "contact":
        made["first_of"] = list(context.firsts)
    return made


def _detail(log_entry: LogEntry) -> dict[str, int | float | str | None]:
    """The details of the contract; null where there is no such number or time."""
    return {key: None if _absent(key, value) else value for key, value in log_entry.detail.items()}


def _absent(key: str, value: int | float | str) -> bool:
    return (isinstance(value, float) and math.isnan(value)) or (key in NEVER_KEYS and value == NEVER)


def _with_places(entry: Entry) -> str:
    if not entry.local:
        return entry.words
    return f"{entry.words} [{', '.join(f'{time} {place}' for place, time in entry.local)}]"


def _by_second(story: Story) -> bool:
    """Under three days the seconds are told too."""
    return story.horizon < 3 * DAY


def _time(story: Story, moment: datetime) -> str:
    return f"{moment:%H:%M:%S}" if _by_second(story) else f"{moment:%H:%M}"


def _date(moment: datetime) -> str:
    return f"{weekday(moment)} {day(moment)}"


def _iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _escaped(text: str) -> str:
    return SPECIAL.sub(r"\\\1", text)


def _lines(words: str, width: int, first: str = "", then: str = "") -> list[str]:
    return wrapped(words, width, first, then).splitlines()


def trace_block(story: Story, label: str) -> Trace:
    """The entries of a story by date, contacts marked; times are UTC, with local ones behind."""

    def date(entry: Entry) -> str:
        """The weekday and day of an entry."""
        return _date(story.start + timedelta(seconds=entry.second))

    by_day = groupby(story.entries, date)
    return Trace(label, tuple(Day(when, tuple(_marked(story, entry) for entry in entries)) for when, entries in by_day))


def _marked(story: Story, entry: Entry) -> tuple[str, str, bool]:
    marked = any(one.what == "contact" for one in entry.log_entries)
    # A sentence for many log entries has contacts among them, but is about none.
    time = _time(story, story.start + timedelta(seconds=entry.second))
    return time, plain(_with_places(entry)), marked and len(entry.log_entries) <= 3
