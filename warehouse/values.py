"""The values of a query's columns as Python's objects."""

import re
from collections.abc import Iterable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from etl.errors import OnTheRecordError


class BeyondPythonError(OnTheRecordError):
    """A column has a date or time that Python's do not reach."""


#: Types of DuckDB whose values, or parts of them, do not come through Arrow, and what a type's text has in quotes.
LOST = re.compile(r"\b(?:UHUGEINT|BIT|BIGNUM|TIME WITH TIME ZONE|TIME_NS)\b")
#: The time 24:00:00 in microseconds. Arrow would hand it to Python as 00:00:00.
END_OF_DAY = 86_400_000_000
IN_QUOTES = re.compile(r"'[^']*'|\"[^\"]*\"")


class LostInArrowError(OnTheRecordError):
    """A column has a type whose values Arrow would change."""


def refuse_lost(description: Iterable[tuple[Any, ...]]) -> None:
    """Refuse the columns of a result (names and types as of DB-API's ``description``) whose values would be others.

    Raises:
        LostInArrowError: when a column has such a type.
    """
    for name, column_type, *_ in description:
        if found := LOST.search(IN_QUOTES.sub("", str(column_type))):
            raise LostInArrowError(
                f"{name} has the type {found[0]}, whose values cannot be read exactly; "
                f"cast it to text in the query: {name}::VARCHAR"
            )


def python_values(name: str, column: pa.Array | pa.ChunkedArray) -> list[object]:
    """The values of the column ``name``: maps as dictionaries, intervals as text.

    Raises:
        BeyondPythonError: when it has a date or time outside the years 1 to 9999, an infinite one, or the time 24:00:00.
    """
    if pa.types.is_time64(column.type) and pc.max(column.cast(pa.int64())).as_py() == END_OF_DAY:
        raise BeyondPythonError(
            f"{name} has the time 24:00:00, which would be read as 00:00:00; cast it to text in the query: {name}::VARCHAR"
        )
    try:
        values: list[object] = column.to_pylist(maps_as_pydicts="strict")
    except OverflowError:
        raise BeyondPythonError(
            f"{name} has a date or time that is infinite or outside the years 1 to 9999; "
            f"cast it to text in the query: {name}::VARCHAR"
        ) from None
    return [_readable(value) for value in values] if _has_interval(column.type) else values


def _has_interval(kind: pa.DataType) -> bool:
    inner = [kind.field(n).type for n in range(kind.num_fields)]
    return pa.types.is_interval(kind) or any(map(_has_interval, inner))


def _readable(value: object) -> object:
    """A value with the intervals in it as text."""
    match value:
        case pa.MonthDayNano():
            return interval_text(value)
        case list():
            return [_readable(item) for item in value]
        case dict():
            return {_readable(key): _readable(item) for key, item in value.items()}
        case _:
            return value


def interval_text(interval: pa.MonthDayNano) -> str:
    """An interval as DuckDB reads it again: ``14 months 2 days 4:05:06``."""
    named = [
        f"{n} {unit}{'' if abs(n) == 1 else 's'}"
        for n, unit in ((interval.months, "month"), (interval.days, "day"))
        if n
    ]
    seconds, fraction = divmod(abs(interval.nanoseconds) // 1000, 1_000_000)
    time = f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}" + (f".{fraction:06}" if fraction else "")
    sign = "-" if interval.nanoseconds < 0 else ""
    return " ".join([*named, *([f"{sign}{time}"] if interval.nanoseconds or not named else [])])
