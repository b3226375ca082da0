"""The tables of a run: time to first contact, who was first, attempts, requests, the record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim.report.format import count, decimal, duration, plain, share, share_interval
from sim.report.html.document import Row, Table
from sim.report.terminal import wait
from sim.report.view import Placed, View
from sim.stats.summary import NO_CONTACT, WITHIN_NAMES

MOST = 100
"""Rows of a table; `summary.json` has all."""

NOTHING = "–"


def contact_table(view: View) -> Table:
    """Probability, median, range and restricted mean of every line, group, channel and level, and of any line."""
    named = [name for name in view.summary["first_contact"] if name.partition(":")[0] != "side"]
    known = [within for within in WITHIN_NAMES if _reaches(view, within)]
    head = (
        "first contact of",
        f"by {view.date(view.scenario.horizon)}",
        *("within " + within.replace(" ", "\N{NO-BREAK SPACE}") for within in known),
        "median wait",
        "80 % range",
        "restricted mean",
    )
    rows = tuple(_contact_row(view, name, known) for name in named[:MOST])
    note = (
        "In how many of the replications there was contact, by the end and sooner; the wait of half of them; between "
        "what waits 8 in 10 lie; and the mean wait, where one without contact counts until the end. "
        "Below them their 95 % intervals. "
        "Not reached: later than the end of the clock, and the run does not say when."
    )
    return Table("By line, group, channel and level", head, rows, note=note + _more(len(named)))


def _contact_row(view: View, name: str, known: list[str]) -> Row:
    found = view.summary["first_contact"][name]
    chance, mean = found["probability"], found["restricted_mean_seconds"]
    low, high = found["p10_seconds"]["estimate"], found["p90_seconds"]["estimate"]
    span = NOTHING if low is None else f"{duration(low)}\nto {'past the end' if high is None else duration(high)}"
    return (
        labelled(view, name),
        f"{share(chance['estimate'])}\n{share_interval(chance['low'], chance['high'])}",
        *(share(found["within"][within]) for within in known),
        spaced(found["median_seconds"]),
        span,
        spaced(mean),
    )


def spaced(quantile: Mapping[str, Any]) -> str:
    """A wait with its interval below it."""
    return wait(quantile).replace(" [", "\n").replace("]", "")


def labelled(view: View, name: str) -> str:
    """The label of a column, with its kind where that would be missed."""
    kind = name.partition(":")[0]
    return f"{kind} {view.label(name)}" if kind in ("channel", "level", "side") else view.label(name)


def _reaches(view: View, within: str) -> bool:
    return all(found["within"][within] is not None for found in view.summary["first_contact"].values())


def first_table(view: View) -> Table:
    """Which channel and which side had the first contact of all, most often first."""
    rows: list[Row] = []
    for kind, key in (("channel", "first_channel"), ("side", "first_side")):
        shares: Mapping[str, float] = view.summary[key]
        ordered = sorted(((p, name) for name, p in shares.items() if name != NO_CONTACT), key=lambda one: -one[0])
        rows += [(labelled(view, f"{kind}:{name}"), share(p)) for p, name in ordered[:MOST]]
    rows.append(("no contact at all", share(view.summary["first_channel"][NO_CONTACT])))
    note = "A side is first where the caller of the line is of that side."
    return Table("By channel and side", ("first was", "share of replications"), tuple(rows), note=note)


def attempt_table(view: View) -> Table:
    """How often each line was tried, what came of it, and how many attempts it took to a contact."""
    head = (
        "line",
        "attempts per replication",
        "answered",
        "not answered",
        "attempts to contact",
        "wait from the answer, or the occurrence",
    )
    rows = tuple(
        (view.label(f"line:{line.name}"), *_attempts(view.summary["lines"][line.name], view.n))
        for line in view.lines[:MOST]
    )
    note = "Attempts to contact: only of requests that got there, so a small number may be of a few lucky ones."
    return Table("By line", head, rows, note=note + _more(len(view.lines)))


def _attempts(found: Mapping[str, Any], n: int) -> Row:
    made = found["attempts"]
    if not made:
        return "none", NOTHING, NOTHING, NOTHING, NOTHING
    reasons = [f"{plain(reason)} {share(some / made)}" for reason, some in found["unanswered"].items() if some]
    return (
        decimal(made / n),
        share(found["answered"] / made),
        ",\n".join(reasons) or NOTHING,
        _two(found["attempts_to_contact"], count),
        _two(found["response_seconds"], duration),
    )


def _two(found: Mapping[str, Any], words: Any) -> str:
    if found["median"] is None:
        return NOTHING
    return f"median {words(found['median'])}\np90 {words(found['p90'])}"


def request_table(view: View) -> Table | None:
    """What became of the requests of triggered lines; None where there are none."""
    triggered = [line for line in view.lines if line.trigger is not None]
    if not triggered:
        return None
    head = ("line", "begun", "contact", "gave up", "ended otherwise", "open at the end", "merged")
    rows = []
    for line in triggered[:MOST]:
        requests = view.summary["lines"][line.name]["requests"]
        begun = requests["begun"]

        def part(some: int, begun: int = begun) -> str:
            """A count with its share of the requests begun."""
            return f"{count(some)} ({share(some / begun)})" if begun else NOTHING

        ends = (
            part(requests["contact"]),
            part(requests["gave_up"]),
            part(requests["superseded"]),
            part(requests["open"]),
        )
        rows.append((view.label(f"line:{line.name}"), count(begun), *ends, count(requests["merged"])))
    note = (
        f"Totals over {count(view.n)} replications. Merged: occurrences during a request that was under way already. "
        "Ended otherwise: another line's contact made it needless."
    )
    return Table("Requests that occurrences opened", head, tuple(rows), note=note + _more(len(triggered)))


def record_table(view: View) -> Table | None:
    """Where the dates on record fall among the simulated first contacts; None without a record."""
    placed = view.placed()
    if not placed:
        return None
    head = ("line", "on record", "earlier", "then", "later or never")
    note = (
        "In how many replications the first contact came earlier than the one on record, on its days, and later. A "
        "date in the middle is unremarkable under the model; one with a few per cent on one side sits badly with it."
    )
    rows = tuple(_placed(view, one) for one in placed[:MOST])
    return Table("Where the dates on record fall among the simulated ones", head, rows, note=note + _more(len(placed)))


def _placed(view: View, one: Placed) -> Row:
    within = NOTHING if one.within is None else share(one.within)
    return view.label(f"line:{one.entry.line}"), view.on_record(one.entry), share(one.before), within, share(one.after)


def _more(total: int) -> str:
    return f" {count(total - MOST)} more rows are in summary.json." if total > MOST else ""
