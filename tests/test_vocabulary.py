"""Vocabulary of docs/reference/glossary.md: retired words, docstrings that ask, names that mean two things."""

from __future__ import annotations

import ast
import re
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]

RETIRED = {
    "errand": "request",
    "happening": "log entry, event or occurrence",
    "occasion": "occurrence",
    "chronicle": "event log",
    "agenda": "event list",
    "dwell": "sojourn",
    "tally": "counters",
    "exemplar": "representative replication",
    "parting": "divergence",
    "abreast": "(deleted)",
    "berth": "(deleted)",
    "sway": "log-odds",
    "told apart": "clearly different",
    "hang on": "depend on",
    "hangs on": "depends on",
    "bears on": "depends, affects",
    "bear on": "depend, affect",
}
"""Words that the glossary retires, and what stands in their place."""

INTERROGATIVE = re.compile(r"(What|Which|Who|Whom|Whose|Where|Whether|How|When|Why)\b")
PROSE = {".py", ".md", ".yaml", ".yml", ".toml", ".j2", ".json", ".ipynb", ".css", ".cff"}
THIS = Path("tests/test_vocabulary.py")


def tracked(*patterns: str) -> list[Path]:
    """Files of the tree: as git lists them, else those on the disk."""
    listed = subprocess.run(["git", "ls-files", *patterns], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode == 0 and listed.stdout:
        return [Path(name) for name in listed.stdout.splitlines() if (ROOT / name).is_file()]
    return [path.relative_to(ROOT) for pattern in patterns for path in ROOT.glob(pattern.replace("sim/*", "sim/**/*"))]


def retired_words(text: str) -> Iterator[str]:
    """Each retired word in a text, with its line; also as a part of an identifier."""
    pattern = re.compile("|".join(rf"(?<![A-Za-z])({word})(?:s|es|ed)?(?![a-z])" for word in RETIRED), re.IGNORECASE)
    for number, line in enumerate(text.splitlines(), 1):
        for found in pattern.finditer(line):
            word = found.group(0)
            instead = next(new for old, new in RETIRED.items() if old in word.lower())
            yield f"{number}: '{word}'; the glossary has {instead}"


def interrogative_docstring(source: str) -> str | None:
    """The first words of a module's docstring that begins with an interrogative."""
    docstring = ast.get_docstring(ast.parse(source)) or ""
    return docstring[:60] if INTERROGATIVE.match(docstring) else None


def classes_defined_twice(sources: dict[str, str]) -> dict[str, list[str]]:
    """Names of public classes that stand in two modules, with the modules."""
    places: defaultdict[str, list[str]] = defaultdict(list)
    for name, source in sources.items():
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.ClassDef):
                places[node.name].append(name)
    return {name: where for name, where in places.items() if len(where) > 1}


def test_no_file_uses_a_retired_word() -> None:
    files = [
        path
        for path in tracked()
        if path.suffix in PROSE
        and path != THIS
        and path.name != "CHANGELOG.md"
        and path.parts[:2] != ("docs", "decisions")
    ]
    assert len(files) > 300
    found = [f"{path}:{word}" for path in files for word in retired_words((ROOT / path).read_text(encoding="utf-8"))]
    assert not found, "\n".join(found)


def test_no_module_docstring_asks_a_question() -> None:
    files = tracked("sim/*.py")
    assert len(files) > 80
    found = {str(path): interrogative_docstring((ROOT / path).read_text(encoding="utf-8")) for path in files}
    assert not {path: text for path, text in found.items() if text}


def test_a_class_name_means_one_thing() -> None:
    sources = {str(path): (ROOT / path).read_text(encoding="utf-8") for path in tracked("sim/*.py")}
    assert not classes_defined_twice(sources)


def test_the_guards_fail_on_what_they_guard_against() -> None:
    assert list(retired_words("the errand_count of two Happenings"))
    assert not list(retired_words("an errant swaying partition; reparting"))
    assert interrogative_docstring('"""Which lines depend on each other."""') is not None
    assert interrogative_docstring('"""Components of the graph of lines."""') is None
    assert classes_defined_twice({"a.py": "class Line: ...", "b.py": "class Line: ..."}) == {"Line": ["a.py", "b.py"]}
