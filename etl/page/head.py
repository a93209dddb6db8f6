"""Parse the head of a page, line by line: headline, byline, date line and export headers above the first paragraph."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import dropwhile, pairwise

from etl.knowledge.gazetteer import find_known
from etl.page.bylines import (
    OUTLET_WORD,
    OUTLETS,
    Byline,
    is_name,
    is_role,
    outlet_of,
    read_bare_byline,
    read_byline,
    read_name_list,
    read_placed_name,
)
from etl.page.datelines import PLACE_ONLY, PLACED_DAY, read_dateline
from etl.page.dates import DATE, LABEL, Stamp, is_label, read_dayline, read_line, read_stamp, without_dates
from etl.page.lines import SENTENCE_END, Line, runs_on
from etl.page.wording import (
    HEADLINE_MAX,
    TITLE_CAPITALS,
    is_capitalised,
    is_furniture_only,
    is_headline,
    is_kicker,
    note_kind,
)
from etl.sources.header_lines import FIELD_OF, KEY_LINE, key_of
from etl.text import fold_words

#: The number of lines searched for headline, byline and date line, and the most other stretches among them.
HEAD_LINES, MAX_OTHERS = 40, 5
#: A byline without *by* is accepted only below at most this many stretches: headline and sub-title.
BARE_WITHIN = 2
#: The line that databases print above the name of the outlet: ``3 of 161 DOCUMENTS``.
OUTLET_BELOW = re.compile(r"\s*\d{1,6} of \d{1,6} documents?", re.IGNORECASE)
#: A page with at least this many ``Key: value`` lines is an export.
EXPORT_KEYS = 2
#: Keys that occur alone at the foot of exports.
FOOT_KEYS = frozenset(
    ("load_date", "language", "publication_type", "document_type", "subject", "graphic", "url", "keywords")
)
#: Lines that may follow the header lines at the foot.
FOOT_END = re.compile(r"end of document\.?\Z|[\s=*_#~–—-]{3,}\Z", re.IGNORECASE)
#: Lines in brackets, of punctuation or with an address are never headlines.
FRAMED = re.compile(r"[\[(<*_=#~-]|.*(?:https?:|www\.|\w\.\w{2,4}/|@\w)")
#: If the title is known from the format, a line of names among this many first lines is the byline.
NAMES_WITHIN = 4
#: The most words of a sub-title. A longer line between headline and byline is a paragraph.
SUBTITLE_MAX_WORDS = 50
#: The most lines of the head below the headline that end like a sentence, as a sub-title may.
MAX_SENTENCES = 1
#: The most lines of a wrapped headline.
HEADLINE_LINES = 4
#: The fewest words of a headline that the next line repeats. Fewer are more often an outlet or place that the headline is about.
MIN_REPEATED = 3
#: A value as YAML prints it at the top of Markdown pages.
QUOTED = re.compile(r"(?P<mark>[\"'])(?P<inner>(?:(?!(?P=mark)).)+)(?P=mark)")
#: Fields whose ``Key: value`` line counts even if there is no other.
SURE_FIELDS = frozenset(("title", "authors", "published", "updated", "url"))
#: The kind of passage by field; other header lines are boilerplate.
PASSAGE_OF = {
    "title": "headline",
    "authors": "byline",
    "published": "date line",
    "updated": "date line",
    "text": "paragraph",
}
#: The date on which a database loaded the article counts like that of an update.
LOADED = "load_date"
#: Passages that occur only in heads; the last of them marks the end of the head.
STRONG = frozenset(("headline", "byline", "date line"))
MAX_OUTLET_WORDS, MAX_IMPRINT_WORDS = 6, 12
#: Characters left around a name after the date beside it is removed.
OUTER = " |,-–—•·()"
#: The page number of a printed edition.
PAGE = re.compile(r"\bp(?:age|\.)? ?[A-Z]?\d{1,3}\b", re.IGNORECASE)
#: A line that can be the place between a name and the date.
PLACE = re.compile(r"[A-Z][\w.'’-]+(?: [A-Z][\w.'’-]+){0,2}")
#: The length of an article, as databases print it below the names.
WORD_COUNT = re.compile(r"[\d,]{1,7} words", re.IGNORECASE)
#: A line that begins like a dateline is a headline with a dash if no more than this many words follow.
PROSE_WORDS = 8


@dataclass(frozen=True, slots=True)
class Mark:
    """One marked stretch, [start, end) in code points, and what was read from it. ``when`` is a date without a year."""

    kind: str
    start: int
    end: int
    stamp: Stamp | None = None
    byline: Byline | None = None
    place: str | None = None
    when: str | None = None
    header: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """How the source prints dates: an IANA time zone, and whether the day comes first in numeric dates."""

    zone: str | None = None
    day_first: bool = False


def read_head(lines: Sequence[Line], title: str | None, context: Context, *, wrapped: bool) -> tuple[list[Mark], int]:
    """The marks of the head of a page, and its number of lines. ``title`` is the title given by the format."""
    marks = _marks(lines, context, wrapped=wrapped)
    if title is not None and not any(mark.byline for mark in marks.values()):
        marks |= _names_above(lines)
    marks |= _outlet_above_day(lines, marks)
    end = _end(lines, marks)
    headline = _headline(lines, marks, end, title, wrapped=wrapped)
    if headline:
        marks[headline[0]] = Mark("headline", lines[headline[0]].start, lines[headline[-1]].end)
    below = headline.stop
    if headline and below < len(lines) and below not in marks and _is_repeated(lines, headline, below):
        marks[below] = Mark("headline", lines[below].start, lines[below].end)
        below += 1
    end = max(end, below)
    if headline and end not in marks and _is_subtitle(lines, end, wrapped=wrapped):
        end += 1
    found: list[Mark] = []
    for i in (i for i in range(end) if i in marks or i not in headline):
        line = lines[i]
        if i in marks:
            found.append(marks[i])
        elif found and not line.is_apart and (found[-1].header or found[-1].kind == "subtitle"):
            found[-1] = replace(found[-1], end=line.end)
        else:
            found.append(Mark("subtitle", line.start, line.end))
    return found, end


def read_foot(lines: Sequence[Line], context: Context) -> list[Mark]:
    """The marks of the ``Key: value`` lines that end a page."""
    start = len(lines)
    while start and (KEY_LINE.match(lines[start - 1].text) or FOOT_END.match(lines[start - 1].text)):
        start -= 1
    # Unknown keys belong to a foot below a known one.
    below = ((line, key_of(line.text)) for line in lines[start:])
    foot = list(dropwhile(lambda f: f[1] is None and not FOOT_END.match(f[0].text), below))
    keys = [key for _, key in foot if key]
    if len(keys) < EXPORT_KEYS and not any(key in FOOT_KEYS for key, _ in keys):
        return []
    return [read_header(line, context, *key) if key else Mark("trailer", line.start, line.end) for line, key in foot]


def without_repeat(lines: Sequence[Line]) -> list[Line]:
    """Split the second line if it repeats the first, a headline, and continues, for example with a date or byline."""
    is_short = len(lines) < 2 or len(lines[0].text.split()) < MIN_REPEATED
    if is_short or not lines[1].text.startswith(f"{lines[0].text} "):
        return list(lines)
    first, second = lines[:2]
    rest = second.text[len(first.text) :].lstrip()
    below = Line(rest, second.end - len(rest), second.indent, is_apart=False)
    return [first, replace(second, text=first.text), below, *lines[2:]]


def read_header(line: Line, context: Context, key: str, value: str) -> Mark:
    """The mark of a ``Key: value`` line: of the value for a headline, byline or date, else of the whole line."""
    if line.text[0].islower() and (quoted := QUOTED.fullmatch(value)):
        value = quoted["inner"]
        line = replace(line, text=line.text[:-1])
    name = FIELD_OF.get(key, "")
    is_day = name in ("published", "updated")
    # With several dates, the key is the label of the first alone.
    labels = is_day and LABEL.search(value)
    stamp = read_stamp(line.text if labels else value, context.zone, day_first=context.day_first) if is_day else None
    if stamp and not labels and (name == "updated" or key == LOADED):
        stamp = replace(stamp, is_update=True)
    kind = PASSAGE_OF.get(name, "boilerplate") if value else "boilerplate"
    start = line.end - len(value) if kind != "boilerplate" else line.start
    rest = without_dates(value).strip(OUTER) if stamp else ""
    byline = read_byline(rest) or Byline(publisher=outlet_of(rest))
    when = value if is_day and not stamp else None
    return Mark(kind, start, line.end, stamp, byline, when=when, header=(name or key, value))


def _marks(lines: Sequence[Line], context: Context, *, wrapped: bool) -> dict[int, Mark]:
    """The marks of lines that can be classified on their own. Lines of a hard-wrapped paragraph cannot."""
    marks: dict[int, Mark] = {}
    groups = words = 0
    for i, line in enumerate(lines[:HEAD_LINES]):
        is_inside = not line.is_apart and i - 1 not in marks and i > 0
        if groups and read_dateline(line.text):
            break
        is_in_paragraph = wrapped and is_inside and groups > 1
        mark = None if is_in_paragraph else _mark(lines, i, context, may_be_bare=0 < groups <= BARE_WITHIN)
        if mark is None and i - 1 in marks and marks[i - 1].kind == "byline" and is_role(line.text):
            mark = Mark("byline", line.start, line.end)
        if mark is None and not groups:
            mark = _kicker(lines, i)
        if mark and not groups and _is_headline_after_all(lines, i, mark):
            mark = None
        if mark and (groups or mark.kind not in ("caption", "trailer")):
            marks[i] = mark
            continue
        groups += not is_inside
        words = len(line.text.split()) + (words if is_inside else 0)
        if groups > MAX_OTHERS or words > SUBTITLE_MAX_WORDS:
            break
    return marks


def _outlet_above_day(lines: Sequence[Line], marks: Mapping[int, Mark]) -> dict[int, Mark]:
    """In an export, the mark of the line above the date: the outlet's name, if another line can be the headline."""
    keys = [i for i, mark in marks.items() if mark.header]
    day = next((i for i, mark in marks.items() if mark.kind == "date line" and not mark.header), 0)
    if len(keys) < EXPORT_KEYS or not day or day > max(keys) or day - 1 in marks:
        return {}
    line = lines[day - 1]
    others = [i for i in range(max(keys)) if i not in marks and i != day - 1]
    is_outlet = len(line.text.split()) <= MAX_OUTLET_WORDS and not SENTENCE_END.search(line.text)
    mark = Mark("byline", line.start, line.end, byline=Byline(publisher=line.text))
    return {day - 1: mark} if others and is_outlet else {}


