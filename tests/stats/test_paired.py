"""The result of a comparison as data."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from sim.stats.intervals import Estimate
from sim.stats.paired import ColumnComparison, Compared, Contrast, Order, Rank, compared_from

HALF = Estimate(0.5, 0.4, 0.6)


def compared() -> Compared:
    contrast = Contrast(-0.1, -0.2, 0.0, -0.25, None, 0.05, 0.1, 0.9, 12_345, False)
    order = Order(HALF, HALF, HALF, 40, 40, 3, 2, 10, 12.5, None)
    column = ColumnComparison(
        estimates={"probability": {"base": HALF, "daily": HALF}},
        contrasts={"probability": {"daily": contrast}},
        order={"daily": order},
        ranking=(Rank("daily", 4.0, 1, 2, ("base",)), Rank("base", 5.0, 1, 2, ("daily",))),
        absent=("none",),
    )
    return Compared(
        base="base",
        variants=("daily", "none"),
        titles={"base": "A crisis", "daily": "A crisis", "none": "A crisis"},
        sha256={"base": "0", "daily": "1", "none": "2"},
        seed=1,
        replications=100,
        block=16,
        engine="reference",
        unit=1,
        start=datetime(2022, 2, 24, tzinfo=UTC),
        horizon=86_400,
        columns={"any": column},
        warnings=("variant 'none' changes nothing",),
    )


def test_a_comparison_comes_back_from_json() -> None:
    assert compared_from(json.loads(json.dumps(compared().as_dict()))) == compared()


def test_another_format_is_refused() -> None:
    with pytest.raises(ValueError, match="format 2; this version reads 1"):
        compared_from(compared().as_dict() | {"format": 2})


def test_an_order_of_few_changes_says_so() -> None:
    assert [Order(HALF, HALF, HALF, units, units, 0, 0, 0, None, None).few for units in (0, 1, 24, 25)] == [
        False,
        True,
        True,
        False,
    ]
