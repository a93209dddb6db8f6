"""Rows: the findings in a file as pandas frames of the declared tables."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from etl.durable import encodable
from etl.extract.article import Extract, printed
from etl.ids import article_id, span_id
from etl.page.parse import Page, body_sha256
from etl.page.signature import signature
from etl.schema import SHARD_TABLES, TABLES, frame_of
from etl.sources.file import Identity
from etl.sources.record import Record, Rejection

if TYPE_CHECKING:
    import pandas as pd

#: The longest name of a section, in code points.
SECTION_LENGTH = 60

Row = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Stamp:
    """The columns that all rows of a run share: run id, time, and versions of the stages."""

    run_id: str
    at: datetime
    parser: str
    extractor: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of one file: its identity and hash, its records with their findings, and the rejections."""

    source_uri: str
    identity: Identity
    content_sha256: str | None
    articles: tuple[tuple[Record, Extract], ...] = ()
    rejections: tuple[Rejection, ...] = ()


@dataclass(slots=True)
class Frames:
    """The rows of a shard's files, gathered table by table."""

    rows: dict[str, list[Row]] = field(default_factory=lambda: {name: [] for name in SHARD_TABLES})

    def add(self, outcome: Outcome, stamp: Stamp) -> None:
        """Gather the rows of one file."""
        self.rows["file"].append(file_row(outcome, stamp))
        for rejection in outcome.rejections:
            self.rows["rejection"].append(rejection_row(outcome.source_uri, rejection, stamp))
        for record, extract in outcome.articles:
            identifier = article_id(outcome.source_uri, record.record_no, record.key)
            self.rows["article"].append(article_row(identifier, outcome.source_uri, record, extract, stamp))
            self.rows["passage"].extend(passage_rows(identifier, extract))
            self.rows["quote"].extend(quote_rows(identifier, extract, stamp))
            self.rows["mention"].extend(mention_rows(identifier, extract, stamp))

    def frames(self) -> "dict[str, pd.DataFrame]":
        """One frame per table."""
        return {name: frame_of(TABLES[name], rows) for name, rows in self.rows.items()}


def file_row(outcome: Outcome, stamp: Stamp) -> Row:
    """The row of one file."""
    return {
        "source_uri": outcome.source_uri,
        "size": outcome.identity.size,
        "modified_at": instant(outcome.identity.modified_us),
        "changed_at": instant(outcome.identity.changed_us),
        "content_sha256": outcome.content_sha256,
        "status": "loaded" if outcome.articles else "rejected",
        "is_stale": False,
        "n_articles": len(outcome.articles),
        "n_rejected": len(outcome.rejections),
        "parser": stamp.parser,
        "extractor": stamp.extractor,
        "run_id": stamp.run_id,
    }


def rejection_row(source_uri: str, rejection: Rejection, stamp: Stamp) -> Row:
    """The row of one rejected file or record."""
    return {
        "source_uri": source_uri,
        "record_no": rejection.record_no,
        "reason": rejection.reason,
        "detail": encodable(rejection.detail),
        "is_transient": rejection.is_transient,
        "max_bytes": rejection.max_bytes,
        "run_id": stamp.run_id,
        "rejected_at": stamp.at,
    }


def page_row(page: Page) -> Row:
    """The columns that the row of an article and its JSON document share."""
    return {
        "text": page.text,
        "title": page.title,
        "authors": list(page.authors),
        "published_on": page.published_on,
        "published_at": page.published_at,
        "published_from": page.published_from,
        "dateline_place": page.dateline_place,
        "publisher": page.publisher,
        "language": page.language,
    }


