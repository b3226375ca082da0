"""Attempts per request: a histogram for each line of the attempts from the beginning of a request to its contact."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sim.report.figures.axes import share_axis
from sim.report.figures.data import AttemptsNeeded
from sim.report.figures.panels import described, grid, line_sign
from sim.report.format import count, decimal, several, share
from sim.report.style import LIGHT, Look, Theme

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def attempts_histogram(
    axes: Axes, needed: AttemptsNeeded, look: Look = LIGHT.looks[0], theme: Theme = LIGHT, *, named: bool = True
) -> Axes:
    """Draw the share of requests per bar among those with a contact; a dashed line marks the median.

    A bar of one number stands over it; one of several reaches from the first to the last of them.
    """
    edges, total = needed.edges, needed.contacts
    right = max(float(edges[-1]), 4.0) - 0.5
    axes.set_xlim(0.5, right)
    if total:
        heights = needed.counts / total
        axes.stairs(heights, edges - 0.5, fill=True, color=look.colour, gid="bars")
        axes.set_ylim(0, 1.05 * float(heights.max()))
    if needed.median is not None and needed.median <= right:
        axes.axvline(needed.median, color=theme.ink, linestyle=(0, (2, 2)), linewidth=1.1, gid="median")
    share_axis(axes.yaxis, None)
    axes.locator_params(axis="y", nbins=4)
    axes.locator_params(axis="x", nbins=6, integer=True, steps=[1, 2, 5, 10])
    axes.grid(visible=False, axis="x")
    if named:
        axes.set_xlabel("attempts to the contact, in one request")
        axes.set_ylabel(f"share of {several(total, 'contact')}")
    return axes


def numbers(needed: AttemptsNeeded) -> str:
    """``11 contacts of 40 requests, median 2, 9.1 % more than 4 →``"""
    words = [f"{several(needed.contacts, 'contact')} of {several(needed.begun, 'request')}"]
    if needed.median is not None:
        words.append(f"median {decimal(needed.median)}")
    if needed.beyond:
        words.append(f"{share(needed.beyond / needed.contacts)} more than {count(int(needed.edges[-1]) - 1)} →")
    return ", ".join(words)


def attempts_figure(title: str, needed: Sequence[AttemptsNeeded], theme: Theme = LIGHT, *, more: int = 0) -> Figure:
    """A panel for each line; `more` are left out."""

    look = theme.looks[0]
    return grid(
        title,
        f"n = {several(needed[0].n, 'replication')}",
        [f"{one.label}\n{numbers(one)}" for one in needed],
        lambda axes, place: attempts_histogram(axes, needed[place], look, theme, named=False),
        below="attempts to the contact, in one request",
        beside="share of the requests that ended with a contact",
        shared=False,
        entries=[line_sign("median", color=theme.ink, linestyle=(0, (2, 2)), linewidth=1.1)],
        more=more,
    )


def describe_attempts(heading: str, needed: Sequence[AttemptsNeeded]) -> str:
    """Say in words how many requests of each line had a contact, and after how many attempts at the median."""
    sentences = []
    for one in needed:
        median = "" if one.median is None else f", after {attempts(one.median)} at the median"
        sentences.append(f"{one.label}: {several(one.contacts, 'contact')} of {several(one.begun, 'request')}{median}.")
    return described(heading, [f"{several(needed[0].n, 'replication')}.", *sentences])


def attempts(some: float) -> str:
    """``1 attempt``, ``1.2 attempts``: a mean or a median."""
    number = decimal(some)
    return f"{number} attempt" if number == "1" else f"{number} attempts"
