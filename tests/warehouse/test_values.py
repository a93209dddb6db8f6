"""The values of columns as Python's objects."""

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.values import BeyondPythonError, LostInArrowError, python_values, refuse_lost


def values(sql: str) -> list[object]:
    table = duckdb.sql(f"SELECT {sql} AS found").to_arrow_table()
    return python_values("found", table.column("found"))


def test_maps_are_dictionaries() -> None:
    assert values("MAP {'a': 1}") == [{"a": 1}]


def test_intervals_are_text_inside_of_other_values_too() -> None:
    assert values("[INTERVAL 1 DAY, NULL]") == [["1 day", None]]
    assert values("{'a': INTERVAL 1 DAY, 'b': [[INTERVAL 2 MONTH]]}") == [{"a": "1 day", "b": [["2 months"]]}]
    assert values("MAP {INTERVAL 1 DAY: INTERVAL 3 HOUR}") == [{"1 day": "3:00:00"}]


@pytest.mark.parametrize(
    "value", ["1::UHUGEINT", "'101'::BIT", "1::BIGNUM", "'12:00:00+02'::TIMETZ", "{'a': [1::UHUGEINT]}"]
)
def test_a_type_that_arrow_changes_is_refused_with_what_to_do(value: str) -> None:
    with pytest.raises(LostInArrowError, match="found::VARCHAR"):
        refuse_lost(duckdb.execute(f"SELECT {value} AS found").description)
    refuse_lost(duckdb.execute(f"SELECT ({value})::VARCHAR AS found").description)


@pytest.mark.parametrize("value", ["'BIT'::ENUM('BIT')", "now()", "1::HUGEINT", "{'bit': 1}"])
def test_other_types_are_not(value: str) -> None:
    refuse_lost(duckdb.execute(f"SELECT {value} AS found").description)


@given(st.integers(-400, 400), st.integers(-400, 400), st.integers(-(10**12), 10**12))
def test_duckdb_reads_an_interval_as_what_it_was(months: int, days: int, microseconds: int) -> None:
    interval = f"to_months({months}) + to_days({days}) + to_microseconds({microseconds})"
    (text,) = values(interval)
    assert duckdb.sql(f"SELECT INTERVAL '{text}' = {interval}").fetchall() == [(True,)]


@pytest.mark.parametrize(
    "value", ["DATE 'infinity'", "DATE '12000-01-01'", "TIMESTAMP '0044-03-15 (BC)'", "TIME '24:00:00'"]
)
def test_a_date_or_time_that_python_lacks_is_refused_with_what_to_do(value: str) -> None:
    with pytest.raises(BeyondPythonError, match="found::VARCHAR"):
        values(value)
    assert "value out of range" not in str(values(f"{value}::VARCHAR"))
