"""What lies in the sources: every file once, with what tells its state without reading it."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from time import sleep, time

import pyarrow as pa
import pyarrow.parquet as pq

from etl.config import Source
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
    """One file found: its name in the warehouse, where it is, and its identity (of zeros if it cannot even be looked at).

    One that is not settled may still be growing.
    """

    source_uri: str
    source: str
    path: Path
    identity: Identity
    is_settled: bool = True


def scan(sources: Iterable[Source], target: Path, settle_seconds: float = 0.0) -> int:
    """Write every file of the sources to the Parquet file ``target``; how many there are.

    Raises:
        SourceError: when a source is missing or one of its folders cannot be listed: what cannot be seen is not gone.
    """
    n_found = 0
    target.parent.mkdir(parents=True, exist_ok=True)
    files = settled((found for source in sources for found in walk(source)), settle_seconds)
    with pq.ParquetWriter(target, FOUND) as writer:
        while batch := list(islice(files, BATCH)):
            n_found += len(batch)
            writer.write_table(pa.Table.from_pylist([_row(found) for found in batch], schema=FOUND))
    return n_found


def walk(source: Source) -> Iterator[Found]:
    """Every file below a source, folders in name order. Links to files are followed, links to folders are not."""
    if source.path.is_file():
        yield _found(source, source.path, source.path.name)
        return
    if not source.path.is_dir():
        raise SourceError(
            f"source {source.name!r}: {source.path} is missing; nothing was removed. Mount or restore it, "
            "or take the source out of ontherecord.toml"
        )
    for folder, subfolders, names in os.walk(source.path, onerror=_refuse):
        subfolders.sort()
        # A link to a folder is listed with the folders but not entered: following it could go round in circles.
        for name in sorted(names):
            path = Path(folder, name)
            yield _found(source, path, path.relative_to(source.path).as_posix())


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
        now = _identity(file.path)
        yield replace(file, identity=now, is_settled=now == file.identity)


def age(file: Found) -> float:
    """Seconds since a file was last written to, as it was found."""
    return time() - file.identity.modified_us / 1_000_000


def _refuse(error: OSError) -> None:
    raise SourceError(
        f"{error.filename} cannot be listed ({error.strerror}); nothing was removed. Make it readable and rerun"
    )


def _found(source: Source, path: Path, below: str) -> Found:
    # Names that are not UTF-8 keep their odd bytes as visible \xNN.
    printable = os.fsencode(below).decode("utf-8", "backslashreplace")
    return Found(f"{source.name}/{printable}", source.name, path, _identity(path))


def _identity(path: Path) -> Identity:
    try:
        return Identity.of(path.stat())
    except OSError:
        return Identity(0, 0, 0)


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
