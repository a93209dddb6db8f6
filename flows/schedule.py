"""Serve the build flow to a Prefect server, which starts it on a schedule. Stops with Ctrl-C or SIGTERM; survives server restarts.

A served flow is a deployment in Prefect. It is named after the warehouse, and only one process serves it at a time.
"""

import asyncio
import json
import logging
import re
import time
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import httpx
from prefect import get_client
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.objects import StateType
from prefect.client.schemas.responses import DeploymentResponse
from prefect.client.schemas.schedules import CronSchedule
from prefect.events.actions import ChangeFlowRunState
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture
from prefect.exceptions import ObjectNotFound, PrefectHTTPStatusError
from prefect.runner import Runner
from prefect.schedules import Cron, Interval, Schedule
from prefect.settings import get_current_settings
from prefect.states import Cancelled, Completed, Crashed
from prefect.types.entrypoint import EntrypointType
from pydantic import TypeAdapter, ValidationError

from etl.config import load_config
from etl.errors import ConfigError, LockedError, OnTheRecordError
from etl.store.lock import holder, writer_lock
from etl.store.paths import Layout
from flows.flow import SKIPPED, build, refuse_misconfigured, unique_name
from flows.missed import next_due, overdue, overtaken, taken
from flows.request import BuildRequest
from flows.server import HEARTBEAT, TAG, answers

LOG = logging.getLogger("prefect.ontherecord")

#: The allowed names of a deployment: they are part of file names, and Prefect allows neither '/' nor '%'.
NAME = re.compile(r"[\w.-]+")
#: Seconds without a heartbeat until a run counts as crashed.
SILENCE = 90
#: Seconds between checks for a server that does not answer.
LOOK_EVERY = 2.0
#: The message of a run that the server marks as crashed.
CRASHED = (
    "no heartbeat for over a minute: its process was killed, or the machine went down; the next run finishes its work"
)
#: The message of a run that was taken by a schedule which was killed before the run began.
KILLED = "the schedule was killed before the run began; the next run finishes its work"
#: The message of a run that was taken by a schedule which was stopped before the run began.
ENDED = "the schedule was ended before the run began; the next run does its work"
#: The states a run can end in, as events name them.
ENDS = ("Completed", SKIPPED, "Failed", "Cancelled", "Crashed")
LOST_RUNS = "ontherecord: runs that died are Crashed"


@dataclass(frozen=True, slots=True)
class Timetable:
    """When to build: by a ``cron`` line in ``timezone``, or every ``interval``."""

    cron: str | None = None
    interval: timedelta | None = None
    timezone: str = "UTC"

    def schedule(self) -> Schedule:
        """The timetable as Prefect's schedule.

        Raises:
            ConfigError: when there is neither or both, or the cron line or time zone is not valid.
        """
        if bool(self.cron) == bool(self.interval):
            raise ConfigError("say when to build: either --cron or --interval")
        try:
            checked = CronSchedule(cron=self.cron or "* * * * *", timezone=self.timezone)
        except ValidationError as error:
            field = error.errors()[0]["loc"][0]
            if field == "timezone":
                raise ConfigError(f"no time zone is called {self.timezone!r}; write it like 'Europe/London'") from None
            raise ConfigError(
                f"{self.cron!r} is not a cron line; write five fields, like '0 2 * * *' for two o'clock every night"
            ) from None
        if self.interval:
            return Interval(self.interval, timezone=self.timezone)
        return Cron(checked.cron, timezone=self.timezone)


def serve(request: BuildRequest, timetable: Timetable, name: str | None = None) -> None:
    """Serve the build until the process is stopped.

    Raises:
        ConfigError: when the timetable is not valid, the warehouse lists no source, or the name is that of another warehouse.
        LockedError: when another process serves this deployment.
    """
    schedule, name = timetable.schedule(), name or unique_name(request.warehouse)
    layout = Layout(request.warehouse)
    if not load_config(layout.config).source:
        raise ConfigError(
            f"{layout.config} lists no source yet; build it once first: ontherecord build FOLDER --warehouse {layout.root}"
        )
    if not NAME.fullmatch(name):
        raise ConfigError(f"{name!r} cannot name a schedule; use letters, digits, '.', '_' and '-'")
    # In its own folder, because the lock also locks its folder, and builds lock the warehouse's.
    lock = layout.root / "schedules" / name / "lock"
    with ExitStack() as stack:
        try:
            stack.enter_context(writer_lock(lock))
        except LockedError:
            raise LockedError(
                f"this schedule is served already, by {holder(lock)}; end that one first, or give this one another --name"
            ) from None
        _serve(request, schedule, name, lock.with_suffix(".json"))


def _serve(request: BuildRequest, schedule: Schedule, name: str, stopped: Path) -> None:
    """Serve until stopped. Serves again after an outage of the server."""
    while True:
        try:
            deployment_id, runner = asyncio.run(_registered(request, schedule, name))
            with get_client(sync_client=True) as client:
                _catch_up(client, deployment_id, stopped)
            LOG.info("serving build/%s for %s", name, request.warehouse)
            asyncio.run(runner.start(webserver=False))
            break
        except (KeyboardInterrupt, SystemExit):
            break
        except Exception as error:
            refuse_misconfigured(error)
            if not _is_outage(error):
                raise
            LOG.warning("the Prefect server does not answer; the schedule goes on as soon as it does")
            _wait_for_server()
    _stop(f"{build.name}/{name}", stopped)


