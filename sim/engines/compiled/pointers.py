"""Arrays as bare pointers, for kernels.

numba passes an array as seven numbers, counts references to it, and looks at each index for being negative. A pointer
is one number and nothing else. Whoever takes one keeps the array alive.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import numba
from numba import types
from numba.extending import intrinsic

from sim.engines.compiled.jit import part

_code: Callable[..., Any] = cast(Any, intrinsic)
_carray: Callable[..., Any] = cast(Any, numba).carray
_pointer_to: Callable[[Any], Any] = cast(Any, types).CPointer


@_code
def pointer(typing: Any, array: Any) -> Any:
    """To the first item of an array."""

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return context.make_array(signature.args[0])(context, builder, arguments[0]).data

    return _pointer_to(array.dtype)(array), code


@_code
def ahead(typing: Any, start: Any, by: Any) -> Any:
    """To the item that lies `by` items further on."""

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.gep(arguments[0], [arguments[1]])

    return start(start, types.int64), code


@part
def view(start: Any, first: int, length: int) -> Any:
    """`length` items from `first` on, as an array, for the rules."""
    return _carray(ahead(start, first), length)