def _is_headline_after_all(lines: Sequence[Line], i: int, mark: Mark) -> bool:
    """Whether a first line that looks like a link or button is the headline, because no other headline follows."""
    text = lines[i].text
    if (
        mark.kind != "boilerplate"
        or mark.header
        or is_furniture_only(text)
        or not is_headline(text)
        or FRAMED.match(text)
    ):
        return False
    return not _is_headline_below(lines, i)


def _is_headline_below(lines: Sequence[Line], i: int) -> bool:
    below = next((line for line in lines[i + 1 : HEAD_LINES] if not note_kind(line.text)), None)
    return (
        below is not None
        and is_headline(below.text)
        and (below.text[-1] == "?" or not SENTENCE_END.search(below.text))
        and not _is_head_line(below.text)
    )


def _kicker(lines: Sequence[Line], i: int) -> Mark | None:
    """The mark of a line above the headline: the article's section, a button, or the outlet."""
    line = lines[i]
    words = line.text.split()
    is_outlet = not line.text.isupper() and (
        line.text.lower() in OUTLETS or (OUTLET_WORD.fullmatch(words[-1]) and outlet_of(line.text))
    )
    is_outlet = is_outlet and len(words) <= MAX_OUTLET_WORDS and not is_kicker(line.text)
    if not is_outlet and not is_kicker(line.text):
        return None
    if not _is_headline_below(lines, i):
        return None
    return Mark("boilerplate", line.start, line.end, byline=Byline(publisher=line.text) if is_outlet else None)


