"""The model of five-lines.yaml as a person would write it in SimPy for this one model, with Python's own numbers.

No scenario file, no keyed draws, no histories, no whole seconds: what is left is the least that SimPy asks for.
"""

from __future__ import annotations

import math
import random
from collections.abc import Generator

import simpy

from benchmarks.model import ANSWER, EVERY, FATIGUE, HALF_LIFE, HORIZON, LATE, LINES, LOG_MEDIAN, SHOCK, SHOCK_AT, SIGMA


class Crisis:
    """One replication: the first contacts so far, infinite where there is none, and the attempts made."""

    def __init__(self, raised: float) -> None:
        self.env = simpy.Environment()
        self.first = [math.inf] * LINES
        self.attempts = 0
        self.raised = raised
        self.shared = 0.0

    def line(self, at: int) -> Generator[simpy.Event, None, None]:
        """Attempt after attempt, until one is answered."""
        env, odds = self.env, ANSWER
        if at == LINES - 1:
            yield env.timeout(LATE)
        while True:
            self.attempts += 1
            now = odds + self.shared
            if env.now >= SHOCK_AT:
                now += SHOCK * 2.0 ** ((SHOCK_AT - env.now) / HALF_LIFE)
            if random.random() < 1.0 / (1.0 + math.exp(-now)):
                break
            odds += FATIGUE
            yield env.timeout(random.expovariate(1.0 / EVERY))
        yield env.timeout(random.lognormvariate(LOG_MEDIAN, SIGMA))
        self.first[at] = env.now
        self.shared += self.raised


def replication(factor: float) -> Crisis:
    """One replication; a contact multiplies the odds of the other lines by `factor`."""
    crisis = Crisis(math.log(factor))
    for at in range(LINES):
        crisis.env.process(crisis.line(at))
    crisis.env.run(until=HORIZON)
    return crisis
