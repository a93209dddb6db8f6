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


def as_json(extract: Extract) -> dict[str, object]:
    """An extract in the column names of the tables, as plain values for JSON."""
    page = extract.page
    return {
        "text": page.text,
        "title": page.title,
        "published_on": page.published_on.isoformat() if page.published_on else None,
        "authors": list(page.authors),
        "passages": [{"kind": p.kind, "span_start": p.start, "span_end": p.end} for p in page.passages],
        "quotes": [
            {
                "span_start": q.start,
                "span_end": q.end,
                "text": page.text[q.start : q.end],
                "kind": q.kind,
                "utterance_no": q.utterance_no,
                "cue": _printed(page, q.cue_start, q.cue_end),
                "cue_start": q.cue_start,
                "cue_end": q.cue_end,
                "speaker": _printed(page, q.speaker_start, q.speaker_end),
                "speaker_start": q.speaker_start,
                "speaker_end": q.speaker_end,
                "speaker_name": q.speaker_name,
                "speaker_type": q.speaker_type,
                "speaker_entity_id": q.speaker_entity_id,
                "speaker_via": q.speaker_via,
                "confidence": q.confidence,
            }
            for q in extract.quotes
        ],
        "mentions": [
            {
                "span_start": m.start,
                "span_end": m.end,
                "text": page.text[m.start : m.end],
                "entity_type": m.entity_type,
                "entity_id": m.entity_id,
                "canonical_id": m.entity_id,
                "entity_name": m.name,
                "via": m.via,
            }
            for m in extract.mentions
        ],
    }


def _printed(page: Page, start: int | None, end: int | None) -> str | None:
    return None if start is None or end is None else page.text[start:end]
