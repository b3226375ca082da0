"""Report of a run: its answer, its tables, and the sections that the terminal prints and a page shows.

Each table is made once. With `full` it has every column and row; without, those that fit a terminal or one sheet.
"""

from __future__ import annotations

import re
import shlex
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from sim.report.document import Listing, Report, Row, Section, Table, Words, cut
from sim.report.format import (
    NOT_REACHED,
    NOTHING,
    Cell,
    capital,
    count,
    decimal,
    duration,
    listing,
    measured,
    plain,
    points,
    several,
    share,
    shares,
    spread,
    waits,
)
from sim.report.labels import ANY, kind_of, short_label
from sim.report.view import Placed, View
from sim.stats.intervals import few_blocks
from sim.stats.summary import NO_CONTACT, WITHIN_NAMES
from sim.stats.variance_components import of_contact, of_restricted_mean

SUMMARY = "summary.json"
NO_SPACE = "\N{NO-BREAK SPACE}"
MOST_GROUPS = 4
"""With more groups than this, the answer names lines."""

RARE = 0.0005
"""A share without contact below this is printed beside the share with contact, which would round to all."""

BASES = {
    "record": ("is from the public record", "are from the public record"),
    "briefing": ("is from a briefing", "are from a briefing"),
    "calibrated": ("is calibrated", "are calibrated"),
    "assumption": ("is an assumption", "are assumptions"),
    None: ("has no stated basis", "have no stated basis"),
}
"""What a person calls each basis, of one number and of several."""

PLACE = re.compile(r"^\S+:\d+:\d+ ")
"""File, line and column of a warning: those of the resolved scenario, which the reader has not seen."""


# The answer


def question(view: View) -> str:
    """What is asked."""
    horizon = view.scenario.horizon
    span = f"{view.date(0)} to {view.date(horizon)}, {duration(horizon)} (UTC)"
    return f"How long until the other side picks up? {span}"


def setting(view: View) -> str:
    """Replications, seed and engine."""
    unit = "" if view.summary.get("interval_unit", "replication") == "replication" else ", intervals by block"
    engine = plain(str(view.summary["engine"]))
    return f"{several(view.n, 'replication')}, seed {view.summary['seed']}, engine {engine}, 95 % intervals{unit}"


def notice(view: View) -> str:
    """That there are too few blocks for intervals to have their level; empty where there are enough."""
    return few_blocks(view.n, int(view.summary["interval_units"]))


def answer(view: View) -> tuple[str, ...]:
    """The groups, or the surest and the least sure line; all lines; and what the intervals do not know."""
    told = _groups(view) or _between(view)
    return tuple(filter(None, (told, _over_all(view), headline(view), _stopped(view.summary.get("until")))))


def _groups(view: View) -> str:
    """What the scenario's own groups had, for a scenario with a few of them."""
    groups = [f"group:{name}" for name in view.scenario.groups]
    if not 1 <= len(groups) <= MOST_GROUPS:
        return ""
    end = view.date(view.scenario.horizon)
    return f"By {end}: {'; '.join(f'{short_label(name)} has contact {_told(view, name)}' for name in groups)}."


def _between(view: View) -> str:
    """The extremes among the lines that wait for no event."""
    found = view.summary["first_contact"]
    own = [f"line:{line.name}" for line in view.lines if line.trigger is None]
    if len(own) < 2:
        return ""

    def sureness(name: str) -> tuple[float, float]:
        """How probable a contact is, and how soon."""
        return found[name]["probability"]["estimate"], -found[name]["restricted_mean_seconds"]["estimate"]

    ordered = sorted(own, key=sureness)
    surest, least = ordered[-1], ordered[0]
    return (
        f"Of the {count(len(own))} lines that wait for no event, {view.labels.of(surest)} has contact most often, "
        f"{_told(view, surest)}; {view.labels.of(least)} has contact least often, {_told(view, least)}."
    )


