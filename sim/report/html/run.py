"""The report of a run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sim.report.format import plain
from sim.report.html.answer import answer, question
from sim.report.html.certainty import certainty
from sim.report.html.contacts import attempt_table, contact_table, first_table, record_table, request_table
from sim.report.html.document import Block, Drawing, Picture, Report, Section, Table, Words
from sim.report.html.origin import again, method, provenance
from sim.report.html.told import trace
from sim.report.story import Story
from sim.report.view import View

CAPTIONS = {
    "survival-lines": "Share of replications without contact so far, by line",
    "survival-channels": "Share of replications without contact so far, by channel",
    "survival-groups": "Share of replications without contact so far, by group",
    "uncertainty": "Chance, and what the uncertain numbers leave open",
    "first-contact": "When the first contacts came",
    "first-by-cause": "Who was first, by channel and by side of the caller",
    "response-delay": "How long an answer took, by channel",
    "attempts-needed": "Attempts that a request took to its contact",
    "states": "Where each line stands over time",
    "officials": "Attempts and answers of each official",
    "reciprocity": "Who began the contacts",
    "replications": "First contacts, replication by replication",
}
"""Pictures of a run by the names of their files."""


@dataclass(frozen=True)
class Example:
    """One replication of the run: its story, its timeline, and the scenario's network, each (words, SVG) if drawn."""

    story: Story
    timeline: Drawing


def run_report(
    view: View,
    manifest: Mapping[str, Any],
    drawn: Mapping[str, Drawing],
    example: Example | None = None,
    network: Drawing | None = None,
) -> Report:
    """The report of a run whose manifest this is.

    drawn    the run's pictures; those that are missing are left out
    example  one replication told
    network  who calls whom: words and SVG
    """
    scenario = view.scenario
    sections = (
        Section("contact", "Time to first contact", _contact(view, drawn)),
        Section("first", "Who was first", (first_table(view), *_pictures(drawn, "first-by-cause", "reciprocity"))),
        Section("attempts", "Attempts and answers", _attempts(view, drawn)),
        Section("record", "Beside the record", _record(view)),
        Section("example", "One of the simulated crises", _example(example)),
        Section("certainty", "How sure the numbers are", (*certainty(view), *_pictures(drawn, "uncertainty"))),
        Section("origin", "Where the numbers come from", (*_network(network), *provenance(scenario))),
        Section("method", "Method, and what not to conclude", method(len(scenario.uncertain), manifest["block"])),
        Section("warnings", "Warnings", tuple(Words(plain(warning)) for warning in scenario.warnings)),
        Section("again", "How to make it again", again(manifest)),
    )
    return Report(
        what="report of a run",
        title=plain(scenario.title) or "A scenario without a title",
        changes=tuple(plain(change) for change in manifest["run"].get("changes", ())),
        about=plain(scenario.description),
        question=question(view),
        answer=answer(view),
        caution="",
        sections=tuple(section for section in sections if section.blocks),
        made_by=f"openlines {manifest['openlines']}",
    )


def _contact(view: View, drawn: Mapping[str, Drawing]) -> tuple[Block, ...]:
    names = ("survival-lines", "survival-groups", "survival-channels", "first-contact", "replications")
    return (contact_table(view), *_pictures(drawn, *names))


def _attempts(view: View, drawn: Mapping[str, Drawing]) -> tuple[Block, ...]:
    tables: list[Table | None] = [attempt_table(view), request_table(view)]
    names = ("states", "attempts-needed", "response-delay", "officials")
    return (*filter(None, tables), *_pictures(drawn, *names))


def _record(view: View) -> tuple[Block, ...]:
    table = record_table(view)
    return () if table is None else (table,)


def _example(example: Example | None) -> tuple[Block, ...]:
    if example is None:
        return ()
    story = example.story
    return (
        Words(" ".join(story.opening)),
        Words(f"In short: {' '.join(story.short)}"),
        Picture("What happened, on a line of time", example.timeline),
        trace(story, "What happened, by date"),
        Table("How it ended", ("line", "outcome"), story.outcome, wide=True),
    )


def _network(network: Drawing | None) -> Iterable[Block]:
    if network is not None:
        yield Picture("Who calls whom, over what", network)


def _pictures(drawn: Mapping[str, Drawing], *names: str) -> tuple[Block, ...]:
    return tuple(Picture(CAPTIONS[name], drawn[name]) for name in names if name in drawn)
