"""Primitives of the arithmetic that vectorise, in the place of the C library's.

`sim.rules.arithmetic` is written with floor, frexp, ldexp and isinf. What numba makes of them are calls and
conversions that keep a loop from being vectorised. These give the same numbers from the bits of a double alone; whole
numbers stay doubles. A rule that is to run over lanes is rebuilt with them: its own code, other primitives.
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from types import FunctionType
from typing import Any, TypeVar, cast

import numpy as np
from llvmlite import ir
from numba import float64, uint64
from numba.extending import intrinsic, register_jitable

Function = TypeVar("Function", bound=Callable[..., Any])

_SHIFT = np.uint64(52)
_FRACTION = np.uint64((1 << 52) - 1)
_HALF = np.uint64(1022 << 52)
_WHOLE = np.uint64(1075 << 52)
_LARGE = 2.0**52
"""A double of 2^52 to 2^53 has its whole number in its last 52 bits."""
_NORMAL = 2.0**-1022
_LIFT = 2.0**54


@intrinsic
def bits_of(context: Any, number: Any) -> Any:
    """The 64 bits of a double."""
    return uint64(float64), lambda context, builder, signature, args: builder.bitcast(args[0], ir.IntType(64))


@intrinsic
def double_of(context: Any, bits: Any) -> Any:
    """The double that has these 64 bits."""
    return float64(uint64), lambda context, builder, signature, args: builder.bitcast(args[0], ir.DoubleType())


@intrinsic
def floor(context: Any, number: Any) -> Any:
    """The largest whole number that is not larger, as a double."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.call(builder.module.declare_intrinsic("llvm.floor", [ir.DoubleType()]), args)

    return float64(float64), generate


@register_jitable
def frexp(x: float) -> tuple[float, float]:
    """m and k with x = m·2^k, ½ <= m < 1, for finite x > 0."""
    small = x < _NORMAL
    bits = bits_of(x * _LIFT if small else x)
    k = double_of((bits >> _SHIFT) | _WHOLE) - _LARGE - (1076.0 if small else 1022.0)
    return double_of((bits & _FRACTION) | _HALF), k


@register_jitable
def ldexp(m: float, k: float) -> float:
    """m·2^k for |k| <= 2044, rounded once: the first product is exact."""
    half = floor(k * 0.5)
    return (
        m
        * double_of(bits_of(half + (_LARGE + 1023.0)) << _SHIFT)
        * double_of(bits_of(k - half + (_LARGE + 1023.0)) << _SHIFT)
    )


@register_jitable
def isinf(x: float) -> bool:
    """Whether x is +inf, for x >= 0."""
    return x == inf


@register_jitable
def uniform_of(low: int, high: int) -> float:
    """As sim.rules.random.uniform_of, of two words: the upper 52 bits as 1 + j·2^-52, less 1 − 2^-53."""
    bits = ((high << np.uint64(32)) | low) >> np.uint64(12)
    return double_of(bits | np.uint64(1023 << 52)) - (1.0 - 2.0**-53)


def rebuilt(rule: Function, **primitives: Any) -> Function:
    """A rule's own code, with other functions for some of the names that it calls."""
    made = FunctionType(rule.__code__, {**rule.__globals__, **primitives}, rule.__name__, rule.__defaults__)
    return cast(Function, made)
