"""Policy files: named calling policies for one scenario, each a set of overrides of when its lines call."""

from __future__ import annotations

from pathlib import Path

from sim.scenario.errors import ScenarioError, ScenarioErrors, dotted, found, one_of, quoted, unknown_key
from sim.scenario.examples import file_or_example
from sim.scenario.merge import override_at
from sim.scenario.reader import read_text, read_tree, scenario_of
from sim.scenario.resolved import Scenario
from sim.scenario.whatif import name_fault
from sim.scenario.yaml_nodes import FilePlace, Node, compose

KEYS = {
    "policies": "version of the format: 1",
    "variants": "a name for each policy, and its overrides, PATH: VALUE",
}
SETTABLE = ("starts", "every", "attempts", "give_up")
"""Keys of a line that a policy may set: when its requests begin and end, and how often they attempt."""
BASE = "as in the file"
MOST_POLICIES = 500


def load_policies(path: str | Path, scenario: str | Path) -> dict[str, Scenario]:
    """Read the policies of a file for a scenario: the scenario as it is, then each policy, in order of declaration.

    Raises ScenarioErrors with every fault of the two files; each fault of a policy at the place of its override.
    """
    base_path = file_or_example(scenario)
    tree, duplicates = read_tree(base_path)
    policies = {BASE: scenario_of(tree, list(duplicates), [], base_path.parent)}
    path = Path(path)
    root, errors = compose(read_text(path), str(path))
    errors += _check(root)
    variants = root.child("variants")
    entries = variants.entries if variants is not None and not errors else {}
    for at, (name, (place, policy)) in enumerate(entries.items()):
        errors += _check_policy(name, list(entries)[:at], place, policy)
        if errors:
            continue
        overrides = [override_at(key, where, node) for key, (where, node) in policy.entries.items()]
        try:
            policies[name] = scenario_of(tree, [], overrides, base_path.parent)
        except ScenarioErrors as refused:
            errors += [_of_policy(error, str(path), name) for error in refused.errors]
    if errors:
        raise ScenarioErrors(sorted(errors, key=lambda error: (error.file, error.line, error.column)))
    return policies


def attempts_limit(scenario: Scenario) -> int | None:
    """Most attempts that one request of every line can make, added up; None where a line has no limit."""
    limits = [line.attempts for line in scenario.lines]
    return None if any(limit is None for limit in limits) else sum(limit or 0 for limit in limits)


def _check(root: Node) -> list[ScenarioError]:
    if not isinstance(root.value, dict):
        message = f"expected a mapping that begins with 'policies: 1', found {found(root.plain())}"
        return [_error(root.place, "", message)]
    errors = [_error(place, key, unknown_key(key, KEYS)) for key, (place, _) in root.entries.items() if key not in KEYS]
    errors += [
        _error(root.place, "", f"missing key {quoted(key)} ({meaning})")
        for key, meaning in KEYS.items()
        if key not in root.entries
    ]
    version, variants = root.child("policies"), root.child("variants")
    if version is not None and (version.value != 1 or isinstance(version.value, bool | float)):
        message = f"{found(version.plain())} is no version of the format of policies; expected 1"
        errors.append(_error(version.place, "policies", message))
    if variants is not None and not (isinstance(variants.value, dict) and 0 < len(variants.value) <= MOST_POLICIES):
        message = f"expected a mapping of 1 to {MOST_POLICIES} policies, found {found(variants.plain())}"
        errors.append(_error(variants.place, "variants", message))
    return errors


def _check_policy(name: str, before: list[str], place: FilePlace, policy: Node) -> list[ScenarioError]:
    if fault := name_fault(name, [BASE, *before]):
        return [_error(place, "variants", fault)]
    here = dotted(("variants", name))
    if not isinstance(policy.value, dict):
        message = f"expected a mapping from paths to values, found {found(policy.plain())}"
        return [_error(policy.place, here, message)]
    return [
        _error(
            where, here, f"a policy cannot set {quoted(key)}; it sets {one_of(SETTABLE)} of a line: lines.NAME.every"
        )
        for key, (where, _) in policy.entries.items()
        if not _is_settable(key)
    ]


def _is_settable(path: str) -> bool:
    parts = path.split(".")
    return len(parts) >= 3 and parts[0] == "lines" and parts[2] in SETTABLE


def _of_policy(error: ScenarioError, file: str, name: str) -> ScenarioError:
    if error.file == file:
        return ScenarioError(file, error.line, error.column, dotted(("variants", name)), error.message)
    message = f"{error.message} (in policy {quoted(name)})"
    return ScenarioError(error.file, error.line, error.column, error.path, message)


def _error(place: FilePlace, path: str, message: str) -> ScenarioError:
    return ScenarioError(place.file, place.line, place.column, path, message)
