"""The manifest of a snapshot: its files with their hashes, and the layout of rows in them."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from etl.durable import State
from etl.errors import DamagedError, SchemaVersionError
from etl.schema import MANIFEST, SCHEMA_VERSION
from etl.validation import problems

#: What else to do about a damaged snapshot. Files that are equal in two snapshots are one file on disk, so it may be damaged, too.
ELSE = "or go back to one that is whole (ontherecord snapshots lists them): ontherecord rollback SNAPSHOT"
#: The version of which file a row is in: raise it whenever that may be another.
CUT = "cut 2"


class DataFile(State):
    """One Parquet file: its table, its path below the snapshot, its rows, its size in bytes and its SHA-256.

    ``month`` is the 'YYYY-MM' of ``published_on`` or 'undated' ('' in tables that are not by month). ``bucket``, of the month's
    ``n_buckets``, is the range of days and, within these, of hashes of the table's ``bucket_by`` column; of hashes alone in tables
    that are not by month.
    """

    table: str
    path: str
    month: str
    bucket: int
    n_buckets: int
    n_rows: int
    n_bytes: int
    sha256: str


class Manifest(State):
    """One snapshot: its id, that of the previous one, its files, and the number of rows of each table.

    ``n_replaced`` is the number of rows deleted in the DuckDB file since its last full load. ``n_tombstones`` is the number of
    articles redacted before, none of which it has. ``audited`` are the keys of the checks of scope part
    (`etl.store.audit.Check.key`) that its files passed. ``resolution`` identifies what names were resolved by
    (`etl.entities.resolve.resolution`).
    """

    snapshot_id: str
    previous_id: str | None = None
    files: tuple[DataFile, ...] = ()
    n_rows: Mapping[str, int] = {}
    n_replaced: int = 0
    n_tombstones: int = 0
    audited: tuple[str, ...] = ()
    resolution: str = ""
    schema_version: int = SCHEMA_VERSION

    @property
    def is_older(self) -> bool:
        """Whether the snapshot has tables of an earlier version."""
        return self.schema_version < SCHEMA_VERSION

    def of(self, table: str) -> list[DataFile]:
        """The files of one table."""
        return [file for file in self.files if file.table == table]

    def save(self, snapshot: Path) -> None:
        """Write the manifest into a snapshot's directory."""
        (snapshot / MANIFEST).write_text(self.model_dump_json(indent=1), encoding="utf-8")


class _Version(State):
    schema_version: int


def read_manifest(snapshot: Path) -> Manifest:
    """The manifest of a snapshot with tables of this or an earlier version.

    Raises:
        SchemaVersionError: when the snapshot has tables of a later version.
        DamagedError: when the manifest cannot be read.
    """
    path = snapshot / MANIFEST
    try:
        text = path.read_text(encoding="utf-8")
        version = _Version.model_validate_json(text).schema_version
        if version > SCHEMA_VERSION:
            raise _refused(snapshot, version, "use that version, or a newer one", is_older=False)
        return Manifest.model_validate_json(text)
    except (OSError, ValidationError, UnicodeDecodeError) as error:
        said = problems(Manifest, error) if isinstance(error, ValidationError) else error
        raise DamagedError(f"{path} cannot be read ({said}); restore the snapshot from a backup, {ELSE}") from None


#: What to do about a snapshot with tables of an earlier version: the published one can be upgraded; others stay as they are.
UPGRADE = "bring it up to this version: ontherecord build --full --warehouse {root}"
GO_BACK = "it can be read, and gone back to with `ontherecord rollback {name}`, by the version that wrote it"


def load_manifest(snapshot: Path, remedy: str = UPGRADE) -> Manifest:
    """The manifest of a snapshot with tables of this version. ``remedy`` says what to do if they are of an earlier one.

    Raises:
        SchemaVersionError: when the snapshot has tables of another version.
        DamagedError: when the manifest cannot be read.
    """
    manifest = read_manifest(snapshot)
    if manifest.is_older:
        raise _refused(
            snapshot,
            manifest.schema_version,
            remedy.format(name=snapshot.name, root=shlex.quote(str(snapshot.parent.parent))),
            is_older=True,
        )
    return manifest


def _refused(snapshot: Path, version: int, remedy: str, *, is_older: bool) -> SchemaVersionError:
    return SchemaVersionError(
        f"{snapshot} was written by another version of ontherecord (tables {version}, here {SCHEMA_VERSION}); {remedy}",
        is_older=is_older,
    )


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


#: The snapshot before the first.
NOTHING = Snapshot(Path(), Manifest(snapshot_id=""))


def open_any(root: Path | None) -> Snapshot:
    """The snapshot in a directory, with tables of this or an earlier version; `NOTHING` for None.

    Raises:
        SchemaVersionError: when the snapshot has tables of a later version.
        DamagedError: when it is not whole.
    """
    return whole(root, read_manifest(root)) if root else NOTHING


def open_snapshot(root: Path | None) -> Snapshot:
    """The snapshot in a directory; `NOTHING` for None.

    Raises:
        SchemaVersionError: when the snapshot has tables of another version.
        DamagedError: when it is not whole.
    """
    return whole(root, load_manifest(root)) if root else NOTHING


def whole(root: Path, manifest: Manifest) -> Snapshot:
    """The snapshot in a directory, with every file that its manifest lists. Sizes are compared; `verify` compares hashes.

    Raises:
        DamagedError: when a file is missing or of another size, as in a copy that was cut short.
    """
    for file in manifest.files:
        path = root / file.path
        size = path.stat().st_size if path.is_file() else None
        if size != file.n_bytes:
            what = "is missing" if size is None else "has another size than when it was published"
            raise DamagedError(f"{path} {what}; restore the snapshot from a backup, {ELSE}")
    return Snapshot(root, manifest)
