"""A small program and batches of made-up numbers, so that statistics are tested without an engine."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import cast

import numpy as np

from sim.engines.contract import NEVER, REQUEST_ENDS, Batch
from sim.rules.bins import bins_for
from sim.scenario.program import Column, Program

HORIZON = 40 * 86_400
REASONS = ("declined", "no reply", "busy")


def program(block: int = 4, *, uncertain: bool = False, horizon: int = HORIZON) -> Program:
    """Three lines of two sides over two channels; the third one is triggered. Only what statistics ask for."""

    def column(key: str, *members: int) -> Column:
        return replace(Column.parse(key), members=members)

    fake = SimpleNamespace(
        title="synthetic",
        sha256="ab" * 32,
        start=datetime(2022, 2, 24, tzinfo=UTC),
        horizon=horizon,
        block=block,
        lines=("one", "two", "three"),
        channels=("phone", "cable"),
        sides=("A", "B"),
        groups=("pair",),
        levels=(),
        line_channel=np.array([0, 1, 1]),
        line_side=np.array([0, 0, 1]),
        triggered=np.array([False, False, True]),
        reasons=REASONS,
        uncertain=("parameters.refusal",) if uncertain else (),
        posterior=None,
        columns=(
            column("line:one", 0),
            column("line:two", 1),
            column("line:three", 2),
            column("group:pair", 0, 2),
            column("channel:phone", 0),
            column("channel:cable", 1, 2),
            column("side:A", 0, 1),
            column("side:B", 2),
            column("any", 0, 1, 2),
        ),
    )
    return cast(Program, fake)


def batch(replications: range, of: Program) -> Batch:
    """What a replication shows depends on its number alone, as it must with an engine."""
    whole = np.random.default_rng(7).exponential(of.horizon / 2, size=(4096, len(of.lines)))
    if replications.stop > len(whole):
        raise ValueError("too many replications for the synthetic engine")
    times = whole[replications.start : replications.stop].astype(np.int64)
    times[times >= of.horizon] = NEVER
    happened = (times != NEVER).any(axis=1)
    first = np.where(happened, np.where(times == NEVER, of.horizon, times).argmin(axis=1), NEVER)
    contacts = (times != NEVER).sum(axis=0)
    size = len(replications)
    requests = np.zeros((3, len(REQUEST_ENDS)), np.int64)
    requests[:, 0], requests[:, 1], requests[:, 5] = size, contacts, size - contacts
    taken = np.zeros((3, 64), np.int64)
    response = np.zeros((3, bins_for(of.horizon)), np.int64)
    for line in range(3):
        numbers = np.arange(replications.start, replications.stop)[times[:, line] != NEVER]
        np.add.at(taken[line], 1 + numbers % 5, 1)
        np.add.at(response[line], 60 + numbers % 1900, 1)
    blocks = range(replications.start // of.block, -(-replications.stop // of.block))
    unanswered = np.stack([[2 * size, size, 0]] * 3).astype(np.int64)
    return Batch(
        replications,
        times,
        first.astype(np.int32),
        attempts=unanswered.sum(axis=1) + contacts,
        answered=contacts.astype(np.int64),
        unanswered=unanswered,
        requests=requests,
        attempts_taken=taken,
        response=response,
        parameters=np.array([0.5 / (1 + number) for number in blocks]).reshape(-1, 1)[:, : len(of.uncertain)],
    )
