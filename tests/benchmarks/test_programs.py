"""What is measured on several cores is what is measured on one."""

from __future__ import annotations

import numpy as np

from benchmarks import programs


def test_all_cores_give_what_one_gives() -> None:
    several = programs._on_all("apart", 2)
    one = programs._ours(programs.compiled("apart"), "compiled")
    for seed in (1, 2):
        first, attempts = several(500, seed)
        expected, made = one(500, seed)
        assert (attempts, first.dtype) == (made, np.dtype(np.float64))
        assert np.array_equal(first, expected)
    # Saboteur: another seed is seen.
    assert not np.array_equal(several(500, 1)[0], expected)
