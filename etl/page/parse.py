"""Parse a page: mark the headline, date line, sub-headings and paragraphs in a record's text.

Parsing *marks* passages and never changes the text. Title, date and authors are read from the marked passages, or from the fields
of the record's format.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import lru_cache
from hashlib import sha256

from etl.page.bylines import MAX_LINE, read_byline, read_names, standard_outlet
from etl.page.coded import read_coded
from etl.page.datelines import REACH, Dateline, read_dateline
from etl.page.dates import DAY, LABEL, MONTH, Stamp, by_day, by_path, in_year, read_line, read_month_day, read_stamp
from etl.page.head import Context, Mark, read_foot, read_head, read_header, read_imprint, without_repeat
from etl.page.language import SAMPLE, language_of
from etl.page.lines import SENTENCE_END, Line, Unit, is_wrapped, lines_of, units_of
from etl.page.wording import caption_label, is_statement, is_sub_heading, note_kind
from etl.path_pattern import PathFields, read_path
from etl.sources.header_lines import key_of
from etl.sources.record import Record
from etl.text import fold_words

#: Passages that are searched for quotations and names.
PROSE_KINDS = frozenset({"headline", "subtitle", "dateline", "sub-heading", "paragraph", "caption"})
#: Where dates without a year are printed, and where the year may come from.
DAYS = ("date line", "dateline", "headline")
YEARS = ("year on page", "year in address", "year in path", "configured year")
#: The rules that find the date of publication, the most reliable first.
DATE_RULES = (
    "field",
    "header",
    "date line",
    "dateline",
    *(f"{d} + {y}" for d in DAYS for y in YEARS),
    "path",
    "update line",
)
#: A date at the end of a headline, after a dash: ``HARBOUR PRICES - APRIL 7``.
HEADLINE_DAY = re.compile(rf"\s[–—-]\s*({MONTH}\s+{DAY})\Z", re.IGNORECASE)
#: Sub-headings between dashes, as some agencies print them, with or without quotation marks.
DASHED = re.compile(r"[-–—] [‘'“\"]?(?P<heading>[^‘“\"].{0,80}?)[’'”\"]? [-–—]")
#: The text below a sub-heading ends like a sentence, or is this many times longer. Rows of tables fulfil neither.
PROSE_LENGTHS = 3
#: The number of paragraphs used to detect the language.
SAMPLE_PARAGRAPHS = 8
#: The dateline is searched for in this many paragraphs.
DATELINE_PARAGRAPHS = 3
COPYRIGHT = re.compile(
    r"(?:copyright|©|\(c\))[^\w\n]{0,8}(?P<year>(?:19|20)\d\d)?\s*(?:by\s+)?"
    r"(?:(?P<holder>[A-Z][^.,;|\n]{2,60}?)(?=\s+all rights|[.,;|\n]|\Z))?",
    re.IGNORECASE,
)
REPORTED_BY = re.compile(r"\({0,2}\s*(?:reporting|written|story|report)\s+by\s+([^;()]{3,150})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Hints:
    """What is known about a record before parsing: its location, and the settings of its source.

    ``year`` completes dates without a year. ``timezone`` is an IANA name for printed times without an offset. ``day_first`` reads
    06/08/2016 as 6 August. ``publisher`` is the publisher of the whole source. ``from_path`` is the pattern that reads date and
    publisher from the path (`etl.path_pattern`).
    """

    source_uri: str = ""
    year: int | None = None
    timezone: str | None = None
    day_first: bool = False
    publisher: str | None = None
    from_path: str | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """One marked stretch of the page: its kind (`etl.schema.PASSAGE_KINDS`) and code points [start, end) into the text."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Page:
    """One parsed article. ``text`` is the record's, unchanged. Passages are in order and do not overlap."""

    text: str
    passages: tuple[Passage, ...]
    title: str | None = None
    authors: tuple[str, ...] = ()
    published_on: date | None = None
    published_at: datetime | None = None
    published_from: str | None = None
    dateline_place: str | None = None
    publisher: str | None = None
    language: str | None = "en"
    outlet: str | None = None

    def of(self, passage: Passage) -> str:
        """The text of a passage."""
        return self.text[passage.start : passage.end]


def parse(record: Record, hints: Hints) -> Page:
    """Mark the passages of one record, and read the article's metadata from them."""
    text, context = record.text, Context(hints.timezone, hints.day_first)
    printed = lines_of(text)
    lines, wrapped = without_repeat(printed), is_wrapped(printed)
    around, inside = read_coded(lines, context) or _around(lines, record.fields.get("title"), context, wrapped=wrapped)
    units = units_of(inside, is_wrapped=wrapped)
    below = [*units[1:], None]
    prose = [_body_mark(u, b, context, wrapped=wrapped) for u, b in zip(units, below, strict=False)]
    body = [part for mark in _in_place(text, prose) for part in _without_label(text, mark)]
    marks, dateline = _with_dateline(text, sorted([*around, *body], key=lambda m: m.start))
    said = _said(record, marks)
    stamp, rule = _published(record, marks, dateline, hints)
    paragraphs = [m for m in marks if m.kind == "paragraph"][:SAMPLE_PARAGRAPHS]
    sample = " ".join(text[m.start : m.start + SAMPLE] for m in paragraphs)
    page = Page(
        text,
        tuple(Passage(m.kind, m.start, m.end) for m in marks),
        said.get("title") or _title(text, marks),
        _authors(record, said, marks),
        stamp.day if stamp else None,
        stamp.at.astimezone(UTC) if stamp and stamp.at else None,
        rule,
        (dateline.place if dateline else None) or next((m.place for m in marks if m.place), None) or said.get("place"),
        _publisher(text, said, marks, dateline),
        language_of(sample or text),
    )
    return _as_filed(page, hints)


