"""A scenario without some of its lines.

A line that is taken away makes no attempt, so nothing that waits for its contact, for its giving up or for an
unanswered attempt ever happens because of it. All other lines keep their draws: they are addressed by name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import replace

import numpy as np

from sim.scenario.program import NONE, Program, Start


def without(program: Program, lines: Collection[int]) -> Program:
    """The program in which the lines at these places never begin; the same one where there are none.

    Lines and columns stay as they are, so that results can be laid side by side: the first contact of a line that is
    taken away is NEVER. The hash tells the programs apart.
    """
    if not lines:
        return program
    gone = np.zeros(len(program.lines), np.bool_)
    gone[sorted(lines)] = True
    line = program.line
    names = ",".join(name for name, away in zip(program.lines, gone.tolist(), strict=True) if away)
    return replace(
        program,
        sha256=hashlib.sha256(f"{program.sha256} without {names}".encode()).hexdigest(),
        line=replace(
            line,
            # A line that would begin at the horizon never does, in every engine.
            start=np.where(gone, int(Start.AT), line.start),
            start_second=np.where(gone, program.horizon, line.start_second),
            start_event=np.where(gone, NONE, line.start_event),
            start_lines=tuple(() if away else some for away, some in zip(gone.tolist(), line.start_lines, strict=True)),
            wait=np.where(gone, NONE, line.wait),
        ),
    )
