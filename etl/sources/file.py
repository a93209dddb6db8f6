"""Bytes to records: one file in, its articles out, each decoded, with what was repaired on record.

Nothing here looks at what the text says; that is `etl.page.parse`. How a format holds its articles is in `etl.sources.formats`.
"""

import gzip
import io
import os
import stat
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path, PurePosixPath

from etl.sources.formats import reader_of
from etl.sources.record import ReadOptions, Record, Rejection

__all__ = ["Identity", "Loaded", "ReadOptions", "Record", "Rejection", "load", "read"]

#: What a file may consist of and still hold no text: space, NUL, ^Z and the bytes of byte order marks.
BLANK = b"\x00\x1a \t\r\n\f\xef\xbb\xbf\xfe\xff"
#: First bytes of a file by which its format is told where its suffix does not.
HEAD = 2048


@dataclass(frozen=True, slots=True)
class Identity:
    """What tells one state of a file from another without reading it: bytes, and mtime and ctime in µs since 1970."""

    size: int
    modified_us: int
    changed_us: int

    @classmethod
    def of(cls, status: os.stat_result) -> "Identity":
        """The identity in what ``stat`` answered."""
        return cls(status.st_size, status.st_mtime_ns // 1000, status.st_ctime_ns // 1000)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A file's bytes and the identity they were read under."""

    data: bytes
    identity: Identity
    sha256: str


def load(path: Path, max_bytes: int) -> Loaded | Rejection:
    """Read a file whole, or say why not. A file that changes while it is read is a transient rejection."""
    try:
        # Opening a pipe without O_NONBLOCK would wait for somebody to write to it.
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:  # noqa: PTH123
            before = os.fstat(file.fileno())
            if not stat.S_ISREG(before.st_mode):
                return Rejection("not_a_file", f"{path} is a pipe, socket or device; only regular files are read")
            if before.st_size > max_bytes:
                limit = f"{before.st_size:,} bytes, more than {limit_shown(max_bytes)}"
                return Rejection("too_large", f"{path} has {limit} split it or raise the limit in ontherecord.toml")
            data = file.read(max_bytes + 1)
            after = os.fstat(file.fileno())
    except OSError as error:
        return Rejection(
            "unreadable", f"{path}: {error.strerror or error}; check that it exists and may be read", is_transient=True
        )
    if Identity.of(before) != Identity.of(after) or len(data) != after.st_size:
        return Rejection(
            "changing", f"{path} changed while it was read; the next run reads it again", is_transient=True
        )
    return Loaded(data, Identity.of(after), sha256(data).hexdigest())


def limit_shown(max_bytes: int) -> str:
    """The limit as rejections name it, by which a plan knows whether it is still the same."""
    return f"max_bytes = {max_bytes:,};"


def read(data: bytes, name: str = "", options: ReadOptions | None = None) -> list[Record | Rejection]:
    """The records and rejections, at least one, of the bytes of a file called ``name``; its suffix tells the format."""
    options = options or ReadOptions()
    suffixes = [s.lower() for s in PurePosixPath(name).suffixes]
    if suffixes[-1:] == [".gz"]:
        unpacked = _unpack(data, options.max_bytes)
        if isinstance(unpacked, Rejection):
            return [unpacked]
        data, suffixes = unpacked, suffixes[:-1]
    if not data.strip(BLANK):
        return [Rejection("empty", "the file holds no text")]
    reader = reader_of(suffixes[-1] if suffixes else "", data[:HEAD])
    found = list(_with_own_keys(reader.read(data, options)))
    return found or [Rejection("empty", "the file holds no article")]


def _unpack(data: bytes, max_bytes: int) -> bytes | Rejection:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
            unpacked = file.read(max_bytes + 1)
    except (OSError, EOFError, zlib.error) as error:
        return Rejection("bad_archive", f"not a whole gzip file ({error}); copy it again")
    if len(unpacked) > max_bytes:
        return Rejection("too_large", f"unpacked, more than {limit_shown(max_bytes)} split it or raise the limit")
    return unpacked


def _with_own_keys(found: Iterable[Record | Rejection]) -> Iterator[Record | Rejection]:
    """The same, where a key that an earlier record already has is made the record's own by a count."""
    seen: dict[str, int] = {}
    for each in found:
        if isinstance(each, Record) and each.key is not None:
            seen[each.key] = seen.get(each.key, 0) + 1
            yield replace(each, key=f"{each.key}#{seen[each.key]}") if seen[each.key] > 1 else each
        else:
            yield each
