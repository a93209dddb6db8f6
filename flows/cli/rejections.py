"""What could not be used, and why."""

import csv
import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from flows.cli.options import DEFAULT_ROOT, Root
from warehouse.text import printable, unlike_formula

QUERY = """
SELECT source_uri, record_no, reason, detail FROM rejection
WHERE ($source IS NULL OR starts_with(source_uri, $source || '/')) AND ($reason IS NULL OR reason = $reason)
ORDER BY source_uri, record_no NULLS FIRST
"""


def rejected(
    root: Root = DEFAULT_ROOT,
    source: Annotated[str | None, typer.Option(help="Only those of this source.")] = None,
    reason: Annotated[str | None, typer.Option(help="Only those with this reason.")] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
) -> None:
    """List the files and records that could not be used, with what to do about each."""
    from warehouse.reader import connect

    with connect(root) as db:
        found = db.execute(QUERY, {"source": source, "reason": reason})
        names = [column[0] for column in found.description or ()]
        rows = found.fetchall()
    if as_csv:
        out = csv.writer(sys.stdout, lineterminator="\n")
        out.writerow(names)
        out.writerows(map(unlike_formula, row) for row in rows)
        return
    table = Table(*names) if rows else Table("nothing rejected")
    for row in rows:
        table.add_row(*(Text("" if value is None else printable(str(value)), overflow="fold") for value in row))
    Console(markup=False).print(table)