def _is_head_line(text: str) -> bool:
    return bool(read_byline(text) or read_line(text) or read_dayline(text) or read_dateline(text))


def _names_above(lines: Sequence[Line]) -> dict[int, Mark]:
    """The mark of a line of names above the first paragraph."""
    for i, (line, below) in enumerate(pairwise(lines[: NAMES_WITHIN + 1])):
        if (byline := read_name_list(line.text)) and len(below.text.split()) > PROSE_WORDS:
            return {i: Mark("byline", line.start, line.end, byline=byline)}
    return {}


def _mark(lines: Sequence[Line], i: int, context: Context, *, may_be_bare: bool) -> Mark | None:
    line, text = lines[i], lines[i].text
    above = lines[i - 1] if i else None
    if header := _header(lines, i):
        return read_header(line, context, *header)
    if above and OUTLET_BELOW.match(above.text):
        return Mark("byline", line.start, line.end, byline=Byline(publisher=text))
    if stamp := read_line(text, context.zone, day_first=context.day_first):
        return Mark("date line", line.start, line.end, stamp)
    if kind := note_kind(text):
        byline = read_byline(text) if kind == "trailer" else None
        return Mark("byline" if byline else kind, line.start, line.end, byline=byline)
    if read_dayline(text) or is_label(text):
        return Mark("date line", line.start, line.end, when=text)
    undated = without_dates(text)
    rest = undated.strip(OUTER)
    stamp = read_stamp(text, context.zone, day_first=context.day_first) if undated != text else None
    if byline := read_byline(undated) or (
        _bare_byline(lines, i, rest, is_dated=stamp is not None) if may_be_bare else None
    ):
        return Mark("byline", line.start, line.end, stamp, byline)
    if stamp and (PLACE_ONLY.fullmatch(rest) or (may_be_bare and PLACED_DAY.match(text))):
        return Mark("date line", line.start, line.end, stamp, place=rest.rstrip(","))
    if may_be_bare and i + 1 < len(lines) and key_of(lines[i + 1].text) and (mark := _day_above_keys(line, context)):
        return mark
    return read_imprint(line, context) if may_be_bare else None


