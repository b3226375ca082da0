"""The further cases: every number says where it comes from, every source is used, the shipped pictures are fresh."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from sim import api, cli
from sim.report.figures import figures
from sim.report.style import context, save
from sim.report.view import view_of
from sim.scenario import load
from sim.scenario.resolved import Scenario
from tests.scenarios.documents import ROOT
from tests.scenarios.pictures import alike

NAMES = ("inter-korean-2018-2021", "washington-moscow-1967")
RESULTS = ROOT / "results"
MEND = "after a change that is meant: make reference-results"


@pytest.fixture(scope="module", params=NAMES)
def case(request: pytest.FixtureRequest) -> Scenario:
    return load(ROOT / "scenarios" / f"{request.param}.yaml")


def test_it_loads_without_warning_and_every_number_has_a_basis(case: Scenario) -> None:
    assert case.warnings == ()
    assert len(case.provenance) > 20
    for number in case.provenance:
        assert number.basis in ("record", "assumption"), number.path
        assert number.why, number.path
        assert number.source or number.basis == "assumption", number.path


def test_sources_are_listed_and_used(case: Scenario) -> None:
    known = [source.name for source in case.sources]
    cited = [n.source for n in case.provenance if n.source] + [entry.source for entry in case.record]
    assert all(any(name in text for name in known) for text in cited)
    assert [name for name in known if not any(name in text for text in cited)] == []
    assert all(source.title and source.url for source in case.sources)


def test_nothing_was_known_before_it_happened(case: Scenario) -> None:
    for entry in case.record:
        assert entry.known >= entry.end - 86_400, entry


def drawn(words: list[str], file: Path) -> bytes:
    done = CliRunner().invoke(cli.app, [*words, "--figure", str(file)], prog_name="openlines")
    assert done.exit_code == 0, done.output
    return file.read_bytes()


KOREA, HOTLINE = (str(ROOT / "scenarios" / f"{name}.yaml") for name in NAMES)
TIMES = str(ROOT / "scenarios" / "washington-moscow-1967.csv")
PICTURES = {
    "inter-korean-2018-2021/replication-40.png": ["trace", KOREA, "--replication", "40"],
    "washington-moscow-1967/replication-462.png": ["trace", HOTLINE, "--replication", "462"],
    "washington-moscow-1967/network.png": ["network", HOTLINE],
    "washington-moscow-1967/reply.png": ["fit", TIMES, "--series", "reply"],
    "washington-moscow-1967/transit.png": ["fit", TIMES, "--series", "transit"],
}
AFTER_THE_CUT = "inter-korean-2018-2021/after-the-cut.png"
CALIBRATED = tuple(
    f"inter-korean-2018-2021/calibration/inter-korean-2018-2021{ending}"
    for ending in (".yaml", "-calibrated.yaml", ".calibration.json", ".calibration.png", ".posterior.parquet")
)
"""Minutes of work: listed, and not made again by a test."""


@pytest.mark.parametrize("name", PICTURES)
def test_the_shipped_pictures_are_those_of_the_commands(name: str, tmp_path: Path) -> None:
    assert alike((RESULTS / name).read_bytes(), drawn(PICTURES[name], tmp_path / "drawn.png")), (name, MEND)


def test_another_replication_is_another_picture(tmp_path: Path) -> None:
    other = drawn(["trace", HOTLINE, "--replication", "461"], tmp_path / "drawn.png")
    assert (RESULTS / "washington-moscow-1967/replication-462.png").read_bytes() != other


def test_other_versions_are_compared_by_size_alone() -> None:
    one, other = ((RESULTS / f"washington-moscow-1967/{name}.png").read_bytes() for name in ("reply", "transit"))
    network = (RESULTS / "washington-moscow-1967/network.png").read_bytes()
    assert alike(one, one, exactly=True)
    assert not alike(one, other, exactly=True)
    assert alike(one, other, exactly=False)
    assert not alike(one, network, exactly=False)


def test_the_shipped_curves_are_those_of_the_run(tmp_path: Path) -> None:
    changes = ["clock.start=2020-06-09", "regimes.pyongyang-gate.initially=shut", "record=null"]
    run = api.run(KOREA, replications=2_000, overrides=changes, save=False, workers=1, engine="compiled")
    with context():
        name, make = next((name, make) for name, _, make in figures(view_of(run)) if name == "survival-groups")
        png = tmp_path / f"{name}.png"
        save(make(), png)
    assert alike((RESULTS / AFTER_THE_CUT).read_bytes(), png.read_bytes()), MEND


def test_what_is_shipped() -> None:
    found = {str(path.relative_to(RESULTS)) for name in NAMES for path in (RESULTS / name).rglob("*") if path.is_file()}
    assert found == {*PICTURES, AFTER_THE_CUT, *CALIBRATED}
