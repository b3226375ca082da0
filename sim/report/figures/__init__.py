"""The pictures of a run. Each is a function from data to an Axes or a Figure; `draw_all` makes the files."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from sim.report.figures.describe import describe_curves, describe_responses, describe_uncertainty
from sim.report.figures.further import Picture, from_sample, from_sums
from sim.report.figures.panels import MOST_PANELS
from sim.report.figures.sheets import first_contact_figure, response_figure, survival_figure, uncertainty_figure
from sim.report.format import plain
from sim.report.style import LIGHT, Theme, context, picture_files, save
from sim.report.view import View
from sim.runs.files import replacing

__all__ = [
    "draw_all",
    "draw_pictures",
    "figures",
    "first_contact_figure",
    "response_figure",
    "survival_figure",
    "uncertainty_figure",
]

ALT_TEXTS = "alt.json"
"""In the folder of the pictures: file name without ending to a description in words, for those who do not see it."""


def figures(view: View, theme: Theme = LIGHT) -> Iterator[Picture]:
    """Name, alt text and maker of every picture of a run, in the order in which they are made.

    The maker is called inside `sim.report.style.context(theme)`. Those that come last need a sample of replications,
    which is traced when they are asked for.
    """
    yield from _from_columns(view, theme)
    yield from from_sums(view, theme)
    yield from from_sample(view, theme)


def _from_columns(view: View, theme: Theme) -> Iterator[Picture]:
    title = plain(view.scenario.title)
    lines = [f"line:{line.name}" for line in view.lines]
    channels = [f"channel:{channel.name}" for channel in view.scenario.channels]
    groups = [f"group:{name}" for name in view.scenario.groups]
    sets = (
        ("survival-lines", f"No contact so far, by line: {title}", survival_figure, lines),
        ("survival-channels", f"No contact so far, by channel: {title}", survival_figure, [*channels, "any"]),
        (
            "survival-groups",
            f"No contact so far, by group: {title}",
            survival_figure,
            [*groups, "any"] if groups else [],
        ),
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
        yield from _from_draws(
            view, theme, [column for column in [*lines, *groups] if column in view.summary["first_contact"]]
        )
    found = view.responses()
    heading = f"How long an answer took, by channel: {title}"
    yield (
        "response-delay",
        describe_responses(heading, found),
        functools.partial(response_figure, heading, found, view.n, theme),
    )


def _from_draws(view: View, theme: Theme, columns: Sequence[str]) -> Iterator[Picture]:
    """What chance and what the uncertain numbers leave open; nothing where there are too few blocks to tell."""
    found = [(column, one) for column in columns[:MOST_PANELS] if (one := view.uncertain(column)) is not None]
    if found:
        heading = f"Chance, and what is not known: {plain(view.scenario.title)}"
        shown, more = [one for _, one in found], len(columns) - len(found)
        marks = {one.curve.label: view.marks(column) for column, one in found}
        words = describe_uncertainty(heading, shown)
        yield "uncertainty", words, functools.partial(uncertainty_figure, heading, shown, marks, theme, more=more)


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
