"""The generated parts of the reference: made from the models, the schemas and the commands themselves.

A page holds a generated part between ``<!-- generated: KIND ARGUMENT -->`` and ``<!-- end -->``. What stands there is
for those who read the files; the site replaces it when it is built, and a test compares the two. `python -m
docs.generate` writes all of them anew, and the schema of scenario files too.
"""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import typer.main

from sim import cli
from sim.scenario import fields, json_schema, schema
from sim.scenario.compiler import compile_scenario
from sim.scenario.keys import default_of, mappings
from sim.scenario.reader import load

DOCS = Path(__file__).parent
PART = re.compile(r"(<!-- generated: ([\w -]+?) -->\n\n)(.*?)(\n\n<!-- end -->)", re.DOTALL)

TYPES: tuple[tuple[Any, str], ...] = (
    (fields.Text, "text"),
    (fields.Name, "name"),
    (fields.Names, "list of names"),
    (fields.Timezone, "zone"),
    (fields.DateValue, "[date](#dates)"),
    (fields.Days, "list of dates"),
    (fields.Duty, "[duty hours](#duty-hours)"),
    (fields.Probability, "number from 0 to 1"),
    (fields.OddsFactor, "number ≥ 0"),
    (fields.Observed, "[duration](#durations)"),
    (fields.Lasting, "[duration](#durations) ≥ 1 s"),
    (fields.Waiting, "[duration](#durations)"),
    (fields.Count, "whole number ≥ 1"),
    (fields.Distribution, "[distribution](#distributions)"),
    (fields.Interval, "[distribution](#distributions) ≥ 1 s"),
    (fields.Parameter, "number or duration"),
    (fields.Shares, "reasons to shares"),
    (fields.Initially, "state, or states to shares"),
    (fields.Switches, "regimes to states"),
    (fields.Attempts, "whole number or range"),
    (fields.Answered, "`all`, `none`, whole number or range"),
    (fields.DelayCounts, "`duty` or `calendar`"),
    (fields.SpellState, "`open` or `shut`"),
    (fields.SourceDate, "day, month or year"),
    (fields.Version, "`1`"),
    (schema.Times, "date, or list of [dates](#dates)"),
    (schema.AfterFields, "[an occurrence](#lines)"),
    (schema.EffectFields, "[effect](#effects)"),
    (schema.ClockFields, "[clock](#clock)"),
    (schema.ReportFields, "[report](#report)"),
)
"""What the reader is told of a type."""

FIELDS: dict[tuple[str, str], str] = {
    ("Official", "side"): "side",
    ("Channel", "level"): "name of a level",
    ("Line", "caller"): "official",
    ("Line", "callee"): "official",
    ("Line", "channel"): "channel",
    ("After", "event"): "event",
    ("After", "contact"): "line or group",
    ("After", "unanswered"): "line or group",
    ("After", "gave_up"): "line or group",
    ("Entry", "line"): "line",
    ("Scenario", "extends"): "file",
    ("Scenario", "posterior"): "file",
    ("Line", "triggered_by"): "event, or `{gave_up: LINE}`",
    ("Line", "starts"): "[date](#dates), or as below",
    ("Line", "until"): "`contact`, `horizon` or `{contact: …}`",
    ("Entry", "contact"): "[date](#dates) or period",
}
"""The same for names of something, and for fields with a short form."""

SECTIONS = {
    "Side": "sides",
    "Official": "officials",
    "Channel": "channels",
    "Regime": "regimes",
    "Event": "events",
    "Line": "lines",
    "Entry": "record",
    "Source": "sources",
}

COLUMNS = {
    "replication": "its number, from 0",
    "line": "first contact of the line",
    "group": "the earliest over the lines of the group",
    "channel": "the earliest over the lines of the channel",
    "level": "the earliest over the lines of the channels at that level",
    "side": "the earliest over the lines whose caller is of the side",
    "any": "the earliest over all lines",
    "param": "the value drawn for an uncertain number, the same for all replications of a block",
}


