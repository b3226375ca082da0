"""What the figures were measured on: no host name, no path, no user."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks.programs import CC

_FLAGS = ("sse4_2", "avx", "avx2", "fma", "avx512f", "avx512dq", "asimd", "sve")
_PACKAGES = ("openlines", "numba", "llvmlite", "numpy", "simpy", "cimba")


def machine() -> dict[str, str]:
    """The machine and what runs on it, by name."""
    processor = _cpuinfo("model name") or platform.processor() or platform.machine()
    family = ", ".join(f"{key} {_cpuinfo(key)}" for key in ("cpu family", "model") if _cpuinfo(key))
    flags = set(_cpuinfo("flags").split()) | set(_cpuinfo("Features").split())
    return {
        "processor": f"{processor} ({family})" if family else processor,
        "cores": str(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()),
        "caches": _caches(),
        "vector instructions": ", ".join(flag for flag in _FLAGS if flag in flags) or "unknown",
        "memory": _memory(),
        "system": f"{platform.system()} {platform.machine()}",
        "Python": f"{platform.python_implementation()} {platform.python_version()}",
        "compiler": _compiler(),
        "compiler flags": " ".join(CC[1:]),
        "packages": ", ".join(f"{name} {found}" for name in _PACKAGES if (found := _version(name))),
    }


def load() -> float:
    """Processes that ran or waited to run, averaged over a minute."""
    return os.getloadavg()[0]


def peak_memory() -> int:
    """Bytes that this process has held at most."""
    try:
        for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if platform.system() == "Darwin" else 1024)


def slug(about: dict[str, str]) -> str:
    """A name for the machine's results, fit for a file."""
    words = f"{about['processor'].split('(')[0]} {about['cores']} cores"
    return "-".join("".join(c if c.isalnum() else " " for c in words.lower()).split())


def _cpuinfo(key: str) -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return ""
    for line in text.splitlines():
        name, _, value = line.partition(":")
        if name.strip() == key:
            return value.strip()
    return ""


def _caches() -> str:
    found = []
    for folder in sorted(Path("/sys/devices/system/cpu/cpu0/cache").glob("index*")):
        level, kind, size = ((folder / name).read_text().strip() for name in ("level", "type", "size"))
        if kind != "Instruction":
            found.append(f"L{level} {size}")
    return ", ".join(found) or "unknown"


def _memory() -> str:
    try:
        return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.1f} GiB"
    except (AttributeError, ValueError, OSError):
        return "unknown"


def _compiler() -> str:
    if shutil.which(CC[0]) is None:
        return "none"
    return subprocess.run([CC[0], "--version"], capture_output=True, text=True, check=True).stdout.splitlines()[0]


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
