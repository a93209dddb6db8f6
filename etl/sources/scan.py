"""The files of the sources, each once, with what tells its state without reading it."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from stat import S_ISDIR
from time import sleep, time

import pyarrow as pa
import pyarrow.parquet as pq

from etl.config import Source
from etl.durable import move
from etl.errors import SourceError
from etl.sources.file import Identity

#: Files per batch on their way to disk.
BATCH = 50_000
#: A scan waits this many seconds at most for files to settle; those that need longer wait for the next run.
PATIENCE = 5.0

#: One row is one file found. ``path`` holds the file system's own bytes, which need not be text.
FOUND = pa.schema(
    [
        pa.field("source_uri", pa.string(), nullable=False),
        pa.field("source", pa.string(), nullable=False),
        pa.field("path", pa.binary(), nullable=False),
        pa.field("size", pa.int64(), nullable=False),
        pa.field("modified_us", pa.int64(), nullable=False),
        pa.field("changed_us", pa.int64(), nullable=False),
        pa.field("is_settled", pa.bool_(), nullable=False),
    ]
)


@dataclass(frozen=True, slots=True)
class Found:
    """One file found: its name in the warehouse, its path, and its identity (zeros if it cannot be stat'ed).

    A file that is not settled may still be growing.
    """

    source_uri: str
    source: str
    path: Path
    identity: Identity
    is_settled: bool = True


def scan(sources: Iterable[Source], target: Path, settle_seconds: float = 0.0, skip: Path | None = None) -> int:
    """Write every file of the sources to the Parquet file ``target``; how many there are.

    ``target`` appears whole or not at all: a scan that fails leaves none, not even an earlier one. The folder ``skip`` (the
    warehouse) is not entered.

    Raises:
        SourceError: when a source is missing or one of its folders cannot be listed: what cannot be seen is not gone.
    """
    n_found = 0
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    partial = target.with_name(f".{target.name}.new")
    files = settled((found for source in sources for found in walk(source, skip)), settle_seconds)
    with pq.ParquetWriter(partial, FOUND) as writer:
        while batch := list(islice(files, BATCH)):
            n_found += len(batch)
            writer.write_table(pa.Table.from_pylist([_row(found) for found in batch], schema=FOUND))
    move(partial, target)
    return n_found


def walk(source: Source, skip: Path | None = None) -> Iterator[Found]:
    """Every file below a source, folders in name order. Links to files are followed, links to folders are not.

    Raises:
        SourceError: when the source is missing, is the folder ``skip`` itself, or a folder cannot be listed.
    """
    if source.path.is_file():
        yield _found(source, source.path, source.path.name)
        return
    if not source.path.is_dir():
        raise SourceError(
            f"source {source.name!r}: {source.path} is missing; nothing was removed. Mount or restore it, "
            "or take the source out of ontherecord.toml"
        )
    skipped = _inode(skip) if skip else None
    if skipped and _inode(source.path) == skipped:
        raise SourceError(
            f"source {source.name!r} is the warehouse's own folder {source.path}; name a folder of news text"
        )
    for path in _files(source.path, skipped):
        yield _found(source, path, path.relative_to(source.path).as_posix())


def _files(folder: Path, skipped: tuple[int, int] | None) -> Iterator[Path]:
    """The files below a folder, those of the folder itself first. `os.walk` takes an entry that fails for a file; this does not."""
    subfolders = []
    try:
        with os.scandir(folder) as entries:
            for entry in sorted(entries, key=lambda entry: entry.name):
                # A link to a folder is neither entered (it could go round in circles) nor a file.
                if entry.is_dir(follow_symlinks=False):
                    subfolders.append(Path(entry.path))
                elif not (entry.is_symlink() and _is_folder(Path(entry.path))):
                    yield Path(entry.path)
    except OSError as error:
        raise SourceError(
            f"{error.filename or folder} cannot be listed ({error.strerror}); nothing was removed. "
            "Make it readable and rerun"
        ) from None
    for subfolder in subfolders:
        if skipped is None or _inode(subfolder) != skipped:
            yield from _files(subfolder, skipped)


def _is_folder(path: Path) -> bool:
    try:
        return S_ISDIR(path.stat().st_mode)
    except OSError:
        return False


def _inode(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def settled(files: Iterable[Found], seconds: float) -> Iterator[Found]:
    """The files, each marked if it changed within the last ``seconds``, the old ones first.

    Those that only need a moment (`PATIENCE`) are given it and looked at again: whoever drops a file and builds wants it read.
    """
    young = []
    for file in files:
        wait = seconds - age(file)
        # A clock that runs ahead of ours would have a file wait for as long as it does.
        if not 0 < wait <= 2 * seconds:
            yield file
        elif wait > PATIENCE:
            yield replace(file, is_settled=False)
        else:
            young.append(file)
    if young:
        sleep(max(0.0, *(seconds - age(file) for file in young)))
    for file in young:
        now = Identity.at(file.path)
        yield replace(file, identity=now, is_settled=now == file.identity)


def age(file: Found) -> float:
    """Seconds since a file was last written to, as it was found."""
    return time() - file.identity.modified_us / 1_000_000


def _found(source: Source, path: Path, below: str) -> Found:
    # Names that are not UTF-8 keep their odd bytes as visible \xNN.
    printable = os.fsencode(below).decode("utf-8", "backslashreplace")
    return Found(f"{source.name}/{printable}", source.name, path, Identity.at(path))


def _row(found: Found) -> dict[str, object]:
    return {
        "source_uri": found.source_uri,
        "source": found.source,
        "path": os.fsencode(found.path),
        "size": found.identity.size,
        "modified_us": found.identity.modified_us,
        "changed_us": found.identity.changed_us,
        "is_settled": found.is_settled,
    }
