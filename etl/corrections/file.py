"""Corrections files: CSV files with a header, one correction a line.

``source_uri``, ``record_key`` or both say which article; ``words`` say where in it: the words of a quote, or of a name, as
printed. White space, the shape of quotation marks and marks at the ends do not count. Where the words stand more than once,
``before`` and ``after`` are what stands beside them. ``kind`` says what is wrong, ``value`` what is right:

- ``speaker``: another speaker. ``value`` is the name; ``type`` its class (default PERSON) or, of nobody named, a speaker type;
  ``id`` its identifier in an authority file.
- ``not speech``: the words are nobody's.
- ``span``: ``value`` has the right words.
- ``entity``: the name in ``words`` is another entity: ``value``, ``type``, ``id``.
- ``title``, ``date``, ``authors`` (separated by ``|``) of the article: ``value``, or empty for none.

``corrected_by``, ``corrected_on`` and ``reason`` say who, when and why. A line without ``kind`` is undecided and does nothing.

An invalid line rejects the whole file. The error message gives the line number.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path

from etl.corrections import VERSION
from etl.corrections.anchor import Anchor, squeezed
from etl.csv_rows import read_cells, read_files, refuse_all, refuse_control, row_error, unguarded
from etl.entities.authority import Row
from etl.entities.name_keys import entity_id
from etl.entities.resolve import own_id
from etl.errors import ConfigError
from etl.ids import hash_id
from etl.schema import CORRECTION_KINDS, ENTITY_TYPES, PERSON, SPEAKER_TYPES
from etl.spans import EDGE

COLUMNS = (
    *("kind", "source_uri", "record_key", "words", "before", "after", "value", "type", "id"),
    *("corrected_by", "corrected_on", "reason"),
)
REQUIRED = ("kind", "words", "value", "corrected_by", "corrected_on", "reason")
#: Columns that `ontherecord review` prints for the reader. They are accepted and ignored.
FOR_THE_READER = ("confidence", "printed", "speaker", "outlet", "title", "context")
#: Kinds that are about an article, not about words in it; and those that name an entity.
OF_ARTICLE = ("title", "date", "authors")
NAMING = ("speaker", "entity")
#: Columns in which a person's own words are stored; in the others, and in the value of a span, are those of the article.
OWN_WORDS = ("value", "id", "corrected_by", "reason")
#: Days of publication that the warehouse takes.
FIRST_DAY, LAST_DAY = date(1400, 1, 1), date(2999, 12, 31)


@dataclass(frozen=True)
class Correction:
    """One decision: what is wrong where, what is right, and who decided it when and why.

    ``type`` is a class of entities, or a speaker type where nobody is named; '' where the kind names nobody.
    """

    file: Path
    line: int
    kind: str
    source_uri: str | None
    record_key: str | None
    words: str
    before: str
    after: str
    value: str
    type: str
    id: str | None
    corrected_by: str
    corrected_on: date
    reason: str

    @property
    def anchors(self) -> tuple[Anchor, Anchor]:
        """Where its words stand: as they are given, or else without the marks at their ends."""
        exact = Anchor(self.words, self.before, self.after)
        return exact, replace(exact, words=self.words.strip(EDGE))

    @cached_property
    def correction_id(self) -> str:
        """The identity of what is corrected: kind and anchor."""
        words = map(squeezed, (self.words, self.before, self.after))
        return hash_id(self.kind, self.source_uri or "", self.record_key or "", *words)

    @cached_property
    def digest(self) -> str:
        """A hash of what is corrected and how: another one, perhaps another row."""
        said = (self.value, self.type, self.id or "", self.corrected_by, self.corrected_on, self.reason)
        return hash_id(VERSION, self.correction_id, *said)

    @property
    def entity_id(self) -> str | None:
        """The entity it names, if any."""
        if self.type not in ENTITY_TYPES:
            return None
        return own_id(self.type, self.value, self.id) if self.id else entity_id(self.type, self.value)


@dataclass(frozen=True, slots=True)
class Corrections:
    """The corrections of all files of a warehouse, and a hash of the files: 12 hexadecimal digits, '' if none."""

    rows: tuple[Correction, ...] = ()
    digest: str = ""

    @property
    def named(self) -> list[Row]:
        """The entities that are named by identifier, as `etl.entities.resolve.resolve` takes them."""
        return [Row(c.line, c.type, c.value, id=c.id, file=c.file) for c in self.rows if c.id and c.entity_id]


NO_CORRECTIONS = Corrections()


def read_corrections(paths: Collection[Path], authority: Sequence[Row] = ()) -> Corrections:
    """Read and combine corrections files.

    Raises:
        ConfigError: if a file cannot be read, or a line is incomplete, impossible or contradicts another line.
    """
    contents, digest = read_files(paths)
    rows = [row for path, content in contents for row in parsed(path, content, authority)]
    refuse_all(conflicts(rows))
    return Corrections(tuple(rows), digest)


def parsed(path: Path, content: bytes, authority: Sequence[Row] = ()) -> list[Correction]:
    """The corrections in the bytes of a file; lines without a kind are left out.

    Raises:
        ConfigError: if a line is incomplete or impossible.
    """
    named: dict[str | None, Row] = {row.id: row for row in authority if row.id}
    lines = read_cells(path, content, COLUMNS, REQUIRED, FOR_THE_READER)
    return [_row(path, line, cells, named) for line, cells in lines if cells["kind"]]


def conflicts(rows: Sequence[Correction]) -> Iterator[ConfigError]:
    """An error for each second correction of one thing, and for each other name of one identifier."""
    by_anchor: dict[str, Correction] = {}
    by_id: dict[str, Correction] = {}
    for row in rows:
        other = by_anchor.setdefault(row.correction_id, row)
        if other is not row:
            yield row_error(row.file, row.line, f"corrects the same as {_place(other, row)}; delete one")
        other = by_id.setdefault(row.id, row) if row.id else row
        if (other.value, other.type) != (row.value, row.type):
            says = f"id {row.id} is {row.value!r}, but {other.value!r} on {_place(other, row)}; use one name for one id"
            yield row_error(row.file, row.line, says)


def _place(other: Correction, row: Correction) -> str:
    return f"line {other.line}" + (f" of {other.file}" if other.file != row.file else "")


def _row(file: Path, line: int, given: Mapping[str, str], named: Mapping[str | None, Row]) -> Correction:
    cells = {column: unguarded(given.get(column, "")) for column in COLUMNS}
    kind = cells["kind"].lower()
    if kind != "span":  # names and titles are on one line
        cells["value"] = " ".join(cells["value"].split())

    def refuse(what: str) -> ConfigError:
        return row_error(file, line, what)

    if kind not in CORRECTION_KINDS:
        raise refuse(f"kind is {cells['kind']!r}; use one of {', '.join(CORRECTION_KINDS)}, or leave it empty")
    if not (cells["source_uri"] or cells["record_key"]):
        raise refuse("names no article; give its source_uri, its record_key or both")
    if kind not in OF_ARTICLE and not any(map(str.isalnum, cells["words"])):
        raise refuse("words is empty; give the words as they are printed")
    refuse_control(file, line, {c: cells[c] for c in OWN_WORDS if (kind, c) != ("span", "value")})
    for column in ("corrected_by", "reason"):
        if not cells[column]:
            raise refuse(f"{column} is empty; say {'who decided this' if column == 'corrected_by' else 'why'}")
    corrected_on = _day(refuse, "corrected_on", cells["corrected_on"])
    if kind == "date" and cells["value"]:
        _day(refuse, "value", cells["value"])
    if kind == "span" and not any(map(str.isalnum, cells["value"])):
        raise refuse("value is empty; give the right words as they are printed")
    name, type_ = _named(refuse, cells, named) if kind in NAMING else (cells["value"], "")
    return Correction(
        file=file,
        line=line,
        kind=kind,
        source_uri=cells["source_uri"] or None,
        record_key=cells["record_key"] or None,
        words=cells["words"],
        before=cells["before"],
        after=cells["after"],
        value=name,
        type=type_,
        id=(cells["id"] or None) if kind in NAMING else None,
        corrected_by=cells["corrected_by"],
        corrected_on=corrected_on,
        reason=cells["reason"],
    )


def _named(
    refuse: Callable[[str], ConfigError], cells: Mapping[str, str], named: Mapping[str | None, Row]
) -> tuple[str, str]:
    """The name and class of the entity that a line names, or '' and a type of speakers that have no name."""
    name, given, known = cells["value"], cells["type"], named.get(cells["id"] or None)
    if cells["id"] and known is None and not name:
        raise refuse(f"id {cells['id']} is in no authority file; give the name in value")
    if known and name not in ("", known.name):
        where = f"on line {known.line} of {known.file}"
        raise refuse(
            f"id {cells['id']} is {known.name!r} {where}, not {name!r}; leave value empty, or take the id away"
        )
    if known:
        return known.name, known.entity_type
    if not name and cells["kind"].lower() == "speaker" and given.lower() in SPEAKER_TYPES:
        return "", given.lower()
    if not any(map(str.isalnum, name)):
        nobody = "" if cells["kind"].lower() == "entity" else f"; for nobody named, type {' or '.join(SPEAKER_TYPES)}"
        raise refuse(f"value is empty; give the right name{nobody}")
    entity_type = given.upper() or PERSON
    if entity_type not in ENTITY_TYPES and given.lower() in SPEAKER_TYPES:
        raise refuse(f"type is {given!r}, for speakers without a name, but value is {name!r}; leave one of them empty")
    if entity_type not in ENTITY_TYPES:
        raise refuse(f"type is {given!r}; use one of {', '.join(ENTITY_TYPES)}")
    return name, entity_type


def _day(refuse: Callable[[str], ConfigError], column: str, text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = date.min
    if not FIRST_DAY <= day <= LAST_DAY:
        raise refuse(f"{column} is {text!r}; write days like 2017-12-11")
    return day
