"""Atomic and durable writes: after a crash there is the old file or the new one, and the new one is flushed to disk."""

import os
import shutil
from errno import EDQUOT, EFBIG, ENOSPC
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict

#: Faults of the file that is written, not of one that is read.
UNWRITABLE = (ENOSPC, EDQUOT, EFBIG)
#: The most bytes copied by one call of the system.
CLONED_BYTES = 1 << 30


def sync(path: Path) -> None:
    """Flush a file, or a directory's entries, to disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_tree(root: Path) -> None:
    """Flush every file and directory below ``root``, the deepest first."""
    for directory, _, names in os.walk(root, topdown=False):
        for name in names:
            sync(Path(directory, name))
        sync(Path(directory))


def move(source: Path, target: Path) -> None:
    """Rename ``source`` to ``target`` atomically, and flush the directory."""
    source.replace(target)
    sync(target.parent)


def clone(source: Path, target: Path) -> None:
    """Copy a file's bytes. Where the file system can share blocks (Btrfs, XFS, NFS 4.2), nothing is read or written.

    Raises:
        OSError: when it cannot be read or written.
    """
    try:
        with source.open("rb") as old, target.open("wb") as new:
            while os.copy_file_range(old.fileno(), new.fileno(), CLONED_BYTES):
                pass
    except (AttributeError, OSError):  # not on macOS, nor on every file system
        _copy(source, target)


def _copy(source: Path, target: Path) -> None:
    try:
        shutil.copyfile(source, target)
    except OSError as error:  # it names the source, although what is full is the disk of the target
        if error.errno in UNWRITABLE:
            raise OSError(error.errno, error.strerror, str(target)) from error
        raise


def write_whole(path: Path, text: str) -> None:
    """Write a text file atomically: after a crash or on a full disk there is either the old file or the new one.

    If ``path`` is a link, its target is written.

    Raises:
        OSError: when it cannot be written; it names the file, not the temporary one.
    """
    path = path.resolve()
    fresh = path.with_name(f".{path.name}.new")
    try:
        fresh.write_text(text, encoding="utf-8")
        sync(fresh)
        move(fresh, path)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error
    finally:
        fresh.unlink(missing_ok=True)


def point(link: Path, target: Path) -> None:
    """Make ``link`` a relative symbolic link to ``target``. An existing link is replaced atomically."""
    fresh = link.with_name(f".{link.name}.new")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(os.path.relpath(target, link.parent))
    move(fresh, link)


def encodable(text: str) -> str:
    """Text with lone surrogates (undecodable bytes of file names) escaped, because neither JSON nor Parquet allows them."""
    return text.encode("utf-8", "backslashreplace").decode()


def _printable(text: object) -> object:
    return encodable(text) if isinstance(text, str) else text


#: Text that may quote file names or the command line.
Printable = Annotated[str, BeforeValidator(_printable)]


class State(BaseModel):
    """State stored on disk as JSON. Unknown fields of later versions are ignored. Bytes are stored as base64."""

    model_config = ConfigDict(frozen=True, extra="ignore", ser_json_bytes="base64", val_json_bytes="base64")

    def with_(self, **changes: object) -> Self:
        """A validated copy with some fields changed."""
        return type(self).model_validate({**dict(self), **changes})