def _over_all(view: View) -> str:
    words = f"Any line has contact {_told(view, 'any')}"
    shares_of = {name: p for name, p in view.summary["first_channel"].items() if name != NO_CONTACT}
    if len(shares_of) > 1 and any(shares_of.values()):
        most = max(shares_of, key=lambda name: shares_of[name])
        words += (
            f"; the first was most often over channel {view.labels.of(f'channel:{most}')}, {share(shares_of[most])}"
        )
    return f"{words}."


def _told(view: View, name: str) -> str:
    found = view.summary["first_contact"][name]
    chance, median = found["probability"], found["median_seconds"]
    cell = measured(shares, chance["estimate"], chance["low"], chance["high"])
    words = f"in {cell.text} of the replications (95 % interval {cell.interval})"
    if median["estimate"] is None:
        return f"{words}, fewer than half"
    wait = _quantile(median)
    interval = f" ({wait.interval})" if wait.interval else ""
    return f"{words}, after a median wait of {wait.text}{interval}, on {view.date(median['estimate'])}"


def headline(view: View) -> str:
    """What the intervals of the answer do not know, in one sentence."""
    uncertain = len(view.scenario.uncertain)
    if not uncertain:
        return f"The intervals show chance only, not whether the numbers are right: {bases(view)}."
    found = [(name, parts) for name in main_columns(view) if (parts := of_contact(view.column(name))) is not None]
    if not found:
        return "There were too few blocks of replications to separate chance from the uncertain numbers."
    name, widest = max(found, key=lambda one: one[1].between)
    return (
        f"More replications would narrow the intervals, but not the spread that "
        f"{several(uncertain, 'uncertain number')} cause{'s' if uncertain == 1 else ''}: from one draw to the "
        f"next, the probability of contact has a standard deviation of {points(widest.between)} on "
        f"{view.labels.of(name)}, where it is largest."
    )


def bases(view: View) -> str:
    """How many numbers have which basis: ``of 64 numbers, 34 are assumptions and 30 are calibrated``."""
    counted = Counter(one.basis for one in view.scenario.provenance)
    if not counted:
        return "the scenario states the basis of none"
    total = sum(counted.values())
    if len(counted) == 1:
        (words,) = (BASES.get(basis, BASES[None]) for basis in counted)
        return f"its one number {words[0]}" if total == 1 else f"all {count(total)} numbers {words[1]}"
    parts = [f"{count(some)} {BASES.get(basis, BASES[None])[some > 1]}" for basis, some in counted.most_common()]
    return f"of {count(total)} numbers, {listing(parts)}"


def _stopped(until: Mapping[str, Any] | None) -> str:
    """The precision that the run was to reach, the interval that decided, and whether it was reached."""
    if not until:
        return ""
    words = (lambda value: share(value, 2)) if until["quantity"] == "probability" else duration
    ends = ["none" if until[key] is None else words(until[key]) for key in ("low", "high")]
    estimate = NOT_REACHED if until["estimate"] is None else words(until["estimate"])
    level = f"{100 * until['level']:g} %"
    said = f"{capital(plain(until['precision']))}: {estimate}, {level} interval {ends[0]} to {ends[1]}"
    looks = f"{len(until['looks'])} of {several(until['looks_planned'], 'look')}"
    if until["reached"]:
        return f"{said}; precise enough after {looks}."
    return f"{said}; NOT precise enough after {several(until['at_most'], 'replication')}, the most that were allowed."


# The tables


def main_columns(view: View) -> list[str]:
    """The scenario's groups, its lines, and any line."""
    names = [*(f"group:{name}" for name in view.scenario.groups), *(f"line:{line.name}" for line in view.lines), "any"]
    return [name for name in names if name in view.summary["first_contact"]]


