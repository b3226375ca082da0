"""What the tests of several pictures need."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from matplotlib.axes import Axes

from sim.report import style


@pytest.fixture
def styled() -> Iterator[None]:
    """The style of the pictures is in force."""
    with style.context():
        yield


@pytest.fixture
def axes(styled: None) -> Axes:
    """Empty axes in the style of the pictures."""
    return style.canvas(9, 4).subplots()
