"""The notebook of the documentation shows what happens when it is run."""

from __future__ import annotations

import contextlib
import copy
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from docs.notebook import NOTEBOOKS, ROOT, Notebook, as_page, as_text, normal

FRESH = "run: python -m docs.notebook"


def read(file: Path) -> Notebook:
    return dict(json.loads(file.read_text(encoding="utf-8")))


def results(book: Notebook) -> list[object]:
    return [cell["outputs"] for cell in book["cells"] if cell["cell_type"] == "code"]


def sockets(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_socket()}


def at_work_in(folder: Path) -> list[str]:
    """The processes that name a folder in their command; none where there is no /proc."""
    found = []
    for command in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):  # it has ended meanwhile
            found += [command.parent.name] if os.fsencode(folder) in command.read_bytes() else []
    return found


@pytest.fixture
def temporary() -> Iterator[Path]:
    """A folder for what is temporary. Its name is short, as names of sockets have to be."""
    with tempfile.TemporaryDirectory() as made:
        yield Path(made)


@pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda file: file.stem)
def test_a_notebook_shows_what_happens_and_leaves_nothing(file: Path, temporary: Path) -> None:
    # In a process of its own: Jupyter leaves sockets to the end of it.
    command, place = [sys.executable, "-m", "docs.notebook", str(file)], {**os.environ, "TMPDIR": str(temporary)}
    done = subprocess.run(command, cwd=ROOT, env=place, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    assert (at_work_in(temporary), list(temporary.iterdir())) == ([], [])
    assert results(json.loads(done.stdout)) == results(read(file)), FRESH
    assert done.stdout == file.read_text(encoding="utf-8"), FRESH


def test_a_notebook_that_is_killed_leaves_nothing_in_the_project(temporary: Path) -> None:
    before, place = set(ROOT.iterdir()), {**os.environ, "TMPDIR": str(temporary)}
    command = [sys.executable, "-m", "docs.notebook", str(NOTEBOOKS[0])]
    running = subprocess.Popen(command, cwd=ROOT, env=place, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    opened, made = set[Path](), set[Path]()
    for _ in range(600):
        opened, made = sockets(temporary), {path for path in set(ROOT.iterdir()) - before if path.is_socket()}
        if opened or made or running.poll() is not None:
            break
        time.sleep(0.05)
    running.kill()
    running.wait()
    # The kernel looks now and then whether it has lost its parent.
    for _ in range(600):
        if not at_work_in(temporary):
            break
        time.sleep(0.05)
    for path in made:
        path.unlink(missing_ok=True)
    assert (bool(opened), made, at_work_in(temporary)) == (True, set(), [])


def test_there_is_a_notebook_with_results() -> None:
    (file,) = NOTEBOOKS
    assert len([outputs for outputs in results(read(file)) if outputs]) >= 5


def test_an_old_result_is_noticed() -> None:
    kept = read(NOTEBOOKS[0])
    old = copy.deepcopy(kept)
    next(outputs for outputs in results(old) if outputs)[0]["text"] = "another text"  # type: ignore[index]
    assert results(old) != results(kept)


def test_a_notebook_keeps_nothing_that_differs_between_runs() -> None:
    cell = {
        "cell_type": "code",
        "id": "b2c3",
        "source": "1",
        "metadata": {"execution": {"iopub.status.busy": "2022-01-01"}, "alt": "words"},
        "execution_count": 7,
        "outputs": [{"output_type": "execute_result", "data": {"text/plain": "1"}, "execution_count": 7}],
    }
    book = {"cells": [cell], "metadata": {"language_info": {"version": "3.99"}}}
    text = as_text(normal(book))
    assert not re.search(r"2022|3\.99|b2c3|7", text)
    assert '"alt": "words"' in text


@pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda file: file.stem)
def test_the_page_of_a_notebook_has_its_cells_and_results(file: Path) -> None:
    book, page = read(file), as_page(file.read_text(encoding="utf-8"))
    assert all(cell["source"] in page for cell in book["cells"])
    pictures = re.findall(r'<img src="data:image/png;base64,[\w+/=]+" alt="([^"]*)">', page)
    assert pictures
    assert all(len(words) > 40 for words in pictures), "a cell that draws says what is to be seen"
    assert not any(f"{place}{os.sep}" in page for place in (ROOT, Path.home(), tempfile.gettempdir()))
