"""One replication told in words.

`tell` makes a `Story` out of a scenario and a history; `sim.report.story_forms` lays it out as text, Markdown or JSON.
What a sentence says is in `sentences`, what it owes to the past in `threads`, what is told together in `routine`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sim.engines.contract import EventLog, LogEntry
from sim.report.endings import Ending, ending_in_words, endings, in_short
from sim.report.format import clock, count, day, duration, plain
from sim.report.routine import Item, bearings, condensed, one_by_one, split
from sim.report.sentences import Sentences
from sim.report.threads import Thread, threads
from sim.scenario.resolved import Scenario
from sim.stats.traces import Choice, Representative


@dataclass(frozen=True)
class Entry:
    """One sentence of the trace and the log entries for which it stands.

    local       place and time of day there, for the caller and, where it differs, the callee
    log entries  the one that it tells; those that go without saying; or all of a run
    threads     of each of them
    """

    second: int
    words: str
    local: tuple[tuple[str, str], ...]
    log_entries: tuple[LogEntry, ...]
    threads: tuple[Thread, ...]


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

    lines     tell of these only, and of the regimes and events that bear on them; of all unless given
    complete  a sentence for every log entry; else routine is told in one sentence for many
    chosen    how the replication was chosen
    """
    told = tuple(line.name for line in scenario.lines if not lines or line.name in lines)
    woven = threads(scenario, event_log)
    kept = _concerning(scenario, event_log.log_entries, told)
    log_entries = [event_log.log_entries[index] for index in kept]
    items = one_by_one(log_entries) if complete else condensed(scenario, log_entries)
    teller = Sentences(scenario, event_log.parameters)
    entries = tuple(_entry(teller, item, log_entries, [woven[index] for index in kept]) for item in items)
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
    """Places of the log entries of these lines, and of the regimes and events that bear on one of them."""
    if len(told) == len(scenario.lines):
        return list(range(len(log_entries)))
    bears, wanted = bearings(scenario), set(told)

    def concerns(log_entry: LogEntry) -> bool:
        if log_entry.what in ("state", "event"):
            return bool(bears[f"{log_entry.what}:{log_entry.name}"] & wanted)
        return log_entry.name in wanted

    return [index for index, log_entry in enumerate(log_entries) if concerns(log_entry)]


def _entry(teller: Sentences, item: Item, log_entries: Sequence[LogEntry], woven: Sequence[Thread]) -> Entry:
    own = tuple(log_entries[index] for index in item.indices)
    local: tuple[tuple[str, str], ...] = ()
    if item.kind == "attempts":
        words = teller.attempts(own)
    elif item.kind == "requests":
        words = teller.requests(split(own))
    elif item.kind == "occurrences":
        words = teller.occurrences(own)
    else:
        words, local = teller.sentence(own[0], woven[item.indices[0]]), teller.local(own[0])
    return Entry(own[0].second, words, local, own, tuple(woven[index] for index in item.indices))


def _opening(scenario: Scenario, event_log: EventLog, chosen: Representative | None, told: Sequence[str]) -> list[str]:
    span = f"{day(scenario.start)} {clock(scenario.start)} to {day(scenario.end)} {clock(scenario.end)}"
    lines = [f"Replication {event_log.replication} of seed {event_log.seed}. {span}; times are UTC."]
    if chosen is not None:
        lines.append(chosen_in_words(chosen))
    if len(told) < len(scenario.lines):
        lines.append(f"Told of {', '.join(told)} only, and of what bears on it.")
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
    what = "any line" if chosen.column == "any" else chosen.column.replace(":", " ")
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
