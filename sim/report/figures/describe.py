"""Pictures in words (alt texts): what is drawn, and what there is to see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from sim.report.figures.data import AttemptsNeeded, Cause, Curve, Mark, Responses, Uncertain
from sim.report.format import clock, count, day, decimal, duration, listing, plain, several, share

if TYPE_CHECKING:
    from sim.report.figures.officials import OfficialRow
    from sim.report.figures.reciprocity import InitiativeRow
    from sim.scenario.resolved import Scenario
    from sim.stats.samples import FirstContactRows, LineStates
    from sim.stats.traces import Trace

MOST = 12
"""So many curves are told one by one."""


def describe_curves(heading: str, curves: Sequence[Curve], marks: Mapping[str, Sequence[Mark]], total: int) -> str:
    """The heading, n and clock, and for each curve the share with contact by the end and the contacts on record.

    `total` counts the curves, drawn or not.
    """
    if not curves:
        return heading
    first = curves[0]
    parts = [
        f"{heading}. {several(first.n, 'replication')}, {duration(first.horizon)} from {day(first.start)}.",
        *(_curve(curve, marks.get(curve.label, ())) for curve in curves[:MOST]),
    ]
    if total > MOST:
        parts.append(f"And {total - MOST} more.")
    return plain(" ".join(parts))


def describe_uncertainty(heading: str, found: Sequence[Uncertain]) -> str:
    """The heading and n, and for each curve where it ends in 95 % of the draws of the uncertain numbers."""
    told = [
        f"{one.curve.label}: no contact by the end in {share(one.curve.censored)} of the replications, and in "
        f"{share(float(one.low[-1]))} to {share(float(one.high[-1]))} of them for 95 % of the draws of the numbers."
        for one in found
    ]
    return plain(" ".join([f"{heading}. {several(found[0].curve.n, 'replication')}.", *_first_of(told)]))


def _curve(curve: Curve, marks: Sequence[Mark]) -> str:
    recorded = f" On record: {listing([mark.text for mark in marks])}." if marks else ""
    return f"{curve.label}: contact in {share(curve.contacts / curve.n)} of the replications.{recorded}"


def describe_responses(heading: str, channels: Sequence[Responses]) -> str:
    """The heading, and for each channel how many contacts there were and how long after the answered attempt."""
    parts = [f"{heading}."]
    for one in channels[:MOST]:
        if one.total:
            span = f"between {duration(int(one.edges[0]))} and {duration(int(one.edges[-1]))}"
            parts.append(f"{one.label}: {several(one.total, 'contact')}, {span} from the {one.since} to the contact.")
        else:
            parts.append(f"{one.label}: no contact.")
    return plain(" ".join(parts))


def _first_of(parts: Sequence[str]) -> list[str]:
    """The first `MOST` sentences, and how many there are more."""
    return [*parts[:MOST], *([f"And {count(len(parts) - MOST)} more."] if len(parts) > MOST else [])]


def describe_causes(heading: str, kinds: Sequence[tuple[str, Sequence[Cause]]]) -> str:
    """The heading and n, and for each channel and side in what share of the replications it was first."""
    n = kinds[0][1][0].n
    told = [
        f"By {kind}: {listing([f'{cause.label} first in {share(cause.share)}' for cause in causes[:MOST]])}."
        for kind, causes in kinds
    ]
    return plain(" ".join([f"{heading}. {several(n, 'replication')}.", *told]))


def _attempts(some: float) -> str:
    number = decimal(some)
    return f"{number} attempt" if number == "1" else f"{number} attempts"


def describe_attempts(heading: str, needed: Sequence[AttemptsNeeded]) -> str:
    """The heading and n, and for each line its contacts and the median number of attempts."""
    told = []
    for one in needed:
        median = "" if one.median is None else f", after {_attempts(one.median)} at the median"
        told.append(f"{one.label}: {several(one.contacts, 'contact')} of {several(one.begun, 'request')}{median}.")
    return plain(" ".join([f"{heading}. {several(needed[0].n, 'replication')}.", *_first_of(told)]))


def describe_states(heading: str, states: LineStates, labels: Sequence[str]) -> str:
    """The heading and n, and for each line the shares contacted and not tried at the end."""
    n = states.replications
    told = [
        f"{label}: at the end contacted in {share(int(last[0]) / n)}, not tried in {share(int(last[-1]) / n)}."
        for label, last in zip(labels, states.counts[:, :, -1], strict=True)
    ]
    return plain(" ".join([f"{heading}. {several(n, 'replication')} traced.", *_first_of(told)]))


def describe_rows(heading: str, rows: FirstContactRows, labels: Sequence[str]) -> str:
    """The heading and n, and for each line in how many of the replications it had contact."""
    n = len(rows.replications)
    told = [
        f"{label}: contact in {count(int(some))}." for label, some in zip(labels, (rows.first >= 0).sum(0), strict=True)
    ]
    return plain(" ".join([f"{heading}. {several(n, 'replication')} traced, one row each.", *_first_of(told)]))


def describe_officials(heading: str, rows: Sequence[OfficialRow], n: int) -> str:
    """The heading and n, and for each official attempts and answers per replication."""
    told = [
        f"{row.label} {'made' if row.calls else 'was tried in'} {_attempts(row.attempts)} per replication, "
        f"{decimal(row.answered)} of them answered."
        for row in rows
    ]
    return plain(" ".join([f"{heading}. {several(n, 'replication')} traced.", *_first_of(told)]))


def describe_initiative(heading: str, rows: Sequence[InitiativeRow], sides: Mapping[str, str], n: int) -> str:
    """The heading and n, and for all contacts and each channel which side began what share of them."""
    told = []
    for row in rows:
        begun = [
            f"{share(found.estimate)} begun by {sides[side]}"
            for side, found in row.shares.items()
            if found.estimate is not None
        ]
        told.append(f"{row.label}: {several(row.contacts, 'contact')}{', ' if begun else ''}{listing(begun)}.")
    return plain(" ".join([f"{heading}. {several(n, 'replication')} traced.", *_first_of(told)]))


def describe_timeline(heading: str, told: Trace, scenario: Scenario) -> str:
    """The heading, which replication it is, and for each line its attempts, answers and first contact."""
    words = []
    for row in told.lines:
        answered = sum(result == "answered" for _, result in row.attempts)
        first = f"first contact after {duration(row.calls[0][0])}" if row.calls else "no contact"
        words.append(f"{row.name}: {several(len(row.attempts), 'attempt')}, {count(answered)} answered, {first}.")
    span = f"{duration(told.horizon)} from {day(scenario.start)} {clock(scenario.start)} UTC"
    return plain(
        " ".join([f"{heading}. Replication {told.replication} of seed {told.seed}, {span}.", *_first_of(words)])
    )


def describe_network(heading: str, scenario: Scenario) -> str:
    """The heading, and for each line who calls whom over what."""
    named = {one.name: plain(one.title) or one.name for one in scenario.officials}
    channels = {one.name: plain(one.title) or one.name for one in scenario.channels}
    words = [
        f"{named[line.caller]} calls {named[line.callee]} over {channels[line.channel]} ({line.name})."
        for line in scenario.lines
    ]
    return plain(" ".join([f"{heading}.", *_first_of(words)]))
