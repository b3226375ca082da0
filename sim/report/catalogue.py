"""The table of runs in a folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from sim.report.format import count, plain, several

if TYPE_CHECKING:
    from rich.console import Console


class RunRow(Protocol):
    """One run, as `sim.api.RunEntry` has it."""

    @property
    def folder(self) -> Path:
        """Where the run is kept."""

    @property
    def status(self) -> str:
        """``complete``, ``incomplete`` or ``unreadable``."""

    @property
    def title(self) -> str:
        """That of the scenario."""

    @property
    def seed(self) -> int:
        """That of all its draws."""

    @property
    def replications(self) -> int:
        """How many were asked for."""

    @property
    def engine(self) -> str:
        """The engine's name."""

    @property
    def started(self) -> str:
        """When, as the manifest has it."""

    @property
    def trouble(self) -> str:
        """Why it cannot be read; else empty."""

    @property
    def changes(self) -> tuple[str, ...]:
        """What was set in the scenario's file."""


def show_runs(runs: Sequence[RunRow], folder: Path, target: Console) -> None:
    """Print a line or two for each run: where, whether complete, of what, when."""
    from rich.padding import Padding
    from rich.text import Text

    if not runs:
        target.print(Text(f"no runs in {plain(str(folder))}"))
        return
    for run in runs:
        style = "" if run.status == "complete" else "yellow"
        target.print(Text(f"{run.status:<11} {plain(str(run.folder))}", style=style, overflow="fold"))
        if run.trouble:
            words = plain(run.trouble)
        else:
            title = plain(run.title)
            amount = f"n {count(run.replications)}, seed {run.seed}, engine {plain(run.engine)}"
            changed = [f"changed: {plain(change)}" for change in run.changes]
            words = ", ".join(part for part in (title, *changed, amount, plain(run.started)) if part)
        target.print(Padding(Text(words, style="dim", overflow="fold"), (0, 0, 0, 12)))
    incomplete = sum(run.status == "incomplete" for run in runs)
    if incomplete:
        again = "the command that began it goes on with it" if incomplete == 1 else "the commands that began them go on"
        target.print(Text(f"{several(incomplete, 'run')} incomplete: {again}"))
