"""Mails, one to a file: the body, which is plain text or else a web page, with the subject and the day it was sent."""

import re
from collections.abc import Iterator
from email import message_from_bytes, policy

from etl.sources.decode import decode
from etl.sources.fields import record_of
from etl.sources.formats.html import record_of_page
from etl.sources.formats.text import NOT_TEXT
from etl.sources.record import ReadOptions, Record, Rejection

SUFFIXES = (".eml",)
#: Header fields, each with its continued lines, up to the one that every mail with an encoded body has.
SIGNATURE = re.compile(rb"(?:[!-9;-~]+:.*\n(?:[ \t].*\n)*)*?MIME-Version:", re.IGNORECASE)
#: The bodies that are read, the first there is.
BODIES = ("plain", "html")


def read(data: bytes, options: ReadOptions) -> Iterator[Record | Rejection]:
    """The one article of the mail. What is attached to it is not read."""
    mail = message_from_bytes(data, policy=policy.default)
    body = mail.get_body(BODIES)
    content = body.get_payload(decode=True) if body else None
    if body is None or not isinstance(content, bytes) or not content.strip():
        yield Rejection.empty("the mail holds no text")
        return
    decoded = decode(content, options.encoding)
    if decoded is None:
        yield NOT_TEXT
        return
    said = {name: str(mail[header]) for name, header in (("title", "subject"), ("published", "date")) if mail[header]}
    if body.get_content_subtype() == "html":
        yield record_of_page(decoded, options, said)
    else:
        yield record_of(0, {**said, "text": decoded.text}, options, decoded.encoding, decoded.repairs)
