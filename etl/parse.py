"""The layout of the page: which stretch of a record's text is headline, date line, sub-heading, paragraph.

Parsing *marks* passages in the text and never changes it. What the page says of itself (title, day of publication) is read
off the marked passages.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

from etl.read import Record

VERSION = "1"

#: Passages that are the article's own prose; quotations and names are looked for in these and in headings.
PROSE_KINDS = frozenset({"headline", "subtitle", "sub-heading", "paragraph", "caption"})


@dataclass(frozen=True, slots=True)
class Hints:
    """What is known of a record before its page is looked at: where it lies, and what its source is configured to say."""

    source_uri: str = ""
    year: int | None = None
    timezone: str | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """One marked stretch of the page: its kind (`etl.schema.PASSAGE_KINDS`) and code points [start, end) into the text."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Page:
    """One article with its layout marked. Passages are in order and do not overlap; ``text`` is the record's, unchanged."""

    text: str
    passages: tuple[Passage, ...]
    title: str | None = None
    authors: tuple[str, ...] = ()
    published_on: date | None = None
    published_at: datetime | None = None
    published_from: str | None = None
    dateline_place: str | None = None
    publisher: str | None = None
    language: str = "en"

    def of(self, passage: Passage) -> str:
        """The passage's text."""
        return self.text[passage.start : passage.end]


BLOCK = re.compile(r"\S(?:.*\S)?(?:\r?\n[^\S\n]*\S(?:.*\S)?)*")
MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
MONTH_DAY_YEAR = re.compile(rf"({'|'.join(MONTHS)})\s+(\d{{1,2}}),?\s+(\d{{4}})", re.IGNORECASE)
#: A sub-heading is short, has no full stop, and its longer words begin with capitals.
SUB_HEADING_MAX_WORDS = 12
SUB_HEADING_CAPITALS = 0.6
FIRST_LINES = 3


def parse(record: Record, hints: Hints) -> Page:
    """Mark the passages of one record and read off what they say of the article."""
    del hints  # no rule of this version needs them
    text = record.text
    passages: list[Passage] = []
    published_on: date | None = None
    for number, match in enumerate(BLOCK.finditer(text)):
        start, end = match.span()
        block = match.group()
        if number == 0 and "\n" not in block:
            kind = "headline"
        elif number < FIRST_LINES and published_on is None and (day := read_date(block)):
            kind, published_on = "date line", day
        else:
            kind = "sub-heading" if is_sub_heading(block) else "paragraph"
        passages.append(Passage(kind, start, end))
    title = next((" ".join(text[p.start : p.end].split()) for p in passages if p.kind == "headline"), None)
    return Page(
        text, tuple(passages), title, published_on=published_on, published_from="date line" if published_on else None
    )


def read_date(line: str) -> date | None:
    """The day a line consists of, written like ``December 11, 2017``; None if it is anything else."""
    match = MONTH_DAY_YEAR.fullmatch(line.strip())
    if not match:
        return None
    month, day, year = match.groups()
    try:
        return date(int(year), MONTHS.index(month.lower()) + 1, int(day))
    except ValueError:
        return None


def is_sub_heading(block: str) -> bool:
    """Whether a block stands as a heading: one short line, capitalised, no full stop, not a quotation."""
    words = block.split()
    if "\n" in block or len(words) > SUB_HEADING_MAX_WORDS or block[-1] in ".!,;:\"”'’" or block[0] in "\"“'‘":
        return False
    long_words = [w for w in words if len(w) > 3 and w[0].isalpha()]
    return bool(long_words) and sum(w[0].isupper() for w in long_words) >= SUB_HEADING_CAPITALS * len(long_words)


def body_sha256(page: Page) -> str:
    """SHA-256 of the page's paragraphs with case, space and punctuation folded: the same for every reprint of a body."""
    body = " ".join(page.of(p) for p in page.passages if p.kind == "paragraph") or page.text
    return sha256(" ".join(re.findall(r"\w+", body.casefold())).encode()).hexdigest()
