"""What a killed run left between two steps of publication, brought to one side or the other before anything else is done."""

import shutil
from pathlib import Path

import pyarrow.parquet as pq

from etl.durable import move
from etl.journal import Run, journal, record
from etl.layout import Layout
from etl.schema import RUN


def recover(layout: Layout) -> None:
    """Put on record the run whose snapshot is current though its journal does not say so; discard snapshots of no published run.

    A snapshot gets its name before ``current`` moves to it, and its run is put on record after that.
    """
    current = layout.published()
    published = {run.run_id for run in journal(layout.runs) if run.status == "published"}
    if current and current.name not in published:
        record(layout.runs, _own_run(current))
        published.add(current.name)
    for path in layout.snapshots.iterdir() if layout.snapshots.exists() else ():
        if path.name not in published:
            discard(layout, path)


def discard(layout: Layout, snapshot: Path) -> None:
    """Remove a snapshot: out of the way in one step, so that a kill leaves no half of it among the others."""
    target = layout.work / f"discarded {snapshot.name}"
    layout.work.mkdir(parents=True, exist_ok=True)
    move(snapshot, target)
    shutil.rmtree(target)


def _own_run(snapshot: Path) -> Run:
    """A snapshot's own run, as its ``run`` table has it."""
    rows = pq.read_table(snapshot / RUN.name, filters=[("run_id", "=", snapshot.name)], partitioning=None).to_pylist()
    (fields,) = rows
    return Run(**{**fields, "seconds": dict(fields["seconds"]), "versions": dict(fields["versions"])})
