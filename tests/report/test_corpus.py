"""Every construct of the language can be told, summed up and described."""

from __future__ import annotations

import io
import json
from pathlib import Path

import jsonschema
import pytest

from sim import api
from sim.report.figures import figures
from sim.report.narrative.story import as_markdown, as_text, document, tell
from sim.report.run import summary_report
from sim.report.terminal import console, show
from sim.report.validation import check_file
from sim.report.view import view_of

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "tests" / "conformance" / "valid").glob("*.yaml"))
SCENARIOS = [file for file in FILES if not file.name.startswith("what-if")]
STORY = json.loads((ROOT / "docs" / "reference" / "story.schema.json").read_text(encoding="utf-8"))


def test_the_corpus_is_there() -> None:
    assert len(SCENARIOS) >= 40


@pytest.mark.parametrize("file", SCENARIOS, ids=lambda file: file.stem)
def test_a_scenario_can_be_told_and_summed_up(file: Path) -> None:
    checked = check_file(file)
    assert not checked.errors
    assert "line" in checked.counts
    scenario = api.load(file)
    event_log = api.trace(scenario, 1, 0)
    story = tell(scenario, event_log)
    assert sorted(map(id, (one for entry in story.entries for one in entry.log_entries))) == sorted(
        map(id, event_log.log_entries)
    )
    assert len(story.outcome) == len(scenario.lines)
    assert all(line.isprintable() and len(line) <= 80 for line in as_text(story, 80) if " " in line.strip())
    assert as_markdown(story).startswith("# ")
    whole = document(tell(scenario, event_log, complete=True))
    assert len(whole["log_entries"]) == len(event_log.log_entries)
    jsonschema.Draft202012Validator(STORY).validate(whole)
    view = view_of(api.run(scenario, 4, save=False, workers=1))
    for width in (60, 100):
        stream = io.StringIO()
        show(summary_report(view), console(stream, width=width))
        assert max(map(len, stream.getvalue().splitlines())) <= width
    assert all(words for _, words, _ in figures(view))
