"""What the comment of each scenario under scenarios/constructs says to look at, as an assertion on 50 replications.

Each comes with the change of one number, after which the assertion must fail.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from io import StringIO
from math import sqrt
from typing import Any

import numpy as np
from rich.console import Console

import sim
from sim.report.run import summary_report
from sim.report.terminal import show
from sim.report.view import view_of
from sim.rules.bins import bin_of
from tests.scenarios.documents import ROOT

FOLDER = ROOT / "scenarios" / "constructs"
REPLICATIONS = 50
HOUR, DAY = 3_600, 86_400


@dataclass(frozen=True)
class Seen:
    """The 50 replications of a scenario. `times`: by column, seconds to first contact, None where censored."""

    run: sim.Run
    times: dict[str, list[int | None]]

    def contacts(self, column: str = "any") -> list[int]:
        """The first contacts there were."""
        found = [second for second in self.times[column] if second is not None]
        assert found, f"no contact in {column}"
        return found

    def line(self, name: str) -> Any:
        """The line's entry in the summary."""
        return self.run.summary["lines"][name]


def see(name: str, changes: tuple[str, ...] = ()) -> Seen:
    """Run a scenario of the folder."""
    path = FOLDER / f"{name}.yaml"
    run = sim.run(path, REPLICATIONS, seed=1, engine="reference", save=False, overrides=changes, workers=1)
    return Seen(run, run.first_contact().to_pydict())


def near(count: int, share: float, n: int) -> bool:
    """Whether a count of `n` is within 4.5 standard errors of its share."""
    return bool(abs(count / n - share) <= 4.5 * sqrt(share * (1 - share) / n))


CHECKS: dict[str, tuple[Callable[[Seen], None], str]] = {}


def look_at(name: str, sabotage: str) -> Callable[[Callable[[Seen], None]], Callable[[Seen], None]]:
    """Register the assertion on a scenario, and the override under which it must fail."""

    def register(check: Callable[[Seen], None]) -> Callable[[Seen], None]:
        CHECKS[name] = (check, sabotage)
        return check

    return register


@look_at("cadence-fixed", "lines.envoy-minister.every=25 h")
def at_one_o_clock(seen: Seen) -> None:
    assert {second % DAY for second in seen.contacts()} == {HOUR}


