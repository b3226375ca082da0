"""Results to the second over a clock of five years."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import sim
from sim.report.view import view_of
from sim.runs.errors import RunRefused

HOTLINE = Path(__file__).parents[1] / "cases" / "hotline-five-years.yaml"
EITHER = "lines.hot.delay={empirical: [5 s, 60 s]}"
LATE = ("lines.hot.every=7 d", "lines.hot.answer=0.01", "lines.hot.delay={uniform: {min: 0 s, max: 30 d}}")


def ran(*overrides: str, summary_only: bool = False, until: str | None = None, n: int | None = 200) -> sim.Run:
    return sim.run(
        HOTLINE,
        n,
        save=False,
        engine="reference",
        workers=1,
        overrides=overrides,
        until=until,
        summary_only=summary_only,
    )


@pytest.mark.parametrize("summary_only", [True, False])
def test_a_minute_is_a_minute(summary_only: bool) -> None:
    found = ran(summary_only=summary_only).summary["first_contact"]["line:hot"]
    minute = {"estimate": 60, "low": 60, "high": 60}
    assert (found["median_seconds"], found["p10_seconds"], found["p90_seconds"]) == (minute, minute, minute)


def test_a_run_waits_for_a_median_to_the_minute_and_no_finer_than_a_second() -> None:
    found = ran(until="median ± 1 min", n=4000).summary["until"]
    assert (found["reached"], found["estimate"], len(found["looks"])) == (True, 60, 1)
    with pytest.raises(RunRefused, match="below the resolution: times are whole seconds"):
        ran(until="median ± 0.2 s")


def test_a_precision_below_the_resolution_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    out = tmp_path / "run"
    with pytest.raises(
        RunRefused, match=r"until: median of any ± 1 s is below the resolution: times near .* ask for ± "
    ):
        sim.run(HOTLINE, 4000, engine="reference", overrides=LATE, until="median ± 1 s", out=out)
    assert not out.exists()


def test_a_probability_is_exact_at_the_second_that_is_waited_for() -> None:
    run = ran(EITHER, until="P(any within 10 s) ± 0.2", n=4000)
    times = run.first_contact()["any"].to_numpy()
    share = np.count_nonzero(times <= 10) / len(times)
    assert run.summary["until"]["estimate"] == share
    assert abs(share - 0.5) < 4.5 * 0.5 / len(times) ** 0.5


def test_quantiles_are_those_of_the_rows_where_rows_are_kept() -> None:
    run = ran(*LATE)
    times = np.sort(run.first_contact()["any"].fill_null(5 * 366 * 86_400).to_numpy())
    found = run.summary["first_contact"]["any"]
    assert (found["p10_seconds"]["estimate"], found["median_seconds"]["estimate"]) == (times[19], times[99])
    coarse = ran(*LATE, summary_only=True).summary["first_contact"]["any"]["median_seconds"]
    assert times[99] <= coarse["estimate"] <= times[99] * (1 + 2**-10)
    assert coarse["low"] <= found["median_seconds"]["low"]
    assert coarse["high"] >= found["median_seconds"]["high"]


def test_a_contact_at_the_recorded_minute_is_not_earlier() -> None:
    late = "2023-06-01T00:01Z"
    record = f"record=[{{line: hot, contact: {late}, known: 2023-06-02}}]"
    (placed,) = view_of(ran("lines.hot.starts=2023-06-01", record)).placed()
    assert (placed.before, placed.within, placed.after) == (0.0, 1.0, 0.0)
    (placed,) = view_of(ran("lines.hot.starts=2023-06-01", record, "lines.hot.delay=59 s")).placed()
    assert placed.before == 1.0


def test_nine_minutes_more_are_a_difference() -> None:
    found = sim.compare(
        HOTLINE, what_ifs=["slower: lines.hot.delay=10 min"], replications=200, engine="reference", save=False
    )
    change = found.result.columns["any"].contrasts["median_seconds"]["slower"]
    assert (change.estimate, change.same) == (540.0, False)
    assert change.low is not None
    assert change.low > 0
