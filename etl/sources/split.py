"""Split a page of text into its articles. Each is an unchanged slice of the text.

A page is cut only before text that begins like an article, because rules and asterisks also separate sections.
"""

import re
from collections.abc import Iterator
from itertools import pairwise

from etl.sources.header_lines import FIELD_OF, key_of

#: ``Document 3 of 161`` and ``3 of 161 DOCUMENTS``, as in exports of news databases.
COUNTED = re.compile(
    r"^[ \t]*(?:document \d{1,6} of \d{1,6}|\d{1,6} of \d{1,6} documents?)[ \t]*$", re.IGNORECASE | re.MULTILINE
)
#: Lines that end an article in exports of databases.
ENDED = re.compile(
    r"^[ \t]*(?:end of document|(?:AN[ \t]+)?Document [A-Za-z]{2,12}\d{8,}\w*)[ \t]*$", re.IGNORECASE | re.MULTILINE
)
#: A rule: a line that repeats one character. Long rules, and rules of equal signs, do not occur inside articles.
RULE = re.compile(r"^[ \t]*(?:([=*_#~–—-])\1{2,}|\*[ \t]\*[ \t]\*|\f)[ \t]*$", re.MULTILINE)
LONG_RULE = 20
#: The longest first line of an article, in code points.
MAX_HEAD = 250
#: An article begins after a short rule only if a date line, byline or header is among this many lines.
NEAR = 6
SIGNS = re.compile(
    r"\s*(?:by\s+[A-Z]|[A-Z][A-Z .,'/-]{2,40}(?:\(\w+\))?\s+[–—-]{1,2}\s|"
    r"(?:updated|published|posted)\b)|.{0,30}\b(?:19|20)\d\d\b.{0,20}$",
    re.IGNORECASE,
)


def split(text: str) -> list[str]:
    """The articles on a page, in order. The unchanged text if there is only one."""
    numbered = _counted(text) or _ended(text) if "document" in text.lower() else []
    cuts = numbered or _blocks(text) or list(_ruled(text))
    if not cuts:
        return [text]
    starts = [0, *(end for _, end in cuts)]
    ends = [*(start for start, _ in cuts), len(text)]
    pieces = [text[start:end].strip("\n\f") for start, end in zip(starts, ends, strict=True)]
    return [piece for piece in pieces if piece.strip()]


def own_key(text: str) -> str | None:
    """The id or address in an article's header lines."""
    found = {FIELD_OF.get(key[0]): key[1] for line in text[:4000].split("\n") if (key := key_of(line.strip()))}
    return found.get("id") or found.get("url") or None


def _counted(text: str) -> list[tuple[int, int]]:
    # A marker belongs to the article that it numbers. Text before the first marker (the export's cover) stays with the first.
    return [(m.start(), m.start()) for m in COUNTED.finditer(text)][1:]


def _ended(text: str) -> list[tuple[int, int]]:
    return [(m.end(), m.end()) for m in ENDED.finditer(text) if text[m.end() :].strip()]


def _blocks(text: str) -> list[tuple[int, int]]:
    """Cuts before each header block that begins with the same key as the page."""
    opening = key_of(text.lstrip()[:MAX_HEAD].partition("\n")[0])
    if not opening or opening[0] not in FIELD_OF:
        return []
    lines = [(m.start(), key_of(m.group().strip())) for m in re.finditer(r"[^\n]+", text)]
    starts = [start for (start, key), (_, below) in pairwise(lines) if key and below and key[0] == opening[0]]
    return [(start, start) for start in starts[1:]]


def _ruled(text: str) -> Iterator[tuple[int, int]]:
    # A rule above the first article is not a cut.
    first = len(text) - len(text.lstrip(" \t\n\f=*_#~–—-"))
    for rule in RULE.finditer(text, first):
        if _begins_article(
            text[rule.end() : rule.end() + 4 * MAX_HEAD], is_long=rule.end() - rule.start() >= LONG_RULE
        ):
            yield rule.span()


def _begins_article(rest: str, *, is_long: bool) -> bool:
    head, _, below = rest.strip("\n").partition("\n")
    lines = [line for line in below.split("\n") if line.strip()][:NEAR]
    if not lines or not head.strip() or len(head) > MAX_HEAD or RULE.match(head):
        return False
    stands_alone = not below.partition("\n")[0].strip()
    return key_of(head.strip()) is not None or (is_long and stands_alone) or any(SIGNS.match(line) for line in lines)
