"""Parse datelines: the place, date and agency before the dash at the start of wire copy."""

import re
from dataclasses import dataclass

from etl.knowledge.word_lists import words
from etl.page.bylines import outlet_of
from etl.page.dates import DAY, MAYBE_MONTH, read_month_day

_CAPS = r"(?:[A-Z][A-Z'’.]+|[A-Z]\.)"
_WORD = r"[A-Z][\w'’.]*"
_WEEKDAY = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
#: A place in capitals and one in any letters, each with an optional state or country.
CAPS_PLACE = rf"{_CAPS}(?:[\s/-]{{1,2}}{_CAPS}){{0,5}}"
ANY_PLACE = rf"{_WORD}(?:[\s/-]{{1,2}}(?:(?:of|the|de|la|al|el)\s)?{_WORD}){{0,3}}"
REGION = rf"(?:\s?,\s{{1,2}}(?!{MAYBE_MONTH}\s*\d|{_WEEKDAY})(?:the\s)?{_WORD}(?:\s{_WORD}){{0,2}}){{0,2}}"
YEAR = r"(?:,?\s+(?:19|20)\d\d)?"
WHEN = rf"[\s,.-]{{1,4}}(?:{_WEEKDAY},?\s+)?(?P<when>(?:{MAYBE_MONTH},?\s*{DAY}|{DAY}\s+{MAYBE_MONTH}){YEAR})(?!\w)"
#: Too many words in capitals for a place, if only the dash indicates a dateline.
LONG_CAPS = rf"{_CAPS}(?:\s{_CAPS}){{4}}"
AGENCY = r"\s*[(/\[](?P<agency>dpa|[A-Z][\w .&'’/-]{1,40}?)[)/\]]"
BARE_AGENCY = r",\s+(?P<bare>[A-Z]\w+)"
DASH = r"\s*(?:--|[–—]|_\s|-\s|-$)"
#: Place, date and agency in their usual orders. A place not in capitals counts only beside a date or an agency.
FORMS = tuple(
    re.compile(form)
    for form in (
        rf"(?P<place>{ANY_PLACE}{REGION}){WHEN}(?:,?{AGENCY}|{BARE_AGENCY})?,?{DASH}",
        # Wire copy in lower case, and copy with only the date.
        rf"(?P<place>[a-z]{{2,}}(?:\s[a-z]{{3,}}){{0,2}}|[A-Z][a-z]+\s[a-z]{{3,}}){WHEN}{DASH}",
        rf"(?P<when>(?:{MAYBE_MONTH}\s{DAY}|{DAY}\s{MAYBE_MONTH}){YEAR})(?!\w){DASH}",
        rf"(?P<place>{CAPS_PLACE}{REGION}){AGENCY}(?:{DASH}|:\s|\s?(?=[A-Z]))",
        rf"(?P<place>{ANY_PLACE}{REGION}){AGENCY}(?:{DASH}|:\s|\s?(?=[A-Z]))",
        rf"(?P<place>(?!{LONG_CAPS}){CAPS_PLACE}{REGION}){DASH}",
        rf"[(\[](?P<agency>[A-Z][\w .&'’/-]{{1,40}})[)\]]\s*(?:{DASH})?",
    )
)
#: A place in capitals without the dash: on a line of its own with the date.
PLACE_ONLY = re.compile(rf"{CAPS_PLACE}{REGION},?")
#: A place, a comma and a date: on a line of its own below the headline.
PLACED_DAY = re.compile(rf"{ANY_PLACE}{REGION},\s+(?:{_WEEKDAY},?\s+)?(?:\d|{MAYBE_MONTH}\s*\d)")
#: Words in capitals before a dash that are not places.
NOT_PLACES = words("not_datelines")
#: What may precede a dateline: ornaments, a stray character from transmission, a caption label.
BEFORE = re.compile(r"[*•+ ]*(?:\w\s{2,}|Photo\s)?")
#: The longest dateline, in code points.
REACH = 160


@dataclass(frozen=True, slots=True)
class Dateline:
    """A dateline: its length in code points including the dash; place, printed date and agency, if given."""

    length: int
    place: str | None = None
    when: str | None = None
    agency: str | None = None


def read_dateline(paragraph: str) -> Dateline | None:
    """The dateline at the start of a paragraph, if any."""
    head = paragraph[:REACH]
    before = BEFORE.match(head)
    offset = before.end() if before else 0
    for form in FORMS:
        match = form.match(head, offset)
        if match and (dateline := _believed(match)):
            return dateline
    return None


def _believed(match: re.Match[str]) -> Dateline | None:
    found = match.groupdict()
    place = " ".join((found.get("place") or "").split()).replace(" ,", ",").strip(" ,") or None
    agency = (found.get("agency") or found.get("bare") or "").strip() or None
    if found.get("when") and not read_month_day(found["when"]):
        return None
    if place and place.split()[0].lower().strip(".,'’") in NOT_PLACES:
        return None
    if agency and not outlet_of(agency) and (not found.get("when") and (place is None or not place.isupper())):
        return None
    return Dateline(match.end(), place, found.get("when"), agency)
