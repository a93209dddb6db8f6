"""The values of columns as Python's objects."""

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.values import BeyondPythonError, python_values


def values(sql: str) -> list[object]:
    table = duckdb.sql(f"SELECT {sql} AS found").to_arrow_table()
    return python_values("found", table.column("found"))


def test_maps_are_dictionaries() -> None:
    assert values("MAP {'a': 1}") == [{"a": 1}]


@given(st.integers(-400, 400), st.integers(-400, 400), st.integers(-(10**12), 10**12))
def test_duckdb_reads_an_interval_as_what_it_was(months: int, days: int, microseconds: int) -> None:
    interval = f"to_months({months}) + to_days({days}) + to_microseconds({microseconds})"
    (text,) = values(interval)
    assert duckdb.sql(f"SELECT INTERVAL '{text}' = {interval}").fetchall() == [(True,)]


@pytest.mark.parametrize("value", ["DATE 'infinity'", "DATE '12000-01-01'", "TIMESTAMP '0044-03-15 (BC)'"])
def test_a_date_that_python_lacks_is_refused_with_what_to_do(value: str) -> None:
    with pytest.raises(BeyondPythonError, match="found::VARCHAR"):
        values(value)
    assert "value out of range" not in str(values(f"{value}::VARCHAR"))
