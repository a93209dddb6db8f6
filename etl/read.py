"""Bytes to text: one file in, its records out, each decoded, with what was repaired on record.

Nothing here looks at what the text says; that is `etl.parse`.
"""

import os
import stat
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, BOM_UTF32_BE, BOM_UTF32_LE
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType

from charset_normalizer import from_bytes

VERSION = "1"

#: Byte order marks and the encoding each announces; the longer first, since UTF-32's begins with UTF-16's.
BOMS = (
    (BOM_UTF32_LE, "utf-32-le"),
    (BOM_UTF32_BE, "utf-32-be"),
    (BOM_UTF8, "utf-8"),
    (BOM_UTF16_LE, "utf-16-le"),
    (BOM_UTF16_BE, "utf-16-be"),
)
#: Characters no text means: NUL, and the ^Z that ends a DOS file.
STRAY = "\x00\x1a"
#: Control characters that text does hold: tab, line feed, vertical tab, form feed, carriage return, backspace, escape.
TEXT_CONTROLS = frozenset(b"\t\n\v\f\r\b\x1b\x00\x1a")
#: A file with a larger share of other control bytes than this is not text.
BINARY_SHARE = 0.02


@dataclass(frozen=True, slots=True)
class Record:
    """One article as its file holds it: decoded, not yet parsed. ``fields`` are what the format itself says (title, date, …)."""

    record_no: int
    text: str
    encoding: str = "utf-8"
    repairs: tuple[str, ...] = ()
    key: str | None = None
    fields: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Rejection:
    """One file (``record_no`` None) or record that could not be used. ``is_transient``: trying again may help."""

    reason: str
    detail: str
    record_no: int | None = None
    is_transient: bool = False


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
        with path.open("rb") as file:
            before = os.fstat(file.fileno())
            if not stat.S_ISREG(before.st_mode):
                return Rejection("not_a_file", f"{path} is a pipe, socket or device; only regular files are read")
            if before.st_size > max_bytes:
                limit = f"{before.st_size:,} bytes, more than max_bytes = {max_bytes:,}"
                return Rejection("too_large", f"{path} has {limit}; split it or raise the limit in ontherecord.toml")
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


def read(data: bytes) -> list[Record | Rejection]:
    """The records of one file's bytes."""
    if not data.strip(b"\x00\x1a \t\r\n\xef\xbb\xbf"):
        return [Rejection("empty", "the file holds no text")]
    decoded = decode(data)
    if decoded is None:
        return [
            Rejection("binary", "the bytes are not text in any encoding known here; convert the file to plain text")
        ]
    text, encoding, repairs = decoded
    return [Record(0, text, encoding, repairs)]


def decode(data: bytes) -> tuple[str, str, tuple[str, ...]] | None:
    """Text, encoding and repairs of some bytes: by byte order mark, else as UTF-8, else by charset-normalizer's best guess."""
    text, encoding = _decode_strictly(data)
    if text is None:
        if _looks_binary(data):
            return None
        guess = from_bytes(data.translate(None, STRAY.encode())).best()
        if guess is None:
            return None
        text, encoding = str(guess), guess.encoding.replace("_", "-")
    repairs = []
    if any(c in text for c in STRAY):
        text = text.translate(dict.fromkeys(map(ord, STRAY)))
        repairs.append("stray control characters removed")
    return text.replace("\r\n", "\n").replace("\r", "\n"), encoding, tuple(repairs)


def _decode_strictly(data: bytes) -> tuple[str | None, str]:
    bom, encoding = next(((b, e) for b, e in BOMS if data.startswith(b)), (b"", "utf-8"))
    try:
        text = data[len(bom) :].decode(encoding)
    except UnicodeDecodeError:
        return None, ""
    return (None, "") if not bom and _looks_binary(data) else (text, encoding)


def _looks_binary(data: bytes) -> bool:
    head = data[: 1 << 16]
    controls = sum(1 for b in head if b < 32 and b not in TEXT_CONTROLS)
    return controls > BINARY_SHARE * len(head) or head.count(0) > BINARY_SHARE * 5 * len(head)
