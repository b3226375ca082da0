"""How much of the throughput of a hand-written SimPy loop is left when everything is keyed, recorded and exact.

    python -m benchmarks.against_hand_written [replications] [rounds]

The two run in turn in one process; the median ratio of the pairs is what counts.
"""

from __future__ import annotations

import random
import statistics
import sys
import time
from pathlib import Path

import numpy as np

from benchmarks.hand_written import replication
from sim import engines, scenario
from sim.engines.contract import NEVER
from sim.scenario.program import compile_scenario


def main(replications: int = 1000, rounds: int = 7) -> None:
    """Print replications a second of each, and the ratio."""
    program = compile_scenario(scenario.load(Path(__file__).with_name("five-lines.yaml")))
    engine = engines.get("reference")
    random.seed(1)
    hand, ours, attempts = [], [], [0]
    contacts = np.zeros((2, 5))
    for turn in range(rounds):
        began = time.perf_counter()
        for _ in range(replications):
            contacts[0] += np.isfinite(replication(attempts))
        hand.append(replications / (time.perf_counter() - began))
        began = time.perf_counter()
        batch = engine.simulate(program, 1, range(turn * replications, (turn + 1) * replications))
        ours.append(replications / (time.perf_counter() - began))
        contacts[1] += (batch.first_contact != NEVER).sum(axis=0)
    ratios = [b / a for a, b in zip(hand, ours, strict=True)]
    n = replications * rounds
    print(f"attempts a replication   {attempts[0] / n:.1f} and {batch.attempts.sum() / replications:.1f}")
    print(f"P(contact), by line      {np.round(contacts[0] / n, 3)} and {np.round(contacts[1] / n, 3)}")
    for name, figures in (("hand-written SimPy", hand), ("reference engine", ours)):
        print(f"{name:24} {statistics.median(figures):8.0f} replications/s ({min(figures):.0f} to {max(figures):.0f})")
    print(f"ratio                    {statistics.median(ratios):8.2f} ({min(ratios):.2f} to {max(ratios):.2f})")


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
