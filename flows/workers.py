"""Worker processes, each with its own language model, which can be killed one by one.

A thread that waits for a shard cannot be interrupted, so a hanging shard is ended by killing its worker. Then
`concurrent.futures.ProcessPoolExecutor` would lose all workers, while Pebble's pool replaces only the killed one.

The stages are loaded in the workers only: it takes half a second, which a run with nothing to do should not take.
"""

import contextlib
import gc
import math
import multiprocessing
import os
from collections.abc import Callable, Iterator
from concurrent.futures import TimeoutError as FutureTimeoutError
from concurrent.futures.process import BrokenProcessPool
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from traceback import extract_tb
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self, TypeVar

from pebble import ProcessExpired, ProcessFuture, ProcessPool

from etl.errors import BrokenEnvironmentError, OnTheRecordError, StepError, machine_fault
from etl.extract.job import ShardJob, ShardResult
from flows.processes import NoMainGuardError, die_with_parent, refuse_unguarded_main

if TYPE_CHECKING:
    from etl.extract.shard import Finder
    from etl.model.annotate import Annotator

T = TypeVar("T")

#: Where Linux lists the control groups of a process, and the limits of the groups.
CGROUP = Path("/proc/self/cgroup")
CGROUPS = Path("/sys/fs/cgroup")


class WorkerError(Exception):
    """A worker ended before its work was finished. ``reason`` is the code of the resulting rejection."""

    reason = "crashed"


class WorkerDiedError(WorkerError):
    """The worker's process ended: out of memory, by a fault in native code, or killed."""

    def __init__(self, message: str, exitcode: int | None = None) -> None:
        """Say how it ended."""
        super().__init__(message)
        self.exitcode = exitcode


class WorkerHungError(WorkerError):
    """The worker exceeded its time limit and was killed."""

    reason = "timeout"


class Runner(Protocol):
    """What runs the shards: `Workers` on this machine, or those of a cluster (`flows.cluster`).

    ``n`` shards run at the same time; ``at_once`` are submitted at the same time, some of which wait.
    """

    @property
    def n(self) -> int:
        """How many shards run at the same time."""
        ...

    @property
    def at_once(self) -> int:
        """How many shards are submitted at the same time."""
        ...

    def warm(self, n_shards: int) -> None:
        """Start as many workers as ``n_shards`` need, and load the model in them, without waiting."""
        ...

    def run(self, work: Callable[..., T], *args: object, seconds: float) -> T:
        """Call ``work(*args)`` in a worker and wait for its result, at most ``seconds`` from its start."""
        ...

    def stop(self) -> None:
        """Make all calls of `run` end soon. Their work is abandoned."""
        ...

    def __enter__(self) -> Self:
        """Use the workers until the block ends."""
        ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Release them."""
        ...


class Workers:
    """A pool of worker processes. They start at the first call of `warm` or `run`, from the thread that owns the pool."""

    def __init__(self, n: int, model: str) -> None:
        """Make a pool of ``n`` workers for a language model, without starting processes yet.

        Raises:
            NoMainGuardError: when the running script has no main guard.
        """
        refuse_unguarded_main()
        self.n = self.at_once = n
        self._model = model
        self._loading: list[ProcessFuture[None]] = []
        self._pool: ProcessPool | None = None

    def warm(self, n_shards: int) -> None:
        """Start the workers, no more than there are shards, and load the model in them, without waiting."""
        n = min(self.n, n_shards)
        self._loading = [self._pool_of(n).schedule(load_model, args=[self._model]) for _ in range(n)]

    def _pool_of(self, n: int) -> ProcessPool:
        """The pool. It is made for ``n`` workers the first time."""
        if self._pool is None:
            self._pool = ProcessPool(
                max_workers=n,
                initializer=die_with_parent,
                initargs=[os.getpid()],
                context=multiprocessing.get_context("spawn"),
            )
        return self._pool

    def run(self, work: Callable[..., T], *args: object, seconds: float) -> T:
        """Call ``work(*args)`` in a worker and wait for its result, at most ``seconds`` from its start.

        Raises:
            WorkerHungError: when it took longer. Its worker was killed.
            WorkerDiedError: when its worker ended during the call.
            NoMainGuardError: when workers end before they start working.
            BrokenEnvironmentError: when the model cannot be loaded.
        """
        try:
            self._wait_for_model()
            return self._pool_of(self.n).schedule(work, args=args, timeout=seconds).result()
        except FutureTimeoutError:
            raise WorkerHungError(f"took longer than {seconds:.0f} s and was stopped") from None
        except ProcessExpired as error:
            raise WorkerDiedError(f"the worker process ended with code {error.exitcode}", error.exitcode) from None
        except BrokenProcessPool:
            raise NoMainGuardError(
                "no worker process can start; in a script, everything but imports and definitions has to stand under "
                'if __name__ == "__main__":, since the workers import the script'
            ) from None

    def _wait_for_model(self) -> None:
        """Wait for the model, because the death of a worker that loads it is not the fault of the shard that waits."""
        for loading in self._loading[:1]:
            try:
                loading.result()
            except ProcessExpired as error:
                raise BrokenEnvironmentError(
                    f"the language model {self._model!r} cannot be loaded: the worker process ended with code {error.exitcode}; "
                    "make room in memory, or install it again"
                ) from None

    def stop(self) -> None:
        """Do nothing: at most one shard per worker runs on, until its time limit."""

    def __enter__(self) -> Self:
        """Use the pool until the block ends."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the workers immediately. The caller already has the results, or does not need them."""
        if self._pool is not None:
            self._pool.stop()  # type: ignore[no-untyped-call]  # pebble annotates all but this
            self._pool.join()


