"""Named values (a JSON object, a row of a CSV file, the metadata of a web page) to a record."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from types import MappingProxyType

from etl.sources.decode import repair, strip_markup
from etl.sources.record import FIELD_NAMES, ReadOptions, Record, Rejection

CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
NOT_WORD = re.compile(r"\W+")
#: The separator between the values of a list, by field: a text may be a list of paragraphs.
BETWEEN = {"text": "\n\n"}
#: Keys of the text in a value that is itself an object …
TEXT_KEYS = ("text", "rendered", "content", "html", "value", "body", "plain", "raw")
#: … of its parts, which are joined …
TEXT_PARTS = ("headline", "heading", "summary", "paragraphs", "sections", "blocks", "children", "items")
#: … and of its name. A person's name may be in two parts.
NAME_KEYS = ("name", "full_name", "display_name", "title", "rendered", "text", "value", "original", "main")
GIVEN_KEYS, FAMILY_KEYS = (
    ("given_name", "first_name", "firstname", "given", "first"),
    ("family_name", "last_name", "lastname", "family", "surname", "last"),
)
#: Keys of nested objects that are merged into their parent, as in search hits, content systems and APIs.
WRAPPED = frozenset(
    ("_source", "fields", "attributes", "article", "document", "doc", "story", "node", "item", "_embedded")
)
#: Fields in which a number is a foreign key, not a value.
NOT_NUMBERS = frozenset(("title", "authors", "publisher", "sections", "place"))
ADDRESS = re.compile(r"\s*https?://\S+\s*\Z", re.IGNORECASE)
#: What exports print for a value that is missing.
MISSING = frozenset(("", "nan", "none", "null", "n/a", "na", "undefined"))

Named = Mapping[str, Sequence[object]]


def record_of(
    number: int,
    values: Mapping[str, object],
    options: ReadOptions,
    encoding: str,
    repairs: Iterable[str],
    where: str = "",
) -> Record | Rejection:
    """Make record ``number`` of a file from named values. ``where`` is its place in the file, for rejections."""
    by_name = named_values(values)
    try:
        found = {field: _first(by_name, field, options.names(field)) for field in FIELD_NAMES}
    except RecursionError:
        return Rejection("malformed", f"{where}its values are nested too deep to be read as text; flatten them", number)
    raw = found.pop("text")
    if raw is None:
        return Rejection("no_text", f"{where}{_why_no_text(values, by_name, options)}", number)
    text, repaired = strip_markup(raw)
    text, mended = repair(text)
    if not text.strip():
        return Rejection.empty(f"{where}the record holds no text", number)
    if max(map(len, text.split("\n"))) > options.max_line:
        return Rejection("long_line", f"{where}a line of more than max_line = {options.max_line:,} characters", number)
    given = {field: " ".join(repair(strip_markup(v)[0])[0].split()) for field, v in found.items() if v}
    fields = {field: value for field, value in given.items() if value.lower() not in MISSING}
    key = fields.get("id") or fields.get("url")
    made = tuple(dict.fromkeys((*repairs, *repaired, *mended)))
    return Record(number, text, encoding, made, key, MappingProxyType(fields))


def has_text(values: Mapping[str, object], names: Iterable[str]) -> bool:
    """Whether an object has a text under one of the names."""
    return _first(named_values(values), "text", names) is not None


def named_values(values: Mapping[str, object]) -> Named:
    """The values of an object by normalised name. Its own come before those of nested objects (`WRAPPED`).

    Such an object may itself hold the text ("article", "story"), but is no other field: "_source" is no publisher.
    """
    found: dict[str, list[object]] = {}
    own = [(str(name), value) for name, value in values.items()]
    wrapped = {name: value for name, value in own if name.lower() in WRAPPED and isinstance(value, Mapping)}
    said = (each for each in own if each[0] not in wrapped or normal(each[0]) in FIELD_NAMES["text"])
    for name, value in chain(said, *(inner.items() for inner in wrapped.values())):
        found.setdefault(normal(str(name)), []).append(value)
    return found


@lru_cache(1024)
def normal(name: str) -> str:
    """A key or column name in lower case, with words joined by underscores: ``articleBody`` becomes ``article_body``."""
    return NOT_WORD.sub("_", CAMEL.sub("_", name.strip()).lower()).strip("_")


def plain(value: object, field: str) -> str | None:
    """A field's value as one string: lists are joined, objects are replaced by their text or name. None if empty."""
    match value:
        case str():
            return value.replace("\r\n", "\n").replace("\r", "\n") if value.strip() else None
        case None | bool():
            return None
        case int() | float():
            return None if field == "text" or field in NOT_NUMBERS else str(value)
        case Mapping() if len(value) == 1 and str(next(iter(value))).startswith("$"):
            # A typed value in MongoDB's exports: ``{"$date": …}``.
            return plain(next(iter(value.values())), field)
        case Mapping():
            return _plain_object({normal(str(key)): inner for key, inner in value.items()}, field)
        case list() | tuple():
            return BETWEEN.get(field, "; ").join(filter(None, (plain(v, field) for v in value))) or None
        case _:
            return None


def _plain_object(value: Mapping[str, object], field: str) -> str | None:
    is_text = field == "text"
    keys = TEXT_KEYS if is_text else NAME_KEYS
    if found := next(filter(None, (plain(value[key], field) for key in keys if key in value)), None):
        return found
    names = (next((key for key in keys if key in value), "") for keys in (GIVEN_KEYS, FAMILY_KEYS))
    inner = (plain(value[key], field) for key in (TEXT_PARTS if is_text else names) if key in value)
    return (BETWEEN["text"] if is_text else " ").join(filter(None, inner)) or None


def _first(by_name: Named, field: str, names: Iterable[str]) -> str | None:
    """The first non-empty value under the names of a field. A web address is not a publisher."""
    values = (plain(value, field) for name in names for value in by_name.get(normal(name), ()))
    return next((v for v in values if v and not (field == "publisher" and ADDRESS.match(v))), None)


def _why_no_text(values: Mapping[str, object], by_name: Named, options: ReadOptions) -> str:
    known = [(name, value) for name in options.names("text") for value in by_name.get(normal(name), ())]
    if known:
        name, value = min(known, key=lambda each: each[1] is None)
        return f"{name} {_kind(value)}; if another key or column has the text, name it under columns.text"
    names = ", ".join(sorted(map(str, values))[:12]) or "none"
    return f"none of {names} is known to hold the text; name the one that does under columns.text"


def _kind(value: object) -> str:
    match value:
        case str() | None:
            return "is empty"
        case bool() | int() | float():
            return f"holds the {type(value).__name__} {value}, not text"
        case Mapping():
            return f"holds an object with {', '.join(sorted(map(str, value))[:6]) or 'nothing'}, not text"
        case _:
            return "holds a list without text"
