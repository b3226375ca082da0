"""`extends`: how files are merged, where faults are told, and which files may be named."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.scenario import load
from sim.scenario.merge import LONGEST_CHAIN
from tests.scenario.language import SMALL, file_refusals, write

BASE = SMALL + "  back: {caller: bob, callee: ann, channel: phone, every: 2 d, answer: 0.2, delay: 1 h}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, "base.yaml", BASE)
    return tmp_path


def child(folder: Path, text: str) -> Path:
    return write(folder, "child.yaml", "scenario: 1\nextends: base.yaml\n" + text)


def test_keys_of_an_entry_are_merged_and_their_values_replaced(folder: Path) -> None:
    path = child(folder, "lines:\n  call: {every: {uniform: [1 h, 2 h]}, unanswered: {declined: 1}}\n")
    call, back = load(path).lines
    assert call.every.family == "uniform"
    assert call.answer == 0.1
    assert dict(call.unanswered) == {"declined": 1.0}
    assert back == load(folder / "base.yaml").lines[1]


def test_order_is_the_bases_then_what_is_new(folder: Path) -> None:
    new = "{caller: ann, callee: bob, channel: phone, every: 1 d, answer: 0.1, delay: 1 h}"
    path = child(folder, f"lines:\n  third: {new}\n  back: {{answer: 0.3}}\n")
    assert [line.name for line in load(path).lines] == ["call", "back", "third"]


def test_lists_are_replaced_whole(folder: Path) -> None:
    write(
        folder,
        "base.yaml",
        BASE.replace("phone: {level: senior}", "phone: {outages: [{from: 2022-01-02, to: 2022-01-03}]}"),
    )
    path = child(folder, "channels: {phone: {outages: [{from: 2022-01-05, to: 2022-01-06}]}}\n")
    assert load(path).channels[0].outages == ((4 * 86_400, 5 * 86_400),)


def test_null_deletes(folder: Path) -> None:
    path = child(folder, "title: null\nchannels: {phone: {level: null}}\nlines: {back: null}\n")
    scenario = load(path)
    assert (scenario.title, scenario.channels[0].level) == ("Untitled scenario", "")
    assert [line.name for line in scenario.lines] == ["call"]


def test_deleting_what_is_not_there_is_an_error(folder: Path) -> None:
    assert file_refusals(child(folder, "lines: {bakc: null}\n")) == [
        "child.yaml:3:9 lines.bakc: nothing to delete: 'bakc' is not in the scenario that is extended; "
        "did you mean 'back'?"
    ]


def test_each_fault_is_told_in_the_file_where_it_stands(folder: Path) -> None:
    write(folder, "base.yaml", BASE.replace("answer: 0.2", "answer: 2"))
    path = child(folder, "lines: {call: {answer: 3}}\n")
    assert [error.split(" ")[0] for error in file_refusals(path)] == ["base.yaml:12:72", "child.yaml:3:24"]


def test_a_scenario_below_the_folder_may_be_extended(folder: Path) -> None:
    write(folder, "deep/base.yaml", BASE)
    path = write(folder, "child.yaml", "scenario: 1\nextends: deep/base.yaml\ntitle: Child\n")
    assert load(path).title == "Child"


@pytest.mark.parametrize(
    "named", ["../base.yaml", "deep/../../base.yaml", "/etc/hostname", "..\\\\base.yaml", "C:\\\\base.yaml"]
)
def test_files_outside_the_folder_are_refused(folder: Path, named: str) -> None:
    path = write(folder, "inner/child.yaml", f'extends: "{named}"\nscenario: 1\n')
    (error,) = file_refusals(path)
    assert "lies outside the scenario's folder" in error
    assert error.startswith("child.yaml:1:10 extends: ")


def test_a_symbolic_link_does_not_lead_out(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = write(tmp_path_factory.mktemp("outside"), "base.yaml", BASE)
    (folder / "link.yaml").symlink_to(outside)
    path = write(folder, "child.yaml", "scenario: 1\nextends: link.yaml\n")
    assert "lies outside" in file_refusals(path)[0]


def test_a_cycle_is_told_as_a_chain(folder: Path) -> None:
    write(folder, "a.yaml", "extends: b.yaml\n")
    write(folder, "b.yaml", "extends: a.yaml\n")
    assert file_refusals(folder / "a.yaml") == ["b.yaml:1:10 extends: a cycle: a.yaml extends b.yaml extends a.yaml"]


def test_chains_are_bounded_and_the_bound_itself_allowed(folder: Path) -> None:
    for link in range(LONGEST_CHAIN):
        base = f"extends: c{link - 1}.yaml\n" if link else BASE
        write(folder, f"c{link}.yaml", base)
    assert len(load(folder / f"c{LONGEST_CHAIN - 1}.yaml").lines) == 2
    last = write(folder, "last.yaml", f"extends: c{LONGEST_CHAIN - 1}.yaml\n")
    assert f"more than {LONGEST_CHAIN} scenarios extend one another" in file_refusals(last)[0]


def test_a_misspelt_file_is_found(folder: Path) -> None:
    path = write(folder, "child.yaml", "scenario: 1\nextends: bsae.yaml\n")
    assert file_refusals(path) == ["child.yaml:2:10 extends: 'bsae.yaml' is no file; did you mean 'base.yaml'?"]
