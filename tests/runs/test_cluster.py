"""Runs on the workers of Dask: the same files as in one process, whatever becomes of the workers."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import dask
import pytest
from distributed import Client

import sim
from sim import api
from sim.api import run_in_folder
from sim.runs.cluster import _bundles, cluster, execute_on
from sim.runs.errors import RunFailed, RunRefused
from sim.runs.simulate import Follow
from tests.runs.fake import contents
from tests.runs.loopback import Loopback

# What distributed warns of in the client's own thread would otherwise end that thread, and not the test.
pytestmark = [pytest.mark.filterwarnings("default:::distributed"), pytest.mark.filterwarnings("default:::tornado")]

ROOT = Path(__file__).parents[2]
MINIMAL = ROOT / "scenarios" / "minimal.yaml"
REPLICATIONS = 2500
CHUNK = 256


@pytest.fixture(scope="module")
def loopback(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loopback]:
    """A task may be there at the end of one worker, not of two."""
    found = Loopback(tmp_path_factory.mktemp("cluster"), deaths=1)
    try:
        yield found
    finally:
        found.close()


@pytest.fixture
def client(loopback: Loopback) -> Iterator[Client]:
    """Of the scheduler, when it has two workers."""
    with cluster(json.loads(loopback.told.read_text())["address"]) as client:
        loopback.bring_to(2, client)
        yield client


@pytest.fixture(autouse=True)
def small_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.runs.cluster.LEAST_REPLICATIONS", CHUNK)


def on(client: Client, folder: Path, when: dict[int, Callable[[], object]] | None = None) -> api.Run:
    """A run on the cluster; when so many chunks are done, something happens."""
    job = api._job(MINIMAL, (), api.BLOCK, 1, REPLICATIONS, "reference", True)
    left = dict(when or {})

    def progress(done: int, _: int) -> None:
        for count in [count for count in left if done >= count * CHUNK]:
            left.pop(count)()

    found = run_in_folder(job, folder, follow=Follow(progress, job.replications), client=client)
    assert not left
    return found


@pytest.fixture(scope="module")
def serial(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("serial") / "run"
    sim.run(MINIMAL, REPLICATIONS, engine="reference", workers=1, out=folder)
    return contents(folder)


def test_a_worker_killed_and_one_added_change_nothing(
    tmp_path: Path, loopback: Loopback, client: Client, serial: dict[str, bytes]
) -> None:
    killed = loopback.workers[0].pid
    on(client, tmp_path / "run", {1: loopback.kill_worker, 3: loopback.add_worker})
    assert contents(tmp_path / "run") == serial
    loopback.bring_to(2, client)
    assert killed not in client.run(os.getpid).values()


def test_a_cluster_without_workers_is_a_failure_that_can_be_continued(
    tmp_path: Path, loopback: Loopback, client: Client, serial: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sim.runs.cluster.ALONE_SECONDS", 0.5)
    monkeypatch.setattr("sim.runs.cluster.LOOK_SECONDS", 0.2)
    with pytest.raises(RunFailed, match=r"has had no worker for .* replications are kept, the same command continues"):
        on(client, tmp_path / "run", {2: lambda: loopback.bring_to(0, client)})
    kept = len(list((tmp_path / "run" / "chunks").glob("*.json")))
    assert 2 <= kept < 10
    sim.run(MINIMAL, REPLICATIONS, engine="reference", workers=1, out=tmp_path / "run")
    assert contents(tmp_path / "run") == serial


def test_a_cluster_that_is_lost_is_a_failure_that_can_be_continued(
    tmp_path: Path, serial: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sim.runs.cluster.LOOK_SECONDS", 0.2)
    lost = Loopback(tmp_path, deaths=1)
    try:
        address = json.loads(lost.told.read_text())["address"]
        with dask.config.set({"distributed.comm.timeouts.connect": "1s"}), cluster(address) as client:
            lost.bring_to(1, client)
            with pytest.raises(RunFailed, match=r"the cluster was lost: .* give the same command with its address"):
                on(client, tmp_path / "run", {1: lost.scheduler.kill})
    finally:
        lost.close()
    sim.run(MINIMAL, REPLICATIONS, engine="reference", workers=1, out=tmp_path / "run")
    assert contents(tmp_path / "run") == serial


def test_a_cluster_on_this_machine_opens_no_dashboard() -> None:
    with cluster("local", 1) as client:
        assert client.run_on_scheduler(lambda dask_scheduler: list(dask_scheduler.services)) == []
        assert list(client.run(lambda dask_worker: list(dask_worker.services)).values()) == [[]]


def test_workers_on_this_machine_give_the_same(tmp_path: Path, serial: dict[str, bytes]) -> None:
    command = ["run", str(MINIMAL), "-n", str(REPLICATIONS), "--engine", "reference", "--no-figures"]
    options = ["--dask", "local", "--workers", "2", "--out", str(tmp_path / "run")]
    done = subprocess.run([sys.executable, "-m", "sim", *command, *options], cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert contents(tmp_path / "run") == serial


def fail(chunk: range) -> int:
    raise OSError(28, "No space left on device")


def die(chunk: range) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return 0


def test_an_error_of_a_chunk_is_raised_here(client: Client) -> None:
    with pytest.raises(OSError, match="No space left"):
        list(execute_on(client, fail, [range(10)]))


def test_a_chunk_that_kills_every_worker_is_a_failure(client: Client) -> None:
    with pytest.raises(RunFailed, match="workers died over the same chunk"):
        list(execute_on(client, die, [range(10)]))


def test_a_task_has_chunks_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.runs.cluster.LEAST_REPLICATIONS", 1000)
    chunks = [range(first, first + CHUNK) for first in range(0, 10 * CHUNK, CHUNK)]
    assert [len(bundle) for bundle in _bundles(chunks)] == [4, 4, 2]
    assert [chunk for bundle in _bundles(chunks) for chunk in bundle] == chunks
    assert [len(bundle) for bundle in _bundles([range(4096), range(4096, 8192)])] == [1, 1]


REFUSED = {
    "tcp://127.0.0.1:9": "no scheduler answers at 'tcp://127.0.0.1:9'",
    "nowhere": "no scheduler answers at 'nowhere'",
}


@pytest.mark.parametrize("address", REFUSED)
def test_an_address_without_a_scheduler_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setattr("sim.runs.cluster.CONNECT_SECONDS", 0.5)
    with pytest.raises(RunRefused, match=REFUSED[address]):
        sim.run(MINIMAL, 10, dask=address, out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_what_a_cluster_cannot_do_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunRefused, match="leave the number out"):
        sim.run(MINIMAL, 10, dask="tcp://127.0.0.1:9", workers=2, out=tmp_path / "run")
    with pytest.raises(RunRefused, match="save=False"):
        sim.run(MINIMAL, 10, dask="local", save=False)
