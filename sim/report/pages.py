"""Sections of the pages to hand on: of a run, and of a comparison. `short` pages have one and two printed sheets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sim.report import comparison, run
from sim.report.comparison import ComparisonView
from sim.report.comparison_tables import (
    causes_table,
    contrast_table,
    further_tables,
    lines_table,
    pairing_table,
    ranking_table,
    settings_table,
    steps_table,
)
from sim.report.document import Block, Drawing, Facts, Folded, Listing, Picture, Report, Section, Table, Words
from sim.report.format import count, listing, plain, several
from sim.report.labels import kind_of
from sim.report.narrative.story import Story, trace_block
from sim.report.reasons import Reason
from sim.report.view import View
from sim.runs.store import POSTERIOR
from sim.scenario.resolved import Scenario

CAPTIONS = {
    "survival-lines": "Share of replications without contact so far, by line",
    "survival-channels": "Share of replications without contact so far, by channel",
    "survival-groups": "Share of replications without contact so far, by group",
    "uncertainty": "Monte Carlo error and parameter uncertainty",
    "first-contact": "Time to first contact",
    "first-by-cause": "Who was first, by channel and by side of the caller",
    "response-delay": "Time from attempt to contact, by channel",
    "attempts-needed": "Attempts until contact, by line",
    "states": "State of each line over time",
    "officials": "Attempts and answers of each official",
    "reciprocity": "Who began the contacts",
    "replications": "First contacts, replication by replication",
}
"""Pictures of a run by the names of their files."""

LIMITS = (
    "A simulation shows what follows from its assumptions. It does not show that they hold, nor what would have "
    "happened. No answer is no proof of unwillingness, and a contact is no agreement. A date in the middle of the "
    "simulated ones does not confirm the model, the less so where its numbers were taken from that same record."
)

PAIRED = (
    "Base and variants are simulated with the same random numbers: each number is a function of seed, replication, "
    "name and purpose. Whatever does not depend on the change is the same to the second, so that a difference is due "
    "to the change and not to luck. Differences are taken replication by replication. Where several variants are "
    "compared in one quantity, the intervals of their differences hold together with the stated probability (max-|t| "
    "over the paired covariance), and p-values are Holm's. What has not happened by the end of the clock is counted as "
    "later than that: mean waits are restricted to the clock, and a median that is not reached has a bound or none."
)


@dataclass(frozen=True)
class Example:
    """One replication of the run: its story and its timeline."""

    story: Story
    timeline: Drawing


def run_page(
    view: View,
    manifest: Mapping[str, Any],
    drawn: Mapping[str, Drawing],
    example: Example | None = None,
    network: Drawing | None = None,
    *,
    short: bool = False,
) -> Report:
    """The page of a run whose manifest this is.

    drawn    the run's pictures; those that are missing are left out
    example  one replication
    network  who calls whom
    """
    sections = _run_in_short(view, manifest, drawn) if short else _run_sections(view, manifest, drawn, example, network)
    return Report(
        what="report of a run",
        title=plain(view.scenario.title) or "A scenario without a title",
        question=run.question(view),
        setting=run.setting(view),
        answer=run.answer(view),
        notice=run.notice(view),
        sections=sections,
        changes=tuple(plain(change) for change in manifest["run"].get("changes", ())),
        about="" if short else plain(view.scenario.description),
        caution=LIMITS if short else "",
        made_by=f"openlines {manifest['openlines']}",
    )


def _run_in_short(view: View, manifest: Mapping[str, Any], drawn: Mapping[str, Drawing]) -> tuple[Section, ...]:
    name = next((one for one in ("survival-groups", "survival-lines", "first-contact") if one in drawn), "")
    return (
        Section("contact", "", (run.contact_table(view, full=False), *_pictures(drawn, name))),
        Section("again", "", (Words(_command(manifest), quiet=True),)),
    )


def _run_sections(
    view: View,
    manifest: Mapping[str, Any],
    drawn: Mapping[str, Drawing],
    example: Example | None,
    network: Drawing | None,
) -> tuple[Section, ...]:
    contact = ("survival-groups", "survival-lines", "first-contact", "survival-channels", "replications")
    attempts = (run.attempt_table(view, full=True), run.request_table(view, full=True))
    record = run.record_table(view, full=True)
    return (
        Section("contact", "Time to first contact", (run.contact_table(view, full=True), *_pictures(drawn, *contact))),
        Section(
            "first",
            "Who was first",
            (run.first_table(view, full=True), *_pictures(drawn, "first-by-cause", "reciprocity")),
        ),
        Section(
            "attempts",
            "Attempts and answers",
            (
                *filter(None, attempts),
                *_pictures(drawn, "states", "attempts-needed", "response-delay", "officials"),
            ),
        ),
        Section("record", "Recorded and simulated dates", () if record is None else (record,)),
        Section("example", "A typical replication", _example(example)),
        Section("certainty", "How sure the numbers are", (*_certainty(view), *_pictures(drawn, "uncertainty"))),
        Section("origin", "Where the numbers come from", (*_network(network), *provenance(view.scenario))),
        Section("method", "Method, and what not to conclude", _method(len(view.scenario.uncertain), manifest["block"])),
        Section("warnings", "Warnings", tuple(Words(plain(one)) for one in view.scenario.warnings)),
        Section("again", "How to make it again", again(manifest)),
    )


def _example(example: Example | None) -> tuple[Block, ...]:
    if example is None:
        return ()
    story = example.story
    return (
        Words(" ".join(story.opening)),
        Words(f"In short: {' '.join(story.short)}"),
        Picture("What happened, on a line of time", example.timeline),
        Table("How it ended", ("line", "outcome"), story.outcome, wide=True),
        Folded("What happened, by date", (trace_block(story, "What happened, by date"),)),
    )


def _network(network: Drawing | None) -> Iterable[Block]:
    if network is not None:
        yield Picture("Who calls whom, over what", network)


def _pictures(drawn: Mapping[str, Drawing], *names: str) -> tuple[Block, ...]:
    return tuple(Picture(CAPTIONS[name], drawn[name]) for name in names if name in drawn)


def _certainty(view: View) -> tuple[Block, ...]:
    """How far the intervals go."""
    unit = (
        "block of replications that share a draw of the uncertain numbers" if view.scenario.uncertain else "replication"
    )
    words = (
        f"Every interval is a 95 % interval from {several(view.n, 'replication')}; its unit is the {unit}. Four times "
        "the replications would halve its width. It does not show whether the scenario is right."
    )
    table = run.certainty_table(view, full=True)
    if table is not None:
        return (Words(words), table)
    if view.scenario.uncertain:
        return (Words(words), Words("There were too few blocks to separate chance from the uncertain numbers."))
    return (
        Words(words),
        Words(
            f"No number of the scenario has a prior, so the run cannot show how far the results depend on them: "
            f"{run.bases(view)}. Ranges for the numbers that are not known, or varying them one by one, would show it. "
            "More replications would not."
        ),
    )


def comparison_page(
    view: ComparisonView,
    manifest: Mapping[str, Any],
    drawn: Mapping[str, Drawing],
    why: Mapping[str, Reason],
    *,
    short: bool = False,
) -> Report:
    """The page of a comparison whose manifest this is.

    drawn  the comparison's pictures
    why    by variant, how it comes to differ; empty where that was not asked for
    """
    changes = {name: one.get("changes", ()) for name, one in manifest["scenarios"].items()}
    base = view.scenarios[view.found.base]
    variants = Section("variants", "What the variants change", comparison.variants_block(view, changes, short=short))
    if short:
        sections = (variants, *_comparison_in_short(view, manifest, drawn, why))
    else:
        sections = (variants, *_comparison_sections(view, manifest, drawn, why))
    return Report(
        what="report of a comparison",
        title=view.title,
        question=comparison.question(view),
        setting=comparison.setting(view),
        answer=comparison.answer(view),
        sections=sections,
        about="" if short else plain(base.description),
        caution=comparison.CAUTION,
        made_by=f"openlines {manifest['openlines']}",
    )


def _comparison_in_short(
    view: ComparisonView, manifest: Mapping[str, Any], drawn: Mapping[str, Drawing], why: Mapping[str, Reason]
) -> tuple[Section, ...]:
    blocks = (contrast_table(view, view.main), *_differences(view, drawn)[:1], causes_table(view, why, full=False))
    return (
        Section("differences", "Against the base", tuple(filter(None, blocks))),
        Section("again", "", (Words(_command(manifest), quiet=True),)),
    )


def _comparison_sections(
    view: ComparisonView, manifest: Mapping[str, Any], drawn: Mapping[str, Drawing], why: Mapping[str, Reason]
) -> tuple[Section, ...]:
    main = view.main
    unit = (
        f" The uncertain numbers are drawn anew for every {count(view.found.unit)} replications, and intervals take "
        "these blocks for their unit."
        if view.found.unit > 1
        else ""
    )
    shown = (
        contrast_table(view, main),
        *_differences(view, drawn),
        *further_tables(view, main, full=True),
        ranking_table(view),
        lines_table(view),
        *_other_columns(view),
    )
    return (
        Section("differences", "Against the base", tuple(filter(None, shown))),
        Section("why", "Why they differ", _reasons(view, why, drawn)),
        Section("pairing", "What pairing saved", (pairing_table(view),)),
        Section("origin", "Where the numbers of the base come from", provenance(view.scenarios[view.found.base])),
        Section("method", "Method, and what not to conclude", (Words(PAIRED + unit), Words(comparison.CAUTION))),
        Section("warnings", "Warnings", tuple(Words(plain(warning)) for warning in view.found.warnings)),
        Section("again", "How to make it again", again_compared(manifest)),
    )


def _differences(view: ComparisonView, drawn: Mapping[str, Drawing]) -> tuple[Block, ...]:
    captions = {
        "differences": f"Differences from the base: {view.label(view.main)}",
        "survival": f"Share of replications without contact so far: {view.label(view.main)}",
        "survival-any": "Share of replications without contact so far: any line",
    }
    return tuple(Picture(caption, drawn[name]) for name, caption in captions.items() if name in drawn)


def _other_columns(view: ComparisonView) -> Iterable[Block]:
    """The other groups and any line; and, folded away, what else there is."""
    found = view.found
    first = [name for name in found.columns if name != view.main and kind_of(name) in ("group", "any")]
    for name in first:
        yield contrast_table(view, name)
    rest = [name for name in found.columns if name != view.main and name not in first]
    tables = [table for name in first for table in further_tables(view, name, full=True)]
    tables += [table for name in rest for table in (contrast_table(view, name), *further_tables(view, name, full=True))]
    if tables:
        kinds = listing([f"{kind}s" for kind in dict.fromkeys(map(kind_of, rest))])
        words = f"The same for {kinds}, and more on the groups" if rest else "More on the groups"
        yield Folded(f"{words}: {several(len(tables), 'table')}", tuple(tables))


def _reasons(view: ComparisonView, why: Mapping[str, Reason], drawn: Mapping[str, Drawing]) -> tuple[Block, ...]:
    """What differs first, and one replication of each variant, folded away."""
    blocks: list[Block] = list(filter(None, (causes_table(view, why, full=True), settings_table(view, why))))
    for place, name in enumerate(view.found.variants, 1):
        typical = why[name].typical if name in why else None
        if typical is None:
            continue
        drawing = drawn.get(f"why-{place:02d}")
        picture = () if drawing is None else (Picture(f"Base and {plain(name)} on a line of time", drawing),)
        words = Words(comparison.typical_words(view, why[name], typical))
        told = (words, steps_table(typical, view.moment, name), *picture)
        blocks.append(Folded(f"{plain(name)}: one replication, side by side", told))
    return tuple(blocks)


def provenance(scenario: Scenario) -> tuple[Block, ...]:
    """The table of numbers with basis, source and reason, folded away, and that of the sources."""
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
        caption = f"All {several(len(rows), 'number')} with basis and source"
        blocks.append(Folded(caption, (Table(caption, head, rows, wide=True, note=note),)))
    else:
        blocks.append(Words("The scenario states the basis of none of its numbers."))
    if scenario.sources:
        told = [
            (one.name, " – ".join(filter(None, (plain(one.title), plain(one.note)))), one.date, plain(one.url))
            for one in scenario.sources
        ]
        used = [place for place in range(4) if place < 2 or any(row[place] for row in told)]
        heads = tuple(("source", "title", "date", "address")[place] for place in used)
        blocks.append(Table("Sources", heads, tuple(tuple(row[at] for at in used) for row in told), wide=True))
    return tuple(blocks)


def _method(uncertain: int, block: int) -> tuple[Block, ...]:
    """How the numbers came about, in a paragraph, and what not to conclude."""
    drawn = (
        f" The {several(uncertain, 'uncertain number')} are drawn anew for every block of {count(block)} replications, "
        "and intervals take the block for their unit."
        if uncertain
        else ""
    )
    words = (
        "Each replication plays the scenario once, second by second: attempts are made when the channel is open and "
        "the caller on duty; each is answered with the stated probability, changed by whatever is in force on the line "
        "at that moment; and an answer becomes a contact after its delay, when both are free and the callee is on "
        "duty. All random numbers are functions of seed, replication, name and purpose, so that any replication can be "
        f"made again, and a change in one place leaves the draws elsewhere as they were.{drawn} What has not happened "
        "by the end of the clock is counted as later than that, not left out. Probabilities have Wilson's intervals, "
        "quantiles those of order statistics, means Student's."
    )
    return (Words(words), Words(LIMITS))


def again(manifest: Mapping[str, Any]) -> tuple[Block, ...]:
    """How to make a run again: command, seed, versions, the scenario's hash, and the resolved scenario itself."""
    scenario, n, seed = manifest["scenario"], manifest["replications"], manifest["seed"]
    beside = f", with {POSTERIOR} of the run's folder beside it:" if POSTERIOR in manifest["files"] else ":"
    return (
        Words("The same scenario, seed and number of replications give the same numbers on any machine:"),
        _facts(manifest, [("scenario, SHA-256", plain(str(scenario["sha256"])))]),
        Words(
            "The scenario as it was run, with every default written out. Saved as resolved.yaml, it gives the results "
            f"of this report{beside}"
        ),
        Listing(f"openlines run resolved.yaml -n {n} --seed {seed}"),
        Folded("resolved.yaml", (Listing(str(scenario["resolved"])),)),
    )


