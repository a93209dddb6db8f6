"""Extraction on the workers of a Dask cluster: one Dask task a shard, results as files in the warehouse directory.

Each Dask worker runs its shards in its own process pool (`flows.workers.Workers`), one process per thread. So a shard that hangs
or kills its process is handled as on one machine, and the model is loaded once per process and kept for the next build. Only the
paths of a job and the counts of its result are sent over the network.

A worker gets no shards if its fingerprint differs from this process's (`flows.fingerprint`) or if it cannot see the files. Tasks
request a Dask resource that only admitted workers offer. Workers that join later are checked in the same way.
"""

import asyncio
import logging
import multiprocessing
import signal
import threading
import time
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar
from uuid import uuid4

from distributed import Client, Future, LocalCluster, Reschedule, Security, Worker, WorkerPlugin
from distributed.comm.core import CommClosedError, connect
from distributed.core import Status
from distributed.scheduler import KilledWorker

from etl.errors import BrokenEnvironmentError, ConfigError
from etl.ids import hash_id
from flows.fingerprint import fingerprint
from flows.processes import refuse_unguarded_main
from flows.workers import WorkerDiedError, Workers, quoting_nothing

T = TypeVar("T")

#: Seconds to wait for the scheduler when a build begins, and for the first worker.
CONNECT = 15
JOIN = 30
#: Seconds to wait for a scheduler that ended to come back.
RECONNECT = 300
#: If no shard finishes within its time limit plus this many seconds, no worker is left and the build gives up.
IDLE = 600
LOOK_EVERY = 5
#: Shards submitted in addition to twice the number of worker processes, so that workers that join have work.
SPARE = 64
#: Where the HTTP servers of a cluster on this machine listen: on any free port, to this machine alone.
LOOPBACK = "127.0.0.1:0"
#: The Dask event topic on which a refused worker reports the reason.
TOPIC = "ontherecord-refused"
#: Exit codes of a process that was stopped with its machine or its Dask worker, rather than killed by its shard.
ON_PURPOSE = (signal.SIGTERM, -signal.SIGTERM)


@dataclass(frozen=True, slots=True)
class Demand:
    """The requirements for a worker: the model, the fingerprint, and the files that must exist on it."""

    model: str
    versions: Mapping[str, str]
    paths: tuple[Path, ...]

    def unmet(self) -> list[str]:
        """The requirements that this process does not meet, as phrases for a message."""
        here = fingerprint(self.model)
        return [
            *(
                f"its {name} is {here.get(name, 'unknown')}, here {wanted}"
                for name, wanted in self.versions.items()
                if here.get(name) != wanted
            ),
            *(f"it does not see {path}" for path in self.paths if not path.exists()),
        ]

    @property
    def resource(self) -> str:
        """The name of the resource that admitted workers offer."""
        return f"ontherecord-{hash_id(self.model, *self.versions.values(), *map(str, self.paths))}"


class Admission(WorkerPlugin):
    """Admits a Dask worker to a build, now or when it joins: it loads the model and offers the resource that tasks request."""

    def __init__(self, demand: Demand) -> None:
        """Admit workers that meet a demand."""
        self.demand = demand

    async def setup(self, worker: Worker) -> None:
        """Check whether the worker meets the demand. One that does not reports why."""
        unmet = self.demand.unmet()
        if unmet:
            worker.log_event(TOPIC, _refused(worker.address, unmet))
        else:
            pool(self.demand.model, worker.state.nthreads)
        await worker.set_resources(**{self.demand.resource: 0 if unmet else worker.state.nthreads})
        if worker.status == Status.running:
            _announce(worker)


def _announce(worker: Worker) -> None:
    """Make the scheduler assign the waiting tasks that no worker could run so far.

    The scheduler assigns them when a worker starts to run, but not when a worker offers a new resource. A worker that joins runs
    before its plugins are set up. Without this, tasks submitted while there was no worker would wait for ever.
    """
    worker.status = Status.paused
    worker.status = Status.running


@cache
def pool(model: str, n: int) -> Workers:
    """The process pool of this Dask worker. The first build that needs it starts it, and it loads the model."""
    # A worker under Dask's nanny is daemonic, so Python forbids it child processes. These end with their parent.
    multiprocessing.current_process().daemon = False
    workers = Workers(n, model)
    workers.warm(n)
    return workers


