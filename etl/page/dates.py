"""Parse printed dates and times. A line is a date line only if it has nothing but dates, times and their labels."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from itertools import pairwise
from types import MappingProxyType
from zoneinfo import ZoneInfo

from rapidfuzz.distance import OSA

MONTHS = tuple("january february march april may june july august september october november december".split())
MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
DAY = r"\d{1,2}(?:st|nd|rd|th)?"
YEAR = r"(?:1[89]|20)\d\d"
#: The forms of a full date. Group names end in the number of the form; a numeric date without a known order has a, b and y.
DATE = re.compile(
    rf"(?<![\w/.-])(?:(?P<m1>{MONTH})\s*(?P<d1>{DAY})\s*,?\s*(?P<y1>{YEAR})"
    rf"|(?P<d2>{DAY})\s*(?:of\s+)?-?\s*(?P<m2>{MONTH})[-\s,]*(?P<y2>{YEAR})"
    rf"|(?P<y3>{YEAR})(?P<sep3>[-/.])(?P<m3>\d{{1,2}})(?P=sep3)(?P<d3>\d{{1,2}})"
    rf"|(?P<y4>{YEAR})(?P<m4>0[1-9]|1[0-2])(?P<d4>[0-3]\d)"
    rf"|(?P<y5>{YEAR})\s+(?P<m5>{MONTH})\s*(?P<d5>{DAY})"
    rf"|(?P<d6>{DAY})(?P<sep6>[-/])(?P<m6>{MONTH})(?P=sep6)(?P<y6>\d\d)"
    rf"|(?P<a>\d{{1,2}})(?P<sep>[-/.])(?P<b>\d{{1,2}})(?P=sep)(?P<y>{YEAR}|\d\d))(?!\d)",
    re.IGNORECASE,
)
#: A date without a year, as in datelines.
MONTH_DAY = re.compile(rf"\b(?:(?P<m1>{MONTH}),?\s*(?P<d1>{DAY})|(?P<d2>{DAY})\s*(?P<m2>{MONTH}))(?!\d)", re.IGNORECASE)
#: The same with misspelt months (``Macrh 16``, ``Junee 2``), for places that are known to have a date.
MAYBE_MONTH = r"[A-Za-z]{3,10}\b\.?"
LOOSE_DAY = re.compile(MONTH_DAY.pattern.replace(MONTH, MAYBE_MONTH))
TIME = re.compile(
    r"(?:\bat\s+|\bT|\b)(?P<hour>[01]?\d|2[0-3])"
    r"(?:[:.h]\s?(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d)(?:[.,]\d{1,9})?)?(?!\d)(?:\s*(?P<half>[ap])\.?\s?m\b\.?)?"
    r"|\s*(?P<half2>[ap])\.?\s?m\b\.?)",
    re.IGNORECASE,
)
#: Time zone abbreviations with a fixed offset, in minutes east of UTC; and those whose offset depends on the season.
OFFSETS: Mapping[str, int] = MappingProxyType(
    {"Z": 0, "GMT": 0, "UTC": 0, "BST": 60, "CET": 60, "CEST": 120, "EST": -300, "EDT": -240, "CDT": -300, "MST": -420}
    | {"MDT": -360, "PST": -480, "PDT": -420, "JST": 540, "HKT": 480, "AEST": 600, "AEDT": 660, "MSK": 180}
)
SEASONAL: Mapping[str, str] = MappingProxyType(
    {"ET": "America/New_York", "CT": "America/Chicago", "MT": "America/Denver", "PT": "America/Los_Angeles"}
)
ZONE = re.compile(
    r"\(?(?<![A-Za-z])(?:(?:GMT|UTC)?\s*(?P<sign>[+−-])(?P<hours>[01]\d):?(?P<minutes>[0-5]\d)(?!\d)"
    rf"|(?P<name>{'|'.join([*OFFSETS, *SEASONAL])})\b)"
)
#: Labels of dates on a line with several. Those of `LATER` are not the date of publication.
LATER = r"(?:last\s+)?(?:updated?|modified|revised|edited|received|accepted|submitted)\b"
LABEL = re.compile(
    rf"\b(?:{LATER}|(?:first\s+|originally\s+)?(?:published|posted|issued|released|created|filed|printed)\b)",
    re.IGNORECASE,
)
IS_LATER = re.compile(LATER, re.IGNORECASE)
#: Words that may accompany a date on a date line. Articles of names such as ``The Tern`` are kept.
BESIDE = re.compile(
    r"\b(?:(?:mon|tue(?:s)?|wed(?:nes)?|thu(?:r|rs)?|fri|sat(?:ur)?|sun)(?:day)?|(?:publication\s+|load[- ]|release\s+)?date"
    r"|on|at|(?:the|of)(?!\s+(?-i:[A-Z]))|time|edition|print|final|first|late|hrs|hours|local|cst|ist|this|was|article|story|page"
    r"|(?:vol(?:ume)?|no|issue)[. ]+\d{1,5}|\d{1,3}[- ]min(?:ute)?s? (?:read|listen|watch)|[ap]ms? cycle|bc cycle)\b",
    re.IGNORECASE,
)
#: Dates relative to the time of reading. They cannot be resolved.
RELATIVE = re.compile(
    r"\b(?:(?:\d{1,2}|an?|one|two|three|several|few)\s+"
    r"(?:sec(?:ond)?|min(?:ute)?|hr|hour|day|week|month|year)s?\s+ago|just now|yesterday)\b",
    re.IGNORECASE,
)
#: The most digits that may remain on a date line, such as those of a page number or an unknown time format.
STRAY_DIGITS = 4
DIGIT = re.compile(r"\d")
#: The longest date line, in code points.
MAX_LINE = 160
#: Two-digit years below this are in this century.
CENTURY_TURN = 50
#: Seconds or milliseconds since 1970, as in exports.
EPOCH = re.compile(r"1\d{9}(?:\d{3})?(?:\.\d+)?")
#: Dates and years in the names of folders and files.
PATH_DAY = re.compile(rf"(?<!\d)({YEAR})([-_./]?)(0[1-9]|1[0-2])\2([0-2]\d|3[01])(?!\d)")
PATH_YEAR = re.compile(rf"(?<!\d)({YEAR})(?!\d)")
#: A date of publication is at most this long after the date in the path or of an update.
SLACK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Stamp:
    """A printed date; the instant, if an offset is printed or configured; and whether it is the date of an update."""

    day: date
    at: datetime | None = None
    is_update: bool = False


def read_line(line: str, zone: str | None = None, *, day_first: bool = False) -> Stamp | None:
    """Parse a date line. None for any other line. ``zone`` is an IANA name for times without a zone.

    Of several dates, returns the first that is not an update's.
    """
    if len(line) > MAX_LINE or not DIGIT.search(line) or _says_more(_bare(line)):
        return None
    return read_stamp(line, zone, day_first=day_first)


def read_stamp(value: str, zone: str | None = None, *, day_first: bool = False) -> Stamp | None:
    """The first date in a value that is known to be a date, such as that of a header line."""
    value = value[:MAX_LINE]
    if EPOCH.fullmatch(value.strip()):
        at = datetime.fromtimestamp(int(value.strip()[:10]), UTC)
        return Stamp(at.date(), at)
    starts = [0, *(m.start() for m in LABEL.finditer(value)), len(value)]
    parts = (value[a:b] for a, b in pairwise(starts))
    stamps = [s for part in parts if (s := _stamp(part, zone, day_first=day_first))]
    return min(stamps, key=lambda s: s.is_update, default=None)


def without_dates(line: str) -> str:
    """A line without dates, times and their labels. The unchanged line if it has no date."""
    has_date = len(line) <= MAX_LINE and ((DIGIT.search(line) and DATE.search(line)) or RELATIVE.search(line))
    return " ".join(_bare(line).split()) if has_date else line


def read_month_day(text: str) -> tuple[int, int] | None:
    """Month and day of a date without a year. The month may be misspelt."""
    for match in LOOSE_DAY.finditer(text):
        if month := month_of(match["m1"] or match["m2"]):
            return month, _number(match["d1"] or match["d2"])
    return None


def month_of(word: str) -> int | None:
    """The number of a month by its name, which may be abbreviated or misspelt by one letter (two if the first three are right)."""
    word = word.lower().rstrip(".")
    if len(word) < 3:
        return None
    if short := [n for n, name in enumerate(MONTHS, 1) if name.startswith(word)]:
        return short[0]
    near = [n for n, name in enumerate(MONTHS, 1) if len(name) > 3 and _is_near(word, name)]
    return near[0] if len(near) == 1 else None


def _is_near(word: str, name: str) -> bool:
    allowed = 1 + (word[:3] == name[:3])
    return abs(len(word) - len(name)) <= allowed and OSA.distance(word, name) <= allowed


def read_dayline(line: str) -> tuple[int, int] | None:
    """Month and day of a line that consists of a date without a year, with or without weekday and time."""
    if len(line) > MAX_LINE or not DIGIT.search(line) or DATE.search(line) or not MONTH_DAY.search(line):
        return None
    return None if _says_more(_bare(MONTH_DAY.sub(" ", line, count=1))) else read_month_day(line)


def is_label(line: str) -> bool:
    """Whether a line is about a date but has none that can be resolved: ``Updated at 9:50 p.m. ET``, ``2 hours ago``."""
    return len(line) <= MAX_LINE and bool(LABEL.match(line) or RELATIVE.match(line)) and not _says_more(_bare(line))


def in_year(month: int, day: int, year: int) -> date | None:
    """The date, or None if it does not exist."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


