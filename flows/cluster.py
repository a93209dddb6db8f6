"""Extraction on the workers of a Dask cluster: one Dask task a shard, results as files in the warehouse directory.

A Dask worker passes each shard on to a pool of its own (`flows.workers.Workers`), with a process for each of its threads. So a
shard that hangs or kills its process costs the same as on one machine, and the model is loaded once a process, and kept for the
next build. Over the wire go the paths of a job and the counts of its result.

Workers that differ from this process in what makes rows (`flows.fingerprint`), or do not see the files, get no shard: a task asks
for a resource that only admitted workers offer, those that join later included.
"""

import multiprocessing
import signal
import threading
import time
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import CancelledError
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar
from uuid import uuid4

from distributed import Client, Future, LocalCluster, Reschedule, Worker, WorkerPlugin
from distributed.comm.core import CommClosedError
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
#: Seconds to wait for a scheduler that ended to be there again.
RECONNECT = 300
#: Seconds without any shard done, beyond the time limit of one, after which the build gives up: no worker is left.
IDLE = 600
LOOK_EVERY = 5
#: Shards submitted beyond twice what the workers there are can do at once, for workers that join.
SPARE = 64
#: The events by which workers say why they take no part.
TOPIC = "ontherecord-refused"
#: How a process ends that somebody ends on purpose: with its machine or its Dask worker, not by its shard.
ON_PURPOSE = (signal.SIGTERM, -signal.SIGTERM)


@dataclass(frozen=True, slots=True)
class Demand:
    """What a worker has to have: the model, the versions of all that makes rows, and the files it has to see."""

    model: str
    versions: Mapping[str, str]
    paths: tuple[Path, ...]

    def unmet(self) -> list[str]:
        """What this process lacks of it, in words."""
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
    """Admits a Dask worker to a build, now or when it joins: it loads the model and offers the resource that tasks ask for."""

    def __init__(self, demand: Demand) -> None:
        """Admit workers that meet a demand."""
        self.demand = demand

    async def setup(self, worker: Worker) -> None:
        """Look whether the worker meets the demand; one that does not says why."""
        unmet = self.demand.unmet()
        if unmet:
            worker.log_event(TOPIC, _refused(worker.address, unmet))
        else:
            pool(self.demand.model, worker.state.nthreads)
        await worker.set_resources(**{self.demand.resource: 0 if unmet else worker.state.nthreads})
        if worker.status == Status.running:
            _announce(worker)


def _announce(worker: Worker) -> None:
    """Have the scheduler give this worker the tasks that no worker could do so far.

    It looks for them when a worker begins to run, which one that joins does before its plugins are set up, but not when a worker
    offers a resource: tasks submitted while no worker was left would wait for ever.
    """
    worker.status = Status.paused
    worker.status = Status.running


@cache
def pool(model: str, n: int) -> Workers:
    """The processes of this Dask worker, started by the first build that needs them and loading the model."""
    # A worker under Dask's nanny is marked as daemonic, and so may have no children. Ours never outlive it.
    multiprocessing.current_process().daemon = False
    workers = Workers(n, model)
    workers.warm()
    return workers


def run_on_worker(model: str, work: Callable[..., T], args: tuple[Any, ...], seconds: float) -> T:
    """Do ``work(*args)`` in one of the processes of the Dask worker that this runs on.

    Raises:
        WorkerError: when the process did not survive it.
        Reschedule: when somebody ended the process: the worker is about to leave.
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
    """The workers of a Dask cluster, in the place of `flows.workers.Workers`. Outlives the scheduler, and any worker."""

    def __init__(
        self, address: str | None, n: int, model: str, paths: Collection[Path], tell: Callable[[str], None]
    ) -> None:
        """Connect to the scheduler at ``address``, or start a cluster of ``n`` workers on this machine where there is none.

        ``paths`` are what each worker has to see; ``tell`` is told of workers that are refused.

        Raises:
            ConfigError: when there is no such scheduler, it has no worker, or one of them is not fit for this build.
        """
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
        """How many shards are with the cluster at once, waiting ones included."""
        return 2 * self.n + SPARE

    def warm(self) -> None:
        """Admit the workers and have them load the model, without waiting for it; likewise those that join later."""
        self._client.register_plugin(Admission(self._demand), name=self._plugin)
        self._is_warm = True

    def run(self, work: Callable[..., T], *args: object, seconds: float) -> T:
        """Do ``work(*args)`` on a worker and wait for its result, at most ``seconds`` from its start.

        Raises:
            WorkerError: when the process that did it hung or died.
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
            except (CancelledError, CommClosedError):  # the scheduler is gone, and knows nothing of it when it is back
                self._connect_again(client)
        raise CancelledError

    def stop(self) -> None:
        """Give up what is running: calls of `run` end with an error."""
        self._is_stopped = True
        _close(self._client)

    def __enter__(self) -> Self:
        """Use the cluster until the block ends."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the cluster; end it if it is ours. Workers of others' stay, with the model loaded."""
        if self._is_warm and not self._is_stopped:
            with suppress(Exception):  # the build has what it wanted
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
                client = Client(self._address, timeout=CONNECT, set_as_default=False)
                break
            except (OSError, ValueError) as error:
                if time.monotonic() > until or self._is_stopped:
                    raise ConfigError(
                        f"no Dask scheduler answers at {self._address} ({type(error).__name__}); start one: dask scheduler"
                    ) from None
                time.sleep(1)
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
            self.warm()

    def _refuse_unfit(self) -> None:
        """Make sure that there are workers, and that all can take part; the scheduler reads what it passes on to them."""
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


def _local_cluster(n: int) -> LocalCluster:
    """A cluster in this process: what is heavy runs in the processes of its one worker's pool."""
    refuse_unguarded_main()
    return LocalCluster(
        n_workers=1, threads_per_worker=n, processes=False, memory_limit=0, dashboard_address=None, silence_logs="ERROR"
    )


def _refused(worker: str, unmet: Collection[str]) -> str:
    return f"Dask worker {worker}: {', '.join(unmet)}"


def _close(client: Client) -> None:
    with suppress(Exception):  # its scheduler may be gone
        client.close(timeout=CONNECT)