def _as_filed(page: Page, hints: Hints) -> Page:
    """Add what the source's settings and the path say: the outlet and, if the page has none, publisher and date."""
    path = read_path(hints.from_path, hints.source_uri.partition("/")[2]) if hints.from_path else PathFields()
    if path.published_on and page.published_from in (None, "update line"):
        page = replace(page, published_on=path.published_on, published_at=None, published_from="path")
    named = hints.publisher or path.publisher
    outlet = named or (page.publisher and standard_outlet(page.publisher))
    return replace(page, publisher=page.publisher or named, outlet=outlet)


def _around(
    lines: Sequence[Line], title: str | None, context: Context, *, wrapped: bool
) -> tuple[list[Mark], Sequence[Line]]:
    """The marks of the page's head and foot, and the lines between them."""
    head, start = read_head(lines, title, context, wrapped=wrapped)
    foot = read_foot(lines[start:], context)
    return [*head, *foot], lines[start : len(lines) - len(foot)]


def body_sha256(page: Page) -> str:
    """SHA-256 of the page's paragraphs, ignoring case, white space and punctuation: equal for reprints."""
    return sha256(folded_body(page).encode()).hexdigest()


@lru_cache(maxsize=1)
def folded_body(page: Page) -> str:
    """`body` in lower case, without white space and punctuation. Asked for twice in a row: for hash and signature."""
    return fold_words(body(page))


def body(page: Page) -> str:
    """The page's paragraphs, joined by spaces; the whole text if it has none."""
    return " ".join(page.of(p) for p in page.passages if p.kind == "paragraph") or page.text


def _body_mark(unit: Unit, below: Unit | None, context: Context, *, wrapped: bool) -> Mark:
    text, start, end = unit.text, unit.start, unit.end
    if text.partition(":")[0].isupper() and (header := key_of(text)):
        return replace(read_header(Line(text, start, 0, is_apart=True), context, *header), end=end)
    if kind := note_kind(text):
        return Mark(kind, start, end)
    if LABEL.match(text) and (stamp := read_line(text, context.zone, day_first=context.day_first)):
        return Mark("date line", start, end, stamp)
    if below is None and len(text) <= MAX_LINE:
        if byline := read_byline(text):
            return Mark("byline", start, end, byline=byline)
        if imprint := read_imprint(Line(text, start, 0, is_apart=True), context):
            return replace(imprint, end=end)
    # In hard-wrapped text, short lines belong to lists and tables unless blank lines surround them.
    stands_apart = not wrapped or (unit.is_apart and below is not None and below.is_apart)
    heading = dashed["heading"] if (dashed := DASHED.fullmatch(text)) else text
    is_heading = below is not None and stands_apart and is_sub_heading(heading) and _is_prose(below.text, heading)
    return Mark("sub-heading" if is_heading and not read_dateline(text) else "paragraph", start, end)


def _in_place(text: str, marks: Sequence[Mark]) -> list[Mark]:
    """Turn sentences that only look like boilerplate or trailers into paragraphs, if more of the article follows."""
    upwards = range(len(marks) - 1, -1, -1)
    stated = (i for i in upwards if marks[i].kind == "paragraph" and is_statement(text[marks[i].start : marks[i].end]))
    last = next(stated, -1)
    return [
        replace(m, kind="paragraph")
        if i < last and m.kind in ("trailer", "boilerplate") and is_statement(text[m.start : m.end])
        else m
        for i, m in enumerate(marks)
    ]


def _without_label(text: str, mark: Mark) -> list[Mark]:
    """Split the credit and label from the words of a caption."""
    start = mark.start + (caption_label(text[mark.start : mark.end]) if mark.kind == "caption" else 0)
    if not mark.start < start < mark.end:
        return [mark]
    label = Mark("boilerplate", mark.start, mark.start + len(text[mark.start : start].rstrip()))
    return [label, replace(mark, start=start)]


def _is_prose(text: str, heading: str) -> bool:
    return SENTENCE_END.search(text) is not None or len(text) > PROSE_LENGTHS * len(heading)


