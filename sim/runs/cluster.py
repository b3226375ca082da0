"""The chunks of a run on the workers of Dask distributed, which write them to a folder that all of them share.

Chunks are pure functions written whole or not at all, so a worker may die, or seem dead and go on, or join late: the
scheduler gives its chunks to another one, and the same bytes stand there in the end.
"""

from __future__ import annotations

import contextlib
import functools
import logging
import pickle
import socket
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import CancelledError
from typing import Any, TypeVar
from urllib.parse import urlsplit

from distributed import Client, Future, Nanny, Scheduler, SpecCluster, Worker, wait
from distributed.comm.core import CommClosedError
from distributed.scheduler import KilledWorker

from sim.runs.errors import RunFailed, RunRefused
from sim.runs.execute import bare_main, processors

Result = TypeVar("Result")
Chunks = tuple[range, ...]

LOCAL = "local"
LEAST_REPLICATIONS = 1000
"""Of a task: the scheduler takes about a millisecond for each, whatever it does."""
CONNECT_SECONDS = 10
ALONE_SECONDS = 60.0
"""Without any worker for so long, a run is given up."""
LOOK_SECONDS = 2.0
LOST = (
    "the cluster was lost: its scheduler answers no more. To go on from what is finished, start it again and give the "
    "same command with its address, or without a cluster"
)


class _Quiet:
    """A node that answers no browser: whoever else is on the machine could open its pages."""

    def start_http_server(self, *_: Any, **__: Any) -> None:
        """Open no port."""


class QuietScheduler(_Quiet, Scheduler):
    """A scheduler without a dashboard."""


class QuietWorker(_Quiet, Worker):
    """A worker without a dashboard."""


@contextlib.contextmanager
def cluster(address: str, workers: int | None = None) -> Iterator[Client]:
    """A client of the scheduler at `address`, or of one that is started here with `workers` processes (``local``).

    Raises RunRefused where the address is none, or nobody answers there.
    """
    if address == LOCAL:
        with _local(workers or processors()) as here, Client(here, set_as_default=False) as client:
            yield client
        return
    if workers is not None:
        raise RunRefused(f"workers: the cluster at {address} has its own; leave the number out")
    _knock(address)
    try:
        client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        raise _nobody(address) from error
    with _closing(client):
        yield client


def _local(workers: int) -> SpecCluster:
    """A scheduler in this process and workers in others, which nobody can reach from another machine."""
    here = {"host": "127.0.0.1", "dashboard": False}
    worker = {"cls": Nanny, "options": {**here, "nthreads": 1, "worker_class": QuietWorker}}
    with bare_main():
        return SpecCluster(
            workers=dict.fromkeys(range(workers), worker),
            scheduler={"cls": QuietScheduler, "options": {**here, "port": 0}},
            silence_logs=logging.CRITICAL,
        )


def _knock(address: str) -> None:
    """Raise RunRefused where nobody listens at an address. A client tries for long, and says more than is of use."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise _nobody(address) from None
    if host is None or port is None:
        raise _nobody(address)
    try:
        socket.create_connection((host, port), CONNECT_SECONDS).close()
    except (OSError, UnicodeError) as error:
        raise _nobody(address) from error


def _nobody(address: str) -> RunRefused:
    return RunRefused(f"dask: no scheduler answers at {address!r}; expected tcp://HOST:PORT, or local")


@contextlib.contextmanager
def _closing(client: Client) -> Iterator[None]:
    """Close a client at the end, quietly where its scheduler is gone."""
    try:
        yield
    finally:
        with contextlib.suppress(OSError, TimeoutError):
            client.close(timeout=LOOK_SECONDS)


def execute_on(
    client: Client, task: Callable[[range], Result], chunks: Sequence[range]
) -> Generator[tuple[range, Result], None, None]:
    """As `sim.runs.execute.execute`: yield (chunk, task(chunk)) as they are done.

    Raises RunFailed where the workers or the scheduler are lost for good. What a worker that died had done of a task is
    done again by another one.
    """
    perform = functools.partial(_perform, pickle.dumps(task))
    futures: dict[Future, Chunks] = {
        client.submit(perform, bundle, pure=False, key=f"chunks-{bundle[0].start}-{time.time_ns()}"): bundle
        for bundle in _bundles(chunks)
    }
    try:
        while futures:
            for future in _next_done(client, futures):
                bundle = futures.pop(future)
                yield from zip(bundle, future.result(), strict=True)
    except KilledWorker as error:
        raise RunFailed(f"workers died over the same chunk again and again (out of memory?): {error}") from error
    except (CancelledError, CommClosedError) as error:
        raise RunFailed(LOST) from error
    finally:
        with contextlib.suppress(Exception):  # the cluster may be gone, and another error under way
            client.cancel(list(futures), reason="the run is over")


def _next_done(client: Client, futures: dict[Future, Chunks]) -> list[Future]:
    """Futures that are done; waits for one. Raises RunFailed where there is nobody left to wait for."""
    alone_since: float | None = None
    while True:
        with contextlib.suppress(TimeoutError), client.as_current():
            return list(wait(list(futures), timeout=LOOK_SECONDS, return_when="FIRST_COMPLETED").done)
        if client.status not in ("running", "connecting"):
            raise RunFailed(LOST)
        if client.scheduler_info(n_workers=-1)["workers"]:
            alone_since = None
            continue
        alone_since = alone_since or time.monotonic()
        if time.monotonic() - alone_since >= ALONE_SECONDS:
            raise RunFailed(f"the cluster has had no worker for {ALONE_SECONDS:.0f} s")


def _bundles(chunks: Sequence[range]) -> Iterator[Chunks]:
    """Chunks one after another, so many together that a task is worth its while."""
    bundle: list[range] = []
    for chunk in chunks:
        bundle.append(chunk)
        if sum(len(one) for one in bundle) >= LEAST_REPLICATIONS:
            yield tuple(bundle)
            bundle = []
    if bundle:
        yield tuple(bundle)


def _perform(task: bytes, bundle: Chunks) -> list[Any]:
    do = _unpacked(task)
    return [do(chunk) for chunk in bundle]


@functools.lru_cache(maxsize=1)
def _unpacked(task: bytes) -> Any:
    """The task, unpacked once for all chunks that this worker does; the compiled engine is made ready."""
    from sim.engines import prepare
    from sim.version import __version__

    found = pickle.loads(task)  # noqa: S301 - Dask has unpickled its bytes from the same sender
    job = getattr(found, "job", None)
    if job is not None:
        if job.version != __version__:
            raise RunFailed(f"a worker has openlines {__version__}, and the run is one of {job.version}")
        prepare(job.engine, lambda _: None)
    return found
