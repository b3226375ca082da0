"""The shipped what-ifs of the baseline: what they change, what they leave as it was, and their results."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pytest
from numpy.typing import NDArray

from sim import engines
from sim.report.comparison import ComparisonView
from sim.report.comparison_tables import contrast_table
from sim.runs.paired import Paired, run_paired
from sim.scenario.compiler import compile_scenario
from sim.scenario.resolved import Scenario
from sim.scenario.whatif import WhatIf, load_whatif
from sim.stats.paired import Compared, compared_from
from sim.studies.contrasts import compare_paired
from tests.scenarios.documents import DOCS, ROOT, tables

FILE = ROOT / "scenarios" / "us-russia-2022-what-ifs.yaml"
SHIPPED = ROOT / "results" / "us-russia-2022" / "what-ifs" / "comparison.json"
PAGE = DOCS / "explanation" / "what-ifs.md"
NAMES = (
    "hotline a week earlier",
    "no hotline",
    "daily attempts",
    "daily attempts were the record",
    "attempts at even intervals",
    "no shared gate",
    "no public criticism",
    "public complaints harm",
    "a third party's line",
    "the chiefs first",
    "the chiefs first, and it helps",
)
N = 4000
BLOCK = 16


@cache
def what_ifs(path: Path = FILE) -> WhatIf:
    return load_whatif(path)


def scenarios() -> dict[str, Scenario]:
    return {"base": what_ifs().base, **what_ifs().variants}


@cache
def paired() -> Paired:
    """All of them over the replications of the shipped results."""
    programs = {name: compile_scenario(scenario, BLOCK) for name, scenario in scenarios().items()}
    return run_paired(programs, N, 1, engine="compiled", workers=1)


def times(name: str) -> NDArray[np.int64]:
    """First contacts of a scenario by replication and line; negative where there is none."""
    return np.asarray(paired().first_contact[name], dtype=np.int64)


def place(name: str, line: str) -> int:
    return [one.name for one in scenarios()[name].lines].index(line)


def contact(name: str, line: str) -> NDArray[np.bool_]:
    return times(name)[:, place(name, line)] >= 0


def test_the_variants_are_those_that_are_discussed() -> None:
    assert tuple(what_ifs().variants) == NAMES
    assert what_ifs().warnings == ()
    discussed = [row[0] for row in tables(PAGE.read_text(encoding="utf-8"))[0][1:]]
    assert tuple(discussed) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_every_number_of_a_variant_says_where_it_comes_from(name: str) -> None:
    base = {(one.path, one.value) for one in what_ifs().base.provenance}
    new = [one for one in what_ifs().variants[name].provenance if (one.path, one.value) not in base]
    assert all(one.basis and one.why for one in new)
    # Whatever a variant puts in place of a fact is an assumption.
    assert all(one.basis == "assumption" for one in new)


def drawn(name: str) -> dict[str, NDArray[np.float64]]:
    """The uncertain numbers of each block, by path."""
    program = compile_scenario(scenarios()[name], BLOCK)
    return dict(zip(program.uncertain, program.draw_parameters(1, range(N // BLOCK)).T, strict=True))


@pytest.mark.parametrize("name", NAMES)
def test_a_variant_has_the_numbers_of_the_base_unless_it_fixes_them(name: str) -> None:
    base, own = drawn("base"), drawn(name)
    same = [path for path in own if np.array_equal(own[path], base[path])]
    if name.startswith("daily attempts"):
        # An override wins over the table: attempts are daily, and the table's cadence is left aside.
        assert set(base) - set(own) == {"parameters.cadence"}
        every = {line.name: line.every for line in scenarios()[name].lines}
        for line in ("austin-shoigu", "milley-gerasimov", "sullivan-patrushev", "attache-ilyin"):
            assert every[line].given == {"mean": 86_400.0}
    else:
        assert set(own) == set(base)
    # The record read anew has draws of its own; all others share those of the base.
    assert same == ([] if name == "daily attempts were the record" else list(own))


def test_attempts_are_daily_in_the_variants_that_say_so() -> None:
    """Attempts of the ministers' line per day on which it had no contact, in all replications: 1 within 0.01, which is
    more than 4.5 standard errors; in the base it is 0.1 to 0.2."""
    for name, low, high in (("daily attempts", 0.99, 1.01), ("base", 0.1, 0.2)):
        program = compile_scenario(scenarios()[name], BLOCK)
        batch = engines.get("compiled").simulate(program, 1, range(N))
        at = place(name, "austin-shoigu")
        first = batch.first_contact[:, at]
        # While an answered attempt pends no other is made, and then the request ends: some two days of each contact.
        days = np.where(first < 0, program.horizon, first).sum() / 86_400 - 2.0 * (first >= 0).sum()
        assert low * 0.9 <= batch.attempts[at] / days <= high * 1.1


def test_daily_attempts_read_off_the_record_are_less_likely_to_be_answered() -> None:
    """By its own table: in the median, and for the attachés by a factor of four."""
    base, daily = drawn("base"), drawn("daily attempts were the record")
    assert np.median(daily["parameters.attache-answer"]) * 4 < np.median(base["parameters.attache-answer"])
    for name in ("gate-open-spell", "watch-answer"):
        ratio = np.median(daily[f"parameters.{name}"]) / np.median(base[f"parameters.{name}"])
        assert 0.7 < ratio < 1.4, name
    assert np.median(daily["parameters.gate-closed-odds"]) < np.median(base["parameters.gate-closed-odds"])


def by_block(values: NDArray[Any]) -> NDArray[np.float64]:
    """The mean of each block, which shares its numbers."""
    return np.asarray(values, np.float64).reshape(-1, BLOCK).mean(axis=1)


@pytest.mark.parametrize("line", ["milley-gerasimov", "sullivan-patrushev"])
def test_gates_of_their_own_leave_each_line_as_it_was(line: str) -> None:
    """Within 4.5 standard errors of the paired difference of 250 blocks: a bias of 0.04 would be seen."""
    difference = by_block(contact("base", line)) - by_block(contact("no shared gate", line))
    assert abs(difference.mean()) <= 4.5 * difference.std(ddof=1) / math.sqrt(len(difference))
    assert not np.array_equal(times("base"), times("no shared gate"))


def test_the_line_that_keeps_the_gate_is_the_same_to_the_second() -> None:
    kept = place("base", "austin-shoigu")
    assert np.array_equal(times("base")[:, kept], times("no shared gate")[:, kept])


def test_what_a_shared_gate_does_is_to_let_silence_come_together() -> None:
    """Both defence lines silent in the same crisis: given the numbers of the block, more often than by themselves,
    unless each has its own gate. That they share numbers that nobody knows is left out by looking within blocks."""

    def within(name: str) -> NDArray[np.float64]:
        one, other = (~contact(name, line) for line in ("austin-shoigu", "milley-gerasimov"))
        return (by_block(one & other) - by_block(one) * by_block(other)) * BLOCK / (BLOCK - 1)

    for name, together in (("base", True), ("no shared gate", False)):
        covariance = within(name)
        error = covariance.std(ddof=1) / math.sqrt(len(covariance))
        assert (covariance.mean() > 4.5 * error) == together
        assert together or abs(covariance.mean()) < 4.5 * error


def test_without_the_hotline_nothing_comes_over_it_and_the_rest_is_the_same() -> None:
    hotline = [place("base", "line-check"), place("base", "incident-call")]
    assert np.all(times("no hotline")[:, hotline] < 0)
    others = [at for at in range(len(what_ifs().base.lines)) if at not in hotline]
    for name in ("no hotline", "hotline a week earlier"):
        assert np.array_equal(times(name)[:, others], times("base")[:, others])


def test_the_ministers_wait_for_the_chiefs() -> None:
    name = "the chiefs first"
    ministers, chiefs = (times(name)[:, place(name, line)] for line in ("austin-shoigu", "milley-gerasimov"))
    spoke = ministers >= 0
    assert spoke.sum() > 100
    assert np.all((chiefs[spoke] >= 0) & (chiefs[spoke] < ministers[spoke]))


def test_a_third_party_counts_for_defence_in_its_variant_alone() -> None:
    name = "a third party's line"
    assert "relay" in scenarios()[name].groups["defence"]
    assert "relay" not in what_ifs().base.groups["defence"]
    # Only the minister himself can be busy with the third party's call.
    others = [one.name for one in what_ifs().base.lines if one.name != "austin-shoigu"]
    for line in others:
        assert np.array_equal(times(name)[:, place(name, line)], times("base")[:, place("base", line)])


def few(result: Mapping[str, Any]) -> dict[str, Any]:
    """A comparison's groups and any line: what is shipped of it."""
    kept = {name: column for name, column in result["columns"].items() if name.partition(":")[0] in ("group", "any")}
    return {**result, "columns": kept}


