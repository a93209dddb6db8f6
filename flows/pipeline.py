"""One build, from request to published snapshot: the only composition of the stages.

The Prefect flow and the direct call both run this. They differ only in how a step is called (`etl.store.publication.Step`).
"""

import math
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Self, TypeVar

from etl.config import load_config, save_config, with_files, with_sources
from etl.errors import ConfigError, LockedError, on_record
from etl.extract.job import ShardJob, ShardResult
from etl.extract.plan import NO_PLAN, Plan, make_plan
from etl.extract.scope import Scope
from etl.extract.versions import library_versions
from etl.model.installed import is_installed
from etl.sources.record import Rejection
from etl.sources.scan import scan
from etl.store.journal import OF_SNAPSHOT, Run, new_run, read_run, record
from etl.store.lock import writer_lock
from etl.store.manifest import Snapshot, open_any, open_snapshot
from etl.store.paths import Layout
from etl.store.publication import Step, begin_run, tidy
from etl.store.publish import prune
from etl.store.redact import finish
from etl.store.rollback import Hold, held
from etl.text import plural
from flows.freshness import write_metrics
from flows.publishing import plainly, publication
from flows.report import Report, RunLog, Several, Silent
from flows.request import BuildRequest
from flows.workers import Runner, WorkerDiedError, WorkerError, Workers, cores, extract_job
from warehouse.corrections import warnings

T = TypeVar("T")
Item = TypeVar("Item")

#: The number of steps submitted for each that can run in parallel, so that no worker has to wait.
AHEAD = 2
#: How long a later slice of a build waits for another writer that started between two slices, in seconds.
SLICE_WAIT = 3600.0


@dataclass(frozen=True, slots=True)
class Summary:
    """The result of a build. ``snapshot`` is the directory of the published snapshot, of this run or an earlier one."""

    run: Run
    plan: Plan
    snapshot: Path | None
    results: Sequence[ShardResult] = ()


def mapped(
    step: Callable[[Item], T], items: Iterable[Item], at_once: int, stop: Callable[[], None] = lambda: None
) -> Iterator[tuple[Item, T | Exception]]:
    """Call ``step`` for each item, ``at_once`` in parallel. Yields each result or error in order of completion.

    An item whose worker died is retried once. Only a few items are submitted in advance. If the caller stops early, ``stop`` is
    called to end the running steps.
    """
    done: SimpleQueue[tuple[Item, Future[T]]] = SimpleQueue()

    def outcome() -> tuple[Item, T | Exception]:
        item, future = done.get()
        try:
            return item, future.result()
        except Exception as error:  # the caller decides what a failed item means
            return item, error

    n_running = 0
    with ThreadPoolExecutor(at_once) as threads:
        try:
            for item in items:
                future = threads.submit(_twice, step, item)
                future.add_done_callback(partial(_put, done, item))
                n_running += 1
                if n_running >= AHEAD * at_once:
                    yield outcome()
                    n_running -= 1
            for _ in range(n_running):
                yield outcome()
        except BaseException:
            threads.shutdown(wait=False, cancel_futures=True)
            stop()
            raise


def _put(done: "SimpleQueue[tuple[Item, Future[T]]]", item: Item, future: "Future[T]") -> None:
    done.put((item, future))


def _twice(step: Callable[[Item], T], item: Item) -> T:
    try:
        return step(item)
    except WorkerDiedError:
        return step(item)


