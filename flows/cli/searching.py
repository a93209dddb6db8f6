"""Search utterances and articles."""

from datetime import datetime
from typing import Annotated

import typer

from etl.choices import Form
from flows.cli.options import DAY, DEFAULT_ROOT, MOST, Root, warehouse_option
from flows.cli.printing import Csv, Format, Json, Rows, format_of, print_rows, print_wrapped, say


def search(
    words: Annotated[
        str, typer.Argument(help='Words, "a phrase", word*, one OR another. None: the newest.', show_default=False)
    ] = "",
    root: Root = DEFAULT_ROOT,
    speaker: Annotated[str, typer.Option(help="Part of the speaker's name.")] = "",
    about: Annotated[str, typer.Option(help="Part of a name inside the words.")] = "",
    outlet: Annotated[str, typer.Option(help="Part of the outlet's name.")] = "",
    since: Annotated[datetime | None, typer.Option(help="Not published before.", **DAY)] = None,
    until: Annotated[datetime | None, typer.Option(help="Not published after.", **DAY)] = None,
    form: Annotated[Form | None, typer.Option(help="In quotation marks, in part, or reported without.")] = None,
    articles: Annotated[bool, typer.Option("--articles", help="Search whole articles: headlines and texts.")] = False,
    reprints: Annotated[bool, typer.Option("--reprints", help="Count reprints too.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=MOST, help="Hits shown.")] = 20,
    as_csv: Csv = False,
    as_json: Json = False,
) -> None:
    """Search what was said, or whole articles, the best hits first, in their context."""
    from warehouse.search import (
        ARTICLE_COLUMNS,
        COLUMNS,
        MARK,
        UNMARK,
        Filters,
        match_of,
        render,
        render_article,
        search_articles,
    )
    from warehouse.search import search as find

    if articles and (speaker or about or form):
        raise typer.BadParameter("--speaker, --about and --form are of what was said; leave them out with --articles")

    if words.strip() and not match_of(words):
        raise typer.BadParameter(f"{words!r} has no word to search for; leave it out for the newest")
    if since and until and since > until:
        raise typer.BadParameter("--since is later than --until")
    printed = format_of(as_csv, as_json)
    filters = Filters(
        speaker, about, outlet, since and since.date(), until and until.date(), form.value if form else "", reprints
    )
    hits = (search_articles if articles else find)(root, words, filters, limit)
    if printed is not Format.TABLE:
        plain = [{**hit, "snippet": str(hit["snippet"]).replace(MARK, "[").replace(UNMARK, "]")} for hit in hits]
        names = ARTICLE_COLUMNS if articles else COLUMNS
        print_rows(Rows(names, [[hit[name] for name in names] for hit in plain]), printed)
        return
    for hit in hits:
        print_wrapped((render_article if articles else render)(hit, warehouse_option(root)))
    if not hits:
        say("nothing found", err=True)
