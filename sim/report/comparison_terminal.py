"""A comparison on the terminal: the answer, the tables, why the variants differ, and where the files are."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from sim.report.comparison import MEAN, ComparisonView, answer, told_apart
from sim.report.comparison_soon import soon
from sim.report.differences import change, nowhere, points, signed, signed_duration
from sim.report.format import clock, count, date_after, day, decimal, duration, in_lines, listing, plain, several, share
from sim.report.tables import HELD, put, table, text, title
from sim.stats.paired import ColumnComparison, Contrast

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from sim.engines.contract import EventLog
    from sim.report.reasons import Reason, Typical
    from sim.scenario.resolved import Scenario

NAME = 18
"""Characters of a name in a table, to a line."""

MOST_ROWS = 40
MOST_CAUSES = 3


def show_comparison(
    view: ComparisonView,
    target: Console,
    *,
    changes: Mapping[str, Sequence[str]],
    why: Mapping[str, Reason],
    folder: Path | None = None,
    source: str = "",
    program: str = "openlines",
) -> None:
    """Print it all. `changes`: by variant, what it sets. `source`: what was compared, as the user named it."""
    for part in _parts(view, target.width, changes, why):
        put(target, part)
    if folder is not None:
        put(target, title("Files"))
        names = [path.name + ("/" if path.is_dir() else "") for path in sorted(folder.iterdir())]
        put(target, text(f"  {plain(str(folder))}/"))
        put(target, text(f"  {listing(names)}", "dim"))
    told = next(((name, one.typical) for name, one in why.items() if one.typical is not None), None)
    if source and told is not None and told[1] is not None:
        import shlex

        seed = f" --seed {view.found.seed}" if view.found.seed != 1 else ""
        put(target, title("Next"))
        variant = f"--variant {shlex.quote(plain(told[0]))} --replication {told[1].replication}"
        put(target, text(f"  {program} trace {source} {variant}{seed}"), whole=True)
        put(target, text("    one replication, base and variant side by side", "dim"))


def _parts(
    view: ComparisonView, width: int, changes: Mapping[str, Sequence[str]], why: Mapping[str, Reason]
) -> Iterable[RenderableType]:
    found = view.found
    yield text(view.title, "bold")
    span = f"{several(found.replications, 'replication')} of each, seed {found.seed}"
    unit = f", intervals by block of {found.unit}" if found.unit > 1 else ""
    yield text(f"What if? {several(len(found.variants), 'variant')} on the random numbers of the base; {span}{unit}")
    for warning in found.warnings:
        yield text(f"warning: {plain(warning)}", "yellow")
    if any(changes.values()):
        yield title("The variants")
        for name in found.variants:
            told = "; ".join(plain(one) for one in changes.get(name, ()))
            yield text(_wrapped(f"{plain(name)}: {told}", width))
    yield title("The answer")
    for sentence in answer(view):
        yield text(_wrapped(sentence, width))
    for name in dict.fromkeys((view.main, "any")):
        yield from _column(view, name, width)
    yield from soon(view, width)
    yield from _effort(view, width)
    yield from _elsewhere(view, width)
    yield from _ranking(view, width)
    yield from _pairing(view, width)
    yield from _reasons(view, why, width)


def _wrapped(words: str, width: int) -> str:
    """Lines of at most `width`, indented by two and from the second on by four; names are not broken at hyphens."""
    kept = textwrap.wrap(
        words.replace(" %", HELD), width, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False
    )
    return "\n".join(kept).replace(HELD, " %")


def _narrow(name: str, most: int) -> str:
    return "\n".join(in_lines(plain(name), most) or [""])


def _column(view: ComparisonView, name: str, width: int) -> Iterable[RenderableType]:
    found, column = view.found, view.found.columns[name]
    yield title(f"First contact: {view.label(name)}")
    by_end = f"contact by {date_after(found.start, found.horizon, found.horizon)}"
    head = ("", by_end, "mean wait, to the end", "median wait", "sooner / later / same")
    rows = [_row(column, one) for one in found.scenarios if one not in column.absent]
    yield from table(head, rows, width)
    if column.absent:
        yield text(_wrapped(f"without it: {listing([plain(one) for one in column.absent])}", width), "dim")
    together = "that hold for all variants together" if len(found.variants) > 1 else ""
    words = f"under each variant's number its difference from the base, with 95 % intervals {together}"
    yield text(_wrapped(words, width), "dim")
    few = [plain(variant) for variant, order in column.order.items() if order.few]
    if few:
        yield text(_wrapped(f"so few replications changed that intervals are rough: {listing(few)}", width), "dim")


def _row(column: ColumnComparison, scenario: str) -> Sequence[str]:
    order = column.order.get(scenario)
    moved = "–"
    if order is not None:
        shares = [share(one.estimate or 0.0).removesuffix(" %") for one in (order.sooner, order.later, order.same)]
        moved = f"{'/'.join(shares)} %" if order.changed else "same in all"
    return (
        _narrow(scenario, NAME),
        _cell(column, "probability", scenario, share, points),
        _cell(column, MEAN, scenario, duration, signed_duration),
        _cell(column, "median_seconds", scenario, duration, signed_duration),
        moved,
    )


def _cell(
    column: ColumnComparison,
    quantity: str,
    scenario: str,
    words: Callable[[float], str],
    differs: Callable[[float], str],
) -> str:
    """An estimate; for a variant below it the difference and its interval. Nothing where the column lacks it."""
    found = column.estimates.get(quantity, {}).get(scenario)
    if found is None:
        return "–"
    told = "not reached" if found.estimate is None else words(found.estimate)
    contrast = column.contrasts.get(quantity, {}).get(scenario)
    if contrast is None or (found.estimate is None and contrast.low_all is None and contrast.high_all is None):
        return told
    return f"{told}\n{short(contrast, differs)}"


def short(one: Contrast, words: Callable[[float], str]) -> str:
    """A difference, and its interval in brackets below it."""
    if one.same or nowhere(one):
        return "the same"
    first, _, ends = change(one, words).partition("\n")
    if one.estimate is None:
        return ends or first
    return f"{first}\n[{ends.replace(' points', '')}]" if ends else first


def _effort(view: ComparisonView, width: int) -> Iterable[RenderableType]:
    """Attempts on all lines, and response times of the lines that the answer speaks of."""
    column, whole = view.found.columns[view.main], view.found.columns["any"]
    yield title("What it takes")
    rows = [
        (
            _narrow(name, NAME),
            _cell(whole, "attempts", name, decimal, signed),
            _cell(column, "attempts", name, decimal, signed),
            _cell(column, "response_median_seconds", name, duration, signed_duration),
            _cell(column, "response_p90_seconds", name, duration, signed_duration),
        )
        for name in view.found.scenarios
        if name not in column.absent and name not in whole.absent
    ]
    label = view.label(view.main)
    head = ("", "attempts, all lines", f"attempts, {label}", f"median response, {label}", "p90")
    yield from table(head, rows, width)


def _elsewhere(view: ComparisonView, width: int) -> Iterable[RenderableType]:
    """Lines and groups: what is told from the base, with all variants considered."""
    found, rows = view.found, []
    for name, column in found.columns.items():
        kind, _, own = name.partition(":")
        if kind not in ("line", "group") or name == view.main:
            continue
        for variant, one in column.contrasts.get(MEAN, {}).items():
            chance = column.contrasts["probability"][variant]
            if told_apart(one) or told_apart(chance):
                shown = own if kind == "line" else f"group {own}"
                rows.append((_narrow(shown, NAME), _narrow(variant, NAME), _hinted(chance), _one(one, signed_duration)))
    if not rows:
        return
    yield title("Line by line: what is told from the base")
    yield from table(("", "variant", "contact by the end", "mean wait, to the end"), rows[:MOST_ROWS], width)
    if any(row[2].startswith("(") for row in rows):
        yield text("  in brackets: not told from the base by itself", "dim")
    if len(rows) > MOST_ROWS:
        yield text(f"  … and {count(len(rows) - MOST_ROWS)} more in comparison.json", "dim")


def _hinted(one: Contrast) -> str:
    """A difference of shares without its interval; in brackets where it is not told from 0."""
    told = short(one, points).partition("\n")[0]
    return told if told_apart(one) or one.same else f"({told})"


def _one(one: Contrast, words: Callable[[float], str]) -> str:
    return short(one, words).replace("\n", " ")


def _ranking(view: ComparisonView, width: int) -> Iterable[RenderableType]:
    column = view.found.columns[view.main]
    if len(column.ranking) < 3:
        return
    yield title(f"In order of mean wait: {view.label(view.main)}")
    rows = [
        (
            str(one.best) if one.best == one.worst else f"{one.best}–{one.worst}",
            _narrow(one.scenario, 2 * NAME),
            duration(one.estimate),
            _narrow(_alike(one.alike), 42),
        )
        for one in column.ranking
    ]
    yield from table(("place", "scenario", "mean wait", "cannot be told apart from"), rows, width)


def _alike(names: Sequence[str]) -> str:
    shown = [plain(name) for name in names]
    return listing(shown if len(shown) < 4 else [*shown[:2], f"{len(shown) - 2} others"]) or "–"


def _pairing(view: ComparisonView, width: int) -> Iterable[RenderableType]:
    contrasts = view.found.columns[view.main].contrasts.get(MEAN, {})
    removed = [one.variance_removed for one in contrasts.values() if one.variance_removed is not None and not one.same]
    needs = [one.unpaired_replications for one in contrasts.values() if one.unpaired_replications and not one.same]
    if not removed or not needs:
        return
    some = _span([share(max(one, 0.0)) for one in (min(removed), max(removed))])
    need = _span([count(one) for one in (min(needs), max(needs))])
    yield text("")
    words = f"Sharing random numbers removed {some} of the variance of these differences; unpaired runs would need "
    yield text(_wrapped(f"{words}{need} replications each for the same precision.", width))


def _span(ends: Sequence[str]) -> str:
    return ends[0] if ends[0] == ends[1] else " to ".join(ends)


def _reasons(view: ComparisonView, why: Mapping[str, Reason], width: int) -> Iterable[RenderableType]:
    if not why:
        return
    yield title("Why they differ: the first difference, in the replications that changed")
    words = "changed: first contact of some line, or of a group, channel, level or side of both, came at another time"
    yield text(_wrapped(words, width), "dim")
    for name, one in why.items():
        if not one.changed:
            yield text(_wrapped(f"{plain(name)}: no first contact changed.", width))
            continue
        causes = [f"{plain(c.words)} ({share(c.count / one.traced, 0)})" for c in one.causes[:MOST_CAUSES]]
        if len(one.causes) > MOST_CAUSES:
            causes.append(several(len(one.causes) - MOST_CAUSES, "other cause"))
        of = [f"{count(one.changed)} changed", *_in_main(view, name, one.changed)]
        of += [f"{count(one.traced)} looked at"] if one.traced < one.changed else []
        yield text(_wrapped(f"{plain(name)} ({', '.join(of)}): {'; '.join(causes)}.", width))
        if one.settings:
            values = [signed_duration(part.shapley.estimate or 0.0) for part in one.settings]
            parts = [
                f"{plain(part.setting)} {value} (alone: {count(part.moved)} changed)"
                for part, value in zip(one.settings, values, strict=True)
            ]
            words = f"Shares in the change of the mean wait ({view.label(one.column)}): {'; '.join(parts)}."
            yield text(_wrapped(words, width))


def _in_main(view: ComparisonView, variant: str, changed: int) -> list[str]:
    """In how many of the replications that changed at all the column that the answer speaks of did."""
    order = view.found.columns[view.main].order.get(variant)
    if order is None:
        return []
    amount = "none" if not order.changed else "all" if order.changed == changed else count(order.changed)
    return [f"{amount} for {view.label(view.main)}"]


def show_side(
    target: Console,
    scenarios: tuple[Scenario, Scenario],
    event_logs: tuple[EventLog, EventLog],
    variant: str,
    column: str,
    told: Typical | None,
) -> None:
    """Print one replication in base and variant, in two columns of words."""
    base, event_log = scenarios[0], event_logs[0]
    name = "any line" if column == "any" else column.partition(":")[2]
    put(target, text(plain(base.title), "bold"))
    put(target, text(f"Replication {event_log.replication} of seed {event_log.seed}: base and {plain(variant)}"))
    if told is None:
        put(target, text("Nothing differs: every log entry is the same in both."))
        return
    seconds = [
        duration(one) if one is not None else "none by the end" for one in (told.base_second, told.variant_second)
    ]
    first = (
        f"{seconds[0]} in both"
        if seconds[0] == seconds[1]
        else f"{seconds[0]} in the base, {seconds[1]} in the variant"
    )
    put(target, text(_wrapped(f"First contact ({name}): {first}.", target.width)))
    put(target, text(_wrapped(f"They part on {_when(base, told.second)}: {plain(told.cause)}.", target.width)))
    put(target, text("\nWhat happens in one of the two only", "bold"))
    rows = [(_when(base, one.second), plain(one.base), plain(one.variant)) for one in told.steps]
    for part in two_columns(rows, ("UTC", "base", plain(variant)), target.width):
        put(target, part)


def _when(scenario: Scenario, second: int) -> str:
    moment = scenario.start + timedelta(seconds=second)
    return f"{day(moment)} {clock(moment)}"


def two_columns(
    rows: Sequence[tuple[str, str, str]], head: tuple[str, str, str], width: int
) -> Iterable[RenderableType]:
    """Rows of a time and two texts that are broken to half of the width each."""
    from rich.padding import Padding
    from rich.table import Table

    made = Table(box=None, pad_edge=False, show_edge=False, padding=(0, 2, 0, 0), header_style="dim", width=width - 2)
    made.add_column(text(head[0]), no_wrap=True, vertical="top")
    for name in head[1:]:
        made.add_column(text(name), ratio=1, vertical="top", overflow="fold")
    for row in rows:
        made.add_row(*(text(cell) for cell in row))
    yield Padding(made, (0, 0, 0, 2), expand=False)
