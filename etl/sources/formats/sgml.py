"""SGML collections: many documents in one file, each with its own number (Reuters-21578, TREC and similar news corpora)."""

import html
import re
from collections.abc import Iterator

from etl.sources.decode import decode
from etl.sources.fields import record_of
from etl.sources.formats.text import NOT_TEXT
from etl.sources.record import ReadOptions, Record, Rejection

SUFFIXES = (".sgm", ".sgml", ".xml")
SIGNATURE = re.compile(rb"\s*(?:<!DOCTYPE lewis\b|<(?:REUTERS|DOC)\b)")

START = re.compile(r"<(REUTERS|DOC)\b([^<>]*)>")
END = re.compile(r"</(?:REUTERS|DOC)>")
ATTRIBUTE = re.compile(r"\b(NEWID|id|docid)\s*=\s*\"([^\"]*)\"", re.IGNORECASE)
#: Elements with metadata of the document.
ELEMENT = re.compile(
    r"<(DOCNO|DOCID|DATE|DATE_TIME|PUBLISHED|AUTHOR|BYLINE|TITLE|HEADLINE|HL1|DATELINE|URL)\b[^<>]*>([^<>]*)</\1>",
    re.IGNORECASE,
)
TEXT_START, TEXT_END = re.compile(r"<TEXT\b[^<>]*>"), "</TEXT>"
TAG = re.compile(r"</?[A-Z][A-Z0-9_]*\b[^<>]*>", re.IGNORECASE)
#: Controls that mark wire transmission in Reuters-21578.
WIRE_CONTROLS = re.compile("&#(?:[0-8]|1[4-9]|2[0-9]|3[01]|127);|[\x02\x03\x05\x16\x1e\x1f]")


def read(data: bytes, options: ReadOptions) -> Iterator[Record | Rejection]:
    """One record for each document."""
    decoded = decode(data, options.encoding)
    if decoded is None:
        yield NOT_TEXT
        return
    starts = list(START.finditer(decoded.text))
    if not starts:
        yield Rejection("no_text", "no <DOC> or <REUTERS> element; of SGML and XML only such collections are read")
        return
    bounds = [*(s.start() for s in starts[1:]), len(decoded.text)]
    for number, (start, bound) in enumerate(zip(starts, bounds, strict=True)):
        end = END.search(decoded.text, start.end(), bound)
        inner = decoded.text[start.end() : end.start() if end else bound]
        values: dict[str, object] = dict(ATTRIBUTE.findall(start.group(2)))
        values |= {name: _plain(value).strip() for name, value in ELEMENT.findall(inner)}
        values["text"] = _text(inner)
        yield record_of(number, values, options, decoded.encoding, decoded.repairs)


def _text(inner: str) -> str:
    start = TEXT_START.search(inner)
    end = inner.find(TEXT_END, start.end()) if start else -1
    return _plain(inner[start.end() if start else 0 : end if end >= 0 else len(inner)])


def _plain(markup: str) -> str:
    return html.unescape(TAG.sub("", WIRE_CONTROLS.sub("", markup)))
