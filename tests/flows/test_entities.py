"""Who is who, from the build to the questions and back: authority files wired through the composition and the command."""

import csv
import io
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from unittest import mock

import pytest
from typer.testing import CliRunner

from etl.config import load_config
from etl.errors import ConfigError
from etl.model.annotate import Annotator
from etl.schema import ENTITY_EXCEPTION, MENTION, QUOTE
from etl.store.paths import Layout
from flows.cli import app
from tests.helpers import STORY, InlineWorkers, article, build_in_process, in_duckdb, write
from warehouse.entities import listing, questions
from warehouse.reader import query

HEADER = "name,aliases,type,id,publisher,source,published_from,published_to\n"
NEWS = {
    "a.txt": STORY,
    "b.txt": article(
        "Odile Marrack read in the rain on Sunday.",
        "“The wall is my oldest friend and it never answers,” Odile Marrack said.",
        title="A wall",
        day=date(2033, 1, 2),
    ),
    "c.txt": article("Karen Tolgarth met Karin Tolgarth and Odile Marrack by the quay.", title="A quay"),
}
SPEAKERS = "SELECT speaker, speaker_id, source_uri FROM said ORDER BY source_uri"


@pytest.fixture(autouse=True, scope="module")
def real_model() -> Iterator[None]:
    """The stand-in for the model knows no syntax, so that nobody speaks."""
    with mock.patch("tests.helpers.pair_annotator", cache(Annotator)):
        yield


def decided(folder: Path, *rows: str, name: str = "people.csv") -> Path:
    path = folder / name
    path.write_text(HEADER + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def news(tmp_path: Path) -> Path:
    return write(tmp_path / "in", NEWS)


def test_an_authority_file_names_and_identifies_and_is_used_from_then_on(tmp_path: Path, news: Path) -> None:
    root, people = tmp_path / "w", decided(tmp_path, "Odile Marrack MP,Odile Marrack,PERSON,Q1,,,,")
    build_in_process(root, news, authority=(people,))
    assert {row["speaker"] for row in query(root, SPEAKERS).to_pylist()} == {"Odile Marrack MP"}
    assert query(root, "SELECT authority_id FROM who WHERE name = 'Odile Marrack MP'").to_pylist() == [
        {"authority_id": "Q1"}
    ]
    assert load_config(Layout(root).config).authority == (people.resolve(),)
    assert build_in_process(root, authority=(people,)).run.status == "unchanged"
    assert Layout(root).config.read_text(encoding="utf-8").count(people.name) == 1


def test_a_changed_authority_alone_publishes_and_rewrites_no_fact(tmp_path: Path, news: Path) -> None:
    root, people, workers = tmp_path / "w", decided(tmp_path, "Odile Marrack,,PERSON,Q1,,,,"), InlineWorkers()
    build_in_process(root, news, authority=(people,))
    before = [in_duckdb(root, table) for table in (MENTION, QUOTE)]
    decided(tmp_path, "Odile Q. Marrack,,PERSON,Q2,,,,")
    dry = build_in_process(root, dry_run=True)
    assert (dry.plan.is_empty, dry.plan.is_resolved_again) == (False, True)
    assert build_in_process(root, workers=workers).run.status == "published"
    assert workers.ran == []
    assert {row["speaker"] for row in query(root, SPEAKERS).to_pylist()} == {"Odile Q. Marrack"}
    assert [in_duckdb(root, table) for table in (MENTION, QUOTE)] == before
    assert build_in_process(root).run.status == "unchanged"


def test_a_scoped_row_tells_two_people_of_one_name_apart_in_every_view(tmp_path: Path, news: Path) -> None:
    root = tmp_path / "w"
    build_in_process(root, news, authority=(decided(tmp_path, "Odile Marrack,,PERSON,Q1,,,,"),))
    decided(
        tmp_path,
        "Odile Marrack,,PERSON,Q1,,,,",
        "Odile Marrack (poet),Odile Marrack,PERSON,Q2,,in,2033-01-01,",
    )
    build_in_process(root)
    first, second = query(root, SPEAKERS).to_pylist()
    assert (first["speaker"], second["speaker"]) == ("Odile Marrack", "Odile Marrack (poet)")
    assert first["speaker_id"] != second["speaker_id"]
    [(_, _, canonical_id, name, authority_id)] = in_duckdb(root, ENTITY_EXCEPTION)
    assert (canonical_id, name, authority_id) == (second["speaker_id"], "Odile Marrack (poet)", "Q2")
    poet = "SELECT {} FROM {} WHERE canonical_id = '" + str(canonical_id) + "'"
    assert query(root, poet.format("n_articles, n_utterances", "who")).to_pylist() == [
        {"n_articles": 1, "n_utterances": 1}
    ]
    assert query(root, poet.format("alias, n_mentions", "alias")).to_pylist() == [
        {"alias": "Odile Marrack", "n_mentions": 2}
    ]
    assert query(root, poet.format("source_uri", "appearance")).to_pylist() == [{"source_uri": "in/b.txt"}]
    fresh = tmp_path / "fresh"
    build_in_process(fresh, news, authority=(tmp_path / "people.csv",))
    assert in_duckdb(fresh, ENTITY_EXCEPTION) == in_duckdb(root, ENTITY_EXCEPTION)


def test_an_authority_files_gender_is_what_the_view_says(tmp_path: Path, news: Path) -> None:
    root, people = tmp_path / "w", tmp_path / "people.csv"
    people.write_text("name,type,gender,source\nOdile Marrack,PERSON,woman,\nOdile Marrack (poet),PERSON,,in/b.txt\n")
    build_in_process(root, news, authority=(people,))
    assert query(root, "SELECT gender, gender_from FROM person WHERE name = 'Odile Marrack'").to_pylist() == [
        {"gender": "woman", "gender_from": "authority"}
    ]


def test_who_appears_with_whom(tmp_path: Path, news: Path) -> None:
    root = tmp_path / "w"
    build_in_process(root, news)
    pairs = "SELECT other, source_uri FROM appears_with WHERE name = 'Odile Marrack' ORDER BY ALL"
    assert [tuple(row.values()) for row in query(root, pairs).to_pylist()] == [
        ("Halvard Quill", "in/a.txt"),
        ("Karen Tolgarth", "in/c.txt"),
        ("Karin Tolgarth", "in/c.txt"),
        ("Tobias Fenwright", "in/a.txt"),
    ]


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("Odile Marrack,,ROBOT,,,,,", "line 3: type is 'ROBOT'"),
        ("Odile B. Marrack,,PERSON,Q2,,,,", "line 3: .* on line 2"),
    ],
)
def test_a_bad_file_refuses_the_build_before_anything_is_touched(
    tmp_path: Path, news: Path, row: str, says: str
) -> None:
    root, workers = tmp_path / "w", InlineWorkers()
    people = decided(tmp_path, "Odile Marrack,,PERSON,Q1,,,,", row)
    with pytest.raises(ConfigError, match=rf"people\.csv, {says}"):
        build_in_process(root, news, workers=workers, authority=(people,))
    assert workers.ran == []
    assert not root.exists()


