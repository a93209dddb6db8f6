"""Taking articles back: tombstones first, then a clean snapshot, then the end of whatever else holds what they said.

Once the tombstones are on disk, every build honours them, and finishes what a kill interrupted before it does anything else.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import warehouse
from etl.config import Config, load_config
from etl.entities.authority import read_authority
from etl.extract.versions import library_versions
from etl.store.audit import all_checks
from etl.store.journal import Run, record
from etl.store.lock import writer_lock
from etl.store.manifest import n_tombstones, open_snapshot
from etl.store.paths import Layout
from etl.store.publication import Publication, begin_run, tidy
from etl.store.redact import NearCopy, Taken, find, forget, leave_shard
from etl.store.rollback import whoever
from etl.store.tombstones import Tombstone, bury, load_tombstones

T = TypeVar("T")


def look_up(root: Path, ids: Sequence[str], pattern: str) -> tuple[list[Taken], list[NearCopy]]:
    """What `redact` would take back, reprints included, and the near copies that it would not.

    Raises:
        NoArticleError: when there is nothing to take back.
    """
    layout = Layout(root)
    with TemporaryDirectory() as spill:
        limit = load_config(layout.config).memory_limit
        return find(open_snapshot(layout.published()), ids, pattern, Path(spill), limit)


def redact(root: Path, taken: Sequence[Taken], why: str) -> Run:
    """Take articles back: the run that published the snapshot without them.

    Raises:
        AuditError: when the clean snapshot breaks a check; the tombstones stand, and the next build tries again.
    """
    layout = Layout(root)
    with writer_lock(layout.lock):
        now = datetime.now(UTC)
        bury(layout.tombstones, [Tombstone(each.article_id, now, whoever(), why, each.hashes) for each in taken])
        return clean(layout, load_config(layout.config))


def is_clean(layout: Layout) -> bool:
    """Whether no kept snapshot was made before an article was taken back."""
    buried = len(load_tombstones(layout.tombstones))
    return not buried or all(n_tombstones(path) >= buried for path in layout.snapshots.glob("*"))


def clean(layout: Layout, config: Config) -> Run:
    """Publish what is published without the articles taken back, and delete every other copy of them."""
    tidy(layout, with_shards=True)
    run = begin_run(layout, library_versions())
    old = open_snapshot(layout.published())
    leave_shard(layout, old, load_tombstones(layout.tombstones), run, config.memory_limit)
    run, _ = Publication(
        layout,
        config,
        read_authority(*config.authority),
        all_checks(warehouse.CHECKS, layout.checks),
        warehouse.views(),
        (),
        _plainly,
    )(run, old, (), anew=True)
    run = replace(run.ended("published"), snapshot_id=run.run_id)
    record(layout.runs, run)
    tidy(layout, with_shards=True)
    forget(layout)
    return run


def _plainly(name: str, step: Callable[[], T], /) -> T:
    return step()
