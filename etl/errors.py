"""Errors that a person can act on. Each message says what happened, to what, and what to do."""

import os
from errno import EDQUOT, EFBIG, EIO, EMFILE, ENOMEM, ENOSPC, EROFS
from signal import Signals

#: What the operating system says of faults of the machine, as messages of other libraries repeat it. It quotes no article.
MACHINE_FAULTS = tuple(map(os.strerror, (ENOSPC, EDQUOT, EFBIG, EIO, EMFILE, ENOMEM, EROFS)))


class OnTheRecordError(Exception):
    """A build or a query cannot be completed. The published snapshot is unchanged."""


class ConfigError(OnTheRecordError):
    """``ontherecord.toml`` or the command line is not valid."""


class SourceError(OnTheRecordError):
    """A source cannot be scanned, or has lost too many files."""


class LockedError(OnTheRecordError):
    """Another build is writing this warehouse."""


class AuditError(OnTheRecordError):
    """The new snapshot failed a check and was not published.

    ``findings`` shows the bad rows. It may quote articles, so it is only for the terminal and the warehouse. The message goes into
    logs and Prefect's database.
    """

    def __init__(self, message: str, findings: str = "") -> None:
        """Keep the findings apart from the message."""
        super().__init__(message)
        self.findings = findings


class BrokenEnvironmentError(OnTheRecordError):
    """This installation is broken: a library or the language model is missing or cannot be loaded."""


class HeldError(OnTheRecordError):
    """Publication is held after a rollback, or there is nothing to roll back to."""


class StepError(OnTheRecordError):
    """A step failed because of a defect. The message says where, but omits the original message, which may quote an article."""


class BrokenCopyError(OnTheRecordError):
    """The link ``current`` is missing or is a directory, as in a copy made without links."""


class SchemaVersionError(OnTheRecordError):
    """A snapshot has tables of another version: an earlier one if ``is_older``, else a later one."""

    def __init__(self, message: str, *, is_older: bool) -> None:
        """Keep whether the version is earlier."""
        super().__init__(message)
        self.is_older = is_older


class DamagedError(OnTheRecordError):
    """A file of the warehouse is damaged."""


class SchemaError(OnTheRecordError):
    """Rows do not have the schema of their table, because of a defect in the stage that made them."""


class EndedBySignal(SystemExit):
    """A signal ends this process. Its code is the one that shells give a process which a signal ended."""

    def __init__(self, number: int) -> None:
        """Keep which signal it was."""
        super().__init__(128 + number)
        self.number = number

    def __str__(self) -> str:
        """What ended it."""
        return f"ended by {Signals(self.number).name}"


def machine_fault(error: BaseException) -> str | None:
    """What the operating system says is wrong, such as "No space left on device", if an error's message has it."""
    return next((fault for fault in MACHINE_FAULTS if fault in str(error)), None)


def on_record(error: BaseException) -> str:
    """An error on one line, for records.

    Of other libraries' errors only the type and the fault of the machine, because the message may quote an article.
    """
    if isinstance(error, EndedBySignal):
        return str(error)
    if isinstance(error, OnTheRecordError):
        return f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"
    said = machine_fault(error) or (error.strerror if isinstance(error, OSError) else None)
    return ": ".join(filter(None, [type(error).__name__, said]))
