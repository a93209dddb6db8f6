"""What a killed run left between two steps of publication: recorded or discarded before anything else is done."""

import pyarrow.parquet as pq

from etl.schema import RUN
from etl.store.journal import Run, journal, read_run, record
from etl.store.manifest import read_manifest
from etl.store.paths import SUPERSEDED, Layout
from etl.store.publish import discard


def recover(layout: Layout) -> None:
    """Bring journal and snapshots into agreement; the holder of the lock does this first.

    A snapshot that was published (it is the current one, or was and is marked so) has its run recorded as published. One whose
    run was killed before ``current`` pointed at it is discarded.
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
    """Record a run as its own snapshot has it."""
    snapshot = layout.snapshots / run_id
    files = [snapshot / file.path for file in read_manifest(snapshot).of(RUN.name)]
    rows = pq.read_table(files, partitioning=None, filters=[("run_id", "=", run_id)]).to_pylist(
        maps_as_pydicts="strict"
    )
    begun = read_run(layout.runs / f"{run_id}.jsonl")
    for run in [Run.model_validate(row) for row in rows] or [begun.ended("published")] if begun else []:
        record(layout.runs, run)
