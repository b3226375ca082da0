"""The model of five-lines.yaml as a person would write it in SimPy for this one model, with Python's own numbers.

No scenario file, no keyed draws, no histories, no whole seconds: what is left is the least that SimPy asks for.
"""

from __future__ import annotations

import math
import random
from collections.abc import Generator

import simpy

HORIZON = 88 * 86_400.0
EVERY = 3 * 86_400.0
LOG_MEDIAN = math.log(6 * 3600.0)
SIGMA = math.log(8.0) / 1.2815515655446004
SHOCK_AT, SHOCK, HALF_LIFE = 20 * 86_400.0, math.log(0.5), 14 * 86_400.0
ANSWER, FATIGUE = math.log(0.05 / 0.95), math.log(0.98)


def line(
    env: simpy.Environment, opens: float, first: list[float], at: int, attempts: list[int]
) -> Generator[simpy.Event, None, None]:
    """Attempt after attempt, contact after contact."""
    fatigue = 0.0
    if opens:
        yield env.timeout(opens)
    while True:
        attempts[0] += 1
        odds = ANSWER + fatigue
        if env.now >= SHOCK_AT:
            odds += SHOCK * 2.0 ** (-(env.now - SHOCK_AT) / HALF_LIFE)
        if random.random() < 1.0 / (1.0 + math.exp(-odds)):
            yield env.timeout(random.lognormvariate(LOG_MEDIAN, SIGMA))
            first[at] = min(first[at], env.now)
        else:
            fatigue += FATIGUE
        yield env.timeout(random.expovariate(1.0 / EVERY))


def replication(attempts: list[int]) -> list[float]:
    """The first contact on each line, infinite where there is none before the horizon."""
    env = simpy.Environment()
    first = [math.inf] * 5
    for at in range(5):
        env.process(line(env, 12 * 86_400.0 if at == 4 else 0.0, first, at, attempts))
    env.run(until=HORIZON)
    return first
