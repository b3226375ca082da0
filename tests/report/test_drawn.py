"""The guard against texts that overlap sees those that do."""

from __future__ import annotations

from sim.report import style
from tests.report.drawn import overlaps


def test_texts_that_cover_each_other_or_leave_the_picture_are_seen(styled: None) -> None:
    figure = style.canvas(4, 2)
    figure.text(0.1, 0.5, "first words")
    assert not overlaps(figure)
    figure.text(0.15, 0.52, "other words")
    figure.text(0.9, 0.1, "words that go on beyond the edge")
    assert overlaps(figure) == [("words that go on beyond the edge", ""), ("first words", "other words")]


def test_labels_of_ticks_are_texts_too(styled: None) -> None:
    figure = style.canvas(4, 2)
    axes = figure.add_axes((0.2, 0.3, 0.7, 0.6))
    axes.set_xticks([0.5, 0.51], ["one long label", "another long label"])
    assert ("one long label", "another long label") in overlaps(figure)
