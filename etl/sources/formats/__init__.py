"""The file formats, one module each, with its ``SUFFIXES``, the ``SIGNATURE`` at the start of its files, and ``read``.

Modules in this package are discovered automatically; nothing else names the formats.
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
    """One format. ``SIGNATURE`` (or None) is matched at the start of files whose suffix is unknown or that of plain text."""

    SUFFIXES: tuple[str, ...]
    SIGNATURE: re.Pattern[bytes] | None

    @property
    def read(self) -> Callable[[bytes, ReadOptions], Iterable[Record | Rejection]]:
        """The function that reads a file's bytes into records and rejections, in order."""


@cache
def readers() -> Mapping[str, Reader]:
    """The readers by file suffix, with the dot, in lower case."""
    modules = [cast(Reader, import_module(f"{__name__}.{m.name}")) for m in iter_modules(__path__)]
    return MappingProxyType({suffix: module for module in modules for suffix in module.SUFFIXES})


def reader_of(suffix: str, head: bytes) -> Reader:
    """The reader for a file with this suffix and these first bytes."""
    plain = readers()[".txt"]
    reader = readers().get(suffix, plain)
    if reader is not plain:
        return reader
    return next((r for r in readers().values() if r.SIGNATURE and r.SIGNATURE.match(head)), plain)
