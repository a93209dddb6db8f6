"""The file formats, one small module each: its ``SUFFIXES``, the ``SIGNATURE`` its files may begin with, and ``read``.

A module put beside these is found by itself; nothing else names the formats.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType
from typing import Protocol, cast

from etl.sources.record import ReadOptions, Record, Rejection


class Reader(Protocol):
    """One format. ``SIGNATURE`` (or None) is matched at the start of files whose suffix is unknown or a plain text's."""

    SUFFIXES: tuple[str, ...]
    SIGNATURE: re.Pattern[bytes] | None

    @property
    def read(self) -> Callable[[bytes, ReadOptions], Iterable[Record | Rejection]]:
        """The function that takes a file's bytes to its records and rejections, in order."""


@cache
def readers() -> Mapping[str, Reader]:
    """The readers by file suffix, with its dot, in small letters."""
    modules = [cast(Reader, import_module(f"{__name__}.{m.name}")) for m in iter_modules(__path__)]
    return MappingProxyType({suffix: module for module in modules for suffix in module.SUFFIXES})


def reader_of(suffix: str, head: bytes) -> Reader:
    """The reader for a file with this suffix that begins with these bytes."""
    plain = readers()[".txt"]
    reader = readers().get(suffix, plain)
    if reader is not plain:
        return reader
    return next((r for r in readers().values() if r.SIGNATURE and r.SIGNATURE.match(head)), plain)