def contact_table(view: View, *, full: bool) -> Table:
    """Probability, median and range of first contact by group and line; `full`: also of channels and levels, within
    fixed times, and the restricted mean."""
    found = view.summary["first_contact"]
    *names, any_line = main_columns(view)
    if full:
        names += [name for name in found if kind_of(name) in ("channel", "level")]
    end = view.date(view.scenario.horizon)
    rare = any(0 < 1 - found[name]["probability"]["estimate"] < RARE for name in names)
    known = [
        within for within in WITHIN_NAMES if full and all(one["within"][within] is not None for one in found.values())
    ]
    columns: list[tuple[str, Callable[[Mapping[str, Any]], str | Cell]]] = [
        (f"contact by {end}", lambda one: _share(one["probability"])),
        *[("no contact", lambda one: share(1 - one["probability"]["estimate"]))] * rare,
        *((f"within {within.replace(' ', NO_SPACE)}", _within(within)) for within in known),
        ("median wait", lambda one: _quantile(one["median_seconds"])),
        *[("median date", lambda one: _date(view, one["median_seconds"]["estimate"]))] * (not full),
        ("80 % range (p10 to p90)", _range),
        *[("mean wait, to the end", lambda one: _quantile(one["restricted_mean_seconds"]))] * full,
    ]
    label = view.labels.with_kind if full else short_label
    shown, note = cut([(label(name), *(cell(found[name]) for _, cell in columns)) for name in names], SUMMARY)
    rows = (*shown, (ANY, *(cell(found[any_line]) for _, cell in columns)))
    if full:
        note = (
            "The share of the replications with contact by the end, and within shorter times; the wait that half of "
            "them do not exceed; the waits between which 8 in 10 lie; and the mean wait, where a replication without "
            f"contact counts until the end. Intervals are 95 % intervals.{note}"
        )
    if any(NOT_REACHED in str(cell) for row in rows for cell in row):
        note += " Not reached: fewer than half of the replications had contact, so there is no median."
    head = ("first contact", *(name for name, _ in columns))
    return Table("Time to first contact", head, rows, note=note.strip())


def _share(chance: Mapping[str, Any]) -> Cell:
    return measured(shares, chance["estimate"], chance["low"], chance["high"])


def _within(within: str) -> Callable[[Mapping[str, Any]], str]:
    return lambda one: share(one["within"][within])


def _quantile(found: Mapping[str, Any]) -> Cell:
    return measured(waits, found["estimate"], found["low"], found["high"])


def _date(view: View, second: int | None) -> str:
    return NOT_REACHED if second is None else view.date(second)


def _range(found: Mapping[str, Any]) -> str:
    low, high = found["p10_seconds"]["estimate"], found["p90_seconds"]["estimate"]
    return duration(low) if low is None else f"{duration(low)} to {'after the end' if high is None else duration(high)}"


def certainty_table(view: View, *, full: bool) -> Table | None:
    """Monte Carlo error beside parameter uncertainty; None where no number is uncertain, or with too few blocks."""
    if not view.scenario.uncertain:
        return None
    label = view.labels.of if full else short_label
    rows = [(label(name), *cells) for name in main_columns(view) if (cells := _parts(view, name, full)) is not None]
    if not rows:
        return None
    head = [f"contact by {view.date(view.scenario.horizon)}", "Monte Carlo error", "parameter uncertainty"]
    if full:
        head += ["mean wait, to the end", *head[1:], "share of the variance"]
    note = (
        "In percentage points. Monte Carlo error: standard error of the share, which more replications make smaller. "
        "Parameter uncertainty: standard deviation of the share from one draw of the "
        f"{several(len(view.scenario.uncertain), 'uncertain number')} to the next, which only evidence makes smaller."
    )
    if full:
        note += (
            " The same for the mean wait. Share of the variance: how much of the variance of a single wait comes from "
            "the uncertain numbers."
        )
    if view.scenario.posterior is not None:
        note += " The draws are those of the scenario's posterior, not of its priors."
    shown, more = cut(rows, SUMMARY)
    return Table("Monte Carlo error and parameter uncertainty", ("", *head), shown, note=note + more)


