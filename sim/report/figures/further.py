"""The pictures of a run that need its sums, or replications told in full."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from sim.report.figures.attempts import attempts_figure
from sim.report.figures.describe import (
    describe_attempts,
    describe_causes,
    describe_initiative,
    describe_officials,
    describe_rows,
    describe_states,
)
from sim.report.figures.incidence import incidence_figure
from sim.report.figures.officials import officials_figure
from sim.report.figures.panels import MOST_PANELS
from sim.report.figures.raster import raster_figure
from sim.report.figures.reciprocity import reciprocity_figure
from sim.report.figures.states import states_figure
from sim.report.format import plain
from sim.report.style import LIGHT, Theme

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sim.report.view import View

Picture = tuple[str, str, "Callable[[], Figure]"]
"""Its name, its alt text, and what makes it."""


def from_sums(view: View, theme: Theme = LIGHT) -> Iterator[Picture]:
    """Who was first, and how many attempts it took; nothing where a view has no sums."""
    title = plain(view.scenario.title)
    kinds = [(kind, causes) for kind in ("channel", "side") if (causes := view.causes(kind))]
    if kinds:
        heading = f"Who was first: {title}"
        yield (
            "first-by-cause",
            describe_causes(heading, kinds),
            functools.partial(incidence_figure, heading, kinds, theme),
        )
    if needed := view.needed():
        heading = f"Attempts to a contact, by line: {title}"
        shown, more = needed[:MOST_PANELS], len(needed[MOST_PANELS:])
        words = describe_attempts(heading, needed)
        yield "attempts-needed", words, functools.partial(attempts_figure, heading, shown, theme, more=more)


def from_sample(view: View, theme: Theme = LIGHT) -> Iterator[Picture]:
    """States, replications side by side, officials and reciprocity; nothing where a view has no sample."""
    sample = view.sample
    if sample is None:
        return
    title, n, start = plain(view.scenario.title), view.n, view.scenario.start
    labels = [view.label(f"line:{line.name}") for line in view.lines]
    short = [_short(view, f"line:{line.name}") for line in view.lines]

    heading = f"Where each line stands: {title}"
    words = describe_states(heading, sample.states, labels)
    yield "states", words, functools.partial(states_figure, heading, sample.states, labels, start, n, theme)

    heading = f"First contacts, replication by replication: {title}"
    words = describe_rows(heading, sample.rows, labels)
    horizon = view.scenario.horizon
    yield (
        "replications",
        words,
        functools.partial(raster_figure, heading, sample.rows, short, start, horizon, n, theme),
    )

    heading = f"Attempts and answers, by official: {title}"
    rows = view.officials()
    words = describe_officials(heading, rows, sample.replications)
    yield "officials", words, functools.partial(officials_figure, heading, rows, sample.replications, n, theme)

    heading = f"Who began the contacts: {title}"
    sides = {side.name: _short(view, f"side:{side.name}") for side in view.scenario.sides}
    begun = view.initiative()
    calling = {name: label for name, label in sides.items() if name in begun[0].shares}
    words = describe_initiative(heading, begun, calling, sample.replications)
    yield (
        "reciprocity",
        words,
        functools.partial(reciprocity_figure, heading, begun, calling, sample.replications, n, theme),
    )


IN_KEY = 60
"""Characters of a label in a key, beside the other words of its entry."""


def _short(view: View, column: str) -> str:
    """A label that a key does not cut off: the name alone where it is too long with the title."""
    label = view.label(column)
    return label if len(label) <= IN_KEY else column.partition(":")[2]
