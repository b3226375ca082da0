"""The values of ``--vary``."""

from __future__ import annotations

import pytest

from sim.runs.errors import RunRefused
from sim.studies.sweep import parse_axis

DAY = 86_400


@pytest.mark.parametrize(
    ("text", "kind", "values"),
    [
        ("a.b=1 d:2 d:3", "duration", ("1 d", "36 h", "2 d")),
        ("a.b = 30 min : 2 h : 4", "duration", ("30 min", "1 h", "90 min", "2 h")),
        ("a.b=1 s:2 s:3", "duration", ("1 s", "1.5 s", "2 s")),
        ("a.b=1 h:27 h:4:log", "duration", ("1 h", "3 h", "9 h", "27 h")),
        ("a.b=0.1:0.5:5", "number", ("0.1", "0.2", "0.3", "0.4", "0.5")),
        ("a.b=1:10:10", "number", tuple(map(str, range(1, 11)))),
        ("a.b=-1:1:3", "number", ("-1", "0", "1")),
        ("a.b=0.001:1:4:log", "number", ("0.001", "0.01", "0.1", "1")),
        ("a.b=2022-03-01:2022-03-05:3", "date", ("2022-03-01", "2022-03-03", "2022-03-05")),
        ("a.b=2022-03-01:2022-03-02:3", "date", ("2022-03-01", "2022-03-01T12:00:00Z", "2022-03-02")),
        (
            "a.b=2022-03-01 06:00:2022-03-01T09:00:00Z:4",
            "date",
            tuple(f"2022-03-01T0{hour}:00:00Z" for hour in (6, 7, 8, 9)),
        ),
        ("a.b=3 d, 1 d,2 d", "duration", ("1 d", "2 d", "3 d")),
        ("a.b=0.3,0.1", "number", ("0.1", "0.3")),
        ("a.b=x,y", "text", ("x", "y")),
        ("a.b=1 d,{exponential: {mean: 1 d}},{uniform: [1 h, 2 h]}", "text",
         ("1 d", "{exponential: {mean: 1 d}}", "{uniform: [1 h, 2 h]}")),
        ("a.b='x,y',z", "text", ("'x,y'", "z")),
    ],
)  # fmt: skip
def test_values(text: str, kind: str, values: tuple[str, ...]) -> None:
    axis = parse_axis(text)
    assert (axis.path, axis.kind, axis.values) == ("a.b", kind, values)
    assert list(axis.places) == sorted(axis.places)
    assert axis.log is text.endswith("log")


def test_places_are_seconds_and_the_places_of_what_is_run() -> None:
    assert parse_axis("a=1 d:2 d:3").places == (DAY, 1.5 * DAY, 2 * DAY)
    assert parse_axis("a=1 h:1 d:4:log").places[1] == round(3600 * 24 ** (1 / 3))
    assert parse_axis("a=1970-01-02:1970-01-04:2").places == (DAY, 3 * DAY)
    assert parse_axis("a=x,1 d").places == (0, 1)


FORMS = "expected PATH=lo:hi:n, PATH=lo:hi:n:log or PATH=a,b,c, such as lines.hotline.every=1 h:2 d:8"
WRONG = {
    "": FORMS,
    "lines.a.every": FORMS,
    "=1:2:3": FORMS,
    "a=": FORMS,
    "a=1 d": f"one value is no range and no list; {FORMS}",
    "a=1 d:2 d": "how many values is missing: 1 d:2 d:5 would try five",
    "a=1:2 d:3": f"'1:2 d' are not two numbers, two durations or two dates; {FORMS}",
    "a=1:2022-01-01:3": f"'1:2022-01-01' are not two numbers, two durations or two dates; {FORMS}",
    "a=1 x:2 x:3": f"'1 x:2 x' are not two numbers, two durations or two dates; {FORMS}",
    "a=nan:1:3": f"'nan:1' are not two numbers, two durations or two dates; {FORMS}",
    "a=1_0:20:3": f"'1_0:20' are not two numbers, two durations or two dates; {FORMS}",
    "a=0:inf:3": f"'0:inf' are not two numbers, two durations or two dates; {FORMS}",
    "a=-1 d:2 d:3": f"'-1 d:2 d' are not two numbers, two durations or two dates; {FORMS}",
    "a=2022-02-30:2022-03-05:3": f"'2022-02-30:2022-03-05' are not two numbers, two durations or two dates; {FORMS}",
    "a=1:2:x": "'x' is no number of values; expected a whole number from 2 to 200",
    "a=1:2:1": "'1' is no number of values; expected a whole number from 2 to 200",
    "a=1:2:201": "'201' is no number of values; expected a whole number from 2 to 200",
    "a=1:2:2.5": "'2.5' is no number of values; expected a whole number from 2 to 200",
    "a=1:2:99999999999999": "'99999999999999' is no number of values; expected a whole number from 2 to 200",
    "a=2:1:3": "the first end is not below the second",
    "a=1:1:3": "the first end is not below the second",
    "a=0:1:3:log": "a logarithmic range is of numbers or durations above 0",
    "a=2022-01-01:2022-02-01:3:log": "a logarithmic range is of numbers or durations above 0",
    "a=100 s:102 s:9": "9 values lie too close to each other",
    "a=1,,2": "a value of the list is empty",
    "a=1,2,": "a value of the list is empty",
    "a=1,1": "'1' is there twice",
    "a=24 h,1 d": "two of the values are the same",
    "a={b: 1,c": "a bracket or quote is not closed",
    "a='b,c": "a bracket or quote is not closed",
}


@pytest.mark.parametrize("text", WRONG)
def test_wrong_values_are_refused(text: str) -> None:
    with pytest.raises(RunRefused) as refused:
        parse_axis(text)
    assert str(refused.value) == f"--vary {text}: {WRONG[text]}"


def test_the_corpus_of_wrong_values_is_whole() -> None:
    assert len(WRONG) == 30


def test_too_long_a_list_is_refused() -> None:
    with pytest.raises(RunRefused, match="201 values; at most 200 are tried"):
        parse_axis("a=" + ",".join(map(str, range(201))))
