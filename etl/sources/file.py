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
from datetime import datetime, timedelta
from hashlib import file_digest, sha256
from pathlib import Path, PurePosixPath

from etl.sources.formats import reader_of
from etl.sources.record import ReadOptions, Record, Rejection

__all__ = ["Identity", "Loaded", "ReadOptions", "Record", "Rejection", "load", "read"]

#: What a file may consist of and still hold no text: space, NUL, ^Z and the bytes of byte order marks.
BLANK = b"\x00\x1a \t\r\n\f\xef\xbb\xbf\xfe\xff"
#: The first and the last instant of the calendar that Python's datetime knows, in µs since 1970.
CALENDAR_US = tuple((at - datetime(1970, 1, 1)) // timedelta(microseconds=1) for at in (datetime.min, datetime.max))
#: First bytes of a file by which its format is told where its suffix does not.
HEAD = 2048


@dataclass(frozen=True, slots=True)
class Identity:
    """What tells one state of a file from another without reading it: bytes, and mtime and ctime in µs since 1970."""

    size: int
    modified_us: int
    changed_us: int

    @classmethod
    def at(cls, path: Path) -> "Identity":
        """The identity of the file at a path; zeros where nothing can be said of it."""
        try:
            return cls.of(path.stat())
        except OSError:
            return cls(0, 0, 0)

    @classmethod
    def of(cls, status: os.stat_result) -> "Identity":
        """The identity in what ``stat`` answered, its times moved into the years 1 to 9999 that a timestamp can say."""
        return cls(status.st_size, *(_in_calendar(ns // 1000) for ns in (status.st_mtime_ns, status.st_ctime_ns)))


@dataclass(frozen=True, slots=True)
class Loaded:
    """A file's bytes and the identity they were read under."""

    data: bytes
    identity: Identity
    sha256: str


class NotAFileError(OSError):
    """A path leads to a pipe, socket or device, of which reading may never end."""


def open_regular(path: Path) -> io.BufferedReader:
    """Open a regular file for reading. Never waits: nothing else is opened.

    Raises:
        NotAFileError: when it is anything else.
        OSError: when it cannot be opened.
    """
    # Looked at before it is opened, since opening a device may already do something, and after, since it may be another by then.
    # O_NONBLOCK, since opening a pipe would wait for somebody to write to it.
    if _is_regular(path.stat()):
        file = open(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb")  # noqa: PTH123, SIM115
        if _is_regular(os.fstat(file.fileno())):
            return file
        file.close()
    raise NotAFileError(f"{path} is a pipe, socket or device; only regular files are read")


def hash_of(path: Path) -> str | None:
    """The SHA-256 of a regular file's bytes; None where it cannot be read."""
    try:
        with open_regular(path) as file:
            return file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


def load(path: Path, max_bytes: int) -> Loaded | Rejection:
    """Read a file whole, or say why not. A file that changes while it is read is a transient rejection."""
    try:
        with open_regular(path) as file:
            before = os.fstat(file.fileno())
            if before.st_size > max_bytes:
                return too_large(f"{path} has {before.st_size:,} bytes", max_bytes)
            data = file.read(max_bytes + 1)
            after = os.fstat(file.fileno())
    except NotAFileError as error:
        return Rejection("not_a_file", str(error))
    except OSError as error:
        return Rejection(
            "unreadable", f"{path}: {error.strerror or error}; check that it exists and may be read", is_transient=True
        )
    if Identity.of(before) != Identity.of(after) or len(data) != after.st_size:
        return Rejection(
            "changing", f"{path} changed while it was read; the next run reads it again", is_transient=True
        )
    return Loaded(data, Identity.of(after), sha256(data).hexdigest())


def too_large(what: str, max_bytes: int) -> Rejection:
    """The rejection of a file that has more bytes than a limit."""
    detail = f"{what}, more than max_bytes = {max_bytes:,}; split it or raise the limit in ontherecord.toml"
    return Rejection("too_large", detail, max_bytes=max_bytes)


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
        return too_large("unpacked", max_bytes)
    return unpacked


def _with_own_keys(found: Iterable[Record | Rejection]) -> Iterator[Record | Rejection]:
    """The same, where a key that an earlier record already has is made the record's own by a count."""
    seen: dict[str, int] = {}
    for each in found:
        if not isinstance(each, Record) or each.key is None:
            yield each
            continue
        key = each.key
        while key in seen:  # the counted key may be another record's own
            seen[each.key] += 1
            key = f"{each.key}#{seen[each.key]}"
        seen[key] = 1
        yield replace(each, key=key)


def _is_regular(status: os.stat_result) -> bool:
    return stat.S_ISREG(status.st_mode)


def _in_calendar(us: int) -> int:
    first, last = CALENDAR_US
    return min(max(us, first), last)
