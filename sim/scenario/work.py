"""Estimate of the attempts, events and switches of a replication, before anything is simulated.

The estimate takes mean intervals at the medians of the uncertain numbers, and leaves out effects, waits and the calls
of other lines. On the shipped scenarios it lies within a factor of 8 of the attempts that are made, mostly of 1.3.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.rules.quantile_tables import quantile
from sim.scenario.errors import ScenarioError, ScenarioErrors
from sim.scenario.program import NONE, Program, Start

MUCH_WORK = 1_000_000
"""Entries of a replication above which it is said that a run takes long: about a tenth of a second each."""
MOST_TRACED = 2_000_000
"""Entries of a replication that may be kept in memory as a log: about 2 GB."""
MOST_WORK = 100_000_000
"""Entries of a replication above which nothing is simulated: about ten seconds each on the compiled engine."""

_GRID = [(k + 0.5) / 64 for k in range(64)]


@dataclass(frozen=True)
class Work:
    """Expected numbers in a replication. `largest`: the dotted path of what makes most of them, and how many."""

    attempts: float
    events: float
    switches: float
    largest: tuple[str, float]

    @property
    def total(self) -> float:
        """All entries of the event log, contacts and calls apart."""
        return self.attempts + self.events + self.switches

    def in_words(self) -> str:
        """``lines.a makes about 315,000,000 entries in each replication``."""
        path, count = self.largest
        return f"{path} makes about {float(f'{count:.2g}'):,.0f} entries in each replication"


def check_work(program: Program) -> Work:
    """The estimate, for work that can be done. Raises ScenarioErrors above MOST_WORK."""
    work = estimate_work(program)
    if work.total > MOST_WORK:
        message = f"{work.in_words()}, too many to simulate; lengthen its intervals or shorten the clock"
        raise ScenarioErrors([ScenarioError(program.title, 0, 0, work.largest[0], message)])
    return work


def estimate_work(program: Program) -> Work:
    """The expected numbers of attempts, event occurrences and regime switches in a replication."""
    return _Estimate(program).work()


class _Estimate:
    def __init__(self, program: Program) -> None:
        self.program = program
        drawn: Sequence[float] = [prior.quantile(0.5) for prior in program.priors]
        if program.posterior is not None:
            drawn = np.median(program.posterior, axis=0).tolist()
        self.values = program.values_for(drawn)

    def work(self) -> Work:
        program = self.program
        events = [self._occurrences(at) for at in range(len(program.events.names))]
        counts = {f"events.{name}": count for name, count in zip(program.events.names, events, strict=True)}
        switches = {f"regimes.{name}": self._switches(at) for at, name in enumerate(program.regimes.names)}
        attempts = {f"lines.{name}": self._attempts(at, events) for at, name in enumerate(program.lines)}
        every = counts | switches | attempts
        largest = max(every, key=lambda path: every[path])
        return Work(sum(attempts.values()), sum(counts.values()), sum(switches.values()), (largest, every[largest]))

    def _mean(self, distribution: int, least: float) -> float:
        """The mean of a duration in whole seconds, at least `least`, cut at the horizon."""
        slot = int(self.program.distributions.slot[distribution])
        a, b, c = self.values[slot : slot + 3]
        family = int(self.program.distributions.family[distribution])
        table = self.program.distributions.tables[distribution].tolist()
        draws = [quantile(family, a, b, c, table, u) for u in _GRID]
        return math.fsum(min(max(least, float(x)), float(self.program.horizon)) for x in draws) / len(draws)

    def _occurrences(self, event: int) -> float:
        events = self.program.events
        if events.every[event] == NONE:
            return float(len(events.at[event]))
        return max(0.0, self.program.horizon - float(events.starts[event])) / self._mean(int(events.every[event]), 1.0)

    def _switches(self, regime: int) -> float:
        sojourns = self.program.regimes.sojourn[regime]
        if NONE in sojourns:
            return float(len(sojourns))
        return self.program.horizon * len(sojourns) / math.fsum(self._mean(one, 1.0) for one in sojourns)

    def _attempts(self, line: int, events: Sequence[float]) -> float:
        """As many as fit into the time in which attempts can be made, or as are needed for the contacts."""
        lines = self.program.line
        interval = self._mean(int(lines.every[line]), 1.0)
        answered = self._probability(line)
        calendar = self.program.calendars[int(lines.may_attempt[line])]
        cycle = interval + answered * (self._mean(int(lines.delay[line]), 0.0) + self._mean(int(lines.call[line]), 0.0))
        most = min(
            self.program.horizon / cycle, float((calendar.ends - calendar.starts).sum()) / cycle + len(calendar.ends)
        )
        if lines.until_horizon[line]:
            return most
        each = 1.0 / answered if answered > 0.0 else math.inf
        if lines.attempts[line]:
            each = min(each, float(lines.attempts[line]))
        if lines.give_up[line] != NONE:
            each = min(each, self.values[int(lines.give_up[line])] / interval + 1.0)
        start = Start(int(lines.start[line]))
        if start is Start.ON_GAVE_UP:
            return most
        return min(most, each * (events[int(lines.start_event[line])] if start is Start.ON_EVENT else 1.0))

    def _probability(self, line: int) -> float:
        """The probability of an answer in the least favourable states of the regimes."""
        log_odds = self.values[int(self.program.line.answer[line])]
        for regime in self.program.line.regimes[line]:
            log_odds += min(self.values[slot] for slot in self.program.regimes.log_factor[regime])
        return 0.0 if log_odds == -math.inf or log_odds != log_odds else 1.0 / (1.0 + math.exp(min(700.0, -log_odds)))
