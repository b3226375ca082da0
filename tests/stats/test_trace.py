"""One replication by row."""

from __future__ import annotations

from dataclasses import replace

from sim.engines.contract import NEVER, EventLog, LogEntry
from sim.scenario.resolved import Channel, DutyWindow, State, Uncertain
from sim.stats.traces import timeline_of
from tests.report import synthetic
from tests.report.synthetic import DAY
from tests.stats.event_logs import attempt, contact, event_log

LINE = "ministers"


def told(*log_entries: LogEntry) -> object:
    return next(row for row in timeline_of(synthetic.scenario(), event_log(*log_entries)).lines if row.name == LINE)


def test_an_answer_pends_from_its_attempt_to_its_contact_and_a_call_follows() -> None:
    row = told(attempt(10, LINE), attempt(20, LINE, "answered"), contact(50, LINE, 20, call=30))
    assert row.attempts == [(10, "no reply"), (20, "answered")]
    assert row.pending == [(20, 50)]
    assert row.calls == [(50, 80)]


def test_what_pends_at_the_horizon_ends_there() -> None:
    row = told(attempt(20, LINE, "answered"))
    assert row.pending == [(20, 126 * DAY)]
    row = told(attempt(20, LINE, "answered"), contact(30, LINE, 20, call=NEVER))
    assert row.calls == [(30, 126 * DAY)]


def test_an_answer_pends_no_longer_when_another_contact_ends_the_request() -> None:
    row = told(attempt(20, LINE, "answered"), LogEntry(40, "superseded", LINE, {"by": "hotline"}))
    assert (row.pending, row.superseded) == ([(20, 40)], [40])


def test_requests_that_end_or_join() -> None:
    row = told(LogEntry(7, "gave up", LINE, {"count": 3}), LogEntry(9, "merged", LINE, {}))
    assert (row.gave_up, row.merged) == ([7], [9])


def test_regimes_have_spells_and_lower_the_odds_of_the_lines_they_affect() -> None:
    switches = [LogEntry(second, "state", "gate", {"state": state}) for second, state in ((0, "open"), (9, "shut"))]
    found = timeline_of(synthetic.scenario(), event_log(*switches))
    assert found.regimes[0].spells == ((0, 9, "open"), (9, 126 * DAY, "shut"))
    assert all(row.lowered == ((9, 126 * DAY),) for row in found.lines)


def test_an_uncertain_factor_is_the_one_that_was_drawn() -> None:
    made = synthetic.scenario()
    gate = replace(made.regimes[0], states=(State("open", None, Uncertain("parameters.x")),))
    for drawn, lowered in ((0.5, ((0, 126 * DAY),)), (1.5, ())):
        begun = (LogEntry(0, "state", "gate", {"state": "open"}),)
        found = timeline_of(synthetic.changed(made, regimes=(gate,)), EventLog(0, 1, {"parameters.x": drawn}, begun))
        assert found.lines[0].lowered == lowered


def test_events_closed_channels_and_duty_hours() -> None:
    made = synthetic.scenario()
    office = replace(made.officials[1], duty=(DutyWindow((0, 1, 2, 3, 4), 540, 1080),))
    channels = (Channel("ministerial", "", "", DAY, None, ((3 * DAY, 4 * DAY),)), made.channels[1])
    made = synthetic.changed(made, officials=(made.officials[0], office), channels=channels)
    found = timeline_of(made, event_log(LogEntry(5, "event", "near-miss", {"count": 1})))
    assert found.events[0].seconds == (5,)
    row = found.lines[0]
    assert row.closed == ((0, DAY), (3 * DAY, 4 * DAY))
    # 09:00 in Moscow on Thursday 24 February 2022 is 06:00 UTC.
    assert row.on_duty is not None
    assert row.on_duty[0] == (6 * 3600, 15 * 3600)
    assert timeline_of(synthetic.scenario(), event_log()).lines[0].on_duty is None


def test_an_event_of_the_name_of_a_line_is_not_the_line() -> None:
    row = told(LogEntry(5, "event", LINE, {"count": 1}))
    assert (row.attempts, row.calls) == ([], [])
