"""A history in words: one sentence a log entry, with the right names, dates, local times and reasons."""

from __future__ import annotations

import inspect
from dataclasses import replace

import pytest

from sim import api
from sim.engines.contract import NEVER, EventLog, LogEntry
from sim.report.narrative.sentences import probability
from sim.report.narrative.story import Story, as_markdown, as_text, chosen_in_words, tell
from sim.scenario import loads
from sim.scenario.resolved import Effect, Scenario, UncertainNumber
from sim.stats.traces import Choice, Representative
from tests import support
from tests.report.synthetic import DAY, line, scenario

HOUR = 3600


def attempt(
    second: int, result: str, nth: int, *, name: str = "ministers", delay: int = NEVER, chance: float = 0.05
) -> LogEntry:
    known, drawn = (chance, 0.5) if result != "busy" else (float("nan"), float("nan"))
    detail = {
        "attempt": nth - 1,
        "count": nth,
        "result": result,
        "probability": known,
        "uniform": drawn,
        "delay": delay,
    }
    return LogEntry(second, "attempt", name, detail)


LOG_ENTRIES = (
    LogEntry(0, "state", "gate", {"state": "open", "until": 5 * DAY}),
    LogEntry(0, "request", "ministers", {"count": 1}),
    attempt(2 * HOUR, "declined", 1),
    LogEntry(DAY, "event", "near-miss", {"count": 1}),
    LogEntry(DAY, "state", "gate", {"state": "shut", "until": NEVER}),
    LogEntry(DAY, "request", "hotline", {"count": 1}),
    attempt(DAY + 60, "busy", 1, name="hotline"),
    LogEntry(DAY + 120, "merged", "hotline", {}),
    LogEntry(DAY + 180, "gave up", "hotline", {"count": 1}),
    attempt(2 * DAY, "answered", 2, delay=6 * HOUR, chance=0.15),
    LogEntry(3 * DAY, "contact", "ministers", {"attempted": 2 * DAY, "response": DAY, "call": HOUR}),
    attempt(3 * DAY, "busy", 2, name="hotline"),
    LogEntry(3 * DAY + HOUR, "call ends", "ministers", {}),
    LogEntry(3 * DAY + HOUR, "superseded", "hotline", {"by": "ministers"}),
)


def story_of(*log_entries: LogEntry, made: Scenario | None = None) -> Story:
    return tell(made or scenario(), EventLog(17, 1, {}, log_entries), complete=True)


def told(*log_entries: LogEntry) -> list[str]:
    return [one.words for one in story_of(*log_entries).entries]


def test_every_log_entry_has_a_sentence() -> None:
    assert told(*LOG_ENTRIES) == [
        "Gate is open.",
        "ministers: Lloyd J. Austin III (Secretary of Defense) must contact Sergei Shoigu (Minister of Defence).",
        "ministers: Lloyd J. Austin III tries Sergei Shoigu over ministerial: declined. The chance of an answer was "
        "5 %.",
        "A near miss. It switches gate to shut. The odds of an answer on ministers fall (× 0.5).",
        "Gate turns shut. Meanwhile the odds of an answer on ministers and hotline are × 0.02.",
        "hotline: Lloyd J. Austin III must contact Sergei Shoigu, because of near-miss.",
        "hotline: Lloyd J. Austin III tries Sergei Shoigu over deconfliction, because of near-miss: busy.",
        "hotline: another near-miss while a request is still running; it is added to that request.",
        "hotline: Lloyd J. Austin III gives up on Sergei Shoigu after 1 attempt.",
        "ministers: Lloyd J. Austin III tries Sergei Shoigu over ministerial, attempt 2: answered. They will speak "
        "after 6 h, on Sun 27 Feb 2022 00:00. The chance of an answer was 15 %, 5 % at the attempt before.",
        "ministers: CONTACT. Lloyd J. Austin III speaks with Sergei Shoigu for 1 h, 1 d after the attempt. The first "
        "contact of all, 3 d after the start. The odds of an answer on hotline rise (× 3), an effect that halves "
        "every 30 d.",
        "hotline: Lloyd J. Austin III tries Sergei Shoigu over deconfliction, attempt 2: busy, in a call on ministers.",
        "ministers: the call ends.",
        "hotline: no longer needed, since there was contact on ministers.",
    ]


