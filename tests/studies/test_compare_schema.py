"""The JSON Schema of comparison.json: fresh, and true."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from docs.generate import DOCS, comparison_schema
from sim.studies.compare import compare

SCHEMA = DOCS / "reference" / "comparison.schema.json"


def test_the_schema_is_that_of_the_types() -> None:
    assert SCHEMA.read_text(encoding="utf-8") == comparison_schema()


def test_a_comparison_is_as_the_schema_says(tmp_path: Path) -> None:
    minimal = DOCS.parent / "scenarios" / "minimal.yaml"
    options = ["daily: lines.envoy-minister.every=12 h"]
    compare(minimal, 20, what_ifs=options, out=tmp_path / "here", why=False, engine="reference")
    found = json.loads((tmp_path / "here" / "comparison.json").read_text())
    schema = json.loads(SCHEMA.read_text())
    jsonschema.Draft202012Validator(schema).validate(found)
    del found["columns"]["any"]["ranking"][0]["best"]
    with pytest.raises(jsonschema.ValidationError, match="'best' is a required property"):
        jsonschema.Draft202012Validator(schema).validate(found)
