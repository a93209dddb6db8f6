"""What reading gives: records, rejections, and the options a source may set for them. Values only; no reading here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

#: The names under which formats and page headers say each thing, in the order they are tried, in small letters.
FIELD_NAMES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "text": (
            "text",
            "body",
            "content",
            "article",
            "maintext",
            "full_text",
            "article_text",
            "article_body",
            "story",
        ),
        "title": ("title", "headline", "heading", "hl1"),
        "published": (
            *("published_at", "published_on", "published", "date_published", "datepublished", "publication_date"),
            *("pub_date", "pubdate", "publish_date", "published_date", "date", "timestamp", "load_date"),
        ),
        "updated": ("updated", "last_updated", "updated_at", "modified", "last_modified", "date_modified"),
        "authors": ("authors", "author", "byline", "by", "creator", "journalist", "reporter"),
        "publisher": ("publisher", "publication", "source", "outlet", "newspaper", "site", "site_name", "agency"),
        "place": ("dateline",),
        "language": ("language", "lang"),
        "url": ("url", "link", "uri", "permalink", "canonical_url", "source_url"),
        "id": (
            "id",
            "doc_id",
            "docid",
            "document_id",
            "article_id",
            "guid",
            "uuid",
            "newid",
            "docno",
            "accession_number",
        ),
    }
)


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How one source's files are to be read.

    ``columns`` names the column or key that holds a field (`FIELD_NAMES`) where the usual names do not find it;
    ``max_bytes`` bounds a file after decompression; ``max_line`` is the longest line a page may have, in code points.
    """

    columns: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    encoding: str | None = None
    max_bytes: int = 64 << 20
    max_line: int = 1 << 20

    def names(self, name: str) -> tuple[str, ...]:
        """The columns or keys that may hold a field, in the order they are tried, in small letters."""
        own = self.columns.get(name)
        return (own.lower(), *FIELD_NAMES[name]) if own else FIELD_NAMES[name]


@dataclass(frozen=True, slots=True)
class Record:
    """One article as its file holds it: decoded, not yet parsed. ``fields`` are what the format itself says (title, date, …)."""

    record_no: int
    text: str
    encoding: str = "utf-8"
    repairs: tuple[str, ...] = ()
    key: str | None = None
    fields: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Rejection:
    """One file (``record_no`` None) or record that could not be used. ``is_transient``: trying again may help."""

    reason: str
    detail: str
    record_no: int | None = None
    is_transient: bool = False