def _day_above_keys(line: Line, context: Context) -> Mark | None:
    """The mark of a line of outlet and date right above an export's keys: ``Tern, The (Northmoor) - March 3, 2016``."""
    if len(line.text.split()) > MAX_IMPRINT_WORDS or not DATE.search(line.text):
        return None
    stamp = read_stamp(line.text, context.zone, day_first=context.day_first)
    return Mark("date line", line.start, line.end, stamp) if stamp else None


def read_imprint(line: Line, context: Context) -> Mark | None:
    """The mark of a line with only the outlet and the date of printing: ``(The Tern 06/08/2016 page 4)``."""
    unpaged = PAGE.sub("", line.text)
    undated = without_dates(unpaged)
    rest = undated.strip(OUTER).removeprefix("in ")
    outlet = outlet_of(rest) if undated != unpaged and len(rest.split()) <= MAX_OUTLET_WORDS else None
    stamp = read_stamp(line.text, context.zone, day_first=context.day_first) if outlet else None
    return Mark("date line", line.start, line.end, stamp, Byline(publisher=outlet)) if stamp else None


def _bare_byline(lines: Sequence[Line], i: int, rest: str, *, is_dated: bool) -> Byline | None:
    """A byline without *by*, if its own words or the line below show that it is one."""
    if (agency := re.sub(r"\s+(?:staff\s+)?writer\Z", "", rest, flags=re.IGNORECASE)).lower() in OUTLETS:
        return Byline(publisher=agency)
    if is_name(rest) and outlet_of(rest):
        return Byline(publisher=rest)
    placed = read_placed_name(rest)
    known = find_known(rest)
    if is_role(rest) or (known and known.entity_type != "PERSON"):
        return None
    below, further = (lines[j].text if j < len(lines) else "" for j in (i + 1, i + 2))
    if not is_name(rest) and not placed:
        return read_bare_byline(rest) or (read_name_list(rest) if read_line(below) else None)
    place = without_dates(below)
    is_place_below = place != below and PLACE_ONLY.fullmatch(place)
    is_place_between = PLACE.fullmatch(below) and not read_byline(below) and read_line(further) and not rest.isupper()
    is_above_day = is_place_below or is_place_between or read_line(below) or read_dateline(below)
    is_above_rest = is_role(below) or WORD_COUNT.fullmatch(below) or below.lower() in OUTLETS
    is_byline = (is_dated and not rest.isupper()) or is_above_day or is_above_rest
    return placed or Byline((rest,)) if is_byline else None


