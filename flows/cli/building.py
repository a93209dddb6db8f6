"""Building a warehouse: now, or on a schedule."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Thread, Timer
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from etl.errors import ConfigError, EndedBySignal, OnTheRecordError
from etl.text import plural
from flows.cli.options import DEFAULT_ROOT, Root, duration, published_layout, warehouse_option, with_request
from flows.cli.printing import Rows, console, print_rows, say
from flows.request import BuildRequest

#: The signals that end a build: Ctrl-C, `kill`, and a terminal that is closed.
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
#: Seconds after which a signal whose error was lost is sent again.
AGAIN = 0.1
#: Lost corrections that are told of at the end of a build.
WARNINGS_SHOWN = 20

if TYPE_CHECKING:
    from flows.pipeline import Summary


@with_request()
def build(
    request: BuildRequest,
    direct: Annotated[bool, typer.Option("--direct", help="Without Prefect and its server.")] = False,
) -> None:
    """Build the warehouse from its sources and publish it."""
    screen = console(err=True)
    with ending_in_order():
        summary = _build(request, screen) if direct or request.dry_run else _build_with_prefect(request, screen)
    _tell(summary, request)


def _build(request: BuildRequest, screen: Console) -> "Summary":
    from flows.cli.progress import Terminal
    from flows.pipeline import build_directly

    with Terminal(screen) as report:
        return build_directly(request, report)


def _build_with_prefect(request: BuildRequest, screen: Console) -> "Summary":
    """Start a server if there is none; scan and plan while it starts; then run the flow."""
    from flows.server import HEARTBEAT, HEARTBEAT_EVERY, TAG, LocalServer

    with LocalServer() as server:
        # This command prints errors once. Prefect would print them again, with a traceback. Our own server ends with the build, so
        # it needs neither logs nor heartbeats.
        if server.is_ours:
            os.environ.setdefault("PREFECT_LOGGING_LEVEL", "CRITICAL")
        else:
            os.environ.setdefault("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "CRITICAL")
            os.environ.setdefault(HEARTBEAT_EVERY, str(HEARTBEAT))
        from flows.cli.progress import Terminal
        from flows.pipeline import Build

        with Terminal(screen) as report, Build(request, report) as run:
            run.begin()
            from prefect import tags

            from flows.flow import build_begun

            server.wait()
            with tags(TAG):
                return build_begun(run)


def _tell(summary: "Summary", request: BuildRequest) -> None:
    from flows.summary import lines
    from warehouse.status import unlisted

    where = warehouse_option(request.warehouse)
    if request.dry_run:
        say("dry run: nothing was done", style="bold")
        for why, uri in summary.plan.listing:
            say(f"{uri}  {why}")
    elif summary.run.status == "skipped":
        say(f"nothing was done: {summary.run.error}", style="bold yellow")
        say(f"to publish again: ontherecord release{where}")
        return
    elif summary.run.status == "unchanged":
        say(f"nothing changed; {summary.run.snapshot_id} stays published", style="bold")
    else:
        say(f"published {summary.run.snapshot_id}", style="bold")
    print_rows(Rows(("this build", ""), lines(summary)))
    if not summary.plan.n_found:
        say("warning: no file was found in the sources; are these the right folders?", "yellow", err=True)
    if summary.run.n_corrections_lost:
        _warn(request)
    if summary.snapshot:
        for warning in unlisted(request.warehouse):
            say(f"warning: {warning}", "yellow", err=True)
        say(f"files are in {summary.snapshot}")
        query = "select speaker, count(*) as n from said group by all order by n desc limit 10"
        say(f'next: ontherecord sql{where} "{query}"')


def _warn(request: BuildRequest) -> None:
    from warehouse.corrections import warnings

    found = warnings(request.warehouse)
    for warning in found[:WARNINGS_SHOWN]:
        say(f"warning: {warning}", "yellow", err=True)
    if len(found) > WARNINGS_SHOWN:
        say(f"warning: {len(found) - WARNINGS_SHOWN:,} more; ontherecord corrections --lost", "yellow", err=True)


@with_request(without=("sources", "name", "dry_run", "since", "until", "only_stale"))
def schedule(
    request: BuildRequest,
    cron: Annotated[str | None, typer.Option(help='When to build, as a cron line such as "0 2 * * *".')] = None,
    interval: Annotated[str | None, typer.Option(help='How often to build, such as "15m" or "6h".')] = None,
    timezone: Annotated[str, typer.Option(help="The time zone of the cron line, such as Europe/London.")] = "UTC",
    name: Annotated[
        str | None, typer.Option(help="The schedule's name.  [default: the warehouse's and a hash of its path]")
    ] = None,
) -> None:
    """Serve the build to a running Prefect server, which starts it on a schedule. Stop with Ctrl-C."""
    with ending_in_order(), ctrl_c_as_sigterm():
        from flows.schedule import Timetable, api_url, serve

        timetable = Timetable(cron, duration(interval) if interval else None, timezone)
        try:
            timetable.schedule()  # refuse a wrong one first, whether there is a server or not
        except ConfigError as error:
            raise typer.BadParameter(str(error)) from None
        if not api_url():
            raise OnTheRecordError(
                "a schedule needs a Prefect server: run `prefect server start` and set PREFECT_API_URL to its address"
            )
        serve(request, timetable, name)


def tidy(
    root: Root = DEFAULT_ROOT,
    older: Annotated[str, typer.Option(help="Delete the records of runs that are older, such as 400d.")] = "400d",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be deleted.")] = False,
) -> None:
    """Delete old runs from the journal, with their logs, except those of kept snapshots and the last hundred."""
    from flows.housekeeping import tidy as delete

    gone = delete(published_layout(root).root, duration(older), dry_run=dry_run)
    what = "would delete" if dry_run else "deleted"
    typer.echo(f"{what} {plural(gone.n_runs, 'run')} older than {older}, {plural(gone.n_bytes, 'byte')}")


@contextmanager
def ending_in_order() -> Iterator[None]:
    """Have each signal of `ENDING` end the block as an error does, so that all cleanup code runs, and say so after that."""
    # One that is ignored stays so: SIGHUP under nohup, Ctrl-C in a shell's background.
    heeded = [number for number in ENDING if signal.getsignal(number) != signal.SIG_IGN]
    before = {number: signal.signal(number, _end) for number in heeded}
    hook, sys.unraisablehook = sys.unraisablehook, _end_later
    try:
        yield
    except EndedBySignal as ended:
        with suppress(OSError):  # the terminal may be gone
            line = "\n" if ended.number == signal.SIGINT else ""  # after the ^C of the terminal
            say(f"{line}ontherecord: {ended}; the next build goes on from the finished shards", "yellow", err=True)
        raise
    finally:
        sys.unraisablehook = hook
        for number, handler in before.items():
            signal.signal(number, handler)


def _end(number: int, frame: FrameType | None) -> None:
    raise EndedBySignal(number)


def _end_later(lost: "sys.UnraisableHookArgs") -> None:
    """Send a signal again that came in a destructor or a callback, whose errors Python ignores."""
    if isinstance(lost.exc_value, EndedBySignal):
        again = Timer(AGAIN, os.kill, [os.getpid(), lost.exc_value.number])
        again.daemon = True
        again.start()
    else:
        sys.__unraisablehook__(lost)


@contextmanager
def ctrl_c_as_sigterm() -> Iterator[None]:
    """Have Ctrl-C, and a terminal that is closed, end this process as SIGTERM does; Ctrl-C does not reach those it starts.

    A terminal sends it to all of them; a run that is still importing would print a traceback, and the schedule ends it in order.
    Threads and processes that start in this block inherit that it is blocked, so enter it before importing what starts threads.
    """
    from multiprocessing import resource_tracker

    resource_tracker.ensure_running()  # multiprocessing would unblock Ctrl-C again when it starts this
    before = signal.signal(signal.SIGINT, _terminate)  # for an older thread, which may still get it
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
        signal.signal(signal.SIGHUP, _terminate)  # until `ending_in_order`, around this, ends
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    Thread(target=_pass_on_ctrl_c, daemon=True).start()
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        signal.signal(signal.SIGINT, before)


def _pass_on_ctrl_c() -> None:
    while True:
        _terminate(signal.sigwait({signal.SIGINT}))


def _terminate(number: int, frame: FrameType | None = None) -> None:
    os.kill(os.getpid(), signal.SIGTERM)
