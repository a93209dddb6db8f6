"""Snapshots: list, compare, verify, roll back and release."""

from pathlib import Path
from typing import Annotated

import typer

import warehouse
from etl.text import plural
from flows.cli.options import DEFAULT_ROOT, Root, published_layout, warehouse_option
from flows.cli.printing import Csv, Format, Json, format_of, print_rows, say

SnapshotId = Annotated[str | None, typer.Argument(help="A snapshot's id; `ontherecord snapshots` lists them.")]
#: The most rows shown of each kind of difference.
ROWS_SHOWN = 20


def snapshots(root: Root = DEFAULT_ROOT, as_csv: Csv = False, as_json: Json = False) -> None:
    """List the kept snapshots: their rows, their size on disk, and which one is published."""
    from etl.store.snapshots import kept

    form = format_of(as_csv, as_json)
    print_rows(kept(root), form)


def diff(
    before: Annotated[str, typer.Argument(help="A snapshot's id.")],
    after: SnapshotId = None,
    root: Root = DEFAULT_ROOT,
    what: Annotated[
        str | None, typer.Option(help="Show all differences of one kind: articles, quotes, names or counts.")
    ] = None,
    as_csv: Csv = False,
    as_json: Json = False,
) -> None:
    """Show the differences between two snapshots (the second is by default the published one)."""
    from tempfile import TemporaryDirectory

    from etl.config import load_config
    from etl.store.diff import QUESTIONS, diff
    from etl.store.snapshots import open_kept

    if what and what not in QUESTIONS:
        raise typer.BadParameter(f"--what is one of {', '.join(QUESTIONS)}")
    form = format_of(as_csv, as_json)
    if form is not Format.TABLE and not what:
        raise typer.BadParameter("--csv and --json need --what: each kind has columns of its own")
    layout = published_layout(root)
    with TemporaryDirectory() as spill:
        limit = load_config(layout.config).memory_limit
        found = diff(open_kept(layout, before), open_kept(layout, after), Path(spill), limit)
    if what:
        print_rows(found[what], form)
        return
    for name, rows in found.items():
        say(f"{name}: {rows.num_rows:,} different", style="bold")
        if rows.num_rows:
            print_rows(rows.slice(0, ROWS_SHOWN))
        if rows.num_rows > ROWS_SHOWN:
            say(f"{rows.num_rows - ROWS_SHOWN:,} more: --what {name}", style="dim")


def verify(
    root: Root = DEFAULT_ROOT,
    full: Annotated[
        bool, typer.Option("--full", help="Run the checks of every part again, and compare the database row by row.")
    ] = False,
) -> None:
    """Verify that the published snapshot is unchanged and valid: the hashes of its files, and its checks."""
    from tempfile import TemporaryDirectory

    from etl.config import load_config
    from etl.store.audit import all_checks
    from etl.store.manifest import ELSE
    from etl.store.snapshots import open_kept
    from etl.store.verify import verify

    layout = published_layout(root)
    snapshot = open_kept(layout, None)
    checks = all_checks(warehouse.CHECKS, layout.checks)
    with TemporaryDirectory() as spill:
        limit = load_config(layout.config).memory_limit
        findings = list(verify(snapshot, checks, Path(spill), limit, full=full))
    for finding in findings:
        say(finding, style="red")
    if findings:
        say(f"restore what is damaged from a backup, {ELSE}; or build a new warehouse from the same sources")
        raise typer.Exit(1)
    n_files, n_checks = len(snapshot.manifest.files), sum(full or check.scope == "snapshot" for check in checks)
    say(f"{snapshot.root.name}: {plural(n_files, 'file')} as published, {plural(n_checks, 'check')} passed")


def rollback(
    snapshot: SnapshotId = None,
    root: Root = DEFAULT_ROOT,
    reason: Annotated[str, typer.Option(help="Why; shown while publication is held.")] = "",
) -> None:
    """Go back to an earlier snapshot (by default the previous one). Then nothing is published until `release`."""
    from etl.config import load_config
    from etl.store.lock import writer_lock
    from etl.store.rollback import roll_back
    from flows.freshness import write_metrics

    layout = published_layout(root)
    with writer_lock(layout.lock):
        hold = roll_back(layout, snapshot, reason, warehouse.views(), load_config(layout.config).memory_limit)
        write_metrics(layout.root)
    say(f"{hold.snapshot_id} is published again", style="bold")
    say(f"builds do nothing until: ontherecord release{warehouse_option(root)}")


def release(root: Root = DEFAULT_ROOT) -> None:
    """End the hold of a rollback. The next build publishes again, from the current sources."""
    from etl.store.lock import writer_lock
    from etl.store.rollback import release
    from flows.freshness import write_metrics

    layout = published_layout(root)
    with writer_lock(layout.lock):
        hold = release(layout)
        write_metrics(layout.root)
    say(f"released; held since {hold.at} by {hold.who}")
