"""The figures as a page of Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

TITLES = {
    "apart": "Five lines that do not depend on each other",
    "coupled": "Five lines; a contact on any triples the odds of all others",
}


def page(found: dict[str, Any]) -> str:
    """The page: the machine, the races, the scaling."""
    parts = ["# How fast", "", f"Written by `{found['command']}`.", "", *_machine(found), *_races(found)]
    return "\n".join([*parts, *_scaling(found)]).rstrip() + "\n"


def _machine(found: dict[str, Any]) -> list[str]:
    rows = [[name, value] for name, value in found["machine"].items()]
    rows.append(["load average", f"{found['load']['before']:.2f} before, {found['load']['after']:.2f} after"])
    rows.append(["date", found["date"]])
    return ["## The machine", "", *table(["", ""], rows), ""]


def _races(found: dict[str, Any]) -> list[str]:
    parts = []
    for kind, race in found["races"].items():
        rows = [
            [
                row["program"],
                str(row["cores"]),
                f"{row['attempts a replication']:.1f}",
                _spread(row["replications/s"], "{:,.0f}"),
                f"{1e9 / row['replications/s']['median'] / row['attempts a replication']:,.1f}",
                _spread(row["ours over it"], "{:.3g}"),
            ]
            for row in race["rows"]
        ]
        head = [
            "program",
            "cores",
            "attempts a replication",
            "replications/s",
            "ns an attempt",
            "ours, one core, over it",
        ]
        parts += [f"## {TITLES[kind]}", "", *table(head, rows), ""]
        apart = race["largest difference, in standard errors"]
        parts += [
            f"Medians of {found['rounds']} turns of about {found['seconds']:g} s, taken in rotation; in brackets the "
            "least and the most. One core is timed by processor time, several by the clock. Ratios are of turns of one "
            "round. All programs gave the same distribution: the "
            f"largest of the compared differences was {apart:.1f} standard errors.",
            "",
        ]
        parts += [f"Not measured: {reason}.\n" for reason in race["missing"]]
    return parts


def _spread(spread: dict[str, float], form: str) -> str:
    shown = [form.format(spread[name]) for name in ("median", "least", "most")]
    return f"{shown[0]} ({shown[1]}–{shown[2]})"


def _scaling(found: dict[str, Any]) -> list[str]:
    parts = []
    for name, series in found["scaling"].items():
        head = ["lines", "replications", "attempts a replication", "seconds", "ns an attempt", "peak MB"]
        rows = [
            [
                f"{p['lines']:,}",
                f"{p['replications']:,}",
                f"{p['attempts a replication']:,.1f}",
                f"{p['seconds']:.3g}",
                f"{p['nanoseconds an attempt']:.1f}",
                f"{p['peak MB']:.0f}",
            ]
            for p in series["points"]
        ]
        parts += [f"## Scaling: {name}", "", *table(head, rows), ""]
        for what, fit in series["fits"].items():
            parts.append(
                f"{what}: exponent {fit['exponent']} (standard error {fit['standard error']}), "
                f"from {fit['from']:,.0f} on, {fit['points']} points."
            )
        parts.append("")
    return parts


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A Markdown table, numbers to the right."""
    numeric = [bool(rows) and all(row[at][:1].isdigit() for row in rows) for at in range(len(head))]
    rule = " | ".join("---:" if right else "---" for right in numeric)
    return [f"| {' | '.join(head)} |", f"| {rule} |", *(f"| {' | '.join(row)} |" for row in rows)]
