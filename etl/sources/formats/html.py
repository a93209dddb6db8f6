"""Web pages: the article text found by trafilatura, and the page's metadata."""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from etl.sources.decode import CLOSED, Decoded, believed, decode
from etl.sources.fields import record_of
from etl.sources.formats.text import NOT_TEXT
from etl.sources.page_body import prepare
from etl.sources.page_metadata import page_metadata, standfirst
from etl.sources.record import ReadOptions, Record, Rejection
from etl.text import fold_words

SUFFIXES = (".html", ".htm", ".xhtml")
SIGNATURE = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--.{0,500}?-->\s*)?<(?:!doctype html|html|head)\b",
    re.IGNORECASE,
)

#: A page around a piece of one, as content systems export it: a single element.
WHOLE = "<html><body>{}</body></html>"
NOTHING_GIVEN: Mapping[str, str] = MappingProxyType({})

CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]+)", re.IGNORECASE)


def read(data: bytes, options: ReadOptions) -> Iterator[Record | Rejection]:
    """The one article of the page."""
    decoded = decode(data, options.encoding or _declared(data))
    if decoded is None:
        yield NOT_TEXT
    else:
        yield record_of_page(decoded, options)


def record_of_page(
    decoded: Decoded, options: ReadOptions, given: Mapping[str, str] = NOTHING_GIVEN
) -> Record | Rejection:
    """The article of a page. What is ``given`` counts, whatever the page says."""
    # Importing trafilatura takes about a second, so it is imported only when there is a web page.
    from trafilatura import bare_extraction, load_html
    from trafilatura.settings import Document

    tree = load_html(decoded.text)
    if tree is None and CLOSED.search(decoded.text):
        tree = load_html(WHOLE.format(decoded.text))
    if tree is None:
        return Rejection("malformed", "not an HTML page that can be parsed")
    said, summary = page_metadata(tree, decoded.text), standfirst(tree)
    repairs = prepare(tree)
    found = bare_extraction(tree, include_comments=False, include_tables=False)
    if not isinstance(found, Document) or not found.text:
        return Rejection.empty("the page holds no text of an article")
    is_new = summary and fold_words(summary) not in fold_words(found.text)
    text = f"{summary}\n{found.text}" if is_new else found.text
    return record_of(0, {**said, **given, "text": text}, options, decoded.encoding, (*decoded.repairs, *repairs))


def _declared(data: bytes) -> str | None:
    """The encoding that a page declares, if it can be right."""
    match = CHARSET.search(data[:4096])
    return believed(match.group(1).decode("ascii"), data) if match else None