def cores() -> int:
    """The number of processes to run in parallel: the CPU affinity, or less if the control group limits the CPU time."""
    n = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min([n, *map(math.ceil, _quotas())]))


def _quotas() -> Iterator[float]:
    """The limits of CPU time, in CPUs, of the control groups (version 2) of this process."""
    try:
        _, _, below = CGROUP.read_text().strip().rpartition("::")
    except OSError:  # not Linux
        return
    folder = CGROUPS / below.lstrip("/")
    for each in (folder, *folder.parents):
        with contextlib.suppress(OSError, ValueError):
            quota, period = (each / "cpu.max").read_text().split()
            if quota != "max":
                yield int(quota) / int(period)
        if each == CGROUPS:
            return


def quoting_nothing(name: str, step: Callable[..., T], *args: object) -> T:
    """Call a step, and replace errors that may quote an article, because Prefect and Dask log and store errors.

    Raises:
        OSError: instead of a library's error about a fault of the machine, such as a full disk.
        StepError: instead of any other that is neither the program's own nor the operating system's.
    """
    try:
        return step(*args)
    except (OnTheRecordError, OSError, WorkerError):
        raise
    except Exception as error:
        if fault := machine_fault(error):
            raise OSError(f"{name}: {fault}") from None
        at = extract_tb(error.__traceback__)[-1]
        raise StepError(
            f"{name} failed: {type(error).__name__} in {Path(at.filename).name} line {at.lineno}; "
            "to see it whole: ontherecord build --direct"
        ) from None


@cache
def annotator(model: str) -> "Annotator":
    """The language model of this process, loaded once.

    Raises:
        BrokenEnvironmentError: when it cannot be loaded.
    """
    from etl.model.annotate import Annotator

    try:
        loaded = Annotator(model)
    except BrokenEnvironmentError:
        raise
    except Exception as error:  # of any kind, because it is not the fault of an article
        raise BrokenEnvironmentError(
            f"the language model {model!r} cannot be loaded ({type(error).__name__}: {error}); install it, or name another "
            "with --model"
        ) from None
    gc.freeze()  # the model is never garbage, and each full collection would go through all of it
    return loaded


@cache
def finder_of(model: str) -> "Finder":
    """The function of this process that finds quotes and names, with caches that are kept between shards."""
    from etl.extract.shard import finder

    return finder(partial(annotator, model))


def load_model(model: str) -> None:
    """Load the language model of this process before its first shard."""
    annotator(model)


def extract_job(job: Path, shards: Path, scratch: Path, run_id: str, at: datetime) -> ShardResult:
    """Extract the shard of a job, in a worker.

    Raises:
        BrokenEnvironmentError: when this installation cannot extract anything.
    """
    from etl.extract.shard import run_shard

    shard = ShardJob.load(job)
    annotator(shard.model)
    return run_shard(shard, shards, scratch, run_id, at, finder_of(shard.model))
