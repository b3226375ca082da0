"""Where a report's numbers come from: the scenario's provenance and sources, the method, and how to make it again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim.report.format import count, plain
from sim.report.html.document import Block, Facts, Listing, Table, Words
from sim.runs.store import POSTERIOR
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
        if scenario.posterior is not None and scenario.uncertain:
            note += " Those with a prior were drawn from the scenario's posterior in its place."
        blocks.append(Table("Every number, and where it comes from", head, rows, wide=True, note=note))
    else:
        blocks.append(Words("The scenario says of no number where it comes from."))
    if scenario.sources:
        told = [
            (one.name, _noted(plain(one.title), plain(one.note)), one.date, plain(one.url)) for one in scenario.sources
        ]
        used = [place for place in range(4) if place < 2 or any(row[place] for row in told)]
        heads = tuple(("source", "title", "date", "address")[place] for place in used)
        blocks.append(Table("Sources", heads, tuple(tuple(row[at] for at in used) for row in told), wide=True))
    return tuple(blocks)


def _noted(title: str, note: str) -> str:
    return f"{title}\n{note}" if note else title


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
    """How to make a run again: command, seed, versions, the scenario's hash, and the resolved scenario itself."""
    scenario, n, seed = manifest["scenario"], manifest["replications"], manifest["seed"]
    return (
        Words("The same scenario, seed and number of replications give the same numbers on any machine:"),
        _facts(manifest, [("scenario, SHA-256", plain(str(scenario["sha256"])))]),
        Words(
            "The scenario as it was run, with every default written out. Saved as resolved.yaml, it gives the results "
            "of this report"
            + (f", with {POSTERIOR} of the run's folder beside it:" if POSTERIOR in manifest["files"] else ":")
        ),
        Listing(f"openlines run resolved.yaml -n {n} --seed {seed}"),
        Listing(str(scenario["resolved"]), "resolved.yaml"),
    )


def again_compared(manifest: Mapping[str, Any]) -> tuple[Block, ...]:
    """The same for a comparison, with the resolved scenarios of base and variants."""
    scenarios, n, seed = manifest["scenarios"], manifest["replications"], manifest["seed"]
    files = [(f"{place}.yaml", plain(name), one) for place, (name, one) in enumerate(scenarios.items())]
    tables = any("\nposterior: " in one["resolved"] for one in scenarios.values())
    return (
        Words("The same scenarios, seed and number of replications give the same numbers on any machine:"),
        _facts(manifest, [(f"{name}, SHA-256", plain(str(one["sha256"]))) for _, name, one in files]),
        Words(
            "The scenarios as they were run, with every default written out, the base first. Saved under the names "
            "that stand over them, they give the results of this report"
            + (", with the tables of draws that they name beside them:" if tables else ":")
        ),
        Listing(f"openlines compare {' '.join(file for file, _, _ in files)} -n {n} --seed {seed}"),
        *(Listing(str(one["resolved"]), f"{file}: {name}") for file, name, one in files),
    )


def _facts(manifest: Mapping[str, Any], hashes: list[tuple[str, str]]) -> Facts:
    made = manifest["run"]
    versions = ", ".join(f"{name} {version}" for name, version in made.get("versions", {}).items())
    facts = [
        ("command", plain(str(made.get("command", "")))),
        ("replications", count(manifest["replications"])),
        ("seed", str(manifest["seed"])),
        ("engine", f"{plain(str(manifest['engine']))}; all engines give the same numbers"),
        ("replications that share a draw", count(manifest["block"])),
        ("openlines", plain(str(manifest["openlines"]))),
        ("versions", plain(versions)),
        *hashes,
    ]
    return Facts(tuple((name, words) for name, words in facts if words))
