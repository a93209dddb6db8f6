"""List rejected files and records."""

from collections.abc import Sequence
from typing import Annotated

import typer

from etl.errors import ConfigError
from flows.cli.options import DEFAULT_ROOT, Root
from flows.cli.printing import Csv, Format, Json, format_of, print_rows, say

QUERY = """
SELECT source_uri, record_no, reason, detail FROM rejection
WHERE ($source IS NULL OR starts_with(source_uri, $source || '/')) AND ($reason IS NULL OR reason = $reason)
ORDER BY source_uri, record_no NULLS FIRST
"""
SOURCES = "SELECT DISTINCT split_part(source_uri, '/', 1) FROM file ORDER BY ALL"


def rejected(
    root: Root = DEFAULT_ROOT,
    source: Annotated[str | None, typer.Option(help="Only those of this source.")] = None,
    reason: Annotated[str | None, typer.Option(help="Only those with this reason.")] = None,
    as_csv: Csv = False,
    as_json: Json = False,
) -> None:
    """List the files and records that could not be used, with what to do about each."""
    from etl.schema import REJECTION_REASONS
    from warehouse.reader import connect

    form = format_of(as_csv, as_json)
    if reason is not None:
        _refuse_unknown("reason", reason, REJECTION_REASONS)
    with connect(root) as db:
        if source is not None:
            _refuse_unknown("source", source, [name for (name,) in db.execute(SOURCES).fetchall()])
        rows = db.execute(QUERY, {"source": source, "reason": reason}).to_arrow_table()
    if form is Format.TABLE and not rows.num_rows:
        say("nothing rejected")
    else:
        print_rows(rows, form)


def _refuse_unknown(what: str, name: str, known: Sequence[str]) -> None:
    if name not in known:
        raise ConfigError(f"no {what} is called {name!r}; there are: {', '.join(known)}")
