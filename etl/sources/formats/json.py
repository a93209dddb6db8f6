"""JSON: an array of objects, one object, an object that contains such an array, or one object after the other (JSON Lines)."""

import json
import re
from collections.abc import Iterator, Sequence
from itertools import chain

from etl.sources.decode import decode
from etl.sources.fields import has_text, normal, record_of
from etl.sources.formats.text import NOT_TEXT
from etl.sources.record import ReadOptions, Record, Rejection

SUFFIXES = (".json", ".jsonl", ".ndjson")
SIGNATURE = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:\[\s*)?\{\s*\"[^\"\\\n]{1,80}\"\s*:")

#: Keys whose values are not articles, although they may contain texts.
NOT_ARTICLES = frozenset(
    """aggregations author authors breadcrumbs categories comments contributors entities facets image images keywords links
    media meta metadata people related related_articles replies sections tag tags topics videos""".split()
)

NOT_SPACE = re.compile(r"\S")

#: A value and its path in the file, such as ``response.results[3]``.
Placed = tuple[str, object]


def read(data: bytes, options: ReadOptions) -> Iterator[Record | Rejection]:
    """One record for each object. An object that cannot be used is rejected with its line or path."""
    decoded = decode(data, options.encoding)
    if decoded is None:
        yield NOT_TEXT
        return
    whole = _load(decoded.text)
    values = _lines(decoded.text) if isinstance(whole, Rejection) else [("", whole)]
    if isinstance(whole, Rejection) and all(isinstance(value, Rejection) for _, value in values):
        values = _in_a_row(decoded.text)
        if not values:
            yield whole  # it is one malformed value
            return
    for number, (path, value) in enumerate(_articles(values, options)):
        where = f"{path}: " if path else ""
        if isinstance(value, Rejection):
            yield Rejection(value.reason, value.detail, number)
        elif isinstance(value, dict):
            yield record_of(number, value, options, decoded.encoding, decoded.repairs, where)
        else:
            detail = f"{where}not an object but {type(value).__name__}; an article is an object"
            yield Rejection("malformed", detail, number)


def _lines(text: str) -> list[Placed]:
    return [("", _load(line, f"line {n}: ")) for n, line in enumerate(text.split("\n"), 1) if line.strip()]


def _in_a_row(text: str) -> list[Placed]:
    """Values of several lines each, one after the other; none if any is malformed."""
    decoder = json.JSONDecoder(parse_constant=lambda _: None)
    found: list[Placed] = []
    at = 0
    try:
        while start := NOT_SPACE.search(text, at):
            value, at = decoder.raw_decode(text, start.start())
            found.append(("", value))
    except (ValueError, RecursionError):
        return []
    return found


def _load(text: str, where: str = "") -> object:
    try:
        return json.loads(text, parse_constant=lambda _: None)
    except (ValueError, RecursionError) as error:
        return Rejection("malformed", f"{where}not valid JSON ({error}); repair it or export it again")


def _articles(values: Sequence[Placed], options: ReadOptions) -> list[Placed]:
    """The values in places of articles: by the configured name of the text if any object has it, else by the usual names."""
    names = options.names("text")
    by_own = list(chain.from_iterable(_walk(value, names[:1], path) for path, value in values))
    is_own = "text" in options.columns and any(_is_article(value, names[:1]) for _, value in by_own)
    return by_own if is_own else list(chain.from_iterable(_walk(value, names, path) for path, value in values))


def _is_article(value: object, names: Sequence[str]) -> bool:
    return isinstance(value, dict) and has_text(value, names)


def _walk(value: object, names: Sequence[str], path: str) -> Iterator[Placed]:
    """An object with a text is one article, whatever lists it contains. An object without is searched."""
    try:
        if isinstance(value, list):
            yield from chain.from_iterable(_walk(v, names, f"{path}[{n}]") for n, v in enumerate(value))
            return
        held = _held(value, names, path) if isinstance(value, dict) and not has_text(value, names) else []
        yield from held or [(path, value)]
    except RecursionError:
        yield path, Rejection("malformed", f"{path}: nested too deep to be read; flatten it")


def _held(value: dict[str, object], names: Sequence[str], path: str) -> list[Placed]:
    """The members of the lists and objects that contain articles. If none does, those of the only list of objects."""
    places = {
        f"{path}.{key}" if path else str(key): v for key, v in value.items() if normal(str(key)) not in NOT_ARTICLES
    }
    looked = [list(_walk(v, names, where)) for where, v in places.items() if isinstance(v, list | dict)]
    held = [members for members in looked if any(_is_article(member, names) for _, member in members)]
    lists = [v for v in places.values() if isinstance(v, list) and v and all(isinstance(o, dict) for o in v)]
    if not held and len(lists) == 1:
        return [(f"{where}[{n}]", o) for where, v in places.items() if v is lists[0] for n, o in enumerate(lists[0])]
    return list(chain.from_iterable(held))
