"""Lines whose first contacts are exponential: attempts at the times of a Poisson process, each answered by chance."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from tests.support import line, officials, scenario

DAY = 86_400
HORIZON = 30 * DAY
LINES = {"p": (2.0, 0.2), "q": (1.0, 0.05), "r": (4.0, 0.5)}
"""By line: mean days between attempts, answer probability."""


def rate(name: str) -> float:
    """Contacts per second."""
    days, answer = LINES[name]
    return answer / (days * DAY)


def contact(lines: Any, by: float) -> float:
    """P(T <= by) of the first of some lines."""
    return 1 - math.exp(-by * sum(map(rate, lines)))


def saved(lines: Any) -> float:
    """Horizon − E[min(T, horizon)]."""
    total = sum(map(rate, lines))
    return HORIZON - (1 - math.exp(-HORIZON * total)) / total if total else 0.0


def human(**keys: object) -> dict[str, Any]:
    """The lines p, q and r over channels of their own (p and q share one), without anything in common."""
    lines = {}
    for at, (name, (days, answer)) in enumerate(LINES.items()):
        mean = {"exponential": {"mean": f"{days:g} d"}}
        lines[name] = line(
            caller=f"a{at}",
            callee=f"b{at}",
            channel="d" if name == "r" else "c",
            starts={"wait": mean},
            every=mean,
            answer=answer,
        )
    people = officials("a0", "a1", "a2", "b0", "b1", "b2")
    return scenario(lines, officials=people, channels={"c": {}, "d": {}}, **keys)


def write(folder: Path, written: dict[str, Any], name: str = "scenario.yaml") -> Path:
    """A scenario file."""
    path = folder / name
    path.write_text(json.dumps(written, indent=1), encoding="utf-8")
    return path