def _is_outage(error: BaseException) -> bool:
    """Whether an error is caused by an outage of the server, for which Prefect's runner raises several types."""
    if isinstance(error, BaseExceptionGroup):
        return all(map(_is_outage, error.exceptions))
    is_away = (
        isinstance(error, PrefectHTTPStatusError) and error.response.status_code >= httpx.codes.INTERNAL_SERVER_ERROR
    )
    return is_away or isinstance(error, httpx.TransportError) or "Service exceeded error threshold" in str(error)


def _wait_for_server() -> None:
    while not answers(api_url()):
        time.sleep(LOOK_EVERY)


def api_url() -> str:
    """The server's address in Prefect's settings (the environment or a profile); '' if there is none."""
    return get_current_settings().api.url or ""


async def _registered(request: BuildRequest, schedule: Schedule, name: str) -> tuple[UUID, Runner]:
    """Create or update the deployment on the server, and the automation that finds dead runs."""
    async with get_client() as client:
        try:
            known = await client.read_deployment_by_name(f"{build.name}/{name}")
            _refuse_other(known, request)
        except ObjectNotFound:
            pass
        if not await client.read_automations_by_name(LOST_RUNS):
            await client.create_automation(_lost_runs())
        runner = Runner(name=name, heartbeat_seconds=HEARTBEAT, pause_on_shutdown=False)
        deployment_id = await runner.aadd_flow(
            build,
            name=name,
            schedule=schedule,
            parameters={"request": TypeAdapter(BuildRequest).dump_python(request, mode="json")},
            tags=[TAG],
            description=f"Brings {request.warehouse} up to its sources.",
            paused=False,
            entrypoint_type=EntrypointType.MODULE_PATH,
        )
        await client.resume_deployment(deployment_id)
    return deployment_id, runner


def _refuse_other(known: DeploymentResponse, request: BuildRequest) -> None:
    other = known.parameters.get("request", {}).get("warehouse")
    if other != str(request.warehouse):
        raise ConfigError(
            f"the name {known.name!r} is taken by the schedule of {other}; choose another --name, "
            f"or remove that one: prefect deployment delete {build.name}/{known.name}"
        )


def _lost_runs() -> AutomationCore:
    """The automation with which the server marks runs without heartbeats as crashed."""
    return AutomationCore(
        name=LOST_RUNS,
        description="Created by `ontherecord schedule`. A run whose process died cannot say so itself.",
        trigger=EventTrigger(
            after={"prefect.flow-run.Running", "prefect.flow-run.heartbeat"},
            expect={"prefect.flow-run.heartbeat", *(f"prefect.flow-run.{end}" for end in ENDS)},
            match={"prefect.resource.id": "prefect.flow-run.*"},
            match_related={"prefect.resource.id": f"prefect.tag.{TAG}", "prefect.resource.role": "tag"},
            for_each={"prefect.resource.id"},
            posture=Posture.Proactive,
            threshold=1,
            within=timedelta(seconds=SILENCE),
        ),
        actions=[ChangeFlowRunState(state=StateType.CRASHED, message=CRASHED)],
    )


def _catch_up(client: SyncPrefectClient, deployment_id: UUID, stopped: Path) -> None:
    """Keep one of the runs that were missed while no process served the deployment."""
    # Only one process serves a schedule, so the process that took these runs has ended. It sent no heartbeat that could be missed.
    for run_id in taken(client, deployment_id):
        client.set_flow_run_state(run_id, Crashed(message=KILLED), force=True)
    missed = overdue(client, deployment_id)
    while len(missed) > 1:
        newest = missed[0][0]
        for _, run_id in missed[1:]:
            client.set_flow_run_state(run_id, Completed(name=SKIPPED, message=overtaken(newest)), force=True)
        missed = overdue(client, deployment_id)
    if not missed and _was_due(stopped):
        client.create_flow_run_from_deployment(deployment_id)
    stopped.unlink(missing_ok=True)


def _was_due(stopped: Path) -> bool:
    """Whether a run was due since the schedule was stopped."""
    if not stopped.exists():
        return False
    return datetime.fromisoformat(json.loads(stopped.read_text())["next"]) <= datetime.now(UTC)


def _stop(deployment: str, stopped: Path) -> None:
    """Pause the deployment, so that the server schedules no runs that nobody takes, and end taken runs that have not begun.

    Remembers when the next run was due.
    """
    try:
        with get_client(sync_client=True) as client:
            known = client.read_deployment_by_name(deployment)
            if due := next_due(client, known.id):
                stopped.write_text(json.dumps({"next": due.isoformat()}))
            client.pause_deployment(known.id)
            for run_id in taken(client, known.id):
                client.set_flow_run_state(run_id, Cancelled(message=ENDED), force=True)
    except (httpx.HTTPError, OnTheRecordError) as error:
        LOG.warning("the schedule ended, but could not be paused on the server (%s)", type(error).__name__)
