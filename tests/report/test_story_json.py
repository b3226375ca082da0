"""A story as JSON is what its schema says, and the schema refuses what is wrong. `test_corpus` has every construct."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from sim.engines.contract import EventLog
from sim.report.narrative.story import as_json, document, tell
from sim.stats.traces import Choice, Representative
from tests.report.synthetic import scenario
from tests.report.test_story import LOG_ENTRIES

SCHEMA = json.loads((Path(__file__).parents[2] / "docs/reference/story.schema.json").read_text(encoding="utf-8"))
CHOSEN = Representative(Choice.typical, "any", 17, 1000, 900, 86_400, 86_400)


def made() -> dict[str, Any]:
    story = tell(scenario(), EventLog(17, 1, {}, LOG_ENTRIES), complete=True, chosen=CHOSEN)
    found: dict[str, Any] = json.loads(as_json(story))
    return found


def valid(found: object) -> bool:
    return jsonschema.Draft202012Validator(SCHEMA).is_valid(found)


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_a_story_is_as_the_schema_says() -> None:
    jsonschema.validate(made(), SCHEMA)
    assert len(made()["log_entries"]) == len(LOG_ENTRIES)


def test_what_is_not_there_is_null() -> None:
    log_entries = made()["log_entries"]
    assert log_entries[6]["detail"]["probability"] is None
    assert log_entries[6]["detail"]["uniform"] is None
    assert log_entries[2]["detail"]["delay"] is None
    assert log_entries[4]["detail"]["until"] is None
    assert log_entries[9]["detail"]["delay"] == 6 * 3600
    assert log_entries[0]["detail"]["until"] == 5 * 86_400


def test_moments_and_firsts_are_told() -> None:
    contact = made()["log_entries"][10]
    assert contact["at"] == "2022-02-27T00:00:00Z"
    assert contact["local"] == [{"place": "New York", "time": "Sat 19:00"}, {"place": "Moscow", "time": "03:00"}]
    assert contact["first_of"] == [
        "any",
        "side:US",
        "level:senior",
        "channel:ministerial",
        "group:both",
        "line:ministers",
    ]
    assert made()["endings"]["ministers"]["results"] == {"declined": 1, "answered": 1}
    assert made()["chosen"] == {
        "as": "typical",
        "column": "any",
        "pool": 1000,
        "contacts": 900,
        "first_contact_seconds": 86_400,
        "median_seconds": 86_400,
    }


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        (("format",), 2),
        (("log_entries", 0, "detail", "until"), -1),
        (("log_entries", 2, "detail", "probability"), 1.5),
        (("log_entries", 2, "detail", "count"), 0),
        (("log_entries", 2, "what"), "contact"),
        (("log_entries", 2, "first_of"), []),
        (("log_entries", 10, "detail", "surplus"), 1),
        (("log_entries", 10, "at"), "2022-02-27"),
        (("endings", "hotline", "merged"), -1),
        (("chosen", "as"), "usual"),
    ],
    ids=str,
)
def test_the_schema_refuses(path: tuple[str | int, ...], wrong: object) -> None:
    broken: Any = copy.deepcopy(made())
    inside = broken
    for part in path[:-1]:
        inside = inside[part]
    inside[path[-1]] = wrong
    assert not valid(broken)
    assert valid(made())


def test_no_key_may_be_left_out() -> None:
    for key in made():
        broken = made()
        del broken[key]
        assert not valid(broken), key


def test_a_story_told_in_part_is_no_document() -> None:
    with pytest.raises(ValueError, match="tell it complete"):
        document(tell(scenario(), EventLog(17, 1, {}, LOG_ENTRIES)))
