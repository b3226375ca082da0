"""scenarios/inter-korean-2018-2021.yaml: its calls and spells, and the page that explains it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from math import sqrt

import numpy as np
import pytest
from numpy.typing import NDArray

from sim import engines
from sim.engines.contract import NEVER
from sim.scenario import load
from sim.scenario.compiler import compile_scenario
from tests.scenarios.documents import DOCS, ROOT, table

FILE = ROOT / "scenarios" / "inter-korean-2018-2021.yaml"
PAGE = DOCS / "explanation" / "inter-korean.md"
DAY = 86_400
SPELLS = {
    "open": [("2018-09-14", "2020-06-09"), ("2021-07-27", "2021-08-10")],
    "shut": [("2020-06-09", "2021-07-27"), ("2021-08-10", "2021-10-04")],
}
"""Beginning and end of each spell on record; the page counts the days between."""
Floats = NDArray[np.float64]


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def lengths(state: str) -> list[int]:
    return [(day(end) - day(begin)).days for begin, end in SPELLS[state]]


def test_the_spells_are_as_long_as_the_page_says() -> None:
    rows = table(PAGE, "from", "to", "days", "line", "checks", "answered", "confidence")
    assert [int(row["days"]) for row in rows if row["days"]] == [634, 413, 14, 55]
    assert (lengths("open"), lengths("shut")) == ([634, 14], [413, 55])


def test_the_record_keeps_to_the_spells() -> None:
    scenario = load(FILE)
    for entry in scenario.record:
        if entry.kind != "spell":
            continue
        begin, end = (scenario.start + timedelta(seconds=second) for second in (entry.start, entry.end))
        spells = [(day(a), day(b)) for a, b in (*SPELLS[entry.state], ("2021-10-04", "2021-10-05"))]
        assert any(a <= begin and end <= b for a, b in spells), entry


def test_checks_are_made_as_often_as_on_record() -> None:
    """Attempts do not depend on chance: one in each window of each weekday, and not one outside the channel's dates."""
    scenario = load(FILE)
    program = compile_scenario(scenario)
    event_log = engines.get("reference").trace(program, 1, 0)
    made: dict[str, list[datetime]] = {name: [] for name in program.lines}
    for log_entry in event_log.log_entries:
        if log_entry.what == "attempt":
            made[log_entry.name].append(scenario.start + timedelta(seconds=log_entry.second))
    counts = {entry.line: entry.attempts for entry in scenario.record if entry.attempts and entry.attempts[1] > 2}
    first = [moment for moment in made["liaison-check"] if moment < day("2020-06-06")]
    assert counts == {"liaison-check": (850, 902), "panmunjom-check": (280, 295)}
    assert len(first) == counts["liaison-check"][1]
    assert len(made["liaison-check"]) == len(first) + 2
    assert len(made["panmunjom-check"]) == counts["panmunjom-check"][1]
    assert len(made["restored-check"]) == len(made["military-check"])
    for name, hours in (("liaison-check", {0, 8}), ("panmunjom-check", {0}), ("restored-check", {0, 8})):
        # 09:00 and 17:00 in Seoul are 00:00 and 08:00 UTC.
        assert {(moment.hour, moment.minute) for moment in made[name]} == {(hour, 0) for hour in hours}
        assert {moment.weekday() for moment in made[name]} == set(range(5))


GRID: Floats = np.exp(np.linspace(np.log(1e-2), np.log(1e7), 40_001))
"""Means in days, for integration over their logarithm."""


def posterior(spells: list[int]) -> Floats:
    """Weights of the means on `GRID` given spells that ended: lognormal prior from the file, exponential lengths."""
    for one in load(FILE).uncertain[:2]:
        assert one.path in ("parameters.open-mean", "parameters.shut-mean")
        assert (one.prior.family, one.prior.given) == ("lognormal", {"p10": 20 * DAY, "p90": 2_000 * DAY})
    median, sigma = sqrt(20 * 2_000), np.log(2_000 / 20) / (2 * 1.2815515655446004)
    logs = -0.5 * (np.log(GRID / median) / sigma) ** 2 - sum(spells) / GRID - len(spells) * np.log(GRID)
    weights: Floats = np.exp(logs - logs.max())
    return weights / weights.sum()


def quantile(weights: Floats, share: float) -> float:
    return float(GRID[np.searchsorted(np.cumsum(weights), share)])


def still(weights: Floats, days: float) -> float:
    """The probability that a spell lasts longer."""
    return float(weights @ np.exp(-days / GRID))


