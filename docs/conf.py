"""How the site is built: `make docs`. Nothing is fetched from anywhere."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx

sys.path.insert(0, str(Path(__file__).parents[1]))

import sim
from docs.generate import filled
from docs.notebook import as_page

project = "Open Lines"
version = release = sim.__version__
extensions = ["myst_parser", "sphinx.ext.autodoc"]
source_suffix = {".md": "markdown", ".ipynb": "markdown"}
exclude_patterns = ["**/README.md"]
default_role = "code"
myst_heading_anchors = 4
myst_enable_extensions = ["deflist"]
html_theme = "furo"
html_title = "Open Lines"
html_show_copyright = False
html_show_sphinx = False
html_copy_source = False
html_theme_options = {"navigation_with_keys": True}
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_preserve_defaults = True
python_display_short_literal_types = True

FIELD = re.compile(r"^(?P<name>[\w, ]*\w) {2,}(?P<words>\S.*)$")


def fields_as_list(app: Sphinx, what: str, name: str, obj: object, options: object, lines: list[str]) -> None:
    """Docstrings list parameters and fields in columns, for the eye; the site shows them as definitions."""
    made: list[str] = []
    inside = False
    if any(line.startswith("====") for line in lines):  # a table of its own
        return
    for line in lines:
        found = FIELD.match(line)
        if found:
            made += ([] if inside else [""]) + [f"``{found['name'].strip()}``", f"    {found['words']}"]
        elif inside and line.startswith(" "):
            made.append(f"    {line.strip()}")
        else:
            made += [""] * (inside and bool(line)) + [line]
        inside = bool(found) or (inside and line.startswith(" "))
    lines[:] = made


def generated_parts(app: Sphinx, name: str, source: list[str]) -> None:
    """What a page shows of models, schemas and commands is that of this very version. A notebook is a page too."""
    notebook = app.env.doc2path(name).suffix == ".ipynb"
    source[0] = as_page(source[0]) if notebook else filled(source[0])


def setup(app: Sphinx) -> None:
    """What Sphinx calls to extend itself."""
    app.connect("autodoc-process-docstring", fields_as_list)
    app.connect("source-read", generated_parts)
