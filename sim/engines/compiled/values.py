"""Values of every block of replications: Program.draw_parameters and Program.values_for for many blocks at once."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sim.engines.compiled.kernel import fill_logarithms, fill_quantiles
from sim.rules.random import stream_of, uniforms
from sim.scenario.program import Derived, Floats, Program
from sim.scenario.resolved import Uncertain

_OWN: Mapping[tuple[str, frozenset[str]], tuple[str, ...]] = {
    ("fixed", frozenset({"value"})): ("value",),
    ("exponential", frozenset({"mean"})): ("mean",),
    ("uniform", frozenset({"min", "max"})): ("min", "max"),
    ("triangular", frozenset({"min", "mode", "max"})): ("min", "mode", "max"),
    ("lognormal", frozenset({"median", "sigma"})): ("median", "sigma"),
    ("weibull", frozenset({"scale", "shape"})): ("scale", "shape"),
    ("loglogistic", frozenset({"scale", "shape"})): ("scale", "shape"),
    ("loglogistic", frozenset({"median", "shape"})): ("median", "shape"),
}
"""Families in the form of their own parameters, and these in the order of the three slots: nothing is to be solved. A
number that is out of range was refused with the scenario, whose priors are checked at the ends of their supports."""


def values_of(program: Program, seed: int, replications: range) -> tuple[Floats, Floats]:
    """The uncertain numbers of each block that the replications touch, and all numbers: a row a block, or one row for
    all blocks where nothing depends on uncertain numbers."""
    drawn = _drawn(program, seed, program.blocks_of(replications))
    values = np.tile(program.known_values(), (len(drawn) if program.derived else 1, 1))
    if len(drawn) > 0:
        columns = {path: np.ascontiguousarray(drawn[:, at]) for at, path in enumerate(program.uncertain)}
        for item in program.derived:
            _fill(item, columns, values)
    return drawn, values


def _drawn(program: Program, seed: int, blocks: range) -> Floats:
    if program.posterior is not None or len(blocks) == 0:
        return program.draw_parameters(seed, blocks)
    drawn = np.empty((len(blocks), len(program.uncertain)))
    for at, (path, prior) in enumerate(zip(program.uncertain, program.priors, strict=True)):
        u = np.ascontiguousarray(uniforms(seed, stream_of("parameter", path), blocks, range(1), 0)[0][:, 0])
        out = np.empty(len(blocks))
        fill_quantiles(prior.code, prior.a, prior.b, prior.c, np.array(prior.table, dtype=np.float64), u, out)
        drawn[:, at] = out
    return drawn


def _fill(item: Derived, columns: Mapping[str, Floats], values: Floats) -> None:
    """The slots that depend on uncertain numbers in one place."""
    if item.distribution is None:
        if isinstance(item.number, Uncertain):
            filled = numbers = columns[item.number.path]
            if item.kind != "number":
                filled = np.empty(len(numbers))
                fill_logarithms(item.kind == "logit", numbers, filled)
            values[:, item.slot] = filled
            return
    else:
        given = item.distribution.given
        own = _OWN.get((item.distribution.family, frozenset(given)))
        if own is not None:
            values[:, item.slot : item.slot + 3] = 0.0
            for place, name in enumerate(own):
                number = given[name]
                values[:, item.slot + place] = columns[number.path] if isinstance(number, Uncertain) else number
            return
    for row in range(len(values)):
        one: list[float] = values[row].tolist()
        item.fill(one, {path: float(column[row]) for path, column in columns.items()})
        values[row] = one