def article_row(identifier: str, source_uri: str, record: Record, extract: Extract, stamp: Stamp) -> Row:
    """The row of one article."""
    page = extract.page
    return {
        "article_id": identifier,
        "source_uri": source_uri,
        "record_no": record.record_no,
        "record_key": record.key,
        **page_row(page),
        "outlet": page.outlet or source_uri.partition("/")[0],
        "url": web_address(record.fields.get("url")),
        "sections": sections(record.fields.get("sections", "")),
        "text_sha256": sha256(page.text.encode()).hexdigest(),
        "body_sha256": body_sha256(page),
        "signature": signature(page),
        "n_words": len(page.text.split()),
        "encoding": record.encoding,
        "repairs": list(record.repairs),
        "parser": stamp.parser,
        "run_id": stamp.run_id,
    }


def sections(stated: str) -> list[str]:
    """The section names in a record's field. Longer strings are left out."""
    return [name for name in dict.fromkeys(map(str.strip, stated.split(";"))) if 0 < len(name) <= SECTION_LENGTH]


def web_address(url: str | None) -> str | None:
    """The url if it is a web address; None for any other, such as ``javascript:``."""
    return url if url and url.startswith(("https://", "http://")) else None


def passage_rows(identifier: str, extract: Extract) -> Iterable[Row]:
    """The rows of an article's passages."""
    for number, passage in enumerate(extract.page.passages):
        yield {
            "article_id": identifier,
            "passage_no": number,
            "kind": passage.kind,
            "span_start": passage.start,
            "span_end": passage.end,
            "published_on": extract.page.published_on,
        }


def stretch_row(identifier: str, page: Page, start: int, end: int, stamp: Stamp) -> Row:
    """The columns that quotes and mentions share."""
    return {
        "article_id": identifier,
        "text": page.text[start:end],
        "span_start": start,
        "span_end": end,
        "published_on": page.published_on,
        "extractor": stamp.extractor,
        "run_id": stamp.run_id,
    }


def quote_rows(identifier: str, extract: Extract, stamp: Stamp) -> Iterable[Row]:
    """The rows of an article's quotes."""
    page = extract.page
    for quote in extract.quotes:
        yield {
            "quote_id": span_id(identifier, quote.start, quote.end, quote.kind),
            "utterance_no": quote.utterance_no,
            "kind": quote.kind,
            **stretch_row(identifier, page, quote.start, quote.end, stamp),
            "cue": printed(page, quote.cue_start, quote.cue_end),
            "cue_start": quote.cue_start,
            "cue_end": quote.cue_end,
            "speaker": printed(page, quote.speaker_start, quote.speaker_end),
            "speaker_start": quote.speaker_start,
            "speaker_end": quote.speaker_end,
            "speaker_name": quote.speaker_name,
            "speaker_type": quote.speaker_type,
            "speaker_entity_id": quote.speaker_entity_id,
            "speaker_via": quote.speaker_via,
            "confidence": quote.confidence,
            "is_unsaid": quote.is_unsaid,
            "passage_no": quote.passage_no,
        }


def mention_rows(identifier: str, extract: Extract, stamp: Stamp) -> Iterable[Row]:
    """The rows of an article's mentions."""
    page = extract.page
    for mention in extract.mentions:
        yield {
            "mention_id": span_id(identifier, mention.start, mention.end, mention.via),
            **stretch_row(identifier, page, mention.start, mention.end, stamp),
            "entity_type": mention.entity_type,
            "entity_id": mention.entity_id,
            "entity_name": mention.name,
            "via": mention.via,
        }


def document(doc_id: str, extract: Extract, stamp: Stamp) -> dict[str, object]:
    """One article with its findings as a JSON document, with the columns of the tables."""
    page = extract.page
    return {
        "doc_id": doc_id,
        **page_row(page),
        "passages": list(passage_rows(doc_id, extract)),
        "quotes": list(quote_rows(doc_id, extract, stamp)),
        "mentions": [{**row, "canonical_id": row["entity_id"]} for row in mention_rows(doc_id, extract, stamp)],
    }


def microseconds(at: datetime) -> int:
    """An instant in microseconds since 1970."""
    return (at - instant(0)) // timedelta(microseconds=1)


def instant(microseconds: int) -> datetime:
    """The instant of microseconds since 1970."""
    return datetime.fromtimestamp(0, UTC) + timedelta(microseconds=microseconds)
