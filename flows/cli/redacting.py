"""Redact articles."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from etl.text import plural
from flows.cli.options import DEFAULT_ROOT, Root, published_layout, warehouse_option
from flows.cli.printing import print_rows, say

if TYPE_CHECKING:
    from etl.store.lookup import NearCopy, Taken
    from etl.store.push import Destination


def redact(
    reason: Annotated[str, typer.Option(help="Why; kept with the tombstone.")],
    article_ids: Annotated[list[str] | None, typer.Argument(help="Ids of articles.", show_default=False)] = None,
    root: Root = DEFAULT_ROOT,
    uri: Annotated[
        str, typer.Option(help="Articles whose source_uri matches: * is any characters, ? any single one.")
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without, only say what would be redacted.")] = False,
    and_push: Annotated[
        bool, typer.Option("--push", help="Push afterwards, to every store that the warehouse was pushed to.")
    ] = False,
) -> None:
    """Redact articles: delete them from all snapshots, shards and logs, and keep builds from loading them again.

    Without --yes nothing is done. Articles with the same body under other names are redacted too; near copies are listed and stay.
    """
    from etl.config import load_config
    from etl.extract.versions import library_versions
    from etl.store.push import destinations
    from etl.store.redact import look_up, redact
    from flows.cli.pushing import push_to
    from flows.freshness import write_metrics
    from flows.publishing import publication

    if bool(article_ids) == bool(uri):
        raise typer.BadParameter("name either articles or --uri")
    if not reason.strip():
        raise typer.BadParameter("--reason is empty; say why, for whoever reads the tombstone")
    layout = published_layout(root)
    ids = list(dict.fromkeys(article_ids or []))
    taken, near = look_up(layout, ids, uri, load_config(layout.config).memory_limit)
    _print_found(taken, near, is_done=yes)
    if not yes:
        say("nothing was done; with --yes they are redacted, and all older snapshots are deleted")
        return
    how = publication(layout)
    run, gone = redact(how, library_versions(), ids, uri, reason)
    write_metrics(layout.root)
    say(f"published {run.snapshot_id} without them; older snapshots are deleted")
    say("the names of their files stay listed until you delete the files and build")
    for destination in destinations(layout):
        if and_push:
            push_to(layout, destination)
        else:
            say(f"{destination.url} still has them; to delete them there: {_push_command(destination, root)}")
    files = {each.source_uri for each in gone}
    for row in how.corrections.rows:
        if row.source_uri in files:
            say(f"{row.file}, line {row.line} corrects {row.source_uri}, and may quote it; delete the line")


def _print_found(taken: "Sequence[Taken]", near: "Sequence[NearCopy]", *, is_done: bool) -> None:
    say(f"{'redacting' if is_done else 'would redact'} {plural(len(taken), 'article')}", style="bold")
    shown = ("article_id", "source_uri", "title", "n_quotes", "n_mentions")
    print_rows([{name: getattr(each, name) for name in shown} for each in taken])
    if near:
        say("articles that share sentences with them and stay", style="bold")
        print_rows([asdict(each) for each in near])


def _push_command(destination: "Destination", root: Path) -> str:
    endpoint = f" --endpoint {destination.endpoint}" if destination.endpoint else ""
    return f"ontherecord push {destination.url}{endpoint}{warehouse_option(root)}"