class Build:
    """One run. `begin` may be called before `finish`, while something slower is awaited. It takes the lock."""

    def __init__(self, request: BuildRequest, report: Report | None = None) -> None:
        """Prepare a run, without changing anything yet.

        Raises:
            ConfigError: when the configuration, the request or a file that it lists is not valid.
        """
        self.request = request
        self.report = self.asked_report = report or Silent()
        self.layout = Layout(request.warehouse)
        listed = load_config(self.layout.config)
        config, chosen = with_sources(listed, request.sources, request.name)
        self._new_names = {source.name for source in config.source} - {source.name for source in listed.source}
        config = config.model_copy(update={"model": request.model}) if request.model else config
        self.config = with_files(config, authority=request.authority, corrections=request.corrections)
        self.sources = chosen or config.source
        if not self.sources:
            raise ConfigError(
                f"{self.layout.config} lists no source yet; name a folder of news text (again, "
                "where its first build was cut short): ontherecord build FOLDER"
            )
        if not is_installed(self.config.model):
            raise ConfigError(
                f"model {self.config.model!r} is no directory with an encoder; take the line `model` out of {self.layout.config}"
                " for the built-in one, or name another with --model"
            )
        self._scope = Scope(request.since, request.until, request.only_stale, request.slice)
        self.run = new_run(library_versions())
        self.seconds: dict[str, float] = {}
        self._publication = publication(self.layout, self.config, request.allow, self._step)
        self._call: Step = plainly
        self._hold: Hold | None = None
        self._stack = ExitStack()
        self._at_work = self._stack.enter_context(ExitStack())
        self._found: Future[int] | None = None
        self._planned: Future[Plan] | None = None
        self._is_on_record = False

    def __enter__(self) -> Self:
        """Use the run until the block ends."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the workers and release the lock. A run that ends with an error is recorded as failed."""
        with self._stack:
            if error is not None and self._is_on_record:
                self._record_failure(error)

    def _record_failure(self, error: BaseException) -> None:
        """Record that the run failed. If that fails too, as on a full disk, it is reported, and the first error is raised."""
        try:
            self._record(self.run.ended("failed", on_record(error)))
        except OSError as second:
            self.asked_report.stage(f"the failure could not be recorded in {self.layout.runs}: {second}")

    def begin(self) -> None:
        """Take the lock, then scan and plan in the background. The workers start as soon as there is work for them.

        Raises:
            LockedError: when another process is writing the warehouse.
            ConfigError: when a worker of the cluster is not fit for this build; nothing is written then.
        """
        self._workers = self._at_work.enter_context(self._runner())
        if self.request.dry_run:
            self.layout = replace(self.layout, work_in=Path(self._stack.enter_context(TemporaryDirectory())))
        else:
            if not self.layout.root.exists():
                self.report.stage(f"making a warehouse in {self.layout.root}")
            self._lock()
            # With an older snapshot, this build applies the tombstones, and the next one deletes what is left.
            if not self._old().manifest.is_older:
                finish(replace(self._publication, step=plainly), library_versions())
            tidy(self.layout, with_shards=self.request.full)
            self.run = begin_run(self.layout, library_versions())
            self._is_on_record = True
            self._log = RunLog(self.layout.logs / f"{self.run.run_id}.log")
            self.report = Several(self.report, self._log)
            self._hold = held(self.layout)
        if self._hold is None:
            thread = self._stack.enter_context(ThreadPoolExecutor(1))
            self._found = thread.submit(self._find)
            self._planned = thread.submit(self._plan_ahead, self._found)

    def _runner(self) -> Runner:
        """What runs the shards."""
        n, model = self.request.workers or cores(), self.config.model
        if self.request.runner == "local":
            return Workers(n, model)
        if find_spec("distributed") is None:
            raise ConfigError("--runner dask needs Dask, here and on the workers: pip install 'ontherecord[dask]'")
        from flows.cluster import ClusterWorkers

        paths = [self.layout.root, *(source.path for source in self.sources)]
        return ClusterWorkers(self.request.scheduler, n, model, paths, lambda text: self.report.stage(text))

    def _lock(self) -> None:
        """Take the writer's lock. If another process holds it, the run is recorded as skipped."""
        try:
            self._stack.enter_context(
                writer_lock(self.layout.lock, self.request.wait, lambda who: self.report.stage(f"waiting for {who}"))
            )
        except LockedError as error:
            record(self.layout.runs, self.run.ended("skipped", str(error)))
            raise

    def finish(self, call: Step = plainly) -> Summary:
        """Scan, plan, extract, assemble, load, audit and publish, unless there is nothing to do: each as a step, by ``call``.

        Raises:
            SourceError: when a source is missing or lost too much.
            AuditError: when the new snapshot fails a check. The published one stays.
        """
        self._call = call
        if self._found is None and self._hold is None:
            self.begin()
        previous = self.layout.published()
        if self._hold or self._found is None:
            run = self.run.ended("skipped", str(self._hold)).with_(snapshot_id=previous.name if previous else None)
            return Summary(self._record(run), NO_PLAN, previous)
        n_found = call("find", _once(self._found, self._find_again))
        self.report.stage(f"found {plural(n_found, 'file')}")
        plan = call("plan", _once(self._planned, self._plan))
        if self.request.dry_run:
            return Summary(self.run, plan, previous)
        if plan.is_empty and previous:
            self._save_config()
            run = self._record(self._unchanged(plan, previous.name))
            tidy(self.layout, with_shards=True)
            return Summary(run, plan, previous)
        results = self._step("extract", lambda: self._extract(plan))
        self._at_work.close()  # so that assembling has the memory of the workers
        run = self._counted(plan).with_(seconds=dict(self.seconds))
        run, snapshot = self._publication(
            run,
            self._old(),
            [result.key for result in results],
            guards_losses=not self.request.allow_removals,
            passed=self._save_config,
        )
        if run.n_corrections_lost:
            for warning in warnings(self.layout.root):
                self._log.stage(f"warning: {warning}")
        run = self._record(run.ended("published"))
        tidy(self.layout, with_shards=True)
        prune(self.layout, self.config.keep_snapshots, self.config.keep_hours)
        return Summary(run, plan, snapshot, results)

    def _find(self) -> int:
        skip = self.layout.root
        return self._timed("find", lambda: scan(self.sources, self.layout.found, self.config.settle_seconds, skip))

    def _find_again(self) -> int:
        self._planned = None  # it depended on the scan that failed
        return self._find()

    def _plan_ahead(self, found: Future[int]) -> Plan:
        found.result()  # raises if the scan failed
        return self._plan()

    def _plan(self) -> Plan:
        return self._timed("plan", self._make_plan)

    def _make_plan(self) -> Plan:
        request = self.request
        plan = make_plan(
            self.layout,
            self.config,
            self.sources,
            self._old(),
            workers=self._workers.n,
            full=request.full,
            retry_rejected=request.retry_rejected,
            allow_removals=request.allow_removals,
            resolution=self._publication.resolution,
            is_listed=request.dry_run,
            new_names=self._new_names,
            scope=self._scope,
        )
        if plan.jobs and not request.dry_run:
            self._workers.warm(len(plan.jobs))
        return plan

    def _old(self) -> Snapshot:
        """The snapshot to build upon. It may have tables of an earlier version only if everything is extracted again."""
        return (open_any if self.request.full else open_snapshot)(self.layout.published())

    def _extract(self, plan: Plan) -> list[ShardResult]:
        """Extract all shards. A shard that kills its worker is halved until the file at fault is alone."""
        self.report.shards(plan.n_new + plan.n_changed + plan.n_stored - plan.n_reused)
        for planned in plan.jobs:  # a shard that exists under this name was extracted with other settings
            shutil.rmtree(self.layout.shards / planned.stem, ignore_errors=True)
        results: list[ShardResult] = []
        todo: Sequence[Path] = plan.jobs
        while todo:
            again: list[Path] = []
            for path, outcome in mapped(self._extract_shard, todo, self._workers.at_once, self._workers.stop):
                if isinstance(outcome, WorkerError):
                    job = ShardJob.load(path)
                    if len(job.files) > 1:
                        again += [half.save(self.layout.jobs) for half in job.halves()]
                        continue
                    outcome = self._reject(job, outcome)
                elif isinstance(outcome, Exception):
                    raise outcome
                results.append(outcome)
                self.report.done(outcome)
            todo = again
        return results

    def _extract_shard(self, job: Path) -> ShardResult:
        layout, run = self.layout, self.run
        seconds = ShardJob.load(job).seconds
        return self._workers.run(
            extract_job, job, layout.shards, layout.scratch, run.run_id, run.started_at, seconds=seconds
        )

    def _reject(self, job: ShardJob, error: WorkerError) -> ShardResult:
        from etl.extract.shard import reject_file  # loads the stages

        rejection = Rejection(error.reason, f"extracting it {error}; look at the file, or report it with the file")
        return reject_file(
            job, rejection, self.layout.shards, self.layout.scratch, self.run.run_id, self.run.started_at
        )

    def _save_config(self) -> None:
        """Save what the request adds to the configuration, now that it has worked."""
        save_config(self.layout.config, self.config)

    def _counted(self, plan: Plan) -> Run:
        """The run with the plan's counts."""
        is_partial = self._scope.is_partial or plan.n_over > 0 or len(self.sources) < len(self.config.source)
        return self.run.with_(
            n_found=plan.n_found,
            n_new=plan.n_new,
            n_changed=plan.n_changed,
            n_removed=plan.n_removed,
            is_whole=not is_partial,
        )

    def _unchanged(self, plan: Plan, snapshot_id: str) -> Run:
        """The run that found this snapshot as it should be, with the counts of the run that published it."""
        published = read_run(self.layout.runs / f"{snapshot_id}.jsonl")
        counts = {name: getattr(published, name) for name in OF_SNAPSHOT if published}
        return self._counted(plan).ended("unchanged").with_(snapshot_id=snapshot_id, **counts)

    def _record(self, run: Run) -> Run:
        run = run.with_(seconds=dict(self.seconds))
        record(self.layout.runs, run)
        self._is_on_record = False
        self._log.stage(": ".join(filter(None, [run.status, run.error])))
        write_metrics(self.layout.root)
        return run

    def _step(self, name: str, step: Callable[[], T], /) -> T:
        self.report.stage(name)
        return self._call(name, partial(self._timed, name, step))

    def _timed(self, name: str, step: Callable[[], T]) -> T:
        began = time.perf_counter()
        try:
            return step()
        finally:
            self.seconds[name] = round(time.perf_counter() - began, 3)


