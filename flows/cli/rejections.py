"""List rejected files and records."""

from typing import Annotated

import typer

from flows.cli.options import DEFAULT_ROOT, Root
from flows.cli.printing import Csv, Format, Json, format_of, print_rows, say

QUERY = """
SELECT source_uri, record_no, reason, detail FROM rejection
WHERE ($source IS NULL OR starts_with(source_uri, $source || '/')) AND ($reason IS NULL OR reason = $reason)
ORDER BY source_uri, record_no NULLS FIRST
"""


def rejected(
    root: Root = DEFAULT_ROOT,
    source: Annotated[str | None, typer.Option(help="Only those of this source.")] = None,
    reason: Annotated[str | None, typer.Option(help="Only those with this reason.")] = None,
    as_csv: Csv = False,
    as_json: Json = False,
) -> None:
    """List the files and records that could not be used, with what to do about each."""
    from warehouse.reader import connect

    form = format_of(as_csv, as_json)
    with connect(root) as db:
        rows = db.execute(QUERY, {"source": source, "reason": reason}).to_arrow_table()
    if form is Format.TABLE and not rows.num_rows:
        say("nothing rejected")
    else:
        print_rows(rows, form)
