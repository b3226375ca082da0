"""The pictures of a run: `figures` lists them, `draw_all` makes their files.

Each picture is a module: a function from data to an Axes, one to a Figure, and its description in words.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sim.report.figures.attempts import attempts_figure, describe_attempts
from sim.report.figures.first_contact import first_contact_figure
from sim.report.figures.incidence import describe_causes, incidence_figure
from sim.report.figures.officials import describe_officials, officials_figure
from sim.report.figures.panels import MOST_PANELS
from sim.report.figures.raster import describe_rows, raster_figure
from sim.report.figures.reciprocity import describe_initiative, reciprocity_figure
from sim.report.figures.response_delay import describe_responses, response_delay_figure
from sim.report.figures.states import describe_states, states_figure
from sim.report.figures.survival import (
    dated_events,
    describe_curves,
    describe_uncertainty,
    survival_figure,
    uncertainty_figure,
)
from sim.report.format import plain
from sim.report.style import LIGHT, Theme, context, picture_files, save
from sim.report.view import View
from sim.runs.files import replacing

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Picture = tuple[str, str, "Callable[[], Figure]"]
"""Its name, its alt text, and what makes it."""

ALT_TEXTS = "alt.json"
"""In the folder of the pictures: file name without ending to a description in words, for those who do not see it."""


def figures(view: View, theme: Theme = LIGHT) -> Iterator[Picture]:
    """Name, alt text and maker of every picture of a run, in the order in which they are made.

    The maker is called inside `sim.report.style.context(theme)`. Those that come last need a sample of replications,
    which is traced when they are asked for.
    """
    yield from from_columns(view, theme)
    yield from from_sums(view, theme)
    yield from from_sample(view, theme)


def from_columns(view: View, theme: Theme = LIGHT) -> Iterator[Picture]:
    """The pictures of first contacts: survival functions, histograms, and what the uncertain numbers leave open."""
    title = plain(view.scenario.title)
    lines = [f"line:{line.name}" for line in view.lines]
    channels = [f"channel:{channel.name}" for channel in view.scenario.channels]
    groups = [f"group:{name}" for name in view.scenario.groups]
    survival = functools.partial(survival_figure, events=dated_events(view.scenario))
    sets = (
        ("survival-lines", f"No contact so far, by line: {title}", survival, lines),
        ("survival-channels", f"No contact so far, by channel: {title}", survival, [*channels, "any"]),
        ("survival-groups", f"No contact so far, by group: {title}", survival, [*groups, "any"] if groups else []),
        ("first-contact", f"Time to first contact: {title}", first_contact_figure, [*lines, *groups]),
    )
    for name, heading, make, columns in sets:
        known = [column for column in columns if column in view.summary["first_contact"]]
        if not known:
            continue
        curves = [view.curve(column) for column in known[:MOST_PANELS]]
        marks = {curve.label: view.marks(column) for curve, column in zip(curves, known, strict=False)}
        words = describe_curves(heading, curves, marks, len(known))
        yield name, words, functools.partial(make, heading, curves, marks, theme, more=len(known) - len(curves))
    if view.scenario.uncertain:
        yield from _from_draws(view, theme, [one for one in (*lines, *groups) if one in view.summary["first_contact"]])


def _from_draws(view: View, theme: Theme, columns: Sequence[str]) -> Iterator[Picture]:
    """Monte Carlo error beside parameter uncertainty; nothing where there are too few blocks to tell."""
    found = [(column, one) for column in columns[:MOST_PANELS] if (one := view.uncertain(column)) is not None]
    if found:
        heading = f"Monte Carlo error and parameter uncertainty: {plain(view.scenario.title)}"
        shown, more = [one for _, one in found], len(columns) - len(found)
        marks = {one.curve.label: view.marks(column) for column, one in found}
        words = describe_uncertainty(heading, shown)
        yield "uncertainty", words, functools.partial(uncertainty_figure, heading, shown, marks, theme, more=more)


def from_sums(view: View, theme: Theme = LIGHT) -> Iterator[Picture]:
    """Response delays, who was first, and how many attempts it took; nothing where a view has no sums."""
    title = plain(view.scenario.title)
    if responses := view.responses():
        heading = f"How long an answer took, by channel: {title}"
        make = functools.partial(response_delay_figure, heading, responses, view.n, theme)
        yield "response-delay", describe_responses(heading, responses), make
    kinds = [(kind, causes) for kind in ("channel", "side") if (causes := view.causes(kind))]
    if kinds:
        heading = f"Who was first: {title}"
        make = functools.partial(incidence_figure, heading, kinds, theme)
        yield "first-by-cause", describe_causes(heading, kinds), make
    if needed := view.needed():
        heading = f"Attempts to a contact, by line: {title}"
        shown, more = needed[:MOST_PANELS], len(needed[MOST_PANELS:])
        make = functools.partial(attempts_figure, heading, shown, theme, more=more)
        yield "attempts-needed", describe_attempts(heading, needed), make


def from_sample(view: View, theme: Theme = LIGHT) -> Iterator[Picture]:
    """States, replications side by side, officials, and reciprocity where both sides call; nothing without a sample."""
    sample = view.sample
    if sample is None:
        return
    title, n, start = plain(view.scenario.title), view.n, view.scenario.start
    columns = [f"line:{line.name}" for line in view.lines]
    labels, short = [view.label(column) for column in columns], [view.labels.in_key(column) for column in columns]

    heading = f"State of each line: {title}"
    make = functools.partial(states_figure, heading, sample.states, labels, start, n, theme)
    yield "states", describe_states(heading, sample.states, labels), make

    heading = f"First contacts, replication by replication: {title}"
    make = functools.partial(raster_figure, heading, sample.rows, short, start, view.scenario.horizon, n, theme)
    yield "replications", describe_rows(heading, sample.rows, labels), make

    heading, rows = f"Attempts and answers, by official: {title}", view.officials()
    make = functools.partial(officials_figure, heading, rows, sample.replications, n, theme)
    yield "officials", describe_officials(heading, rows, sample.replications), make

    heading, begun = f"Who began the contacts: {title}", view.initiative()
    calling = {
        side.name: view.labels.in_key(f"side:{side.name}")
        for side in view.scenario.sides
        if side.name in begun[0].shares
    }
    if len(calling) > 1:
        make = functools.partial(reciprocity_figure, heading, begun, calling, sample.replications, n, theme)
        yield "reciprocity", describe_initiative(heading, begun, calling, sample.replications), make


def draw_all(
    view: View,
    folder: Path,
    theme: Theme = LIGHT,
    progress: Callable[[int, int], None] | None = None,
    *,
    svg: bool = False,
) -> list[Path]:
    """Write every picture of a run, and the alt texts, into `folder` (made if missing); the files written.

    Arguments and errors as of `draw_pictures`. The same view gives the same bytes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with context(theme):
        return draw_pictures([*figures(view, theme)], folder, progress, svg=svg)


def draw_pictures(
    pictures: Sequence[Picture],
    folder: Path,
    progress: Callable[[int, int], None] | None = None,
    *,
    svg: bool = False,
) -> list[Path]:
    """Write pictures as PNG, and the alt texts, into `folder`, which is there; the files written.

    progress  ``progress(done, total)`` is called before the first picture and after each
    svg       write each as SVG too; without it, SVGs of the same names are removed, which would show something else

    Called inside `sim.report.style.context`. Each file is there whole or not at all. Raises OSError where the folder
    cannot be written.
    """
    texts: dict[str, str] = {}
    for done, (name, words, make) in enumerate(pictures):
        if progress:
            progress(done, len(pictures))
        figure, files = make(), picture_files(folder, name, svg=svg)
        for file in files:
            save(figure, file)
        for file in set(picture_files(folder, name, svg=True)).difference(files):
            file.unlink(missing_ok=True)
        texts[name] = words
    if progress:
        progress(len(pictures), len(pictures))
    with replacing(folder / ALT_TEXTS, lasting=False) as temporary:
        temporary.write_text(json.dumps(texts, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return [*(file for name in texts for file in picture_files(folder, name, svg=svg)), folder / ALT_TEXTS]