def run_on_worker(model: str, work: Callable[..., T], args: tuple[Any, ...], seconds: float) -> T:
    """Run ``work(*args)`` in one of the processes of the Dask worker that this is called on.

    Raises:
        WorkerError: when the process hung or died.
        Reschedule: when the process was stopped from outside, because the worker is about to leave.
    """
    from distributed import get_worker

    workers = pool(model, get_worker().state.nthreads)
    try:
        return quoting_nothing("extract", partial(workers.run, work, *args, seconds=seconds))
    except WorkerDiedError as error:
        if error.exitcode in ON_PURPOSE:
            raise Reschedule from None
        raise


class ClusterWorkers:
    """The workers of a Dask cluster: a `flows.workers.Runner`. Survives the loss of the scheduler and of any worker."""

    def __init__(
        self, address: str | None, n: int, model: str, paths: Collection[Path], tell: Callable[[str], None]
    ) -> None:
        """Connect to the scheduler at ``address``; without an address, start a cluster of ``n`` workers on this machine.

        ``paths`` must exist on each worker. ``tell`` receives messages about refused workers.

        Raises:
            ConfigError: when the scheduler does not answer, has no worker, or has one that does not meet the requirements.
        """
        logging.getLogger("distributed.client").setLevel(
            logging.CRITICAL
        )  # it prints a traceback while a scheduler is away
        self._cluster = None if address else _local_cluster(n)
        self._address = address or self._cluster
        self._demand = Demand(model, fingerprint(model), tuple(path for path in paths if path.exists()))
        self._tell = tell
        self._plugin = f"ontherecord-{uuid4().hex}"
        self._lock = threading.Lock()
        self._is_warm = self._is_stopped = False
        self._done_at = time.monotonic()
        self._client = self._connected(CONNECT)
        try:
            self._refuse_unfit()
            self.n: int = sum(self._client.nthreads().values())
        except BaseException:
            self.__exit__(None, None, None)
            raise

    @property
    def at_once(self) -> int:
        """How many shards are submitted at the same time, including those that wait."""
        return 2 * self.n + SPARE

    def warm(self, n_shards: int) -> None:
        """Admit the workers, and those that join later, and let them load the model. Does not wait."""
        self._client.register_plugin(Admission(self._demand), name=self._plugin)
        self._is_warm = True

    def run(self, work: Callable[..., T], *args: object, seconds: float) -> T:
        """Run ``work(*args)`` on a worker and wait for its result, at most ``seconds`` from its start.

        Raises:
            WorkerError: when its process hung or died.
            BrokenEnvironmentError: when the scheduler is gone, or no worker is left.
        """
        while not self._is_stopped:
            client = self._client
            try:
                future = client.submit(
                    *(run_on_worker, self._demand.model, work, args, seconds),
                    resources={self._demand.resource: 1},
                    pure=False,
                )
                result: T = self._result(future, seconds)
                return result
            except KilledWorker:
                raise WorkerDiedError("the Dask workers it was given to ended, one after the other") from None
            except (CancelledError, CommClosedError):  # the scheduler is gone; a new one does not know the task
                self._connect_again(client)
        raise CancelledError

    def stop(self) -> None:
        """Abandon what is running: calls of `run` end with an error."""
        self._is_stopped = True
        _close(self._client)

    def __enter__(self) -> Self:
        """Use the cluster until the block ends."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Disconnect, and stop the cluster if this object started it. Other workers keep running with the model loaded."""
        if self._is_warm and not self._is_stopped:
            with suppress(Exception):  # the build is done, so a failure here does not matter
                self._client.unregister_worker_plugin(self._plugin)
        self.stop()
        if self._cluster:
            self._cluster.close()
            pool(self._demand.model, self.n).__exit__(None, None, None)
            pool.cache_clear()

    def _connected(self, seconds: float) -> Client:
        until = time.monotonic() + seconds
        while True:
            try:
                if isinstance(self._address, str):
                    _try(self._address)
                client = Client(self._address, timeout=CONNECT, set_as_default=False)
                break
            except OSError as error:
                if time.monotonic() > until or self._is_stopped:
                    raise ConfigError(
                        f"no Dask scheduler answers at {self._address} ({type(error).__name__}); start one: dask scheduler"
                    ) from None
                time.sleep(1)
            except (ValueError, TypeError, RuntimeError) as error:
                raise ConfigError(
                    f"{self._address} cannot be connected to: {error}; give an address such as tcp://host:8786, "
                    "or tls://host:8786 with the certificates in Dask's configuration (docs/certificates.md)"
                ) from None
        client.subscribe_topic(TOPIC, lambda event: self._tell(f"taking no part: {event[1]}"))
        return client

    def _connect_again(self, client: Client) -> None:
        with self._lock:
            if self._client is not client or self._is_stopped:
                return
            self._tell("the Dask scheduler is gone; waiting for it")
            _close(client)
            self._client = self._connected(RECONNECT)
            self._done_at = time.monotonic()
            self.warm(self.n)

    def _refuse_unfit(self) -> None:
        """Check that there are workers and that all meet the requirements. The scheduler needs the package to unpickle tasks."""
        try:
            self._client.run_on_scheduler(fingerprint, self._demand.model)
        except Exception as error:
            raise ConfigError(
                f"the Dask scheduler at {self._address} has no ontherecord ({type(error).__name__}: {error}); install it there too"
            ) from None
        try:
            self._client.wait_for_workers(1, timeout=JOIN)
        except TimeoutError:
            raise ConfigError(
                f"no worker has joined the Dask scheduler at {self._address}; start one: dask worker {self._address}"
            ) from None
        found = self._client.run(self._demand.unmet, on_error="return")
        refused = [
            _refused(
                worker, [f"it cannot say ({type(said).__name__}: {said})"] if isinstance(said, Exception) else said
            )
            for worker, said in sorted(found.items())
            if said
        ]
        if refused:
            raise ConfigError(
                "not every Dask worker can take part in this build; bring them up to what is installed here and start them "
                "again: " + "; ".join(refused)
            )

    def _result(self, future: "Future[T]", seconds: float) -> T:
        submitted = time.monotonic()
        while True:
            try:
                result = future.result(timeout=LOOK_EVERY)
                self._done_at = time.monotonic()
                return result
            except TimeoutError:
                if future.done():  # the shard's own error
                    raise
                if time.monotonic() - max(submitted, self._done_at) > seconds + IDLE:
                    raise BrokenEnvironmentError(
                        f"no worker of the Dask scheduler at {self._address} has finished a shard for {IDLE / 60:.0f} minutes; "
                        "see that some are running, and build again: what is finished is kept"
                    ) from None