@look_at("cadence-exponential", "lines.envoy-minister.every=1 d")
def at_any_hour(seen: Seen) -> None:
    later = [second for second in seen.contacts() if second != HOUR]
    assert len({second % DAY // HOUR for second in later}) > 10


@look_at("families", "lines.gamma.delay=9 h")
def same_median_other_tails(seen: Seen) -> None:
    p90 = set()
    for name, line in seen.run.summary["lines"].items():
        response = line["response_seconds"]
        assert abs(response["median"] - 6 * HOUR) < HOUR / 2, name
        p90.add(response["p90"])
    assert len(p90) == len(seen.run.summary["lines"]) == 9


@look_at("empirical", "lines.envoy-minister.delay.empirical=[2 min, 20 min, 30 min]")
def three_bars(seen: Seen) -> None:
    histogram = seen.line("envoy-minister")["response_seconds"]["histogram"]
    bars = [
        (*edges, n)
        for *edges, n in zip(histogram["edges"], histogram["edges"][1:], histogram["counts"], strict=False)
        if n
    ]
    total = sum(n for *_, n in bars)
    for (low, high, n), (minutes, share) in zip(bars, ((2, 0.25), (20, 0.5), (30, 0.25)), strict=True):
        assert low <= 60 * minutes < high
        assert near(n, share, total)


@look_at("scipy", "lines.envoy-minister.delay.scipy.c=3")
def half_within_the_scale(seen: Seen) -> None:
    line = seen.line("envoy-minister")
    answered, response = line["requests"]["contact"], line["response_seconds"]
    # A delay cut off by the horizon has no response time: at most one in thirty, which pulls the median down a little.
    assert abs(response["median"] - 6 * HOUR) < HOUR
    assert near(round(answered * (1 - response["within"]["24 h"])), 1 / (1 + 4**1.2), answered)


@look_at("duty-hours", "officials.minister.duty=Mon-Sun 09:00-18:00")
def on_weekdays_in_seoul(seen: Seen) -> None:
    contacts = seen.contacts()
    assert all(second % DAY < 9 * HOUR and second // DAY % 7 < 5 for second in contacts)
    assert len({second // DAY for second in contacts}) > 5


@look_at("holidays", "officials.minister.holidays=null")
def on_the_fourth(seen: Seen) -> None:
    contacts = seen.contacts()
    assert min(contacts) == 2 * DAY + 10 * HOUR
    assert sum(second // DAY == 2 for second in contacts) > REPLICATIONS / 2


@look_at("delay-calendar", "lines.envoy-office.delay_counts=duty")
def two_days_by_the_calendar(seen: Seen) -> None:
    contacts = seen.contacts()
    assert min(contacts) == 2 * DAY + 9 * HOUR
    # 1 January 2024 is a Monday.
    assert all(second % DAY == 9 * HOUR and second // DAY % 7 < 5 for second in contacts)


@look_at("official-timezone", "officials.attache.timezone=null")
def office_hours_in_seoul(seen: Seen) -> None:
    assert {second % DAY // HOUR for second in seen.contacts()} == {1, 4, 7}


@look_at("channel-opens-and-closes", "channels.hotline.closes=2024-01-16")
def within_the_week(seen: Seen) -> None:
    contacts = seen.contacts()
    assert min(contacts) == 7 * DAY + 300
    assert max(contacts) == 13 * DAY + 300


@look_at("outage", "channels.telephone.outages=null")
def none_within_the_outage(seen: Seen) -> None:
    contacts = seen.contacts()
    assert not any(2 * DAY <= second < 5 * DAY for second in contacts)
    assert contacts.count(5 * DAY) >= 2
    assert min(contacts) < 2 * DAY


@look_at("starts-after", "events.remark.at=2024-01-09")
def after_the_remark(seen: Seen) -> None:
    assert min(seen.contacts()) >= 9 * DAY + HOUR
    remarks = {
        log_entry.second
        for replication in range(5)
        for log_entry in sim.trace(seen.run.scenario, 1, replication).log_entries
        if log_entry.what == "event"
    }
    assert len(remarks) == 5
    assert all(second // DAY == 9 for second in remarks)


@look_at("starts-at", "lines.deputy-minister.starts.after.count=1")
def envoy_then_deputy(seen: Seen) -> None:
    first = seen.contacts("line:envoy-minister")
    assert min(first) >= 4 * DAY + 12 * HOUR
    begun = sum(second < 5 * DAY for second in first)
    assert begun > 0
    assert min(seen.contacts("line:deputy-minister")) >= 6 * DAY + 12 * HOUR


@look_at("triggered", "lines.watch-watch.answer=1")
def from_the_incident(seen: Seen) -> None:
    line = seen.line("watch-watch")
    assert line["response_from"] == "occurrence"
    counts = seen.run.totals.response[0]
    # Taken at once, or half an hour later, or an hour later, …
    assert set(np.flatnonzero(counts)) <= {bin_of(1800 * failed) for failed in range(40)}
    assert near(int(counts[0]), 0.5, int(counts.sum()))


@look_at("merged", "lines.watch-watch.every=1 h")
def incidents_are_merged(seen: Seen) -> None:
    requests = seen.line("watch-watch")["requests"]
    incidents = 29 * REPLICATIONS  # one a day, the first a day after the start
    assert requests["begun"] + requests["merged"] == incidents
    # A request is still open at the next incident if its first two attempts have failed: with probability 0.64.
    assert requests["merged"] > incidents / 3


@look_at("give-up", "lines.envoy-minister.give_up=3 d")
def flat_after_two_days(seen: Seen) -> None:
    assert max(seen.contacts()) < 2 * DAY
    requests = seen.line("envoy-minister")["requests"]
    assert requests["gave_up"] == REPLICATIONS - requests["contact"] > 0


@look_at("attempts-limit", "lines.envoy-minister.attempts=4")
def three_at_most(seen: Seen) -> None:
    assert max(seen.contacts()) == 2 * DAY
    line = seen.line("envoy-minister")
    assert near(line["requests"]["contact"], 1 - 0.7**3, REPLICATIONS)
    assert line["requests"]["open"] == 0


@look_at("gave-up-trigger", "lines.ambassador-minister.triggered_by=null")
def ambassador_takes_over(seen: Seen) -> None:
    assert min(seen.contacts("line:ambassador-minister")) == 2 * DAY + 1
    gave_up = seen.line("envoy-minister")["requests"]["gave_up"]
    assert seen.line("ambassador-minister")["requests"]["begun"] == gave_up


@look_at("until-horizon", "lines.line-check.until=contact")
def many_requests(seen: Seen) -> None:
    requests = seen.line("line-check")["requests"]
    assert requests["contact"] > 25 * REPLICATIONS
    assert requests["gave_up"] == 0


@look_at("until-contact", "lines.staff.until=contact")
def the_other_stops(seen: Seen) -> None:
    for mine, other in (("civil", "staff"), ("staff", "civil")):
        assert 0 < seen.line(mine)["requests"]["superseded"] <= seen.line(other)["requests"]["contact"]


@look_at("reasons", "lines.envoy-minister.unanswered={declined: 0.3, no reply: 0.7}")
def seven_in_ten_declined(seen: Seen) -> None:
    found = seen.line("envoy-minister")["unanswered"]
    total = found["declined"] + found["no reply"]
    assert total > 500
    assert near(found["declined"], 0.7, total)


@look_at("fatigue", "lines.tiring.on_unanswered=null")
def the_tiring_line_falls_behind(seen: Seen) -> None:
    patient, tiring = seen.contacts("line:patient"), seen.contacts("line:tiring")
    # Π (1 − p) over the first 30 attempts is 0.001 without fatigue and 0.44 with it.
    assert len(patient) > 45
    assert len(tiring) < 42


@look_at("on-contact", "lines.envoy-minister.on_contact.odds_factor=1")
def the_hotline_follows(seen: Seen) -> None:
    pairs = zip(seen.times["line:envoy-minister"], seen.times["line:watch-watch"], strict=True)
    both = [(envoy, watch) for envoy, watch in pairs if envoy is not None and watch is not None]
    soon = [watch for envoy, watch in both if 0 <= watch - envoy <= 5 * DAY]
    # 120 attempts with odds of 0.05 at first and 0.025 at last: hardly any hotline stays silent for five days.
    assert len(soon) > len(both) / 2 > 10


@look_at("event-effect", "events.quarrel.effect.lasts=9 d")
def stands_still(seen: Seen) -> None:
    contacts = seen.contacts()
    assert not any(4 * DAY <= second < 14 * DAY for second in contacts)
    assert any(second < 4 * DAY for second in contacts)
    assert any(second < 15 * DAY for second in contacts if second >= 14 * DAY)


@look_at("event-every", "events.talks.effect.lasts=3 d")
def during_the_talks(seen: Seen) -> None:
    days = {second // DAY + 1 for second in seen.contacts()}
    assert days <= {15, 16, 22, 23, 29, 30}
    assert len(days) > 3


@look_at("gate", "regimes.southern-gate.affects=[envoy-minister]")
def through_one_gate(seen: Seen) -> None:
    pairs = zip(seen.times["line:envoy-minister"], seen.times["line:general-chief"], strict=True)
    apart = [abs(envoy - general) for envoy, general in pairs if envoy is not None and general is not None]
    assert len(apart) > 30
    assert sum(days <= 5 * DAY for days in apart) > 0.8 * len(apart)


@look_at("event-switches-gate", "events.truce.switches=null")
def after_the_truce(seen: Seen) -> None:
    contacts = seen.contacts()
    assert min(contacts) == 19 * DAY
    assert near(contacts.count(19 * DAY), 0.3, REPLICATIONS)


@look_at("prior", "parameters.readiness={value: 0.1}")
def sixteen_share_a_value(seen: Seen) -> None:
    readiness = seen.run.first_contact().to_pydict()["param:parameters.readiness"]
    assert [len(set(readiness[start : start + 16])) for start in (0, 16, 32, 48)] == [1, 1, 1, 1]
    assert len(set(readiness)) == 4
    assert seen.run.summary["interval_unit"] == "block"


@look_at("busy", "lines.guest-minister.call=0 s")
def the_minister_is_busy(seen: Seen) -> None:
    for name in ("envoy-minister", "guest-minister"):
        assert seen.line(name)["unanswered"]["busy"] > REPLICATIONS


@look_at("shared-caller", "lines.first.call=0 s")
def when_the_first_call_is_over(seen: Seen) -> None:
    assert set(seen.contacts("line:first")) == {0}
    assert set(seen.contacts("line:second")) == {2 * HOUR}


@look_at("groups-and-levels", "report.groups.talks=[envoy-minister]")
def the_earlier_of_the_talks(seen: Seen) -> None:
    pairs = list(zip(seen.times["line:envoy-minister"], seen.times["line:general-chief"], strict=True))
    earlier = [min((second for second in pair if second is not None), default=None) for pair in pairs]
    assert seen.times["group:talks"] == seen.times["level:senior"] == earlier
    assert seen.times["any"] != earlier


@look_at("record", "record=null")
def where_the_record_lies(seen: Seen) -> None:
    kinds = [entry.kind for entry in seen.run.scenario.record]
    assert kinds == ["no_contact", "contact", "count", "spell", "response"]
    text = StringIO()
    show(summary_report(view_of(seen.run)), Console(file=text, width=120))
    (row,) = [row for row in text.getvalue().partition("Recorded dates compared")[2].splitlines() if "12 Jan" in row]
    earlier = sum(second < 11 * DAY for second in seen.contacts())
    assert f"{100 * earlier / REPLICATIONS:.1f} %" in row


@look_at("provenance", "lines.envoy-minister.answer=0.1")
def every_number_has_a_basis(seen: Seen) -> None:
    assert [number.path for number in seen.run.scenario.provenance if number.basis is None] == []
    assert len(seen.run.scenario.provenance) == 5


@look_at("extends", "lines.envoy-minister.answer=0.005")
def faster_without_the_gate(seen: Seen) -> None:
    gated = see("gate")
    for column in ("line:envoy-minister", "line:general-chief"):
        free, behind = sorted(seen.contacts(column)), sorted(gated.contacts(column))
        assert len(free) == REPLICATIONS
        assert free[REPLICATIONS // 2] < behind[len(behind) // 2]
