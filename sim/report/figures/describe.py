"""Pictures in words (alt texts): what is drawn, and what there is to see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sim.report.figures.data import Curve, Mark, Responses
from sim.report.words import day, duration, listing, plain, several, share

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


def _curve(curve: Curve, marks: Sequence[Mark]) -> str:
    recorded = f" On record: {listing([mark.text for mark in marks])}." if marks else ""
    return f"{curve.label}: contact in {share(curve.contacts / curve.n)} of the replications.{recorded}"


def describe_responses(heading: str, channels: Sequence[Responses]) -> str:
    """The heading, and for each channel how many answers there were and between what durations they lie."""
    parts = [f"{heading}."]
    for one in channels[:MOST]:
        if one.total:
            span = f"between {duration(int(one.edges[0]))} and {duration(int(one.edges[-1]))}"
            parts.append(f"{one.label}: {several(one.total, 'answer')}, {span} from the {one.since} to the contact.")
        else:
            parts.append(f"{one.label}: no answer.")
    return plain(" ".join(parts))
