"""Errors a person can act on. Each message says what happened, to what, and what to do."""


class OnTheRecordError(Exception):
    """A build, or a question to the warehouse, that cannot go on as asked; the published snapshot is untouched."""


class ConfigError(OnTheRecordError):
    """``ontherecord.toml`` or the command line asks for something that cannot be."""


class SourceError(OnTheRecordError):
    """A source cannot be scanned, or has lost more files than may be a coincidence."""


class LockedError(OnTheRecordError):
    """Another build is writing this warehouse."""


class AuditError(OnTheRecordError):
    """The new snapshot failed a check and was not published.

    ``findings`` shows the bad rows. They may quote articles, so they are for the terminal and the warehouse, not for the message,
    which goes into logs and Prefect's database.
    """

    def __init__(self, message: str, findings: str = "") -> None:
        """Say which checks, and show their findings apart."""
        super().__init__(message)
        self.findings = findings


class BrokenEnvironmentError(OnTheRecordError):
    """This installation cannot do the work: a library or the language model is missing, or does not load."""


class HeldError(OnTheRecordError):
    """Publication is held since a rollback, or there is nothing to roll back to."""


class StepError(OnTheRecordError):
    """A step failed by a defect; the message says where, and leaves out what the error itself says: it may quote an article."""


class BrokenCopyError(OnTheRecordError):
    """The link ``current`` is missing or a directory, as in a copy that dropped links or followed them."""


class SchemaVersionError(OnTheRecordError):
    """A snapshot was written with tables of another version; ``is_older`` tells which way."""

    def __init__(self, message: str, *, is_older: bool) -> None:
        """Say which, and what to do."""
        super().__init__(message)
        self.is_older = is_older


class DamagedError(OnTheRecordError):
    """A file of the warehouse is not what this program wrote."""


class SchemaError(OnTheRecordError):
    """Rows do not fit the table they are written to: a defect in the stage that made them."""


def on_record(error: BaseException) -> str:
    """What may be written down of an error, in a line: a foreign one is named by its type only, since it may quote an article."""
    if isinstance(error, OnTheRecordError):
        return f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"
    if isinstance(error, OSError) and error.strerror:
        return f"{type(error).__name__}: {error.strerror}"
    return type(error).__name__
