"""numba, made to compile the rules as they stand, with a cache that no change to them outlives.

The functions of `sim.rules` stay plain Python; here they are registered, so that kernels may call them. numba's
cache sees a change in the kernel's own file only, so the folder of the cache is named by a hash of all the sources
that are compiled. It also counts where they are and when they were written, what Python and what processor: numba takes
nothing from its cache if one of these is another, and whoever finds the folder is to know that all is there.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from bisect import bisect_right
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import llvmlite.binding as llvm
import numba
from numba.extending import overload, register_jitable

from sim.engines.compiled import bits
from sim.engines.compiled.bits import rebuilt
from sim.rules import answer, arithmetic, bins, calendar, quantile_tables, random

Function = TypeVar("Function", bound=Callable[..., Any])

_HERE = Path(__file__).parent
_COMPILED = [
    *sorted(_HERE.glob("*.py")),
    *(Path(str(module.__file__)) for module in (answer, arithmetic, bins, calendar, quantile_tables, random)),
]


_ROOM = 4 << 20
"""Bytes that the compiled code takes, amply."""


def _sources() -> str:
    processor = llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()
    digest = hashlib.sha256(repr((numba.__version__, sys.implementation.cache_tag, processor)).encode())
    for path in _COMPILED:
        digest.update(f"{path} {path.stat().st_mtime_ns}".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def cache_folder() -> Path:
    """Where compiled code is kept: below OPENLINES_CACHE, XDG_CACHE_HOME or ~/.cache, else in a temporary folder, which
    OPENLINES_CACHE names from then on, for the processes that this one starts."""
    base = os.environ.get("OPENLINES_CACHE") or os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    below = Path("openlines", _sources())
    folder = Path(base).expanduser() / below
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(bytes(_ROOM))
        return folder
    except OSError:  # not ours to write to, or no space left
        pass
    os.environ["OPENLINES_CACHE"] = tempfile.mkdtemp(prefix="openlines-")
    folder = os.environ["OPENLINES_CACHE"] / below
    folder.mkdir(parents=True)
    return folder


CACHE = cache_folder()
numba.config.CACHE_DIR = str(CACHE)  # type: ignore[attr-defined]

AS_PYTHON: dict[str, Any] = {"error_model": "numpy", "nogil": True}
"""No fast math, so that kernels round as Python does; division by zero as in numpy."""

kernel: Callable[[Function], Function] = cast(Any, numba.njit(cache=True, **AS_PYTHON))
"""Compile a function that Python calls; it is kept in the cache with all that it calls itself."""

_NO_WRAPPERS: dict[str, Any] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}

part: Callable[[Function], Function] = cast(Any, numba.njit(**AS_PYTHON, **_NO_WRAPPERS))
"""Compile a function that only kernels call."""

inlined: Callable[[Function], Function] = cast(Any, numba.njit(forceinline=True, **AS_PYTHON, **_NO_WRAPPERS))
"""Compile a function into those that call it: a loop with a call in it is not vectorised."""


@overload(bisect_right)
def _bisect_right(sorted_numbers: Any, number: Any) -> Any:
    def _search(sorted_numbers: Any, number: Any) -> Any:
        low, high = 0, len(sorted_numbers)
        while low < high:
            middle = (low + high) // 2
            if number < sorted_numbers[middle]:
                high = middle
            else:
                low = middle + 1
        return low

    return _search


def _compile_as(rule: Function, code: Function) -> None:
    """Where a kernel calls `rule`, compile `code`."""
    overload(rule, strict=False)(lambda *arguments: code)


_compile_as(arithmetic.log, rebuilt(arithmetic.log, frexp=bits.frexp, isinf=bits.isinf))
_compile_as(arithmetic.exp, rebuilt(arithmetic.exp, floor=bits.floor, ldexp=bits.ldexp))
_compile_as(arithmetic.exp2, rebuilt(arithmetic.exp2, floor=bits.floor, ldexp=bits.ldexp))

for _rule in (
    arithmetic._exp_of_small,
    arithmetic._ratio,
    arithmetic.logit,
    arithmetic.normal_quantile,
    arithmetic._rational,
    arithmetic.normal_cdf,
    quantile_tables._triangular,
    quantile_tables._interpolate,
    quantile_tables.quantile,
    calendar.whole_seconds,
    calendar.after,
    calendar.first_open,
    calendar.served,
    answer.answer_probability,
    answer.is_answered,
    answer.reason_of,
    answer.faded,
    answer.in_force,
    random.philox,
    random.uniform_of,
):
    register_jitable(_rule)
