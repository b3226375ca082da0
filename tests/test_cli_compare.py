"""`openlines compare`, and `trace` with a variant."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from sim.cli import app
from tests.crisis import enter

VARIANTS = """\
  more answers: {lines.p.answer: 0.6}
  nothing: {lines.p.answer: 0.2}
  late: {channels.c.opens: 2022-01-05}"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return enter(tmp_path, monkeypatch, VARIANTS)


def call(*words: str) -> Result:
    return CliRunner().invoke(app, list(words), env={"COLUMNS": "100", "NO_COLOR": "1"})


def test_the_terminal_tells_answer_tables_order_and_reasons(folder: Path) -> None:
    found = call("compare", "what.yaml", "-n", "300", "--no-figures")
    assert found.exit_code == 0, found.stderr
    out = found.stdout
    for words in (
        "What if? 3 variants against the base 300 replications of each, seed 1, the same random numbers",
        "variant 'nothing' changes nothing",
        "more answers: lines.p.answer = 0.6",
        "In the base, group both had contact by 31 Jan 2022 in",
        "exactly the same with “nothing”.",
        "Differences from the base with 95 % intervals, which hold together for all variants",
        "Line by line: clear differences from the base",
        "In order of mean wait: group both",
        "share their random numbers with the base, which removed",
        "an attempt on p is answered: its",
        "p has to wait, while in the base",
        "nothing 0 % 0 % no first contact changed",
        "comparison.json, curves.parquet, manifest.json and why.json",
        "trace what.yaml --variant 'more answers' --replication",
    ):
        assert words in " ".join(out.split()), words
    suggested = [row for row in out.splitlines() if "trace what.yaml" in row]
    assert max(len(row) for row in out.splitlines() if row not in suggested) <= 100
    assert len(list((folder / "results" / "what").iterdir())) == 1


def test_the_terminal_tells_contact_within_a_time_and_p_values(folder: Path) -> None:
    found = call("compare", "what.yaml", "-n", "300", "--no-figures", "--no-explain", "--out", "here")
    assert found.exit_code == 0, found.stderr
    section = found.stdout.split("Contact within a time: group both\n")[1].split("Contact within a time: any line")[0]
    head, base, more, gains, nothing, late, *_ = section.strip("\n").splitlines()
    assert head.split() == ["within", "24", "h", "within", "7", "d", "median", "wait"]
    column = json.loads((folder / "here" / "comparison.json").read_text())["columns"]["group:both"]
    day = {name: f"{100 * one['estimate']:.1f} %" for name, one in column["estimates"]["within_1d"].items()}
    gained = column["contrasts"]["within_1d"]["more answers"]["estimate"]
    assert day["base"] in base
    assert day["more answers"] in more
    assert f"+{100 * gained:.1f} points" in gains
    assert nothing.split()[:3] == ["nothing", *day["nothing"].split()]
    assert late.startswith("  late")
    assert found.stdout.count("p < 0.001") > 1


def test_json_is_comparison_json_and_nothing_else(folder: Path) -> None:
    found = call("compare", "what.yaml", "-n", "50", "--no-figures", "--no-explain", "--json", "--out", "here")
    assert found.exit_code == 0, found.stderr
    assert json.loads(found.stdout) == json.loads((folder / "here" / "comparison.json").read_text())
    assert "changes nothing" in found.stderr
    assert not (folder / "here" / "why.json").exists()
    again = call("compare", "what.yaml", "-n", "50", "--no-figures", "--no-explain", "--json", "--out", "here")
    assert again.stdout == found.stdout
    assert "was there already" in again.stderr


@pytest.mark.parametrize("command", [("compare", "what.yaml", "--no-explain"), ("run", "crisis.yaml")])
def test_a_folder_may_be_a_link_that_leads_somewhere(folder: Path, command: tuple[str, ...]) -> None:
    (folder / "real").mkdir()
    for name, target in (("link", "real"), ("gone", "nowhere"), ("loop", "loop")):
        (folder / name).symlink_to(target)
    words = (*command, "-n", "20", "--engine", "reference", "--no-figures", "--out")
    for name in ("gone", "loop"):
        refused = call(*words, name)
        assert (refused.exit_code, refused.stdout) == (2, "")
        assert f"{name} can be no folder" in refused.stderr
    assert call(*words, "link").exit_code == 0
    assert (folder / "link").is_symlink()
    assert (folder / "real" / "manifest.json").exists()


