"""Stories: near copies join the first of their story, whatever the order of arrival, and words count once."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.page.parse import Page
from etl.page.signature import signature
from etl.schema import UTTERANCE
from etl.store.stories import DAYS_APART, LEAST_SHARED, Body, agreeing, group_articles, near_copies
from tests.helpers import article, build_in_process, in_parquet, inodes, write
from warehouse.reader import query

DAY = date(2031, 3, 18)
#: A hundred words of no story, to cut and to alter.
WORDS = [f"w{n}" for n in range(100)]

Row = tuple[str, date | None, list[str]]


def groups(rows: list[Row]) -> dict[str, tuple[str | None, str | None, float | None, str]]:
    """article_group for articles (article_id, day, words), by article_id."""
    with duckdb.connect() as db:
        table = pa.table(
            {
                "article_id": [row[0] for row in rows],
                "published_on": pa.array([row[1] for row in rows], pa.date32()),
                "signature": [signature(Page(" ".join(row[2]), ())) for row in rows],
                "body_sha256": [" ".join(row[2]) for row in rows],
            }
        )
        db.register("article", table)
        db.execute(
            "CREATE TABLE quote (article_id VARCHAR, utterance_no INT, text VARCHAR, span_start INT, span_end INT)"
        )
        db.execute("ALTER TABLE quote ADD COLUMN quote_id VARCHAR")
        db.execute("ALTER TABLE quote ADD COLUMN published_on DATE")
        group_articles(db)
        found = db.execute("SELECT article_id, duplicate_of, near_copy_of, similarity, story_id FROM article_group")
        return {row[0]: row[1:] for row in found.fetchall()}


def test_copies_of_a_story_have_its_first_article() -> None:
    found = groups(
        [
            ("first", DAY, WORDS),
            ("later", DAY + timedelta(1), WORDS[:80]),
            ("later again", DAY + timedelta(2), WORDS[:80]),
            ("same", DAY + timedelta(300), WORDS),
            ("other", DAY, [f"other{n}" for n in range(100)]),
            ("short", DAY, WORDS[:20]),
        ]
    )
    duplicate, near, similarity, story = found["later"]
    assert (duplicate, near, story) == (None, "first", "first")
    assert similarity == pytest.approx(0.79, abs=0.15)
    assert found["later again"] == ("later", "first", similarity, "first")
    assert found["same"] == ("first", None, 1, "first")
    assert {name: found[name] for name in ("first", "other", "short")} == {
        name: (None, None, None, name) for name in ("first", "other", "short")
    }


def test_reports_of_one_form_are_not_copies_when_they_are_days_apart() -> None:
    cut = WORDS[:80]
    assert groups([("a", DAY, WORDS), ("b", DAY + timedelta(DAYS_APART), cut)])["b"][3] == "a"
    assert groups([("a", DAY, WORDS), ("b", DAY + timedelta(DAYS_APART + 1), cut)])["b"][3] == "b"
    assert groups([("a", None, WORDS), ("b", DAY, cut)])["a"][3] == "b"


def test_small_changes_do_not_make_one_story_of_many_days() -> None:
    steps = [[f"w{n}" for n in range(start, start + 100)] for start in range(0, 200, 10)]
    found = groups([(f"{n:02}", DAY, words) for n, words in enumerate(steps)])
    assert found["01"][3] == "00"
    assert found["19"][3] not in ("00", "01")
    assert all(
        similarity >= LEAST_SHARED for _, near, similarity, _ in found.values() if near and similarity is not None
    )


@st.composite
def printings(draw: st.DrawFn) -> list[Row]:
    rows = []
    for n in range(draw(st.integers(1, 12))):
        start, stop = draw(st.sampled_from((0, 0, 15, 40))), draw(st.sampled_from((60, 80, 100, 130)))
        day = draw(st.none() | st.integers(0, 12).map(lambda days: DAY + timedelta(days)))
        words = [f"w{word}" for word in range(start, max(stop, start + 55))]
        rows.append((f"{draw(st.integers(0, 9))}-{n}", day, words))
    return rows


@given(printings(), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_stories_do_not_depend_on_the_order_of_articles_and_are_led_by_their_first(
    rows: list[Row], random: Random
) -> None:
    found = groups(rows)
    assert groups(random.sample(rows, len(rows))) == found
    place = {name: (day or date.max, name) for name, day, _ in rows}
    for name, (duplicate, near, similarity, story) in found.items():
        assert found[story][3] == story
        assert place[story] <= place[name]
        assert (similarity is None) == (story == name)
        assert near in (None, story)
        assert duplicate is None or found[duplicate][3] == story


def test_a_band_that_thousands_share_costs_two_pairs_each() -> None:
    found = list(agreeing(np.zeros(5000, dtype=np.uint64)))
    assert sum(len(later) for later, _ in found) == 4999 + 4998


def bodies(*days: int) -> Iterator[Body]:
    for n, day in enumerate(days):
        yield Body(n, DAY + timedelta(day), "a" * 128)


def test_a_chain_of_days_begins_a_story_where_the_first_is_too_old() -> None:
    a, b, c = bodies(0, 6, 12)
    found = list(near_copies([(b, a), (c, b)]))
    assert [(row["n"], row["first"]) for row in found] == [(1, 0)]


PLAIN = (
    "The ferry to Brelling lay at the quay for a third day on Tuesday while engineers looked for the leak below its car deck, and "
    "nobody at the harbour office would say when it might sail again. Passengers who had waited since the morning were sent to the "
    "bus, which takes four hours by the coast road and was full before noon."
)
FERRY = "“We have found the leak and it will be closed tonight,” Halvard Quill said."


def wire(*paragraphs: str, title: str, day: int = 18) -> str:
    return article(PLAIN, *paragraphs, title=title, day=date(2031, 3, day))


def test_words_of_a_near_copy_count_once_and_new_words_in_it_do_count(tmp_path: Path) -> None:
    new = "“It was the third leak of the winter,” Odile Marrack said."
    folder = write(
        tmp_path / "in",
        {
            "a.txt": wire(FERRY, title="Ferry stays in port"),
            "b.txt": wire(FERRY, new, title="Ferry still in port", day=19),
            "undated.txt": article("“Nothing was said of it,” Odile Marrack said.", day=None),
        },
    )
    build_in_process(tmp_path / "w", folder)
    said = "SELECT source_uri, speaker, is_reprint FROM utterance ORDER BY source_uri, utterance_no"
    assert [tuple(row.values()) for row in query(tmp_path / "w", said).to_pylist()] == [
        ("in/a.txt", "Halvard Quill", False),
        ("in/b.txt", "Halvard Quill", True),
        ("in/b.txt", "Odile Marrack", False),
        ("in/undated.txt", "Odile Marrack", False),
    ]
    (story,) = query(tmp_path / "w", "SELECT title, articles, first_on::VARCHAR AS first FROM story").to_pylist()
    assert story == {"title": "Ferry stays in port", "articles": 2, "first": "2031-03-18"}

    before = inodes(tmp_path / "w")
    (folder / "a.txt").unlink()
    build_in_process(tmp_path / "w", allow_removals=True)
    assert [row["is_reprint"] for row in query(tmp_path / "w", said).to_pylist()] == [False, False, False]
    assert len(in_parquet(tmp_path / "w", UTTERANCE)) == 3
    kept = {path for path, inode in inodes(tmp_path / "w").items() if before.get(path) == inode}
    assert {path.split("/")[1] for path in kept if path.startswith("utterance/")} == {"undated-0"}