def _parts(view: View, name: str, full: bool) -> Row | None:
    column = view.column(name)
    chance, mean = of_contact(column), of_restricted_mean(column) if full else None
    if chance is None or (full and mean is None):
        return None

    def percent(fraction: float) -> str:
        """A standard deviation in percentage points."""
        return decimal(100 * fraction)

    cells = (share(min(1.0, chance.mean)), f"±{percent(chance.error)}", spread(chance.between, chance.least, percent))
    if mean is None:
        return cells
    means = (duration(mean.mean), f"±{duration(mean.error)}", spread(mean.between, mean.least, duration))
    return (*cells, *means, share(mean.share))


def first_table(view: View, *, full: bool) -> Table:
    """Which channel and which side had the first contact of all, most often first."""
    label = view.labels.with_kind if full else short_label
    rows: list[Row] = []
    for kind, key in (("channel", "first_channel"), ("side", "first_side")):
        found: Mapping[str, float] = view.summary[key]
        ordered = sorted(((p, name) for name, p in found.items() if name != NO_CONTACT), key=lambda one: -one[0])
        rows += [(label(f"{kind}:{name}"), share(p)) for p, name in ordered if full or p]
    shown, more = cut(rows, SUMMARY)
    shown = (*shown, ("no contact at all", share(view.summary["first_channel"][NO_CONTACT])))
    note = f"A side is first where the caller of the line is of that side.{more}" if full else more.strip()
    return Table("Who was first", ("", "share of replications"), shown, note=note)


def attempt_table(view: View, *, full: bool) -> Table:
    """How often each line was tried, what came of it, and how many attempts it took to a contact."""
    head = ("line", "attempts per replication", "answered", "not answered", "attempts to contact", "response time")
    label = view.labels.of if full else short_label
    rows = [(label(f"line:{line.name}"), *_attempts(view.summary["lines"][line.name], view.n)) for line in view.lines]
    shown, more = cut(rows, SUMMARY)
    note = "Response time: from the answered attempt to the contact; on lines that events trigger, from the event."
    if full:
        note = (
            "Attempts to contact: only of requests that ended with a contact, so that a small number may come from a "
            f"few requests. {note}"
        )
    return Table("Attempts and what came of them", head, shown, note=note + more)


def _attempts(found: Mapping[str, Any], n: int) -> Row:
    made = found["attempts"]
    if not made:
        return "none", NOTHING, NOTHING, NOTHING, NOTHING
    reasons = [f"{plain(reason)} {share(some / made)}" for reason, some in found["unanswered"].items() if some]
    return (
        decimal(made / n),
        share(found["answered"] / made),
        ", ".join(reasons) or NOTHING,
        _two(found["attempts_to_contact"], decimal),
        _two(found["response_seconds"], duration),
    )


def _two(found: Mapping[str, Any], words: Callable[[float], str]) -> str:
    return NOTHING if found["median"] is None else f"median {words(found['median'])}, p90 {words(found['p90'])}"


def request_table(view: View, *, full: bool) -> Table | None:
    """What became of the requests of triggered lines; None where there are none."""
    triggered = [line for line in view.lines if line.trigger is not None]
    if not triggered:
        return None
    label = view.labels.of if full else short_label
    rows = [_requests(label(f"line:{line.name}"), view.summary["lines"][line.name], view.n) for line in triggered]
    shown, more = cut(rows, SUMMARY)
    head = ("line", "begun per replication", "contact", "gave up", "no longer needed", "open at the end", "merged")
    note = (
        "Shares of the requests begun. No longer needed: another line's contact ended the request. Merged: share of "
        f"the events that came during a request that was still running.{more}"
    )
    return Table("Requests started by events", head, shown, note=note)


def _requests(label: str, found: Mapping[str, Any], n: int) -> Row:
    requests = found["requests"]
    begun = requests["begun"]
    ends = [requests["contact"], requests["gave_up"], requests.get("superseded", 0), requests["open"]]
    parts = [share(some / begun) if begun else NOTHING for some in ends]
    merged = requests["merged"]
    return (label, decimal(begun / n), *parts, share(merged / (begun + merged)) if begun else NOTHING)


