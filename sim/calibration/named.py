"""A scenario that names the table of its own posterior: read with its priors, as the table is made anew from them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from sim.scenario.examples import file_or_example
from sim.scenario.merge import parse_override
from sim.scenario.reader import read_tree, scenario_of
from sim.scenario.resolved import Scenario


@dataclass(frozen=True)
class WithPriors:
    """A scenario without the table of draws that its file names.

    ignored  the table's name, or None where the file names none
    own      whether the file itself names it, not one that it extends
    """

    scenario: Scenario
    ignored: str | None
    own: bool


def load_with_priors(path: str | Path) -> WithPriors:
    """Load a scenario file, its priors standing for its posterior; the table need not be there, nor fit the priors.

    Raises ScenarioErrors with all else that is wrong.
    """
    path = file_or_example(path)
    root, errors = read_tree(path)
    node = root.child("posterior")
    name = node.value if node is not None else None
    if node is None or not isinstance(name, str):
        return WithPriors(scenario_of(root, errors, [], Path(path).parent), None, False)
    own = Path(node.place.file) == Path(path)
    scenario = scenario_of(root, errors, [parse_override("posterior=null")], Path(path).parent)
    return WithPriors(scenario, name, own)


def with_priors(scenario: Scenario) -> Scenario:
    """The same scenario, its priors standing for its table of draws."""
    if scenario.posterior is None:
        return scenario
    return replace(scenario, posterior=None, draws=None)
