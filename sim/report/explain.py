"""A key of the language, and the examples that come with the program, explained on the terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from typing import TYPE_CHECKING

from sim.report.format import plain
from sim.scenario.explain import Explanation

if TYPE_CHECKING:
    from rich.console import Console

WIDEST = 100


def show_explanation(found: Explanation, target: Console) -> None:
    """Print an explanation, as wide as the terminal but not wider than a page."""
    from rich.text import Text

    with target.capture() as captured:
        for place, line in enumerate(explanation_lines(found, min(target.width, WIDEST))):
            target.print(Text(line, "bold" if place == 0 and found.path else ""), soft_wrap=True)
    target.file.write(captured.get())


def explanation_lines(found: Explanation, width: int) -> list[str]:
    """The explanation as lines of at most `width`."""
    if not found.path:
        head = "A scenario file has these sections; openlines explain SECTION says more."
        return [*textwrap.wrap(head, width), "", *_keys(found, width)]
    lines = [
        found.path,
        *textwrap.wrap(_sentence(found.meaning), width, initial_indent="  ", subsequent_indent="  "),
        "",
    ]
    needed = found.default is None
    for label, words in (
        ("takes", found.takes),
        ("unit", found.unit),
        ("default", "none, it must be given" if needed and found.path[-4:] != "NAME" else found.default or ""),
        ("example", found.example),
    ):
        if words:
            lines += _labelled(label, words, width)
    if found.forms:
        lines += ["", "  Distributions; a quantile is median or pNN, such as p97.5:"]
        lines += _columns(found.forms, width)
    if found.keys:
        lines += ["", *_keys(found, width)]
    return lines


def show_examples(target: Console) -> None:
    """Print the names of the examples, each with its first sentence."""
    from sim.scenario.examples import example, examples

    pairs = [(found.name, plain(found.about)) for found in map(example, examples())]
    target.file.write("".join(f"{line}\n" for line in _columns(pairs, min(target.width, WIDEST))))


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:].rstrip('.')}."


def _labelled(label: str, words: str, width: int) -> list[str]:
    return textwrap.wrap(
        words, width, initial_indent=f"  {label:<9}", subsequent_indent=" " * 11, break_on_hyphens=False
    )


def _keys(found: Explanation, width: int) -> list[str]:
    return _columns(
        [(key.name, key.meaning + (" (required)" if key.default is None else "")) for key in found.keys], width
    )


def _columns(pairs: Iterable[tuple[str, str]], width: int) -> list[str]:
    """Names beside what is said of them; wrapped, so that no line is wider."""
    rows = list(pairs)
    margin = max(len(name) for name, _ in rows) + 4
    lines: list[str] = []
    for name, words in rows:
        lines += textwrap.wrap(
            words,
            width,
            initial_indent=f"  {name:<{margin - 2}}",
            subsequent_indent=" " * margin,
            break_on_hyphens=False,
        ) or [f"  {name}"]
    return lines
