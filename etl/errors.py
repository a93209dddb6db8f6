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
    """The snapshot that was built broke a check and was not published."""


class HeldError(OnTheRecordError):
    """Publication is held since a rollback, or there is nothing to roll back to."""


class SchemaVersionError(OnTheRecordError):
    """A snapshot was written with tables of another version; ``is_older`` tells which way."""

    def __init__(self, message: str, *, is_older: bool) -> None:
        """Say which, and what to do."""
        super().__init__(message)
        self.is_older = is_older


class SchemaError(OnTheRecordError):
    """Rows do not fit the table they are written to: a defect in the stage that made them."""
