"""Taking articles back: tombstones first, then a clean snapshot, then the end of whatever else holds what they said.

Once the tombstones are on disk, every build honours them, and finishes what a kill interrupted before it does anything else.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from etl.authority import read_authority
from etl.config import Config, load_config
from etl.hold import whoever
from etl.journal import Run, record
from etl.layout import Layout
from etl.lock import writer_lock
from etl.manifest import n_tombstones, open_snapshot
from etl.redact import NearCopy, Taken, find, forget, leave_shard
from etl.tombstones import Tombstone, bury, load_tombstones
from flows.publication import Publication, all_checks, begin_run, tidy

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
    run = begin_run(layout)
    old = open_snapshot(layout.published())
    leave_shard(layout, old, load_tombstones(layout.tombstones), run, config.memory_limit)
    run, _ = Publication(layout, config, read_authority(*config.authority), all_checks(layout), (), _plainly)(
        run, old, (), anew=True
    )
    run = replace(run.ended("published"), snapshot_id=run.run_id)
    record(layout.runs, run)
    tidy(layout, with_shards=True)
    forget(layout)
    return run


def _plainly(name: str, step: Callable[[], T], /) -> T:
    return step()
