"""Scan the sources: every file once, with its identity (size and times)."""

import os
import shlex
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from operator import attrgetter
from pathlib import Path
from stat import S_ISDIR
from time import sleep, time
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from etl.config import Source
from etl.durable import move
from etl.errors import SourceError
from etl.sources.file import Identity

#: The number of files per batch written to disk.
BATCH = 50_000
#: The longest wait for files to settle, in seconds. Files that need longer are left to the next run.
PATIENCE = 5.0

#: How the names of hidden files and folders begin: tools keep their own data there (`.git`), and files that are still being copied.
HIDDEN = "."

#: One row per file found. ``path`` has the file system's bytes, which may not be text.
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


class Found(NamedTuple):
    """One file found, as a row of `FOUND`: its name in the warehouse, its path, and its identity (zeros if it cannot be stat'ed).

    A file that is not settled may still be written to.
    """

    source_uri: str
    source: str
    path: bytes
    size: int
    modified_us: int
    changed_us: int
    is_settled: bool = True


def scan(sources: Iterable[Source], target: Path, settle_seconds: float = 0.0, skip: Path | None = None) -> int:
    """List every file of the sources in the Parquet file ``target``. Returns the number of files.

    ``target`` is written atomically. A scan that fails leaves none, not even an earlier one. The folder ``skip`` (the warehouse)
    is not entered.

    Raises:
        SourceError: when a source is missing or a folder cannot be listed. Files that cannot be seen do not count as removed.
    """
    n_found = 0
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    partial = target.with_name(f".{target.name}.new")
    files = settled((found for source in sources for found in walk(source, skip)), settle_seconds)
    with pq.ParquetWriter(partial, FOUND) as writer:
        while batch := list(islice(files, BATCH)):
            n_found += len(batch)
            columns = map(_column, FOUND.types, zip(*batch, strict=True))
            writer.write_batch(pa.record_batch(list(columns), schema=FOUND))
    move(partial, target)
    return n_found


def walk(source: Source, skip: Path | None = None) -> Iterator[Found]:
    """Every file below a source that is not hidden, in order of folder names. A source that is itself hidden is read.

    Links to files are followed, links to folders are not.

    Raises:
        SourceError: when the source is missing, is the folder ``skip`` itself, or a folder cannot be listed.
    """
    if source.path.is_file():
        yield _found(source, source.path, _length_above(source.path.parent))
        return
    if not source.path.is_dir():
        what = "is neither a folder nor a file" if source.path.exists() else "is missing"
        raise SourceError(
            f"source {source.name!r}: {source.path} {what}; nothing was removed. Mount or restore it; "
            f"to remove the source and its rows: ontherecord forget {shlex.quote(source.name)}"
        )
    skipped = _inode(skip) if skip else None
    if skipped and _inode(source.path) == skipped:
        raise SourceError(
            f"source {source.name!r} is the warehouse's own folder {source.path}; name a folder of news text"
        )
    n_above = _length_above(source.path)
    for entry in _files(source.path, skipped):
        yield _found(source, entry, n_above)


def _files(root: Path, skipped: tuple[int, int] | None) -> "Iterator[os.DirEntry[str]]":
    """The files below a folder that are not hidden, its own first.

    Unlike `os.walk`, does not take an entry that cannot be read for a file.
    """
    folders = [str(root)]
    while folders:
        folder = folders.pop()
        subfolders = []
        try:
            with os.scandir(folder) as entries:
                for entry in sorted(entries, key=attrgetter("name")):
                    if entry.name.startswith(HIDDEN):
                        continue
                    # A link to a folder is not a file, and not entered, because of cycles.
                    if entry.is_dir(follow_symlinks=False):
                        subfolders.append(entry.path)
                    elif not (entry.is_symlink() and _is_folder(Path(entry.path))):
                        yield entry
        except OSError as error:
            raise SourceError(
                f"{error.filename or folder} cannot be listed ({error.strerror}); nothing was removed. "
                "Make it readable and rerun"
            ) from None
        folders += [each for each in reversed(subfolders) if skipped is None or _inode(Path(each)) != skipped]


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
    """Mark the files that changed within the last ``seconds``. The others come first.

    If a short wait (`PATIENCE`) is enough, waits and checks again, so that a file is read by a build right after it was copied.
    """
    young = []
    for file in files:
        wait = seconds - age(file)
        # With a clock ahead of ours, the wait could be arbitrarily long.
        if not 0 < wait <= 2 * seconds:
            yield file
        elif wait > PATIENCE:
            yield file._replace(is_settled=False)
        else:
            young.append(file)
    if young:
        sleep(max(0.0, *(seconds - age(file) for file in young)))
    for file in young:
        now = file._replace(**Identity.at(Path(os.fsdecode(file.path)))._asdict())
        yield now._replace(is_settled=now == file)


def age(file: Found) -> float:
    """Seconds since a file was last written to."""
    return time() - file.modified_us / 1_000_000


def _length_above(folder: Path) -> int:
    """The bytes of a file's path before its name below a folder."""
    return len(os.fsencode(folder / "_")) - 1


def _found(source: Source, file: "Path | os.DirEntry[str]", n_above: int) -> Found:
    path = os.fsencode(file)
    # In names that are not UTF-8, undecodable bytes are shown as \xNN.
    below = path[n_above:].decode("utf-8", "backslashreplace")
    return Found(f"{source.name}/{below}", source.name, path, *Identity.at(file))


def _column(kind: pa.DataType, values: Sequence[Any]) -> pa.Array:
    """Values as an Arrow array, made from its buffers: `pa.array` of a list loads pandas, which takes longer than a scan."""
    buffers: list[NDArray[Any] | bytes]
    if kind == pa.int64():
        buffers = [np.array(values, np.int64)]
    elif kind == pa.bool_():
        buffers = [np.packbits(values, bitorder="little")]
    else:
        data = [value.encode() if kind == pa.string() else value for value in values]
        buffers = [np.cumsum([0, *map(len, data)], dtype=np.int32), b"".join(data)]
    return pa.Array.from_buffers(kind, len(values), [None, *map(pa.py_buffer, buffers)])
