"""Mails, one to a file: the body, which is plain text or else a web page, with the subject and the day it was sent."""

import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import MIMEPart

from etl.sources.decode import believed, decode
from etl.sources.fields import record_of
from etl.sources.formats.html import record_of_page
from etl.sources.formats.text import NOT_TEXT
from etl.sources.record import ReadOptions, Record, Rejection

SUFFIXES = (".eml",)
#: Header fields, each with its continued lines, up to the one that every mail with an encoded body has.
SIGNATURE = re.compile(rb"(?:\xef\xbb\xbf)?(?:[!-9;-~]+:.*\n(?:[ \t].*\n)*)*?MIME-Version:", re.IGNORECASE)
#: What the header fields end with.
END_OF_HEAD = re.compile(rb"\n\r?\n|\Z")
#: The bodies that are read, the first there is.
BODIES = ("plain", "html")


def read(data: bytes, options: ReadOptions) -> Iterator[Record | Rejection]:
    """The one article of the mail. What is attached to it is not read."""
    mail = message_from_bytes(_with_readable_head(data), policy=policy.default)
    bodies = (mail.get_body((kind,)) for kind in BODIES)
    found = next((each for each in map(_content, bodies) if each), None)
    if found is None:
        yield Rejection.empty("the mail holds no text")
        return
    body, content = found
    decoded = decode(content, options.encoding or believed(body.get_content_charset(""), content))
    if decoded is None:
        yield NOT_TEXT
        return
    said = {name: str(mail[header]) for name, header in (("title", "subject"), ("published", "date")) if mail[header]}
    if body.get_content_subtype() == "html":
        yield record_of_page(decoded, options, said)
    else:
        yield record_of(0, {**said, "text": decoded.text}, options, decoded.encoding, decoded.repairs)


def _with_readable_head(data: bytes) -> bytes:
    """The same, with the header fields in UTF-8: old programs print names and titles in them as they are, in any encoding."""
    end = END_OF_HEAD.search(data)
    head = data[: end.end()] if end else data
    decoded = decode(head)
    return decoded.text.encode() + data[len(head) :] if decoded else data


def _content(body: MIMEPart | None) -> tuple[MIMEPart, bytes] | None:
    """A body and its bytes, if it holds any text."""
    content = body.get_payload(decode=True) if body else None
    return (body, content) if body and isinstance(content, bytes) and content.strip() else None
