"""Export the published tables, or the rows of a query, for other programs: as CSV, JSON lines, SQLite or a workbook.

Lists become text, with "; " between their items, and maps become JSON. Only a few thousand rows are in memory at a time.
"""

import csv
import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import date, datetime, time
from decimal import Decimal
from importlib.util import find_spec
from math import isfinite
from pathlib import Path

import pyarrow as pa

from etl.choices import Format
from etl.errors import ConfigError
from etl.schema import TABLES
from warehouse.reader import connect, refuse_several
from warehouse.text import json_value, unlike_formula
from warehouse.values import python_values, refuse_lost

#: What the rows of a query are called.
QUERY = "query"
#: Rows fetched at a time.
FETCH = 10_000
#: What a workbook holds at most: rows of a sheet, characters of a cell.
SHEET_ROWS, CELL_LETTERS = 1_048_576, 32_767
#: The one file that formats with several tables to a file have.
WORKBOOK, SQLITE = "ontherecord.xlsx", "ontherecord.sqlite"

Values = Sequence[object]
Rows = Iterator[Values]


def export(root: Path, folder: Path, form: Format, query: str = "") -> dict[str, int]:
    """Write all tables, or the rows of a ``query``, into a new folder; how many rows each table has.

    Raises:
        NothingPublishedError: when nothing was published yet.
        ConfigError: when the folder has something in it, the format needs a package that is not installed, or a table is too long
            for a sheet.
        NoQueryError: when the query asks nothing, or is several queries.
        duckdb.Error: when the query is wrong, or asks for what a reader may not.
    """
    if folder.exists() and any(folder.iterdir()):
        raise ConfigError(f"{folder} is not empty; name a new folder")
    if form is Format.XLSX and find_spec("xlsxwriter") is None:
        raise ConfigError("workbooks need XlsxWriter: pip install 'ontherecord[xlsx]'")
    # On a line of its own and without its semicolon, a query may stand in another.
    asked = {QUERY: query.strip().rstrip(";") + "\n"} if query else {name: f"FROM {name}" for name in TABLES}
    with connect(root) as db:
        if query:
            refuse_several(db, query)
        first: dict[str, pa.Schema] = {}
        for name, sql in asked.items():
            found = db.execute(f"SELECT * FROM ({sql}) LIMIT 0")
            refuse_lost(found.description)
            first[name] = found.to_arrow_table().schema
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigError(f"the folder {folder} cannot be made ({error.strerror}); name another") from None

        def rows(name: str) -> Rows:
            for batch in db.execute(asked[name]).to_arrow_reader(FETCH):
                yield from zip(*map(python_values, batch.schema.names, batch.columns), strict=True)

        return WRITERS[form](folder, first, rows)


Writer = Callable[[Path, Mapping[str, pa.Schema], Callable[[str], Rows]], dict[str, int]]


def _write_csv(folder: Path, schemas: Mapping[str, pa.Schema], rows: Callable[[str], Rows]) -> dict[str, int]:
    counts = dict.fromkeys(schemas, 0)
    for name, schema in schemas.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            out = csv.writer(file, lineterminator="\n")
            out.writerow(schema.names)
            for row in rows(name):
                out.writerow(map(unlike_formula, map(plain, row)))
                counts[name] += 1
    return counts


def _write_jsonl(folder: Path, schemas: Mapping[str, pa.Schema], rows: Callable[[str], Rows]) -> dict[str, int]:
    counts = dict.fromkeys(schemas, 0)
    for name, schema in schemas.items():
        with (folder / f"{name}.jsonl").open("w", encoding="utf-8") as file:
            for row in rows(name):
                record = dict(zip(schema.names, map(json_value, row), strict=True))
                file.write(json.dumps(record, ensure_ascii=False) + "\n")
                counts[name] += 1
    return counts


def _write_sqlite(folder: Path, schemas: Mapping[str, pa.Schema], rows: Callable[[str], Rows]) -> dict[str, int]:
    counts = dict.fromkeys(schemas, 0)
    with closing(sqlite3.connect(folder / SQLITE)) as db, db:
        for name, schema in schemas.items():
            columns = ", ".join(f"{_quoted(field.name)} {_sqlite_type(field.type)}" for field in schema)
            db.execute(f"CREATE TABLE {_quoted(name)} ({columns})")
            marks = ", ".join("?" * len(schema))
            for row in rows(name):
                db.execute(f"INSERT INTO {_quoted(name)} VALUES ({marks})", tuple(map(plain, row)))
                counts[name] += 1
    return counts


def _write_xlsx(folder: Path, schemas: Mapping[str, pa.Schema], rows: Callable[[str], Rows]) -> dict[str, int]:
    import xlsxwriter

    counts = dict.fromkeys(schemas, 0)
    # Text stays text: no formulas, no links.
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(folder / WORKBOOK, options) as book:
        bold = book.add_format({"bold": True})
        for name, schema in schemas.items():
            sheet = book.add_worksheet(name[:31])
            sheet.freeze_panes(1, 0)
            sheet.write_row(0, 0, schema.names, bold)
            for row in rows(name):
                counts[name] += 1
                if counts[name] >= SHEET_ROWS:
                    raise ConfigError(
                        f"{name} has more rows than a sheet holds ({SHEET_ROWS:,}); export it as csv or sqlite"
                    )
                sheet.write_row(counts[name], 0, [_cell(plain(value)) for value in row])
    return counts


WRITERS: Mapping[Format, Writer] = {
    Format.CSV: _write_csv,
    Format.JSONL: _write_jsonl,
    Format.SQLITE: _write_sqlite,
    Format.XLSX: _write_xlsx,
}


def plain(value: object) -> object:
    """A value as text or number: days and instants as ISO 8601, lists joined by "; ", maps and structs as JSON.

    NaN and infinite numbers become None; integers beyond 64 bits and values of other types become text.
    """
    match value:
        case bool() | str() | None:
            return value
        case int():
            return value if abs(value) < 1 << 63 else str(value)
        case Decimal() if value == value.to_integral_value():
            return plain(int(value))
        case float() | Decimal():
            return float(value) if isfinite(value) else None
        case datetime() | date() | time():
            return value.isoformat()
        case bytes():
            return value.hex()
        case list() if not any(isinstance(item, (list, dict)) for item in value):
            return "; ".join("" if item is None else str(item) for item in map(plain, value))
        case list() | dict():
            return json.dumps(json_value(value), ensure_ascii=False)
        case _:
            return str(value)


def _cell(value: object) -> object:
    """A cell's value; text too long for one ends in an ellipsis."""
    is_long = isinstance(value, str) and len(value) > CELL_LETTERS
    return f"{str(value)[: CELL_LETTERS - 1]}…" if is_long else value


def _sqlite_type(type_: pa.DataType) -> str:
    if pa.types.is_integer(type_) or pa.types.is_boolean(type_):
        return "INTEGER"
    return "REAL" if pa.types.is_floating(type_) or pa.types.is_decimal(type_) else "TEXT"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
