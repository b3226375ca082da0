"""Tree of YAML nodes, each with its place in the file.

The tree is composed from parser events in one pass with a stack of its own, so that depth, size and aliases are bounded
before anything is built. Scalars are read by the core schema of YAML 1.2: ``no`` and ``12:30`` are text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from sim.scenario.errors import ScenarioError, ScenarioErrors, blank_hint, dotted, odd_blank, quoted

MOST_BYTES = 8 * 2**20
MOST_NODES = 1_000_000
DEEPEST = 40
LONGEST_KEY = 1000
LONGEST_INTEGER = 40
"""Digits; nothing here is larger, and Python itself refuses to read very long ones."""

LONGEST_SHOWN = 100
"""Characters of a line that is shown with its mend."""

_PARSER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LINE_END = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLEAN = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_INFINITE = re.compile(r"[-+]?\.(inf|Inf|INF)")
_NAN = frozenset({".nan", ".NaN", ".NAN"})


@dataclass(frozen=True, slots=True)
class FilePlace:
    """Where something stands: line and column from 1; line 0 is a text without lines, such as ``--set``."""

    file: str
    line: int
    column: int


@dataclass(slots=True)
class Node:
    """A value: `value` is a scalar, a list of nodes, or a dict from key to (place of the key, node)."""

    place: FilePlace
    value: Any

    @property
    def entries(self) -> dict[str, tuple[FilePlace, Node]]:
        """The entries of a mapping; empty for anything else."""
        return self.value if isinstance(self.value, dict) else {}

    def child(self, key: str | int) -> Node | None:
        """What stands under a key or an index, or None."""
        if isinstance(self.value, dict) and key in self.value:
            return self.value[key][1]  # type: ignore[no-any-return]
        if isinstance(self.value, list) and isinstance(key, int) and 0 <= key < len(self.value):
            return self.value[key]  # type: ignore[no-any-return]
        return None

    def plain(self) -> Any:
        """The value as dicts, lists and scalars, without places."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, (_, node) in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value


def compose(text: str, file: str, *, bare: bool = False) -> tuple[Node, list[ScenarioError]]:
    """The one document in the text, and its duplicate keys as errors (the first of each counts).

    `bare`: the text is the value of ``--set``, whose errors carry no line. Raises ScenarioErrors where the text cannot
    be read at all: no YAML, none or several documents, too deep, too large, aliases, tags, merge keys.
    """
    composer = _Composer(text, file, bare)
    return composer.compose(), composer.duplicates


