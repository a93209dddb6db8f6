"""The views people ask, over rows made by hand."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import duckdb
import pyarrow as pa
import pytest

from etl.schema import TABLES, ddl
from warehouse import views

MARCH, APRIL = date(2031, 3, 4), date(2031, 4, 9)
#: What a required column holds where a row says nothing.
BLANK: dict[pa.DataType, object] = {
    pa.string(): "",
    pa.int32(): 0,
    pa.int64(): 0,
    pa.float32(): 0.0,
    pa.float64(): 0.0,
    pa.bool_(): False,
    pa.list_(pa.string()): [],
    pa.timestamp("us", tz="UTC"): datetime(2031, 1, 1, tzinfo=UTC),
}


def add(db: duckdb.DuckDBPyConnection, table: str, *rows: dict[str, object]) -> None:
    """Insert rows, blank where they say nothing."""
    columns = TABLES[table].columns
    for row in rows:
        values = [row.get(c.name, None if c.nullable else BLANK[c.type]) for c in columns]
        db.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(columns))})", values)


def mention(n: int, article: str, text: str, entity: str, via: str = "named", start: int = 0) -> dict[str, object]:
    return {
        "mention_id": f"m{n}",
        "article_id": article,
        "text": text,
        "entity_id": entity,
        "entity_name": entity,
        "entity_type": "PERSON",
        "via": via,
        "span_start": start,
        "span_end": start + len(text),
    }


def utterance(article: str, n: int, who: str | None, form: str, day: date, **more: object) -> dict[str, object]:
    return {
        "article_id": article,
        "utterance_no": n,
        "utterance_id": f"{article}{n}",
        "speaker": who,
        "speaker_id": who,
        "speaker_type": "person" if who else "anonymous",
        "form": form,
        "published_on": day,
        "month": day.replace(day=1),
        "outlet": "Courier",
        "cue_lemma": "say",
        **more,
    }


@pytest.fixture
def db() -> Iterator[duckdb.DuckDBPyConnection]:
    """Ann speaks in two articles, one of them printed twice; Bo is named in a headline and may be another Bo."""
    with duckdb.connect() as db:
        for table in TABLES.values():
            db.execute(";".join(ddl(table)))
        db.execute(views())
        for name, day, first in (("a", MARCH, None), ("b", APRIL, None), ("again", APRIL, "b")):
            add(db, "article", {"article_id": name, "published_on": day, "outlet": "Courier", "title": f"Title {name}"})
            add(db, "article_group", {"article_id": name, "duplicate_of": first, "story_id": first or name})
            add(db, "passage", {"article_id": name, "kind": "headline", "span_start": 0, "span_end": 10})
        for name in ("Ann", "Bo"):
            add(
                db,
                "entity",
                {
                    "entity_id": name,
                    "entity_type": "PERSON",
                    "name": name,
                    "canonical_id": name,
                    "canonical_name": name,
                },
            )
        add(
            db,
            "mention",
            mention(1, "a", "Ann", "Ann", start=50),
            mention(2, "a", "she", "Ann", "pronoun", start=60),
            mention(3, "b", "She", "Ann", "pronoun", start=60),
            mention(4, "again", "She", "Ann", "pronoun", start=60),
            mention(5, "b", "Ann", "Ann", start=50),
            mention(6, "b", "Bo", "Bo", start=0),
            mention(7, "b", "Bo", "Bo", start=33),
            mention(8, "again", "Bo", "Bo", start=0),
            mention(9, "a", "he", "Bo", "pronoun", start=80),
        )
        add(
            db,
            "quote",
            {"quote_id": "q", "article_id": "b", "utterance_no": 0, "kind": "direct", "span_start": 30, "span_end": 40},
        )
        add(
            db,
            "utterance",
            utterance("a", 0, "Ann", "quoted", MARCH),
            utterance("a", 1, "Ann", "reported", MARCH),
            utterance("a", 2, None, "reported", MARCH),
            utterance("b", 0, "Ann", "mixed", APRIL),
            utterance("again", 0, "Ann", "mixed", APRIL, is_reprint=True),
            utterance("b", 1, "Ann", "quoted", APRIL, is_unsaid=True),
            utterance("b", 2, "Ann", "reported", APRIL, is_unsaid=True),
        )
        add(
            db,
            "entity_ambiguous",
            {"reason": "family name alone", "canonical_id": "Ann", "name": "Ann", "alias_id": "Bo", "aliases": ["Bo"]},
        )
        yield db


def rows(db: duckdb.DuckDBPyConnection, query: str) -> list[tuple[object, ...]]:
    return db.execute(query).fetchall()


def test_said_is_in_quotation_marks_and_reported_the_rest(db: duckdb.DuckDBPyConnection) -> None:
    assert rows(db, "SELECT article_id, form FROM said ORDER BY 1") == [("a", "quoted"), ("b", "mixed")]
    assert rows(db, "SELECT article_id, utterance_no FROM reported") == [("a", 1)]


def test_gender_is_what_the_pronouns_say_often_enough(db: duckdb.DuckDBPyConnection) -> None:
    assert rows(db, "SELECT name, gender, gender_from, n_he, n_she FROM person ORDER BY name") == [
        ("Ann", "woman", "pronouns", 0, 2),
        ("Bo", "unknown", None, 1, 0),
    ]


def test_an_authority_file_decides_gender_and_class(db: duckdb.DuckDBPyConnection) -> None:
    ann: dict[str, object] = {"canonical_id": "Ann", "name": "Ann", "entity_type": "PERSON", "gender": "other"}
    add(db, "entity_decision", ann, {"canonical_id": "Bo", "name": "Bo", "entity_type": "ORG"})
    assert rows(db, "SELECT name, gender, gender_from FROM person") == [("Ann", "other", "authority")]
    assert rows(db, "SELECT name, entity_type FROM who ORDER BY name") == [("Ann", "PERSON"), ("Bo", "ORG")]


def test_a_speaker_whom_only_a_correction_names_is_somebody(db: duckdb.DuckDBPyConnection) -> None:
    cy = {"entity_type": "PERSON", "name": "Cy", "canonical_id": "Cy", "canonical_name": "Cy", "authority_id": "Q3"}
    add(db, "entity", {"entity_id": "Cy", **cy}, {"entity_id": "Cyrus", **cy})
    add(
        db,
        "entity",
        {"entity_id": "Di", "entity_type": "PERSON", "name": "Di", "canonical_id": "Di", "canonical_name": "Di"},
    )
    add(db, "utterance", utterance("a", 3, "Cy", "quoted", MARCH))
    assert rows(db, "SELECT * FROM who WHERE n_articles = 0") == [("Cy", "PERSON", 0, 0, 1, None, None, "Q3", "Cy")]
    assert rows(db, "SELECT gender, n_utterances FROM person WHERE name = 'Cy'") == [("unknown", 1)]


def test_an_outlets_month_counts_articles_and_voices(db: duckdb.DuckDBPyConnection) -> None:
    add(db, "utterance", utterance("a", 3, None, "reported", MARCH, speaker_type="none"))
    add(db, "utterance", utterance("a", 4, None, "reported", MARCH, speaker_type="group"))
    columns = "month, articles, utterances, quoted, reported, by_women, by_men, by_persons_unknown, by_organisations, anonymous"
    assert rows(db, f"SELECT {columns} FROM outlet_month ORDER BY month") == [
        (date(2031, 3, 1), 1, 5, 1, 4, 2, 0, 0, 1, 1),
        (date(2031, 4, 1), 2, 1, 1, 0, 1, 0, 0, 0, 0),
    ]


def test_sections_count_a_story_once_and_an_article_in_each_of_its_sections(db: duckdb.DuckDBPyConnection) -> None:
    db.execute("UPDATE article SET sections = ['City', 'Port'] WHERE article_id = 'a'")
    db.execute("UPDATE article SET sections = ['City'] WHERE article_id IN ('b', 'again')")
    columns = "section, month, articles, utterances, quoted"
    assert rows(db, f"SELECT {columns} FROM section_month ORDER BY month, section") == [
        ("City", date(2031, 3, 1), 1, 3, 1),
        ("Port", date(2031, 3, 1), 1, 3, 1),
        ("City", date(2031, 4, 1), 1, 1, 1),
    ]


def test_speakers_and_entities_by_month(db: duckdb.DuckDBPyConnection) -> None:
    assert rows(db, "SELECT speaker, month, utterances, quoted FROM speaker_month ORDER BY month") == [
        ("Ann", date(2031, 3, 1), 2, 1),
        ("Ann", date(2031, 4, 1), 1, 1),
    ]
    assert rows(db, "SELECT month, articles, n_mentions FROM entity_month WHERE name = 'Bo' ORDER BY month") == [
        (date(2031, 3, 1), 1, 1),
        (date(2031, 4, 1), 1, 2),
    ]


def test_who_talks_about_whom_with_which_verbs(db: duckdb.DuckDBPyConnection) -> None:
    assert rows(db, "SELECT speaker, about, cue_lemma, utterances, first_said FROM talk") == [
        ("Ann", "Bo", "say", 1, APRIL)
    ]


def test_headlines_name_people_once_a_body(db: duckdb.DuckDBPyConnection) -> None:
    assert rows(db, "SELECT name, article_id FROM headline_name") == [("Bo", "b")]


def test_a_story_has_its_printings_in_order_of_outlets_and_days(db: duckdb.DuckDBPyConnection) -> None:
    add(db, "article", {"article_id": "late", "published_on": date(2031, 4, 11), "outlet": "Argus", "title": "Late"})
    add(db, "article_group", {"article_id": "late", "near_copy_of": "b", "similarity": 0.8, "story_id": "b"})
    db.execute("UPDATE article_group SET similarity = 1 WHERE article_id = 'again'")
    columns = "title, first_outlet, first_on, last_on, articles, outlets, printed_by, least_similarity"
    assert rows(db, f"SELECT {columns} FROM story") == [
        ("Title b", "Courier", APRIL, date(2031, 4, 11), 3, 2, ["Argus", "Courier"], 0.8)
    ]
    assert rows(
        db, "SELECT article_id, days_later, similarity FROM story_article ORDER BY published_on, article_id"
    ) == [
        ("again", 0, 1.0),
        ("b", 0, None),
        ("late", 2, 0.8),
    ]


def test_a_quotation_has_its_printings_where_two_articles_print_it(db: duckdb.DuckDBPyConnection) -> None:
    for name, first, n_articles in (("a0", "a", 2), ("b0", "b", 1)):
        add(
            db,
            "quotation",
            {"quotation_id": name, "article_id": first, "n_articles": n_articles, "published_on": MARCH},
        )
    for article, quotation, similarity in (("a", "a0", 1.0), ("again", "a0", 0.9), ("b", "b0", 1.0)):
        copy = {
            "utterance_id": f"{article}0",
            "article_id": article,
            "quotation_id": quotation,
            "similarity": similarity,
        }
        add(db, "quotation_copy", copy)
    columns = "quotation_id, utterance_id, days_later, similarity, is_reprint"
    assert rows(db, f"SELECT {columns} FROM quotation_printing ORDER BY utterance_id") == [
        ("a0", "a0", 0, 1.0, False),
        ("a0", "again0", 36, 0.9, True),
    ]


def test_articles_with_an_ambiguous_name(db: duckdb.DuckDBPyConnection) -> None:
    found = rows(db, "SELECT printed, may_be, article_id, n_mentions FROM ambiguous_article ORDER BY article_id")
    assert found == [("Bo", "Ann", "again", 1), ("Bo", "Ann", "b", 2)]


def test_a_name_broken_over_two_lines_is_one_printed_form(db: duckdb.DuckDBPyConnection) -> None:
    [[n]] = rows(db, "SELECT n_mentions FROM alias WHERE name = 'Ann'")
    add(db, "mention", mention(90, "a", " Ann\n", "Ann"))
    assert rows(db, "SELECT alias, n_mentions FROM alias WHERE name = 'Ann'") == [("Ann", int(str(n)) + 1)]


def test_a_form_that_the_model_classes_in_two_ways_is_one(db: duckdb.DuckDBPyConnection) -> None:
    [[n]] = rows(db, "SELECT n_mentions FROM alias WHERE name = 'Ann'")
    add(db, "mention", {**mention(91, "a", "Ann", "Ann"), "entity_type": "ORG"})
    printed = rows(db, "SELECT alias, entity_type, n_mentions FROM alias WHERE name = 'Ann'")
    assert printed == [("Ann", "PERSON", int(str(n)) + 1)]