def test_what_the_spells_tell_of_the_means() -> None:
    rows = table(PAGE, "mean, in days", "spells", "10 %", "median", "90 %", "share of the prior's width left")
    before = np.log(100)
    for row, spells in zip(rows, ([], lengths("open"), lengths("shut")), strict=True):
        weights = posterior(spells)
        found = [quantile(weights, share) for share in (0.1, 0.5, 0.9)]
        assert [float(row[name]) for name in ("10 %", "median", "90 %")] == pytest.approx(found, abs=0.6)
        left = float(np.log(found[2] / found[0]) / before)
        assert float(row["share of the prior's width left"]) == pytest.approx(left, abs=0.006)
    longer = float(posterior(lengths("open")) @ np.cumsum(posterior(lengths("shut"))))
    assert f"the probability is {longer:.2f}" in PAGE.read_text(encoding="utf-8")


def test_how_long_a_silence_lasts() -> None:
    heads = ("14 d", "30 d", "55 d", "180 d", "365 d", "413 d")
    rows = table(PAGE, "still silent after", *heads)
    for row, spells in zip(rows, ([], lengths("shut"), [413]), strict=True):
        weights = posterior(spells)
        for head in heads:
            assert float(row[head]) == pytest.approx(still(weights, float(head.split()[0])), abs=6e-4), (row, head)
    text = " ".join(PAGE.read_text(encoding="utf-8").split())
    assert f"had a probability of {1 - still(posterior([413]), 55):.3f}, which" in text
    assert f"probability of only {1 - still(posterior([634]), 14):.3f} to be over so soon" in text
    assert f"one of 634 a probability of {still(posterior([14]), 634):.3f}" in text


CUT = ("clock.start=2020-06-09", "regimes.pyongyang-gate.initially=shut", "record=null")
KNOWN = tuple(
    f"parameters.{name}-mean.{change}"
    for name, mean in (("open", 324), ("shut", 234))
    for change in ("prior=null", f"value={mean} d")
)
GATE = "regimes.pyongyang-gate.states"
CHANGES = {
    "as in the file": (),
    "means known: 324 and 234 d": KNOWN,
    "the same, 1 in 100 answered while shut": (
        *KNOWN,
        "parameters.check-answer.prior=null",
        "parameters.check-answer.value=0.984",
        f"{GATE}.shut.odds_factor.value=0.000164",
    ),
    "the same, spells of a Weibull law with shape near ½": (
        *KNOWN,
        f"{GATE}.shut.lasts.value={{weibull: {{mean: 234 d, sd: 523 d}}}}",
        f"{GATE}.open.lasts.value={{weibull: {{mean: 324 d, sd: 724 d}}}}",
    ),
}
UNTIL = {"within 30 d": 30, "within 180 d": 180, "by 27 July 2021": 413, "by 5 October 2021": 483}


def rows_of_the_page() -> dict[str, Mapping[str, str]]:
    return {row["assumption"]: row for row in table(PAGE, "assumption", *UNTIL, "median")}


def assert_row(row: Mapping[str, str], changes: tuple[str, ...], n: int = 800) -> None:
    """The page's shares, of 10,000 replications, are those of the first 800 within 4.5 standard errors: at most 0.076,
    or 0.15 where 16 share a draw of a mean (800 hold 50 draws, 10,000 hold 625; a share varies by less than 0.35
    between draws)."""
    program = compile_scenario(load(FILE, [*CUT, *changes]))
    batch = engines.get("compiled").simulate(program, 1, range(n))
    after = [index for index, name in enumerate(program.lines) if name != "liaison-check"]
    first = np.where(batch.first_contact[:, after] == NEVER, 2**62, batch.first_contact[:, after]).min(axis=1)
    for head, days in UNTIL.items():
        shown = float(row[head])
        between = 0.0 if changes else 0.35**2 * (1 / (n / 16) - 1 / 625)
        error = sqrt(shown * (1 - shown) * (1 / n - 1 / 10_000) + between)
        share = float((first <= days * DAY).mean())
        assert share == pytest.approx(shown, abs=4.5 * error + 0.0005), (head, share)


@pytest.mark.parametrize("assumption", CHANGES)
def test_the_page_shows_what_comes_out(assumption: str) -> None:
    assert_row(rows_of_the_page()[assumption], CHANGES[assumption])


def test_results_of_another_assumption_are_noticed() -> None:
    first, second, *_ = CHANGES.values()
    rows = rows_of_the_page()
    with pytest.raises(AssertionError):
        assert_row(rows["the same, 1 in 100 answered while shut"], second)
    assert list(rows) == list(CHANGES)
    assert first == ()


def test_known_means_against_the_exponential() -> None:
    """Nearly every first answer is that of the morning after the gate opens. The share lies below 1 − e^(−t/234 d), by
    the openings that are over before the next check and by the checks missed: at most 0.02."""
    row = rows_of_the_page()["means known: 324 and 234 d"]
    for head, days in UNTIL.items():
        exact = 1 - float(np.exp(-days / 234))
        assert exact - 0.02 < float(row[head]) < exact + 4.5 * sqrt(exact * (1 - exact) / 10_000)
