"""The stages of one article and of one file, composed: read, parse, annotate, entities, quotes."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from etl.entities.mentions import Mention, find_mentions, mentions_of_speakers
from etl.model.annotate import Annotate
from etl.page.parse import Page
from etl.quotes.find import Quote, find_quotes
from etl.schema import PERSON
from etl.spans import Span


@dataclass(frozen=True, slots=True)
class Extract:
    """What was found in one article."""

    page: Page
    quotes: tuple[Quote, ...] = ()
    mentions: tuple[Mention, ...] = ()


def extract(pages: Iterable[Page], annotator: Annotate) -> Iterator[Extract]:
    """Find the names and quotations of pages, one extract a page, in order."""
    listed = list(pages)
    for page, annotation in zip(listed, annotator(listed), strict=True):
        quotes, mentions = find_quotes(page, annotation, find_mentions(page, annotation))
        mentions = sorted([*mentions, *overlooked(quotes, mentions)], key=lambda m: (m.start, m.end))
        known = {mention.entity_id for mention in mentions}
        quotes = [q if q.speaker_entity_id in known else replace(q, speaker_entity_id=None) for q in quotes]
        mentions = agreeing(mentions, quotes)
        yield Extract(page, tuple(quotes), tuple(mentions_of_speakers(mentions, unnamed_speakers(quotes))))


def overlooked(quotes: Iterable[Quote], mentions: Sequence[Mention]) -> Iterator[Mention]:
    """Names that only their speaking gave away, as the labels of a transcript: people whom no mention names.

    There may be a mention of another class at that very stretch, which `agreeing` replaces.
    """
    known = {mention.entity_id for mention in mentions}
    found: dict[tuple[int, int], Mention] = {}
    for q in quotes:
        start, end, name = q.speaker_start, q.speaker_end, q.speaker_name
        if start is None or end is None or name is None or q.speaker_via != "named" or q.speaker_entity_id in known:
            continue
        mention = Mention(start, end, PERSON, name)
        across = (m for m in mentions if m.start < end and start < m.end and (m.start, m.end) != (start, end))
        if mention.entity_id == q.speaker_entity_id and next(across, None) is None:
            found[start, end] = mention
    yield from found.values()


def agreeing(mentions: Sequence[Mention], quotes: Iterable[Quote]) -> list[Mention]:
    """The mentions, those of speakers as the entities that the quotes say they are: no stretch of text stands for two."""
    by_entity = {mention.entity_id: mention for mention in reversed(mentions)}
    speakers = {(q.speaker_start, q.speaker_end): q for q in quotes if q.speaker_entity_id}
    agreed: dict[Span, Mention] = {}
    for m in mentions:
        quote = speakers.get((m.start, m.end))
        if quote and quote.speaker_entity_id and quote.speaker_entity_id != m.entity_id:
            entity = by_entity[quote.speaker_entity_id]
            m = replace(entity, start=m.start, end=m.end, via=m.via)
        agreed[m.start, m.end] = m
    return list(agreed.values())


def unnamed_speakers(quotes: Iterable[Quote]) -> Iterator[tuple[int, int, str, str]]:
    """The speakers that quotes print by pronoun or description: (start, end, entity_id, via)."""
    for q in quotes:
        start, end, who = q.speaker_start, q.speaker_end, q.speaker_entity_id
        if start is not None and end is not None and who and q.speaker_via in ("pronoun", "description"):
            yield start, end, who, q.speaker_via


def printed(page: Page, start: int | None, end: int | None) -> str | None:
    """The page's text between two offsets, where there are two."""
    return None if start is None or end is None else page.text[start:end]