@pytest.mark.parametrize(
    ("counts", "after", "took"),
    [
        ("duty", "48 working hours of the person called, on Tue 9 Jan 2024 09:00", "8.38 d"),
        ("calendar", "2 d, on Wed 3 Jan 2024 09:00", "2.38 d"),
    ],
)
def test_a_delay_that_counts_duty_time_is_told_in_working_hours_with_its_date(
    counts: str, after: str, took: str
) -> None:
    human = support.scenario(
        {"l": support.line(every="1 d", answer=1, delay="2 d", delay_counts=counts)},
        officials={"a": {"side": "A"}, "b": {"side": "B", "duty": "Mon-Fri 09:00-17:00"}},
        start="2024-01-01",
        end="2024-01-31",
    )
    made = loads(support.text(human))
    answered, contact = (one.words for one in tell(made, api.trace(made), complete=True).entries[1:3])
    assert f"They will speak after {after}." in answered
    assert f"CONTACT. A speaks with b, {took} after the attempt." in contact


def test_an_answer_whose_contact_is_not_in_the_log_gives_no_date() -> None:
    (words,) = told(attempt(0, "answered", 1, delay=3 * DAY))
    assert "They will speak after 3 d, if nothing comes before that." in words
    (words,) = told(attempt(0, "answered", 1))
    assert "They will not speak before the end." in words


def test_names_that_do_not_say_who_keep_their_office() -> None:
    made = scenario()
    officers = tuple(replace(one, title="duty officer") for one in made.officials)
    entries = story_of(*LOG_ENTRIES, made=replace(made, officials=officers)).entries
    assert "duty officer (Secretary of Defense) tries duty officer (Minister of Defence)" in entries[6].words
    assert "CONTACT. Duty officer (Secretary of Defense) speaks" in entries[10].words


def test_a_call_keeps_busy_until_it_ends_only() -> None:
    over = (*LOG_ENTRIES[:11], LOG_ENTRIES[12], LOG_ENTRIES[11])
    assert told(*over)[-1].endswith("attempt 2: busy.")


def test_a_regime_that_stays_or_opens_again_says_so() -> None:
    states = ("shut", "shut", "open", "open")
    words = told(*(LogEntry(place, "state", "gate", {"state": one, "until": 9}) for place, one in enumerate(states)))
    assert words == [
        "Gate is shut. Meanwhile the odds of an answer on ministers and hotline are × 0.02.",
        "Gate stays shut; its duration starts again.",
        "Gate turns open. On ministers and hotline the odds of an answer are restored.",
        "Gate stays open; its duration starts again.",
    ]


def test_fatigue_is_explained_once_a_line() -> None:
    tired = replace(line("ministers", "ministerial"), on_unanswered=Effect(("ministers",), 0.9))
    first, second = (
        one.words
        for one in story_of(
            attempt(0, "declined", 1), attempt(DAY, "declined", 2, chance=0.045), made=scenario(tired)
        ).entries
    )
    assert "The odds of an answer on this line fall (× 0.9). So it is after every unanswered attempt." in first
    assert "odds" not in second
    assert "The chance of an answer was 4.5 %, 5 % at the attempt before." in second


def test_effects_say_how_long_and_an_uncertain_factor_what_was_drawn() -> None:
    from sim.scenario.resolved import Uncertain

    made = scenario(
        replace(line("ministers", "ministerial"), on_contact=Effect(("ministers",), Uncertain("x"), 3600.0))
    )
    contact = LogEntry(5, "contact", "ministers", {"attempted": 5, "response": 0, "call": 0})
    story = tell(made, EventLog(0, 1, {"x": 2.5}, (contact,)), complete=True)
    assert "The odds of an answer on this line rise (× 2.5) for 1 h." in story.entries[0].words
    assert "speaks with Sergei Shoigu (Minister of Defence), at once." in story.entries[0].words


def test_times_are_utc_with_those_of_both_officials() -> None:
    entries = story_of(*LOG_ENTRIES).entries
    assert entries[0].local == ()
    assert entries[2].local == (("New York", "Wed 21:00"), ("Moscow", "05:00"))
    assert entries[10].local == (("New York", "Sat 19:00"), ("Moscow", "03:00"))


def test_local_time_follows_daylight_saving() -> None:
    entries = story_of(attempt(16 * DAY, "no reply", 1), attempt(18 * DAY, "no reply", 2)).entries
    assert [one.local[0][1] for one in entries] == ["Fri 19:00", "Sun 20:00"]


def test_the_outcome_of_every_line_is_told() -> None:
    story = story_of(*LOG_ENTRIES)
    assert story.outcome == (
        ("ministers", "first contact 27 Feb 2022 00:00 UTC, after 3 d; 2 attempts (declined 1, answered 1)"),
        ("hotline", "no contact; 2 attempts (busy 2); gave up 1 time; no longer needed 1 time; merged 1 time"),
    )
    assert story.short == (
        "The first contact came on 27 Feb 2022 00:00, after 3 d, on ministers.",
        "No contact on hotline.",
    )
    empty = story_of()
    assert empty.outcome[0] == ("ministers", "no contact; never tried")
    assert empty.short == ("There was no contact.", "Never tried: ministers and hotline.")


