"""Peak memory of `openlines run --summary-only`, all its processes together, as replications grow.

python -m benchmarks.memory [--scenario FILE] [--workers N] REPLICATIONS...

Prints a row for each number of replications, and by how much the largest differs from the smallest. A process is
weighed by its proportional share of pages (PSS), so that what several processes share counts once; the sum of what
is resident (RSS), which counts it for each, is printed beside it. Linux only.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
BETWEEN_LOOKS = 0.05
"""Seconds."""


def weigh(process: int) -> tuple[int, int]:
    """Proportional and resident size, in kB, of a process and all that it started; 0 where it is gone."""
    shared = resident = 0
    waiting = [process]
    while waiting:
        one = waiting.pop()
        try:
            sizes = dict(line.split()[:2] for line in Path(f"/proc/{one}/smaps_rollup").read_text().splitlines()[1:])
            shared += int(sizes["Pss:"])
            resident += int(sizes["Rss:"])
            for task in Path(f"/proc/{one}/task").iterdir():
                waiting += [int(child) for child in (task / "children").read_text().split()]
        except (OSError, KeyError):
            continue
    return shared, resident


def peak(command: list[str]) -> tuple[float, float, float]:
    """Seconds, and peaks of both sizes in MB, of a command and all that it starts."""
    began = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        most = [0, 0]
        while process.poll() is None:
            most = [max(pair) for pair in zip(most, weigh(process.pid), strict=True)]
            time.sleep(BETWEEN_LOOKS)
        if process.returncode != 0:
            assert process.stderr is not None
            raise SystemExit(process.stderr.read())
    return time.perf_counter() - began, most[0] / 1000, most[1] / 1000


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    arguments.add_argument("--scenario", default=str(ROOT / "scenarios" / "us-russia-2022.yaml"))
    arguments.add_argument("--workers", default="2")
    arguments.add_argument("replications", nargs="*", type=int, default=[10**5, 10**6, 10**7])
    given = arguments.parse_args()
    print("| replications | seconds | MB, shared pages once | MB resident |\n| ---: | ---: | ---: | ---: |")
    found = []
    for size in given.replications:
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, "-m", "sim", "run", given.scenario, "-n", str(size), "--out", f"{folder}/run"]
            options = ["--summary-only", "--no-figures", "--engine", "compiled", "--workers", given.workers]
            seconds, shared, resident = peak([*command, *options])
        found.append(shared)
        print(f"| {size:,} | {seconds:.1f} | {shared:.0f} | {resident:.0f} |", flush=True)
    print(f"largest over smallest: {max(found) / min(found):.2f}")


if __name__ == "__main__":
    main()
