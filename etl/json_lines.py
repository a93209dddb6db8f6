"""Files of JSON lines that people make."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from etl.errors import OnTheRecordError

T = TypeVar("T")


def read_json_lines(path: Path, make: Callable[[Any], T], shape: str) -> Iterator[T]:
    """What ``make`` makes of each line that is not blank. ``shape`` says in an error what a line should be like.

    Raises:
        OnTheRecordError: when the file cannot be read, or a line is not JSON or lacks what ``make`` needs.
    """
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise OnTheRecordError(f"{path} cannot be read: {error.strerror}") from None
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                yield make(json.loads(line.decode()))
            except (ValueError, KeyError, TypeError) as error:
                raise OnTheRecordError(f"{path}, line {number}: {_said(error)}; each line is like {shape}") from None


def _said(error: Exception) -> str:
    match error:
        case UnicodeDecodeError():
            return "is not UTF-8"
        case json.JSONDecodeError():
            return f"is not JSON ({error.msg} at character {error.pos + 1})"
        case KeyError():
            return f"{error.args[0]} is missing"
        case _:
            return f"does not fit ({error})"
