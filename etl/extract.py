"""The stages of one article and of one file, composed: read, parse, annotate, entities, quotes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from etl.annotate import Annotator
from etl.entities import Mention, find_mentions, mentions_of_speakers
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
        quotes = find_quotes(page, annotation, mentions)
        yield Extract(page, tuple(quotes), tuple(mentions_of_speakers(mentions, unnamed_speakers(quotes))))


def unnamed_speakers(quotes: Iterable[Quote]) -> Iterator[tuple[int, int, str, str]]:
    """The speakers that quotes print by pronoun or description: (start, end, entity_id, via)."""
    for q in quotes:
        start, end, who = q.speaker_start, q.speaker_end, q.speaker_entity_id
        if start is not None and end is not None and who and q.speaker_via in ("pronoun", "description"):
            yield start, end, who, q.speaker_via


def printed(page: Page, start: int | None, end: int | None) -> str | None:
    """The page's text between two offsets, where there are two."""
    return None if start is None or end is None else page.text[start:end]
