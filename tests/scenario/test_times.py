"""Tables of observed times: what is read, and what is refused at which place."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from sim.scenario import times as module
from sim.scenario.errors import ScenarioErrors
from sim.scenario.times import ObservedTimes, read_times


def read(folder: Path, text: str) -> dict[str, ObservedTimes]:
    file = folder / "t.csv"
    file.write_text(text, encoding="utf-8")
    return dict(read_times(file))


def refusals(folder: Path, text: str) -> list[str]:
    with pytest.raises(ScenarioErrors) as refused:
        read(folder, text)
    return [str(error).removeprefix(f"{folder / 't.csv'}") for error in refused.value.errors]


def test_exact_times_and_intervals(tmp_path: Path) -> None:
    assert read(tmp_path, "time\n30 s\n2 min\n1.5 h\n") == {"": ObservedTimes((30, 120, 5400), (30, 120, 5400))}
    assert read(tmp_path, "at least,at most\n1 min,3 min\n,3 min\n8 h,\n") == {
        "": ObservedTimes((60, 0, 28_800), (180, 180, math.inf))
    }
    mixed = "time,at least,at most\n1 min,,\n,1 min,2 min\n"
    assert read(tmp_path, mixed) == {"": ObservedTimes((60, 60), (60, 120))}


def test_series_and_columns_of_the_readers_own(tmp_path: Path) -> None:
    text = '\ufeff# Stamps.\nseries, time ,note\nb,1 min,"a, b"\na,2 min,\n# later:\n\n,,\nb,3 min,"c"\n'
    assert read(tmp_path, text) == {"b": ObservedTimes((60, 180), (60, 180)), "a": ObservedTimes((120,), (120,))}
    assert list(read(tmp_path, text)) == ["b", "a"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", [": holds no times"]),
        ("# nothing\n", [": holds no times"]),
        ("time\n", [": holds no times"]),
        ("tme\n1 min\n", [":1:1: no column of times; expected a column 'time', or 'at least' and 'at most'; did you"]),
        ("time,time\n1 min,2 min\n", [":1:1 time: stands twice in the heading"]),
        ("note,time\nx,5\n", [":2:3 time: '5' has no unit"]),
        ("time\n-1 min\n2 hours\nsoon\n", [":2:1 time: '-1 min' is", ":3:1 time: 'hours' is no unit", ":4:1 time:"]),
        ("time\n0 s\n", [":2:1 time: 0 s; no family"]),
        ("at least,at most\n0 s,0 s\n", [":2:1 at most: 0 s; no family"]),
        ("at least,at most\n3 min,1 min\n", [":2:1 at most: 60 s, less than 'at least' (180 s)"]),
        ("time,at least\n1 min,1 min\n", [":2:1 time: both 'time' and 'at least' or 'at most' are given"]),
        ("time,note\n,late\n", [":2:1: no time; expected 'time'"]),
        ("time,note\n1 min\n", [":2:1: 1 cells under 2 headings; quote a cell"]),
        ("time,note\n1 min,a,b\n", [":2:1: 3 cells under 2 headings"]),
        ('time,note\n1 min,"a\n', [":2:1: no CSV: unexpected end of data"]),
        ("time,at least,at most\nx,y,z\n", [":2:1 time:", ":2:3 at least:", ":2:5 at most:"]),
    ],
)  # fmt: skip
def test_faults_are_told_at_their_place(tmp_path: Path, text: str, said: list[str]) -> None:
    found = refusals(tmp_path, text)
    assert len(found) == len(said)
    for one, expected in zip(found, said, strict=True):
        assert one.startswith(expected), found


@pytest.mark.parametrize(("sign", "name"), [(";", "semicolons"), ("\t", "tabs")])
def test_another_separator_is_named(tmp_path: Path, sign: str, name: str) -> None:
    text = f"call{sign}at least{sign}at most\n1{sign}4 s{sign}5 s\n"
    assert refusals(tmp_path, text) == [
        f":1:1: columns are separated by {name}; expected commas: save the table as CSV with commas"
    ]


def test_quoted_cells_are_read_as_rfc_4180_has_them(tmp_path: Path) -> None:
    """Over several lines, with quotes and # within; other separators of lines than CR and LF are characters."""
    text = (
        'time,note\r\n1 min,"first\r\n# no comment\r\n ""third"""\r\n# a comment, "with a quote\r\n'
        "2 min,a\u2028b\x0bc\r\n3 min,5 # no comment\r\n"
    )
    assert read(tmp_path, text) == {"": ObservedTimes((60, 120, 180), (60, 120, 180))}
    # A fault after such a cell is told at its own line, and one within such a row too.
    assert refusals(tmp_path, 'note,time\n"a\nb",1 min\n"c\nd",soon\n')[0].startswith(":5:4 time: 'soon'")


def test_a_time_of_nothing_has_a_way_out(tmp_path: Path) -> None:
    (said,) = refusals(tmp_path, "time\n0 s\n")
    assert "give the ends between which it lies, such as 'at least' 0 s and 'at most' 1 s" in said


def test_files_that_are_no_tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ScenarioErrors, match="No such file"):
        read_times(tmp_path / "none.csv")
    (tmp_path / "binary.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ScenarioErrors, match="is no text in UTF-8"):
        read_times(tmp_path / "binary.csv")
    monkeypatch.setattr(module, "LARGEST", 3)
    with pytest.raises(ScenarioErrors, match="is larger than 3 bytes"):
        read(tmp_path, "time\n1 min\n")