def _with_dateline(text: str, marks: Sequence[Mark]) -> tuple[list[Mark], Dateline | None]:
    """Split the dateline from the paragraph that begins with it, if there is one among the first paragraphs."""
    paragraphs = [i for i, m in enumerate(marks) if m.kind == "paragraph"][:DATELINE_PARAGRAPHS]
    for i in paragraphs:
        start, end = marks[i].start, marks[i].end
        if dateline := read_dateline(text[start : min(end, start + REACH)]):
            cut = Mark("dateline", start, start + len(text[start : start + dateline.length].rstrip()))
            rest = text[start + dateline.length : end]
            below = [Mark("paragraph", end - len(rest.lstrip()), end)] if rest.strip() else []
            return [*marks[:i], cut, *below, *marks[i + 1 :]], dateline
    return list(marks), None


def _said(record: Record, marks: Sequence[Mark]) -> dict[str, str]:
    """The named values of the record's format and of the page's header lines. Those of the format take precedence."""
    said: dict[str, str] = {}
    for mark in marks:
        if mark.header:
            name, value = mark.header
            is_value = mark.kind in ("headline", "byline")
            said.setdefault(name, _on_one_line(record.text[mark.start : mark.end]) if is_value else value)
    return {**said, **record.fields}


def _published(
    record: Record, marks: Sequence[Mark], dateline: Dateline | None, hints: Hints
) -> tuple[Stamp | None, str | None]:
    """The date of publication, and the rule of `DATE_RULES` that found it."""
    context = Context(hints.timezone, hints.day_first)
    stamps = [(m.stamp, "header" if m.header else "date line") for m in marks if m.stamp]
    for name in ("published", "updated"):
        value = record.fields.get(name, "")
        if stamp := read_stamp(value, context.zone, day_first=context.day_first):
            stamps.append((replace(stamp, is_update=name == "updated"), "field"))
    found = [(s, rule) for s, rule in stamps if not s.is_update]
    if found:
        return min(found, key=lambda f: DATE_RULES.index(f[1]))
    if dateline and dateline.when and (stamp := read_stamp(dateline.when)):
        return stamp, "dateline"
    updates = [s for s, _ in stamps if s.is_update]
    heading = HEADLINE_DAY.search(_title(record.text, marks) or "")
    printed = (
        next((m.when for m in marks if m.when), None),
        dateline.when if dateline else None,
        heading.group(1) if heading else None,
    )
    for where, when in zip(DAYS, printed, strict=True):
        if month_day := read_month_day(when or ""):
            day, rule = _with_year(*month_day, record, marks, updates, hints)
            if day:
                return Stamp(day), f"{where} + {rule}"
    return (updates[0], "update line") if updates else (None, None)


def _with_year(
    month: int, day: int, record: Record, marks: Sequence[Mark], updates: Sequence[Stamp], hints: Hints
) -> tuple[date | None, str]:
    """Complete a date without a year, using the first of `YEARS` that is available."""
    trailers = (record.text[m.start : m.end] for m in marks if m.kind == "trailer")
    years = [int(c["year"]) for t in trailers for c in COPYRIGHT.finditer(t) if c["year"]]
    on_page = by_day(month, day, updates[0].day) if updates else in_year(month, day, years[0]) if years else None
    configured = in_year(month, day, hints.year) if hints.year else None
    by_name = (by_path(month, day, name) for name in (_address(record, marks), hints.source_uri))
    found = zip((on_page, *by_name, configured), YEARS, strict=True)
    return next((f for f in found if f[0]), (None, ""))


def _address(record: Record, marks: Sequence[Mark]) -> str:
    """The page's web address: from the record's format or a header line, or the first line if it is one."""
    named = next((m.header[1] for m in marks if m.header and m.header[0] == "url"), None)
    first = record.text[marks[0].start : marks[0].end] if marks else ""
    return record.fields.get("url") or named or (first if first.startswith("http") else "")


def _title(text: str, marks: Sequence[Mark]) -> str | None:
    return next((_on_one_line(text[m.start : m.end]) for m in marks if m.kind == "headline"), None)


def _authors(record: Record, said: Mapping[str, str], marks: Sequence[Mark]) -> tuple[str, ...]:
    """The authors; if nobody is named, the agency or desk that the record's format gives as author."""
    text, named = record.text, read_names(said.get("authors", ""))
    if named.authors:
        return named.authors
    printed = [name for m in marks if m.byline for name in m.byline.authors]
    if not printed:
        trailers = (REPORTED_BY.match(text, m.start, m.end) for m in marks if m.kind == "trailer")
        printed = [name for t in trailers if t for name in read_names(t.group(1)).authors]
    if not printed and named.publisher and "authors" in record.fields:
        printed = [named.publisher]
    return tuple(dict.fromkeys(printed))


def _publisher(text: str, said: Mapping[str, str], marks: Sequence[Mark], dateline: Dateline | None) -> str | None:
    bylines = (m.byline.publisher for m in marks if m.byline and m.byline.publisher)
    named = said.get("publisher") or next(bylines, None) or read_names(said.get("authors", "")).publisher
    named = named or (dateline.agency if dateline else None)
    if named:
        return named
    printed = (COPYRIGHT.search(text, m.start, m.end) for m in marks if m.kind == "trailer")
    holders = (found["holder"] for found in printed if found and found["holder"])
    return next((_on_one_line(holder) for holder in holders if not holder.lower().startswith("all ")), None)


def _on_one_line(text: str) -> str:
    return " ".join(text.split())
