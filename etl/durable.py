"""Writes that survive a crash: whole or not at all, and on disk before anything says they are there."""

import os
from pathlib import Path


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
