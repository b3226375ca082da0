"""The command `openlines`: parse, call, show. What it shows is made in `sim.report`, what it calls is in `sim.api`.

Exit status: 0 done; 1 the work failed; 2 the input is wrong; 130 interrupted. Everything heavy is imported inside the
command that needs it, so that `--help` answers at once.
"""

from __future__ import annotations

from sim.cli.calibrate import calibrate, forecast
from sim.cli.comparing import compare
from sim.cli.files import explain, new, resolve, schema, validate
from sim.cli.fitting import fit
from sim.cli.keeping import plot, results, verify
from sim.cli.msel import msel
from sim.cli.program import app, command, main
from sim.cli.reporting import report
from sim.cli.running import run
from sim.cli.telling import network, trace
from sim.cli.varying import attribute, sensitivity, sweep

__all__ = ["app", "main"]

# In the order in which `--help` lists them.
for function in (
    run,
    compare,
    sweep,
    sensitivity,
    attribute,
    calibrate,
    forecast,
    trace,
    network,
    msel,
    resolve,
    validate,
    schema,
    new,
    explain,
    fit,
    results,
    plot,
    verify,
    report,
):
    command(function)
