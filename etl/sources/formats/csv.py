"""Delimiter-separated values: a header line, then one article per row."""

import csv
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from etl.sources.decode import decode
from etl.sources.fields import record_of
from etl.sources.formats.text import NOT_TEXT
from etl.sources.record import ReadOptions, Record, Rejection

SUFFIXES = (".csv", ".tsv", ".psv")
SIGNATURE = None

DELIMITERS = ",;\t|"
#: A first line that tells spreadsheets the delimiter.
SEPARATOR_LINE = re.compile(r"[\"']?sep=(.)[\"']?", re.IGNORECASE)
#: The csv module's error for a file that ends inside a quoted value.
CUT = "unexpected end of data"
QUOTES = "double the quotation marks inside values, and quote values that hold separators"

#: A row of a file, or what is wrong with it, and the line it begins on.
Row = tuple[int, list[str] | str]


class _Dialect(NamedTuple):
    """How a file separates and quotes values. If it is spaced, as its first line tells, a space follows each separator."""

    delimiter: str
    is_escaped: bool
    is_spaced: bool


def read(data: bytes, options: ReadOptions) -> Iterator[Record | Rejection]:
    """One record for each row. A row that cannot be read, or has the wrong number of values, is rejected with its line."""
    decoded = decode(data, options.encoding)
    if decoded is None:
        yield NOT_TEXT
        return
    # The csv module's limit of 128 KiB a field is too small for long articles. It can only be set for the whole process.
    csv.field_size_limit(options.max_bytes)
    lines = [f"{line}\n" for line in decoded.text.split("\n")]
    if declared := SEPARATOR_LINE.fullmatch(decoded.text.partition("\n")[0]):
        lines[0] = "\n"
    delimiter = declared[1] if declared else max(DELIMITERS, key=lines[0].count)
    dialect = _Dialect(
        delimiter,
        is_escaped=_is_escaped(decoded.text),
        is_spaced=lines[0].count(delimiter) == lines[0].count(f"{delimiter} ") > 0,
    )
    rows = [row for row in _rows(lines, dialect) if row[1]]
    line, header = rows[0] if rows else (1, [])
    if isinstance(header, str):
        yield Rejection("malformed", f"line {line}, which should name the columns: {header}; {QUOTES}")
        return
    for number, (line, row) in enumerate(_until_cut(rows[1:], len(header))):
        if isinstance(row, str):
            yield Rejection("malformed", f"line {line}: {row}; {QUOTES}", number)
        elif len(row) != len(header):
            widths = f"{len(row)} values for {len(header)} columns"
            yield Rejection("malformed", f"line {line}: {widths}; {QUOTES}", number)
        else:
            yield record_of(number, dict(zip(header, row, strict=True)), options, decoded.encoding, decoded.repairs)


def _until_cut(rows: Sequence[Row], width: int) -> Sequence[Row]:
    """The rows without the lines of a value in which the file ends: most lines after its quotation mark are no rows."""
    for number, (_, row) in enumerate(rows, 1):
        after = [each for _, each in rows[number:]] if row == CUT else []
        if 2 * sum(isinstance(each, list) and len(each) == width for each in after) < len(after):
            return rows[:number]
    return rows


def _is_escaped(text: str) -> bool:
    """Whether quotation marks inside values are escaped by a backslash, as in database dumps, instead of doubled."""
    return text.count('\\"') > text.count('""')


def _rows(lines: Sequence[str], dialect: _Dialect) -> Iterator[Row]:
    """The rows of a file.

    After an error, reading resumes at the next line, so that an unpaired quotation mark costs only its own row.
    """
    at = 0
    while at < len(lines):
        base = at
        left = (lines[i] for i in range(base, len(lines)))
        rows = csv.reader(
            left,
            delimiter=dialect.delimiter,
            doublequote=not dialect.is_escaped,
            escapechar="\\" if dialect.is_escaped else None,
            skipinitialspace=dialect.is_spaced,
            strict=True,
        )
        try:
            for row in rows:
                yield at + 1, row
                at = base + rows.line_num
        except csv.Error as error:
            yield at + 1, str(error)
            at += 1
