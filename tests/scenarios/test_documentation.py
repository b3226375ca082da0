"""The pages agree with the code: keys of the language, examples that load, the worked example, links."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from datetime import UTC, datetime
from pathlib import Path
from textwrap import indent

import pyarrow.parquet as parquet
import pytest
from pydantic import BaseModel
from typer.testing import CliRunner

from sim import api, cli, engines
from sim.scenario import loads, schema
from sim.scenario.compiler import compile_scenario
from sim.scenario.yaml_nodes import compose
from sim.studies.compare import compare
from tests.scenarios.documents import DOCS, ROOT, blocks, section, table, tables

LANGUAGE = DOCS / "reference" / "language.md"
PAGES = sorted([*DOCS.rglob("*.md"), *(ROOT / "scenarios").glob("*.md")])
WHOLE = [(page, text) for page in PAGES for text in blocks(page, "yaml") if text.startswith("scenario: 1")]
PARTS = [(page, text) for page in PAGES for text in blocks(page, "yaml") if not text.startswith("scenario: 1")]

SECTIONS: dict[str, type[BaseModel]] = {
    "Top level": schema.ScenarioFields,
    "clock": schema.ClockFields,
    "sides": schema.SideFields,
    "officials": schema.OfficialFields,
    "channels": schema.ChannelFields,
    "events": schema.EventFields,
    "Effects": schema.EffectFields,
    "lines": schema.LineFields,
    "record": schema.EntryFields,
    "report": schema.ReportFields,
    "sources": schema.SourceFields,
}


def documented(rows: list[list[str]]) -> dict[str, bool]:
    """Key to whether it is required, of a table headed key, type, default, meaning."""
    assert rows[0] == ["key", "type", "default", "meaning"]
    return {key: row[2] == "required" for row in rows[1:] for key in re.findall(r"`([\w]+)`", row[0])}


def keys(of: type[BaseModel]) -> dict[str, bool]:
    return {field.alias or name: field.is_required() for name, field in of.model_fields.items()}


@pytest.mark.parametrize("title", SECTIONS)
def test_the_reference_lists_every_key_of_the_model(title: str) -> None:
    rows, *_ = tables(section(LANGUAGE, title))
    assert documented(rows) == keys(SECTIONS[title])


def test_the_reference_lists_every_key_of_regimes_and_states() -> None:
    regime, state = tables(section(LANGUAGE, "regimes"))
    assert documented(regime) == keys(schema.RegimeFields)
    assert documented(state) == keys(schema.StateFields)


def test_a_key_that_is_missing_from_the_reference_is_noticed() -> None:
    rows, *_ = tables(section(LANGUAGE, "channels"))
    assert documented(rows[:-1]) != keys(schema.ChannelFields)


@pytest.mark.parametrize(("page", "text"), WHOLE, ids=lambda value: value.stem if isinstance(value, Path) else "")
def test_scenarios_in_the_documentation_load(page: Path, text: str) -> None:
    assert loads(text, page.name).warnings == ()


@pytest.mark.parametrize(("page", "text"), PARTS, ids=lambda value: value.stem if isinstance(value, Path) else "")
def test_fragments_in_the_documentation_are_yaml(page: Path, text: str) -> None:
    assert compose(text, page.name)[1] == []


def test_there_are_examples_to_check() -> None:
    assert len(WHOLE) >= 3
    assert len(PARTS) >= 9


def test_fragments_of_the_reference_make_a_scenario() -> None:
    """Channel, parameters, regime, events, lines and record of the reference, put together, are a valid scenario."""
    fragments = blocks(LANGUAGE, "yaml")

    def entries(first: str) -> str:
        return indent(next(text for text in fragments if text.startswith(f"{first}:")), "  ")

    us = "".join(f"  {name}: {{side: US}}\n" for name in ("austin", "eucom", "ambassador"))
    ru = "".join(f"  {name}: {{side: RU}}\n" for name in ("shoigu", "ndmc", "mfa"))
    scenario = loads(
        "scenario: 1\nclock: {start: 2022-02-24, end: 2022-06-30}\n"
        "sides: {US: {timezone: America/New_York}, RU: {timezone: Europe/Moscow}}\n"
        f"officials:\n{us}{ru}"
        f"channels:\n{entries('deconfliction')}  ministerial: {{}}\n  embassy: {{}}\n"
        f"regimes:\n{entries('moscow-gate')}"
        f"events:\n{entries('remark')}"
        f"lines:\n{entries('austin-shoigu')}"
        + "".join(text for text in fragments if text.startswith(("parameters:", "record:")))
    )
    assert [line.name for line in scenario.lines] == ["austin-shoigu", "hotline", "summons"]
    assert len(scenario.record) == 2


def keys_listed(page: Path, title: str, after: str = "") -> set[str]:
    """The keys in the first table of a section, or in the first one after a text."""
    text = section(page, title)
    rows = tables(text[text.index(after) :])[0]
    assert rows[0] == ["key", "meaning"]
    return {key for row in rows[1:] for key in re.findall(r"`(\w+)`", row[0])}


def files_listed(page: Path, title: str) -> set[str]:
    """The files in the first table of a section, but for the pictures, which the library does not draw."""
    rows = tables(section(page, title))[0]
    assert rows[0] == ["file", "what"]
    return {row[0].strip("`") for row in rows[1:]} - {"figures/"}


def test_the_files_page_lists_what_a_run_writes(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    api.run(ROOT / "scenarios" / "minimal.yaml", replications=20, out=folder, workers=1)
    page = DOCS / "reference" / "files.md"
    assert {path.name for path in folder.iterdir()} == files_listed(page, "Result files")
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert set(manifest) == keys_listed(page, "manifest.json")
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    # What only a run until a precision has is listed too.
    assert set(summary) == keys_listed(page, "summary.json") - {"until"}
    for entry in summary["first_contact"].values():
        assert set(entry) == keys_listed(page, "summary.json", "Each entry of `first_contact`")
    for entry in summary["lines"].values():
        assert set(entry) == keys_listed(page, "summary.json", "Each entry of `lines`")
    names = set(parquet.read_schema(folder / "first_contact.parquet").names)
    documented = {row["column"] for row in table(page, "column", "type", "meaning")}
    assert all(any(f"`{name.partition(':')[0]}" in row for row in documented) for name in names)


def test_the_files_page_lists_what_a_comparison_writes(tmp_path: Path) -> None:
    folder = tmp_path / "comparison"
    what_if = ["daily: lines.envoy-minister.every=1 d"]
    compare(ROOT / "scenarios" / "minimal.yaml", 20, what_ifs=what_if, engine="reference", workers=1, out=folder)
    page = DOCS / "reference" / "files.md"
    assert {path.name for path in folder.iterdir()} == files_listed(page, "Comparisons")
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert set(manifest["files"]) == files_listed(page, "Comparisons") - {"manifest.json"}


def test_the_tutorial_shows_the_minimal_scenario() -> None:
    shown = blocks(DOCS / "tutorials" / "first-scenario.md", "yaml")[0]
    lines = (ROOT / "scenarios" / "minimal.yaml").read_text(encoding="utf-8").splitlines(keepends=True)
    assert shown == "".join(line for line in lines if not line.startswith("#"))


COMMANDS = [
    (page, line.strip())
    for page in PAGES
    for line in page.read_text(encoding="utf-8").splitlines()
    if line.startswith("    openlines ")
]


@pytest.mark.parametrize(("page", "command"), COMMANDS, ids=[command for _, command in COMMANDS])
def test_commands_in_the_documentation_work(
    page: Path, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(ROOT / "scenarios", tmp_path / "scenarios")
    own = blocks(DOCS / "tutorials" / "first-scenario.md", "yaml")[1]
    (tmp_path / "scenarios" / "mine.yaml").write_text(own, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    words = shlex.split(command)[1:]
    quick = ["-n", "20", "--no-figures", "--workers", "1"] if words[0] == "run" else []
    result = CliRunner().invoke(cli.app, [*words, *quick])
    assert result.exit_code == 0, result.output


def test_there_are_commands_to_check() -> None:
    # Those whose output is shown are run by tests/examples.
    assert {shlex.split(command)[1] for _, command in COMMANDS} >= {"run", "trace"}


def test_a_second_line_leaves_the_first_as_it_was() -> None:
    """As the tutorial says of its hotline; a renamed line shows that the comparison can fail."""
    tutorial = blocks(DOCS / "tutorials" / "first-scenario.md", "yaml")

    def first_contacts(text: str) -> list[int]:
        batch = engines.get("reference").simulate(compile_scenario(loads(text)), 1, range(200))
        return [int(second) for second in batch.first_contact[:, 0]]

    assert first_contacts(tutorial[0]) == first_contacts(tutorial[1])
    assert first_contacts(tutorial[0].replace("envoy-minister", "envoy-premier")) != first_contacts(tutorial[1])


def log_entries(text: str) -> list[tuple[str, str, str, str]]:
    """Time, kind, line or event, and result of what happens, in order, of a scenario without chance."""
    program = compile_scenario(loads(text))
    event_log = engines.get("reference").trace(program, 1, 0)
    start = datetime(2024, 3, 4, tzinfo=UTC).timestamp()
    return [
        (f"{datetime.fromtimestamp(start + h.second, UTC):%a %H:%M}", h.what, h.name, str(h.detail.get("result", "")))
        for h in event_log.log_entries
        if h.what in ("event", "attempt", "contact", "call ends")
    ]


def test_the_worked_example_goes_as_the_page_says() -> None:
    page = DOCS / "explanation" / "semantics.md"
    (text,) = blocks(page, "yaml")
    first, second = "envoy-minister", "general-minister"
    expected = [
        ("Mon 00:00", "event", "quarrel", ""),
        ("Mon 06:00", "attempt", first, "no reply"),
        ("Mon 12:00", "attempt", first, "no reply"),
        ("Mon 18:00", "attempt", first, "answered"),
        ("Tue 14:00", "contact", first, ""),
        ("Tue 14:00", "attempt", second, "busy"),
        ("Tue 14:30", "call ends", first, ""),
        ("Tue 15:00", "attempt", second, "answered"),
        ("Tue 15:00", "contact", second, ""),
    ]
    assert log_entries(text) == expected
    assert log_entries(text.replace("lasts: 18 h", "lasts: 64801 s")) != expected
    shown = [row["time"] for row in table(page, "time", "what", "why") if row["what"] != "(nothing)"]
    assert set(shown) == {time for time, *_ in expected}


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings: lower case, hyphens for spaces, nothing but word characters."""
    titles = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title).strip().lower().replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"https?:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), target
        if anchor:
            titles = re.findall(r"^#+ (.*)$", file.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", title).strip().lower().replace(" ", "-") for title in titles}, (
                target
            )
