"""Print rows (as a table, CSV or JSON) and lines. Text is never interpreted as rich's markup."""

import csv
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from itertools import chain, count
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer
from rich import box
from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from etl.text import plural
from warehouse.text import json_value, printable, unlike_formula

if TYPE_CHECKING:
    import pyarrow as pa

#: The most rows of a printed table. CSV and JSON have all rows.
ROWS_SHOWN = 200
#: Rows converted to Python's objects at a time, which take several times the memory of Arrow's.
CONVERTED = 10_000
#: The width of tables in a pipe, so that each row is one line.
PIPE_WIDTH = 10_000
#: The least width of a column of words, and of one of ids and numbers. If they do not fit, rows are printed as records.
LEAST_WORDS, LEAST_WHOLE = 16, 28
#: Cells between two columns.
GAP = 2

Csv = Annotated[bool, typer.Option("--csv", help="Print CSV.")]
Json = Annotated[bool, typer.Option("--json", help="Print a JSON array of objects.")]


class Format(Enum):
    """How rows are printed."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows as tuples, with the names of the columns. Two columns may have the same name."""

    names: Sequence[str]
    values: Sequence[Sequence[object]]

    @classmethod
    def of(cls, source: "Source", start: int = 0, most: int | None = None) -> "Rows":
        """The rows from ``start``, at most ``most``; records have the keys of the first."""
        if isinstance(source, Rows):
            return cls(source.names, source.values[start:][:most])
        if isinstance(source, Sequence):
            names = list(source[0]) if source else []
            return cls(names, [[record[name] for name in names] for record in source[start:][:most]])
        from warehouse.values import python_values  # loads pyarrow, which help need not

        some = source.slice(start, most)
        columns = map(python_values, some.column_names, some.columns)
        return cls(source.column_names, list(zip(*columns, strict=True)))

    def __len__(self) -> int:
        """The number of rows."""
        return len(self.values)


#: What can be printed.
Source: TypeAlias = "pa.Table | Rows | Sequence[Mapping[str, object]]"


def format_of(as_csv: bool, as_json: bool) -> Format:
    """The format given by two flags.

    Raises:
        BadParameter: when both are given.
    """
    if as_csv and as_json:
        raise typer.BadParameter("give either --csv or --json")
    return Format.CSV if as_csv else Format.JSON if as_json else Format.TABLE


class _Console(Console):
    """A console that raises the error of a closed pipe."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


def console(*, err: bool = False) -> Console:
    """A console on standard output or error that does not interpret markup."""
    return _Console(stderr=err, markup=False, emoji=False, highlight=False)


def say(line: str, style: str = "", *, err: bool = False) -> None:
    """Print a line, without wrapping it, so that it can be copied."""
    console(err=err).print(Text(printable(line)), style=style, soft_wrap=True)


def print_wrapped(what: RenderableType, screen: Console | None = None) -> None:
    """Print something, wrapped to the screen's width. In a pipe or a file, lines do not end in spaces."""
    screen = screen or console()
    if screen.is_terminal:
        screen.print(what)
        return
    with screen.capture() as captured:
        screen.print(what)
    sys.stdout.writelines(f"{line.rstrip()}\n" for line in captured.get().splitlines())


def print_rows(source: Source, form: Format = Format.TABLE, title: str = "") -> None:
    """Print rows: as a table that is safe for terminals, as CSV that is safe for spreadsheets, or as JSON."""
    if form is Format.CSV:
        print_csv(source, unlike_formula)
    elif form is Format.JSON:
        _print_json(source)
    else:
        _print_table(Rows.of(source, most=ROWS_SHOWN), title)
        if not len(source):
            say("no rows", err=True)
        if len(source) > ROWS_SHOWN:
            say(f"{plural(len(source) - ROWS_SHOWN, 'more row')}; --csv or --json print all", err=True)


