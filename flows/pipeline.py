"""One build, from request to published snapshot: the one composition of the stages.

The Prefect flow and the direct call both run this; they differ in how a step is called (`Steps`), not in what is done.
"""

import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, Protocol, Self, TypeVar

import warehouse
from etl.assemble import assemble, write_whole
from etl.audit import audit, declared_checks, read_checks
from etl.config import load_config, save_config, with_sources
from etl.duck import engine, parquet
from etl.errors import AuditError, ConfigError
from etl.journal import Run, journal, new_run, record, run_frame
from etl.layout import Layout
from etl.load import load, n_rows
from etl.lock import writer_lock
from etl.manifest import DataFile, Manifest, Snapshot, open_snapshot
from etl.plan import Plan, ShardJob, make_plan
from etl.publish import prune, publish, set_aside
from etl.read import Rejection
from etl.scan import scan
from etl.schema import DATABASE, QUOTE, RUN, to_arrow
from etl.shard import ShardResult, reject_file
from etl.versions import library_versions
from flows.report import Report, Silent
from flows.workers import WorkerDiedError, WorkerError, Workers, extract_job

T = TypeVar("T")
Item = TypeVar("Item")
Out = TypeVar("Out", covariant=True)

#: Steps submitted for each that can run at once, so that none waits for the next.
AHEAD = 2


@dataclass(frozen=True, slots=True)
class Request:
    """What a person or a schedule asks of a build. No ``sources``: all that are listed. ``workers`` 0: one to a core."""

    root: Path
    sources: tuple[Path, ...] = ()
    name: str | None = None
    workers: int = 0
    model: str | None = None
    full: bool = False
    dry_run: bool = False
    allow_removals: bool = False
    retry_rejected: bool = False


@dataclass(frozen=True, slots=True)
class Summary:
    """What came of a build. ``snapshot`` is the published one's directory, whether by this run or an earlier one."""

    run: Run
    plan: Plan
    snapshot: Path | None
    results: Sequence[ShardResult] = ()


class Steps(Protocol):
    """How a step is called: plainly, or as a Prefect task."""

    def call(self, name: str, step: Callable[[], T]) -> T:
        """Do one step."""
        ...

    def map(
        self, name: str, step: Callable[[Item], T], items: Iterable[Item], at_once: int
    ) -> Iterator[tuple[Item, T | Exception]]:
        """Do a step for each item, ``at_once`` at a time; what came of each, in order of completion."""
        ...


class Direct:
    """Steps called plainly, in threads where there are several."""

    def call(self, name: str, step: Callable[[], T]) -> T:
        """Do one step."""
        return step()

    def map(
        self, name: str, step: Callable[[Item], T], items: Iterable[Item], at_once: int
    ) -> Iterator[tuple[Item, T | Exception]]:
        """Do a step for each item; one whose worker died gets a second try."""
        with ThreadPoolExecutor(at_once) as threads:
            yield from windowed(lambda item: threads.submit(partial(_twice, step), item), items, at_once)


class Awaited(Protocol[Out]):
    """A future, whosever: `concurrent.futures` and Prefect's share these two methods."""

    def result(self) -> Out:
        """What came of it, or the exception raised."""
        ...

    def add_done_callback(self, fn: Callable[[Any], None]) -> None:
        """Call ``fn`` with the future when it is done."""
        ...


def windowed(
    submit: Callable[[Item], Awaited[T]], items: Iterable[Item], at_once: int
) -> Iterator[tuple[Item, T | Exception]]:
    """Submit items, a few ahead of those that run, and yield what came of each as it comes."""
    done: SimpleQueue[tuple[Item, Awaited[T]]] = SimpleQueue()

    def submitted(item: Item) -> None:
        submit(item).add_done_callback(lambda future: done.put((item, future)))

    def outcome() -> tuple[Item, T | Exception]:
        item, future = done.get()
        try:
            return item, future.result()
        except Exception as error:  # the caller decides what a failed item means
            return item, error

    n_running = 0
    for item in items:
        submitted(item)
        n_running += 1
        if n_running >= AHEAD * at_once:
            yield outcome()
            n_running -= 1
    for _ in range(n_running):
        yield outcome()


def _twice(step: Callable[[Item], T], item: Item) -> T:
    try:
        return step(item)
    except WorkerDiedError:
        return step(item)


