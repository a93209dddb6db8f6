"""Separated values: a header line, then one article a row."""

import csv
import io
from collections.abc import Iterator

from etl.decode import decode
from etl.fields import record_of
from etl.readers.text import NOT_TEXT
from etl.record import ReadOptions, Record, Rejection

SUFFIXES = (".csv", ".tsv", ".psv")
SIGNATURE = None

DELIMITERS = ",;\t|"


def read(data: bytes, options: ReadOptions) -> Iterator[Record | Rejection]:
    """One record for each row; a row of the wrong width is rejected with its line."""
    decoded = decode(data, options.encoding)
    if decoded is None:
        yield NOT_TEXT
        return
    # The module's own limit of 128 KiB a field, which can only be set for the whole process, is less than long articles need.
    csv.field_size_limit(options.max_bytes)
    first = decoded.text.partition("\n")[0]
    rows = csv.reader(io.StringIO(decoded.text, newline=""), delimiter=max(DELIMITERS, key=first.count), strict=True)
    header, number = next(rows, []), 0
    while (row := _next(rows)) is not None:
        if isinstance(row, str):
            yield Rejection("malformed", f"line {rows.line_num}: {row}; a quotation mark is unpaired", number)
        elif row and len(row) != len(header):
            widths = f"not {len(header)} values, as many as there are columns, but {len(row)}"
            yield Rejection("malformed", f"line {rows.line_num}: {widths}; quote values that hold separators", number)
        elif row:
            yield record_of(number, dict(zip(header, row, strict=True)), options, decoded.encoding, decoded.repairs)
        number += bool(row)


def _next(rows: Iterator[list[str]]) -> list[str] | str | None:
    try:
        return next(rows, None)
    except csv.Error as error:
        return str(error)
