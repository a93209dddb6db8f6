"""Open what is published, for reading only.

``current`` is resolved once, before anything is opened, so that whatever is read comes from one snapshot.
"""

import re
import shlex
from difflib import get_close_matches
from pathlib import Path

import duckdb
import pyarrow as pa

from etl.errors import DamagedError, OnTheRecordError
from etl.schema import DATABASE
from etl.store.duck import heeding_signals
from etl.store.manifest import load_manifest
from etl.store.paths import Layout
from warehouse.values import refuse_lost

#: What a query may not do: reach files, the network or the program around it, or load code. The settings are locked after.
LOCKED: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": False,
    "python_enable_replacements": False,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "allow_community_extensions": False,
}
#: DuckDB's error for a table that does not exist, with its suggestion, which may be a system table.
UNKNOWN_TABLE = re.compile(r'(Table with name (\S+) does not exist!\n)(?:Did you mean "[^"]*"\?\n)?')


class NothingPublishedError(OnTheRecordError):
    """There is no snapshot to read."""


class OpenOtherwiseError(OnTheRecordError):
    """This process has the database open already, with other settings."""


class NoQueryError(OnTheRecordError):
    """What should be one query asks nothing, or several things."""


def snapshot(root: Path | str) -> Path:
    """The directory of the published snapshot of the warehouse in ``root``.

    Raises:
        NothingPublishedError: when nothing was published there yet.
        BrokenCopyError: when the warehouse is a copy whose link ``current`` was lost.
        SchemaVersionError: when another version of this program wrote it.
    """
    # Resolved once: the link may move at any time.
    published = Layout(Path(root)).published()
    if published is None:
        raise NothingPublishedError(
            f"nothing is published in {root}; build it first: ontherecord build FOLDER --warehouse {root}"
        )
    load_manifest(published)
    return published


def connect(root: Path | str) -> duckdb.DuckDBPyConnection:
    """A connection to the published snapshot: read-only, without access to files or network, its configuration locked.

    Raises:
        NothingPublishedError: when nothing was published yet.
        DamagedError: when the database of what is published cannot be opened.
        OpenOtherwiseError: when this process has it open by `duckdb.connect`.
    """
    path = snapshot(root) / DATABASE
    try:
        connection = duckdb.connect(str(path), read_only=True, config=LOCKED)
    except duckdb.ConnectionException:
        raise OpenOtherwiseError(
            f"{path} is open in this program already, with settings of its own: ask by that connection, or close it first"
        ) from None
    except duckdb.IOException as error:
        option = f"--warehouse {shlex.quote(str(root))}"
        raise DamagedError(
            f"{error}; if it is lost or damaged, delete it and make it again from the Parquet files: "
            f"ontherecord rollback {path.parent.name} {option}, then: ontherecord release {option}"
        ) from None
    # Connections of one process to one file share its settings, so the second finds them locked already.
    if not connection.execute("SELECT current_setting('lock_configuration')").fetchall()[0][0]:
        connection.execute("SET GLOBAL TimeZone = 'UTC'; SET lock_configuration = true")
    return connection


def query(root: Path | str, sql: str) -> pa.Table:
    """The rows of one query on the published snapshot.

    Raises:
        NothingPublishedError: when nothing was published yet.
        NoQueryError: when it asks nothing, or is several queries.
        LostInArrowError: when a column has a type whose values would be changed.
        UnicodeEncodeError: when it has halves of characters, as a terminal of another encoding passes them.
        duckdb.Error: when the query is wrong, or asks for what a reader may not.
    """
    with connect(root) as connection, heeding_signals():
        refuse_several(connection, sql)
        try:
            found = connection.execute(sql)
            refuse_lost(found.description)
            return found.to_arrow_table()
        except duckdb.CatalogException as error:
            raise duckdb.CatalogException(_suggesting_ours(str(error), connection)) from None


def refuse_several(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    """Refuse what is not one query: DuckDB would answer only the last of several, and a CREATE is none.

    DuckDB makes two statements of a PIVOT, the first of which creates a type.

    Raises:
        NoQueryError: when it asks nothing, or is several queries.
        UnicodeEncodeError: when it has halves of characters, as a terminal of another encoding passes them.
        duckdb.Error: when it is not SQL.
    """
    sql.encode()  # DuckDB would only say that it takes a str
    n = sum(each.type != duckdb.StatementType.CREATE for each in connection.extract_statements(sql))
    if n == 0:
        raise NoQueryError(f"there is no question in {sql!r}; ask one, as in: SELECT * FROM said LIMIT 10")
    if n > 1:
        raise NoQueryError(f"these are {n} queries, and only one is answered at a time; ask the others separately")


def _suggesting_ours(message: str, connection: duckdb.DuckDBPyConnection) -> str:
    """DuckDB's message about an unknown table, with a suggestion from our tables and views."""
    unknown = UNKNOWN_TABLE.search(message)
    if unknown is None:
        return message
    ours = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'main' ORDER BY table_name"
    names = [name for (name,) in connection.execute(ours).fetchall()]
    near = get_close_matches(unknown[2], names, 1)
    suggestion = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(names)}"
    return f"{message[: unknown.start()]}{unknown[1]}{suggestion}\n{message[unknown.end() :]}"