def _header(lines: Sequence[Line], i: int) -> tuple[str, str] | None:
    found = key_of(lines[i].text)
    if found is None:
        above = key_of(lines[i - 1].text) if i else None
        # A key whose value is on the next line.
        return (above[0], lines[i].text) if above and not above[1] and FIELD_OF.get(above[0]) in SURE_FIELDS else None
    near = (lines[j].text for j in (i - 1, i + 1) if 0 <= j < len(lines))
    return found if FIELD_OF.get(found[0]) in SURE_FIELDS or any(map(key_of, near)) else None


def _end(lines: Sequence[Line], marks: Mapping[int, Mark]) -> int:
    """The number of lines up to and including the last that only heads have."""
    end = groups = sentences = 0
    n_titles = 0 if any(m.kind == "headline" for m in marks.values()) else 1
    days = sum(m.kind == "date line" and not m.header for m in marks.values())
    for i in range(max(marks, default=-1) + 1):
        mark = marks.get(i)
        if mark is None:
            groups += lines[i].is_apart or i == 0 or i - 1 in marks
            sentences += groups > n_titles and SENTENCE_END.search(lines[i].text) is not None
        elif mark.header and mark.header[0] == "text":
            return i + 1
        elif sentences > MAX_SENTENCES or (sentences and (mark.header or i == len(lines) - 1)):
            break  # after prose: a line of the page's foot
        elif mark.kind == "date line" and groups > 1 and days > 1 and not LABEL.search(lines[i].text):
            break  # a chronicle: dates are the headings of its sections
        elif mark.kind in STRONG or mark.header:
            end = i + 1
    return end


def _headline(lines: Sequence[Line], marks: Mapping[int, Mark], end: int, title: str | None, *, wrapped: bool) -> range:
    """The lines of the headline. Empty if a header line gave it, or the page begins with a paragraph."""
    first = next(i for i in range(len(lines) + 1) if i not in marks)
    if first >= len(lines) or any(m.kind == "headline" for i, m in marks.items() if i < end):
        return range(0)
    last = first + 1
    while last < len(lines) and last not in marks and not lines[last].is_apart and last - first < HEADLINE_LINES:
        last += 1
    group = lines[first:last]
    if title is not None:
        same = (n for n in range(1, len(group) + 1) if fold_words(_joined(group[:n])) == fold_words(title))
        return range(first, first + next(same, 0))
    n = next((n for n in range(1, len(group)) if not _goes_on(group[n - 1].text, group[n].text)), len(group))
    text, is_last = _joined(group[:n]), first + n == len(lines)
    below = None if is_last or first + n in marks or lines[first + n].is_apart else lines[first + n]
    dateline = read_dateline(text)
    is_prose = dateline and not text.isupper() and (below or len(text[dateline.length :].split()) > PROSE_WORDS)
    if is_prose or len(text) > HEADLINE_MAX or not all(is_headline(line.text) for line in group[:n]):
        return range(0)
    ends_open = (
        not SENTENCE_END.search(text) or text[-1] == "?" or text.isupper() or is_capitalised(text, TITLE_CAPITALS)
    )
    if is_last or below or (wrapped and n > 1):
        is_title = ends_open and not (wrapped and below and runs_on(group[n - 1], below))
        return range(first, first + n) if is_title else range(0)
    return range(first, first + n)


def _goes_on(above: str, below: str) -> bool:
    """Whether a headline continues from one line to the next."""
    if above.endswith((";", ",", "–", "—", "-")) or (above.isupper() and below.isupper()):
        return True
    if SENTENCE_END.search(above):
        return False
    return below[0].islower() or (is_capitalised(above) and is_capitalised(below) and not SENTENCE_END.search(below))


def _is_repeated(lines: Sequence[Line], headline: range, i: int) -> bool:
    return fold_words(lines[i].text) == fold_words(_joined(lines[headline.start : headline.stop]))


def _is_subtitle(lines: Sequence[Line], i: int, *, wrapped: bool) -> bool:
    """Whether the line after the headline is a sub-title, not the first paragraph, if neither byline nor date follows."""
    if i + 1 >= len(lines) or (wrapped and not lines[i + 1].is_apart):
        return False
    text, below = lines[i].text, lines[i + 1].text
    if len(text.split()) > SUBTITLE_MAX_WORDS or read_dateline(text) or note_kind(text):
        return False
    return read_dateline(below) is not None or (not SENTENCE_END.search(text) and is_headline(text))


def _joined(lines: Sequence[Line]) -> str:
    return " ".join(line.text for line in lines)
