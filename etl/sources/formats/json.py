"""JSON: an array of objects, one object, an object that holds such an array, or one object a line (JSON Lines)."""

import json
from collections.abc import Iterator

from etl.sources.decode import decode
from etl.sources.fields import record_of
from etl.sources.formats.text import NOT_TEXT
from etl.sources.record import ReadOptions, Record, Rejection

SUFFIXES = (".json", ".jsonl", ".ndjson")
SIGNATURE = None


def read(data: bytes, options: ReadOptions) -> Iterator[Record | Rejection]:
    """One record for each object; an object that cannot be used is rejected by itself, with its line where it has one."""
    decoded = decode(data, options.encoding)
    if decoded is None:
        yield NOT_TEXT
        return
    whole = _load(decoded.text)
    objects = _lines(decoded.text) if isinstance(whole, Rejection) else _objects(whole)
    if isinstance(whole, Rejection) and all(isinstance(value, Rejection) for value in objects):
        yield whole  # no line stands for itself: one value that is broken somewhere
        return
    for number, value in enumerate(objects):
        if isinstance(value, Rejection):
            yield Rejection(value.reason, value.detail, number)
        elif isinstance(value, dict):
            yield record_of(number, value, options, decoded.encoding, decoded.repairs)
        else:
            yield Rejection("malformed", f"not an object but {type(value).__name__}; an article is an object", number)


def _lines(text: str) -> list[object]:
    return [_load(line, f"line {n}: ") for n, line in enumerate(text.split("\n"), 1) if line.strip()]


def _load(text: str, where: str = "") -> object:
    try:
        return json.loads(text, parse_constant=lambda _: None)
    except (ValueError, RecursionError) as error:
        return Rejection("malformed", f"{where}not valid JSON ({error}); mend it or export it anew")


def _objects(whole: object) -> list[object]:
    if isinstance(whole, dict):
        arrays = [v for v in whole.values() if isinstance(v, list) and v and all(isinstance(o, dict) for o in v)]
        named = {str(k).lower() for k in whole}
        return arrays[0] if len(arrays) == 1 and not named & {"text", "body", "content", "maintext"} else [whole]
    return whole if isinstance(whole, list) else [whole]
