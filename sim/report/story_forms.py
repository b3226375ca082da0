"""A story as text for a terminal, as Markdown, and as JSON."""

from __future__ import annotations

import json
import math
import re
import textwrap
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sim.engines.contract import NEVER, LogEntry
from sim.report.format import DAY, day, weekday
from sim.report.story import Entry, Story

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


def as_text(story: Story, width: int = 100) -> list[str]:
    """Lines of at most `width` columns (a longer word stands alone): one paragraph an entry, under the date."""
    lines = [*_wrapped(story.title, width), *(line for one in story.opening for line in _wrapped(one, width)), ""]
    lines += _wrapped(f"In short: {' '.join(story.short)}", width)
    date = ""
    margin = INDENT + 3 * _by_second(story)
    for entry in story.entries:
        moment = story.start + timedelta(seconds=entry.second)
        if _date(moment) != date:
            date = _date(moment)
            lines += ["", date]
        head = f"  {_time(story, moment)}  "
        lines += _wrapped(_with_places(entry), width, head, " " * margin)
    lines += [] if story.entries else ["", "Nothing happened."]
    lines += ["", ENDED]
    for name, words in story.outcome:
        lines += _wrapped(f"{name}: {words}", width, "  ", "    ")
    return lines


def show(story: Story, target: Console) -> None:
    """Print the story, as wide as the terminal but not wider than a page; title, dates and contacts stand out."""
    from rich.text import Text

    headings = {story.title, ENDED, *(_date(story.start + timedelta(seconds=one.second)) for one in story.entries)}
    with target.capture() as captured:
        for line in as_text(story, min(target.width, WIDEST)):
            text = Text(line, "bold" if line in headings else "")
            text.highlight_words(["CONTACT."], "bold green")
            target.print(text, soft_wrap=True)
    # Written at once: rich would end the program with status 1 where the reader of a pipe has seen enough.
    target.file.write(captured.get())


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
    (log_entry,), (thread,) = entry.log_entries, entry.threads
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
        made["first_of"] = list(thread.firsts)
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


def _wrapped(text: str, width: int, head: str = "", indent: str = "") -> list[str]:
    # A number keeps its unit: "5 %" and "12 h" are not broken between two lines.
    glued = re.sub(r"(?<=\d) (?=(%|s|min|h|d|w)\b|%)", "\u00a0", text)
    glued = re.sub(r"× (?=\d)", "×\u00a0", glued)
    kept = textwrap.wrap(glued, width, initial_indent=head, subsequent_indent=indent, break_on_hyphens=False)
    return [line.replace("\u00a0", " ") for line in kept]


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
