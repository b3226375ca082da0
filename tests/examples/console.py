"""Documentation that runs: the blocks of a page, in order, in a folder of their own.

- ``<!-- file: NAME -->`` before a fenced block: the block is written to that file.
- A ``console`` block: each line with ``$ openlines …`` is run; what stands below is what it prints, unless it goes to
  a file with ``>``. A line with nothing but ``...`` stands for any lines, ``...`` within a line for any text.
  ``<!-- status: N -->`` before the block: the last command ends with that exit status, and its errors are shown.
- A ``python`` block: run as it is; where it holds ``>>>``, as a doctest. A page's blocks share their names.
"""

from __future__ import annotations

import doctest
import re
import shlex
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sim import cli
from tests.scenarios.documents import DOCS, ROOT

BLOCK = re.compile(
    r"(?:<!-- (?P<key>file|status): (?P<value>\S+) -->\n+)?^```(?P<language>\w+)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
PAGES = sorted([*DOCS.rglob("*.md"), *(ROOT / "scenarios").rglob("*.md")])


@dataclass(frozen=True)
class Block:
    """A fenced block: its language and text, the file that it is, or the exit status that it ends with."""

    language: str
    text: str
    file: str
    status: int


@dataclass(frozen=True)
class Command:
    """A command of a console block and what is shown below it."""

    words: tuple[str, ...]
    shown: str


def blocks(text: str) -> Iterator[Block]:
    """The fenced blocks of a page."""
    for match in BLOCK.finditer(text):
        key, value = match["key"], match["value"]
        file, status = (value if key == "file" else ""), (int(value) if key == "status" else 0)
        yield Block(match["language"], match["text"], file, status)


def commands(text: str) -> Iterator[Command]:
    """The commands of a console block. A line that ends with a backslash goes on."""
    joined = text.replace("\\\n", "")
    for part in re.split(r"^\$ ", joined, flags=re.MULTILINE)[1:]:
        line, _, shown = part.partition("\n")
        yield Command(tuple(shlex.split(line, comments=True)), shown)


def agrees(shown: str, printed: str) -> bool:
    """Whether a text is what is shown: the same but for blanks at the ends of lines, and what ``...`` stands for."""
    wanted = "\n".join(line.rstrip() for line in shown.strip("\n").splitlines())
    found = "\n".join(line.rstrip() for line in printed.strip("\n").splitlines())
    pattern = re.escape(wanted)
    # A line of its own may stand for no line at all, so it takes its line break with it.
    pattern = re.sub(r"(?m)^\\\.\\\.\\\.\n", r"(?:.*\n)*?", pattern.replace("\\\n", "\n"))
    pattern = re.sub(r"(?m)(^|\n)\\\.\\\.\\\.\Z", r"(?:\1[^\0]*)?", pattern)
    pattern = pattern.replace(r"\.\.\.", ".*?")
    return re.fullmatch(pattern, found) is not None


def run(words: tuple[str, ...]) -> tuple[int, str]:
    """Run a command of `openlines` in this process: exit status, and what it prints (what it says, where it fails)."""
    assert words[0] == "openlines", words
    words, file = (words[:-2], words[-1]) if words[-2] == ">" else (words, "")
    result = CliRunner().invoke(cli.app, list(words[1:]), prog_name="openlines")
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    if file:
        Path(file).write_text(result.stdout, encoding="utf-8")
        return result.exit_code, ""
    return result.exit_code, result.stdout if result.exit_code == 0 else result.output


def run_page(page: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    """Run all blocks of a page in `folder`, with the project's scenarios in it; the number of commands and programs."""
    shutil.copytree(ROOT / "scenarios", folder / "scenarios")
    monkeypatch.chdir(folder)
    monkeypatch.delenv("COLUMNS", raising=False)
    names: dict[str, object] = {"__name__": "__main__"}
    count = 0
    for block in blocks(page.read_text(encoding="utf-8")):
        if block.file:
            (folder / block.file).write_text(block.text, encoding="utf-8")
        elif block.language == "console":
            count += _console(block)
        elif block.language == "python":
            _python(block, page, names)
            count += 1
    return count


def _console(block: Block) -> int:
    given = list(commands(block.text))
    for number, command in enumerate(given, 1):
        status, printed = run(command.words)
        line = shlex.join(command.words)
        assert status == (block.status if number == len(given) else 0), f"{line}\n{printed}"
        assert agrees(command.shown, printed), f"{line}\nprints\n{printed}\nwhere the page shows\n{command.shown}"
    return len(given)


def _python(block: Block, page: Path, names: dict[str, object]) -> None:
    if ">>>" not in block.text:
        exec(compile(block.text, page.name, "exec"), names)  # noqa: S102 - that is what the page tells its reader to do
        return
    test = doctest.DocTestParser().get_doctest(block.text, names, page.name, str(page), 0)
    test.globs = names
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    told: list[str] = []
    runner.run(test, out=told.append, clear_globs=False)
    assert runner.failures == 0, "".join(told)
