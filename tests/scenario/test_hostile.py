"""Files made to break a reader: one clear error or correct work; never another exception, a hang, or a flood."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from sim.scenario import load, loads
from sim.scenario.errors import ScenarioErrors
from tests.scenario.hostile import GOOD, HEAD, check_harmless, outcome, refused, scenario, write


def test_the_good_scenario_is_accepted(tmp_path: Path) -> None:
    assert len(load(write(tmp_path, GOOD)).lines) == 1
    assert loads(scenario()).lines == loads(GOOD).lines
    assert outcome(write(tmp_path, GOOD))[0] == "accepted 1"


# --- size and depth -------------------------------------------------------------------------------------------------


def bomb() -> str:
    """Nine lists of nine aliases each: a billion strings if expanded."""
    text = "a: &a [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n"
    for before, after in zip("abcdefgh", "bcdefghi", strict=True):
        text += f"{after}: &{after} [" + ", ".join([f"*{before}"] * 9) + "]\n"
    return text


def mapping_bomb() -> str:
    """The same with merge keys."""
    text = "a: &a {k: 1}\n"
    for before, after in zip("abcdefgh", "bcdefghi", strict=True):
        text += f"{after}: &{after} {{x: *{before}, y: *{before}, <<: *{before}}}\n"
    return text


HEAVY = {
    "alias bomb": bomb(),
    "alias bomb with merge keys": mapping_bomb(),
    "alias to itself": "scenario: &s [*s]\n",
    "flow lists nested 10,000 deep": "scenario: " + "[" * 10_000 + "]" * 10_000,
    "flow lists nested 10,000 deep, left open": "scenario: " + "[" * 10_000,
    "flow mappings nested 10,000 deep": "{a: " * 10_000 + "1" + "}" * 10_000,
    "block mappings nested 10,000 deep": "\n".join(" " * depth + "a:" for depth in range(10_000)),
    "block lists nested 10,000 deep": "- " * 10_000 + "1",
    "explicit keys nested 10,000 deep": "? " * 10_000 + "1",
    "a key of a million characters": "k" * 1_000_000 + ": 1\n",
    "a title of six million characters": "title: " + "t" * 6_000_000 + "\n",
    "twenty thousand unknown keys": "".join(f"key{index}: 1\n" for index in range(20_000)),
    "a hundred thousand duplicate keys": "same: 1\n" * 100_000,
    "a hundred thousand tiny documents": "--- 1\n" * 100_000,
    "a million comments": "# nothing\n" * 800_000,
    "fifty thousand empty flow lists": "title: [" + "[]," * 50_000 + "]\n",
    "a hundred thousand anchors": "".join(f"k{index}: &a{index} 1\n" for index in range(100_000)),
    "a million quotation marks": "title: '" + "''" * 500_000 + "'x\n",
}


@pytest.mark.parametrize("name", HEAVY)
def test_heavy_text_is_refused_in_bounded_time_and_memory(name: str, tmp_path: Path) -> None:
    said, memory = outcome(write(tmp_path, HEAVY[name]))
    assert said.startswith("refused ")
    assert memory < 1_000
    assert len(said) < 10_000 + 300 * len(HEAVY[name])
    for line in said.splitlines():
        check_harmless(line)


MANY = {"lists": "title: [" + "[]," * 1_100_000 + "]\n", "keys": "{" + "k: 1," * 600_000 + "}\n"}


@pytest.mark.deep
@pytest.mark.parametrize("many", MANY.values(), ids=MANY.keys())
def test_more_than_a_million_values_are_refused(many: str, tmp_path: Path) -> None:
    said, memory = outcome(write(tmp_path, many), seconds=240)
    assert "more than 1000000 values" in said
    assert memory < 2_000


def test_a_file_of_50_mb_is_refused_unread(tmp_path: Path) -> None:
    file = write(tmp_path, GOOD)
    with file.open("r+b") as stream:
        stream.truncate(50_000_000)
    said, memory = outcome(file)
    assert said.startswith("refused 1 ")
    assert "too large" in said
    assert memory < 300


def test_a_sparse_file_of_a_terabyte_is_refused_unread(tmp_path: Path) -> None:
    file = write(tmp_path, GOOD)
    with file.open("r+b") as stream:
        stream.truncate(2**40)
    said, memory = outcome(file)
    assert "too large" in said
    assert memory < 300


def test_ten_thousand_lines_work(tmp_path: Path) -> None:
    one = "{{caller: ann, callee: bob, channel: phone, every: 1 d, answer: 0.1, delay: 1 h}}"
    text = HEAD + "lines:\n" + "".join(f"  call-{index}: " + one.format() + "\n" for index in range(10_000))
    assert outcome(write(tmp_path, text), seconds=120)[0] == "accepted 10000"


def test_a_thousand_faults_are_each_reported(tmp_path: Path) -> None:
    one = "{caller: ann, callee: bob, channel: phone, every: 1 d, answer: 1.2, delay: 1 h}"
    text = HEAD + "lines:\n" + "".join(f"  call-{index}: {one}\n" for index in range(1_000))
    with pytest.raises(ScenarioErrors) as caught:
        load(write(tmp_path, text))
    assert [error.line for error in caught.value.errors] == list(range(8, 1_008))


# --- what is no text ------------------------------------------------------------------------------------------------

ENCODED = {
    "empty": (b"", "empty"),
    "blank": (b" \n\n  \n", "empty"),
    "only comments": (b"# a scenario\n# to be written\n", "empty"),
    "only a document marker": (b"---\n", "expected a mapping"),
    "only null": (b"null\n", "expected a mapping"),
    "random bytes": (bytes(range(128, 256)) * 8, "UTF-8"),
    "PNG": (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "UTF-8"),
    "gzip": (b"\x1f\x8b\x08\x00\x00\x00\x00\x00", "UTF-8"),
    "NUL in a value": (GOOD.replace("Hostile", "Hos\0tile").encode(), "NUL"),
    "NUL at the end": (GOOD.encode() + b"\0", "NUL"),
    "escape code": (GOOD.replace("Hostile", "\x1b[2J").encode(), "U+001B"),
    "UTF-16 with mark": (GOOD.encode("utf-16"), "UTF-8"),
    "UTF-16 little-endian": (GOOD.encode("utf-16-le"), ""),
    "UTF-16 big-endian": (GOOD.encode("utf-16-be"), ""),
    "UTF-32 with mark": (GOOD.encode("utf-32"), "UTF-8"),
    "Latin-1": (GOOD.replace("Hostile", "Café").encode("latin-1"), "UTF-8"),
    "surrogates": (GOOD.encode().replace(b"Hostile", b"\xed\xa0\x80"), "UTF-8"),
    "overlong slash": (GOOD.encode().replace(b"Hostile", b"\xc0\xaf"), "UTF-8"),
}


@pytest.mark.parametrize("name", ENCODED)
def test_what_is_no_utf8_text_is_refused(name: str, tmp_path: Path) -> None:
    content, phrase = ENCODED[name]
    shown = refused(write(tmp_path, content))
    assert shown.count("\n") == 0
    assert phrase in shown


@pytest.mark.parametrize("mark", [b"\xef\xbb\xbf", b""])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_byte_order_mark_and_line_endings_change_nothing(mark: bytes, ending: str, tmp_path: Path) -> None:
    content = mark + GOOD.replace("\n", ending).encode()
    assert load(write(tmp_path, content)) == load(write(tmp_path, GOOD))


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_places_do_not_depend_on_line_endings(ending: str, tmp_path: Path) -> None:
    text = "\ufeff" + GOOD.replace("answer: 0.1", "answer: 1.2").replace("\n", ending)
    assert "hostile.yaml:8:72 lines.call.answer" in refused(write(tmp_path, text))


# --- what is no file ------------------------------------------------------------------------------------------------


def test_directory(tmp_path: Path) -> None:
    assert "is a folder" in refused(tmp_path)


def test_missing_file(tmp_path: Path) -> None:
    assert "nowhere.yaml: no such file" in refused(tmp_path / "nowhere.yaml")


def test_file_below_a_file(tmp_path: Path) -> None:
    assert "deeper.yaml: cannot be opened" in refused(write(tmp_path, GOOD) / "deeper.yaml")


def test_name_longer_than_any_file_system_takes(tmp_path: Path) -> None:
    assert "nnn.yaml: cannot be opened" in refused(tmp_path / ("n" * 5_000 + ".yaml"))


def test_name_with_a_nul(tmp_path: Path) -> None:
    assert "b.yaml: cannot be opened" in refused(f"{tmp_path}/a\0b.yaml")


def test_name_with_escape_codes_and_line_breaks(tmp_path: Path) -> None:
    assert "\\n" in refused(write(tmp_path, GOOD + "weather: fine\n", "a\x1b[31m\nb.yaml"))


@pytest.fixture
def unreadable(tmp_path: Path) -> Iterator[Path]:
    file = write(tmp_path, GOOD)
    file.chmod(0)
    yield file
    file.chmod(0o600)


def test_no_permission(unreadable: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if os.access(unreadable, os.R_OK):
        # The superuser may read everything: let the system refuse in its stead.
        def denied(*_: object, **__: object) -> None:
            raise PermissionError(13, "Permission denied", str(unreadable))

        for name in ("open", "read_bytes", "read_text"):
            monkeypatch.setattr(Path, name, denied)
        monkeypatch.setattr(os, "open", denied)
        monkeypatch.setattr("builtins.open", denied)
    assert "no permission to read it" in refused(unreadable)


def test_pipe_and_device_do_not_hang(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.yaml"
    os.mkfifo(pipe)
    for special in (pipe, Path("/dev/zero"), Path("/dev/null")):
        assert outcome(special, seconds=30)[0] == f"refused 1 {special}: is no regular file"


def test_link_to_itself(tmp_path: Path) -> None:
    (tmp_path / "loop.yaml").symlink_to("loop.yaml")
    assert "loop.yaml: cannot be opened" in refused(tmp_path / "loop.yaml")


# --- extends --------------------------------------------------------------------------------------------------------


def test_extends_in_a_cycle_of_three_names_the_chain(tmp_path: Path) -> None:
    for name, base in [("a", "b"), ("b", "c"), ("c", "a")]:
        write(tmp_path, f"extends: {base}.yaml\n", f"{name}.yaml")
    shown = refused(tmp_path / "a.yaml")
    assert all(name in shown for name in ("a.yaml", "b.yaml", "c.yaml"))
    assert shown.count("\n") == 0


def test_extends_itself_by_another_spelling(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    cycle = "hostile.yaml:1:10 extends: a cycle: hostile.yaml extends hostile.yaml"
    assert cycle in refused(write(tmp_path, "extends: .//hostile.yaml\n"))
    assert "extends: './sub/../hostile.yaml' lies outside" in refused(
        write(tmp_path, "extends: ./sub/../hostile.yaml\n")
    )


def test_extends_in_a_cycle_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "alias.yaml").symlink_to("hostile.yaml")
    cycle = "hostile.yaml:1:10 extends: a cycle: hostile.yaml extends alias.yaml"
    assert cycle in refused(write(tmp_path, "extends: alias.yaml\n"))


@pytest.mark.parametrize("depth", [1_000])
def test_extends_in_a_long_chain(depth: int, tmp_path: Path) -> None:
    for index in range(depth):
        write(tmp_path, f"extends: f{index + 1}.yaml\n", f"f{index}.yaml")
    write(tmp_path, GOOD, f"f{depth}.yaml")
    said, _ = outcome(tmp_path / "f0.yaml")
    assert said.startswith("refused 1 ")


OUTSIDE = [
    "../outside.yaml",
    "sub/../../outside.yaml",
    "./../inside/../outside.yaml",
    "..\\outside.yaml",
    "~/outside.yaml",
]


@pytest.mark.parametrize("target", OUTSIDE)
def test_extends_out_of_the_folder(target: str, tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    (inside / "sub").mkdir(parents=True)
    write(tmp_path, GOOD, "outside.yaml")
    assert "hostile.yaml:1:10 extends" in refused(write(inside, f"extends: {target}\n"))


def test_extends_an_absolute_path_even_into_its_own_folder(tmp_path: Path) -> None:
    base = write(tmp_path, GOOD, "base.yaml")
    assert "hostile.yaml:1:10 extends" in refused(write(tmp_path, f"extends: {base}\n"))


def test_extends_by_link_out_of_the_folder(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    write(tmp_path, GOOD, "outside.yaml")
    (inside / "link.yaml").symlink_to("../outside.yaml")
    (inside / "folder").symlink_to("..")
    assert "hostile.yaml:1:10 extends" in refused(write(inside, "extends: link.yaml\n"))
    assert "hostile.yaml:1:10 extends" in refused(write(inside, "extends: folder/outside.yaml\n"))


def test_extends_does_not_show_what_it_refuses(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    write(tmp_path, "secret: hunter2\n", "outside.yaml")
    assert "hunter2" not in refused(write(inside, "extends: ../outside.yaml\n"))


@pytest.mark.parametrize(
    "target", ["", ".", "null", "[a.yaml]", "3", '"a\\0b.yaml"', "/dev/zero", "https://example.org/a.yaml"]
)
def test_extends_what_is_no_file(target: str, tmp_path: Path) -> None:
    file = write(tmp_path, f"extends: {target}\n")
    said, _ = outcome(file, seconds=30)
    assert said.startswith("refused ")


def test_extends_below_the_folder_works(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    write(tmp_path, GOOD, "sub/base.yaml")
    assert load(write(tmp_path, "extends: sub/base.yaml\n")).title == "Hostile"


def test_a_linked_scenario_still_finds_its_base(tmp_path: Path) -> None:
    folder = tmp_path / "real"
    folder.mkdir()
    write(folder, GOOD, "base.yaml")
    write(folder, "extends: base.yaml\n")
    assert load(folder / "hostile.yaml").title == "Hostile"


@pytest.mark.parametrize("shown", ["a\x1b[2Jb", "a\nb", "a\u202eb", "a\x85b"])
def test_saboteur_an_error_that_steers_fails(shown: str) -> None:
    with pytest.raises(AssertionError):
        check_harmless(shown)


def test_saboteur_an_accepted_file_fails_as_a_refused_one(tmp_path: Path) -> None:
    with pytest.raises(pytest.fail.Exception):
        refused(write(tmp_path, GOOD))