class Build:
    """One run. `begin` may be called ahead of `finish`, while something slower is awaited; the lock is held from then on."""

    def __init__(self, request: Request, report: Report | None = None) -> None:
        """Prepare a run; nothing is touched yet.

        Raises:
            ConfigError: when the configuration or the request cannot be.
        """
        self.request = request
        self.report = report or Silent()
        self.layout = Layout(request.root)
        config, chosen = with_sources(load_config(self.layout.config), request.sources, request.name)
        self.config = config.model_copy(update={"model": request.model}) if request.model else config
        self.sources = chosen or config.source
        if not self.sources:
            raise ConfigError(
                f"{self.layout.config} lists no source yet; name a folder of news text: ontherecord build FOLDER"
            )
        self.n_workers = request.workers or os.cpu_count() or 1
        self.run = new_run(library_versions())
        self.seconds: dict[str, float] = {}
        self._stack = ExitStack()
        self._found: Future[int] | None = None
        self._planned: Future[Plan] | None = None
        self._is_recorded = False

    def __enter__(self) -> Self:
        """Use the run until the block ends."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give up the workers and the lock; a run that ends in an error goes on record as failed."""
        is_written = self._found is not None and not self.request.dry_run
        if error is not None and is_written and not self._is_recorded:
            self._record(self.run.ended("failed", f"{type(error).__name__}: {error}"))
        self._stack.close()

    def begin(self) -> tuple[Future[int], Future[Plan]]:
        """Take the lock, then find and plan in the background; the workers start as soon as there is work for them.

        Raises:
            LockedError: when another process is writing the warehouse.
        """
        if self._found is None or self._planned is None:
            if self.request.dry_run:
                self.layout = replace(self.layout, work_in=Path(self._stack.enter_context(TemporaryDirectory())))
            else:
                self._stack.enter_context(writer_lock(self.layout.lock))
                tidy(self.layout, with_shards=self.request.full)
                record(self.layout.runs, self.run)
                save_config(self.layout.config, self.config)
            thread = self._stack.enter_context(ThreadPoolExecutor(1))
            self._workers = self._stack.enter_context(Workers(self.n_workers, self.config.model))
            self._found = thread.submit(self._timed, "find", self._find)
            self._planned = thread.submit(self._timed, "plan", self._plan)
        return self._found, self._planned

    def finish(self, steps: Steps) -> Summary:
        """Find, plan, extract, assemble, load, audit and publish; or find that there is nothing to do.

        Raises:
            SourceError: when a source is missing or lost too much.
            AuditError: when the new snapshot breaks a check; the published one stays.
        """
        found, planned = self.begin()
        n_found = steps.call("find", _once(found, self._find))
        self.report.stage(f"found {n_found:,} files")
        plan = steps.call("plan", _once(planned, self._plan))
        previous = self.layout.published()
        if self.request.dry_run:
            return Summary(self.run, plan, previous)
        if plan.is_empty and previous:
            run = self._record(replace(self._counted(plan).ended("unchanged"), snapshot_id=previous.name))
            return Summary(run, plan, previous)
        results = self._timed("extract", lambda: self._extract(steps, plan))
        return self._publish(steps, plan, results, open_snapshot(previous))

    def _find(self) -> int:
        return scan(self.sources, self.layout.found, self.config.settle_seconds)

    def _plan(self) -> Plan:
        old = open_snapshot(self.layout.published())
        request = self.request
        plan = make_plan(
            self.layout,
            self.config,
            self.sources,
            old,
            workers=self.n_workers,
            full=request.full,
            retry_rejected=request.retry_rejected,
            allow_removals=request.allow_removals,
        )
        if plan.jobs and not request.dry_run:
            self._workers.warm()
        return plan

    def _extract(self, steps: Steps, plan: Plan) -> list[ShardResult]:
        """Extract every shard; one that its worker does not survive is halved until the guilty file stands alone."""
        self.report.shards(plan.n_new + plan.n_changed - plan.n_reused)
        results: list[ShardResult] = []
        todo: Sequence[Path] = plan.jobs
        while todo:
            again: list[Path] = []
            for path, outcome in steps.map("extract", self._extract_shard, todo, self.n_workers):
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
        rejection = Rejection(error.reason, f"extracting it {error}; look at the file, or report it with the file")
        return reject_file(
            job, rejection, self.layout.shards, self.layout.scratch, self.run.run_id, self.run.started_at
        )

    def _publish(self, steps: Steps, plan: Plan, results: Sequence[ShardResult], old: Snapshot) -> Summary:
        layout, limit = self.layout, self.config.memory_limit
        extracted = [result.key for result in results]
        files = self._step(steps, "assemble", lambda: assemble(layout, limit, old, extracted))
        run = replace(
            self._counted(plan, files).ended("published"), snapshot_id=self.run.run_id, seconds=dict(self.seconds)
        )
        files = (*files, *self._write_runs(run, old))
        views = warehouse.views()
        n_replaced = self._step(steps, "load", lambda: load(layout.staging, files, views, old, layout.spill, limit))
        Manifest(run.run_id, old.manifest.snapshot_id or None, files, n_rows(files), n_replaced).save(layout.staging)
        self._step(steps, "audit", lambda: self._audit(files))
        snapshot = self._step(steps, "publish", lambda: publish(layout, run.run_id))
        run = self._record(run.ended("published"))
        tidy(layout, with_shards=True)
        prune(layout, self.config.keep_snapshots, old.root)
        return Summary(run, plan, snapshot, results)

    def _audit(self, files: Sequence[DataFile]) -> None:
        checks = [*declared_checks(), *read_checks(warehouse.CHECKS)]
        findings = audit(self.layout.staging / DATABASE, checks, n_rows(files))
        if findings:
            kept = set_aside(self.layout, self.run.run_id)
            listed = "\n  ".join(map(str, findings))
            raise AuditError(
                f"the new snapshot broke {len(findings)} checks and was not published; it is kept in {kept}\n  {listed}"
            )

    def _write_runs(self, run: Run, old: Snapshot) -> list[DataFile]:
        """Copy the journal, with this run as published, into the snapshot."""
        runs = [past for past in journal(self.layout.runs) if past.run_id != run.run_id]
        rows = to_arrow(RUN, run_frame([*runs, run]))
        with engine(self.layout.spill, self.config.memory_limit) as db:
            db.register(RUN.name, rows)
            return write_whole(db, RUN, old, self.layout.staging)

    def _counted(self, plan: Plan, files: Sequence[DataFile] = ()) -> Run:
        """The run with the plan's counts, and those of the snapshot's rows."""
        rows = n_rows(files)
        return replace(
            self.run,
            n_found=plan.n_found,
            n_new=plan.n_new,
            n_changed=plan.n_changed,
            n_removed=plan.n_removed,
            n_rejected=rows["rejection"],
            n_articles=rows["article"],
            n_utterances=self._n_utterances(files),
            n_mentions=rows["mention"],
        )

    def _n_utterances(self, files: Sequence[DataFile]) -> int:
        quotes = parquet(QUOTE, (self.layout.staging / file.path for file in files if file.table == QUOTE.name))
        with engine(self.layout.spill, self.config.memory_limit) as db:
            row = db.execute(f"SELECT count(DISTINCT (article_id, utterance_no)) FROM {quotes}").fetchone()
        return int(row[0]) if row else 0

    def _record(self, run: Run) -> Run:
        run = replace(run, seconds=dict(self.seconds))
        record(self.layout.runs, run)
        self._is_recorded = True
        return run

    def _step(self, steps: Steps, name: str, step: Callable[[], T]) -> T:
        self.report.stage(name)
        return steps.call(name, partial(self._timed, name, step))

    def _timed(self, name: str, step: Callable[[], T]) -> T:
        began = time.perf_counter()
        try:
            return step()
        finally:
            self.seconds[name] = round(time.perf_counter() - began, 3)


