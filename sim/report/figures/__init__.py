"""The pictures of a run. Each is a function from data to an Axes or a Figure; `draw_all` makes the files."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from sim.report.figures.describe import describe_curves, describe_responses, describe_uncertainty
from sim.report.figures.further import Picture, from_sample, from_sums
from sim.report.figures.panels import MOST_PANELS
from sim.report.figures.sharing import share_out
from sim.report.figures.sheets import first_contact_figure, response_figure, survival_figure, uncertainty_figure
from sim.report.format import plain
from sim.report.style import LIGHT, PICTURES, Theme, context, load, save
from sim.report.view import View

__all__ = ["draw_all", "figures", "first_contact_figure", "response_figure", "survival_figure", "uncertainty_figure"]

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
    processes: int = 1,
) -> list[Path]:
    """Write every picture as PNG and SVG, and the alt texts, into `folder` (made if missing); the files written.

    The same view gives the same bytes, drawn in one process or shared out among `processes` (see `sharing`).
    `progress(done, total)` is called as pictures are finished. Raises OSError where the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    some = (bool(view.scenario.groups), bool(view.scenario.uncertain))
    total = 4 + sum(some) + 2 * (view.sums is not None) + 4 * (view.traced is not None)
    finished = 0
    with context(theme):
        load()
        ready = [*_from_columns(view, theme), *from_sums(view, theme)]

        def draw(piece: int) -> list[tuple[str, str]]:
            """Draw and save one piece: a picture, or all that need the sample."""
            # The pictures that need a sample come first and together: they take longest, and the sample is traced once.
            # The others follow from the last: one that takes long and begins late would keep all processes waiting.
            pictures = [ready[-piece]] if piece else list(from_sample(view, theme))
            for name, _, make in pictures:
                save(make(), folder, name)
            return [(name, words) for name, words, _ in pictures]

        def tell(piece: int) -> None:
            """A piece is finished."""
            nonlocal finished
            finished += 1 if piece else total - len(ready)
            if progress:
                progress(min(finished, total), total)

        if progress:
            progress(0, total)
        drawn = share_out(1 + len(ready), draw, processes, tell)
    texts = {name: words for piece in reversed(range(1 + len(ready))) for name, words in drawn[piece]}
    if progress and finished < total:
        progress(total, total)
    alt = folder / ALT_TEXTS
    alt.write_text(json.dumps(texts, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return [*(folder / f"{name}.{kind}" for name in texts for kind in PICTURES), alt]
