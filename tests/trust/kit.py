"""What the harnesses share: a warehouse's state as values, and what may lie in its directory."""

import re
from pathlib import Path
from tempfile import TemporaryDirectory

import warehouse
from etl.schema import MANIFEST
from etl.store.audit import declared_checks, read_checks
from etl.store.journal import journal
from etl.store.manifest import Snapshot, load_manifest
from etl.store.paths import Layout
from etl.store.verify import verify

DOCS = Path(__file__).parents[2] / "docs" / "configuration.md"


def broken_checks(snapshot: Path) -> list[str]:
    """What `verify --full` finds in a snapshot: hashes, checks, and rows in which DuckDB and Parquet differ."""
    checks = [*declared_checks(), *read_checks(warehouse.CHECKS)]
    with TemporaryDirectory() as spill:
        return list(verify(Snapshot(snapshot, load_manifest(snapshot)), checks, Path(spill), "1GB", full=True))


def named_by_docs() -> set[str]:
    """What the documentation says lies in a warehouse directory."""
    section = DOCS.read_text(encoding="utf-8").partition("## The warehouse directory")[2]
    return {name.rstrip("/") for name in re.findall(r"^\| `([^`]+)` \|", section, re.M)}


def left_behind(root: Path) -> list[str]:
    """What lies in a warehouse after a build that should not: unnamed things, work, halves, snapshots of no run."""
    layout = Layout(root)
    odd = [path for path in root.iterdir() if path.name not in named_by_docs()]
    odd += layout.work.iterdir() if layout.work.exists() else []
    odd += layout.snapshots.rglob(".*")
    published = {run.run_id for run in journal(layout.runs) if run.status == "published"}
    for snapshot in layout.snapshots.iterdir():
        if snapshot.name not in published or not (snapshot / MANIFEST).exists():
            odd.append(snapshot)
            continue
        listed = {file.path for file in load_manifest(snapshot).files}
        odd += [path for path in snapshot.rglob("*.parquet") if path.relative_to(snapshot).as_posix() not in listed]
    return [path.relative_to(root).as_posix() for path in odd]
