"""Each construct of the language has a file: it loads without warnings, survives dump and load, and runs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from sim.engines import get
from sim.scenario import load, loads
from sim.scenario.compiler import compile_scenario
from sim.scenario.errors import ScenarioErrors
from sim.scenario.resolve import dump
from sim.scenario.resolved import Scenario
from sim.scenario.whatif import load_whatif
from tests.conformance.corpus import VALID, errors_of, is_what_if

SCENARIOS = [file for file in VALID if not is_what_if(file)]
by_name = pytest.mark.parametrize("file", SCENARIOS, ids=[file.stem for file in SCENARIOS])


def without_warnings(scenario: Scenario) -> Scenario:
    """Warnings name places in the file that was read, which a dump does not keep."""
    return replace(scenario, warnings=())


def check_round_trip(scenario: Scenario, text: str) -> None:
    assert without_warnings(loads(text)) == without_warnings(scenario)


@by_name
def test_loads_with_no_warning_but_where_the_name_says_so(file: Path) -> None:
    assert bool(load(file).warnings) == file.stem.startswith("warned-")


@by_name
def test_dump_resolves_to_an_equal_scenario(file: Path) -> None:
    scenario = load(file)
    text = dump(scenario)
    check_round_trip(scenario, text)
    assert dump(loads(text)) == text


@by_name
def test_three_replications_run(file: Path) -> None:
    program = compile_scenario(load(file))
    batch = get("reference").simulate(program, 1, range(3))
    assert batch.first_contact.shape == (3, len(program.lines))
    assert (batch.first_contact < program.horizon).all()
    assert (batch.attempts == batch.answered + batch.unanswered.sum(axis=1)).all()


def test_size_of_the_corpus() -> None:
    assert len(VALID) == 143


def test_names_are_lower_case_with_hyphens() -> None:
    assert all(file.stem == file.stem.lower() and "_" not in file.stem for file in VALID)


def test_what_if_file() -> None:
    (file,) = (file for file in VALID if is_what_if(file))
    assert errors_of(file) == ()
    assert list(load_whatif(file).variants) == ["hotline a week earlier", "daily calls, never given up"]


def test_saboteur_a_dump_that_loses_a_second_fails() -> None:
    file = next(file for file in VALID if file.stem == "starts-at-date")
    scenario = load(file)
    text = dump(scenario)
    assert text.count("2022-01-04T00:00:00Z") == 1
    check_round_trip(scenario, text)
    with pytest.raises(AssertionError):
        check_round_trip(scenario, text.replace("2022-01-04T00:00:00Z", "2022-01-04T00:00:01Z"))


@by_name
def test_saboteur_a_key_too_many_is_refused(file: Path, tmp_path: Path) -> None:
    written = file.read_text(encoding="utf-8")
    text = dump(load(file)) if "extends:" in written else written
    spoilt = (
        text.replace('{"scenario": 1,', '{"scenario": 1, "weather": 1,')
        if file.stem == "json"
        else text + "weather: 1\n"
    )
    with pytest.raises(ScenarioErrors) as refused:
        loads(spoilt)
    assert [error.path for error in refused.value.errors if error.path != "posterior"] == ["weather"]
