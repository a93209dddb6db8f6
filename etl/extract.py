"""The stages of one article and of one file, composed: read, parse, annotate, entities, quotes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from etl.annotate import Annotator
from etl.entities import Mention, find_mentions
from etl.parse import Page
from etl.quotes import Quote, find_quotes


@dataclass(frozen=True, slots=True)
class Extract:
    """What was found in one article."""

    page: Page
    quotes: tuple[Quote, ...] = ()
    mentions: tuple[Mention, ...] = ()


def extract(pages: Iterable[Page], annotator: Annotator) -> Iterator[Extract]:
    """Find the names and quotations of pages, one extract a page, in order."""
    listed = list(pages)
    for page, annotation in zip(listed, annotator(listed), strict=True):
        mentions = find_mentions(page, annotation)
        yield Extract(page, tuple(find_quotes(page, annotation, mentions)), tuple(mentions))


def printed(page: Page, start: int | None, end: int | None) -> str | None:
    """The page's text between two offsets, where there are two."""
    return None if start is None or end is None else page.text[start:end]
