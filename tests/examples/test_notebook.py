"""The notebook of the documentation shows what happens when it is run."""

from __future__ import annotations

import copy
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from docs.notebook import NOTEBOOKS, ROOT, Notebook, as_page, as_text, normal

FRESH = "run: python -m docs.notebook"


def read(file: Path) -> Notebook:
    return dict(json.loads(file.read_text(encoding="utf-8")))


def results(book: Notebook) -> list[object]:
    return [cell["outputs"] for cell in book["cells"] if cell["cell_type"] == "code"]


@pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda file: file.stem)
def test_a_notebook_shows_what_happens(file: Path) -> None:
    # In a process of its own: Jupyter leaves sockets to the end of it.
    command = [sys.executable, "-m", "docs.notebook", str(file)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    assert results(json.loads(done.stdout)) == results(read(file)), FRESH
    assert done.stdout == file.read_text(encoding="utf-8"), FRESH


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