def table(heading: tuple[str, ...], rows: Iterator[tuple[str, ...]] | list[tuple[str, ...]]) -> str:
    """A table in Markdown."""
    lines = [heading, tuple("---" for _ in heading), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def keys(name: str) -> str:
    """The keys of a mapping of the scenario, from its model. Raises ValueError for a field without a description."""
    of = mappings()[name]
    hints = typing.get_type_hints(of, include_extras=True)
    rows = []
    for field, info in of.model_fields.items():
        if info.exclude:
            continue
        if not info.description:
            raise ValueError(f"sim.scenario.schema.{name}.{field} has no description")
        told = FIELDS.get((name, field)) or type_of(hints[field])
        rows.append((f"`{info.alias or field}`", told, default_of(info) or "required", info.description))
    return table(("key", "type", "default", "meaning"), rows)


def type_of(hint: Any) -> str:
    """What the reader is told of a type. Raises KeyError for one that nothing is known of."""
    for known, words in TYPES:
        if hint is known or hint == known:
            return words
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        (only,) = [each for each in arguments if each is not type(None)]
        return type_of(only)
    if origin is typing.Annotated:
        return type_of(arguments[0])
    if origin is list:
        inner = arguments[0].__name__.removesuffix("Fields")
        return "list of [entries](#record)" if inner == "Entry" else f"list of {inner.lower()}s, below"
    if origin is dict:
        inner = getattr(arguments[1], "__name__", "").removesuffix("Fields")
        if arguments[1] == fields.Names:
            return "names to lists of lines"
        if arguments[1] == fields.Parameter:
            return "names to [numbers](#parameters)"
        return (
            f"names to [{SECTIONS[inner]}](#{SECTIONS[inner]})" if inner in SECTIONS else f"names to {inner.lower()}s"
        )
    raise KeyError(f"docs.generate.TYPES has no words for {hint}")


def summary_keys(name: str) -> str:
    """The keys of `summary.json`, of its entry of first contacts (`first_contact`), or of a line (`line`)."""
    whole = _summary_schema()
    body = whole if name == "top" else whole["$defs"][name]
    return table(
        ("key", "meaning"), [(f"`{key}`", _said(whole, key, value)) for key, value in body["properties"].items()]
    )


def summary_paths() -> str:
    """Every key of `summary.json` with its path, type and meaning."""
    whole = _summary_schema()
    rows = [(f"`{path}`", kind, words) for path, kind, words in _walk(whole, whole, "")]
    return table(("path", "type", "meaning"), rows)


def _summary_schema() -> dict[str, Any]:
    import json

    found: dict[str, Any] = json.loads((DOCS / "reference" / "summary.schema.json").read_text(encoding="utf-8"))
    return found


def _resolved(whole: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in body:
        return body
    return {**whole["$defs"][body["$ref"].removeprefix("#/$defs/")], **body}


def _said(whole: dict[str, Any], key: str, body: dict[str, Any]) -> str:
    """The description of a key. Raises ValueError where there is none."""
    words = _resolved(whole, body).get("description", "")
    if not words:
        raise ValueError(f"summary.schema.json: {key} has no description")
    return str(words)


def _walk(whole: dict[str, Any], body: dict[str, Any], path: str) -> Iterator[tuple[str, str, str]]:
    body = _resolved(whole, body)
    for key, value in body.get("properties", {}).items():
        here = f"{path}.{key}" if path else key
        yield here, _kind(_resolved(whole, value)), _said(whole, here, value)
        yield from _walk(whole, value, here)
    inner = body.get("additionalProperties")
    if isinstance(inner, dict):
        here = f"{path}.*"
        yield here, _kind(_resolved(whole, inner)), _said(whole, here, inner)
        yield from _walk(whole, inner, here)


def _kind(body: dict[str, Any]) -> str:
    if "const" in body:
        return f"`{body['const']}`"
    if "enum" in body:
        return " or ".join(f"`{each}`" for each in body["enum"])
    kind = body["type"]
    return " or ".join(kind) if isinstance(kind, list) else str(kind)


def parquet_columns() -> str:
    """The columns of `first_contact.parquet`, by kind, from the schema of a scenario that has all of them."""
    from sim.runs.tables import table_schema

    folder = DOCS.parent / "scenarios" / "constructs"
    fields: dict[str, Any] = {}
    for name, changes in (("groups-and-levels", ()), ("prior", ())):
        for field in table_schema(compile_scenario(load(folder / f"{name}.yaml", changes)), 1):
            fields.setdefault(field.name.partition(":")[0], field)
    rows = []
    for kind, field in fields.items():
        column = f"`{kind}:{'PATH' if kind == 'param' else 'NAME'}`" if ":" in field.name else f"`{kind}`"
        seconds = "; seconds from `clock.start`, null where there was none before the horizon" if field.nullable else ""
        rows.append((column, f"{field.type}{' or null' if field.nullable else ''}", COLUMNS[kind] + seconds))
    return table(("column", "type", "meaning"), rows)


def command(name: str) -> str:
    """A command of `openlines`: usage, what it does, arguments and options."""
    found = _commands()[name]
    context = found.make_context(f"openlines {name}", [], resilient_parsing=True)
    words = found.get_usage(context).split()[1:]
    # A name in braces is required; typer puts its own brackets and dots around names that have them already.
    usage = " ".join(
        re.sub(r"[{}]", "", word).replace("[[", "[").replace("]]", "]").replace("......", "...") for word in words
    )
    records = [each.get_help_record(context) for each in found.params if not getattr(each, "hidden", False)]
    rows = [(f"`{record[0]}`", _plain(record[1])) for record in records if record]
    about = _plain("\n".join(line.strip() for line in (found.help or "").splitlines()))
    parts = [f"```text\n{usage}\n```", about]
    return "\n\n".join([*parts, table(("argument or option", "meaning"), rows)] if rows else parts)


def _commands() -> dict[str, Any]:
    # typer brings its own click, whose classes are nobody else's business.
    group: Any = typer.main.get_command(cli.app)
    return dict(group.commands)


def _plain(text: str) -> str:
    """Help text as Markdown: what looks like markup there is none."""
    return re.sub(r"([*_<\[\]])", r"\\\1", text.strip())


def command_line() -> str:
    """Every command, under a heading of its own."""
    return "\n\n".join(f"## {name}\n\n{command(name)}" for name in _commands())


def constructs() -> str:
    """Every scenario of scenarios/constructs in the order of their list: its title, what to look at, and the file."""
    folder = DOCS.parent / "scenarios" / "constructs"
    listed = re.findall(
        r"^\| \[(.+?)\]\(.+?\) \| (.*?) \| (.*) \|$", (folder / "README.md").read_text("utf-8"), re.MULTILINE
    )
    return "\n\n".join(
        f"## {words}\n\n[{file}](../../scenarios/constructs/{file}): {look[0].lower()}{look[1:]}\n\n"
        f"```{{literalinclude}} ../../scenarios/constructs/{file}\n:language: yaml\n```"
        for file, words, look in listed
    )


KINDS: dict[str, Callable[..., str]] = {
    "keys": keys,
    "summary": summary_keys,
    "summary-paths": summary_paths,
    "parquet": parquet_columns,
    "command-line": command_line,
    "constructs": constructs,
}


def filled(text: str) -> str:
    """A page with its generated parts made anew. Raises KeyError for a kind that is none."""

    def make(part: re.Match[str]) -> str:
        kind, *arguments = part[2].split()
        return part[1] + KINDS[kind](*arguments) + part[4]

    return PART.sub(make, text)


def comparison_schema() -> str:
    """The JSON Schema of `comparison.json`, from the types that it is written from."""
    from pydantic import TypeAdapter

    from sim.runs.files import json_text
    from sim.stats.paired import FORMAT, Compared

    found = TypeAdapter(Compared).json_schema()
    found["properties"] = {"format": {"const": FORMAT}, **found["properties"]}
    found["required"] = list(found["properties"])
    return json_text({"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "comparison.json", **found})


def pages() -> list[Path]:
    """The pages with generated parts."""
    return [page for page in sorted(DOCS.rglob("*.md")) if PART.search(page.read_text(encoding="utf-8"))]


def main() -> None:
    """Write every generated part, and the schema of scenario files."""
    (DOCS / "reference" / "scenario.schema.json").write_text(json_schema.schema_text(), encoding="utf-8")
    (DOCS / "reference" / "comparison.schema.json").write_text(comparison_schema(), encoding="utf-8")
    for page in pages():
        page.write_text(filled(page.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
