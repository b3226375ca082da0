"""Where a report's numbers come from: the scenario's provenance and sources, the method, and how to make it again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim.report.html.document import Block, Facts, Listing, Row, Table, Words
from sim.report.words import count, plain
from sim.scenario.resolved import Scenario

LIMITS = (
    "A simulation says what follows from its assumptions. It does not say that they hold, nor what would have "
    "happened. No answer is no proof of unwillingness, a contact is no agreement, and a date in the middle of the "
    "simulated ones does not confirm the model, the less so where its numbers were taken from that same record."
)


def provenance(scenario: Scenario) -> tuple[Block, ...]:
    """The table of numbers with basis, source and reason, and that of the sources."""
    blocks: list[Block] = []
    if scenario.provenance:
        rows = tuple(
            (one.path, plain(one.value), one.basis or "not given", plain(one.source or ""), plain(one.why or ""))
            for one in scenario.provenance
        )
        head = ("number", "value", "basis", "source", "why")
        note = "Numbers that were left at their defaults are not listed."
        blocks.append(Table("Every number, and where it comes from", head, rows, wide=True, note=note))
    else:
        blocks.append(Words("The scenario says of no number where it comes from."))
    if scenario.sources:
        told: list[Row] = [
            (one.name, plain(one.title), one.date, plain(one.url), plain(one.note)) for one in scenario.sources
        ]
        used = [place for place in range(5) if place < 2 or any(row[place] for row in told)]
        heads = tuple(("source", "title", "date", "address", "note")[place] for place in used)
        blocks.append(Table("Sources", heads, tuple(tuple(row[at] for at in used) for row in told), wide=True))
    return tuple(blocks)


def method(uncertain: int, block: int) -> tuple[Block, ...]:
    """How the numbers came about, in a paragraph, and what not to conclude."""
    drawn = (
        f" The {count(uncertain)} uncertain numbers are drawn anew for every block of {count(block)} replications, and "
        "intervals take the block for their unit."
        if uncertain
        else ""
    )
    words = (
        "Each replication plays the scenario once, second by second: attempts are made when the channel is open and "
        "the caller on duty, each is answered with the stated probability, changed by whatever is in force on the line "
        "at that moment, and an answer becomes a contact after its delay, when both are free and the callee is on "
        "duty. All random numbers are functions of seed, replication, name and purpose, so that any replication can be "
        f"told again, and a change in one place leaves the draws elsewhere as they were.{drawn} What has not happened "
        "by the end of the clock is counted as later than that, not left out. Probabilities have Wilson's intervals, "
        "quantiles those of order statistics, means Student's."
    )
    return (Words(words), Words(LIMITS))


def again(manifest: Mapping[str, Any]) -> tuple[Block, ...]:
    """The command, the seed, the versions, the scenario's hash, and the resolved scenario itself."""
    made, scenario = manifest["run"], manifest["scenario"]
    n, seed = manifest["replications"], manifest["seed"]
    versions = ", ".join(f"{name} {version}" for name, version in made.get("versions", {}).items())
    facts = [
        ("command", plain(str(made.get("command", "")))),
        ("replications", count(n)),
        ("seed", str(seed)),
        ("engine", f"{plain(str(manifest['engine']))}; all engines give the same numbers"),
        ("replications that share a draw", count(manifest["block"])),
        ("openlines", plain(str(manifest["openlines"]))),
        ("versions", plain(versions)),
        ("scenario, SHA-256", plain(str(scenario["sha256"]))),
    ]
    return (
        Words("The same scenario, seed and number of replications give the same numbers on any machine:"),
        Facts(tuple((name, words) for name, words in facts if words)),
        Words(
            "The scenario as it was run, with every default written out. Saved as resolved.yaml, it gives the results "
            "of this report:"
        ),
        Listing(f"openlines run resolved.yaml -n {n} --seed {seed}"),
        Listing(str(scenario["resolved"]), "resolved.yaml"),
    )
