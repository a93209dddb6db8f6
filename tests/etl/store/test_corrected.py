"""Corrections through whole builds: what every table says of them, what they cost, and that they can be taken back."""

import csv
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from etl.corrections import apply
from etl.corrections.file import COLUMNS, read_corrections
from etl.errors import ConfigError
from etl.schema import TABLES
from etl.store.journal import Run
from etl.store.paths import Layout
from tests.helpers import (
    STORY,
    InlineWorkers,
    Rows,
    article,
    assert_same,
    build_in_process,
    copied,
    in_parquet,
    inodes,
    redact_in,
    tables,
    write,
)
from warehouse.reader import query

WALL = "We shall ask Halvard Quill to mend the whole wall before the winter"
FERRY = article("“The ferry is late,” Halvard Quill said.", title="Ferry late", day=date(2031, 4, 2))
ABOUT = {"source_uri": "in/story.txt", "corrected_by": "anna", "corrected_on": "2031-05-01", "reason": "heard the tape"}
SPEAKER = {**ABOUT, "kind": "speaker", "words": WALL, "value": "Wenna Tolgarth"}


def corrections(folder: Path, *rows: Mapping[str, str]) -> Path:
    """Write a corrections file."""
    path = folder / "corrections.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, COLUMNS, restval="")
        out.writeheader()
        out.writerows(rows)
    return path


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    news = write(folder / "in", {"story.txt": STORY, "ferry.txt": FERRY})
    build_in_process(folder / "w", news, corrections=(corrections(folder),))
    return folder


@pytest.fixture
def root(made: Path, tmp_path: Path) -> Path:
    """A warehouse of two articles of two months."""
    return copied(made, tmp_path)


@pytest.fixture(scope="module")
def before(made: Path) -> dict[str, Rows]:
    """Its tables without a correction."""
    return tables(made / "w")


def correct(root: Path, *rows: Mapping[str, str]) -> Run:
    """Build with these corrections; nothing is extracted for them."""
    corrections(root.parent, *rows)
    workers = InlineWorkers()
    run = build_in_process(root, workers=workers).run
    assert not workers.ran
    return run


def one(root: Path, sql: str) -> object:
    (value,) = query(root, sql).column(0).to_pylist()
    return value


def published(root: Path) -> dict[str, Rows]:
    found = tables(root)
    assert found == {name: in_parquet(root, TABLES[name]) for name in found}
    return found


def is_as_from_nothing(root: Path) -> None:
    """The warehouse equals one that is built from nothing."""
    fresh = root.parent / "fresh" / "w"
    build_in_process(fresh, root.parent / "in", corrections=(root.parent / "corrections.csv",))
    assert_same(root, fresh)


def test_another_speaker_is_the_speaker_everywhere(root: Path) -> None:
    run = correct(root, SPEAKER)
    assert (run.status, run.n_corrections, run.n_corrections_lost) == ("published", 1, 0)
    assert one(root, "SELECT speaker FROM said WHERE text LIKE '%wall%'") == "Wenna Tolgarth"
    row = query(root, "SELECT * FROM quote WHERE text LIKE '%wall%'").to_pylist()[0]
    assert (row["speaker_name"], row["speaker_type"], row["speaker_via"]) == ("Wenna Tolgarth", "person", "correction")
    assert (row["speaker"], row["confidence"]) == (None, 1.0)
    assert one(root, "SELECT n_utterances FROM entity WHERE name = 'Wenna Tolgarth'") == 1
    decided = query(root, "SELECT status, corrected_by, corrected_on, reason, file, line FROM correction").to_pylist()
    assert list(decided[0].values()) == [*("applied", "anna", date(2031, 5, 1), "heard the tape", "corrections.csv", 2)]
    assert one(root, "SELECT speaker_name FROM quote_uncorrected") == "Odile Marrack"
    is_as_from_nothing(root)


def test_whoever_says_who_said_it_says_that_it_was_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("etl.quotes.find.is_unsaid", lambda *_: True)  # the model's stand-in parses no sentence
    unsaid = article("Odile Marrack did not say that “the wall will hold the whole winter”.", title="Wall")
    root = tmp_path / "w"
    build_in_process(root, write(tmp_path / "in", {"story.txt": unsaid}), corrections=(corrections(tmp_path),))
    assert one(root, "SELECT count(*) FROM said") == 0
    correct(root, {**SPEAKER, "words": "the wall will hold the whole winter", "value": "Odile Marrack"})
    assert one(root, "SELECT speaker FROM said") == "Odile Marrack"
    is_as_from_nothing(root)


def test_a_correction_touches_only_what_it_is_about_and_goes_without_a_trace(
    root: Path, before: dict[str, Rows]
) -> None:
    files = inodes(root)
    correct(root, SPEAKER)
    after = inodes(root)
    rewritten = {path.split("/")[0] for path, inode in after.items() if files.get(path) != inode}
    assert rewritten == {
        *("quote", "mention", "utterance", "quotation", "entity", "correction", "run", "name_sum"),
        *("article_uncorrected", "quote_uncorrected", "mention_uncorrected"),
    }
    april = {path: inode for path, inode in files.items() if "2031-04" in path}
    assert april
    assert april.items() <= after.items()
    correct(root)
    assert published(root) == before