def record_table(view: View, *, full: bool) -> Table | None:
    """The dates on record among the simulated first contacts; None without a record."""
    placed = view.placed()
    if not placed:
        return None
    label = view.labels.of if full else short_label
    shown, more = cut([_placed(label(f"line:{one.entry.line}"), view, one) for one in placed], SUMMARY)
    note = (
        "In how many replications the first contact came earlier than the one on record, on its days, and later. A "
        "date in the middle is unremarkable under the model; a date with a few per cent on one side fits it badly."
        if full
        else "Share of replications whose first contact came before, on and after the recorded days."
    )
    head = ("line", "on record", "earlier", "then", "later or never")
    return Table("Recorded dates compared with simulated dates", head, shown, note=note + more)


def _placed(label: str, view: View, one: Placed) -> Row:
    within = NOTHING if one.within is None else share(one.within)
    return label, view.on_record(one.entry), share(one.before), within, share(one.after)


# The sections


def summary_report(
    view: View,
    *,
    folder: Path | None = None,
    command: str = "",
    changes: Sequence[str] = (),
    program: str = "openlines",
) -> Report:
    """The report that the terminal prints.

    `folder` is where the files are; `command` the scenario as the user named it, `changes` what was set in it, and
    `program` how this program is called, for the commands that are suggested.
    """
    tables = (
        contact_table(view, full=False),
        certainty_table(view, full=False),
        first_table(view, full=False),
        attempt_table(view, full=False),
        request_table(view, full=False),
        record_table(view, full=False),
    )
    return Report(
        what="report of a run",
        title=_title(view),
        question=question(view),
        setting=setting(view),
        answer=answer(view),
        notice=notice(view),
        changes=tuple(map(plain, changes)),
        sections=(
            Section("tables", "", tuple(filter(None, tables))),
            _warnings(view),
            files_section(folder),
            _next(view, plain(program), command, changes),
        ),
    )


def _title(view: View) -> str:
    return plain(view.scenario.title) or "A scenario without a title"


def _warnings(view: View) -> Section:
    told = tuple(Words(PLACE.sub("", plain(warning)), warning=True) for warning in view.scenario.warnings)
    return Section("warnings", "Warnings", told)


def files_section(folder: Path | None) -> Section:
    """The files that a command has left in a folder."""
    if folder is None:
        return Section("files", "Files", ())
    names = [path.name + ("/" if path.is_dir() else "") for path in sorted(folder.iterdir())]
    return Section("files", "Files", (Words(f"{plain(str(folder))}/"), Words(plain(listing(names)), quiet=True)))


def _next(view: View, program: str, scenario: str, changes: Sequence[str]) -> Section:
    """Commands to go on with, each on one line, so that it can be copied."""
    if not scenario or not view.lines:
        return Section("next", "Next", ())
    # A file's name may hold escape codes, which quoting for the shell lets through.
    base, seed = plain(scenario), view.summary["seed"]
    same = " ".join([base, *(f"--set {shlex.quote(plain(change))}" for change in changes)])
    seeded = f" --seed {seed}" if seed != 1 else ""
    suggested = [Listing(f"{program} trace {same} --typical{seeded}", "one replication as a story")]
    if changes:
        suggested.append(Listing(f"{program} run {base}{seeded}", "the same without the change, to compare"))
    else:
        line = view.lines[0]
        daily = line.every.family == "fixed" and line.every.given["value"] == 86_400
        often, words = ("12 h", "twice a day") if daily else ("1 d", "daily")
        change = shlex.quote(f"lines.{line.name}.every={often}")
        suggested.append(
            Listing(f"{program} run {base} --set {change}{seeded}", f"what if that line were tried {words}")
        )
    return Section("next", "Next", tuple(suggested))
