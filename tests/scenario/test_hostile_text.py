"""Texts made to break a reader or a terminal: numbers, dates, names and YAML that a scenario must not contain."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.scenario import load, loads
from sim.scenario.errors import ScenarioErrors
from tests.scenario.hostile import GOOD, check_harmless, checked, refused, refused_text, scenario, write

# --- numbers --------------------------------------------------------------------------------------------------------

NUMBERS = [
    ".nan",
    ".NaN",
    "-.nan",
    "nan",
    ".inf",
    "-.Inf",
    "inf",
    "1e400",
    "-1e400",
    "1" + "0" * 400,
    "9" * 5_000,
    "0x10",
    "0o17",
]
NUMBERS += [
    "010.5.1",
    "1_0",
    "1,5",
    "1:30",
    "0b1",
    "½",
    "٣",
    "0.1.2",
    "--1",
    "+-1",
    "1e",
    "'0.1'",
    "!!float 0.1",
    "0x" + "f" * 5_000,
]


@pytest.mark.parametrize("number", NUMBERS, ids=lambda number: number[:12])
@pytest.mark.parametrize("place", ["answer", "attempts", "on_contact", "every", "unanswered"])
def test_no_number_or_one_out_of_range_is_refused(number: str, place: str) -> None:
    if place == "attempts" and number in ("0x10", "0o17"):
        assert loads(scenario(attempts=number)).lines[0].attempts == int(number, 0)
        return
    written = {
        "on_contact": f"{{odds_factor: {number}}}",
        "every": number,
        "unanswered": f"{{declined: {number}}}",
    }.get(place, number)
    if place == "on_contact" and number in ("0x10", "0o17"):
        effect = loads(scenario(on_contact=written)).lines[0].on_contact
        assert effect is not None
        assert effect.odds_factor == int(number, 0)
        return
    shown = refused_text(scenario(**{place: written}))
    assert f" lines.call.{place}" in shown or number.startswith("!!")


@pytest.mark.parametrize(
    "number", ["1e400", "nan", "inf", "-0.1", "1e-400000000", "9" * 5_000, "١", "1__0", "0x10"], ids=lambda n: n[:12]
)
@pytest.mark.parametrize("unit", ["s", "d"])
def test_durations_out_of_range_are_refused_or_nothing(number: str, unit: str) -> None:
    if number == "1e-400000000":
        assert " lines.call.every: " in refused_text(scenario(every=f"{number} {unit}"))
        return
    assert " lines.call.delay: " in refused_text(scenario(delay=f"{number} {unit}"))


DATES = [
    "0000-01-01",
    "0001-01-01",
    "1582-10-10",
    "1899-12-31",
    "2201-01-01",
    "9999-12-31",
    "10000-01-01",
    "-2022-01-01",
]
DATES += [
    "2022-00-01",
    "2022-01-00",
    "2022-01-20T24:00:01",
    "2022-01-20 00:00:60",
    "2022-01-20T00:00+25:00",
    "٢٠٢٢-٠١-٢٠",
]
DATES += [
    "2022-1-2",
    "20220120",
    "2022-W03",
    "now",
    "1642636800",
    "'2022-01-20\\n'",
    "' '",
]


@pytest.mark.parametrize("date", DATES)
def test_dates_out_of_range_are_refused(date: str) -> None:
    shown = refused_text(GOOD.replace("end: 2022-02-01", f"end: {date}"))
    assert "scenario.yaml:3:33 clock.end" in shown
    assert shown.count("\n") == 0


def test_the_longest_clock_counts_every_second() -> None:
    text = GOOD.replace("2022-01-01", "1900-01-01").replace("2022-02-01", "2200-12-31")
    assert loads(text).horizon == 109_937 * 86_400


# --- texts ----------------------------------------------------------------------------------------------------------

WICKED = {
    "script": "<script>alert(1)</script>",
    "parent folder": "../../etc/passwd",
    "absolute path": "/etc/passwd",
    "template": "{{ 7 * 7 }} ${HOME} $(id) `id` %s %n",
    "right to left": "\u202etxt.exe",
    "zero width": "a\u200bb",
    "combining": "Z" + "\u0300" * 500,
    "line breaks": "a\nb\r\nc\u2028d\x85e",
    "clear the screen": "\x1b[2J\x1b]0;title\x07",
    "C1 controls": "\x9b31m",
    "nul": "a\0b",
    "lone surrogate": "\ud800",
    "beyond the basic plane": "\U0001f4de",
    "long": "x" * 10_000,
    "empty": "",
    "blank": "   ",
}
wicked = pytest.mark.parametrize("text", WICKED.values(), ids=WICKED.keys())


def quoted(text: str) -> str:
    """The text as a double-quoted YAML scalar, everything but plain ASCII escaped."""
    return '"' + "".join(c if " " <= c <= "~" and c not in '"\\' else f"\\U{ord(c):08X}" for c in text) + '"'


def assert_told_at(place: str, text: str, shown: str) -> None:
    """The refusal names the place, unless YAML itself has no such text: half a character, or too long a key."""
    assert place in shown or (
        text in (WICKED["lone surrogate"], WICKED["combining"], WICKED["long"])
        and ("cannot be read as YAML" in shown or "at most 1000 are read" in shown)
    )


@wicked
def test_wicked_names_are_refused_without_an_echo_that_steers(text: str) -> None:
    for section, entry in [("channels", "{}"), ("sides", "{timezone: UTC}"), ("officials", "{side: A}")]:
        before = {"channels": "phone: {}", "sides": "B: {timezone: UTC}", "officials": "bob: {side: B}"}[section]
        assert_told_at(f" {section}.", text, refused_text(GOOD.replace(before, f"{before}, {quoted(text)}: {entry}")))


@wicked
@pytest.mark.parametrize(
    "place", ["caller", "channel", "answer", "every", "starts", "until", "triggered_by", "nonsense"]
)
def test_wicked_values_are_refused_without_an_echo_that_steers(text: str, place: str) -> None:
    assert_told_at(f" lines.call.{place}", text, refused_text(scenario(**{place: quoted(text)})))


@wicked
def test_wicked_keys_are_refused_without_an_echo_that_steers(text: str) -> None:
    for place, changed in [
        ("scenario.yaml:9:1", GOOD + f"{quoted(text)}: 1\n"),
        (" lines.call.", GOOD.replace("delay: 1 h", f"delay: 1 h, {quoted(text)}: 1")),
        (" lines.call.delay", GOOD.replace("delay: 1 h", f"delay: {{{quoted(text)}: 1}}")),
    ]:
        assert_told_at(place, text, refused_text(changed))


@wicked
def test_wicked_time_zones_duties_and_files_are_refused(text: str, tmp_path: Path) -> None:
    zone, duty = f"B: {{timezone: {quoted(text)}}}", f"bob: {{side: B, duty: {quoted(text)}}}"
    assert_told_at(" sides.B.timezone: ", text, refused_text(GOOD.replace("B: {timezone: UTC}", zone)))
    assert_told_at(" officials.bob.duty: ", text, refused_text(GOOD.replace("bob: {side: B}", duty)))
    assert_told_at("hostile.yaml:1:10 extends: ", text, refused(write(tmp_path, f"extends: {quoted(text)}\n")))
    assert_told_at(
        "hostile.yaml:9:12 posterior: ", text, refused(write(tmp_path, GOOD + f"posterior: {quoted(text)}\n"))
    )


@pytest.mark.parametrize("name", ["script", "parent folder", "template", "beyond the basic plane", "long"])
def test_free_text_is_kept_as_it_is(name: str) -> None:
    assert loads(GOOD.replace("title: Hostile", f"title: {quoted(WICKED[name])}")).title == WICKED[name]


@pytest.mark.parametrize("text", [WICKED["clear the screen"], WICKED["nul"], WICKED["line breaks"]])
def test_titles_that_steer_are_refused_or_shown_escaped(text: str) -> None:
    """Such a title may load: whoever prints it escapes it. Its errors and warnings are harmless in any case."""
    try:
        loaded = loads(GOOD.replace("title: Hostile", f"title: {quoted(text)}"))
    except ScenarioErrors as errors:
        checked(errors)
    else:
        for warning in loaded.warnings:
            check_harmless(warning)


# --- YAML ----------------------------------------------------------------------------------------------------------

TRICKS = {
    "python object": ("title: !!python/object/apply:os.system ['exit 1']\n", "tags are refused"),
    "python name": ("title: !!python/name:os.system\n", "tags are refused"),
    "local tag": ("title: !secret x\n", "tags are refused"),
    "verbatim tag": ("title: !<tag:yaml.org,2002:str> x\n", "tags are refused"),
    "binary tag": ("title: !!binary aGVsbG8=\n", "tags are refused"),
    "set tag": ("sides: !!set {A, B}\n", "tags are refused"),
    "tag directive": ("%TAG ! tag:example.org,2022:\n---\ntitle: !x y\n", "3:8: tags are refused"),
    "unknown directive": ("%FOO bar\n---\ntitle: x\n", "unknown directive name"),
    "YAML 3.0": ("%YAML 3.0\n---\ntitle: x\n", "incompatible YAML document"),
    "merge key": ("sides: {<<: {A: {timezone: UTC}}}\n", "merge keys ('<<') are refused"),
    "quoted merge key": ('sides: {"<<": {A: {timezone: UTC}}}\n', "sides.<<: name '<<' must match"),
    "alias without anchor": ("title: *nothing\n", "anchors and aliases are refused"),
    "anchor never used": ("title: &a x\n", "anchors and aliases are refused"),
    "two documents": (GOOD + "---\n" + GOOD, "9:1: a second document begins here"),
    "document end and more": (GOOD + "...\n" + GOOD, "10:1: cannot be read as YAML"),
    "tab": ("sides:\n\tA: {timezone: UTC}\n", "2:1: a tab stands here"),
    "list as key": ("? [a, b]\n: 1\n", "where a key is expected"),
    "mapping as key": ("? {a: b}\n: 1\n", "where a key is expected"),
    "null as key": ("~: 1\n", "unknown key '~'"),
    "number as key": ("1: 1\n", "unknown key '1'"),
    "boolean as key": ("true: 1\n", "unknown key 'true'"),
    "bad escape": ('title: "\\q"\n', "unknown escape character"),
    "quote left open": ('title: "x\n', "a quotation mark that is never closed"),
    "reserved sign": ("title: @x\n", "no value begins with"),
    "percent": ("%\n", "expected directive name"),
    "colon": (":\n", "cannot be read as YAML"),
    "question": ("?\n", "unknown key ''"),
    "dash": ("-\n", "found a list"),
    "text": ("scenario\n", "found 'scenario'"),
    "number": ("1\n", "found 1"),
}


@pytest.mark.parametrize("name", TRICKS)
def test_tricks_of_yaml_are_refused(name: str, tmp_path: Path) -> None:
    text, why = TRICKS[name]
    assert why in refused(write(tmp_path, text))


def test_python_tags_run_nothing(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    refused(
        write(
            tmp_path, f"title: !!python/object/apply:pathlib.Path.touch [!!python/object/apply:pathlib.Path [{mark}]]\n"
        )
    )
    assert not mark.exists()


@pytest.mark.parametrize(
    "override",
    ["", "=", "lines", "lines.call.answer", "=1", ".=1", "lines..answer=1", "lines.call.answer=[", "a=&b *b"],
)
def test_malformed_overrides_are_refused(override: str, tmp_path: Path) -> None:
    with pytest.raises(ScenarioErrors) as caught:
        load(write(tmp_path, GOOD), overrides=[override])
    checked(caught.value)


@wicked
def test_wicked_overrides_are_refused(text: str, tmp_path: Path) -> None:
    for override in (f"{text}=1", f"lines.{text}.answer=1", f"lines.call.channel={text}"):
        with pytest.raises(ScenarioErrors) as caught:
            load(write(tmp_path, GOOD), overrides=[override])
        checked(caught.value)
