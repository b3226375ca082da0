"""numba for compiled kernels: decorators, records without bounds checks, rules as they stand, a cache of compiled code.

The rest of the project sees plain Python: a kernel indexes NamedTuples of numpy records (``m.lines[i].caller``) and
calls the functions of `sim.rules`. Three things are done here so that this is fast and equal to CPython to the bit:

- `unchecked` hands the arrays of a NamedTuple on as pointers. numba would pass an array as seven numbers, count
  references to it and test each index for being negative, which took five times as long.
- The rules are registered, so that kernels may call them. Five primitives (`split`, `scale`, `uniform_of`,
  `bit_length`, `bisect_right`) are replaced by equal ones that the processor's vectors can do, or that numba lacks.
- A `Cache` keeps compiled code. numba looks for changes in the kernel's own file alone, so the folder is named by a
  hash of all sources that are compiled. Damaged files are thrown away.

Everything is public API of numba and llvmlite but `context.make_helper`, `unpack_value` and `pack_value`, which the
documentation of `numba.extending.intrinsic` uses without listing them.
"""

from __future__ import annotations

import hashlib
import json
import operator
import os
import sys
import tempfile
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar, cast

import llvmlite.binding as llvm
import numba
import numpy as np
from filelock import FileLock
from llvmlite import ir
from numba import float64, int64, types, uint64
from numba.extending import intrinsic, models, overload, register_jitable, register_model

from sim.rules import answer, arithmetic, bins, calendar, order, quantile_tables, random

Function = TypeVar("Function", bound=Callable[..., Any])

AS_PYTHON: dict[str, Any] = {"error_model": "numpy", "nogil": True}
"""No fast math, so that kernels round as Python does; division by zero as in numpy."""

_NO_WRAPPERS: dict[str, Any] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}

_carray: Any = cast(Any, numba).carray

part: Callable[[Function], Function] = cast(Any, numba.njit(**AS_PYTHON, **_NO_WRAPPERS))
"""Compile a function that only kernels call."""

inlined: Callable[[Function], Function] = cast(Any, numba.njit(forceinline=True, **AS_PYTHON, **_NO_WRAPPERS))
"""Compile a function into those that call it."""

# Records without bounds checks --------------------------------------------------------------------------------------


class Unchecked(types.Type):
    """The type of a pointer to the first item of an array."""

    def __init__(self, dtype: Any) -> None:
        self.dtype = dtype
        super().__init__(name=f"Unchecked({dtype})")


@register_model(Unchecked)
class _UncheckedModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Unchecked) -> None:
        super().__init__(manager, kind, manager.lookup(kind.dtype).get_data_type().as_pointer())


Arrays = TypeVar("Arrays", bound=tuple[Any, ...])


def unchecked(arrays: Arrays) -> Arrays:
    """A NamedTuple of one-dimensional arrays, for indexing by numbers that are known to be in range. Whoever calls a
    kernel keeps the arrays alive meanwhile."""
    return arrays


def slice_of(array: Any, first: int, length: int) -> Any:
    """`length` items from `first` on, as an array that rules take."""
    return array[first : first + length]


@intrinsic
def _pointers(context: Any, arrays: Any) -> Any:
    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        kinds = enumerate(signature.args[0].types)
        data = [context.make_helper(builder, kind, builder.extract_value(args[0], at)).data for at, kind in kinds]
        return context.make_tuple(builder, signature.return_type, data)

    return types.NamedTuple([Unchecked(kind.dtype) for kind in arrays.types], arrays.instance_class)(arrays), code


@intrinsic
def _get(context: Any, array: Any, at: Any) -> Any:
    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        place = builder.gep(args[0], [args[1]])
        return place if isinstance(array.dtype, types.Record) else context.unpack_value(builder, array.dtype, place)

    return array.dtype(array, types.intp), code


@intrinsic
def _set(context: Any, array: Any, at: Any, value: Any) -> Any:
    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        context.pack_value(builder, array.dtype, args[2], builder.gep(args[0], [args[1]]))
        return context.get_dummy_value()

    return types.none(array, types.intp, array.dtype), code


@intrinsic
def _pointer_to(context: Any, array: Any, at: Any) -> Any:
    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.gep(args[0], [args[1]])

    return types.CPointer(array.dtype)(array, types.intp), code


