"""Choices and defaults that commands offer. Imports nothing heavy, because `ontherecord --help` needs them."""

from enum import StrEnum

#: The encoder used where none is named: the one that ships with the package.
DEFAULT_MODEL = "built-in"


class Form(StrEnum):
    """The form of an utterance: all of it in quotation marks, some of it, or none."""

    QUOTED = "quoted"
    MIXED = "mixed"
    REPORTED = "reported"


class Format(StrEnum):
    """The kinds of files that an export writes."""

    CSV = "csv"
    XLSX = "xlsx"
    SQLITE = "sqlite"
    JSONL = "jsonl"
