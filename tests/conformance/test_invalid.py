"""Each file of the invalid corpus has one fault, is named for it, and says in its first line how it is reported."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from sim.scenario import load, loads
from sim.scenario.errors import ScenarioErrors
from tests.conformance.corpus import INVALID, VALID, check, errors_of, expectation_of

CLI_SAMPLE = (
    "answer-above-one",
    "date-impossible",
    "extends-cycle-first",
    "line-channel-misspelt",
    "line-key-twice",
    "scipy-name-unknown",
    "top-level-list",
    "yaml-unclosed-bracket",
)


def named(files: list[Path]) -> list[str]:
    return [file.stem for file in files]


@pytest.mark.parametrize("file", INVALID, ids=named(INVALID))
def test_one_error_at_the_right_place(file: Path) -> None:
    check(errors_of(file), expectation_of(file))


def test_size_of_the_corpus() -> None:
    assert len(INVALID) == 424


def test_no_two_files_are_alike() -> None:
    texts = {file.read_text(encoding="utf-8").partition("\n")[2] for file in INVALID}
    # The two halves of the cycle differ only in their names for each other.
    assert len(texts) == len(INVALID)


def test_names_say_the_fault() -> None:
    assert all(file.stem == file.stem.lower() and "_" not in file.stem and "-" in file.stem for file in INVALID)


@pytest.mark.parametrize("change", ["line", "column", "path", "phrase", "file"])
def test_saboteur_a_shifted_expectation_fails(change: str) -> None:
    file = next(file for file in INVALID if file.stem == "line-channel-misspelt")
    right = expectation_of(file)
    wrong = {
        "line": replace(right, line=right.line + 1),
        "column": replace(right, column=right.column - 1),
        "path": replace(right, path="lines.call.caller"),
        "phrase": replace(right, phrase="did you mean 'telephone'?"),
        "file": replace(right, file="another.yaml"),
    }[change]
    check(errors_of(file), right)
    with pytest.raises(AssertionError):
        check(errors_of(file), wrong)


def test_saboteur_a_valid_file_fails_as_an_invalid_one() -> None:
    valid = next(file for file in VALID if file.stem == "minimal")
    some = expectation_of(INVALID[0])
    assert errors_of(valid) == ()
    with pytest.raises(AssertionError):
        check(errors_of(valid), some)


def test_saboteur_two_faults_fail_as_one() -> None:
    file = next(file for file in INVALID if file.stem == "line-channel-misspelt")
    with pytest.raises(AssertionError):
        check(errors_of(file) * 2, expectation_of(file))


MANY_FAULTS = """\
scenario: 1
title: Six faults
clock: {start: 2022-01-01, end: 2022-02-30}
sides: {A: {timezone: Europe/Moskow}, B: {timezone: UTC}}
officials: {ann: {side: A}, bob: {side: B, duty: never}}
channels: {phone: {}, phone: {}}
lines:
  call: {caller: ann, callee: bob, channel: phon, every: 30, anser: 0.1, delay: 1 h}
record:
  - {line: cal, contact: 2022-01-03}
"""


def test_all_faults_of_a_file_are_reported_at_once_and_in_order() -> None:
    with pytest.raises(ScenarioErrors) as refused:
        loads(MANY_FAULTS)
    places = [(error.line, error.path) for error in refused.value.errors]
    assert places == [
        (3, "clock.end"),
        (4, "sides.A.timezone"),
        (5, "officials.bob.duty"),
        (6, "channels.phone"),
        (8, "lines.call.channel"),
        (8, "lines.call.every"),
        (8, "lines.call.anser"),
        (10, "record.0.line"),
    ]
    assert str(refused.value).count("\n") == len(places) - 1


OVERRIDES = {
    "lines.call.anwser=0.3": "unknown key 'anwser'; did you mean 'answer'?",
    "lines.cal.answer=0.3": "did you mean 'call'?",
    "line.call.answer=0.3": "unknown key 'line'; did you mean 'lines'?",
    "lines.call.answer=1.2": "1.2 is not a probability; expected a number from 0 to 1",
    "lines.call.every=30": "30 has no unit",
    "lines.call.channel=phon": "'phon' is no channel; did you mean 'phone'?",
    "lines.call.give_up=null": "nothing to delete",
    "clock.end=2022-02-30": "'2022-02-30' is no date",
    "lines.call.every=[1 d": "expected a comma or the end of the '['",
    "lines.call.answer": "expected PATH=VALUE",
}


@pytest.mark.parametrize("override", OVERRIDES)
def test_one_error_for_a_wrong_override(override: str) -> None:
    valid = next(file for file in VALID if file.stem == "minimal")
    with pytest.raises(ScenarioErrors) as refused:
        load(valid, overrides=[override])
    (error,) = refused.value.errors
    assert str(error).startswith(f"--set {override}: ")
    assert OVERRIDES[override] in error.message


def test_a_right_override_changes_what_it_names() -> None:
    valid = next(file for file in VALID if file.stem == "minimal")
    assert load(valid, overrides=["lines.call.answer=0.3"]).lines[0].answer == 0.3


def openlines(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    code = "import sys; from sim.cli import main; sys.exit(main())"
    root = Path(__file__).parents[2]
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=folder,
        env={"PYTHONPATH": str(root), "PATH": "", "HOME": str(folder), "NO_COLOR": "1", "COLUMNS": "80"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize(
    ("command", "name"),
    [
        *(("validate", name) for name in CLI_SAMPLE),
        ("run", "line-channel-misspelt"),
        ("run", "extends-cycle-first"),
        ("resolve", "answer-above-one"),
        ("trace", "date-impossible"),
    ],
)
def test_command_line_refuses(command: str, name: str, tmp_path: Path) -> None:
    file = next(file for file in INVALID if file.stem == name)
    expected = expectation_of(file)
    done = openlines(command, str(file), folder=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    assert f"{expected.file}:{expected.line}:{expected.column}" in done.stderr
    assert expected.phrase in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_saboteur_the_command_line_accepts_a_valid_file(tmp_path: Path) -> None:
    valid = next(file for file in VALID if file.stem == "minimal")
    assert openlines("validate", str(valid), folder=tmp_path).returncode == 0
