"""Text functions in SQL: what they say of any text."""

import re
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.errors import ConfigError
from etl.store.duck import THREADS, engine, folded, number, one_line

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