def again_compared(manifest: Mapping[str, Any]) -> tuple[Block, ...]:
    """The same for a comparison, with the resolved scenarios of base and variants."""
    scenarios, n, seed = manifest["scenarios"], manifest["replications"], manifest["seed"]
    files = [(f"{place}.yaml", plain(name), one) for place, (name, one) in enumerate(scenarios.items())]
    tables = any("\nposterior: " in one["resolved"] for one in scenarios.values())
    beside = ", with the tables of draws that they name beside them:" if tables else ":"
    return (
        Words("The same scenarios, seed and number of replications give the same numbers on any machine:"),
        _facts(manifest, [(f"{name}, SHA-256", plain(str(one["sha256"]))) for _, name, one in files]),
        Words(
            "The scenarios as they were run, with every default written out, the base first. Saved under the names "
            f"above them, they give the results of this report{beside}"
        ),
        Listing(f"openlines compare {' '.join(file for file, _, _ in files)} -n {n} --seed {seed}"),
        *(Folded(f"{file}: {name}", (Listing(str(one["resolved"])),)) for file, name, one in files),
    )


def _facts(manifest: Mapping[str, Any], hashes: Sequence[tuple[str, str]]) -> Facts:
    versions = ", ".join(f"{name} {version}" for name, version in manifest["run"].get("versions", {}).items())
    facts = [
        ("command", _command(manifest)),
        ("replications", count(manifest["replications"])),
        ("seed", str(manifest["seed"])),
        ("engine", f"{plain(str(manifest['engine']))}; all engines give the same numbers"),
        ("replications that share a draw", count(manifest["block"])),
        ("openlines", plain(str(manifest["openlines"]))),
        ("versions", plain(versions)),
        *hashes,
    ]
    return Facts(tuple((name, words) for name, words in facts if words))


def _command(manifest: Mapping[str, Any]) -> str:
    return plain(str(manifest["run"].get("command", "")))
