"""All commands of `openlines`, in the order in which `--help` lists them."""

from __future__ import annotations

from sim.cli.calibrate import calibrate, forecast
from sim.cli.cards import cards
from sim.cli.comparing import compare
from sim.cli.files import examples, explain, new, resolve, schema, validate
from sim.cli.fitting import fit
from sim.cli.keeping import plot, results, verify
from sim.cli.msel import msel
from sim.cli.program import app, command
from sim.cli.reporting import report
from sim.cli.running import run
from sim.cli.telling import network, trace
from sim.cli.varying import attribute, sensitivity, sweep
from sim.cli.voi import voi

__all__ = ["app"]

for function in (
    run,
    compare,
    sweep,
    sensitivity,
    attribute,
    voi,
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
