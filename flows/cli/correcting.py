"""Corrections: what people decided, and what they should look at."""

import shlex
from pathlib import Path
from typing import Annotated

import typer

from etl.errors import OnTheRecordError
from etl.text import plural
from flows.cli.options import DEFAULT_ROOT, MOST, Root
from flows.cli.printing import Csv, Format, Json, Rows, format_of, print_csv, print_rows, say


def corrections(
    root: Root = DEFAULT_ROOT,
    lost: Annotated[bool, typer.Option("--lost", help="Only those that could not be applied.")] = False,
    gold: Annotated[
        Path | None,
        typer.Option(help="Write the corrected articles to this file, as JSON lines for evaluate.", dir_okay=False),
    ] = None,
    as_csv: Csv = False,
    as_json: Json = False,
) -> None:
    """List the corrections in what is published, those that could not be applied first."""
    from etl.durable import write_whole
    from warehouse.corrections import gold as lines
    from warehouse.corrections import listing

    form = format_of(as_csv, as_json)
    if gold is None:
        rows = listing(root, lost=lost)
        if form is Format.TABLE and not rows.num_rows:
            say("no corrections")
        else:
            print_rows(rows, form)
        return
    if lost or form is not Format.TABLE:
        raise typer.BadParameter("--gold writes a file and lists nothing; leave out --lost, --csv and --json")
    written = list(lines(root))
    if not written:
        raise OnTheRecordError(f"no quote or name is corrected in what is published; {gold} was not written")
    write_whole(gold, "".join(f"{line}\n" for line in written))
    say(f"wrote {plural(len(written), 'article')} to {gold}; next: ontherecord evaluate {shlex.quote(str(gold))}")


def review(
    root: Root = DEFAULT_ROOT,
    limit: Annotated[int, typer.Option(min=1, max=MOST, help="Utterances listed.")] = 50,
) -> None:
    """Print what a person should look at first, as lines for a corrections file: the least sure and most widely printed.

    A line does nothing until it is given a kind.
    """
    from etl.corrections.file import COLUMNS, FOR_THE_READER
    from warehouse.corrections import review as found
    from warehouse.reader import connect

    with connect(root) as db:
        print_csv(Rows((*COLUMNS, *FOR_THE_READER), [tuple(row.values()) for row in found(db, limit)]))
