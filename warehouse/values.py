"""The values of a query's columns as Python's objects."""

import pyarrow as pa

from etl.errors import OnTheRecordError


class BeyondPythonError(OnTheRecordError):
    """A column has a date that Python's dates do not reach."""


def python_values(name: str, column: pa.Array | pa.ChunkedArray) -> list[object]:
    """The values of the column ``name``: maps as dictionaries, intervals as text.

    Raises:
        BeyondPythonError: when it has a date or time outside the years 1 to 9999, or an infinite one.
    """
    try:
        values: list[object] = column.to_pylist(maps_as_pydicts="strict")
    except OverflowError:
        raise BeyondPythonError(
            f"{name} has a date or time that is infinite or outside the years 1 to 9999; "
            f"cast it to text in the query: {name}::VARCHAR"
        ) from None
    return [interval_text(value) if isinstance(value, pa.MonthDayNano) else value for value in values]


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
