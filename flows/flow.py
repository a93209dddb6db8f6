"""The build as a Prefect flow: `flows.pipeline`, with every stage as a task."""

import logging
import os
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import httpx
from prefect import flow, get_client, get_run_logger, task
from prefect.artifacts import create_markdown_artifact, create_progress_artifact, update_progress_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.events import emit_event
from prefect.exceptions import PrefectHTTPStatusError
from prefect.runtime import deployment, flow_run
from prefect.settings import get_current_settings
from prefect.states import Completed, Failed
from prefect.tasks import Task
from pydantic import TypeAdapter

from etl.errors import AuditError, ConfigError, LockedError, OnTheRecordError, SourceError, StepError, on_record
from etl.extract.job import ShardResult
from etl.store.journal import journal
from etl.store.paths import Layout
from etl.text import plural
from flows.missed import overdue, overtaken
from flows.notify import notify, unusual
from flows.pipeline import Build, Summary, begun, handed_over, in_slices
from flows.report import Several
from flows.request import BuildRequest
from flows.server import answers
from flows.summary import as_markdown, failure_as_markdown, headline
from flows.workers import quoting_nothing

T = TypeVar("T")

#: The number of retries of a stage, and the delay in seconds. The scan is retried because sources may be on a network.
RETRIES = {"find": 2}
RETRY_AFTER = 2.0
#: Seconds between two updates of the progress artifact: each is a request to the server.
PROGRESS_EVERY = 2.0
#: The name of the state of a run that was kept from publishing by another run or a hold.
SKIPPED = "Skipped"
#: A run that begins this much later than it was due counts as missed. With a shorter time, a slow machine might skip every run.
MISSED_AFTER = timedelta(minutes=5)
#: The number of hexadecimal digits of the path's hash, which distinguishes warehouses of the same name.
PATH_DIGITS = 6
#: The event of a publication.
PUBLISHED = "ontherecord.published"
#: The responses of a server to a missing or wrong password.
DENIED = (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN)
#: Prefect's loggers of failed runs and tasks.
ENGINE_LOGGERS = ("prefect.flow_runs", "prefect.task_runs")


def unique_name(root: Path) -> str:
    """The unique name of a warehouse on a server: its name, and a hash of its path."""
    name = re.sub(r"[^\w.-]", "-", root.name)
    return f"{name}-{sha256(os.fsencode(root)).hexdigest()[:PATH_DIGITS]}"


def artifact_key(root: Path, what: str) -> str:
    """The key of a warehouse's artifacts of one kind. Prefect allows only lower-case letters, digits and dashes."""
    return re.sub(r"[^a-z0-9]+", "-", f"{unique_name(root)}-{what}".lower()).strip("-")


def as_task(name: str, step: Callable[[], T], /) -> T:
    """Call a step as a task of the current flow run. Its arguments and results are only paths and counts. Nothing is cached."""

    @task(
        name=name,
        task_run_name=name,
        cache_policy=NO_CACHE,
        persist_result=False,
        retries=RETRIES.get(name, 0),
        retry_delay_seconds=RETRY_AFTER,
        retry_condition_fn=_is_worth_retrying,
    )
    def run() -> T:
        return quoting_nothing(name, step)

    return run()


def _is_worth_retrying(failed: "Task[..., Any]", run: TaskRun, state: "State[Any]") -> bool:
    return isinstance(state.data, OSError | SourceError)


class Progress:
    """Reports to Prefect: log lines, and one progress artifact with the number of extracted files."""

    def __init__(self, root: Path) -> None:
        """Report on the current flow run, which builds the warehouse in ``root``."""
        self._log = get_run_logger()
        self._key = artifact_key(root, "progress")
        self._artifact: UUID | None = None
        self._n_files = self._n_done = 0
        self._told = 0.0

    def stage(self, text: str) -> None:
        """Log the start of a stage."""
        self._log.info(text)

    def shards(self, n_files: int) -> None:
        """Create the artifact."""
        self._n_files, self._n_done, self._told = n_files, 0, time.monotonic()
        if n_files:
            made = create_progress_artifact(0.0, key=self._key, description=f"0 of {plural(n_files, 'file')} extracted")
            self._artifact = made if isinstance(made, UUID) else None

    def done(self, result: ShardResult) -> None:
        """Update the artifact, if enough time has passed."""
        self._n_done += result.n_files
        is_last = self._n_done >= self._n_files
        if self._artifact and (is_last or time.monotonic() - self._told > PROGRESS_EVERY):
            self._told = time.monotonic()
            percent = 100.0 * min(1.0, self._n_done / self._n_files)
            text = f"{self._n_done:,} of {plural(self._n_files, 'file')} extracted"
            update_progress_artifact(self._artifact, progress=percent, description=text)


