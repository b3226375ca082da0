"""`openlines trace`: one way to choose a replication, three forms, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sim import api
from tests.test_cli import everything, folder, openlines

__all__ = ["folder"]
ANSWERED = ("--set", "lines.envoy-minister.answer=1")


def test_the_story_is_told_as_text(folder: Path) -> None:
    done = openlines("trace", "one.yaml", "--replication", "3")
    assert done.exit_code == 0
    assert done.stdout.startswith("One line, tried once a day\nReplication 3 of seed 1.")
    assert "How it ended\n  envoy-minister:" in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize("kind", ["--typical", "--earliest", "--latest", "--no-contact"])
def test_a_kind_says_what_it_was_chosen_from(folder: Path, kind: str) -> None:
    before = everything(folder)
    done = openlines("trace", "one.yaml", kind, "--pool", "60", "--format", "json")
    assert done.exit_code == 0, done.stderr
    assert "60 replications to choose from" in done.stderr
    story = json.loads(done.stdout)
    times = api.run("one.yaml", 60, save=False).first_contact().column("any").to_pylist()
    assert (story["chosen"]["as"], story["chosen"]["pool"]) == (kind[2:], 60)
    assert story["chosen"]["first_contact_seconds"] == times[story["replication"]]
    assert (kind == "--no-contact") == (times[story["replication"]] is None)
    assert story["endings"]["envoy-minister"]["first_contact_seconds"] == times[story["replication"]]
    assert everything(folder) == before
    told = openlines("trace", "one.yaml", kind, "--pool", "60").stdout
    assert f"Replication {story['replication']} of seed 1" in told
    assert "Chosen from 60 replications" in told


def test_json_is_the_same_whatever_is_left_out_of_the_text(folder: Path) -> None:
    whole = openlines("trace", "one.yaml", "--format", "json").stdout
    assert openlines("trace", "one.yaml", "--format", "json", "--all").stdout == whole
    event_log = api.trace("one.yaml", 1, 0)
    assert len(json.loads(whole)["log_entries"]) == len(event_log.log_entries)


def test_all_tells_more_than_the_story(folder: Path) -> None:
    often = ("--set", "lines.envoy-minister.every=1 h", "--set", "lines.envoy-minister.answer=0")
    brief, whole = (openlines("trace", "one.yaml", *often, *more).stdout for more in ((), ("--all",)))
    assert brief.count("envoy tries") == 1
    assert "719 further attempts" in brief
    assert whole.count("envoy tries") == 720


def test_markdown_has_headings(folder: Path) -> None:
    page = openlines("trace", "one.yaml", "--format", "markdown", *ANSWERED).stdout
    assert page.startswith("# One line, tried once a day\n\nReplication 0 of seed 1.")
    assert "\n## Mon 1 Jan 2024\n\n- **00:00** envoy-minister: envoy tries" in page
    assert "**Contact.**" in page
    assert page.endswith(" |\n")


def test_a_line_alone_is_told_and_chooses(folder: Path) -> None:
    baseline = str(Path(__file__).parents[1] / "scenarios" / "us-russia-2022.yaml")
    done = openlines("trace", baseline, "--line", "summons", "--earliest", "--pool", "20", "--format", "json")
    story = json.loads(done.stdout)
    assert story["lines"] == ["summons"]
    assert story["chosen"]["column"] == "line:summons"
    lines = {one["name"] for one in story["log_entries"] if one["what"] not in ("state", "event")}
    assert lines == {"summons"}
    two = openlines("trace", baseline, "--line", "summons", "--line", "line-check", "--earliest", "--pool", "20")
    assert "with a contact (any)" not in two.stdout
    assert "with a contact (any line)" in two.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--replication", "0", "--typical"], "--replication and --typical: choose the replication in one way"),
        (["--earliest", "--latest"], "--earliest and --latest: choose"),
        (["--outcome", "any"], "--outcome goes with --typical"),
        (["--pool", "5"], "--pool goes with --typical"),
        (["--typical", "--outcome", "envoy-ministr"], "did you mean 'envoy-minister'?"),
        (["--line", "envoy-ministr"], "did you mean 'envoy-minister'?"),
        (["--line", "zzz"], "expected envoy-minister"),
        (["--typical", "--pool", "0"], "replications"),
        (["--format", "html"], "html"),
        (["--no-contact", "--pool", "20", *ANSWERED], "each of 20 replications has a contact (any)"),
        (
            ["--latest", "--pool", "20", "--set", "lines.envoy-minister.answer=0"],
            "none of 20 replications has a contact",
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_is_refused(folder: Path, arguments: list[str], said: str) -> None:
    done = openlines("trace", "one.yaml", *arguments)
    assert done.exit_code == 2
    assert said in done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
