"""scenarios/washington-moscow-1967.yaml: stamps, fits and answers, and the page that explains them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from math import sqrt

import numpy as np
import pytest

from sim import api
from sim.scenario import load
from sim.scenario.resolved import Line, Scenario
from sim.scenario.times import ObservedTimes, read_times
from sim.scenario.units import seconds_of
from sim.stats.fit import Fit, fit_delays
from tests.scenarios import closed_form
from tests.scenarios.documents import DOCS, ROOT, table

FILE = ROOT / "scenarios" / "washington-moscow-1967.yaml"
PAGE = DOCS / "explanation" / "washington-moscow.md"
WASHINGTON = timedelta(hours=-4)


@pytest.fixture(scope="module")
def hotline() -> Scenario:
    return load(FILE)


@pytest.fixture(scope="module")
def times() -> Mapping[str, ObservedTimes]:
    return read_times(FILE.with_suffix(".csv"))


def line(scenario: Scenario, name: str) -> Line:
    return next(line for line in scenario.lines if line.name == name)


def stamps(scenario: Scenario, event: str) -> list[str]:
    (found,) = [one for one in scenario.events if one.name == event]
    local = [scenario.start + timedelta(seconds=when.second) + WASHINGTON for when in found.at]
    return [f"{moment.day} June {moment:%H:%M}" for moment in local]


def messages() -> list[Mapping[str, str]]:
    return table(PAGE, "date", "message", "sent", "received", "transit")


def test_the_leaders_write_at_the_stamps_of_the_page(hotline: Scenario) -> None:
    for writer, event in (("Kosygin", "moscow-writes"), ("Johnson", "washington-writes")):
        shown = [f"{row['date']} {row['sent']}".replace("about ", "") for row in messages() if writer in row["message"]]
        assert stamps(hotline, event) == shown
    assert len(messages()) == 14


def minutes(earlier: str, later: str) -> int:
    begin, end = (datetime.strptime(text, "%H:%M") for text in (earlier, later))  # noqa: DTZ007 - of one day
    return int((end - begin).total_seconds() // 60)


def test_transits_are_the_differences_of_the_stamps(times: Mapping[str, ObservedTimes]) -> None:
    shown = [row for row in messages() if row["transit"]]
    assert [f"{minutes(row['sent'], row['received'])} min" for row in shown] == [row["transit"] for row in shown]
    assert sorted((low / 60 + 1, high / 60 - 1) for low, high in zip(*_ends(times["transit"]), strict=True)) == sorted(
        (found, found) for found in (minutes(row["sent"], row["received"]) for row in shown)
    )


def _ends(sample: ObservedTimes) -> tuple[tuple[float, ...], tuple[float, ...]]:
    return sample.low, sample.high


def test_the_ends_of_the_replies(times: Mapping[str, ObservedTimes]) -> None:
    rows = table(PAGE, "pair", "sent", "reply received", "at least", "at most")
    assert [seconds_of(row["at least"]) for row in rows] == list(times["reply"].low)
    assert [seconds_of(row["at most"]) for row in rows] == list(times["reply"].high)
    transits = (2, 18)
    for row in rows:
        sent, end = row["sent"].split()[-1], row["reply received"].split()[-1]
        about = 5 if "about" in row["sent"] + row["reply received"] else 0
        wire = transits if "not on file" in row["reply received"] else (0, 0)
        between = minutes(sent, end)
        expected = (between + wire[0] - about - 1, between + wire[1] + about + 1)
        assert (seconds_of(row["at least"]) / 60, seconds_of(row["at most"]) / 60) == expected, row


def test_the_record_has_the_middles(hotline: Scenario, times: Mapping[str, ObservedTimes]) -> None:
    def middles(names: tuple[str, ...]) -> list[float | None]:
        return sorted(entry.response_seconds or 0 for entry in hotline.record if entry.line in names)

    def of(sample: ObservedTimes) -> list[float]:
        return sorted((low + high) / 2 for low, high in zip(sample.low, sample.high, strict=True))

    assert middles(("washington-replies", "moscow-replies")) == of(times["reply"])
    # The notice of the White House, 18 minutes on the wire, is no message of the model.
    assert [*middles(("wire-to-washington", "wire-to-moscow")), 18 * 60] == of(times["transit"])


def fits(sample: ObservedTimes) -> tuple[Fit, ...]:
    return fit_delays(sample.low, sample.high, resamples=0).fits


def assert_fitted(scenario: Scenario, times: Mapping[str, ObservedTimes]) -> None:
    """Every delay is the family with the lowest AIC, rounded as the program prints it: whole seconds, four digits."""
    pairs = {"reply": ("washington-replies", "moscow-replies"), "transit": ("wire-to-washington", "wire-to-moscow")}
    for series, names in pairs.items():
        best = fits(times[series])[0]
        for name in names:
            delay = line(scenario, name).delay
            assert delay.family == best.family
            for key, value in best.parameters.items():
                digits = 0.5 if key in ("median", "scale") else 5.1e-4
                assert delay.given[key] == pytest.approx(value, abs=digits), (name, key)


def test_delays_are_the_fits(hotline: Scenario, times: Mapping[str, ObservedTimes]) -> None:
    assert_fitted(hotline, times)


@pytest.mark.parametrize("change", ["parameters.reply-median.value=8780 s", "lines.wire-to-moscow.delay.value=7 min"])
def test_a_delay_that_is_no_fit_is_noticed(times: Mapping[str, ObservedTimes], change: str) -> None:
    with pytest.raises(AssertionError):
        assert_fitted(load(FILE, [change]), times)


def test_answers_are_the_closed_form(hotline: Scenario) -> None:
    replied = [
        row["pair"].split(", ")[0] for row in table(PAGE, "pair", "sent", "reply received", "at least", "at most")
    ]
    for name, writer in (("washington-replies", "Kosygin"), ("moscow-replies", "Johnson")):
        written = [row["message"] for row in messages() if writer in row["message"]]
        own = sum(any(one.split(" of ")[0] in message for message in written) for one in replied)
        expected = closed_form.answered_share(own, len(written))
        assert line(hotline, name).answer == pytest.approx(expected, abs=5.1e-5), (own, len(written))


def test_what_hangs_on_the_family(times: Mapping[str, ObservedTimes]) -> None:
    heads = ("within 30 min", "within 1 h", "within 4 h", "within 12 h")
    rows = {row["fit"]: [float(row[head]) for head in heads] for row in table(PAGE, "fit", *heads)}
    at = [seconds_of(head.removeprefix("within ")) for head in heads]
    found = {fit.family: fit for fit in fits(times["reply"])}
    found["latency in place of the reply"] = fits(times["latency"])[0]
    # The notice left at 08:15 and was received at 08:33, 46 minutes after the message of 07:47 was sent.
    low, high = (np.array(ends) for ends in _ends(times["reply"]))
    low[0], high[0] = 45 * 60, 47 * 60
    counted = "the White House's notice counts as a reply"
    found[counted] = fit_delays(low, high, families=["lognormal"], resamples=0).best
    assert list(rows) == list(found)
    for name, fit in found.items():
        assert rows[name] == pytest.approx(fit.cdf(at).tolist(), abs=5.1e-4), name
    assert rows[counted] != pytest.approx(found["lognormal"].cdf(at).tolist(), abs=5.1e-4)


HEADS = ("line", "messages", "followed by contact", "median", "90 % by", "within 5 min", "within 1 h")


def assert_results(rows: list[dict[str, str]], changes: list[str], n: int = 1_000) -> None:
    """The page's numbers, of 10,000 replications, are those of the first 1,000 within 4.5 standard errors.

    Messages count as independent. Replies that take a third longer would be seen.

    The density at a quantile is that of a lognormal with the sigma of the file, so the standard error of its logarithm
    is at most sigma sqrt(q (1 - q)) / 0.175 over the root of the number of answers. 0.175: the normal density at 90 %.
    """
    found = api.run(FILE, replications=n, overrides=changes, save=False, workers=1, engine="compiled").summary["lines"]
    for row in rows:
        requests, response = found[row["line"]]["requests"], found[row["line"]]["response_seconds"]
        assert requests["begun"] + requests["merged"] == n * int(row["messages"])
        answered = requests["contact"]
        pairs = [(requests["contact"] / requests["begun"], float(row["followed by contact"].removesuffix(" %")) / 100)]
        pairs += [(response["within"][time], float(row[f"within {time}"])) for time in ("5 min", "1 h")]
        for share, shown in pairs:
            assert share == pytest.approx(shown, abs=4.5 * sqrt(shown * (1 - shown) / answered) + 0.0051), row
        for key, head, q in (("median", "median", 0.5), ("p90", "90 % by", 0.9)):
            error = 0.6974 * sqrt(q * (1 - q) / answered) / 0.175
            assert np.log(response[key] / seconds_of(row[head])) == pytest.approx(0, abs=4.5 * error + 0.002), row


def test_the_page_shows_what_comes_out() -> None:
    rows = table(PAGE, *HEADS)
    assert [row["line"] for row in rows] == [line.name for line in load(FILE).lines]
    assert_results(rows, [])


@pytest.mark.parametrize(
    "change",
    [
        "parameters.reply-median.value=3.2 h",
        "lines.moscow-replies.answer.value=0.43",
        "events.moscow-writes.at=1967-06-07",
    ],
)
def test_other_results_are_noticed(change: str) -> None:
    with pytest.raises(AssertionError):
        assert_results(table(PAGE, *HEADS), [change])