def in_slices(run: Build, finish: Callable[[Build], Summary]) -> Summary:
    """Finish a run and then one more for each further slice of its request. Returns the summary of the last.

    Each run publishes and releases the lock, so that after a kill the next build continues with the next slice. The number of
    slices is that of the first plan, so that each file is tried once even if some fail.
    """
    with run:
        summary = finish(run)
    request = replace(run.request, wait=max(run.request.wait, SLICE_WAIT))
    n_slices = 0 if request.dry_run else math.ceil(summary.plan.n_over / max(1, request.slice))
    for _ in range(n_slices):
        if not summary.plan.n_over:
            break
        following = Build(request, run.asked_report)
        following.report.stage(f"{plural(summary.plan.n_over, 'file')} left to later slices")
        with following:
            summary = finish(following)
    return summary


def _once(ahead: Future[T] | None, again: Callable[[], T]) -> Callable[[], T]:
    """A step that may have been started ahead: returns its result the first time, and calls the step on a retry."""
    begun = [ahead] if ahead else []
    return lambda: begun.pop().result() if begun else again()


#: The run that this process began before its flow started. Not in the flow's module, whose globals Prefect pickles.
_BEGUN: ContextVar[Build | None] = ContextVar("_BEGUN", default=None)


@contextmanager
def handed_over(run: Build) -> Iterator[None]:
    """Make the flow called in this block take over a run that has begun, instead of beginning another."""
    token = _BEGUN.set(run)
    try:
        yield
    finally:
        _BEGUN.reset(token)


def begun() -> Build | None:
    """The run that was handed over, if any."""
    return _BEGUN.get()


def build_directly(request: BuildRequest, report: Report | None = None) -> Summary:
    """Build without Prefect, for notebooks, tests and scripts without a server.

    Raises:
        OnTheRecordError: when the build fails. The published snapshot stays.
    """
    return in_slices(Build(request, report), Build.finish)
