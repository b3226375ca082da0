"""Numbers and free text as a person reads them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.report import format as words


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (1, "1 s"),
        (60, "1 min"),
        (119, "119 s"),
        (120, "2 min"),
        (7199, "120 min"),
        (7200, "2 h"),
        (16_200, "4.5 h"),
        (2 * 86_400 - 1, "48 h"),
        (2 * 86_400, "2 d"),
        (3.333 * 86_400, "3.33 d"),
        (26.44 * 86_400, "26.4 d"),
        (1250.4 * 86_400, "1,250 d"),
        (None, "not reached"),
    ],
)
def test_durations_take_the_unit_that_suits_them(seconds: float | None, text: str) -> None:
    assert words.duration(seconds) == text


@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), -1])
def test_what_is_no_duration_is_refused(wrong: float) -> None:
    with pytest.raises(ValueError, match="is no duration"):
        words.duration(wrong)


@pytest.mark.parametrize(
    ("probability", "text"),
    [(0, "0 %"), (1, "100 %"), (0.5, "50.0 %"), (1 - 1e-9, ">99.95 %"), (0.9994, "99.9 %")],
)
def test_none_and_all_are_said_only_where_exact(probability: float, text: str) -> None:
    assert words.share(probability) == text


@pytest.mark.parametrize(
    ("probability", "text"),
    [(1e-6, "0.00010 %"), (3.21e-7, "0.000032 %"), (1e-9, "0.00000010 %"), (1e-12, "1.0e-10 %"), (0.0004, "0.040 %")],
)
def test_a_rare_probability_has_two_digits(probability: float, text: str) -> None:
    assert words.share(probability) == text


@pytest.mark.parametrize(
    ("measure", "estimate", "low", "high", "text"),
    [
        # A minute, an hour and a day have the unit of their intervals: "1 min [60–60]" read as sixty minutes.
        (words.waits, 60, 60, 60, "1 min [1–1]"),
        (words.waits, 3600, 3600, 3600, "1 h [1–1]"),
        (words.waits, 86_400, 82_800, 90_000, "1 d [0.96–1.04]"),
        (words.waits, 0, 0, 7200, "0 h [0–2]"),
        (words.waits, 2 * 86_400, None, None, "2 d"),
        (words.waits, 2 * 86_400, 86_400, None, "2 d [1–…]"),
        (words.waits, None, 3 * 86_400, None, "not reached [3 d–…]"),
        (words.waits, None, None, None, "not reached"),
        (words.shares, 0.0, 0.0, 3.8e-4, "0 % [0–0.038]"),
        (words.shares, 1e-6, 2e-7, 5e-6, "0.00010 % [0.000020–0.00050]"),
        (words.wait_changes, -60, -90, 30, "−60 s [−90 to +30]"),
        (words.share_changes, 0.0123, 0.01, 0.02, "+1.23 points [+1 to +2]"),
        (words.numbers, 12_345.6, 11_111, 13_579, "12,350 [11,110–13,580]"),
    ],
)
def test_an_estimate_and_its_interval_share_a_unit(
    measure: words.Measure, estimate: float | None, low: float | None, high: float | None, text: str
) -> None:
    joint = " to " if "change" in measure.__name__ else "–"  # type: ignore[attr-defined]
    assert str(words.measured(measure, estimate, low, high, joint)) == text


@given(st.floats(min_value=0.005, max_value=1e9))
def test_a_measured_number_has_at_most_four_significant_digits(value: float) -> None:
    assert len(words.decimal(value).replace(",", "").replace(".", "").strip("0")) <= 4


@given(st.floats(min_value=1e-12, max_value=1 - 1e-12))
def test_a_share_between_is_never_shown_as_none_or_all(probability: float) -> None:
    assert words.share(probability) not in ("0 %", "0.0 %", "100 %", "100.0 %")


@pytest.mark.parametrize("wrong", [-0.1, 1.1, float("nan")])
def test_what_is_no_proportion_is_refused(wrong: float) -> None:
    with pytest.raises(ValueError, match="is no proportion"):
        words.share(wrong)


@given(st.text())
def test_plain_text_is_one_line_that_steers_no_terminal(text: str) -> None:
    shown = words.plain(text)
    assert shown.isprintable() or shown == ""
    assert words.plain(shown) == shown


def test_plain_text_keeps_what_is_text() -> None:
    assert words.plain("  US–Russia\n\tcontacts \x1b[31m‮ <b> $x$ [bold] ") == "US–Russia contacts [31m <b> $x$ [bold]"


def test_dates_do_not_follow_the_locale_and_short_clocks_show_the_time() -> None:
    start = datetime(2022, 2, 24, tzinfo=UTC)
    assert words.date_after(start, 86_400 * 78, 86_400 * 126) == "13 May 2022"
    assert words.date_after(start, 3661, 86_400) == "24 Feb 2022 01:01:01"
    assert words.weekday(start) == "Thu"


def test_lists_are_joined_as_in_a_sentence() -> None:
    assert [words.listing(items) for items in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]
    assert words.several(1, "replication") == "1 replication"
    assert words.several(10_000, "replication") == "10,000 replications"


def test_lines_break_at_blanks_then_after_hyphens_then_anywhere() -> None:
    assert words.in_lines("daily attempts were the record", 14) == ["daily attempts", "were the", "record"]
    assert words.in_lines("milley-gerasimov and austin-shoigu", 17) == ["milley-gerasimov", "and austin-shoigu"]
    assert words.in_lines("us-russia-2022-independent", 18) == ["us-russia-2022-", "independent"]
    assert words.in_lines("the us-russia-2022-independent one", 18) == ["the", "us-russia-2022-", "independent one"]
    assert words.in_lines("abcdefghij", 4) == ["abcd", "efgh", "ij"]
    assert words.in_lines("  ", 4) == []


@given(st.text(alphabet="ab- ", max_size=40), st.integers(1, 12))
def test_lines_hold_the_whole_text_and_are_no_longer_than_told(text: str, width: int) -> None:
    lines = words.in_lines(text, width)
    assert all(0 < len(line) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
