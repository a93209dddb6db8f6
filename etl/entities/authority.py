"""Authority files: manual decisions about names.

An authority file is a CSV file with a header. ``name`` and ``type`` are required. ``aliases`` are separated by ``|``.
``id`` is the authority's identifier, such as a Wikidata QID. ``gender`` of a person is woman, man or other.
``publisher``, ``source`` (a source's name, or a prefix of ``source_uri``), ``record_key`` (the id or url of one record of a file),
``published_from`` and ``published_to`` (inclusive dates) limit a row to the articles in that scope.

Two people with the same name need different ``id`` values or distinct names ("Ivo Tallis (pilot)").

An invalid row or a conflict rejects the whole file. The error message gives the line numbers.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path

from etl.csv_rows import read_cells, read_files, refuse_all, refuse_control, row_error
from etl.entities.name_keys import entity_ids
from etl.errors import ConfigError
from etl.schema import ENTITY_TYPES, GENDERS

COLUMNS = (
    *("name", "aliases", "type", "id", "gender"),
    *("publisher", "source", "record_key", "published_from", "published_to"),
)
REQUIRED = ("name", "type")
#: Informational columns that `ontherecord entities --ambiguous` prints. They are accepted and ignored.
FOR_THE_READER = ("reason", "alias_n_articles", "alias_n_mentions", "name_n_articles", "name_n_mentions")


@dataclass(frozen=True, slots=True)
class Scope:
    """The articles a row applies to: a publisher, a source prefix, a record and an inclusive date range, each optional."""

    publisher: str | None = None
    source: str | None = None
    record_key: str | None = None
    published_from: date | None = None
    published_to: date | None = None

    def __bool__(self) -> bool:
        """Whether the scope has any condition."""
        return self != Scope()

    def overlaps(self, other: "Scope") -> bool:
        """Whether an article can be in both scopes."""
        if self.publisher and other.publisher and self.publisher != other.publisher:
            return False
        if self.record_key and other.record_key and self.record_key != other.record_key:
            return False
        if (
            self.source
            and other.source
            and not _below(self.source, other.source)
            and not _below(other.source, self.source)
        ):
            return False
        starts = [s.published_from for s in (self, other) if s.published_from]
        ends = [s.published_to for s in (self, other) if s.published_to]
        return not (starts and ends and max(starts) > min(ends))


@dataclass(frozen=True, slots=True)
class Row:
    """One decision: within the scope, the name and its aliases refer to the entity with this name and identifier."""

    line: int
    entity_type: str
    name: str
    aliases: tuple[str, ...] = ()
    id: str | None = None
    scope: Scope = Scope()
    gender: str | None = None
    file: Path = Path()

    @property
    def names(self) -> tuple[str, ...]:
        """The name and its aliases."""
        return (self.name, *self.aliases)


@dataclass(frozen=True, slots=True)
class Authority:
    """The rows of all authority files of a warehouse, and a hash of the files: 12 hexadecimal digits, '' if none."""

    rows: tuple[Row, ...] = ()
    digest: str = ""


def read_authority(*paths: Path) -> Authority:
    """Read and combine authority files.

    Raises:
        ConfigError: if a file cannot be read, or a row is incomplete or contradicts another row.

    """
    contents, digest = read_files(paths)
    rows = [
        _row(path, line, cells)
        for path, content in contents
        for line, cells in read_cells(path, content, COLUMNS, REQUIRED, FOR_THE_READER)
    ]
    refuse_all(_conflicts(rows))
    return Authority(tuple(rows), digest)


def _row(file: Path, line: int, cells: dict[str, str]) -> Row:
    entity_type = cells["type"].upper()
    if entity_type not in ENTITY_TYPES:
        raise row_error(file, line, f"type is {cells['type']!r}; use one of {', '.join(ENTITY_TYPES)}")
    if not any(map(str.isalnum, cells["name"])):
        raise row_error(file, line, "name is empty; give the name the entity is to be shown by")
    refuse_control(file, line, {column: cells.get(column, "") for column in ("name", "id")})
    aliases = tuple(alias.strip() for alias in cells.get("aliases", "").split("|") if alias.strip())
    start, end = (_day(file, line, cells, column) for column in ("published_from", "published_to"))
    if start and end and start > end:
        raise row_error(file, line, f"published_from {start} is after published_to {end}")
    source, publisher, key = (cells.get(column, "") or None for column in ("source", "publisher", "record_key"))
    scope = Scope(publisher, source and source.rstrip("/"), key, start, end)
    gender = cells.get("gender") or None
    if gender and (gender not in GENDERS or entity_type != "PERSON"):
        says = f"gender is {gender!r}; use one of {', '.join(GENDERS)} for a PERSON, or leave it empty"
        raise row_error(file, line, says)
    return Row(line, entity_type, cells["name"], aliases, cells.get("id") or None, scope, gender, file)


def _day(file: Path, line: int, cells: dict[str, str], column: str) -> date | None:
    if not cells.get(column):
        return None
    try:
        return date.fromisoformat(cells[column])
    except ValueError:
        raise row_error(file, line, f"{column} is {cells[column]!r}; write days like 2017-12-11") from None


def _conflicts(rows: Sequence[Row]) -> Iterator[ConfigError]:
    """An error for each row by which one name would be two entities in the same article, or one id two."""
    by_entity: dict[str, list[Row]] = defaultdict(list)
    by_id: dict[str, Row] = {}
    for row in rows:
        named = [(name, entity) for name in row.names for entity in sorted(entity_ids(row.entity_type, name))]
        others = ((name, other) for name, entity in named for other in by_entity[entity] if _contradict(row, other))
        for name, other in islice(others, 1):
            remedy = "delete one, or give them scopes that no article shares"
            yield _conflict(row, other, f"{name!r} is {_shown(row)}, but {_shown(other)}", remedy)
        for _, entity in named:
            by_entity[entity].append(row)
        other = by_id.setdefault(row.id, row) if row.id else row
        if (other.name, other.entity_type) != (row.name, row.entity_type):
            yield _conflict(row, other, f"id {row.id} is {row.name!r}, but {other.name!r}", "use one name for one id")
        if row.gender and other.gender and row.gender != other.gender:
            what = f"id {row.id} is a {row.gender}, but a {other.gender}"
            yield _conflict(row, other, what, "use one gender for one id")


def _contradict(row: Row, other: Row) -> bool:
    """Whether two rows of one name are for two entities in the same article. Scoped rows override unscoped ones."""
    is_same = (row.name, row.id) == (other.name, other.id)
    return not is_same and bool(row.scope) == bool(other.scope) and row.scope.overlaps(other.scope)


def _shown(row: Row) -> str:
    return f"{row.name!r} ({row.id})" if row.id else repr(row.name)


def _conflict(row: Row, other: Row, what: str, remedy: str) -> ConfigError:
    where = f"on line {other.line}" + (f" of {other.file}" if other.file != row.file else "")
    return ConfigError(f"{row.file}, line {row.line}: {what} {where}; {remedy}")


def _below(source: str, other: str) -> bool:
    return source == other or source.startswith(other + "/")
