"""Reader of scenario files: text, nodes, human model and resolved model, with every fault at its place.

Pydantic finds the faults. What is faulty is then replaced by BAD and the rest read again, so that the references of a
file can be checked although some of its values are wrong: all faults of a file are told at once.
"""

from __future__ import annotations

import os
import stat
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sim.scenario import schema
from sim.scenario.errors import KeyPath, Problems, ScenarioError, ScenarioErrors, found, is_utf8, nearest, quoted
from sim.scenario.keys import keys_of, meaning_of, model_at
from sim.scenario.merge import Override, apply, merged, parse_override
from sim.scenario.posterior import PosteriorError, read_draws
from sim.scenario.resolve import resolve
from sim.scenario.resolved import Scenario
from sim.scenario.validate import check
from sim.scenario.validate_record import impossible_entries
from sim.scenario.yaml_nodes import MOST_BYTES, Node, compose

MOST_MISSPELT = 50


def read(problems: Problems) -> schema.ScenarioFields | None:
    """The human model of `problems.root`, BAD where a value is faulty; None where it is no mapping."""
    root = problems.root
    if not isinstance(root.value, dict):
        problems.add((), f"expected a mapping that begins with 'scenario: 1', found {found(root.plain())}")
        return None
    data = root.plain()
    for round_ in range(8):
        try:
            return schema.ScenarioFields.model_validate(data)
        except ValidationError as error:
            found_wrong = error.errors(include_url=False, include_input=True)
            if round_ == 0:
                for one in _without_echoes(found_wrong):
                    _note(problems, one)
            for one in found_wrong:
                _strike(data, one)
    return None


def _note(problems: Problems, error: Any) -> None:
    path: KeyPath = error["loc"]
    kind = error["type"]
    if kind == "refused":
        for fault in error["ctx"]["faults"]:
            problems.add((*path, *fault.tail), fault.message, at_key=fault.at_key)
    elif kind == "extra_forbidden":
        key = str(path[-1])
        problems.unknown_key(path, key, keys_of(model_at(path[:-1])))
    elif kind == "missing":
        key = str(path[-1])
        problems.add(path[:-1], f"missing key {quoted(key)} ({meaning_of(path[:-1], key)})", at_key=True)
    else:
        expected = {"dict_type": "a mapping", "list_type": "a list", "model_type": "a mapping"}.get(kind)
        message = f"expected {expected}, found {found(error['input'])}" if expected else error["msg"]
        problems.add(path, message)


def _without_echoes(errors: list[Any]) -> list[Any]:
    """The errors but for missing keys that are there misspelt: that is one fault."""
    unknown: dict[KeyPath, list[str]] = defaultdict(list)
    for error in errors:
        if error["type"] == "extra_forbidden":
            unknown[error["loc"][:-1]].append(str(error["loc"][-1]))

    def misspelt(path: KeyPath, key: str) -> bool:
        # A mapping with very many unknown keys holds something else altogether.
        keys = unknown.get(path, [])[:MOST_MISSPELT]
        return any(nearest(one, keys_of(model_at(path))) == key for one in keys)

    return [
        error for error in errors if error["type"] != "missing" or not misspelt(error["loc"][:-1], error["loc"][-1])
    ]


def _strike(data: Any, error: Any) -> None:
    """Take what is faulty out of the data: an unknown key goes, a wrong or missing value becomes BAD.

    The loc may lead into the long form of what the file has in a short one: there the nearest value that the file has
    is taken instead.
    """
    *head, last = error["loc"]
    holder, key = data, None
    for part in head:
        if _has(data, part):
            holder, key, data = data, part, data[part]
        elif isinstance(part, int) and not isinstance(data, list):
            continue  # one value stands for a list of one
        else:
            break
    else:
        if _has(data, last) and error["type"] == "extra_forbidden":
            del data[last]
            return
        if _has(data, last) or (isinstance(data, dict) and error["type"] == "missing"):
            data[last] = schema.BAD
            return
    if key is not None:
        holder[key] = schema.BAD


def _has(data: Any, part: str | int) -> bool:
    if isinstance(data, list):
        return isinstance(part, int) and 0 <= part < len(data)
    return isinstance(data, dict) and part in data


def load(path: str | Path, overrides: Sequence[str] = ()) -> Scenario:
    """Read a scenario file, what it extends, and overrides ``PATH=VALUE`` in order.

    path  of a file, or the name of a shipped example where there is no such file

    Raises ScenarioErrors with every fault of the files.
    """
    from sim.scenario.examples import file_or_example

    path = file_or_example(path)
    root, errors = read_tree(path)
    return scenario_of(root, errors, [parse_override(text) for text in overrides], Path(path).parent)


def loads(text: str, name: str = "scenario.yaml") -> Scenario:
    """Read a scenario from a text; `name` stands for the file in errors. `extends` is refused, and a `posterior` is not
    looked for. Raises ScenarioErrors."""
    root, errors = compose(text, name)
    return scenario_of(root, errors, [], None)


def read_tree(path: str | Path) -> tuple[Node, list[ScenarioError]]:
    """The nodes of a file merged over what it extends, and the duplicate keys. Raises ScenarioErrors."""
    return merged(Path(path), lambda file: compose(read_text(file), str(file)))


