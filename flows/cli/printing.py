"""Rows as a person or a program wants them printed."""

import csv
import json
import sys
from collections.abc import Mapping, Sequence
from enum import Enum

import pyarrow as pa
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from warehouse.text import printable, unlike_formula

#: Rows shown as a table; the rest are for CSV and JSON.
ROWS_SHOWN = 200
#: Columns of ids that are there to be copied.
WHOLE = ("snapshot", "article_id")


class Format(Enum):
    """How rows are printed."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


def print_rows(rows: pa.Table | Sequence[Mapping[str, object]], form: Format) -> None:
    """Print rows: a table made safe for terminals, CSV, or a JSON array of objects."""
    table = rows if isinstance(rows, pa.Table) else pa.Table.from_pylist(list(rows))
    if form is Format.CSV:
        out = csv.writer(sys.stdout, lineterminator="\n")
        out.writerow(table.column_names)
        out.writerows(map(unlike_formula, row.values()) for row in table.to_pylist())
    elif form is Format.JSON:
        sys.stdout.write(json.dumps(table.to_pylist(), default=str, ensure_ascii=False, indent=1) + "\n")
    else:
        shown = Table(row_styles=["", "dim"] if table.num_rows > 1 else None)
        for column in table.column_names:
            shown.add_column(printable(column), overflow="fold", no_wrap=column in WHOLE)
        for row in table.slice(0, ROWS_SHOWN).to_pylist():
            shown.add_row(*(Text("" if value is None else printable(str(value))) for value in row.values()))
        Console(markup=False).print(shown)
        if table.num_rows > ROWS_SHOWN:
            typer.echo(f"{table.num_rows - ROWS_SHOWN:,} more rows; --csv or --json print all", err=True)