def by_path(month: int, day: int, path: str) -> date | None:
    """The date with the year from a path, if the path has a date or a year."""
    if days := [d for y, _, m, n in PATH_DAY.findall(path) if (d := in_year(int(m), int(n), int(y)))]:
        return by_day(month, day, days[-1])
    years = PATH_YEAR.findall(path)
    return in_year(month, day, int(years[-1])) if years else None


def by_day(month: int, day: int, later: date) -> date | None:
    """The latest date with this month and day that is before, or not long after, the date ``later``."""
    latest = later + SLACK
    return next((d for back in range(2) if (d := in_year(month, day, latest.year - back)) and d <= latest), None)


def _says_more(rest: str) -> bool:
    """Whether the rest of a line has letters, or more than a stray number or two."""
    return any(map(str.isalpha, rest)) or sum(map(str.isdigit, rest)) > STRAY_DIGITS


def _bare(line: str) -> str:
    for pattern in (DATE, RELATIVE, ZONE, TIME, LABEL, BESIDE):
        line = pattern.sub(" ", line)
    return line


def _stamp(part: str, zone: str | None, *, day_first: bool) -> Stamp | None:
    day, rest = None, part
    for match in DATE.finditer(part):
        if day := _day(match, day_first=day_first):
            rest = f"{part[: match.start()]} {part[match.end() :]}"
            break
    return Stamp(day, _instant(day, rest, zone), bool(IS_LATER.search(part))) if day else None


