"""Functions in SQL: what they say of any text, and of rows."""

import os
import re
import signal
from collections import Counter
from pathlib import Path
from threading import Timer

import duckdb
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from etl.errors import ConfigError, EndedBySignal
from etl.store.duck import THREADS, engine, folded, moved, number, one_line

#: All that Unicode calls a separator, and what is white space besides.
SPACES = " \t\n\r\f\u00a0\u1680\u2000\u2003\u200a\u2028\u2029\u202f\u205f\u3000"
TEXT = st.text(st.sampled_from(SPACES + "aZß9٣é.,’“_-\u200b"), max_size=12)


def in_sql(function: str, text: str) -> str:
    [(found,)] = duckdb.execute(f"SELECT {function}", {"text": text}).fetchall()
    return str(found)


def test_a_thread_has_a_gigabyte_of_memory(tmp_path: Path) -> None:
    processors = number(duckdb.connect(), THREADS)
    for limit, most in (("500MB", 1), ("1.5GB", 1), ("2GB", 2), ("3 GiB", 3), ("1TB", processors)):
        with engine(tmp_path, limit) as db:
            assert number(db, THREADS) == min(most, processors)


def test_too_little_memory_is_an_error_that_says_what_to_raise(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r'"100MB" is too little.*raise it in'), engine(tmp_path, "100MB") as db:
        db.execute("SELECT list(i) FROM range(100000000) AS r (i)")
    tables = [f"CREATE TABLE t{n} AS SELECT i, md5(i::VARCHAR) AS text FROM range(200) AS r (i)" for n in range(12)]
    with pytest.raises(ConfigError, match='"1MB" is too little'), engine(tmp_path, "1MB", tmp_path / "a.duckdb") as db:
        db.execute(";".join([*tables, "CHECKPOINT"]))


def test_a_signal_ends_a_query_by_what_its_handler_raises(tmp_path: Path) -> None:
    def end(number: int, frame: object) -> None:
        raise EndedBySignal(number)

    before = signal.signal(signal.SIGTERM, end)
    try:
        Timer(0.5, os.kill, [os.getpid(), signal.SIGTERM]).start()
        with pytest.raises(EndedBySignal), engine(tmp_path, "1GB") as db:
            db.execute("SELECT count(*) FROM range(100000000) AS a (i), range(100000) AS b (j) WHERE i * j % 7 = 3")
    finally:
        signal.signal(signal.SIGTERM, before)


def test_white_space_of_any_kind_is_one_space() -> None:
    assert in_sql(one_line("$text"), " Odile\n \u00a0Marrack\t") == "Odile Marrack"


@given(TEXT)
@settings(max_examples=200, deadline=None)
def test_a_text_on_one_line_has_its_words_with_one_space_between_them(text: str) -> None:
    assert in_sql(one_line("$text"), text) == re.sub(f"[{SPACES}]+", " ", text).strip(" ")


@given(TEXT)
@settings(max_examples=200, deadline=None)
def test_folded_text_is_letters_and_digits_with_one_space_between_them(text: str) -> None:
    assert in_sql(folded("$text"), text) == re.sub(r"(?:[^\w]|_)+", " ", text.lower()).strip(" ")


#: Rows of few keys and values, some of them equal.
SCHEMA = pa.schema([("key", pa.string()), ("n", pa.int64()), ("names", pa.list_(pa.string()))])
ROWS = st.lists(
    st.tuples(
        st.sampled_from("kl"),
        st.none() | st.integers(0, 1),
        st.lists(st.sampled_from(("", "a", "b")), max_size=2),
    ),
    max_size=4,
)


@given(gone=ROWS, come=ROWS)
@example(
    gone=[("k", 0, ["a"]), ("k", 0, ["b"])], come=[("k", 1, ["a"]), ("k", 1, ["b"])]
)  # as when an article's day changes
def test_a_key_has_moved_if_its_rows_are_others(gone: list[tuple[object, ...]], come: list[tuple[object, ...]]) -> None:
    counted = {
        key: [Counter(map(repr, (row for row in rows if row[0] == key))) for rows in (gone, come)] for key in "kl"
    }
    with duckdb.connect() as db:
        for name, rows in (("gone", gone), ("come", come)):
            db.register(name, pa.Table.from_pylist([dict(zip(SCHEMA.names, row, strict=True)) for row in rows], SCHEMA))
        found = dict(db.execute(moved("key", "key, names, n", come="come", gone="gone")).fetchall())
    assert found == {key: before.total() for key, (before, after) in counted.items() if before != after}
