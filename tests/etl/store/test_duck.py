import duckdb

from etl.store.duck import one_line


def test_white_space_of_any_kind_is_one_space() -> None:
    text = " Odile\n \u00a0Marrack\t"
    assert duckdb.execute(f"SELECT {one_line('$text')}", {"text": text}).fetchone() == ("Odile Marrack",)
