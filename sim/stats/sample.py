"""What is estimated from a sample of histories: the statistics for which a run's totals are not enough."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.engines.contract import EventLog
from sim.scenario.resolved import Scenario
from sim.stats.activity import Initiative, OfficialActivity, by_official, count_activity, reciprocity
from sim.stats.rows import FirstContactRows, first_contact_rows
from sim.stats.states import LineStates, instants, line_states
from sim.stats.totals import interval_unit

if TYPE_CHECKING:
    from sim.scenario.program import Program


@dataclass(frozen=True, eq=False)
class Sample:
    """Statistics of `replications` histories of a run."""

    replications: int
    states: LineStates
    officials: tuple[OfficialActivity, ...]
    initiative: tuple[Initiative, ...]
    rows: FirstContactRows


def sample_statistics(scenario: Scenario, program: Program, event_logs: Iterable[EventLog]) -> Sample:
    """All of them. The unit of intervals is the replication, or the block where numbers are uncertain."""
    kept = tuple(event_logs)
    activity = count_activity(program.lines, kept, interval_unit(program))
    seconds = instants(program.horizon)
    return Sample(
        len(kept),
        line_states(program.lines, program.reasons, kept, seconds, program.horizon),
        by_official(scenario, activity),
        reciprocity(scenario, activity),
        first_contact_rows(program.lines, kept),
    )
