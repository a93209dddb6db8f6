"""The word lists in ``data/``: plain files, each with a heading that describes it."""

import csv
import tomllib
from collections.abc import Iterator
from functools import cache
from typing import Any

from etl.knowledge import DATA


@cache
def words(name: str) -> frozenset[str]:
    """The word list of that name in ``words.toml``; a word there with underscores is a phrase here, with spaces."""
    return frozenset(word.replace("_", " ") for word in _word_lists()[name].split())


@cache
def standard_words(name: str) -> dict[str, str]:
    """For each word or phrase in the table of that name in ``words.toml``, the one it counts as."""
    table = _word_lists()[name].items()
    return {word.replace("_", " "): standard for standard, listed in table for word in listed.split()}


def data_lines(file: str) -> list[str]:
    """The lines of a data file, without its heading and blank lines."""
    lines = (DATA / file).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def data_rows(file: str) -> Iterator[dict[str, str]]:
    """The rows of a CSV data file, by column."""
    return csv.DictReader(data_lines(file), delimiter=";")


@cache
def _word_lists() -> dict[str, Any]:
    return tomllib.loads((DATA / "words.toml").read_text(encoding="utf-8"))