def test_an_answer_that_waits_at_the_end_is_told() -> None:
    waiting = story_of(attempt(0, "answered", 1, delay=NEVER))
    assert waiting.outcome[0][1].endswith("an answered attempt was pending at the end")
    assert "pending" not in story_of(*LOG_ENTRIES).outcome[0][1]


def test_the_story_as_text_goes_by_date() -> None:
    text = as_text(story_of(*LOG_ENTRIES), 80)
    assert text[0] == "Spring 2022"
    assert text[1].startswith("Replication 17 of seed 1. 24 Feb 2022 00:00 to 30 Jun 2022 00:00")
    assert [one for one in text if one[:4] in ("Thu ", "Fri ", "Sat ", "Sun ")] == [
        "Thu 24 Feb 2022",
        "Fri 25 Feb 2022",
        "Sat 26 Feb 2022",
        "Sun 27 Feb 2022",
    ]
    assert len([one for one in text if one[:2] == "  " and one[4:5] == ":"]) == len(LOG_ENTRIES)
    assert "Nothing happened." in as_text(story_of(), 80)


@pytest.mark.parametrize("width", [60, 80, 100])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    lines = as_text(story_of(*LOG_ENTRIES), width)
    assert max(map(len, lines)) <= width
    assert max(map(len, lines)) > width - 12


def test_a_number_keeps_its_unit() -> None:
    for width in range(50, 110):
        text = as_text(story_of(*LOG_ENTRIES), width)
        assert not any(line.endswith((" 5", " 15", "×")) for line in text)


def test_seconds_are_told_where_the_clock_is_short() -> None:
    made = scenario()
    short = replace(made, end=made.start.replace(day=25))
    assert "  00:01:05  " in "\n".join(as_text(story_of(attempt(65, "declined", 1), made=short), 80))
    assert "  00:01  " in "\n".join(as_text(story_of(attempt(65, "declined", 1)), 80))


def test_drawn_numbers_are_told() -> None:
    gate = scenario().lines[0].every
    uncertain = (UncertainNumber("parameters.refusal", gate, ""), UncertainNumber("parameters.cadence", gate, "s"))
    made = replace(scenario(), uncertain=uncertain)
    story = tell(made, EventLog(0, 1, {"parameters.refusal": 0.0432, "parameters.cadence": 7.0 * DAY}, ()))
    assert "Drawn for this replication: parameters.refusal = 0.0432, parameters.cadence = 7 d." in story.opening


def test_words_of_a_scenario_steer_neither_terminal_nor_page() -> None:
    reason = "\x1b[31mno\nreply <b>*"
    made = scenario(replace(line("ministers", "ministerial"), unanswered={reason: 1.0}), title="a\x07b")
    story = story_of(attempt(60, reason, 1), made=made)
    text = "\n".join(as_text(story, 80))
    assert "\x1b" not in text
    assert "[31mno reply <b>*" in text
    assert text.startswith("ab\n")
    assert "\\[31mno reply \\<b\\>\\*" in as_markdown(story)


def test_a_log_entry_that_nobody_taught_is_not_passed_over() -> None:
    with pytest.raises(KeyError, match="eclipse"):
        told(LogEntry(0, "eclipse", "ministers", {}))


def test_every_kind_of_log_entry_of_the_contract_has_a_sentence() -> None:
    """The kinds are the first column of the table in the text of `LogEntry`."""
    rows = inspect.cleandoc(LogEntry.__doc__ or "").splitlines()
    rules = [place for place, row in enumerate(rows) if row.startswith("====")]
    kinds = {row[:16].strip() for row in rows[rules[1] + 1 : rules[2]]} - {""}
    assert kinds == {one.what for one in LOG_ENTRIES}
    assert len(kinds) == 9


@pytest.mark.parametrize(
    ("value", "text"), [(0.0, "0 %"), (1.0, "100 %"), (0.04954, "5 %"), (0.389, "38.9 %"), (1e-9, "0.00000010 %")]
)
def test_probabilities_are_none_or_sure_only_where_exact(value: float, text: str) -> None:
    assert probability(value) == text


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        (
            Representative(Choice.typical, "any", 3, 1000, 900, 86400, 86400),
            "the typical one, first contact after 24 h, which",
        ),
        (Representative(Choice.typical, "any", 3, 1000, 400, None, None), "more often than not there is none"),
        (Representative(Choice.latest, "line:a", 3, 1000, 900, 86400, 60), "(a): the latest one"),
        (Representative(Choice.no_contact, "any", 3, 1000, 900, None, 60), "the first of the 100 without."),
    ],
)
def test_a_choice_says_what_it_was_made_from(chosen: Representative, words: str) -> None:
    said = chosen_in_words(chosen)
    assert words.replace("24 h", "1 d") in said
    assert said.startswith("Chosen from 1,000 replications")
