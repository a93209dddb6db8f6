"""One page of text to the articles that stand on it, one after another: slices of the text, nothing rewritten.

A page is cut only where what follows the cut begins like an article, since rules and asterisks also divide sections.
"""

import re
from collections.abc import Iterator
from itertools import pairwise

from etl.sources.header_lines import FIELD_OF, key_of

#: ``Document 3 of 161`` and ``3 of 161 DOCUMENTS``, as news databases number what they export.
COUNTED = re.compile(
    r"^[ \t]*(?:document \d{1,6} of \d{1,6}|\d{1,6} of \d{1,6} documents)[ \t]*$", re.IGNORECASE | re.MULTILINE
)
#: Lines that end an article in what databases export.
ENDED = re.compile(
    r"^[ \t]*(?:end of document|(?:AN[ \t]+)?Document [A-Za-z]{2,12}\d{8,}\w*)[ \t]*$", re.IGNORECASE | re.MULTILINE
)
#: A line of nothing but one mark: a rule. A long one, or one of equal signs, is not used inside articles.
RULE = re.compile(r"^[ \t]*(?:([=*_#~–—-])\1{2,}|\*[ \t]\*[ \t]\*|\f)[ \t]*$", re.MULTILINE)
LONG_RULE = 20
#: An article begins with a line that is no longer than headlines are, in code points.
MAX_HEAD = 250
#: Lines in which a short rule must be followed by a date line, byline or header for an article to begin there.
NEAR = 6
SIGNS = re.compile(
    r"\s*(?:by\s+[A-Z]|[A-Z][A-Z .,'/-]{2,40}(?:\(\w+\))?\s+[–—-]{1,2}\s|"
    r"(?:updated|published|posted)\b)|.{0,30}\b(?:19|20)\d\d\b.{0,20}$",
    re.IGNORECASE,
)


def split(text: str) -> list[str]:
    """The articles on a page, in order; the whole text, untouched, where there is one."""
    cuts = _counted(text) or _ended(text) or _blocks(text) or list(_ruled(text))
    if not cuts:
        return [text]
    starts = [0, *(end for _, end in cuts)]
    ends = [*(start for start, _ in cuts), len(text)]
    pieces = [text[start:end].strip("\n\f") for start, end in zip(starts, ends, strict=True)]
    return [piece for piece in pieces if piece.strip()]


def own_key(text: str) -> str | None:
    """The id or address an article's own header lines give it."""
    found = {FIELD_OF.get(key[0]): key[1] for line in text[:4000].split("\n") if (key := key_of(line.strip()))}
    return found.get("id") or found.get("url") or None


def _counted(text: str) -> list[tuple[int, int]]:
    if "document" not in text.lower():
        return []
    # The marker belongs to the article it numbers; what stands before the first is the export's cover, kept with it.
    return [(m.start(), m.start()) for m in COUNTED.finditer(text)][1:]


def _ended(text: str) -> list[tuple[int, int]]:
    if "document" not in text.lower():
        return []
    return [(m.end(), m.end()) for m in ENDED.finditer(text) if text[m.end() :].strip()]


def _blocks(text: str) -> list[tuple[int, int]]:
    """Cuts before each header block that opens with the key the page itself opens with."""
    opening = key_of(text.lstrip()[:MAX_HEAD].partition("\n")[0])
    if not opening or opening[0] not in FIELD_OF:
        return []
    lines = [(m.start(), key_of(m.group().strip())) for m in re.finditer(r"[^\n]+", text)]
    starts = [start for (start, key), (_, below) in pairwise(lines) if key and below and key[0] == opening[0]]
    return [(start, start) for start in starts[1:]]


def _ruled(text: str) -> Iterator[tuple[int, int]]:
    # A rule above the first article is its ornament, not a cut.
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