def test_files_contradict_one_another_by_name_and_line(tmp_path: Path, news: Path) -> None:
    one = decided(tmp_path, "Odile Marrack,,PERSON,Q1,,,,", name="one.csv")
    two = decided(tmp_path, "Odile Marrack,,PERSON,Q2,,,,", name="two.csv")
    with pytest.raises(ConfigError, match=r"two\.csv, line 2: .* on line 2 of .*one\.csv"):
        build_in_process(tmp_path / "w", news, authority=(one, two))


def test_the_questions_edited_by_hand_are_an_authority_file(tmp_path: Path, news: Path) -> None:
    root = tmp_path / "w"
    build_in_process(root, news)
    printed = CliRunner().invoke(app, ["entities", "--ambiguous", "--warehouse", str(root)])
    assert printed.exit_code == 0
    [row] = csv.DictReader(io.StringIO(printed.stdout))
    assert (row["name"], row["aliases"], row["reason"]) == ("Karen Tolgarth", "Karin Tolgarth", "spelled alike")
    people = tmp_path / "people.csv"
    people.write_text(printed.stdout.replace("PERSON,,", "PERSON,Q7,"), encoding="utf-8")
    build_in_process(root, authority=(people,))
    assert query(root, "SELECT DISTINCT authority_id FROM entity WHERE name LIKE '%Tolgarth'").to_pylist() == [
        {"authority_id": "Q7"}
    ]
    assert questions(root).num_rows == 0


def test_entities_are_listed_by_part_of_a_name_with_all_they_are_printed_as(tmp_path: Path, news: Path) -> None:
    root = tmp_path / "w"
    build_in_process(root, news)
    assert listing(root, limit=1).column("name").to_pylist() == ["Odile Marrack"]
    [karen, _] = listing(root, "tolg").to_pylist()
    assert (karen["name"], karen["printed"], karen["articles"]) == ("Karen Tolgarth", "Karen Tolgarth 1", 1)
    shown = CliRunner().invoke(app, ["entities", "fenw", "--warehouse", str(root)], env={"COLUMNS": "200"}).stdout
    assert "Tobias Fenwright" in shown
    assert "Odile" not in shown


def test_a_scope_may_be_one_record_of_a_file_and_show_says_so_too(tmp_path: Path) -> None:
    records = "\n".join(
        f'{{"id": "r{n}", "text": "“The ferry is late {word},” Halvard Quill said."}}'
        for n, word in enumerate(("today", "again"))
    )
    root, news = tmp_path / "w", write(tmp_path / "in", {"news.jsonl": records})
    header = "name,aliases,type,source,record_key\n"
    people = tmp_path / "people.csv"
    people.write_text(f"{header}Halvard Quill (poet),Halvard Quill,PERSON,in/news.jsonl,r1\n", encoding="utf-8")
    build_in_process(root, news, authority=(people,))
    said = query(root, "SELECT record_key, speaker, article_id FROM said ORDER BY record_key").to_pylist()
    assert [(row["record_key"], row["speaker"]) for row in said] == [
        ("r0", "Halvard Quill"),
        ("r1", "Halvard Quill (poet)"),
    ]
    shown = CliRunner().invoke(app, ["show", said[1]["article_id"], "--warehouse", str(root)]).stdout
    assert "[1] Halvard Quill (poet)" in shown
