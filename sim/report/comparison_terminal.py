"""A comparison on the terminal: the answer, the tables, why the variants differ, and where the files are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from sim.report.comparison import MEAN, ComparisonView, answer
from sim.report.differences import change, points, signed, signed_duration
from sim.report.tables import put, table, text, title, wrapped
from sim.report.words import count, date_after, decimal, duration, listing, plain, several, share
from sim.stats.paired import ColumnComparison, Contrast

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

MOST_COLUMNS = 12
MOST_CAUSES = 3


class Caused(Protocol):
    """How often something was the first difference."""

    @property
    def count(self) -> int: ...

    @property
    def words(self) -> str: ...


class Stepped(Protocol):
    """One row of a replication told side by side."""

    @property
    def second(self) -> int: ...

    @property
    def base(self) -> str: ...

    @property
    def variant(self) -> str: ...


class Told(Protocol):
    """One replication in base and variant."""

    @property
    def replication(self) -> int: ...

    @property
    def second(self) -> int: ...

    @property
    def cause(self) -> str: ...

    @property
    def base_second(self) -> int | None: ...

    @property
    def variant_second(self) -> int | None: ...

    @property
    def steps(self) -> Sequence[Stepped]: ...


class Explained(Protocol):
    """Why a variant differs: `sim.studies.why.Why` is one."""

    @property
    def column(self) -> str: ...

    @property
    def changed(self) -> int: ...

    @property
    def traced(self) -> int: ...

    @property
    def causes(self) -> Sequence[Caused]: ...

    @property
    def typical(self) -> Told | None: ...


def show_comparison(
    view: ComparisonView,
    target: Console,
    *,
    changes: Mapping[str, Sequence[str]],
    why: Mapping[str, Explained],
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
    view: ComparisonView, width: int, changes: Mapping[str, Sequence[str]], why: Mapping[str, Explained]
) -> Iterable[RenderableType]:
    found = view.found
    yield text(view.title, "bold")
    span = f"{several(found.replications, 'replication')} of each, seed {found.seed}, the same random numbers in all"
    unit = f", intervals by block of {found.unit}" if found.unit > 1 else ""
    yield text(f"What if? {several(len(found.variants), 'variant')} against the base; {span}{unit}")
    for warning in found.warnings:
        yield text(f"warning: {plain(warning)}", "yellow")
    if any(changes.values()):
        yield title("The variants")
        for name in found.variants:
            told = "; ".join(plain(one) for one in changes.get(name, ()))
            yield text(wrapped(f"{plain(name)}: {told}", width))
    yield title("The answer")
    for sentence in answer(view):
        yield text(wrapped(sentence, width))
    yield from _column(view, view.main, width)
    if view.main != "any":
        yield from _column(view, "any", width)
    yield from _elsewhere(view, width)
    yield from _ranking(view, width)
    yield from _pairing(view, width)
    yield from _reasons(view, why, width)


def _column(view: ComparisonView, name: str, width: int) -> Iterable[RenderableType]:
    found, column = view.found, view.found.columns[name]
    yield title(f"First contact: {view.label(name)}")
    head = (
        "",
        f"contact by {date_after(found.start, found.horizon, found.horizon)}",
        "mean wait, to the end",
        "median wait",
        "attempts",
        "sooner / later / same",
    )
    rows = [_row(view, column, one) for one in found.scenarios if one not in column.absent]
    yield from table(head, rows, width)
    if column.absent:
        yield text(f"  without it: {listing([plain(one) for one in column.absent])}", "dim")
    together = "all of a column together" if len(found.variants) > 1 else "each"
    yield text(f"  below a variant: its difference from the base, with 95 % intervals, {together}", "dim")
    few = [plain(variant) for variant, order in column.order.items() if order.few]
    if few:
        yield text(f"  so few replications changed that intervals are rough: {listing(few)}", "dim")


def _row(view: ComparisonView, column: ColumnComparison, scenario: str) -> Sequence[str]:
    def cell(quantity: str, words: Callable[[float], str], differs: Callable[[float], str]) -> str:
        estimate = column.estimates[quantity][scenario].estimate
        told = "not reached" if estimate is None else words(estimate)
        contrast = column.contrasts.get(quantity, {}).get(scenario)
        return told if contrast is None else f"{told}\n{brief(contrast, differs)}"

    order = column.order.get(scenario)
    moved = "–"
    if order is not None:
        moved = (
            "same in all"
            if not order.changed
            else " / ".join(share(one.estimate or 0.0) for one in (order.sooner, order.later, order.same))
        )
    return (
        plain(scenario),
        cell("probability", share, points),
        cell(MEAN, duration, signed_duration),
        cell("median_seconds", duration, signed_duration),
        cell("attempts", decimal, signed),
        moved,
    )


def brief(one: Contrast, words: Callable[[float], str]) -> str:
    """A difference, and its interval in brackets below it."""
    if one.same:
        return "the same"
    told = change(one, words)
    first, _, ends = told.partition("\n")
    return f"{first}\n[{ends}]" if ends else first


def _elsewhere(view: ComparisonView, width: int) -> Iterable[RenderableType]:
    """Lines and groups: the differences in mean wait alone."""
    found = view.found
    names = [
        name
        for name in found.columns
        if name.partition(":")[0] in ("line", "group") and name != view.main and found.columns[name].contrasts
    ]
    rows = []
    for name in names:
        column = found.columns[name]
        changed = {v: one for v, one in column.contrasts[MEAN].items() if not one.same}
        for variant, one in changed.items():
            chance = column.contrasts["probability"][variant]
            rows.append((view.label(name), plain(variant), _one(chance, points), _one(one, signed_duration)))
    if not rows:
        return
    yield title("Line by line: differences from the base")
    yield from table(("", "variant", "contact by the end", "mean wait, to the end"), rows[: 4 * MOST_COLUMNS], width)
    left = len(rows) - 4 * MOST_COLUMNS
    if left > 0:
        yield text(f"  … and {count(left)} more in comparison.json", "dim")
    yield text("  what is not listed was the same in every replication", "dim")


def _one(one: Contrast, words: Callable[[float], str]) -> str:
    return brief(one, words).replace("\n", " ")


def _ranking(view: ComparisonView, width: int) -> Iterable[RenderableType]:
    column = view.found.columns[view.main]
    if len(column.ranking) < 3:
        return
    yield title(f"In order of mean wait: {view.label(view.main)}")
    rows = [
        (
            str(one.best) if one.best == one.worst else f"{one.best}–{one.worst}",
            plain(one.scenario),
            duration(one.estimate),
            listing([plain(other) for other in one.alike]) or "–",
        )
        for one in column.ranking
    ]
    yield from table(("place", "", "mean wait", "cannot be told apart from"), rows, width)


def _pairing(view: ComparisonView, width: int) -> Iterable[RenderableType]:
    contrasts = view.found.columns[view.main].contrasts.get(MEAN, {})
    known = [(n, one) for n, one in contrasts.items() if one.variance_removed is not None and not one.same]
    if not known:
        return
    best = max(one.variance_removed or 0.0 for _, one in known)
    least = min(one.variance_removed or 0.0 for _, one in known)
    some = share(max(best, 0.0)) if best == least else f"{share(max(least, 0.0))} to {share(max(best, 0.0))}"
    needs = [one.unpaired_replications for _, one in known if one.unpaired_replications is not None]
    need = ""
    if needs:
        ends = count(min(needs)) if min(needs) == max(needs) else f"{count(min(needs))} to {count(max(needs))}"
        need = f"; unpaired runs would need {ends} replications each for the same precision"
    yield text("")
    yield text(wrapped(f"Sharing random numbers removed {some} of the variance of these differences{need}.", width))


def _reasons(view: ComparisonView, why: Mapping[str, Explained], width: int) -> Iterable[RenderableType]:
    if not why:
        return
    yield title("Why they differ: the first difference, in the replications that changed")
    for name, one in why.items():
        if not one.changed:
            yield text(wrapped(f"{plain(name)}: no first contact changed.", width))
            continue
        causes = [f"{plain(c.words)} ({share(c.count / one.traced, 0)})" for c in one.causes[:MOST_CAUSES]]
        if len(one.causes) > MOST_CAUSES:
            causes.append(several(len(one.causes) - MOST_CAUSES, "other cause"))
        of = f"{count(one.changed)} changed" + (f", {count(one.traced)} looked at" if one.traced < one.changed else "")
        yield text(wrapped(f"{plain(name)} ({of}): {'; '.join(causes)}.", width))


def side_by_side_lines(
    view: ComparisonView, name: str, told: Told, column: str, width: int
) -> Iterable[RenderableType]:
    """One replication in base and variant as a table of two columns."""
    from datetime import timedelta

    from sim.report.words import clock, day

    found = view.found
    yield text(f"Replication {told.replication} of seed {found.seed}, base and {plain(name)}", "bold")
    seconds = [
        duration(one) if one is not None else "none by the end" for one in (told.base_second, told.variant_second)
    ]
    label = view.label(column)
    yield text(wrapped(f"First contact ({label}): {seconds[0]} in the base, {seconds[1]} in the variant.", width))
    moment = found.start + timedelta(seconds=told.second)
    yield text(wrapped(f"They part on {day(moment)} {clock(moment)}: {plain(told.cause)}.", width))
    yield text("")
    yield from two_columns(
        [(_when(view, one.second), plain(one.base), plain(one.variant)) for one in told.steps],
        ("UTC", "base", plain(name)),
        width,
    )


def _when(view: ComparisonView, second: int) -> str:
    from datetime import timedelta

    from sim.report.words import clock, day

    moment = view.found.start + timedelta(seconds=second)
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