def test_pictures_are_drawn(folder: Path) -> None:
    found = call("compare", "crisis.yaml", "--what-if", "daily q: lines.q.every=1 d", "-n", "60", "--out", "here")
    assert found.exit_code == 0, found.stderr
    names = {path.name for path in (folder / "here" / "figures").iterdir()}
    assert {"survival.png", "survival-any.png", "differences.png", "why-01.png", "alt.json"} <= names
    assert "daily q" in json.loads((folder / "here" / "figures" / "alt.json").read_text())["differences"]


def test_comparisons_are_no_runs_in_the_list(folder: Path) -> None:
    call("compare", "what.yaml", "-n", "20", "--no-figures", "--no-explain")
    found = call("results")
    assert found.exit_code == 0
    assert "unreadable" not in found.stdout


def test_runs_are_compared_by_their_folders_where_they_have_one_seed(folder: Path) -> None:
    for out, seed, answer in (("a", "3", "0.2"), ("b", "3", "0.6"), ("c", "4", "0.2")):
        words = ("-n", "50", "--seed", seed, "--set", f"lines.p.answer={answer}", "--no-figures", "--out", out)
        assert call("run", "crisis.yaml", *words).exit_code == 0
    found = call("compare", "a", "b", "--no-figures")
    assert found.exit_code == 0, found.stderr
    assert "50 replications of each, seed 3, the same random numbers" in found.stdout
    assert "simulating as often as the runs did" in found.stderr
    assert "trace " not in found.stdout
    for pair in (("a", "c"), ("a/manifest.json", "c/manifest.json")):
        refused = call("compare", *pair)
        assert (refused.exit_code, refused.stdout) == (2, "")
        assert "a has seed 3, c has seed 4" in refused.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("what.yaml", "--what-if", "a: lines.p.answer=1"), "what.yaml is a what-if file"),
        (("crisis.yaml",), "crisis.yaml alone is nothing to compare"),
        (
            ("crisis.yaml", "--what-if", "a: lines.pp.answer=1"),
            "--what-if 'a': lines.pp.answer=1: 'pp' is not in lines",
        ),
        (("crisis.yaml", "--what-if", "a: clock.end=2022-03-01"), "only scenarios with the same clock can be compared"),
        (("nowhere.yaml",), "nowhere.yaml: no such file"),
        (
            ("what.yaml", "--workers", "99999999"),
            "workers: 99999999 is out of range; expected a whole number from 1 to",
        ),
        (("what.yaml", "-n", "0"), "replications: 0 is out of range"),
        (("what.yaml", "-n", "1000000000"), "GiB of memory"),
    ],
)
def test_wrong_input_is_refused_with_one_message(folder: Path, words: tuple[str, ...], message: str) -> None:
    found = call("compare", *words)
    assert found.exit_code == 2
    assert message in found.stderr
    assert "Traceback" not in found.stderr
    assert not (folder / "results").exists()


def test_a_replication_is_told_side_by_side_and_drawn(folder: Path) -> None:
    found = call("trace", "what.yaml", "--variant", "late", "--replication", "1", "--figure", "side.svg")
    assert found.exit_code == 0, found.stderr
    assert "Replication 1: base and late\nseed 1\n" in found.stdout
    # The contact of the base is that of q; p waits too, and has none.
    diverge = "The two diverge on 1 Jan 2022 00:00: q has to wait, while in the base it can call"
    assert diverge in " ".join(found.stdout.split())
    assert "Where the two diverge: base and late" in (folder / "side.svg").read_text()
    option = call("trace", "crisis.yaml", "--what-if", "late: channels.c.opens=2022-01-05", "--replication", "1")
    assert option.stdout == found.stdout


def test_nothing_to_tell_is_said(folder: Path) -> None:
    found = call("trace", "what.yaml", "--variant", "nothing", "--figure", "side.png")
    assert found.exit_code == 0
    assert "Nothing differs" in found.stdout
    assert "no picture was drawn" in found.stderr
    assert not (folder / "side.png").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("what.yaml", "--variant", "lat"), "'lat' is no variant; did you mean 'late'?"),
        (("what.yaml", "--variant", "late", "--typical"), "--typical does not go with --variant"),
        (("what.yaml", "--variant", "late", "--format", "json"), "--format does not go with --variant"),
        (("what.yaml", "--variant", "late", "--replication", "-1"), "replication: -1 is out of range"),
        (("what.yaml", "--variant", "late", "--figure", "x.gif"), "x.gif is no picture"),
        (("crisis.yaml", "--variant", "late"), "alone is nothing to compare"),
    ],
)
def test_what_does_not_go_with_a_variant_is_refused(folder: Path, words: tuple[str, ...], message: str) -> None:
    found = call("trace", *words)
    assert found.exit_code == 2
    assert message in found.stderr