def scenario_of(
    root: Node, errors: list[ScenarioError], overrides: Sequence[Override], folder: Path | None
) -> Scenario:
    """Apply overrides to the nodes, and read, check and resolve them. `folder`: where a `posterior` lies, or None."""
    if "what_if" in root.entries and "scenario" not in root.entries:
        place, _ = root.entries["what_if"]
        message = (
            "this is a what-if file, not a scenario; run its base, with --set PATH=VALUE for one of its changes "
            "(validate checks the whole file)"
        )
        raise ScenarioErrors([ScenarioError(place.file, place.line, place.column, "what_if", message)])
    root, refused = apply(root, overrides)
    problems = Problems(root, [*errors, *refused])
    human = read(problems)
    if human is not None:
        check(human, problems, folder)
    problems.raise_if_any()
    assert human is not None
    scenario = resolve(human)
    for entry, cause in impossible_entries(scenario):
        problems.warn(("record", entry), cause)
    scenario = replace(scenario, warnings=tuple(str(warning) for warning in problems.warnings))
    if scenario.posterior is None or folder is None:
        return scenario
    idle = tuple(_idle_priors(scenario, root, overrides))
    return _with_draws(replace(scenario, warnings=(*scenario.warnings, *idle)), root, folder)


def _idle_priors(scenario: Scenario, root: Node, overrides: Sequence[Override]) -> Iterator[str]:
    """Warnings of priors that were set later than the table of draws that stands in the place of all priors: by an
    override, or by the file that extends the one with the table."""
    table = root.child("posterior")
    assert table is not None
    if table.place.line == 0 or any(one.path == ("posterior",) for one in overrides):
        return
    changed = {".".join(one.path): one.place for one in overrides}
    for number in scenario.uncertain:
        places = [
            place
            for path, place in changed.items()
            if f"{number.path}.".startswith(f"{path}.") or f"{path}.".startswith(f"{number.path}.prior.")
        ]
        prior = _at(root, [*number.path.split("."), "prior"])
        if prior is not None and prior.place.file == root.place.file != table.place.file:
            places.append(prior.place)
        if places:
            message = (
                f"this prior is not used, since {quoted(str(table.value))} has draws of the number; give it a value, "
                "or leave the table out (posterior: null)"
            )
            yield str(ScenarioError(places[-1].file, places[-1].line, places[-1].column, number.path, message))


def _at(root: Node, path: Sequence[str]) -> Node | None:
    found: Node | None = root
    for part in path:
        found = None if found is None else found.child(part)
    return found


def _with_draws(scenario: Scenario, root: Node, folder: Path) -> Scenario:
    node = root.child("posterior")
    assert node is not None
    assert scenario.posterior is not None
    if not scenario.uncertain:
        # Every number has been fixed since, so that the table has nothing to say.
        return replace(scenario, posterior=None)
    home = Path(node.place.file).parent if node.place.line else folder
    try:
        return replace(scenario, draws=read_draws(home / scenario.posterior, scenario.uncertain))
    except (PosteriorError, OSError) as error:
        place = node.place
        raise ScenarioErrors([ScenarioError(place.file, place.line, place.column, "posterior", str(error))]) from None


def read_text(path: Path) -> str:
    """The text of a file, within bounds that are checked before it is read. Raises ScenarioErrors."""
    if not is_utf8(str(path)):
        raise _unreadable(path, "a name that is not UTF-8; results keep the names of files as text: rename it")
    try:
        # Opened before it is examined, so that it cannot change between; a pipe must not block.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except FileNotFoundError:
        raise _unreadable(path, "no such file") from None
    except PermissionError:
        # os.path answers where the folder above may not be looked into; Path.is_dir raises.
        message = "is a folder; expected a scenario file" if os.path.isdir(path) else "no permission to read it"  # noqa: PTH112
        raise _unreadable(path, message) from None
    except (OSError, ValueError) as error:
        raise _unreadable(path, f"cannot be opened ({getattr(error, 'strerror', None) or error})") from None
    try:
        status = os.fstat(descriptor)
        if stat.S_ISDIR(status.st_mode):
            raise _unreadable(path, "is a folder; expected a scenario file")
        if not stat.S_ISREG(status.st_mode):
            raise _unreadable(path, "is no regular file")
        if status.st_size > MOST_BYTES:
            raise _unreadable(path, f"is too large ({status.st_size} bytes); at most {MOST_BYTES} are read")
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return decode(file.read(MOST_BYTES), path)
    finally:
        os.close(descriptor)


def decode(content: bytes, path: Path) -> str:
    """UTF-8, with or without a byte order mark. Raises ScenarioErrors."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _unreadable(path, "is UTF-16 or UTF-32; save it as UTF-8")
    zero = content.find(b"\0")
    if zero >= 0:
        line, column = _place(content, zero)
        message = "the character U+0000 (NUL): this is no text file, or not in UTF-8"
        raise ScenarioErrors([ScenarioError(str(path), line, column, "", message)])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line, column = _place(content, error.start)
        message = (
            f"byte 0x{content[error.start]:02x} is not UTF-8: no text file, or in another encoding; save it as UTF-8"
        )
        raise ScenarioErrors([ScenarioError(str(path), line, column, "", message)]) from None


def _place(content: bytes, index: int) -> tuple[int, int]:
    before = content[:index]
    return before.count(b"\n") + 1, len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace")) + 1


def _unreadable(path: Path, message: str) -> ScenarioErrors:
    return ScenarioErrors([ScenarioError(str(path), 0, 0, "", message)])
