"""What-if files: every variant resolved, faults at their overrides, variants that change nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.scenario import load
from sim.scenario.errors import ScenarioErrors
from sim.scenario.whatif import load_whatif
from tests.scenario.language import SMALL, write


def whatif(folder: Path, variants: str) -> Path:
    write(folder, "base.yaml", SMALL)
    return write(folder, "w.yaml", f"what_if: 1\nbase: base.yaml\nvariants:\n{variants}")


def refusals(path: Path) -> list[str]:
    with pytest.raises(ScenarioErrors) as caught:
        load_whatif(path)
    return [str(error).replace(f"{path.parent}/", "") for error in caught.value.errors]


def test_variants_are_resolved_in_order(tmp_path: Path) -> None:
    path = whatif(
        tmp_path,
        "  daily, no level: {lines.call.every: 12 h, channels.phone.level: null}\n  surer: {lines.call.answer: 0.9}\n",
    )
    found = load_whatif(path)
    assert found.base == load(tmp_path / "base.yaml")
    assert found.base_path == tmp_path / "base.yaml"
    assert list(found.variants) == ["daily, no level", "surer"]
    assert found.variants["daily, no level"].channels[0].level == ""
    assert found.variants["surer"] == load(tmp_path / "base.yaml", ["lines.call.answer=0.9"])
    assert found.warnings == ()


def test_all_faults_of_all_variants_are_told_at_once(tmp_path: Path) -> None:
    path = whatif(tmp_path, "  a: {lines.call.evry: 1 d, lines.call.answer: 2}\n  b: {lins.call.every: 1 d}\n")
    assert refusals(path) == [
        "w.yaml:4:7 variants.a: unknown key 'evry'; did you mean 'every'?",
        "w.yaml:4:48 variants.a: 2 is not a probability; expected a number from 0 to 1",
        "w.yaml:5:7 variants.b: unknown key 'lins'; did you mean 'lines'?",
    ]


def test_what_a_variant_breaks_in_the_base_names_the_variant(tmp_path: Path) -> None:
    (error,) = refusals(whatif(tmp_path, "  gone: {channels: {radio: {}}}\n"))
    assert error == "base.yaml:11:45 lines.call.channel: 'phone' is no channel (in variant 'gone')"


def test_a_variant_that_changes_nothing_is_warned_about(tmp_path: Path) -> None:
    found = load_whatif(whatif(tmp_path, "  same: {lines.call.every: 24 h}\n  other: {lines.call.every: 1 h}\n"))
    (warning,) = found.warnings
    assert warning.endswith("w.yaml:4:3 variants.same: variant 'same' changes nothing")


@pytest.mark.parametrize(
    "override",
    [
        "title: another",
        "lines.call.title: another",
        "officials.bob.office: another",
        "lines.call.every: {value: 1 d, basis: assumption, why: a guess}",
        "record: [{line: call, no_contact_until: 2022-01-02}]",
    ],
)
def test_a_variant_that_changes_only_what_is_not_simulated_is_warned_about(tmp_path: Path, override: str) -> None:
    found = load_whatif(whatif(tmp_path, f"  words: {{{override}}}\n"))
    assert found.variants["words"] != found.base
    (warning,) = found.warnings
    assert "variant 'words' changes nothing that is simulated: only titles" in warning


@pytest.mark.parametrize(
    "override",
    [
        "lines.call.every: 25 h",
        "lines.call.answer: 0.123",
        "report: {groups: {g: [call]}}",
        "channels.phone.level: new",
    ],
)
def test_a_variant_that_changes_what_is_simulated_or_counted_is_not_warned_about(tmp_path: Path, override: str) -> None:
    assert load_whatif(whatif(tmp_path, f"  other: {{{override}}}\n")).warnings == ()


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (('"a"', '"a "'), "w.yaml:5:3 variants: 'a ' looks like 'a'; choose another name"),
        (('"a"', '"a\\u200b"'), "variants: 'a\\u200b' looks like 'a'; choose another name"),
        (('"a b"', '"a  b"'), "variants: 'a  b' looks like 'a b'; choose another name"),
        (('"a"', '"\\u200b"'), "w.yaml:5:3 variants: a variant without a name"),
        (('"a"', f'"{"x" * 101}"'), "w.yaml:5:3 variants: a name of 101 characters; expected at most 100"),
    ],
)
def test_names_that_look_alike_or_fill_the_table_are_refused(
    tmp_path: Path, names: tuple[str, str], words: str
) -> None:
    variants = "".join(f"  {name}: {{lines.call.every: {at} h}}\n" for at, name in enumerate(names, 1))
    (error,) = refusals(whatif(tmp_path, variants))
    assert error.endswith(words)


def test_a_name_of_a_hundred_characters_is_taken(tmp_path: Path) -> None:
    assert len(load_whatif(whatif(tmp_path, f"  {'x' * 100}: {{lines.call.every: 1 h}}\n")).variants) == 1


def test_faults_of_the_file_hide_none_of_its_variants(tmp_path: Path) -> None:
    write(tmp_path, "base.yaml", SMALL)
    text = "what_if: 1\nbase: base.yaml\nbase: base.yaml\nvariant: {}\nvariants:\n  a: {lines.call.answer: 2}\n  b: 3\n"
    assert refusals(write(tmp_path, "w.yaml", text)) == [
        "w.yaml:3:1 base: duplicate key 'base' (first at line 2)",
        "w.yaml:4:1 variant: unknown key 'variant'; did you mean 'variants'?",
        "w.yaml:6:26 variants.a: 2 is not a probability; expected a number from 0 to 1",
        "w.yaml:7:6 variants.b: expected a mapping from paths to values, found 3",
    ]


def test_a_path_that_is_none_hides_no_other_fault_of_its_variant(tmp_path: Path) -> None:
    path = whatif(tmp_path, "  a: {lines..call: 1, extends: x.yaml, lines.call.answer: 2}\n")
    assert [error.split(": ", 1)[1] for error in refusals(path)] == [
        "'lines..call' is no path; expected keys with dots between, such as lines.hotline.every",
        "'extends' cannot be overridden; extend another file instead",
        "2 is not a probability; expected a number from 0 to 1",
    ]


def test_faults_of_the_file_and_of_its_base_are_told_together(tmp_path: Path) -> None:
    write(tmp_path, "base.yaml", SMALL.replace("answer: 0.1", "answer: 2"))
    errors = refusals(write(tmp_path, "w.yaml", "what_if: 2\nbase: base.yaml\nvariants: {a: {}}\n"))
    assert [error.split(":")[0] for error in errors] == ["base.yaml", "w.yaml"]


def test_a_file_without_a_base_is_told_so_once(tmp_path: Path) -> None:
    (error,) = refusals(write(tmp_path, "w.yaml", "what_if: 1\nvariants: {a: {lines.call.answer: 2}}\n"))
    assert "missing key 'base'" in error


def test_faults_of_the_base_are_told_once(tmp_path: Path) -> None:
    path = whatif(tmp_path, "  a: {lines.call.every: 2 d}\n  b: {lines.call.every: 3 d}\n")
    write(tmp_path, "base.yaml", SMALL.replace("answer: 0.1", "answer: 2"))
    (error,) = refusals(path)
    assert error.startswith("base.yaml:11:")
