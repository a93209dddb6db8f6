"""Named values (a JSON object, a row of a CSV file, the elements of an SGML document) to a record."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType

from etl.sources.decode import repair, strip_markup
from etl.sources.record import FIELD_NAMES, ReadOptions, Record, Rejection

NOT_WORD = re.compile(r"\W+")
#: What is put between the values of a list: a text may come as a list of its paragraphs, authors as a list of names.
BETWEEN = {"text": "\n\n"}
#: Under which keys a value that is itself an object says its name.
INNER_NAMES = ("name", "title", "text", "value")


def record_of(
    number: int, values: Mapping[str, object], options: ReadOptions, encoding: str, repairs: Iterable[str] = ()
) -> Record | Rejection:
    """Record ``number`` of a file, from what its format calls by name."""
    by_name = {normal(name): value for name, value in values.items()}
    try:
        found = {field: _first(by_name, options.names(field), BETWEEN.get(field, "; ")) for field in FIELD_NAMES}
    except RecursionError:
        return Rejection("malformed", "its values are nested too deep to be read as text; flatten them", number)
    raw = found.pop("text")
    if raw is None:
        names = ", ".join(sorted(map(str, values))[:12]) or "none"
        return Rejection("no_text", f"no key or column of {names} holds the text; name it under columns.text", number)
    text, repaired = strip_markup(raw)
    text, mended = repair(text)
    if not text.strip():
        return Rejection("empty", "the text is empty", number)
    if max(map(len, text.split("\n"))) > options.max_line:
        return Rejection("long_line", f"a line of more than max_line = {options.max_line:,} characters", number)
    fields = {field: " ".join(repair(value)[0].split()) for field, value in found.items() if value and value.strip()}
    key = fields.get("id") or fields.get("url")
    made = tuple(dict.fromkeys((*repairs, *repaired, *mended)))
    return Record(number, text, encoding, made, key, MappingProxyType(fields))


@lru_cache(1024)
def normal(name: str) -> str:
    """A key or column name in small letters, its words joined by underscores."""
    return NOT_WORD.sub("_", name.strip().lower()).strip("_")


def plain(value: object, between: str) -> str | None:
    """A value as one string: lists joined, objects by their name; None where there is nothing to say."""
    match value:
        case None | bool():
            return None
        case str():
            return value.replace("\r\n", "\n").replace("\r", "\n")
        case int() | float():
            return str(value)
        case Mapping():
            return next((plain(value[name], between) for name in INNER_NAMES if name in value), None)
        case list() | tuple():
            return between.join(filter(None, (plain(v, between) for v in value))) or None
        case _:
            return None


def _first(by_name: Mapping[str, object], names: tuple[str, ...], between: str) -> str | None:
    values = (plain(by_name[n], between) for n in map(normal, names) if n in by_name)
    return next((v for v in values if v is not None), None)
