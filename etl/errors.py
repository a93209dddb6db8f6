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


class SchemaError(OnTheRecordError):
    """Rows do not fit the table they are written to: a defect in the stage that made them."""
