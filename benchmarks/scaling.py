"""How time and memory grow with replications and with lines. Each point is a process of its own.

python -m benchmarks.scaling LINES apart|coupled REPLICATIONS
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
import time
from typing import Any

import numpy as np

CHUNK = 1 << 14
"""Replications that a process holds at a time: a third of what a long `openlines run` does."""


def many_lines(lines: int, kind: str) -> dict[str, Any]:
    """Much as five-lines.yaml with more lines: every fifth late, the shock felt by the others alone. Coupled: a contact
    on any triples the odds of all."""
    names = [f"l{at}" for at in range(lines)]
    made: dict[str, Any] = {}
    for at, name in enumerate(names):
        made[name] = {
            "caller": f"a{at}",
            "callee": f"b{at}",
            "channel": "late" if at % 5 == 4 else "early",
            "every": {"exponential": {"mean": "3 d"}},
            "answer": 0.05,
            "delay": {"lognormal": {"median": "6 h", "p90": "2 d"}},
            "on_unanswered": {"odds_factor": 0.98},
        }
        if kind == "coupled" and lines > 1:
            # The own line has no further attempt after its contact, so that it may be affected too.
            made[name]["on_contact"] = {"affects": ["early", "late"], "odds_factor": 3}
    return {
        "scenario": 1,
        "title": f"{lines} lines",
        "clock": {"start": "2024-01-01", "end": "2024-03-29"},
        "sides": {"A": {"timezone": "UTC"}, "B": {"timezone": "UTC"}},
        "officials": {f"{side}{at}": {"side": side.upper()} for side in "ab" for at in range(lines)},
        "channels": {"early": {}, "late": {"opens": "2024-01-13"}},
        "events": {
            "shock": {"at": "2024-01-21", "effect": {"affects": ["early"], "odds_factor": 0.5, "half_life": "14 d"}}
        },
        "lines": made,
    }


def point(lines: int, kind: str, replications: int) -> dict[str, float]:
    """Processor seconds of the compiled engine, warm, for so many replications, and the process's peak memory."""
    from benchmarks.machine import peak_memory
    from sim import engines, scenario
    from sim.scenario.compiler import compile_scenario

    began = time.perf_counter()
    program = compile_scenario(scenario.loads(json.dumps(many_lines(lines, kind))))
    loading = time.perf_counter() - began
    engine = engines.get("compiled")
    engine.simulate(program, 1, range(1))
    attempts = 0
    began = time.process_time()
    for first in range(0, replications, CHUNK):
        attempts += int(engine.simulate(program, 1, range(first, min(replications, first + CHUNK))).attempts.sum())
    seconds = time.process_time() - began
    return {
        "lines": lines,
        "replications": replications,
        "attempts a replication": attempts / replications,
        "seconds to load": loading,
        "seconds": seconds,
        "nanoseconds an attempt": 1e9 * seconds / max(attempts, 1),
        "peak MB": peak_memory() / 1e6,
    }


def measured(lines: int, kind: str, replications: int) -> dict[str, float]:
    """A point, in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.scaling", str(lines), kind, str(replications)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def exponent(points: list[dict[str, float]], over: str, of: str, least: float = 0.0) -> dict[str, float]:
    """b in `of` ∝ `over`^b, by least squares of the logarithms over the points from `least` on, and its standard
    error."""
    used = [p for p in points if p[over] >= least]
    x = np.log([p[over] for p in used])
    y = np.log([p[of] for p in used])
    slope, cut = np.polyfit(x, y, 1)
    left = y - (slope * x + cut)
    spread = math.sqrt(float((left**2).sum()) / max(1, len(used) - 2) / float(((x - x.mean()) ** 2).sum()))
    return {"exponent": round(float(slope), 3), "standard error": round(spread, 3), "from": least, "points": len(used)}


if __name__ == "__main__":
    print(json.dumps(point(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]))))
