"""A scenario, columns and a summary made up for the tests of pictures and words: exact counts, no simulation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.report.figures.data import POINTS, Curve, Responses
from sim.report.view import View
from sim.rules.bins import bin_of, first_of
from sim.scenario.resolved import (
    Channel,
    Distribution,
    Effect,
    Event,
    Line,
    Official,
    RecordEntry,
    Regime,
    Scenario,
    Side,
    Starts,
    State,
    Trigger,
    When,
)
from sim.stats.first_contact import FirstContact, count_times
from sim.stats.responses import coarse_bin_of, coarse_edge
from sim.stats.summary import first_contact_summary
from sim.stats.survival import survival_curve

START = datetime(2022, 2, 24, tzinfo=UTC)
DAY = 86_400
LONG = "the private line of the secretary to the minister of defence"
assert len(LONG) == 60


Times = NDArray[np.int64]


def times(n: int = 2_000, *, reach: float = 0.8, mean_days: float = 40, days: float = 126, seed: int = 1) -> Times:
    """`n` first contacts in seconds, about `reach` of them exponential with the mean given, the others -1."""
    generator = np.random.default_rng(seed)
    drawn = np.floor(generator.exponential(mean_days * DAY, n)).astype(np.int64)
    drawn[generator.random(n) >= reach] = round(days * DAY)
    return np.where(drawn < round(days * DAY), drawn, -1)


def curve_of(label: str, drawn: Times, days: float = 126) -> Curve:
    """The curve of first contacts given in seconds, -1 where there is none."""
    column = count_times(drawn, round(days * DAY))
    found = survival_curve(column, column.corners(POINTS))
    return Curve(
        label,
        column.replications,
        column.horizon,
        START,
        column.contacts,
        *column.histogram(),
        found.seconds + 1,
        found.survival,
        found.low,
        found.high,
    )


def responses(label: str = "deconfliction", *, size: int = 5_000, median: float = 240, seed: int = 2) -> Responses:
    """Log-normal response times in the bins of a run."""
    generator = np.random.default_rng(seed)
    drawn = np.floor(generator.lognormal(np.log(median), 1.0, size)).astype(int)
    seconds, counts = np.unique([first_of(bin_of(number)) for number in drawn.tolist()], return_counts=True)
    return Responses(label, "attempt", 2_000, seconds, counts)


def histogram_of(numbers: list[int]) -> dict[str, list[int]]:
    """What `sim.stats.responses.coarse_histogram` gives for these numbers."""
    if not numbers:
        return {"edges": [], "counts": []}
    bins = [coarse_bin_of(number) for number in numbers]
    span = range(min(bins), max(bins) + 1)
    return {
        "edges": [coarse_edge(i) for i in range(span.start, span.stop + 1)],
        "counts": [bins.count(i) for i in span],
    }


def line(name: str, channel: str, *, title: str = "", triggered: bool = False) -> Line:
    """A line from the first official to the second."""
    return Line(
        name=name,
        title=title,
        caller="austin",
        callee="shoigu",
        channel=channel,
        trigger=Trigger("event", "near-miss") if triggered else None,
        starts=None if triggered else Starts(0, None, None),
        every=Distribution("fixed", {"value": 86_400.0}),
        until_horizon=False,
        until_contact=(),
        until_name="",
        give_up=None,
        attempts=None,
        answer=0.1,
        delay=Distribution("fixed", {"value": 3600.0}),
        call=Distribution("fixed", {"value": 3600.0}),
        unanswered={"declined": 0.7, "no reply": 0.3},
        on_unanswered=None,
        on_contact=Effect(("hotline",), 3.0, half_life=30.0 * DAY),
    )


def scenario(*lines: Line, title: str = "Spring 2022", record: tuple[RecordEntry, ...] = ()) -> Scenario:
    """Two sides, two officials, a gate and an event, and the lines given."""
    lines = lines or (
        line("ministers", "ministerial", title="Ministers"),
        line("hotline", "deconfliction", triggered=True),
    )
    channels = dict.fromkeys(one.channel for one in lines)
    gate = Regime(
        "gate",
        "",
        tuple(one.name for one in lines),
        {"open": 1.0},
        (State("open", None, 1.0), State("shut", None, 0.02)),
    )
    return Scenario(
        title=title,
        description="",
        start=START,
        end=START + timedelta(days=126),
        sides=(Side("US", "", "America/New_York"), Side("RU", "", "Europe/Moscow")),
        officials=(
            Official("austin", "US", "Lloyd J. Austin III", "Secretary of Defense", None, ()),
            Official("shoigu", "RU", "Sergei Shoigu", "Minister of Defence", None, ()),
        ),
        channels=tuple(Channel(name, "", "senior", None, None, ()) for name in channels),
        regimes=(gate,),
        events=(
            Event("near-miss", "A near miss", (When(DAY),), None, 0, Effect(("ministers",), 0.5), {"gate": "shut"}),
        ),
        lines=lines,
        uncertain=(),
        groups={"both": tuple(one.name for one in lines)},
        record=record,
        sources=(),
        provenance=(),
        posterior=None,
    )


def contact(name: str, first_day: int, days: int = 1) -> RecordEntry:
    """A contact on record, on whole UTC days counted from the start."""
    return RecordEntry("contact", name, first_day * DAY, (first_day + days) * DAY, (first_day + days) * DAY)


def silence(name: str, day: int) -> RecordEntry:
    """No contact until the beginning of a day."""
    return RecordEntry("no_contact", name, 0, day * DAY, day * DAY)


def line_summary(n: int, *, triggered: bool = False, numbers: list[int] | None = None) -> dict[str, Any]:
    """A line's part of a summary: round numbers."""
    numbers = [600, 700, 900, 4000] if numbers is None else numbers
    held, gave_up = n // 2, n // 4
    requests = {
        "begun": n,
        "contact": held,
        "gave_up": gave_up,
        "superseded": 0,
        "merged": 7,
        "open": n - held - gave_up,
    }
    quantile = sorted(numbers)[len(numbers) // 2] if numbers else None
    return {
        "attempts": 10 * n,
        "answered": 2 * n,
        "unanswered": {"declined": 5 * n, "no reply": 3 * n, "busy": 0},
        "attempts_to_contact": {"median": 4, "p90": 9},
        "requests": requests,
        "response_from": "occurrence" if triggered else "attempt",
        "response_seconds": {"median": quantile, "p90": quantile, "within": {}, "histogram": histogram_of(numbers)},
    }


def view(made: Scenario | None = None, drawn: Mapping[str, Times] | None = None, n: int = 2_000) -> View:
    """A view of a made-up run: every column of lines, channels, groups and any, from `drawn` or from `times`."""
    made = made or scenario()
    given = dict(drawn or {})
    for place, one in enumerate(made.lines):
        given.setdefault(one.name, times(n, seed=place + 1))
    columns: dict[str, FirstContact] = {}

    def add(name: str, members: list[str]) -> None:
        stacked = np.stack([np.where(given[m] >= 0, given[m], made.horizon) for m in members]).min(axis=0)
        columns[name] = count_times(np.where(stacked < made.horizon, stacked, -1), made.horizon)

    for one in made.lines:
        add(f"line:{one.name}", [one.name])
    for name, group in made.groups.items():
        add(f"group:{name}", list(group))
    for channel in made.channels:
        add(f"channel:{channel.name}", [one.name for one in made.lines if one.channel == channel.name])
    add("any", [one.name for one in made.lines])
    return View(made, _summary(made, columns), columns.__getitem__)


def _summary(made: Scenario, columns: Mapping[str, FirstContact]) -> dict[str, Any]:
    n = columns["any"].replications
    chance = columns["any"].contacts / n
    return {
        "format": 2,
        "scenario": {"title": made.title, "sha256": "0" * 64},
        "seed": 1,
        "replications": n,
        "engine": "reference",
        "interval_unit": "replication",
        "interval_units": n,
        "horizon_seconds": made.horizon,
        "first_contact": {name: first_contact_summary(column) for name, column in columns.items()},
        "lines": {one.name: line_summary(n, triggered=one.trigger is not None) for one in made.lines},
        "first_channel": {made.channels[0].name: chance, "none": 1 - chance},
        "first_side": {"US": chance, "RU": 0.0, "none": 1 - chance},
    }


def changed(made: Scenario, **fields: Any) -> Scenario:
    """The same scenario but for some fields."""
    return replace(made, **fields)