def shipped() -> Compared:
    return compared_from(json.loads(SHIPPED.read_text(encoding="utf-8")))


def leaves(tree: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every value of nested mappings and lists, with its path."""
    inner = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else None
    if inner is None:
        yield path, tree
    else:
        for key, value in inner:
            yield from leaves(value, f"{path}/{key}")


def differences(one: Any, other: Any) -> list[str]:
    """Paths at which two results differ: integers and words at all, other numbers by more than 1e-9 of themselves."""
    ours, its = dict(leaves(one)), dict(leaves(other))
    close = {
        path
        for path in ours.keys() & its.keys()
        if ours[path] == its[path]
        or (
            isinstance(ours[path], float)
            and isinstance(its[path], float)
            and math.isclose(ours[path], its[path], rel_tol=1e-9, abs_tol=1e-12)
        )
    }
    return sorted((ours.keys() | its.keys()) - close)


def test_the_shipped_results_are_made_again() -> None:
    titles = {name: scenario.title for name, scenario in scenarios().items()}
    found = compare_paired(paired(), titles, what_ifs().warnings)
    kept = json.loads(SHIPPED.read_text(encoding="utf-8"))
    made = json.loads(json.dumps(few(found.as_dict())))
    assert differences(made, kept) == [], "run: make reference-results"
    # Saboteur: a difference that is another by a millionth of itself is seen.
    kept["columns"]["any"]["contrasts"]["restricted_mean_seconds"]["no hotline"]["estimate"] *= 1 + 1e-6
    assert differences(made, kept) == ["/columns/any/contrasts/restricted_mean_seconds/no hotline/estimate"]


def shown(found: Compared, column: str) -> list[list[str]]:
    """The rows of a table of the page, which leaves the p-values to the report."""

    def untraced(name: str, replication: int) -> NoReturn:
        raise AssertionError(f"{name}: replication {replication} is not looked at")

    view = ComparisonView(found, {found.base: what_ifs().base}, dict, untraced)
    return [list(map(str, row)) for row in contrast_table(view, column).rows]


@pytest.mark.parametrize(("number", "column"), [(1, "group:defence"), (2, "group:senior")])
def test_the_page_shows_the_shipped_numbers(number: int, column: str) -> None:
    assert tables(PAGE.read_text(encoding="utf-8"))[number][1:] == shown(shipped(), column)


if __name__ == "__main__":  # make reference-results
    whole = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    sys.stdout.write(json.dumps(few(whole), ensure_ascii=False, indent=1) + "\n")
