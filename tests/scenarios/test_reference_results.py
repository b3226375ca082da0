"""The shipped results of the baseline are those that the command in results/README.md makes."""

from __future__ import annotations

import json
import math
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from sim import api, cli
from sim.stats.variance_components import of_contact, of_restricted_mean
from tests.scenarios.documents import DOCS, ROOT, table, tables
from tests.scenarios.pictures import alike

SHIPPED = ROOT / "results" / "us-russia-2022" / "reference"
PICTURES = ("first-by-cause", "first-contact", "response-delay", "survival-groups", "survival-lines")
PAGE = DOCS / "explanation" / "baseline.md"
DAY = 86_400
TOLERANCE = 1e-12
MEND = "after a change that is meant: make reference-results"


def make(folder: Path) -> None:
    """Run the command that the page shows, with `folder` for its `--out`."""
    (command,) = re.findall(
        r"^    openlines (run .*)$", (ROOT / "results" / "README.md").read_text("utf-8"), re.MULTILINE
    )
    words = shlex.split(command)
    words[words.index("--out") + 1] = str(folder)
    words[1] = str(ROOT / words[1])
    result = CliRunner().invoke(cli.app, words, prog_name="openlines")
    assert result.exit_code == 0, result.output


def differences(shipped: Any, found: Any, path: str = "") -> Iterator[str]:
    """Paths at which two JSON values differ: integers, texts and nulls at all, other numbers by more than 1e-12."""
    if isinstance(shipped, dict) and isinstance(found, dict):
        if list(shipped) != list(found):
            yield f"{path}: keys"
            return
        for key in shipped:
            yield from differences(shipped[key], found[key], f"{path}.{key}")
    elif isinstance(shipped, list) and isinstance(found, list):
        if len(shipped) != len(found):
            yield f"{path}: length"
            return
        for place, (one, other) in enumerate(zip(shipped, found, strict=True)):
            yield from differences(one, other, f"{path}[{place}]")
    elif isinstance(shipped, float) and isinstance(found, float):
        if not math.isclose(shipped, found, rel_tol=TOLERANCE, abs_tol=TOLERANCE):
            yield f"{path}: {shipped} and {found}"
    elif type(shipped) is not type(found) or shipped != found:
        yield f"{path}: {shipped} and {found}"


def summary(folder: Path) -> Any:
    return json.loads((folder / "summary.json").read_text(encoding="utf-8"))


@pytest.mark.timeout(900)  # half a minute alone, several where many tests share a core
def test_the_command_makes_the_same_again(tmp_path: Path) -> None:
    make(tmp_path / "run")
    assert_the_page_tells_chance_from_what_is_not_known(api.open_run(tmp_path / "run"))
    assert list(differences(summary(SHIPPED), summary(tmp_path / "run"))) == [], MEND
    assert (SHIPPED / "figures" / "alt.json").read_bytes() == (tmp_path / "run" / "figures" / "alt.json").read_bytes()
    for name in PICTURES:
        shipped, drawn = (folder / "figures" / f"{name}.png" for folder in (SHIPPED, tmp_path / "run"))
        assert alike(shipped.read_bytes(), drawn.read_bytes()), (name, MEND)


NAMED = {
    "ministers (austin-shoigu)": "line:austin-shoigu",
    "chiefs of staff (milley-gerasimov)": "line:milley-gerasimov",
    "security councils (sullivan-patrushev)": "line:sullivan-patrushev",
    "defence attaché (attache-ilyin)": "line:attache-ilyin",
    "ministers or chiefs (group defence)": "group:defence",
    "any senior line (group senior)": "group:senior",
}


def assert_the_page_tells_chance_from_what_is_not_known(run: api.Run) -> None:
    """The two tables of the baseline's page that are of this run."""
    heading = ("first contact", "by 30 June", "median", "from draw to draw", "share of the variance")
    rows = {NAMED[row["first contact"]]: row for row in table(PAGE, *heading)}
    assert list(rows) == list(NAMED.values())
    for name, row in rows.items():
        found, column = run.summary["first_contact"][name], run.column(name)
        p, median = found["probability"], found["median_seconds"]
        low, high = (f"{100 * p[end]:.1f}" for end in ("low", "high"))
        assert row["by 30 June"] == f"{100 * p['estimate']:.1f} % ({low}–{high})"
        first, last = (f"{median[end] / DAY:.1f}" for end in ("low", "high"))
        assert row["median"] == f"{median['estimate'] / DAY:.1f} d ({first}–{last})"
        contact, mean = of_contact(column), of_restricted_mean(column)
        assert contact is not None
        assert mean is not None
        assert row["from draw to draw"] == f"±{100 * contact.between:.1f} points"
        assert row["share of the variance"] == f"{100 * mean.share:.0f} %"
    ministers, chiefs = (run.column(f"line:{name}") for name in ("austin-shoigu", "milley-gerasimov"))
    by_may, by_june = (
        [f"{column.contacts_by(until * DAY - 1) / column.replications:.3f}" for column in (ministers, chiefs)]
        for until in (78, 126)
    )
    found = run.summary["first_contact"]["line:austin-shoigu"]["median_seconds"]["estimate"]
    wanted = ["calibrated", by_may[0], by_june[0], f"{found / DAY:.1f} d", by_may[1], by_june[1]]
    assert [row for rows in tables(PAGE.read_text("utf-8")) for row in rows if row[0] == "calibrated"] == [wanted]


def test_what_is_shipped() -> None:
    files = {path.relative_to(SHIPPED).as_posix() for path in SHIPPED.rglob("*") if path.is_file()}
    assert files == {"summary.json", "figures/alt.json", *(f"figures/{name}.png" for name in PICTURES)}


@pytest.mark.parametrize(
    ("found", "where"),
    [
        ({"a": 1, "b": [0.5, None]}, []),
        ({"a": 1, "b": [0.5 + 1e-13, None]}, []),
        ({"a": 1, "b": [0.5 + 1e-11, None]}, [".b[0]"]),
        ({"a": 2, "b": [0.5, None]}, [".a"]),
        ({"a": 1.0, "b": [0.5, None]}, [".a"]),
        ({"a": 1, "b": [0.5, 0]}, [".b[1]"]),
        ({"a": 1, "b": [0.5]}, [".b"]),
        ({"b": [0.5, None], "a": 1}, [""]),
    ],
)
def test_a_difference_is_noticed(found: Any, where: list[str]) -> None:
    assert [path.partition(":")[0] for path in differences({"a": 1, "b": [0.5, None]}, found)] == where
