"""Recovery from runs that were killed during publication: their snapshots are recorded or discarded."""

import pyarrow.parquet as pq

from etl.schema import RUN
from etl.store.journal import Run, journal, read_run, record
from etl.store.manifest import read_manifest
from etl.store.paths import SUPERSEDED, Layout
from etl.store.publish import discard


def recover(layout: Layout) -> None:
    """Make journal and snapshots consistent. The caller holds the lock.

    The run of a snapshot that was published (it is current, or marked as superseded) is recorded as published. A snapshot whose
    run was killed before ``current`` pointed to it is discarded.
    """
    current = layout.published()
    unpublished = {run.run_id for run in journal(layout.runs) if run.status != "published"}
    for path in layout.kept():
        if path.name in unpublished:
            if path.resolve() == current or (path / SUPERSEDED).exists():
                _record_published(layout, path.name)
            else:
                discard(layout, path)


def _record_published(layout: Layout, run_id: str) -> None:
    """Record a run as published, using its row in its own snapshot."""
    snapshot = layout.snapshots / run_id
    files = [snapshot / file.path for file in read_manifest(snapshot).of(RUN.name)]
    rows = pq.read_table(files, partitioning=None, filters=[("run_id", "=", run_id)]).to_pylist(
        maps_as_pydicts="strict"
    )
    begun = read_run(layout.runs / f"{run_id}.jsonl")
    for run in [Run.model_validate(row) for row in rows] or [begun.ended("published")] if begun else []:
        record(layout.runs, run)
