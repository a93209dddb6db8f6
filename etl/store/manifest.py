"""What one snapshot consists of: its files with their hashes, and how rows are spread over them."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from etl.errors import SchemaVersionError
from etl.schema import MANIFEST, SCHEMA_VERSION


@dataclass(frozen=True, slots=True)
class DataFile:
    """One Parquet file: its table, its path below the snapshot, what rows it holds, and its SHA-256 and bytes.

    ``month`` is 'YYYY-MM' or 'undated' of ``published_on`` ('' in tables not kept by month); ``bucket`` of the month's
    ``n_buckets`` says which hashes of the table's ``bucket_by`` column.
    """

    table: str
    path: str
    month: str
    bucket: int
    n_buckets: int
    n_rows: int
    n_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """One snapshot: its id, which it came after, its files, and the rows of each table.

    ``n_replaced`` counts rows deleted and inserted in the DuckDB file since it was last loaded anew; ``n_tombstones`` the articles
    taken back by then, none of which it holds; ``audited`` are the keys of its parts (`etl.store.audit.parts`); ``resolution``
    says by what names were resolved (`etl.entities.resolve.resolution`).
    """

    snapshot_id: str
    previous_id: str | None
    files: tuple[DataFile, ...]
    n_rows: Mapping[str, int]
    n_replaced: int = 0
    n_tombstones: int = 0
    audited: tuple[str, ...] = ()
    resolution: str = ""
    schema_version: int = SCHEMA_VERSION

    def of(self, table: str) -> list[DataFile]:
        """The files of one table."""
        return [file for file in self.files if file.table == table]

    def save(self, snapshot: Path) -> None:
        """Write the manifest into a snapshot's directory."""
        (snapshot / MANIFEST).write_text(json.dumps(asdict(self), indent=1, sort_keys=True), encoding="utf-8")


def load_manifest(snapshot: Path) -> Manifest:
    """The manifest of a snapshot's directory.

    Raises:
        SchemaVersionError: when a version of this program with other tables wrote it.
    """
    fields = json.loads((snapshot / MANIFEST).read_text(encoding="utf-8"))
    if fields["schema_version"] != SCHEMA_VERSION:
        is_older = fields["schema_version"] < SCHEMA_VERSION
        mend = "extract its sources anew: ontherecord build --full" if is_older else "use that version, or a newer one"
        raise SchemaVersionError(
            f"{snapshot} was written by another version of ontherecord (tables {fields['schema_version']}, here "
            f"{SCHEMA_VERSION}); {mend}",
            is_older=is_older,
        )
    files = tuple(DataFile(**file) for file in fields["files"])
    return Manifest(**{**fields, "files": files, "audited": tuple(fields["audited"])})


def n_tombstones(snapshot: Path) -> int:
    """How many articles had been taken back when a snapshot was made, whatever version made it."""
    return int(json.loads((snapshot / MANIFEST).read_text(encoding="utf-8")).get("n_tombstones", 0))


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One snapshot: its directory and its manifest."""

    root: Path
    manifest: Manifest

    def paths(self) -> dict[str, list[Path]]:
        """Its Parquet files, by table."""
        paths: dict[str, list[Path]] = {}
        for file in self.manifest.files:
            paths.setdefault(file.table, []).append(self.root / file.path)
        return paths


#: What the first snapshot is built upon.
NOTHING = Snapshot(Path(), Manifest("", None, (), {}))


def open_snapshot(root: Path | None) -> Snapshot:
    """The snapshot in a directory; `NOTHING` for None.

    Raises:
        SchemaVersionError: when a version of this program with other tables wrote it.
    """
    return Snapshot(root, load_manifest(root)) if root else NOTHING
