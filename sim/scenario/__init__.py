"""The scenario language: from YAML to the resolved model and the program of arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.scenario.reader import load, loads

__all__ = ["load", "loads"]


def __getattr__(name: str) -> object:
    # pydantic and the YAML parser load when a scenario is first read, not when the package is imported.
    if name in __all__:
        import sim.scenario.reader as module

        return getattr(module, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