def test_a_stage_that_finds_words_elsewhere_loses_no_correction(root: Path) -> None:
    correct(root, {**SPEAKER, "words": WALL.replace(" mend ", "\n mend  ")})
    write(root.parent / "in", {"story.txt": STORY.replace("in the rain", "in the pouring rain by the quay")})
    build_in_process(root)
    assert one(root, "SELECT speaker FROM said WHERE text LIKE '%wall%'") == "Wenna Tolgarth"
    build_in_process(root, patches={"etl.quotes.VERSION": "another"})
    assert one(root, "SELECT speaker FROM said WHERE text LIKE '%wall%'") == "Wenna Tolgarth"
    build_in_process(root)
    is_as_from_nothing(root)


@pytest.mark.parametrize(
    ("row", "sql", "says"),
    [
        ({"kind": "not speech", "words": WALL}, "SELECT count(*) FROM said WHERE source_uri = 'in/story.txt'", 0),
        (
            {"kind": "span", "words": WALL, "value": "mend the whole wall"},
            "SELECT text FROM utterance WHERE source_uri = 'in/story.txt'",
            "mend the whole wall",
        ),
        (
            {"kind": "entity", "words": "Halvard Quill", "value": "Halvard Quill the Younger", "id": "Q7"},
            "SELECT about FROM said WHERE source_uri = 'in/story.txt'",
            "Halvard Quill the Younger",
        ),
        ({"kind": "title", "value": "=A wall"}, "SELECT title FROM said WHERE speaker = 'Odile Marrack'", "=A wall"),
        ({"kind": "title", "value": ""}, "SELECT title FROM said WHERE speaker = 'Odile Marrack'", None),
        (
            {"kind": "authors", "value": "Ann Lee|Bo Dahl"},
            "SELECT authors FROM said WHERE speaker = 'Odile Marrack'",
            "Ann Lee; Bo Dahl",
        ),
        (
            {"kind": "date", "value": "2031-04-05"},
            "SELECT month FROM said WHERE speaker = 'Odile Marrack'",
            date(2031, 4, 1),
        ),
        (
            {"kind": "date", "value": ""},
            "SELECT published_from FROM article WHERE source_uri = 'in/story.txt'",
            None,
        ),
        (
            {"kind": "speaker", "words": WALL, "type": "document"},
            "SELECT speaker_type FROM utterance WHERE source_uri = 'in/story.txt' AND speaker IS NULL",
            "document",
        ),
    ],
)
def test_each_kind_is_applied_and_taken_back(
    root: Path, before: dict[str, Rows], row: dict[str, str], sql: str, says: object
) -> None:
    assert correct(root, {**ABOUT, **row}).n_corrections == 1
    assert one(root, sql) == says
    is_as_from_nothing(root)
    correct(root)
    assert published(root) == before


def test_a_name_corrected_by_id_is_an_entity_of_its_own(root: Path) -> None:
    """Two people of one name: the other article keeps its own."""
    correct(root, {**ABOUT, "kind": "entity", "words": "Halvard Quill", "value": "Halvard Quill", "id": "Q7"})
    ids = query(root, "SELECT authority_id FROM who WHERE name = 'Halvard Quill' ORDER BY 1").column(0).to_pylist()
    assert ids == ["Q7", None]


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ({"source_uri": "in/gone.txt"}, "no article has its source_uri"),
        ({"words": "Nobody said so"}, "its words do not stand in the article"),
        ({"words": "in the rain on Friday"}, "no quote has its words"),
        ({"kind": "span", "value": "on Friday"}, "the words in value do not stand where the quote is"),
        ({"kind": "entity", "words": "Odile Marrack"}, "its words stand 2 times"),
    ],
)
def test_a_lost_correction_is_told_and_changes_nothing(
    root: Path, before: dict[str, Rows], row: dict[str, str], problem: str
) -> None:
    run = correct(root, {**SPEAKER, **row})
    assert (run.status, run.n_corrections, run.n_corrections_lost) == ("published", 0, 1)
    assert problem in str(one(root, "SELECT problem FROM correction WHERE words IS NULL AND reason IS NULL"))
    assert {**published(root), "correction": []} == before


def test_context_tells_names_that_stand_twice_apart(root: Path) -> None:
    row = {**ABOUT, "kind": "entity", "words": "Odile Marrack", "value": "Wenna Tolgarth"}
    correct(root, {**row, "after": "said."})
    assert one(root, "SELECT speaker FROM said WHERE text LIKE '%wall%'") == "Wenna Tolgarth"
    correct(root, {**row, "after": "spoke to"})
    assert one(root, "SELECT speaker FROM said WHERE text LIKE '%wall%'") == "Odile Marrack"


