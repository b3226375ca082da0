"""Puts the scenarios of the clone into the package, where `openlines new --from` finds them once it is installed.

`scenarios/` stays the one place in which they are kept. All other metadata is in pyproject.toml.
"""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

SOURCE = Path(__file__).parent / "scenarios"
KEPT = (".yaml", ".parquet")


class WithScenarios(build_py):
    """Copies the scenarios beside the modules; an editable install reads them from the clone instead."""

    def run(self) -> None:
        """Build the modules, then copy the scenarios beside them."""
        super().run()
        if self.editable_mode:
            return
        for file in sorted(SOURCE.rglob("*")):
            if file.suffix in KEPT:
                target = Path(self.build_lib) / "sim" / "scenarios" / file.relative_to(SOURCE)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, target)


setup(cmdclass={"build_py": WithScenarios})
