"""A story as the trace of a page."""

from __future__ import annotations

from datetime import timedelta
from itertools import groupby

from sim.report.format import DAY, day, plain, weekday
from sim.report.html.document import Day, Trace
from sim.report.story import Entry, Story


def trace(story: Story, label: str) -> Trace:
    """The entries of a story by date, contacts marked; times are UTC, with local ones behind."""

    def date(entry: Entry) -> str:
        """The weekday and day of an entry."""
        moment = story.start + timedelta(seconds=entry.second)
        return f"{weekday(moment)} {day(moment)}"

    days = tuple(
        Day(when, tuple(_entry(story, entry) for entry in entries)) for when, entries in groupby(story.entries, date)
    )
    return Trace(label, days)


def _entry(story: Story, entry: Entry) -> tuple[str, str, bool]:
    moment = story.start + timedelta(seconds=entry.second)
    time = f"{moment:%H:%M:%S}" if story.horizon < 3 * DAY else f"{moment:%H:%M}"
    places = ", ".join(f"{when} {place}" for place, when in entry.local)
    words = plain(f"{entry.words} [{places}]" if places else entry.words)
    marked = any(one.what == "contact" for one in entry.log_entries)
    # A sentence for many log entries has contacts among them, but is about none.
    return time, words, marked and len(entry.log_entries) <= 3