class _Foreseen(logging.Filter):
    """Removes the traceback of errors that a person can act on, whose message is enough. Defects keep theirs."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, OnTheRecordError) and not isinstance(error, StepError):
            record.exc_info = None
        return True


FORESEEN = _Foreseen()


def _flow_run_name() -> str:
    # As the caller gave it, or as the server stores it.
    request = TypeAdapter(BuildRequest).validate_python(flow_run.parameters["request"])
    return f"build {request.warehouse.name} {datetime.now(UTC):%Y-%m-%d %H:%M:%S}"


@flow(name="build", flow_run_name=_flow_run_name, persist_result=False)
def build(request: BuildRequest) -> "Summary | State[Any]":
    """Build a warehouse from its sources and publish it.

    A run that is kept from publishing by another run or by a hold ends as Skipped, with the reason. A run with an error that a
    person can act on ends as Failed, with one sentence.
    """
    for name in ENGINE_LOGGERS:
        logging.getLogger(name).addFilter(FORESEEN)
    try:
        if newer := _newer_run():
            return Completed(name=SKIPPED, message=overtaken(newer))
        summary = in_slices(begun() or Build(request), _finish)
    except LockedError as error:
        return Completed(name=SKIPPED, message=str(error))
    except (OnTheRecordError, OSError) as error:
        # Only the first line, because the others may quote articles, and the server stores the message.
        said = str(error).partition("\n")[0] if isinstance(error, OnTheRecordError) else on_record(error)
        _tell(request.warehouse, failure_as_markdown(said, request.warehouse), f"failed: {said}")
        what = "was refused publication" if isinstance(error, AuditError) else "failed"
        notify(f"the build of {request.warehouse.name} {what}", said)
        return Failed(message=said, data=error)
    told = headline(summary)
    _tell(request.warehouse, as_markdown(summary, request.warehouse), told)
    if strange := unusual(summary.run, journal(Layout(request.warehouse).runs)):
        notify(f"unusual: the build of {request.warehouse.name}", strange)
    if summary.run.status == "skipped":
        return Completed(name=SKIPPED, message=summary.run.error, data=summary)
    return Completed(message=told, data=summary)


def _finish(run: Build) -> Summary:
    """Finish one run in the flow, and emit an event if it published."""
    run.report = Several(run.report, Progress(run.request.warehouse))
    summary: Summary = quoting_nothing("build", run.finish, as_task)
    if summary.run.status == "published":
        _emit_published(summary, run.request.warehouse)
    return summary


def _emit_published(summary: Summary, root: Path) -> None:
    """Emit the event of a publication, which can trigger other deployments."""
    resource = {"prefect.resource.id": f"ontherecord.warehouse.{root}", "prefect.resource.name": root.name}
    counts = {name: getattr(summary.run, name) for name in ("n_articles", "n_utterances", "n_mentions", "n_rejected")}
    emit_event(
        PUBLISHED, resource, payload={"snapshot_id": summary.run.snapshot_id, "path": str(summary.snapshot), **counts}
    )


def _tell(root: Path, markdown: str, headline: str) -> None:
    create_markdown_artifact(markdown, key=artifact_key(root, "summary"), description=headline)


def _newer_run() -> datetime | None:
    """When the newest overdue run of this deployment was due, if this run was missed and the other is newer."""
    mine = flow_run.scheduled_start_time
    if not deployment.id or datetime.now(UTC) - mine < MISSED_AFTER:
        return None
    with get_client(sync_client=True) as client:
        due = overdue(client, UUID(str(deployment.id)))
    return max((at for at, _ in due if at > mine), default=None)


def refuse_misconfigured(error: Exception) -> None:
    """Explain an error that is caused by a wrong password, or by an address where there is no API; ignore any other.

    Raises:
        ConfigError: when the error has such a cause.
    """
    if not isinstance(error, PrefectHTTPStatusError):
        return
    if error.response.status_code in DENIED:
        raise ConfigError(
            "the Prefect server refuses access; set PREFECT_API_AUTH_STRING to the value of its PREFECT_SERVER_API_AUTH_STRING"
        ) from None
    url = get_current_settings().api.url
    if error.response.status_code == httpx.codes.NOT_FOUND and not answers(url or ""):
        raise ConfigError(
            f"there is no Prefect API at {url}; PREFECT_API_URL ends with its server's PREFECT_SERVER_API_BASE_PATH, or /api"
        ) from None


def build_begun(run: Build) -> Summary:
    """Finish a run that this process has begun, in the flow.

    Raises:
        OnTheRecordError: when the build fails. The published snapshot stays.
    """
    with handed_over(run):
        try:
            # If the flow returns a state, Prefect returns its data or raises its error.
            summary: Any = build(run.request)
        except PrefectHTTPStatusError as error:
            refuse_misconfigured(error)
            raise
    if not isinstance(summary, Summary):
        raise LockedError("another process is writing the warehouse since the last slice; run the same again to go on")
    return summary
