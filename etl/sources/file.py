"""Read one file and split it into records, each decoded, with its repairs listed.

The text is interpreted in `etl.page.parse`. How each format stores its articles is in `etl.sources.formats`.
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
from typing import NamedTuple

from etl.sources.formats import reader_of
from etl.sources.record import ReadOptions, Record, Rejection

#: Bytes of a file that counts as empty: white space, NUL, ^Z and byte order marks.
BLANK = b"\x00\x1a \t\r\n\f\xef\xbb\xbf\xfe\xff"
#: The first bytes of a gzip file.
GZIP = b"\x1f\x8b"
#: The first and the last instant of Python's datetime, in µs since 1970.
CALENDAR_US = tuple((at - datetime(1970, 1, 1)) // timedelta(microseconds=1) for at in (datetime.min, datetime.max))
#: The most characters of one article. The encoder's scores take some 2 KB a word; the longest books have some 3 million.
MAX_CHARACTERS = 3_000_000
#: The number of leading bytes that identify the format of a file without a known suffix.
HEAD = 2048


class Identity(NamedTuple):
    """The state of a file without reading it: size in bytes, and mtime and ctime in µs since 1970."""

    size: int
    modified_us: int
    changed_us: int

    @classmethod
    def at(cls, file: "Path | os.DirEntry[str]") -> "Identity":
        """The identity of a file; zeros if it cannot be stat'ed."""
        try:
            return cls.of(file.stat())
        except OSError:
            return cls(0, 0, 0)

    @classmethod
    def of(cls, status: os.stat_result) -> "Identity":
        """The identity from a ``stat`` result. Times are clamped to the years 1 to 9999, the range of a timestamp."""
        return cls(status.st_size, *(_in_calendar(ns // 1000) for ns in (status.st_mtime_ns, status.st_ctime_ns)))


@dataclass(frozen=True, slots=True)
class Loaded:
    """A file's bytes and the identity they were read under."""

    data: bytes
    identity: Identity
    sha256: str


class NotAFileError(OSError):
    """The path is a pipe, socket or device. Reading it might never end."""


def open_regular(path: Path) -> io.BufferedReader:
    """Open a regular file for reading. Never blocks, and opens nothing else.

    Raises:
        NotAFileError: when it is not a regular file.
        OSError: when it cannot be opened.
    """
    # Checked before opening, because opening a device may have effects, and after, because the file may have been replaced.
    # O_NONBLOCK, because opening a pipe would wait for a writer.
    if _is_regular(path.stat()):
        file = open(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb")  # noqa: PTH123, SIM115
        if _is_regular(os.fstat(file.fileno())):
            return file
        file.close()
    raise NotAFileError(f"{path} is a folder, pipe, socket or device; only regular files are read")


def hash_of(path: Path) -> str | None:
    """The SHA-256 of a regular file's bytes; None if it cannot be read."""
    try:
        with open_regular(path) as file:
            return file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


def load(path: Path, max_bytes: int) -> Loaded | Rejection:
    """Read a whole file, or return a rejection. A file that changes while it is read is rejected as transient."""
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
    """The rejection of a file larger than ``max_bytes``."""
    detail = f"{what}, more than max_bytes = {max_bytes:,}; split it or raise the limit in ontherecord.toml"
    return Rejection("too_large", detail, max_bytes=max_bytes)


def read(data: bytes, name: str = "", options: ReadOptions | None = None) -> list[Record | Rejection]:
    """The records and rejections (at least one) of a file's bytes. The suffix of ``name`` tells the format."""
    options = options or ReadOptions()
    suffixes = [s.lower() for s in PurePosixPath(name).suffixes]
    if data.startswith(GZIP):  # whatever its name: some programs unpack what they fetch, and keep the suffix
        unpacked = _unpack(data, options.max_bytes)
        if isinstance(unpacked, Rejection):
            return [unpacked]
        data = unpacked
    if suffixes[-1:] == [".gz"]:
        suffixes = suffixes[:-1]
    if not data.strip(BLANK):
        return [Rejection.empty("the file holds no text")]
    reader = reader_of(suffixes[-1] if suffixes else "", data[:HEAD])
    found = [_bounded(each) for each in _with_own_keys(reader.read(data, options))]
    return found or [Rejection.empty("the file holds no article")]


def _bounded(found: Record | Rejection) -> Record | Rejection:
    """The same, or the rejection of an article that is too long."""
    if isinstance(found, Rejection) or len(found.text) <= MAX_CHARACTERS:
        return found
    detail = f"the article has {len(found.text):,} characters, more than {MAX_CHARACTERS:,}; split it"
    return Rejection("too_long", detail, found.record_no)


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
    """The same, with a counter added to a key that an earlier record has."""
    seen: dict[str, int] = {}
    for each in found:
        if not isinstance(each, Record) or each.key is None:
            yield each
            continue
        key = each.key
        while key in seen:  # the key with a counter may be another record's key
            seen[each.key] += 1
            key = f"{each.key}#{seen[each.key]}"
        seen[key] = 1
        yield replace(each, key=key)


def _is_regular(status: os.stat_result) -> bool:
    return stat.S_ISREG(status.st_mode)


def _in_calendar(us: int) -> int:
    first, last = CALENDAR_US
    return min(max(us, first), last)
