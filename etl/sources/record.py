"""The results of reading (records, rejections) and the options of a source. Only values; no reading here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from etl.config import MAX_BYTES

#: The names of each field in formats and page headers, in the order they are tried, in lower case.
FIELD_NAMES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "text": tuple(
            """text body content article maintext main_text full_text article_text article_body body_text text_content
            content_text plain_text story raw_text raw_content body_html content_html html_content article_content fulltext
            story_text story_body news_text news_content post_content post_body clean_text cleaned_text extracted_text
            paragraphs""".split()
        ),
        "title": tuple(
            """title headline heading hl1 article_title web_title news_title title_text head_line hed post_title story_title
            dc_title""".split()
        ),
        "published": tuple(
            """published_at published_on published date_published datepublished date_publish publication_date pub_date
            pubdate publish_date published_date publishing_date publish_time published_time publication_time
            first_publication_date web_publication_date article_date date_gmt datetime date_time date timestamp
            issued load_date publication_datetime published_timestamp first_published first_published_at posted_at posted_on
            date_posted post_date display_date date_created dc_date""".split()
        ),
        "updated": tuple(
            """updated last_updated updated_at modified last_modified date_modified date_modify modified_at
            modified_time last_update""".split()
        ),
        "authors": tuple(
            """authors author byline by creator journalist reporter author_name author_names article_author writer
            writers by_line bylines written_by author_list creators dc_creator""".split()
        ),
        "publisher": tuple(
            """publication_title publisher publication source_hostname source_name source outlet newspaper sitename
            site_name site media_name agency source_domain hostname canonical_domain""".split()
        ),
        "sections": tuple("section section_name article_section sections category categories".split()),
        "place": ("dateline",),
        "language": tuple("language lang".split()),
        "url": tuple("url link uri permalink canonical_url source_url web_url article_url original_url".split()),
        "id": tuple("id doc_id docid document_id article_id guid uuid newid docno accession_number".split()),
    }
)


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """The reading options of one source.

    ``columns`` gives the column or key of a field if it is not one of `FIELD_NAMES`. ``max_bytes`` limits the size of a file
    after decompression. ``max_line`` is the longest line a page may have, in code points.
    """

    columns: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    encoding: str | None = None
    max_bytes: int = MAX_BYTES
    max_line: int = 1 << 20

    def names(self, name: str) -> tuple[str, ...]:
        """The columns or keys of a field, in the order they are tried, in lower case."""
        own = self.columns.get(name)
        return (own.lower(), *FIELD_NAMES[name]) if own else FIELD_NAMES[name]


@dataclass(frozen=True, slots=True)
class Record:
    """One article as stored in its file: decoded, not yet parsed. ``fields`` are those the format gives (title, date, …)."""

    record_no: int
    text: str
    encoding: str = "utf-8"
    repairs: tuple[str, ...] = ()
    key: str | None = None
    fields: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Rejection:
    """One file (``record_no`` None) or record that could not be used.

    ``is_transient``: a retry may help. ``max_bytes``: the limit that it exceeds, if that is the reason.
    """

    reason: str
    detail: str
    record_no: int | None = None
    is_transient: bool = False
    max_bytes: int | None = None

    @classmethod
    def empty(cls, what: str, record_no: int | None = None) -> "Rejection":
        """That of a file or record without a text. Some are empty on purpose, so that the remedy is a condition."""
        return cls("empty", f"{what}; if it should hold one, copy or export it again", record_no)
