"""A history in words: one sentence a happening, with the right names, dates, local times and reasons."""

from __future__ import annotations

import inspect
from dataclasses import replace

import pytest

from sim.engines.contract import NEVER, Happening, History
from sim.report.story import lines_of_text, probability, tell
from sim.scenario.resolved import UncertainNumber
from tests.report.synthetic import DAY, line, scenario

NAN = float("nan")
HOUR = 3600


def attempt(second: int, result: str, nth: int, *, name: str = "ministers", delay: int = NEVER) -> Happening:
    detail = {"attempt": nth - 1, "count": nth, "result": result, "probability": 0.05, "uniform": 0.5, "delay": delay}
    return Happening(second, "attempt", name, detail)


HAPPENINGS = (
    Happening(0, "state", "gate", {"state": "open", "until": 5 * DAY}),
    Happening(0, "errand", "ministers", {"count": 1}),
    attempt(2 * HOUR, "declined", 1),
    Happening(DAY, "event", "near-miss", {"count": 1}),
    Happening(DAY, "state", "gate", {"state": "shut", "until": NEVER}),
    Happening(DAY, "errand", "hotline", {"count": 1}),
    attempt(DAY + 60, "busy", 1, name="hotline"),
    Happening(DAY + 120, "merged", "hotline", {}),
    Happening(DAY + 180, "gave up", "hotline", {"count": 1}),
    attempt(2 * DAY, "answered", 2, delay=6 * HOUR),
    Happening(3 * DAY, "contact", "ministers", {"attempted": 2 * DAY, "response": DAY, "call": HOUR}),
    Happening(3 * DAY + HOUR, "call ends", "ministers", {}),
    Happening(3 * DAY + HOUR, "superseded", "hotline", {"by": "ministers"}),
)


def told(*happenings: Happening) -> list[str]:
    return [one.words for one in tell(scenario(), History(17, 1, {}, happenings)).sentences]


def test_every_happening_has_a_sentence() -> None:
    words = told(*HAPPENINGS)
    assert len(words) == len(HAPPENINGS)
    assert words == [
        "gate begins open, until 1 Mar 2022 00:00 unless something changes it",
        "ministers: an errand begins",
        "ministers: Lloyd J. Austin III (Secretary of Defense) tries Sergei Shoigu (Minister of Defence) over "
        "ministerial, attempt 1: declined (chance of an answer 0.05)",
        "A near miss; switches gate to shut; odds of an answer × 0.5 on ministers",
        "gate turns shut; odds of an answer × 0.02 on ministers and hotline",
        "hotline: an errand begins, because of near-miss",
        "hotline: Lloyd J. Austin III tries Sergei Shoigu over deconfliction, attempt 1: busy",
        "hotline: one more occurrence joins the errand that is under way",
        "hotline: gives up after 1 attempt",
        "ministers: Lloyd J. Austin III tries Sergei Shoigu over ministerial, attempt 2: answered, to speak after 6 h "
        "of the callee's duty",
        "ministers: CONTACT, Lloyd J. Austin III speaks with Sergei Shoigu for 1 h, 1 d after the attempt; odds of an "
        "answer × 3 on hotline halving every 30 d",
        "ministers: the call ends",
        "hotline: no longer needed, since there was contact on ministers",
    ]


def test_names_that_do_not_say_who_keep_their_office() -> None:
    made = scenario()
    officers = tuple(replace(one, title="duty officer") for one in made.officials)
    words = [one.words for one in tell(replace(made, officials=officers), History(0, 1, {}, HAPPENINGS)).sentences]
    assert "duty officer (Secretary of Defense) tries duty officer (Minister of Defence)" in words[6]


def test_times_are_utc_with_the_callers_own() -> None:
    story = tell(scenario(), History(17, 1, {}, HAPPENINGS))
    assert story.sentences[0].when == "Thu 24 Feb 2022 00:00 UTC"
    assert story.sentences[2].when == "Thu 24 Feb 2022 02:00 UTC (Wed 21:00 New York)"
    assert story.sentences[10].when == "Sun 27 Feb 2022 00:00 UTC (Sat 19:00 New York)"


def test_local_time_follows_daylight_saving() -> None:
    story = tell(scenario(), History(0, 1, {}, (attempt(18 * DAY, "no reply", 1), attempt(16 * DAY, "no reply", 2))))
    assert [one.when for one in story.sentences] == [
        "Mon 14 Mar 2022 00:00 UTC (Sun 20:00 New York)",
        "Sat 12 Mar 2022 00:00 UTC (Fri 19:00 New York)",
    ]


def test_the_outcome_of_every_line_is_told() -> None:
    story = tell(scenario(), History(17, 1, {}, HAPPENINGS))
    assert story.outcome == (
        "  ministers: first contact 27 Feb 2022 00:00 UTC, after 3 d; 2 attempts (declined 1, answered 1)",
        "  hotline: no contact; 1 attempt (busy 1); gave up 1 time; no longer needed 1 time; merged 1 time",
    )
    assert tell(scenario(), History(17, 1, {}, ())).outcome[0] == "  ministers: no contact; never tried"


def test_the_story_as_text_has_one_line_for_each_happening() -> None:
    text = lines_of_text(tell(scenario(), History(17, 5, {}, HAPPENINGS)))
    assert text[0] == "Spring 2022: replication 17, seed 5"
    assert len([one for one in text if " UTC" in one and one[3:4] == " "]) == len(HAPPENINGS)
    assert "Nothing happened." in lines_of_text(tell(scenario(), History(17, 5, {}, ())))


def test_drawn_numbers_are_told() -> None:
    gate = scenario().lines[0].every
    uncertain = (UncertainNumber("parameters.refusal", gate, ""), UncertainNumber("parameters.cadence", gate, "s"))
    made = replace(scenario(), uncertain=uncertain)
    story = tell(made, History(0, 1, {"parameters.refusal": 0.0432, "parameters.cadence": 7.0 * DAY}, ()))
    assert "Drawn for this replication: parameters.refusal = 0.0432, parameters.cadence = 7 d." in story.opening


def test_words_of_a_scenario_steer_no_terminal() -> None:
    made = scenario(replace(line("ministers", "ministerial"), unanswered={"\x1b[31mno\nreply": 1.0}), title="a\x07b")
    text = "\n".join(lines_of_text(tell(made, History(0, 1, {}, (attempt(60, "\x1b[31mno\nreply", 1),)))))
    assert "\x1b" not in text
    assert "[31mno reply" in text
    assert text.startswith("ab: replication")


def test_a_happening_that_nobody_taught_is_not_passed_over() -> None:
    with pytest.raises(KeyError, match="eclipse"):
        told(Happening(0, "eclipse", "ministers", {}))


def test_every_kind_of_happening_of_the_contract_has_a_sentence() -> None:
    """The kinds are the first column of the table in the text of `Happening`."""
    rows = inspect.cleandoc(Happening.__doc__ or "").splitlines()
    rules = [place for place, row in enumerate(rows) if row.startswith("====")]
    kinds = {row[:16].strip() for row in rows[rules[1] + 1 : rules[2]]} - {""}
    assert kinds == {one.what for one in HAPPENINGS}
    assert len(kinds) == 9


@pytest.mark.parametrize(
    ("value", "text"), [(0.0, "0"), (1.0, "1"), (0.04954, "0.0495"), (1e-9, "1e-09"), (1 - 2**-20, "1 − 9.5e-07")]
)
def test_probabilities_are_none_or_sure_only_where_exact(value: float, text: str) -> None:
    assert probability(value) == text
