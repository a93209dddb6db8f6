"""An article for a terminal: its passages, with quotations and speakers marked."""

from collections.abc import Iterator, Mapping, Sequence

from rich.console import Group
from rich.padding import Padding
from rich.text import Text

from warehouse.article import Found, Piece, Row, asked_for, pieces, quotes_of
from warehouse.text import printable

#: How each kind of passage is set; others as they are.
PASSAGE_STYLES = {
    "headline": "bold",
    "subtitle": "italic",
    "sub-heading": "bold",
    "caption": "italic",
    "boilerplate": "dim",
    "trailer": "dim",
}
QUOTE_STYLES = {"direct": "green", "partial": "green", "indirect": "cyan"}
SPEAKER_STYLE = "underline"
#: How words are called that the text says were not said.
UNSAID = "not said"


def render(found: Found, reasons: Mapping[str, Sequence[str]] | None = None) -> Group:
    """An article, or the passages around a quote of it; below each quote the reasons given for it, by ``quote_id``."""
    parts = (part for passage in asked_for(found) for part in _passage(found, passage, reasons or {}))
    return Group(_head(found), *parts)


def facts(article: Row) -> str:
    """When and where an article was printed, on a line; a record of many in a file by its own key too."""
    key = article["record_key"]
    where = [article["published_on"] or "undated", article["dateline_place"], article["outlet"], article["source_uri"]]
    return printable(" · ".join(str(fact) for fact in [*where, key and f"record {key}"] if fact))


def attribution(quote: Row) -> tuple[str, str]:
    """Whose words a quote is, and how that was found."""
    who = quote["who"] or quote["speaker"] or "nobody named"
    doubt = UNSAID if quote["is_unsaid"] else None
    how = [quote["kind"], doubt, quote["speaker_type"], quote["speaker_via"], quote["cue"]]
    details = ", ".join(str(part) for part in how if part)
    return printable(str(who)), printable(f"{details}, confidence {quote['confidence']:.2f}")


def decided(found: Found) -> list[str]:
    """Who corrected what in an article, when and why, a line each."""
    return [
        printable(f"{row['kind']} corrected by {row['corrected_by']} on {row['corrected_on']}: {row['reason']}")
        for row in found.corrections
    ]


def _head(found: Found) -> Text:
    article = found.article
    lines = [facts(article), f"article {article['article_id']}", *decided(found)]
    return Text("\n".join(lines) + "\n", style="dim")


def _passage(found: Found, passage: Row, reasons: Mapping[str, Sequence[str]]) -> Iterator[Text | Padding]:
    """A passage with its marks, and below it whose words they are."""
    shown = Text(style=PASSAGE_STYLES.get(str(passage["kind"]), ""))
    for piece in pieces(found, passage):
        shown.append(printable(piece.text), style=_style(piece, found.quotes))
        for number in piece.ends:
            shown.append(f"[{number}]", style="bold yellow")
    yield shown
    for number, quote in quotes_of(found, passage):
        who, how = attribution(quote)
        line = Text(f"[{number}] ", style="bold yellow").append(who, style="bold").append(f"  {how}", style="dim")
        yield Padding(line, (0, 0, 0, 4))
        for reason in reasons.get(str(quote["quote_id"]), ()):
            yield Padding(Text(printable(reason), style="dim"), (0, 0, 0, 8))
    yield Text()


def _style(piece: Piece, quotes: Sequence[Row]) -> str:
    styles = [QUOTE_STYLES[str(quotes[number - 1]["kind"])] for number in piece.quotes]
    return " ".join([*styles, *[SPEAKER_STYLE] * piece.is_speaker])
