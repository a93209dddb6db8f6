"""The kept snapshots: their rows, the change from the previous one, and their size on disk."""

from pathlib import Path

from etl.errors import OnTheRecordError
from etl.schema import DATABASE
from etl.store.manifest import GO_BACK, UPGRADE, Manifest, Snapshot, load_manifest, read_manifest
from etl.store.paths import Layout

#: The tables whose rows are counted.
COUNTED = ("article", "quote", "mention")
#: The state of a snapshot whose manifest cannot be read.
UNREADABLE = "damaged, or of a later version"


class NoSnapshotError(OnTheRecordError):
    """There is no such snapshot."""


def kept(root: Path) -> list[dict[str, object]]:
    """A row for each kept snapshot, newest first, for printing: the numbers of rows, and the change from the previous one.

    ``own`` is the size of the Parquet files that it does not share with the previous one.

    Raises:
        NoSnapshotError: when nothing is published.
    """
    layout = Layout(root)
    current = layout.published()
    if current is None:
        raise NoSnapshotError(
            f"nothing is published in {root}; build it first: ontherecord build FOLDER --warehouse {root}"
        )
    found = {path.name: _read(path) for path in layout.kept()}
    rows = []
    for name, manifest in sorted(found.items(), reverse=True):
        before = found.get(manifest.previous_id or "") if manifest else None
        row = _row(
            layout.snapshots / name, manifest or Manifest(snapshot_id=name), before, is_current=name == current.name
        )
        rows.append(row if manifest else {**dict.fromkeys(row), "snapshot": name, "is": UNREADABLE})
    return rows


def _read(snapshot: Path) -> Manifest | None:
    """A snapshot's manifest; None if it is damaged or of a later version."""
    try:
        return read_manifest(snapshot)
    except OnTheRecordError:
        return None


def open_kept(layout: Layout, snapshot_id: str | None) -> Snapshot:
    """A kept snapshot, by default the published one.

    Raises:
        NoSnapshotError: when there is no such snapshot.
        SchemaVersionError: when it has tables of another version.
    """
    path = layout.snapshots / snapshot_id if snapshot_id else layout.published()
    if path is None or path not in {*layout.kept(), layout.published()}:
        kept = ", ".join(path.name for path in layout.kept()) or "none"
        raise NoSnapshotError(f"there is no snapshot {snapshot_id or 'published'} in {layout.root}; kept are: {kept}")
    return Snapshot(path, load_manifest(path, UPGRADE if path.resolve() == layout.published() else GO_BACK))


def _row(path: Path, manifest: Manifest, before: Manifest | None, *, is_current: bool) -> dict[str, object]:
    shared = {file.path for file in before.files} if before else set()
    database = path / DATABASE
    return {
        "snapshot": path.name,
        "is": ", ".join(
            ["published"] * is_current + [f"tables of version {manifest.schema_version}"] * manifest.is_older
        ),
        **{f"{name}s": _change(manifest, before, name) for name in COUNTED},
        "parquet": _megabytes(sum(file.n_bytes for file in manifest.files)),
        "own": _megabytes(sum(file.n_bytes for file in manifest.files if file.path not in shared)),
        "duckdb": _megabytes(database.stat().st_size if database.exists() else 0),
    }


def _megabytes(n_bytes: int) -> str:
    return f"{n_bytes / 1e6:,.1f} MB"


def _change(manifest: Manifest, before: Manifest | None, table: str) -> str:
    n = manifest.n_rows.get(table, 0)
    moved = n - before.n_rows.get(table, 0) if before else 0
    return f"{n:,} ({moved:+,})" if moved else f"{n:,}"
