"""Web pages: the article trafilatura finds in one, with what the page's metadata says of it."""

import re
from collections.abc import Iterator
from typing import Any

from etl.sources.decode import decode
from etl.sources.fields import record_of
from etl.sources.formats.text import NOT_TEXT
from etl.sources.record import ReadOptions, Record, Rejection

SUFFIXES = (".html", ".htm", ".xhtml")
SIGNATURE = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--.{0,500}?-->\s*)?<(?:!doctype html|html|head)\b",
    re.IGNORECASE,
)

CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]+)", re.IGNORECASE)
#: Where a page says in so many words when it was published. Nothing is guessed from addresses or from the running text.
PUBLISHED = (
    "//meta[@property='article:published_time' or @property='og:published_time' or @itemprop='datePublished']/@content",
    "//meta[@name='pubdate' or @name='publishdate' or @name='date' or @name='DC.date.issued']/@content",
    "//time[@itemprop='datePublished' or @pubdate]/@datetime",
)
LINKED_DATE = re.compile(r'"datePublished"\s*:\s*"([^"]{4,40})"')


def read(data: bytes, options: ReadOptions) -> Iterator[Record | Rejection]:
    """The one article of the page."""
    decoded = decode(data, options.encoding or _declared(data))
    if decoded is None:
        yield NOT_TEXT
        return
    # Loading trafilatura costs a process about a second, which one that meets no web page need not spend.
    from trafilatura import bare_extraction, load_html
    from trafilatura.settings import Document

    tree = load_html(decoded.text)
    if tree is None:
        yield Rejection("malformed", "not an HTML page that can be parsed")
        return
    published = _published(tree, decoded.text)
    found = bare_extraction(tree, with_metadata=True, include_comments=False, include_tables=False)
    if not isinstance(found, Document) or not found.text:
        yield Rejection("empty", "no article text was found on the page")
        return
    values = {
        "text": found.text,
        "title": found.title,
        "published": published,
        "authors": found.author,
        "publisher": found.sitename,
        "url": found.url,
    }
    yield record_of(0, values, options, decoded.encoding, decoded.repairs)


def _declared(data: bytes) -> str | None:
    match = CHARSET.search(data[:4096])
    name = match.group(1).decode("ascii").lower() if match else ""
    try:
        b"".decode(name or "utf-8")
    except LookupError:
        return None
    # A page that says UTF-8 and is not, or Latin-1 (which browsers read as cp1252), is left to its bytes.
    return None if name in ("", "utf-8", "utf8", "iso-8859-1", "latin-1", "latin1", "ascii", "us-ascii") else name


def _published(tree: Any, page: str) -> str | None:  # noqa: ANN401 -- lxml has no types
    printed = (value for path in PUBLISHED for value in tree.xpath(path) if value.strip())
    linked = LINKED_DATE.search(page)
    return next(printed, None) or (linked.group(1) if linked else None)
