"""The pinned versions: a stranger with the oldest Python that is promised gets them all."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def pinned() -> dict[str, str]:
    """Version by name, of all packages in `constraints.txt`."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return dict(line.split("==") for line in lines if line and not line.startswith("#"))


def too_new(promised: str, wanted: str | None) -> bool:
    """Whether a package that asks for `wanted`, such as ``>=3.11.5, !=3.12``, refuses the one `promised`."""

    def numbers(version: str) -> tuple[int, ...]:
        found = [int(part) for part in version.removesuffix(".*").split(".")]
        return tuple(found + [0] * (3 - len(found)))

    least = re.findall(r">=\s*([\d.]+)", wanted or "")
    return any(numbers(promised) < numbers(version) for version in least)


def test_every_pinned_package_takes_the_oldest_python_that_is_promised() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    promised = settings["project"]["requires-python"].removeprefix(">=")
    refused, looked_at = [], 0
    for name, version in pinned().items():
        try:
            found = distribution(name)
        except PackageNotFoundError:
            continue  # of an extra that is not installed here
        looked_at += 1
        assert found.version == version, f"{name}: {version} is pinned, {found.version} installed"
        wanted = found.metadata.get("Requires-Python")
        if too_new(promised, wanted):
            refused.append(f"{name}=={version} needs Python {wanted}")
    assert not refused
    assert looked_at > 80


@pytest.mark.parametrize(
    ("wanted", "refused"),
    [(">=3.11.5", True), (">=3.12", True), ("<4,>=3.11.1", True), (">=3.11", False), (">=3.9,!=3.9.7", False)],
)
def test_a_package_for_newer_pythons_only_is_seen(wanted: str, refused: bool) -> None:
    assert too_new("3.11", wanted) is refused


def test_a_package_that_says_nothing_takes_every_python() -> None:
    assert not too_new("3.11", None)
