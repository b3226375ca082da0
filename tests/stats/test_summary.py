"""`summary.json`: its numbers, and its schema, which must refuse what is wrong."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest

from sim.engines.contract import NEVER
from sim.stats.summary import summarise
from sim.stats.totals import count_batch
from tests.stats.synthetic import HORIZON, batch, program

SCHEMA = Path(__file__).parents[2] / "docs" / "reference" / "summary.schema.json"
REASONS = {"one": ("declined", "no reply"), "two": ("no reply",), "three": ()}

Summary = dict[str, Any]


def summary(*, uncertain: bool = False, horizon: int = HORIZON, replications: int = 200) -> Summary:
    of = program(uncertain=uncertain, horizon=horizon)
    return summarise(of, count_batch(of, batch(range(replications), of)), 1, "reference", REASONS)


def validator() -> jsonschema.Draft202012Validator:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def put(found: Summary, value: object, *path: str) -> None:
    *parents, last = path
    for key in parents:
        found = found[key]
    found[last] = value


def drop(found: Summary, *path: str) -> None:
    *parents, last = path
    for key in parents:
        found = found[key]
    del found[last]


@pytest.mark.parametrize("uncertain", [True, False])
@pytest.mark.parametrize("horizon", [3600, HORIZON])
@pytest.mark.parametrize("replications", [1, 20, 200])
def test_summaries_fit_the_schema(uncertain: bool, horizon: int, replications: int) -> None:
    found = summary(uncertain=uncertain, horizon=horizon, replications=replications)
    validator().validate(json.loads(json.dumps(found, allow_nan=False)))


WRONG: dict[str, Callable[[Summary], None]] = {
    "another format": lambda s: put(s, 1, "format"),
    "a hash that is none": lambda s: put(s, "xyz", "scenario", "sha256"),
    "negative seed": lambda s: put(s, -1, "seed"),
    "no replications": lambda s: put(s, 0, "replications"),
    "an engine nobody wrote": lambda s: put(s, "magic", "engine"),
    "a key too many": lambda s: put(s, 1, "extra"),
    "a key too few": lambda s: drop(s, "first_side"),
    "a column of no kind": lambda s: put(s, s["first_contact"]["any"], "first_contact", "official:x"),
    "no column any": lambda s: drop(s, "first_contact", "any"),
    "a probability above 1": lambda s: put(s, 1.2, "first_contact", "any", "probability", "estimate"),
    "a probability that is null": lambda s: put(s, None, "first_contact", "any", "probability", "low"),
    "another level": lambda s: put(s, 0.9, "first_contact", "any", "probability", "level"),
    "a median that is a bare number": lambda s: put(s, 5, "first_contact", "any", "median_seconds"),
    "a median without an end": lambda s: drop(s, "first_contact", "any", "median_seconds", "low"),
    "a median in part-seconds": lambda s: put(s, 0.5, "first_contact", "any", "median_seconds", "estimate"),
    "a mean that is null": lambda s: put(s, None, "first_contact", "any", "restricted_mean_seconds", "estimate"),
    "a share that is text": lambda s: put(s, "0.5", "first_contact", "any", "within", "1 d"),
    "no reason busy": lambda s: drop(s, "lines", "one", "unanswered", "busy"),
    "a count below 0": lambda s: put(s, -1, "lines", "one", "requests", "open"),
    "no superseded": lambda s: drop(s, "lines", "one", "requests", "superseded"),
    "an unknown start": lambda s: put(s, "dawn", "lines", "one", "response_from"),
    "an edge that is no number": lambda s: put(s, ["a"], "lines", "one", "response_seconds", "histogram", "edges"),
    "no none": lambda s: drop(s, "first_channel", "none"),
}


@pytest.mark.parametrize("fault", WRONG)
def test_the_schema_refuses(fault: str) -> None:
    found = summary()
    validator().validate(found)
    WRONG[fault](found)
    assert not validator().is_valid(found)


def described(schema: Any, path: str = "") -> list[str]:
    """Paths of properties that say nothing about themselves."""
    missing = []
    if isinstance(schema, dict):
        for name, entry in schema.get("properties", {}).items():
            if "description" not in entry and "$ref" not in entry:
                missing.append(f"{path}/{name}")
        for key, value in schema.items():
            missing += described(value, f"{path}/{key}")
    return missing


def test_every_key_is_described() -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    assert described(schema) == []
    sabotaged = copy.deepcopy(schema)
    del sabotaged["properties"]["seed"]["description"]
    assert described(sabotaged) == ["/seed"]


def test_numbers_of_a_line() -> None:
    found = summary()["lines"]
    assert found["one"]["unanswered"] == {"declined": 400, "no reply": 200, "busy": 0}
    # A reason that the line does not give is shown all the same when it was counted.
    assert found["two"]["unanswered"] == {"declined": 400, "no reply": 200, "busy": 0}
    assert (found["one"]["response_from"], found["three"]["response_from"]) == ("attempt", "occurrence")
    for line in found.values():
        assert line["attempts"] == line["answered"] + sum(line["unanswered"].values())
        requests = line["requests"]
        assert requests["begun"] == sum(requests[end] for end in ("contact", "gave_up", "superseded", "open"))
        assert sum(line["response_seconds"]["histogram"]["counts"]) == line["answered"]
        assert 1 <= line["attempts_to_contact"]["median"] <= line["attempts_to_contact"]["p90"] <= 5


def test_reasons_of_other_lines_are_left_out() -> None:
    of = program()
    made = batch(range(8), of)
    made.unanswered[:] = 0
    found = summarise(of, count_batch(of, made), 1, "reference", REASONS)["lines"]
    assert {name: list(line["unanswered"]) for name, line in found.items()} == {
        "one": ["declined", "no reply", "busy"],
        "two": ["no reply", "busy"],
        "three": ["busy"],
    }


def test_first_channels_and_none_sum_to_one() -> None:
    found = summary()
    for shares in (found["first_channel"], found["first_side"]):
        assert list(shares)[-1] == "none"
        assert sum(shares.values()) == pytest.approx(1)
    assert found["first_channel"]["none"] == pytest.approx(1 - found["first_contact"]["any"]["probability"]["estimate"])


def test_the_unit_of_intervals_is_said() -> None:
    assert summary()["interval_unit"] == "replication"
    assert summary(uncertain=True)["interval_unit"] == "block"
    assert summary()["interval_units"] == 4 * summary(uncertain=True)["interval_units"] == 200


def test_blocks_change_intervals_and_no_estimate() -> None:
    of, other = program(uncertain=True), program()
    by_block = summary(uncertain=True)["first_contact"]["any"]
    by_replication = summary()["first_contact"]["any"]
    assert by_block["median_seconds"]["estimate"] == by_replication["median_seconds"]["estimate"]
    assert by_block["probability"]["estimate"] == by_replication["probability"]["estimate"]
    assert by_block["probability"]["low"] != by_replication["probability"]["low"]
    assert (of.block, other.block) == (4, 4)


def test_nothing_reached() -> None:
    of = program()
    made = batch(range(40), of)
    made.first_contact[:] = NEVER
    made.first_line[:] = NEVER
    made.response[:] = 0
    made.attempts_taken[:] = 0
    found = summarise(of, count_batch(of, made), 1, "reference", REASONS)
    validator().validate(found)
    entry = found["first_contact"]["any"]
    assert entry["probability"]["estimate"] == entry["probability"]["low"] == 0
    assert 0 < entry["probability"]["high"] < 0.1
    assert entry["median_seconds"] == {"estimate": None, "low": None, "high": None}
    assert entry["restricted_mean_seconds"]["estimate"] == HORIZON
    assert entry["within"] == {"1 d": 0.0, "7 d": 0.0, "30 d": 0.0}
    assert found["first_side"] == {"A": 0.0, "B": 0.0, "none": 1.0}
    response = found["lines"]["one"]["response_seconds"]
    assert response["median"] is response["p90"] is None
    assert response["within"] == {"5 min": None, "1 h": None, "24 h": None}
    assert response["histogram"] == {"edges": [], "counts": []}
    assert np.isfinite(entry["restricted_mean_seconds"]["high"])