def _day(match: re.Match[str], *, day_first: bool) -> date | None:
    for n in "123456":
        if match[f"y{n}"]:
            month = match[f"m{n}"]
            number = int(month) if month.isdigit() else month_of(month) or 0
            return in_year(number, _number(match[f"d{n}"]), _full_year(match[f"y{n}"]))
    year, a, b = _full_year(match["y"]), int(match["a"]), int(match["b"])
    # Countries that separate dates by points write the day first.
    is_day_first = a > 12 or (b <= 12 and (day_first or match["sep"] == "."))
    return in_year(b, a, year) if is_day_first else in_year(a, b, year)


def _full_year(year: str) -> int:
    return int(year) + (0 if len(year) > 2 else 2000 if int(year) < CENTURY_TURN else 1900)


def _instant(day: date, rest: str, zone: str | None) -> datetime | None:
    time = TIME.search(rest)
    offset = _offset(rest[time.start() :] if time else "") or (ZoneInfo(zone) if zone else None)
    if not time or offset is None:
        return None
    half = (time["half"] or time["half2"] or "").lower()
    hour = int(time["hour"]) % 12 + (12 if half == "p" else 0) if half else int(time["hour"])
    return datetime(
        day.year, day.month, day.day, hour, int(time["minute"] or 0), int(time["second"] or 0), tzinfo=offset
    )


def _offset(after: str) -> tzinfo | None:
    match = ZONE.search(after)
    if not match:
        return None
    if match["name"] in SEASONAL:
        return ZoneInfo(SEASONAL[match["name"]])
    if match["name"]:
        return timezone(timedelta(minutes=OFFSETS[match["name"]]))
    east = timedelta(hours=int(match["hours"]), minutes=int(match["minutes"]))
    return timezone(east if match["sign"] == "+" else -east)


def _number(day: str) -> int:
    return int(day.rstrip("stndrhSTNDRH"))
