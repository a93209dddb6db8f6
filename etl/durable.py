"""Writes that survive a crash: whole or not at all, and on disk before anything says they are there."""

import os
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict


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
    """Rename ``source`` to ``target`` in one step that a crash cannot halve."""
    source.replace(target)
    sync(target.parent)


def write_whole(path: Path, text: str) -> None:
    """Write a text file in one step: after a crash or on a full disk there is the old file or the new one, never half of one.

    Where ``path`` is a link, the file it leads to is written.
    """
    path = path.resolve()
    fresh = path.with_name(f".{path.name}.new")
    try:
        fresh.write_text(text, encoding="utf-8")
        sync(fresh)
        move(fresh, path)
    finally:
        fresh.unlink(missing_ok=True)


def point(link: Path, target: Path) -> None:
    """Make ``link`` a symbolic link to ``target``, relative, replacing an older one in one step."""
    fresh = link.with_name(f".{link.name}.new")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(os.path.relpath(target, link.parent))
    move(fresh, link)


def _printable(text: object) -> object:
    """Text with lone surrogates (bytes of file names that are not UTF-8) made visible, since JSON cannot hold them."""
    return text.encode("utf-8", "backslashreplace").decode() if isinstance(text, str) else text


#: Text that may quote file names or the command line.
Printable = Annotated[str, BeforeValidator(_printable)]


class State(BaseModel):
    """What is kept on disk as JSON. Fields that a later version added are ignored; bytes are kept as base64."""

    model_config = ConfigDict(frozen=True, extra="ignore", ser_json_bytes="base64", val_json_bytes="base64")

    def with_(self, **changes: object) -> Self:
        """The same with other values in some fields, validated."""
        return type(self).model_validate({**dict(self), **changes})
