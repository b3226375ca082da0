"""What the documentation shows is what happens: its commands, programs and files are run, their output compared."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.cli import run as running
from tests.examples.console import PAGES, agrees, blocks, commands, run_page

FILE = "<!-- file: a.txt -->\n\n```yaml\na: 1\n```\n\n"
READ = "from pathlib import Path\nassert Path('a.txt').read_text() == 'a: 2', 'the file'"
RUN = [
    page for page in PAGES if any(block.language in ("console", "python") for block in blocks(page.read_text("utf-8")))
]


@pytest.mark.parametrize("page", RUN, ids=lambda page: page.stem)
def test_the_page_shows_what_happens(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Pictures take most of the time of a small run, and no page shows what drawing prints.
    monkeypatch.setattr(running, "draw_pictures", lambda run, told, dark=False, svg=False: run)
    assert run_page(page, tmp_path, monkeypatch) > 0


def test_there_are_pages_to_run() -> None:
    assert {"first-scenario", "own-crisis", "api", "model-a-gate"} <= {page.stem for page in RUN}


@pytest.mark.parametrize(
    ("block", "reason"),
    [
        ("```console\n$ openlines resolve scenarios/minimal.yaml\nnothing\n```", "prints"),
        ("```console\n$ openlines validate scenarios/none.yaml\n```", "openlines validate"),
        ("<!-- status: 2 -->\n```console\n$ openlines validate scenarios/minimal.yaml\n...\n```", "openlines validate"),
        ("```python\n>>> 1 + 1\n3\n```", "Expected"),
        (f"{FILE}```python\n{READ}\n```", "the file"),
    ],
)
def test_a_page_that_shows_something_else_is_noticed(
    block: str, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"# A page\n\n{block}\n", encoding="utf-8")
    with pytest.raises(AssertionError, match=reason):
        run_page(page, tmp_path / "work", monkeypatch)


@pytest.mark.parametrize(
    ("shown", "printed"),
    [
        ("a\nb\n", "a\nb\n"),
        ("a\n...\nd\n", "a\nb\nc\nd\n"),
        ("a\n...\nd\n", "a\nd\n"),
        ("a\n...\n", "a\nb\nc\n"),
        ("a\n...\n", "a\n"),
        ("...\nc\n", "a\nb\nc\n"),
        ("runs/.../x\n", "runs/seed1/x  \n"),
        ("(1 + 1) * 2\n", "(1 + 1) * 2\n"),
    ],
)
def test_dots_stand_for_anything(shown: str, printed: str) -> None:
    assert agrees(shown, printed)


@pytest.mark.parametrize(
    ("shown", "printed"),
    [("a\nb\n", "a\nc\n"), ("a\n...\nd\n", "a\nb\nc\n"), ("a...b\n", "a\nb\n"), ("a.b\n", "axb\n"), ("a\n", "a\nb\n")],
)
def test_nothing_else_is_taken_for_the_same(shown: str, printed: str) -> None:
    assert not agrees(shown, printed)


def test_a_block_has_several_commands() -> None:
    found = list(commands("$ openlines run 'a b.yaml' \\\n  -n 10   # ten\nout\nput\n$ openlines results\n"))
    assert [command.words for command in found] == [
        ("openlines", "run", "a b.yaml", "-n", "10"),
        ("openlines", "results"),
    ]
    assert [command.shown for command in found] == ["out\nput\n", ""]
