"""How fast, against the same model written otherwise, and how that grows.

    python -m benchmarks [--full] [--races-only] [--write FOLDER]

The quick form takes some two minutes; `--full` takes longer turns, more of them, and larger runs. With `--write`, the
figures go to FOLDER as a table (.md) and as data (.json) named for the machine.
"""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.agreement import DisagreementError
from benchmarks.machine import load, machine, slug
from benchmarks.programs import contenders, prepare
from benchmarks.race import race
from benchmarks.scaling import exponent, measured
from benchmarks.tables import page

QUICK = {"rounds": 5, "seconds": 0.4, "replications": 10**5, "lines": 100, "a point": 2_000_000}
FULL = {"rounds": 15, "seconds": 1.0, "replications": 10**7, "lines": 1000, "a point": 20_000_000}
"""Turns and their length; the most replications and lines to scale to; attempts to aim at where lines are varied."""


def main() -> int:
    """Measure, print, and write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=str(__doc__).splitlines()[0])
    parser.add_argument("--full", action="store_true", help="longer turns, more of them, and larger runs")
    parser.add_argument("--races-only", action="store_true", help="no scaling")
    parser.add_argument("--replications", type=float, help="the most replications to scale to")
    parser.add_argument("--write", type=Path, metavar="FOLDER", help="write the table and the data there")
    asked = parser.parse_args()
    plan = dict(FULL if asked.full else QUICK)
    if asked.replications:
        plan["replications"] = round(asked.replications)
    prepare(_say)
    about, before = machine(), load()
    options = [option for option in ("--full", "--races-only") if option in sys.argv]
    options += [f"--replications {plan['replications']}"] if asked.replications else []
    found: dict[str, Any] = {"command": " ".join(["python -m benchmarks", *options]), "machine": about}
    found |= {"date": datetime.now(UTC).date().isoformat(), "rounds": plan["rounds"], "seconds": plan["seconds"]}
    try:
        found["races"] = {kind: _race(kind, plan, int(about["cores"])) for kind in ("apart", "coupled")}
    except DisagreementError as error:
        print(f"benchmarks: not the same model: {error}", file=sys.stderr)
        return 1
    found["scaling"] = {} if asked.races_only else _scaling(plan)
    found["load"] = {"before": before, "after": load()}
    text = page(found)
    print(text)
    if asked.write:
        asked.write.mkdir(parents=True, exist_ok=True)
        name = slug(about)
        (asked.write / f"{name}.md").write_text(text, encoding="utf-8")
        (asked.write / f"{name}.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return 0


def _race(kind: str, plan: dict[str, Any], cores: int) -> dict[str, Any]:
    busy = load() > cores
    taking_part, missing = contenders(kind, 1 if busy else cores)
    if busy and cores > 1:
        missing.append(f"{cores} cores: {load():.0f} processes wanted them already, and the clock counts those too")
    _say(f"{kind}: {', '.join(one.name for one in taking_part)}")
    return race(taking_part, plan["rounds"], plan["seconds"]) | {"missing": missing}


def _scaling(plan: dict[str, Any]) -> dict[str, Any]:
    replications = [10**k for k in range(3, 9) if 10**k <= plan["replications"]]
    found = {}
    points = [_point(5, "apart", n) for n in replications]
    found["replications, five lines apart"] = {
        "points": points,
        "fits": {"seconds by replications": exponent(points, "replications", "seconds", 10**4)},
    }
    for kind in ("apart", "coupled"):
        many = [lines for lines in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000) if lines <= plan["lines"]]
        points = [_point(lines, kind, max(20, plan["a point"] // (20 * lines))) for lines in many]
        for p in points:
            p["seconds a replication"] = p["seconds"] / p["replications"]
        found[f"lines, {kind}"] = {
            "points": points,
            "fits": {"seconds a replication by lines": exponent(points, "lines", "seconds a replication", 10)},
        }
    return found


def _point(lines: int, kind: str, replications: int) -> dict[str, float]:
    _say(f"{kind}: {lines} lines, {replications} replications")
    return measured(lines, kind, replications)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
