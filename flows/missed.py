"""Runs that a schedule missed. After downtime, one run makes up for all of them."""

from datetime import UTC, datetime
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterDeploymentId,
    FlowRunFilterExpectedStartTime,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import StateType
from prefect.client.schemas.sorting import FlowRunSort

#: The most runs that the server returns per request.
PAGE = 200


def overdue(client: SyncPrefectClient, deployment_id: UUID) -> list[tuple[datetime, UUID]]:
    """The runs of a deployment that were due and have not begun, newest first: the time each was due, and its id."""
    due = FlowRunFilterExpectedStartTime(before_=datetime.now(UTC))
    return _scheduled(client, deployment_id, due, FlowRunSort.EXPECTED_START_TIME_DESC)


def next_due(client: SyncPrefectClient, deployment_id: UUID) -> datetime | None:
    """When the next run of a deployment is due, if the server has scheduled one."""
    due = FlowRunFilterExpectedStartTime(after_=datetime.now(UTC))
    return next((at for at, _ in _scheduled(client, deployment_id, due, FlowRunSort.EXPECTED_START_TIME_ASC)), None)


def taken(client: SyncPrefectClient, deployment_id: UUID) -> list[UUID]:
    """The runs of a deployment that were taken but have not begun. Prefect takes runs some seconds before they are due."""
    order = FlowRunSort.EXPECTED_START_TIME_DESC
    return [run_id for _, run_id in _scheduled(client, deployment_id, None, order, StateType.PENDING)]


def _scheduled(
    client: SyncPrefectClient,
    deployment_id: UUID,
    due: FlowRunFilterExpectedStartTime | None,
    sort: FlowRunSort,
    state: StateType = StateType.SCHEDULED,
) -> list[tuple[datetime, UUID]]:
    which = FlowRunFilter(
        deployment_id=FlowRunFilterDeploymentId(any_=[deployment_id]),
        state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[state])),
        expected_start_time=due,
    )
    found = client.read_flow_runs(flow_run_filter=which, sort=sort, limit=PAGE)
    return [(run.expected_start_time, run.id) for run in found if run.expected_start_time]


def overtaken(newer: datetime) -> str:
    """Why a missed run is skipped."""
    return (
        f"missed while nothing ran the schedule; the run that was due at {newer:%Y-%m-%d %H:%M:%S} UTC makes up for it"
    )
