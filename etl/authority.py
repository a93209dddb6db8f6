"""Authority files: what a person has decided about names. A bad row or a conflict refuses the file, with the line.

A CSV file with a header: ``name`` and ``type`` are required; ``aliases`` are joined with ``|``; ``id`` is the
authority's identifier, such as a Wikidata QID. A row with any of ``publisher``, ``source`` (a source's name, or the
beginning of a ``source_uri``), ``published_from`` and ``published_to`` (days, both included) holds only for the
articles in that scope.
"""

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from etl.names import name_key
from etl.schema import ENTITY_TYPES

COLUMNS = ("name", "aliases", "type", "id", "publisher", "source", "published_from", "published_to")
REQUIRED = ("name", "type")
#: Columns that `ontherecord entities --ambiguous` prints for the reader's sake.
FOR_THE_READER = ("alias_n_articles", "alias_n_mentions", "name_n_articles", "name_n_mentions")


class AuthorityError(ValueError):
    """An authority file that cannot be used; the message names the file, the line and what to do."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The articles a row holds for: of a publisher, below a source, from one day to another (included)."""

    publisher: str | None = None
    source: str | None = None
    published_from: date | None = None
    published_to: date | None = None

    def __bool__(self) -> bool:
        """Whether anything is asked of an article at all."""
        return self != Scope()

    def overlaps(self, other: "Scope") -> bool:
        """Whether an article can be in both."""
        if self.publisher and other.publisher and self.publisher != other.publisher:
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
    """One decision: these names of this class are the entity of this name and identifier, in this scope."""

    line: int
    entity_type: str
    name: str
    aliases: tuple[str, ...] = ()
    id: str | None = None
    scope: Scope = Scope()

    @property
    def keys(self) -> frozenset[str]:
        """The names it speaks of, as `etl.names.name_key` has them."""
        return frozenset(name_key(self.entity_type, name) for name in (self.name, *self.aliases))


def read_authority(path: Path) -> tuple[Row, ...]:
    """The rows of an authority file.

    Raises:
        AuthorityError: for a row that is incomplete or that contradicts another, naming the line.
        OSError: when the file cannot be read.

    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = tuple(_rows(file))
        _refuse_conflicts(rows)
    except AuthorityError as error:
        raise AuthorityError(f"{path}, {error}") from None
    except UnicodeDecodeError:
        raise AuthorityError(f"{path} is not UTF-8; save it as UTF-8") from None
    return rows


def _rows(file: Iterable[str]) -> Iterator[Row]:
    lines = csv.reader(file, strict=True)
    try:
        header: list[str] = next(lines, [])
        unknown = set(header) - {*COLUMNS, *FOR_THE_READER}
        missing = [column for column in REQUIRED if column not in header]
        if unknown or missing or len(set(header)) < len(header):
            allowed = f"use {', '.join(COLUMNS)}, each at most once, and always {' and '.join(REQUIRED)}"
            raise _error(1, f"the header is {header}; {allowed}")
        for cells in lines:
            if any(cell.strip() for cell in cells):
                if len(cells) != len(header):
                    raise _error(
                        lines.line_num,
                        f"has {len(cells)} cells for {len(header)} columns; quote cells that hold commas",
                    )
                yield _row(lines.line_num, {c: cell.strip() for c, cell in zip(header, cells, strict=True)})
    except csv.Error as error:
        raise _error(lines.line_num, f"is not CSV: {error}") from None


def _row(line: int, cells: dict[str, str]) -> Row:
    entity_type = cells["type"].upper()
    if entity_type not in ENTITY_TYPES:
        raise _error(line, f"type is {cells['type']!r}; use one of {', '.join(ENTITY_TYPES)}")
    if not any(map(str.isalnum, cells["name"])):
        raise _error(line, "name is empty; give the name the entity is to be shown by")
    aliases = tuple(alias.strip() for alias in cells.get("aliases", "").split("|") if alias.strip())
    start, end = (_day(line, cells, column) for column in ("published_from", "published_to"))
    if start and end and start > end:
        raise _error(line, f"published_from {start} is after published_to {end}")
    scope = Scope(cells.get("publisher") or None, cells.get("source", "").rstrip("/") or None, start, end)
    return Row(line, entity_type, cells["name"], aliases, cells.get("id") or None, scope)


def _day(line: int, cells: dict[str, str], column: str) -> date | None:
    if not cells.get(column):
        return None
    try:
        return date.fromisoformat(cells[column])
    except ValueError:
        raise _error(line, f"{column} is {cells[column]!r}; write days like 2017-12-11") from None


def _refuse_conflicts(rows: Sequence[Row]) -> None:
    """No name may be two entities in one article; rows with a scope go before those without."""
    by_key: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        for key in sorted(row.keys):
            for other in by_key[row.entity_type, key]:
                same = (row.name, row.id) == (other.name, other.id)
                if not same and bool(row.scope) == bool(other.scope) and row.scope.overlaps(other.scope):
                    raise _error(
                        row.line,
                        f"{key!r} is {row.name!r} ({row.id}), but {other.name!r} ({other.id}) on line {other.line}; "
                        "delete one, or give them scopes that no article shares",
                    )
            by_key[row.entity_type, key].append(row)
    names: dict[str, Row] = {}
    for row in rows:
        if (
            row.id
            and (other := names.setdefault(row.id, row))
            and (other.name, other.entity_type) != (row.name, row.entity_type)
        ):
            raise _error(
                row.line,
                f"id {row.id} is {row.name!r}, but {other.name!r} on line {other.line}; use one name for one id",
            )


def _below(source: str, other: str) -> bool:
    return source == other or source.startswith(other + "/")


def _error(line: int, what: str) -> AuthorityError:
    return AuthorityError(f"line {line}: {what}")
