"""The generated parts of the documentation are those of this version, and leave nothing out."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from pydantic import Field

import sim
from docs import generate
from sim.scenario import schema
from sim.scenario.keys import mappings
from tests.scenarios.documents import DOCS, table

MODELS = set(mappings())
SHORT_FORMS = {"Until", "Trigger"}
"""Models with nothing but short forms, which are told where they stand."""


@pytest.mark.parametrize("page", generate.pages(), ids=lambda page: page.stem)
def test_the_generated_parts_are_fresh(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert generate.filled(text) == text, "run: make reference"


def test_there_are_generated_parts() -> None:
    assert {"language", "files", "summary", "command-line", "constructs"} == {page.stem for page in generate.pages()}


def test_an_old_part_is_noticed() -> None:
    text = (DOCS / "reference" / "language.md").read_text(encoding="utf-8")
    old = text.replace("the official who tries", "the caller")
    assert old != text
    assert generate.filled(old) == text


def test_the_language_reference_has_a_table_for_every_model() -> None:
    text = (DOCS / "reference" / "language.md").read_text(encoding="utf-8")
    assert set(re.findall(r"<!-- generated: keys (\w+) -->", text)) == MODELS - SHORT_FORMS


@pytest.mark.parametrize("name", sorted(MODELS - SHORT_FORMS))
def test_every_field_says_what_it_means(name: str) -> None:
    fields = mappings()[name].model_fields.values()
    assert all(len(field.description or "") > 4 for field in fields)
    assert generate.keys(name).count("\n") == 1 + sum(not field.exclude for field in fields)


def test_a_field_without_a_description_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    class Silent(schema.Model):
        told: schema.Name = schema.key("a name", "austin")
        untold: schema.Name = Field()

    monkeypatch.setattr(generate, "mappings", lambda: {"Silent": Silent})
    # Annotations are texts, which are looked up where the class stands.
    monkeypatch.setattr(
        generate.typing, "get_type_hints", lambda of, include_extras: dict.fromkeys(of.model_fields, schema.Name)
    )
    with pytest.raises(ValueError, match=r"Silent\.untold has no description"):
        generate.keys("Silent")


def test_a_type_without_words_is_refused() -> None:
    with pytest.raises(KeyError, match="no words for"):
        generate.type_of(complex)


def test_a_key_of_the_summary_without_a_description_is_refused() -> None:
    whole = {"properties": {"silent": {"type": "integer"}}, "$defs": {}}
    with pytest.raises(ValueError, match="silent has no description"):
        list(generate._walk(whole, whole, ""))


def test_every_command_is_in_the_reference() -> None:
    text = (DOCS / "reference" / "command-line.md").read_text(encoding="utf-8")
    found = re.findall(r"^## (\w+)$", text, re.MULTILINE)
    assert found == list(generate._commands())
    assert {"run", "trace", "validate", "resolve", "schema", "new", "results", "plot"} <= set(found)


def test_every_public_name_is_in_the_reference() -> None:
    text = (DOCS / "reference" / "api.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\.\. auto\w+:: sim\.(\w+)$", text, re.MULTILINE)
    assert sorted(listed) == sorted(set(sim.__all__) - {"__version__"})


def test_every_picture_is_explained() -> None:
    rows = table(DOCS / "how-to" / "read-the-output.md", "picture", "what it shows", "what to look for")
    listed = {name for row in rows for name in re.findall(r"`([\w-]+)`", row["picture"])}
    alt = DOCS.parent / "results" / "us-russia-2022" / "reference" / "figures" / "alt.json"
    assert listed == set(json.loads(alt.read_text(encoding="utf-8")))


def test_lists_in_columns_become_definitions() -> None:
    from docs.conf import fields_as_list

    lines = [
        "What it is.",
        "",
        "one, two  the first",
        "          and the second",
        "three     the last",
        "",
        "Text  here.",
    ]
    fields_as_list(SimpleNamespace(), "function", "", None, None, lines)  # type: ignore[arg-type]
    assert lines[2:9] == ["", "``one, two``", "    the first", "    and the second", "``three``", "    the last", ""]