def _once(ahead: Future[T], again: Callable[[], T]) -> Callable[[], T]:
    """A step that was begun ahead: its result the first time, the step itself if it is tried again."""
    begun = [ahead]
    return lambda: begun.pop().result() if begun else again()


def tidy(layout: Layout, *, with_shards: bool) -> None:
    """Clear what an earlier run left half done; finished shards are worth keeping until they are published."""
    if layout.work.exists():
        for path in layout.work.iterdir():
            if path == layout.shards and not with_shards:
                continue
            shutil.rmtree(path) if path.is_dir() else path.unlink()


#: The run this process began before its flow could start. Not beside the flow: Prefect pickles what stands there.
_BEGUN: ContextVar[Build | None] = ContextVar("_BEGUN", default=None)


def hand_over(run: Build) -> None:
    """Have the next flow of this process take over a run that has begun, instead of beginning anew."""
    _BEGUN.set(run)


def begun() -> Build | None:
    """The run that was handed over, if one was."""
    return _BEGUN.get()


def build_directly(request: Request, report: Report | None = None) -> Summary:
    """Build without Prefect: the plain call for notebooks, tests and whoever wants no server.

    Raises:
        OnTheRecordError: when it cannot be done as asked; what is published stays as it is.
    """
    with Build(request, report) as build:
        return build.finish(Direct())
