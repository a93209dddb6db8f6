"""The build as a Prefect flow: `flows.pipeline`'s composition, with every step a task."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from traceback import extract_tb
from typing import Any, TypeVar

from prefect import flow, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.runtime import flow_run, task_run
from prefect.task_runners import ThreadPoolTaskRunner
from prefect.tasks import Task

from etl.errors import OnTheRecordError, SourceError, StepError
from flows.pipeline import Build, Summary, begun, hand_over, windowed
from flows.request import BuildRequest
from flows.summary import as_markdown
from flows.workers import WorkerDiedError, WorkerError

T = TypeVar("T")
Item = TypeVar("Item")

#: How often a failed step is tried again, and after how many seconds. Finding walks the sources, which may lie on a network; a
#: shard is tried again when its worker died, not when it hung, which it would do again.
RETRIES = {"find": 2, "extract": 1}
RETRY_AFTER = 2.0


class PrefectSteps:
    """Steps as tasks of the flow run around them. Nothing but paths and counts goes in or out, and nothing is cached."""

    def call(self, name: str, step: Callable[[], T]) -> T:
        """Do one step as a task."""
        return _task(name, step)()

    def map(
        self, name: str, step: Callable[[Item], T], items: Iterable[Item], at_once: int
    ) -> Iterator[tuple[Item, T | Exception]]:
        """Do a step for each item, each a task, in the flow's task runner."""
        one = _task(name, step)
        yield from windowed(one.submit, items, at_once)


def _task(name: str, step: Callable[..., T]) -> "Task[..., T]":
    @task(
        name=name,
        task_run_name=_task_run_name,
        cache_policy=NO_CACHE,
        persist_result=False,
        retries=RETRIES.get(name, 0),
        retry_delay_seconds=RETRY_AFTER,
        retry_condition_fn=_is_worth_retrying,
    )
    def run(*args: object) -> T:
        return quoting_nothing(name, step, *args)

    return run


def quoting_nothing(name: str, step: Callable[..., T], *args: object) -> T:
    """Do a step whose errors Prefect will log and store: those that may quote an article are replaced.

    Raises:
        StepError: in place of any error that is neither ours nor the operating system's.
    """
    try:
        return step(*args)
    except (OnTheRecordError, OSError, WorkerError):
        raise
    except Exception as error:
        at = extract_tb(error.__traceback__)[-1]
        raise StepError(
            f"{name} failed: {type(error).__name__} in {Path(at.filename).name} line {at.lineno}; "
            "to see it whole: ontherecord build --direct"
        ) from None


def _task_run_name() -> str:
    items = [Path(str(item)).stem for item in task_run.parameters.get("args", ())]
    return " ".join([task_run.task_name, *items])


def _is_worth_retrying(failed: "Task[..., Any]", run: TaskRun, state: "State[Any]") -> bool:
    return isinstance(state.data, OSError | SourceError | WorkerDiedError)


def _flow_run_name() -> str:
    request = BuildRequest.model_validate(flow_run.parameters["request"])
    return f"build {request.warehouse.name} {datetime.now(UTC):%Y-%m-%d %H:%M:%S}"


@flow(name="build", flow_run_name=_flow_run_name, persist_result=False)
def build(request: BuildRequest) -> Summary:
    """Bring a warehouse up to its sources and publish it.

    Raises:
        OnTheRecordError: when it cannot be done as asked; what is published stays as it is.
    """
    with begun() or Build(request) as run:
        summary = quoting_nothing("build", run.finish, PrefectSteps())
    create_markdown_artifact(as_markdown(summary), key="build-summary", description="The build in figures")
    return summary


def build_begun(run: Build) -> Summary:
    """Have the flow finish a run that this process has begun."""
    hand_over(run)
    threads: Any = ThreadPoolTaskRunner(max_workers=run.n_workers)  # its own type does not fit the option's annotation
    return build.with_options(task_runner=threads)(run.request)
