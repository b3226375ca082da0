"""Results of studies made up for pictures and tables: numbers that are known, and names at their longest."""

from __future__ import annotations

from datetime import UTC, datetime

from sim.stats.attribution import Attribution, Contribution, Redundancy
from sim.stats.intervals import Estimate
from sim.stats.outcomes import Axis, Outcome, Point, Result, StudySpec, Sweep
from sim.stats.sensitivity import SensitivityAnalysis, SobolIndices, Swing, Tornado

DAY = 86_400
HORIZON = 100 * DAY
LONG = "a-name-that-is-as-long-as-the-language-allows-for-a-name-of-line"


def spec(title: str = "A crisis") -> StudySpec:
    return StudySpec(title, "0" * 64, datetime(2022, 2, 24, tzinfo=UTC), HORIZON, 1, 10_000, "compiled", 1, ("a.b=1",))


def about(middle: float, half: float = 0.02) -> Estimate:
    return Estimate(middle, middle - half, middle + half)


def attribution(lines: int = 3, *, shapley: bool = True, name: str = "line") -> Attribution:
    """Line i is worth i tenths of contact and i + 1 days; the channels are the lines again."""
    contributions = []
    for kind in ("line", "channel"):
        for at in range(lines):
            for outcome, unit in ((Outcome("any", 30 * DAY), 0.1), (Outcome("any"), DAY)):
                other = kind == "channel" and outcome.is_wait  # a second, so that channels and lines differ
                loss = about(unit * at / lines + (DAY + other if outcome.is_wait else 0), unit / 4)
                here = about(0.8 if not outcome.is_wait else 20 * DAY, unit / 4)
                value = about(unit * (at + 1) * (4 if outcome.is_wait else 0.5), unit / 5) if shapley else None
                contributions.append(Contribution(kind, f"{name}-{at}", outcome, here, here, loss, 0.5, value))
    sizes = {"line": 10_000, "channel": 10_000} if shapley else {}
    rows = (Redundancy("any", HORIZON, lines, about(0.5), about(0.6), about(0.8), about(0.2)),)
    parts = tuple((f"{name}-{at}",) for at in range(lines))
    return Attribution(spec(), ("any",), 30 * DAY, tuple(contributions), rows, sizes, parts)


def sweep(axes: tuple[Axis, ...], columns: tuple[str, ...] = ("any", "group:two"), *, flat: bool = False) -> Sweep:
    """The probability falls from 0.9 to 0.1 over the points, the wait rises from 10 to 90 days."""
    size = 1
    for axis in axes:
        size *= len(axis.values)
    points = []
    for at in range(size):
        part = 0.5 if flat else at / max(1, size - 1)
        results = {}
        for column in columns:
            results[Outcome(column, 30 * DAY)] = Result(about(0.9 - 0.8 * part), about(0.4 - 0.8 * part))
            wait = 10 * DAY + 80 * DAY * part
            results[Outcome(column)] = Result(about(wait, DAY), about(wait - 50 * DAY, DAY))
        inner = len(axes[-1].values)
        values = (axes[0].values[at // inner], axes[1].values[at % inner]) if len(axes) == 2 else (axes[0].values[at],)
        points.append(Point(values, "0" * 64, results, {}))
    as_is = {outcome: about(50 * DAY if outcome.is_wait else 0.5) for outcome in points[0].results}
    own = tuple((axis.values[0], axis.places[0]) for axis in axes)
    return Sweep(spec(), axes, columns, 30 * DAY, as_is, own, tuple(points))


def axis(path: str = "lines.p.every", values: int = 5, kind: str = "duration") -> Axis:
    if kind == "text":
        return Axis(path, kind, tuple(f"choice {at}" for at in range(values)), tuple(map(float, range(values))), False)
    if kind == "date":
        start = datetime(2022, 3, 1, tzinfo=UTC).timestamp()
        return Axis(path, kind, tuple(f"2022-03-{at + 1:02d}" for at in range(values)),
                    tuple(start + DAY * at for at in range(values)), False)  # fmt: skip
    return Axis(
        path, kind, tuple(f"{at + 1} d" for at in range(values)), tuple(DAY * (at + 1.0) for at in range(values)), False
    )


def sensitivity(numbers: int = 3, *, name: str = "parameters.x", told: bool = True) -> SensitivityAnalysis:
    """Number i moves the outcome by 0.1·(numbers − i), its indices are 0.5/(i + 1) and a tenth more."""
    paths = tuple(f"{name}{at}" for at in range(numbers))
    tornadoes, indices = [], {}
    for outcome, unit in ((Outcome("any", 30 * DAY), 1.0), (Outcome("any"), 100.0 * DAY)):
        swings = []
        for at, path in enumerate(paths):
            size = unit * 0.1 * (numbers - at) / numbers
            ends = about(0.5 * unit - size, unit / 50), about(0.5 * unit + size, unit / 50)
            moved = about(-size, unit / 50), about(size, unit / 50), about(2 * size, unit / 50)
            swings.append(Swing(path, "0.1", "0.9", *ends, *moved))
        tornadoes.append(Tornado(outcome, about(0.5 * unit, unit / 50), tuple(swings)))
        first = tuple(about(0.5 / (at + 1)) for at in range(numbers)) if told else None
        total = tuple(about(0.5 / (at + 1) + 0.1) for at in range(numbers)) if told else None
        indices[outcome] = SobolIndices(first, total, about(0.01 * unit**2), about(0.2), about(0.6), 256, 16)
    return SensitivityAnalysis(spec(), ("any",), 30 * DAY, "prior", paths, tuple(tornadoes), indices, "", {})
