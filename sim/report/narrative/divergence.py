"""Divergences of base and variant in words: causes, and one replication side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sim.engines.contract import EventLog
from sim.report.format import several
from sim.report.narrative.story import Entry, tell
from sim.scenario.resolved import Scenario
from sim.stats.divergence import key_of

_WORDS = {
    "added": "{name}, which only the variant has, does something",
    "removed": "{name}, which only the base has, does something",
    "opened": "{name} can call here, while in the base it has to wait: the channel is open and the caller on duty",
    "closed": "{name} has to wait, while in the base it can call: the channel is closed or the caller off duty",
    "answered": "an attempt on {name} is answered: its draw now falls under the probability",
    "unanswered": "an attempt on {name} is not answered: its draw no longer falls under the probability",
    "reason": "an attempt on {name} is not answered for another reason",
    "tried sooner": "{name} tries again sooner",
    "tried later": "{name} tries again later",
    "tried": "{name} makes an attempt that the base does not make",
    "not tried": "{name} does not make an attempt that the base makes",
    "contact sooner": "the same answer on {name} leads to contact sooner",
    "contact later": "the same answer on {name} leads to contact later",
    "contact": "{name} has a contact that the base does not have",
    "no contact": "{name} does not have a contact that the base has",
    "begun sooner": "a request of {name} begins sooner",
    "begun later": "a request of {name} begins later",
    "request": "a request of {name} begins or ends in another way",
    "regime": "{name} changes to another state or at another time",
    "event": "{name} happens in another way or at another time",
    "counted": "the same happens, but the variant counts other lines in a group, channel, level or side",
    "other": "something on {name} differs",
}

MOST_TOLD = 5
"""Log entries of each side that are shown; of more, those at the beginning and the end."""


@dataclass(frozen=True)
class Step:
    """A row of a replication side by side: what happens at a second in one of the two scenarios, or in both."""

    second: int
    base: str
    variant: str


def cause_in_words(cause: str, name: str) -> str:
    """Return a cause of `sim.stats.divergence.CAUSES` on a line, gate or event as a sentence."""
    return _WORDS[cause].format(name=name)


def side_by_side(
    scenarios: tuple[Scenario, Scenario], event_logs: tuple[EventLog, EventLog], until: tuple[int, int]
) -> tuple[Step, ...]:
    """What happens in one of base and variant only, up to the seconds `until`, each included. In order of time; where
    there is much, its beginning and its end."""
    keys = [{key_of(one) for one in event_log.log_entries} for event_log in event_logs]
    told = []
    changed = {key[2] for key in keys[0] ^ keys[1]}
    for at, (scenario, event_log) in enumerate(zip(scenarios, event_logs, strict=True)):
        lines = [line.name for line in scenario.lines if line.name in changed]
        # Only lines can be asked for; where a regime or an event differs, all is told and sifted.
        elsewhere = changed - {line.name for one in scenarios for line in one.lines}
        entries = tell(scenario, event_log, lines=() if elsewhere else lines, complete=True).entries
        own = [one for one in entries if one.second <= until[at] and _differs(one, keys[1 - at])]
        told.append(_cut(own))
    steps: dict[tuple[int, int], list[str]] = {}
    for at, rows in enumerate(told):
        places: dict[int, int] = {}
        for second, words in rows:
            place = places[second] = places.get(second, -1) + 1
            steps.setdefault((second, place), ["", ""])[at] = words
    return tuple(Step(second, *steps[second, place]) for second, place in sorted(steps))


def _differs(entry: Entry, others: set[tuple[object, ...]]) -> bool:
    return key_of(entry.log_entries[0]) not in others


def _cut(entries: Sequence[Entry]) -> list[tuple[int, str]]:
    rows = [(one.second, one.words) for one in entries]
    if len(rows) <= MOST_TOLD:
        return rows
    head, tail = rows[: MOST_TOLD - 3], rows[-2:]
    left_out = several(len(rows) - MOST_TOLD + 1, "more such entry", "more such entries")
    return [*head, (rows[len(head)][0], f"… {left_out} until the next row."), *tail]
