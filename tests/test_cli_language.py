"""`openlines new --from`, `explain` and shell completion from the outside."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.test_cli import ROOT, everything, folder, openlines

__all__ = ["folder"]


def test_new_from_an_example_prints_what_it_wrote(folder: Path) -> None:
    done = openlines("new", "mine", "--from", "extends")
    assert (done.exit_code, done.stdout) == (0, "mine.yaml\ngate.yaml\n")
    assert openlines("validate", "mine.yaml").exit_code == 0
    assert openlines("run", "mine.yaml", "-n", "20", "--no-figures").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["new", "mine", "--from", "mininal"], "did you mean 'minimal'?"),
        (["new", "mine", "--from", "zzzz"], "there are inter-korean-2018-2021, minimal, us-russia-2022"),
        (["new", "one", "--from", "minimal"], "one.yaml: exists already"),
        (["new", "--from", "minimal"], "Missing argument"),
        (["explain", "lines.anwser"], "did you mean 'lines.answer'?"),
        (["explain", "zzz"], "openlines explain lists the sections"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_is_unknown_is_refused_and_writes_nothing(folder: Path, arguments: list[str], said: str) -> None:
    before = everything(folder)
    done = openlines(*arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert said in done.stderr
    assert everything(folder) == before


def test_examples_are_listed_with_a_sentence_each(folder: Path) -> None:
    done = openlines("new", "--examples")
    assert done.exit_code == 0
    assert "  minimal " in done.stdout
    assert "  until-horizon " in done.stdout
    assert "One official calls another until a call is answered." in " ".join(done.stdout.split())


def test_explain_says_meaning_unit_default_and_example() -> None:
    done = openlines("explain", "lines.austin-shoigu.call")
    assert done.exit_code == 0
    lines = [line.rstrip() for line in done.stdout.splitlines()]
    assert lines[:2] == ["lines.NAME.call", "  How long a call keeps both busy."]
    assert "  unit     s, min, h, d or w, written with the number" in lines
    assert "  default  0 s" in lines
    assert "  example  call: 1 h" in lines


def test_explain_lists_sections_and_keys() -> None:
    assert "  lines " in openlines("explain").stdout
    assert "(required)" in openlines("explain", "lines").stdout


@pytest.mark.parametrize("width", [60, 80])
def test_explanations_fit_the_terminal(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    from sim.report.explain import explanation_lines
    from sim.scenario.explain import all_paths, explain

    for path in ("", *all_paths()):
        assert max(map(len, explanation_lines(explain(path), width))) <= width, path


def completed(*words: str) -> list[str]:
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "_OPENLINES_COMPLETE": "complete_bash",
        "COMP_WORDS": " ".join(("openlines", *words)),
        "COMP_CWORD": str(len(words)),
    }
    done = subprocess.run([sys.executable, "-m", "sim"], capture_output=True, text=True, env=environment, check=False)
    return done.stdout.split()


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("tr",), ["trace"]),
        (("new", "mine", "--from", "give"), ["give-up"]),
        (("explain", "clock.s"), ["clock.start"]),
        (("trace", "--no-c"), ["--no-contact"]),
        (("zz",), []),
    ],
    ids=lambda value: " ".join(value),
)
def test_a_shell_completes(words: tuple[str, ...], found: list[str]) -> None:
    assert completed(*words) == found


def test_completion_can_be_shown_and_installed(tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "HOME": str(tmp_path),
        "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1",
    }
    for option in ("--show-completion", "--install-completion"):
        done = subprocess.run(
            [sys.executable, "-m", "sim", option, "bash"], capture_output=True, text=True, env=environment, check=False
        )
        assert done.returncode == 0, done.stderr
    assert "_OPENLINES_COMPLETE=complete_bash" in "".join(
        file.read_text(encoding="utf-8") for file in tmp_path.rglob("*") if file.is_file()
    )
