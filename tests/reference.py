"""The generated pages of ``docs/``: ``python -m tests.reference`` (or ``make docs``) writes them, a test keeps them fresh."""

import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
from typer.core import TyperArgument, TyperCommand, TyperGroup
from typer.main import get_command

import warehouse
from etl.schema import TABLES, Table, ddl, duckdb_type
from flows.cli import app
from tests.benchmarks.figures import page as benchmarks

DOCS = Path(__file__).parents[1] / "docs"
#: A view's header and name, as ``warehouse/views/*.sql`` has them.
VIEW = re.compile(r"((?:^--.*\n)+)CREATE OR REPLACE (?:VIEW|MACRO) (\w+)", re.MULTILINE)


def data_dictionary() -> str:
    """Every table, column and view, from the declaration and the views' headers."""
    return "\n".join(
        [
            "# Data dictionary",
            "",
            "Made by `make docs` from `etl/schema.py` and `warehouse/views/`; edit those. DuckDB has the same text as comments.",
            "",
            "Spans are 0-based Unicode code points into `article.text`, half open. Days are `DATE`, instants UTC.",
            "",
            "# Tables",
            *(line for table in TABLES.values() for line in _table(table)),
            "",
            "# Views",
            *_views(),
            "",
        ]
    )


def _table(table: Table) -> Iterator[str]:
    yield from ("", f"## {table.name}", "", f"One row is {table.grain}. Unique: {', '.join(table.key)}.", "")
    yield from ("| column | type | null | meaning |", "|---|---|---|---|")
    for column in table.columns:
        values = f": {', '.join(column.values)}" if column.values else ""
        null = "yes" if column.nullable else ""
        yield f"| `{column.name}` | {duckdb_type(column.type)} | {null} | {_cell(column.meaning + values)} |"


def _views() -> Iterator[str]:
    columns = _view_columns()
    for header, name in VIEW.findall(warehouse.views()):
        said = " ".join(line.removeprefix("--").strip() for line in header.splitlines())
        yield from ("", f"## {name}", "", said, "", f"Columns: {columns[name]}.")


def _view_columns() -> dict[str, str]:
    """The columns of each view with their types, in order, as DuckDB tells them."""
    with duckdb.connect() as db:
        for table in TABLES.values():
            db.execute(";".join(ddl(table)))
        db.execute(warehouse.views())
        found = db.execute("""
            SELECT table_name, string_agg(printf('`%s` %s', column_name, data_type), ', ' ORDER BY column_index)
            FROM duckdb_columns() GROUP BY table_name
        """)
        return dict(found.fetchall())


def commands() -> str:
    """Every command with its arguments and options, as ``--help`` has them."""
    group = get_command(app)
    assert isinstance(group, TyperGroup)
    lines = [
        "# Commands",
        "",
        "Made by `make docs` from the commands' own help; `ontherecord COMMAND --help` prints the same.",
    ]
    for name, command in group.commands.items():
        assert isinstance(command, TyperCommand)
        lines += [
            "",
            f"## ontherecord {name}",
            "",
            *_paragraphs(command.help or ""),
            "",
            "| argument or option | meaning |",
            "|---|---|",
        ]
        for parameter in command.params:
            is_argument = isinstance(parameter, TyperArgument)
            shown = f"{parameter.name}" if is_argument else ", ".join([*parameter.opts, *parameter.secondary_opts])
            lines.append(f"| `{shown}` | {_cell(getattr(parameter, 'help', None) or '')} |")
    return "\n".join(lines) + "\n"


def _paragraphs(text: str) -> list[str]:
    return [line.strip() for line in text.strip().splitlines()]


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace(str(warehouse.DEFAULT_ROOT), "warehouse/data")


#: The pages and what makes them.
PAGES = {"data-dictionary.md": data_dictionary, "commands.md": commands, "benchmarks.md": benchmarks}


if __name__ == "__main__":
    for name, made in PAGES.items():
        (DOCS / name).write_text(made(), encoding="utf-8")