@overload(unchecked, strict=False)
def _unchecked(arrays: Any) -> Any:
    return lambda arrays: _pointers(arrays)


@overload(operator.getitem, strict=False)
def _getitem(array: Any, at: Any) -> Any:
    return (lambda array, at: _get(array, at)) if isinstance(array, Unchecked) else None


@overload(operator.setitem, strict=False)
def _setitem(array: Any, at: Any, value: Any) -> Any:
    return (lambda array, at, value: _set(array, at, value)) if isinstance(array, Unchecked) else None


@overload(slice_of, strict=False)
def _slice_of(array: Any, first: Any, length: Any) -> Any:
    if isinstance(array, Unchecked):
        return lambda array, first, length: _carray(_pointer_to(array, first), length)
    return lambda array, first, length: array[first : first + length]


# Rules as they stand --------------------------------------------------------------------------------------------------

_FRACTION_BITS = np.uint64(52)
_FRACTION = np.uint64((1 << 52) - 1)
_HALF = np.uint64(1022 << 52)
_ONE = np.uint64(1023 << 52)
_WHOLE = np.uint64(1075 << 52)
_LARGE = 2.0**52
"""A double of 2^52 to 2^53 has its whole number in its last 52 bits."""
_NORMAL = 2.0**-1022
_LIFT = 2.0**54
_32 = np.uint64(32)
_12 = np.uint64(12)


@intrinsic
def _bits_of(context: Any, number: Any) -> Any:
    return uint64(float64), lambda context, builder, signature, args: builder.bitcast(args[0], ir.IntType(64))


@intrinsic
def _double_of(context: Any, bits: Any) -> Any:
    return float64(uint64), lambda context, builder, signature, args: builder.bitcast(args[0], ir.DoubleType())


@overload(arithmetic.split, strict=False)
def _split(x: Any) -> Any:
    def split(x: float) -> tuple[float, float]:
        small = x < _NORMAL
        bits = _bits_of(x * _LIFT if small else x)
        k = _double_of((bits >> _FRACTION_BITS) | _WHOLE) - _LARGE - (1076.0 if small else 1022.0)
        return _double_of((bits & _FRACTION) | _HALF), k

    return split


@overload(arithmetic.scale, strict=False)
def _scale(m: Any, k: Any) -> Any:
    def scale(m: float, k: int) -> float:
        half = k >> 1
        return (
            m
            * _double_of(np.uint64(half + 1023) << _FRACTION_BITS)
            * _double_of(np.uint64(k - half + 1023) << _FRACTION_BITS)
        )

    return scale


@overload(random.uniform_of, strict=False)
def _uniform_of(low: Any, high: Any) -> Any:
    # The upper 52 bits as 1 + j·2^-52, less 1 − 2^-53.
    return lambda low, high: _double_of((((high << _32) | low) >> _12) | _ONE) - (1.0 - 2.0**-53)


@intrinsic
def _leading_zeros(context: Any, number: Any) -> Any:
    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.ctlz(args[0], ir.Constant(ir.IntType(1), 0))

    return int64(int64), code


@overload(bins.bit_length, strict=False)
def _bit_length(number: Any) -> Any:
    return lambda number: 64 - _leading_zeros(number)


@overload(bisect_right, strict=False)
def _bisect_right(sorted_numbers: Any, number: Any) -> Any:
    def search(sorted_numbers: Any, number: Any) -> int:
        low, high = 0, len(sorted_numbers)
        while low < high:
            middle = (low + high) // 2
            if number < sorted_numbers[middle]:
                high = middle
            else:
                low = middle + 1
        return low

    return search


RULES: tuple[ModuleType, ...] = (answer, arithmetic, bins, calendar, order, quantile_tables, random)
"""Modules of which kernels call functions."""

for _rule in (
    *(arithmetic.log, arithmetic.exp, arithmetic.exp2, arithmetic.logit, arithmetic._exp_of_small),
    *(arithmetic.normal_quantile, arithmetic.normal_cdf, arithmetic._ratio, arithmetic._rational),
    *(quantile_tables.quantile, quantile_tables._triangular, quantile_tables._interpolate),
    *(calendar.whole_seconds, calendar.after, calendar.first_open, calendar.served),
    *(answer.answer_probability, answer.is_answered, answer.reason_of, answer.faded, answer.in_force),
    *(order.rank, order.kind_and_order, bins.bin_of, random.philox, random.uniform_pair),
):
    register_jitable(_rule)

