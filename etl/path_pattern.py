"""Read publisher and date from a file's path, by a pattern such as ``{publisher}/{published_on:%Y-%m-%d}_{slug}.txt``."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from string import Formatter

#: The fields of a pattern. A slug is any text, and is ignored.
FIELDS = ("publisher", "published_on", "slug")
#: The digits of each part of a date format.
DIGITS = {"%Y": r"\d{4}", "%y": r"\d{2}", "%m": r"\d{1,2}", "%d": r"\d{1,2}", "%j": r"\d{1,3}"}
DAY_FORMAT = "%Y-%m-%d"
#: The combinations of parts that determine a date.
WHOLE_DAYS = ({"%Y", "%m", "%d"}, {"%y", "%m", "%d"}, {"%Y", "%j"}, {"%y", "%j"})


@dataclass(frozen=True, slots=True)
class PathFields:
    """The values read from one path; None if the pattern does not match or lacks the field."""

    publisher: str | None = None
    published_on: date | None = None


def read_path(pattern: str, path: str) -> PathFields:
    """Read a path below its source's folder, with forward slashes, by a valid pattern."""
    expression, day_format = _compiled(pattern)
    match = expression.fullmatch(path)
    if match is None:
        return PathFields()
    values = match.groupdict()
    day = values.get("published_on")
    try:
        published_on = datetime.strptime(day, day_format).date() if day else None
    except ValueError:  # digits that are not a date: 2031-13-45
        return PathFields()
    return PathFields(values.get("publisher"), published_on)


def valid_pattern(pattern: str) -> str:
    """The pattern, if it is valid.

    Raises:
        ValueError: when it has an unknown or repeated field, a date format that cannot be read, or no field.
    """
    expression, _ = _compiled(pattern)
    if not {"publisher", "published_on"} & expression.groupindex.keys():
        raise ValueError(f"{pattern!r} names neither {{publisher}} nor {{published_on}}, so it reads nothing")
    if pattern.startswith("/") or "\\" in pattern:
        raise ValueError(
            f"{pattern!r} is matched below the source's folder: begin without /, and write / between folders"
        )
    return pattern


@lru_cache(256)
def _compiled(pattern: str) -> tuple[re.Pattern[str], str]:
    day_format = DAY_FORMAT
    parts: list[str] = []
    seen: set[str] = set()
    for literal, name, spec in _parsed(pattern):
        parts.append(re.escape(literal))
        if name is None:
            continue
        if name not in FIELDS or (name in seen and name != "slug"):
            raise ValueError(
                f"{{{name}}} in {pattern!r} is unknown or there twice; a pattern may have {', '.join(FIELDS)}"
            )
        if name == "published_on":
            day_format = spec or DAY_FORMAT
            parts.append(f"(?P<published_on>{_day(day_format)})")
        else:
            parts.append("[^/]*" if name == "slug" else f"(?P<{name}>[^/]+)")
        seen.add(name)
    return re.compile("".join(parts)), day_format


def _parsed(pattern: str) -> Iterator[tuple[str, str | None, str]]:
    try:
        for literal, name, spec, _ in Formatter().parse(pattern):
            yield literal, name, spec or ""
    except ValueError as error:
        raise ValueError(f"{pattern!r}: {error}") from None


def _day(format_: str) -> str:
    pieces = re.split(r"(%.)", format_)
    if set(pieces[1::2]) not in WHOLE_DAYS:
        raise ValueError(
            f"published_on:{format_} is no day; write it like published_on:%Y-%m-%d, of {', '.join(DIGITS)}"
        )
    return "".join(DIGITS[piece] if n % 2 else re.escape(piece) for n, piece in enumerate(pieces))
