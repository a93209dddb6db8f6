"""Forget and rename sources of a warehouse."""

from typing import Annotated

import typer

from etl.text import plural
from flows.cli.options import DEFAULT_ROOT, Root
from flows.cli.printing import say

Yes = Annotated[bool, typer.Option("--yes", help="Do it; without this option, only say what would change.")]


def forget(
    source: Annotated[str, typer.Argument(help="The source's name.", show_default=False)],
    root: Root = DEFAULT_ROOT,
    yes: Yes = False,
) -> None:
    """Remove a source and all its rows. Without --yes nothing is done.

    Its files may be loaded again at any time; to keep an article out for good, use redact.
    """
    from etl.extract.versions import library_versions
    from etl.store.paths import Layout
    from etl.store.sources import forget, rows_of
    from flows.freshness import write_metrics
    from flows.publishing import publication

    layout = Layout(root.resolve())
    rows = rows_of(layout, source)
    what = f"source {source}: {plural(rows.n_files, 'file')} with {plural(rows.n_articles, 'article')}"
    if not yes:
        say(f"would remove {what}; nothing was done, --yes does it")
        return
    run = forget(publication(layout), library_versions(), source)
    write_metrics(layout.root)
    published = f"published {run.snapshot_id} without it" if run else "it had no rows"
    say(f"removed {what}; {published}")


def rename_source(
    old: Annotated[str, typer.Argument(help="The source's name.", show_default=False)],
    new: Annotated[str, typer.Argument(help="Its new name.", show_default=False)],
    root: Root = DEFAULT_ROOT,
    yes: Yes = False,
) -> None:
    """Rename a source in ontherecord.toml and in its rows; no file is read again. Without --yes nothing is done.

    The ids of articles, quotes and mentions change, because they are hashes of file names.
    """
    from etl.extract.versions import library_versions
    from etl.store.paths import Layout
    from etl.store.sources import refuse_name, rename, rows_of
    from flows.freshness import write_metrics
    from flows.publishing import publication

    layout = Layout(root.resolve())
    rows = rows_of(layout, old)
    refuse_name(layout, old, new)
    what = f"{plural(rows.n_files, 'file')} with {plural(rows.n_articles, 'article')}"
    if not yes:
        say(
            f"source {old} would be called {new}, with {what}; nothing was done, --yes does it",
        )
        return
    how = publication(layout)
    run = rename(how, library_versions(), old, new)
    write_metrics(layout.root)
    published = f"; published {run.snapshot_id}" if run else ""
    say(f"source {old} is called {new} now, with {what}{published}")
    for row in how.authority.rows:
        if row.scope.source and row.scope.source.split("/")[0] == old:
            say(f"{row.file}, line {row.line} still speaks of source {old}")
    for correction in how.corrections.rows:
        if correction.source_uri and correction.source_uri.split("/")[0] == old:
            say(f"{correction.file}, line {correction.line} still speaks of source {old}")
