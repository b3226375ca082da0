"""All commands of `openlines`, in the order in which `--help` lists them."""

from __future__ import annotations

from sim.cli.calibrate import calibrate, forecast
from sim.cli.cards import cards
from sim.cli.compare import compare
from sim.cli.fit import fit
from sim.cli.msel import msel
from sim.cli.optimize import optimize
from sim.cli.program import app, command
from sim.cli.report import report
from sim.cli.results import plot, results, verify
from sim.cli.run import run
from sim.cli.sweep import attribute, sensitivity, sweep
from sim.cli.trace import network, trace
from sim.cli.validate import examples, explain, new, resolve, schema, validate
from sim.cli.voi import voi

__all__ = ["app"]

for function in (
    run,
    compare,
    sweep,
    sensitivity,
    attribute,
    voi,
    optimize,
    calibrate,
    forecast,
    trace,
    network,
    msel,
    cards,
    resolve,
    validate,
    schema,
    new,
    examples,
    explain,
    fit,
    results,
    plot,
    verify,
    report,
):
    command(function)
