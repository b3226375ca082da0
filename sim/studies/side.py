"""One replication of a base and a variant, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sim.api import BLOCK
from sim.engines import get
from sim.report.narrative.divergence import cause_in_words, side_by_side
from sim.rules.random import MOST_REPLICATIONS
from sim.runs.errors import RunRefused
from sim.runs.job import check_numbers
from sim.runs.paired import check_comparable
from sim.runs.reuse import part_of
from sim.scenario.errors import did_you_mean, quoted
from sim.stats.divergence import deciding_line, first_divergence, related_lines
from sim.studies.variants import BASE, load_variants
from sim.studies.why import Typical

if TYPE_CHECKING:
    from sim.engines.contract import EventLog
    from sim.scenario.resolved import Scenario


@dataclass(frozen=True, eq=False)
class Side:
    """The same replication twice.

    variant    its name
    scenarios  base and variant
    histories  likewise
    column     whose first contact is told of: ``any``, or a line's where that of any line is the same
    told       where they part, and what happens in one of the two only; None where the histories are the same
    """

    variant: str
    scenarios: tuple[Scenario, Scenario]
    event_logs: tuple[EventLog, EventLog]
    column: str
    told: Typical | None


def side(
    what: str | Path | Sequence[str | Path] | Mapping[str, Scenario],
    variant: str,
    replication: int = 0,
    seed: int = 1,
    *,
    what_ifs: Sequence[str] = (),
    engine: str = "reference",
    block: int = BLOCK,
) -> Side:
    """Trace one replication of the base and of a variant, the same one as in a comparison of that seed and block.

    `what` and `what_ifs` as in `sim.studies.compare.compare`. Raises ScenarioErrors, and RunRefused for a name that is
    no variant, another clock, and numbers out of range.
    """
    from sim.scenario.compiler import compile_scenario

    check_numbers(seed, 1)
    if not 0 <= replication < MOST_REPLICATIONS:
        raise RunRefused(f"replication: {replication} is out of range; expected a whole number from 0 to 2^56 - 1")
    loaded = load_variants(what, what_ifs)
    base, *others = loaded.scenarios
    if variant not in others:
        hint = did_you_mean(variant, others) or f"; expected one of {', '.join(quoted(name) for name in others[:20])}"
        raise RunRefused(f"{quoted(variant)} is no variant{hint}")
    scenarios = (loaded.scenarios[base], loaded.scenarios[variant])
    programs = (compile_scenario(scenarios[0], block), compile_scenario(scenarios[1], block))
    check_comparable({BASE: programs[0], variant: programs[1]})
    tracer = get(engine)
    event_logs = (tracer.trace(programs[0], seed, replication), tracer.trace(programs[1], seed, replication))
    column, (ours, its), line = _moved(event_logs)
    parted = None
    if line is not None:
        parts = [part_of(one, lines) for one, lines in zip(programs, related_lines(programs, line), strict=True)]
        part_logs = [tracer.trace(one, seed, replication) for one in parts if one.lines]
        if len(part_logs) == len(parts):
            parted = first_divergence(part_logs[0], part_logs[1], (parts[0], parts[1]))
    parted = parted or first_divergence(*event_logs, programs)
    if parted is None:
        return Side(variant, scenarios, event_logs, column, None)
    horizon = scenarios[0].horizon
    until = (horizon, horizon) if ours == its else tuple(horizon if one is None else one for one in (ours, its))
    steps = side_by_side(scenarios, event_logs, (until[0], until[1]))
    words = cause_in_words(parted.cause, parted.name)
    return Side(variant, scenarios, event_logs, column, Typical(replication, parted.second, words, ours, its, steps))


def sole_variant(what_ifs: Sequence[str]) -> str:
    """The name of the one variant that options give. Raises RunRefused where there are several."""
    names = [text.partition(":")[0].strip() for text in what_ifs]
    if len(names) != 1:
        raise RunRefused(f"--variant: which one of {', '.join(quoted(name) for name in names)}?")
    return names[0]


def _moved(event_logs: tuple[EventLog, EventLog]) -> tuple[str, tuple[int | None, int | None], str | None]:
    """The first column, `any` before the lines, whose first contact differs, its seconds, and the line that decides.

    `any` where none differs; no line then.
    """
    firsts: list[dict[str, int]] = []
    for event_log in event_logs:
        found: dict[str, int] = {}
        for one in event_log.log_entries:
            if one.what == "contact":
                found.setdefault(one.name, one.second)
        firsts.append(found)
    ours, its = firsts
    first = min(ours.values(), default=None), min(its.values(), default=None)
    if first[0] != first[1]:
        return "any", first, deciding_line((ours, its), (ours, its))
    moved = next((name for name in {**ours, **its} if ours.get(name) != its.get(name)), None)
    if moved is None:
        return "any", first, None
    return f"line:{moved}", (ours.get(moved), its.get(moved)), moved