def _try(address: str) -> None:
    """Connect to a scheduler once. A `Client` that cannot lingers, and prints tracebacks when it is deleted.

    Raises:
        OSError: when nothing answers, or it speaks another protocol.
        ValueError, TypeError, RuntimeError: when the address is not valid, or does not fit Dask's configuration of TLS.
    """

    async def once() -> None:
        comm = await connect(address, timeout=CONNECT, **Security().get_connection_args("client"))
        await comm.close()

    with ThreadPoolExecutor(1) as thread:  # a thread of its own has no event loop yet
        thread.submit(asyncio.run, once()).result()


def _local_cluster(n: int) -> LocalCluster:
    """A cluster with one worker in this process. The extraction runs in the processes of that worker's pool."""
    refuse_unguarded_main()
    return LocalCluster(
        n_workers=1,
        threads_per_worker=n,
        processes=False,
        memory_limit=0,
        # Scheduler and worker serve HTTP in any case: without an address, to other machines, and on a port that may be taken.
        dashboard_address=LOOPBACK,
        worker_dashboard_address=LOOPBACK,
        scheduler_kwargs={"dashboard": False},
        silence_logs="ERROR",
    )


def _refused(worker: str, unmet: Collection[str]) -> str:
    return f"Dask worker {worker}: {', '.join(unmet)}"


def _close(client: Client) -> None:
    with suppress(Exception):  # its scheduler may be gone
        client.close(timeout=CONNECT)