def test_two_corrections_of_one_thing_contradict_each_other(root: Path) -> None:
    run = correct(root, SPEAKER, {**SPEAKER, "words": WALL.removesuffix(" winter"), "value": "Tobias Fenwright"})
    assert (run.n_corrections, run.n_corrections_lost) == (1, 1)
    is_as_from_nothing(root)


@pytest.mark.parametrize("row", [SPEAKER, {**ABOUT, "kind": "span", "words": WALL, "value": "mend the whole wall"}])
def test_what_is_not_speech_has_neither_a_speaker_nor_other_words(root: Path, row: dict[str, str]) -> None:
    run = correct(root, row, {**ABOUT, "kind": "not speech", "words": WALL})
    assert (run.n_corrections, run.n_corrections_lost) == (1, 1)
    problem = one(root, "SELECT problem FROM correction WHERE status = 'lost'")
    assert problem == "another correction says that the quote is not speech"


def test_a_malformed_file_ends_the_build_and_leaves_what_is_published(root: Path, before: dict[str, Rows]) -> None:
    with pytest.raises(ConfigError, match=r"corrections\.csv, line 2: reason is empty"):
        correct(root, {**SPEAKER, "reason": ""})
    assert published(root) == before


def test_a_redacted_article_leaves_nothing_in_its_corrections(root: Path) -> None:
    correct(root, SPEAKER, {**ABOUT, "kind": "title", "value": "A wall"})
    redact_in(root, str(one(root, "SELECT article_id FROM article WHERE source_uri = 'in/story.txt'")))
    assert one(root, "SELECT count(*) FROM correction WHERE status = 'lost'") == 2
    assert one(root, "SELECT count(*) FROM quote_uncorrected") == 0
    for path in Layout(root).root.rglob("*"):
        if path.is_file() and path.name != "sources.json":
            assert b"mend the whole wall" not in path.read_bytes(), path


def test_what_is_left_of_a_file_is_corrected_once(tmp_path: Path) -> None:
    """After a redaction of one record, the others are corrected as before, and go back to what was extracted."""
    lines = [
        '{"id": "a", "text": "“The wall is low,” Odile Marrack said."}',
        '{"id": "b", "text": "“The ferry is late,” Halvard Quill said."}',
    ]
    news = write(tmp_path / "in", {"news.jsonl": "\n".join(lines)})
    build_in_process(tmp_path / "w", news, corrections=(corrections(tmp_path),))
    before = one(tmp_path / "w", "SELECT speaker FROM said WHERE record_key = 'b'")
    row = {**ABOUT, "source_uri": "in/news.jsonl", "kind": "speaker", "words": "The ferry is late", "value": "Ann Lee"}
    correct(tmp_path / "w", row)
    redact_in(tmp_path / "w", str(one(tmp_path / "w", "SELECT article_id FROM article WHERE record_key = 'a'")))
    assert one(tmp_path / "w", "SELECT speaker FROM said") == "Ann Lee"
    assert one(tmp_path / "w", "SELECT speaker_name FROM quote_uncorrected") == "Halvard Quill"
    correct(tmp_path / "w")
    assert one(tmp_path / "w", "SELECT speaker FROM said") == before


@pytest.mark.parametrize(
    "words", [f'"{WALL},"', f"{WALL}.", f"‘{WALL}!’", f"« {WALL} »"], ids=["straight", "full stop", "single", "angled"]
)
def test_words_are_found_whatever_marks_a_keyboard_or_spreadsheet_gave_them(
    made: Path, tmp_path: Path, words: str
) -> None:
    of_story = "SELECT {0}.* FROM {0} JOIN article USING (article_id) WHERE source_uri = 'in/story.txt'"
    names = ("passage", "quote", "mention")
    (article,) = query(made / "w", "FROM article WHERE source_uri = 'in/story.txt'").to_pylist()
    extracted = apply.Rows(article, *(query(made / "w", of_story.format(name)).to_pylist() for name in names))
    (correction,) = read_corrections([corrections(tmp_path, {**SPEAKER, "words": words})]).rows
    found, problems = apply.corrected(extracted, [correction])
    assert problems == {correction.correction_id: None}
    assert [quote["speaker_name"] for quote in found.quotes] == ["Wenna Tolgarth"]


def test_of_records_of_one_file_those_with_the_words_as_given_are_meant_before_those_with_other_marks(
    root: Path,
) -> None:
    texts = ("“Caf\u00e9 na\u00efve,” Odile Marrack said.", "“Caf\u00e9 na\u00efve!” Odile Marrack said.")
    lines = [f'{{"title": "Rain", "text": "{text} It rained in all of the town."}}' for text in texts]
    write(root.parent / "in", {"records.jsonl": "\n".join(lines)})
    build_in_process(root)
    about = {**SPEAKER, "source_uri": "in/records.jsonl"}
    assert correct(root, {**about, "words": '"Cafe\u0301 na\u00efve!"'}).n_corrections == 1
    assert one(root, "SELECT text FROM utterance WHERE speaker = 'Wenna Tolgarth'") == "“Caf\u00e9 na\u00efve!”"
    assert correct(root, {**about, "words": "Caf\u00e9 na\u00efve"}).n_corrections_lost == 1
