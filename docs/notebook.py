"""The notebook of the tutorials.

`python -m docs.notebook` runs it in Jupyter and writes it with its results; with a file for an argument, it prints that
one. The site shows a notebook as a page made of its cells (`as_page`); nothing is run then. What a notebook holds is
the same each time it is run: no times, no versions, no paths.
"""

from __future__ import annotations

import html
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
NOTEBOOKS = tuple(sorted((ROOT / "docs").rglob("*.ipynb")))
SECONDS = 240
"""So long a cell may take, with the engine's compiling on a busy machine."""

Notebook = dict[str, Any]


def executed(file: Path) -> Notebook:
    """The notebook with the results of running it in the project's folder. Raises nbclient's CellExecutionError."""
    import nbformat
    from jupyter_client.manager import AsyncKernelManager
    from nbclient import NotebookClient

    book = nbformat.read(file, as_version=4)
    place = {"metadata": {"path": str(ROOT)}}
    with tempfile.TemporaryDirectory() as own:
        # What this user has set for other notebooks changes nothing here, and nothing is left in their home.
        os.environ |= dict.fromkeys(("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR"), own)
        # Sockets that are files, not ports: other programs on the machine do not hear them.
        kernel = AsyncKernelManager(kernel_name="python3", transport="ipc", ip=str(Path(own, "socket")))
        # A kernel that somebody else made is not ended unless one says so.
        NotebookClient(book, km=kernel, timeout=SECONDS, resources=place).execute(cleanup_kc=True)
    return normal(book)


def normal(book: Any) -> Notebook:
    """The notebook without what differs from one run or machine to the next; progress and warnings are left out."""
    cells = []
    for place, cell in enumerate(book["cells"]):
        words = {"alt": cell["metadata"]["alt"]} if "alt" in cell["metadata"] else {}
        kept: Notebook = {"cell_type": cell["cell_type"], "id": f"cell-{place}", "metadata": words}
        kept["source"] = cell["source"]
        if cell["cell_type"] == "code":
            kept |= {"execution_count": None, "outputs": [_output(one) for one in cell["outputs"]]}
        cells.append(kept)
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}


def _output(one: Any) -> Notebook:
    if one["output_type"] == "stream":
        return {"output_type": "stream", "name": one["name"], "text": one["text"]}
    kept = {"output_type": one["output_type"], "data": dict(one["data"]), "metadata": {}}
    return kept | ({"execution_count": None} if one["output_type"] == "execute_result" else {})


def as_text(book: Notebook) -> str:
    """The file of a notebook."""
    return json.dumps(book, ensure_ascii=False, indent=1) + "\n"


def as_page(text: str) -> str:
    """A notebook as a page of the documentation: its cells in order, with their results. A cell that draws says in its
    metadata, under `alt`, what is to be seen."""
    parts = []
    for cell in json.loads(text)["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            parts.append(source)
            continue
        parts.append(f"```python\n{source}\n```")
        parts += [_shown(one, cell["metadata"].get("alt", "")) for one in cell["outputs"]]
    return "\n\n".join(parts) + "\n"


def _shown(one: Notebook, alt: str) -> str:
    if one["output_type"] == "stream":
        return f"```text\n{''.join(one['text']).rstrip()}\n```"
    data = one["data"]
    if "image/png" in data:
        image = "".join(data["image/png"]).replace("\n", "")
        return f'```{{raw}} html\n<img src="data:image/png;base64,{image}" alt="{html.escape(alt)}">\n```'
    if "text/html" in data:
        return f"```{{raw}} html\n{''.join(data['text/html'])}\n```"
    return f"```text\n{''.join(data['text/plain'])}\n```"


if __name__ == "__main__":
    for named in sys.argv[1:]:
        sys.stdout.write(as_text(executed(Path(named))))
    for notebook in NOTEBOOKS if len(sys.argv) == 1 else ():
        notebook.write_text(as_text(executed(notebook)), encoding="utf-8")
        sys.stdout.write(f"{notebook.relative_to(ROOT)}\n")
