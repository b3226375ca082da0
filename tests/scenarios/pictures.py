"""Comparison of shipped pictures with pictures that are drawn now."""

from __future__ import annotations

from importlib.metadata import version

from tests.scenarios.documents import ROOT

DRAWN_WITH = ("matplotlib", "numpy", "pillow")


def pinned() -> bool:
    """Whether pictures are drawn with the versions that `constraints.txt` names."""
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    versions = dict(line.split("==") for line in lines if "==" in line)
    return all(version(name) == versions[name] for name in DRAWN_WITH)


def alike(shipped: bytes, drawn: bytes, *, exactly: bool | None = None) -> bool:
    """Whether two PNG files are the same: to the byte under the pinned versions, else as large within a hundredth.

    Other versions set texts and places otherwise, which says nothing of the data; those are compared elsewhere.
    """
    if pinned() if exactly is None else exactly:
        return shipped == drawn
    sizes = zip(_size(shipped), _size(drawn), strict=True)
    return all(abs(one - other) <= 0.01 * one for one, other in sizes)


def _size(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    return int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big")