def print_csv(source: Source, escape: Callable[[object], object] = lambda value: value) -> None:
    """Print rows as CSV, by default without escaping for spreadsheets; lists, maps and bytes as `export` writes them."""
    from warehouse.export import plain  # loads pyarrow, which help need not

    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(Rows.of(source, most=0).names)
    for row in _each(source):
        out.writerow(escape(plain(value) if isinstance(value, list | dict | bytes) else value) for value in row)


def _print_json(source: Source) -> None:
    """Print rows as an array of objects, as `json.dumps` with ``indent=1`` would."""
    names = list(_unique(Rows.of(source, most=0).names))
    is_unicode = (sys.stdout.encoding or "").lower().startswith("utf")
    before = "["
    for row in _each(source):
        record = dict(zip(names, map(json_value, row), strict=True))
        text = json.dumps(record, ensure_ascii=not is_unicode, indent=1, allow_nan=False)
        sys.stdout.write(before + "\n " + text.replace("\n", "\n "))
        before = ","
    sys.stdout.write("\n]\n" if before == "," else "[]\n")


def _each(source: Source) -> Iterator[Sequence[object]]:
    for start in range(0, len(source), CONVERTED):
        yield from Rows.of(source, start, CONVERTED).values


def _print_table(rows: Rows, title: str) -> None:
    screen = console()
    is_piped = not (screen.is_terminal or os.environ.get("COLUMNS"))
    if is_piped:
        screen.width = PIPE_WIDTH
    if title:
        say(title, "bold")
    names = [printable(name) for name in rows.names]
    cells = [[shown(value) for value in row] for row in rows.values]
    if is_piped:
        cells = [[cell.replace("\n", " ") for cell in row] for row in cells]
    least = [_least(name, [row[at] for row in cells]) for at, name in enumerate(names)]
    fits = sum(least) + GAP * (len(least) - 1) <= screen.width
    print_wrapped(_as_table(names, cells, rows) if fits else _as_records(names, cells), screen)


def shown(value: object) -> str:
    """A value as the text of a cell."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case list() | tuple():
            return ", ".join(map(shown, value))
        case dict():
            return ", ".join(f"{key} {shown(item)}" for key, item in value.items())
        case _:
            return printable(str(value))


def _least(name: str, cells: Sequence[str]) -> int:
    """The least readable width of a column."""
    widest = max((cell_len(line) for cell in cells for line in cell.split("\n")), default=0)
    least = LEAST_WORDS if any(" " in cell for cell in cells) else LEAST_WHOLE
    return max(cell_len(name), min(widest, least))


def _as_table(names: Sequence[str], cells: Sequence[Sequence[str]], rows: Rows) -> Table:
    table = Table(
        box=box.SIMPLE_HEAD,
        padding=(0, GAP - 1, 0, 0),  # the box adds one
        show_edge=False,
        pad_edge=False,
        row_styles=["", "dim"] if len(cells) > 1 else None,
    )
    for at, name in enumerate(names):
        numbers = all(isinstance(row[at], int | float | Decimal | None) for row in rows.values) and bool(rows.values)
        least = _least(name, [row[at] for row in cells])
        table.add_column(Text(name), justify="right" if numbers else "left", min_width=least, overflow="fold")
    for row in cells:
        table.add_row(*map(Text, row))
    return table


def _as_records(names: Sequence[str], cells: Sequence[Sequence[str]]) -> Table:
    """Rows too wide for a table: one line for each value, and an empty line between rows."""
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for n, row in enumerate(cells):
        if n:
            table.add_row()
        for name, cell in zip(names, row, strict=True):
            table.add_row(Text(name), Text(cell))
    return table


def _unique(names: Sequence[str]) -> Iterator[str]:
    """The names, with numbers added to repeated ones, because keys of JSON objects are unique."""
    taken: set[str] = set()
    for name in names:
        others = (f"{name}_{n}" for n in count(1))
        fresh = next(
            each for each in chain([name], others) if each not in taken and (each == name or each not in names)
        )
        taken.add(fresh)
        yield fresh