# The cache ------------------------------------------------------------------------------------------------------------

_ROOM = 4 << 20
"""Bytes that the compiled code of a cache takes, amply."""
_MANIFEST = "compiled.json"


class Cache:
    """Compiled code of some kernels, kept for all processes of this machine.

    `folder` lies below OPENLINES_CACHE, XDG_CACHE_HOME or ~/.cache. Its name holds a hash of the sources, of where they
    are and when they were written, of Python, numba and the processor: numba takes nothing from its cache if one of
    them is another. None if nothing can be written there: then every process compiles for itself.
    """

    def __init__(self, name: str, sources: Sequence[Path]) -> None:
        self._kernels: list[tuple[Any, Callable[[], tuple[Any, ...]]]] = []
        rules = (Path(str(module.__file__)) for module in RULES)
        self.sources = (*sources, *rules, Path(__file__))
        self.folder = _writable(f"{name}-{_digest_of(self.sources)}")
        self._ready = False

    def kernel(self, arguments: Callable[[], tuple[Any, ...]]) -> Callable[[Function], Function]:
        """Compile a function that Python calls, for arguments of these types; it is kept with all that it calls."""

        def declare(function: Function) -> Function:
            with _numba_cache(self.folder):
                compiled = numba.njit(cache=self.folder is not None, **AS_PYTHON)(function)
            self._kernels.append((compiled, arguments))
            return cast(Function, compiled)

        return declare

    def prepare(self, tell: Callable[[], None] = lambda: None) -> None:
        """Compile the kernels or take them from the folder, once in a process. Others that want to do the same wait for
        the first. `tell` is called if there is something to wait for. Damaged or missing files are replaced."""
        if self._ready:
            return
        if self.folder is None:
            tell()
        elif not self._is_whole():
            tell()
            with FileLock(self.folder / "lock"):
                if not self._is_whole():
                    self._compile_anew()
        self._compile_all()
        self._ready = True

    def _compile_all(self) -> None:
        for kernel, arguments in self._kernels:
            kernel.compile(tuple(numba.typeof(one) for one in arguments()))

    def _is_whole(self) -> bool:
        """Whether every file is there as it was written."""
        assert self.folder is not None
        try:
            digests: dict[str, str] = json.loads((self.folder / _MANIFEST).read_text(encoding="utf-8"))
            return bool(digests) and all(_digest_of_file(self.folder / name) == one for name, one in digests.items())
        except (OSError, ValueError, AttributeError):
            return False

    def _compile_anew(self) -> None:
        assert self.folder is not None
        for path in self._files():
            path.unlink()
        self._compile_all()
        digests = {str(path.relative_to(self.folder)): _digest_of_file(path) for path in self._files()}
        made = self.folder / f"{_MANIFEST}.{os.getpid()}"
        made.write_text(json.dumps(digests), encoding="utf-8")
        made.replace(self.folder / _MANIFEST)

    def _files(self) -> list[Path]:
        """numba's files."""
        assert self.folder is not None
        return [path for path in sorted(self.folder.rglob("*.nb*")) if path.is_file()]


def _digest_of(sources: Sequence[Path]) -> str:
    processor = llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()
    digest = hashlib.sha256(repr((numba.__version__, np.__version__, sys.implementation.cache_tag, processor)).encode())
    for path in sources:
        digest.update(f"{path} {path.stat().st_mtime_ns}".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _digest_of_file(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _writable(name: str) -> Path | None:
    base = os.environ.get("OPENLINES_CACHE") or os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    folder = Path(base).expanduser() / "openlines" / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / _MANIFEST).exists():
            with tempfile.TemporaryFile(dir=folder) as probe:
                probe.write(bytes(_ROOM))
    except (OSError, RuntimeError):  # not ours to write to, no space left, or no home
        return None
    return folder


@contextmanager
def _numba_cache(folder: Path | None) -> Iterator[None]:
    """numba's cache in this folder, for the kernels that are declared meanwhile: it has no option of a decorator."""
    config: Any = numba.config
    before = config.CACHE_DIR
    config.CACHE_DIR = str(folder or "")
    try:
        yield
    finally:
        config.CACHE_DIR = before
