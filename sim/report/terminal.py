"""The summary of a run on the terminal, for a person who has read no documentation.

Everything that comes from a scenario goes through `rich.text.Text`, which knows no markup, after `plain`, which removes
control characters. Tables that the terminal has no room for become a block of lines for each row.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeVar

from sim.report.format import (
    count,
    decimal,
    duration,
    listing,
    plain,
    points,
    several,
    share,
    share_interval,
    spread,
    unit_for,
)
from sim.report.tables import Row
from sim.report.tables import put as _print
from sim.report.tables import table as _table
from sim.report.tables import text as _text
from sim.report.tables import title as _title
from sim.report.tables import wrapped as _wrapped
from sim.report.view import Placed, View
from sim.stats.intervals import few_blocks

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

NARROWEST = 60
PIPE_WIDTH = 100
MOST_ROWS = 60
"""A table longer than this is cut, and says so; `summary.json` has all."""

T = TypeVar("T")
NONE = "none"
COMMA = ", "
PLACE = re.compile(r"^\S+:\d+:\d+ ")
"""File, line and column of a warning: those of the resolved scenario, which the reader has not seen."""


def console(stream: IO[str], *, width: int | None = None) -> Console:
    """A rich console for `stream`: plain and `PIPE_WIDTH` wide where it is no terminal. Obeys NO_COLOR."""
    import os

    from rich.console import Console

    made = Console(file=stream, width=width, highlight=False, emoji=False, markup=False, soft_wrap=False)
    if width is None and not made.is_terminal and "COLUMNS" not in os.environ:
        made = Console(file=stream, width=PIPE_WIDTH, highlight=False, emoji=False, markup=False)
    if made.width < NARROWEST:
        made.width = NARROWEST
    return made


def show(
    view: View,
    target: Console,
    *,
    folder: Path | None = None,
    command: str = "",
    changes: Sequence[str] = (),
    program: str = "openlines",
) -> None:
    """Print the whole summary.

    `folder` is where the files are; `command` the scenario as the user named it, `changes` what was set in it, and
    `program` how this program is called, for the commands that are suggested.
    """
    _heading(view, target, changes)
    sections: tuple[Callable[[View, int], Iterable[RenderableType]], ...] = (
        _contacts,
        _open,
        _firsts,
        _attempts,
        _requests,
        _record,
    )
    for section in sections:
        for part in section(view, target.width):
            _print(target, part)
    _closing(view, target, folder)
    if command and view.lines:
        _next(view, target, plain(program), command, changes)


def _heading(view: View, target: Console, changes: Sequence[str]) -> None:
    _print(target, _text(plain(view.scenario.title), "bold"))
    for change in changes:
        _print(target, _text(f"changed: {plain(change)}", "bold"))
    span = f"{view.date(0)} to {view.date(view.scenario.horizon)}, {duration(view.scenario.horizon)}"
    _print(target, _text(f"How long until the other side picks up? {span} (UTC)"))
    unit = "" if view.summary.get("interval_unit", "replication") == "replication" else ", intervals by block"
    engine = plain(str(view.summary["engine"]))
    _print(
        target,
        _text(f"{several(view.n, 'replication')}, seed {view.summary['seed']}, engine {engine}, 95 % intervals{unit}"),
    )
    if notice := few_blocks(view.n, int(view.summary["interval_units"])):
        _print(target, _text(notice, "yellow"))
    if until := view.summary.get("until"):
        _print(target, _text(_stopped(until), "" if until["reached"] else "yellow"))


def _stopped(until: Mapping[str, Any]) -> str:
    """What the run waited for, the interval that decided, and whether it came to that."""
    words = (lambda value: share(value, 2)) if until["quantity"] == "probability" else duration
    ends = [NONE if until[key] is None else words(until[key]) for key in ("low", "high")]
    estimate = "not reached" if until["estimate"] is None else words(until["estimate"])
    text = f"{plain(until['precision'])}: {estimate}, {_percent(until['level'])} interval {ends[0]} to {ends[1]}"
    looks = f"{len(until['looks'])} of {several(until['looks_planned'], 'look')}"
    if until["reached"]:
        return f"{text}; precise enough after {looks}"
    return f"{text}; NOT precise enough after the {several(until['at_most'], 'replication')} that there may be at most"


def _percent(level: float) -> str:
    return f"{100 * level:g} %"


def _contacts(view: View, width: int) -> Iterable[RenderableType]:
    """Probability, median and range of every line and group, and of any line."""
    names = [f"line:{line.name}" for line in view.lines]
    names += [f"group:{name}" for name in view.scenario.groups]
    names = [*_cut(names), "any"]
    yield _title("Time to first contact")
    rows = [_contact_row(view, name) for name in names if name in view.summary["first_contact"]]
    head = (
        "",
        f"contact by {view.date(view.scenario.horizon)}",
        "median wait",
        "median date",
        "80 % range (p10 to p90)",
    )
    yield from _table(head, rows, width)
    yield from _omitted(len(view.lines) + len(view.scenario.groups) + 1 - len(rows))
    if any("not reached" in row[2] or "not reached" in row[4] for row in rows):
        yield _text("not reached: so few replications had contact by the end that the run does not say when", "dim")


def _contact_row(view: View, name: str) -> Row:
    found = view.summary["first_contact"][name]
    chance, median = found["probability"], found["median_seconds"]
    kind, _, own = name.partition(":")
    interval = share_interval(chance["low"], chance["high"])
    date = "not reached" if median["estimate"] is None else view.date(median["estimate"])
    low, high = found["p10_seconds"]["estimate"], found["p90_seconds"]["estimate"]
    span = duration(low) if low is None else f"{duration(low)} to {'past the end' if high is None else duration(high)}"
    shown = {"any": "any line", "group": f"group {own}"}.get(kind, own)
    return shown, f"{share(chance['estimate'])} [{interval}]", wait(median), date, span


def _open(view: View, width: int) -> Iterable[RenderableType]:
    """What more replications would mend, and what only evidence would; nothing where no number is uncertain."""
    if not view.scenario.uncertain:
        return
    from sim.stats.variance_components import of_contact

    names = _cut([f"line:{line.name}" for line in view.lines] + [f"group:{name}" for name in view.scenario.groups])
    found = [(name, of_contact(view.column(name))) for name in names if name in view.summary["first_contact"]]
    rows = [
        (
            name.replace("group:", "group ").removeprefix("line:"),
            share(min(1.0, parts.mean)),
            f"±{points(parts.error)}",
            spread(parts.between, parts.least),
        )
        for name, parts in found
        if parts is not None
    ]
    if not rows:
        return
    yield _title("Would more runs help, or more evidence?")
    contact = f"contact by {view.date(view.scenario.horizon)}"
    yield from _table(("", contact, "chance", "uncertain numbers"), rows, width)
    note = (
        "chance: standard error, which more runs make smaller; uncertain numbers: standard deviation from one draw of "
        f"the {several(len(view.scenario.uncertain), 'number')} to the next, which only evidence makes smaller"
    )
    if view.scenario.posterior is not None:
        note += ". The draws are those of the scenario's posterior, not of its priors"
    yield _text(_wrapped(note, width), "dim")


def wait(quantile: Mapping[str, float | None]) -> str:
    """A quantile of a duration with its interval in one unit: ``26.4 d [25.9–27]``; open ends are said to be so."""
    estimate, low, high = quantile["estimate"], quantile["low"], quantile["high"]
    if estimate is None:
        return "not reached" if low is None else f"not reached [{duration(low)}–…]"
    if low is None and high is None:
        return duration(estimate)
    unit = unit_for(estimate)
    ends = ("?" if low is None else decimal(low / unit.seconds), "…" if high is None else decimal(high / unit.seconds))
    return f"{duration(estimate)} [{ends[0]}–{ends[1]}]"


def _firsts(view: View, width: int) -> Iterable[RenderableType]:
    """Which channel and which side had the first contact of all."""
    yield _title("Who was first (share of replications)")
    for what, key in (("channel", "first_channel"), ("begun by", "first_side")):
        shares: Mapping[str, float] = view.summary[key]
        placed = sorted(((p, name) for name, p in shares.items() if name != NONE and p), key=lambda one: -one[0])
        parts = [f"{name} {share(p)}" for p, name in placed[:8]]
        if len(placed) > 8:
            parts.append(f"{len(placed) - 8} others {share(min(1.0, sum(p for p, _ in placed[8:])))}")
        parts.append(f"no contact at all {share(shares[NONE])}")

        yield _text(_wrapped(f"{what}: {COMMA.join(parts)}", width))


def _attempts(view: View, width: int) -> Iterable[RenderableType]:
    """How often each line was tried, what came of it, and how many attempts it took to a contact."""
    yield _title("Attempts, and what came of them")
    rows = [_attempt_row(line.name, view.summary["lines"][line.name], view.n) for line in _cut(view.lines)]
    head = ("line", "attempts per replication", "answered", "not answered", "attempts to contact", "answer to contact")
    yield from _table(head, rows, width)
    yield from _omitted(len(view.lines) - len(rows))


def _attempt_row(name: str, found: Mapping[str, Any], n: int) -> Row:
    made = found["attempts"]
    if not made:
        return name, "none", "–", "–", "–", "–"
    reasons = [f"{plain(reason)} {share(some / made)}" for reason, some in found["unanswered"].items() if some]
    taken = found["attempts_to_contact"]
    median, most = taken["median"], taken["p90"]
    effort = "no contact" if median is None else f"median {count(median)}, p90 {count(most)}"
    took = found["response_seconds"]["median"]
    median_response = "–" if found["response_from"] == "occurrence" or took is None else f"median {duration(took)}"
    answered = share(found["answered"] / made)
    return name, decimal(made / n), answered, ", ".join(reasons) or "–", effort, median_response


def _requests(view: View, width: int) -> Iterable[RenderableType]:
    """What became of the requests of triggered lines."""
    triggered = [line for line in view.lines if line.trigger is not None]
    if not triggered:
        return
    yield _title("Requests that occurrences opened (totals over the replications)")
    rows = [_request_row(line.name, view.summary["lines"][line.name]) for line in _cut(triggered)]
    head = ("line", "begun", "contact", "gave up", "otherwise", "merged", "response, from the occurrence")
    yield from _table(head, rows, width)
    yield _text("merged: occurrences during a request that was under way already", "dim")
    yield from _omitted(len(triggered) - len(rows))


def _request_row(name: str, found: Mapping[str, Any]) -> Row:
    requests, times = found["requests"], found["response_seconds"]
    begun = requests["begun"]

    def part(some: int) -> str:
        return f"{count(some)} ({share(some / begun)})" if begun else "–"

    others = {"ended by another's contact": requests.get("superseded", 0), "open at the end": requests["open"]}
    rest = ", ".join(f"{count(some)} {what}" for what, some in others.items() if some) or "–"
    median, slow = times["median"], times["p90"]
    response = "–" if median is None else f"median {duration(median)}, p90 {duration(slow)}"
    merged = count(requests["merged"])
    return name, count(begun), part(requests["contact"]), part(requests["gave_up"]), rest, merged, response


def _record(view: View, width: int) -> Iterable[RenderableType]:
    """Where the dates on record fall among the simulated first contacts."""
    placed = _cut(view.placed())
    if not placed:
        return
    yield _title("Where the record falls (share of replications with first contact before, then, after)")
    rows = [_record_row(view, one) for one in placed]
    yield from _table(("line", "on record", "earlier", "then", "later or never"), rows, width)


def _record_row(view: View, one: Placed) -> Row:
    within = "–" if one.within is None else share(one.within)
    return one.entry.line, view.on_record(one.entry), share(one.before), within, share(one.after)


def _closing(view: View, target: Console, folder: Path | None) -> None:
    if view.scenario.warnings:
        _print(target, _title("Warnings"))
        for warning in view.scenario.warnings:
            _print(target, _text(f"  {PLACE.sub('', plain(warning))}", "yellow"))
    if folder is not None:
        _print(target, _title("Files"))
        names = [path.name + ("/" if path.is_dir() else "") for path in sorted(folder.iterdir())]
        _print(target, _text(f"  {plain(str(folder))}/"))
        _print(target, _text(f"  {listing(names)}", "dim"))


def _next(view: View, target: Console, program: str, scenario: str, changes: Sequence[str]) -> None:
    """Commands to go on with, each on one line, so that it can be copied."""
    # A file's name may hold escape codes, which quoting for the shell lets through.
    base, seed = plain(scenario), view.summary["seed"]
    same = " ".join([base, *(f"--set {shlex.quote(plain(change))}" for change in changes)])
    seeded = f" --seed {seed}" if seed != 1 else ""
    suggested = [(f"{program} trace {same} --typical{seeded}", "one replication as a story")]
    if changes:
        suggested.append((f"{program} run {base}{seeded}", "the same without the change, to compare"))
    else:
        line = view.lines[0]
        daily = line.every.family == "fixed" and line.every.given["value"] == 86_400
        often, words = ("12 h", "twice a day") if daily else ("1 d", "daily")
        change = shlex.quote(f"lines.{line.name}.every={often}")
        suggested.append((f"{program} run {base} --set {change}{seeded}", f"what if that line were tried {words}"))
    _print(target, _title("Next"))
    for command, what in suggested:
        _print(target, _text(f"  {command}"), whole=True)
        _print(target, _text(f"    {what}", "dim"))


def _cut(items: Sequence[T]) -> Sequence[T]:
    return items[:MOST_ROWS]


def _omitted(some: int) -> Iterable[RenderableType]:
    if some > 0:
        yield _text(f"  … and {count(some)} more in summary.json", "dim")
