"""The command `openlines`: parse, call, show. What it shows is made in `sim.report`, what it calls is in `sim.api`.

Exit status: 0 done; 1 the work failed; 2 the input is wrong; 130 interrupted. Everything heavy is imported inside the
command that needs it, so that `--help` answers at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.cli.start import main

if TYPE_CHECKING:
    from typer import Typer

__all__ = ["app", "main"]

app: Typer


def __getattr__(name: str) -> object:
    # Loaded once signals are minded: an interrupt while modules load is to end the program without a traceback.
    if name != "app":
        raise AttributeError(f"module 'sim.cli' has no attribute {name!r}")
    from sim.cli.commands import app

    return app