class _Composer:
    def __init__(self, text: str, file: str, bare: bool) -> None:
        self.text = text
        self.file = file
        self.bare = bare
        self.duplicates: list[ScenarioError] = []

    def compose(self) -> Node:
        """The root of the document. Raises ScenarioErrors for a text that is no single, plain YAML document."""
        self._refuse_unprintable()
        try:
            root = self._build(yaml.parse(self.text, Loader=_PARSER))
        except yaml.MarkedYAMLError as error:
            raise self._syntax(error) from None
        except yaml.YAMLError as error:
            raise self._error(None, f"cannot be read as YAML: {error}") from None
        if root is None:
            raise self._error(None, "is empty; expected a mapping that begins with 'scenario: 1'")
        return root

    def _build(self, events: Iterator[yaml.Event]) -> Node | None:
        root: Node | None = None
        frames: list[_Frame] = []
        documents = nodes = 0
        for event in events:
            if isinstance(event, yaml.NodeEvent):
                nodes += 1
                if nodes > MOST_NODES:
                    raise self._error(event.start_mark, f"more than {MOST_NODES} values")
                self._refuse(event)
                if frames and self._takes_key(frames[-1], event):
                    continue
                node = self._node(event)
                name = self._attach(frames, node) if frames else ""
                root = root or node
                if not isinstance(event, yaml.ScalarEvent):
                    frames.append(_Frame(node, name))
                    if len(frames) > DEEPEST:
                        raise self._error(event.start_mark, f"nested more than {DEEPEST} deep")
            elif isinstance(event, yaml.CollectionEndEvent):
                frames.pop()
            elif isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise self._error(event.start_mark, "a second document begins here; expected one document")
        return root

    def _takes_key(self, frame: _Frame, event: yaml.NodeEvent) -> bool:
        """Whether the event is a key of the innermost mapping; if so, it is kept until its value comes."""
        if frame.key is not None or not isinstance(frame.node.value, dict):
            return False
        if not isinstance(event, yaml.ScalarEvent):
            raise self._error(event.start_mark, "a list or a mapping stands where a key is expected")
        key = event.value
        if key == "<<" and not event.style:
            raise self._error(event.start_mark, "merge keys ('<<') are refused; use 'extends' or 'parameters'")
        if not event.style and key != key.strip() and (odd := odd_blank(key)):
            raise self._error(event.start_mark, f"a key that begins or ends with {odd}; write ordinary blanks")
        if len(key) > LONGEST_KEY:
            raise self._error(event.start_mark, f"a key of {len(key)} characters; at most {LONGEST_KEY} are read")
        frame.key, frame.key_place = key, self._place(event.start_mark)
        return True

    def _attach(self, frames: list[_Frame], child: Node) -> str:
        """Put a value under the key that waits for it, or at the end of the list; the key or index it got."""
        frame = frames[-1]
        if isinstance(frame.node.value, list):
            frame.node.value.append(child)
            return str(len(frame.node.value) - 1)
        key, place, frame.key = frame.key, frame.key_place, None
        assert key is not None
        assert place is not None
        if key in frame.node.value:
            first = frame.node.value[key][0]
            where = "" if self.bare else f" (first at line {first.line})"
            path = dotted([*(one.name for one in frames[1:]), key])
            message = f"duplicate key {quoted(key)}{where}"
            self.duplicates.append(ScenarioError(self.file, place.line, place.column, path, message))
        else:
            frame.node.value[key] = (place, child)
        return key

    def _node(self, event: yaml.NodeEvent) -> Node:
        place = self._place(event.start_mark)
        if isinstance(event, yaml.ScalarEvent):
            return Node(place, event.value if event.style else scalar(event.value))
        return Node(place, {} if isinstance(event, yaml.MappingStartEvent) else [])

    def _refuse(self, event: yaml.NodeEvent) -> None:
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            sign = "*" if isinstance(event, yaml.AliasEvent) else "&"
            message = f"anchors and aliases are refused, found {quoted(sign + str(event.anchor))}; use 'parameters'"
            raise self._error(event.start_mark, message)
        tag = getattr(event, "tag", None)
        if tag is not None:
            raise self._error(event.start_mark, f"tags are refused, found {quoted(tag)}")

    def _refuse_unprintable(self) -> None:
        bad = _UNPRINTABLE.search(self.text)
        if bad is None:
            return
        lines = _LINE_END.split(self.text[: bad.start()])
        line, column = len(lines), len(lines[-1]) + 1
        code = f"U+{ord(bad.group()):04X}"
        place = FilePlace(self.file, 0 if self.bare else line, column)
        raise _raised(place, f"the character {code} is not allowed in a text file; write it as an escape in quotes")

    def _syntax(self, error: yaml.MarkedYAMLError) -> ScenarioErrors:
        """What is wrong with the YAML, in words that show the fault and the mend where it is one of the usual ones."""
        mark, began = error.problem_mark or error.context_mark, error.context_mark
        problem = str(error.problem or error.context or "no YAML")
        lines = _LINE_END.split(self.text)
        at = _line(lines, mark)
        here = at[mark.column : mark.column + 1] if mark is not None else ""
        if here == "\t" and "cannot start any token" in problem:
            return self._error(mark, "a tab stands here; YAML indents with spaces: write spaces in its place")
        if "cannot start any token" in problem:
            return self._error(mark, f"no value begins with {quoted(here)} in YAML; put the value in quotes")
        if mark is not None and here == ":" and ": " in re.split(r"[{\[,]", at[: mark.column])[-1]:
            return self._error(mark, f"a second colon in one value; put the value in quotes{_in_quotes(at)}")
        if "could not find expected ':'" in problem and began is not None:
            line = _line(lines, began).strip()
            hint = blank_hint(line) or "; expected KEY: VALUE, with a blank after the colon"
            return self._error(began, f"{quoted(line)} is no entry{hint}")
        if "quoted scalar" in str(error.context) and "unexpected" in problem and began is not None:
            return self._error(began, "a quotation mark that is never closed")
        if "flow" in str(error.context) and began is not None and here != ":":
            opened = _line(lines, began)[began.column : began.column + 1]
            where = "" if self.bare else f" of line {began.line + 1}, column {began.column + 1}"
            return self._error(mark, f"expected a comma or the end of the {quoted(opened)}{where}")
        if ("expected key" in problem or "block end" in problem) and mark is not None and mark.line > 0:
            message = "this line does not fit those above it; entries of one mapping or list are indented alike"
            return self._error(mark, message)
        return self._error(
            mark, f"cannot be read as YAML: {problem}" + (f" ({error.context})" if error.context else "")
        )

    def _place(self, mark: Any) -> FilePlace:
        if self.bare or mark is None:
            return FilePlace(self.file, 0, 0)
        return FilePlace(self.file, mark.line + 1, mark.column + 1)

    def _error(self, mark: Any, message: str) -> ScenarioErrors:
        return _raised(self._place(mark), message)


@dataclass(slots=True)
class _Frame:
    """A mapping or list that is open: under which key or index it stands, and the key that waits for its value."""

    node: Node
    name: str
    key: str | None = None
    key_place: FilePlace | None = None


def scalar(text: str) -> str | int | float | bool | None:
    """A plain scalar by the core schema of YAML 1.2."""
    if text in _NULL:
        return None
    first = text[0]
    if first in "tTfF":
        return _BOOLEAN.get(text, text)
    if first not in "+-.0123456789":
        return text
    if _INTEGER.fullmatch(text):
        if len(text) > LONGEST_INTEGER:
            return float("-inf" if first == "-" else "inf")
        return int(text, 0 if text[:2] in {"0o", "0x"} else 10)
    if _FLOAT.fullmatch(text):
        return float(text)
    if _INFINITE.fullmatch(text):
        return float("-inf") if first == "-" else float("inf")
    return float("nan") if text in _NAN else text


def _line(lines: list[str], mark: Any) -> str:
    """The line of a mark; "" past the end."""
    return lines[mark.line] if mark is not None and mark.line < len(lines) else ""


def _in_quotes(line: str) -> str:
    """``: title: "Moscow: the call"`` for a line of one entry in block style; else nothing."""
    key, colon, value = line.strip().partition(": ")
    if not colon or value[:1] in set("{[\"'|>&*") or '"' in value or len(line) > LONGEST_SHOWN:
        return ""
    return f': {key}: "{value}"'


def _raised(place: FilePlace, message: str) -> ScenarioErrors:
    return ScenarioErrors([ScenarioError(place.file, place.line, place.column, "", message)])
