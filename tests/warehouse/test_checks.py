"""Every check finds the bad row that is planted for it, and nothing in a sound warehouse."""

import shutil
from pathlib import Path

import duckdb
import pytest

import warehouse
from etl.audit import audit, declared_checks, read_checks
from etl.schema import DATABASE
from tests.helpers import STORY, build_in_process, write
from warehouse.reader import snapshot

#: For each check of `warehouse/checks`, a statement after which it must find something.
PLANTED = {
    "article_reference": "UPDATE article SET source_uri = 'elsewhere/none.txt'",
    "entity_ambiguous_reference": "INSERT INTO entity_ambiguous SELECT 'spelled alike', entity_type, canonical_id, name, "
    "'nobody', [], NULL, 0, 0, 0, 0 FROM entity",
    "entity_canonical": "UPDATE entity SET canonical_id = 'nobody'",
    "entity_exception_reference": "INSERT INTO entity_exception SELECT article_id, 'nobody', 'nobody', '', NULL FROM article",
    "file_sums": "UPDATE file SET n_articles = n_articles + 1",
    "mention_reference": "UPDATE mention SET entity_id = 'nobody'",
    "mention_text": "UPDATE mention SET span_start = span_start + 1, span_end = span_end + 1",
    "passage_span": "UPDATE passage SET span_end = 1000000",
    "published_on": "UPDATE quote SET published_on = published_on + 1",
    "quote_reference": "UPDATE quote SET passage_no = 1000",
    "quote_text": "UPDATE quote SET text = text || '!'",
}


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("checks")
    build_in_process(folder / "w", write(folder / "in", {"story.txt": STORY, "empty.txt": ""}))
    return snapshot(folder / "w") / DATABASE


def findings(database: Path) -> set[str]:
    return {finding.check.name for finding in audit(database, [*declared_checks(), *read_checks(warehouse.CHECKS)], {})}


def spoiled(published: Path, tmp_path: Path, statement: str) -> Path:
    database = tmp_path / DATABASE
    shutil.copyfile(published, database)
    with duckdb.connect(str(database)) as db:
        db.execute(statement)
    return database


def test_a_sound_warehouse_passes(published: Path) -> None:
    assert findings(published) == set()


def test_every_check_has_its_planted_failure() -> None:
    assert {check.name for check in read_checks(warehouse.CHECKS)} == PLANTED.keys()


@pytest.mark.parametrize("check", sorted(PLANTED))
def test_a_check_finds_what_is_planted_for_it(published: Path, tmp_path: Path, check: str) -> None:
    assert check in findings(spoiled(published, tmp_path, PLANTED[check]))


@pytest.mark.parametrize(
    ("check", "statement"),
    [
        ("quote_key", "INSERT INTO quote FROM quote"),
        ("rejection_key", "INSERT INTO rejection FROM rejection"),
        ("passage_kind", "UPDATE passage SET kind = 'poem'"),
        ("file_status", "UPDATE file SET status = 'lost'"),
    ],
)
def test_the_declaration_is_checked(published: Path, tmp_path: Path, check: str, statement: str) -> None:
    assert check in findings(spoiled(published, tmp_path, statement))


def test_rows_missing_from_the_database_are_found(published: Path) -> None:
    (finding,) = audit(published, [], {"article": 2})
    assert finding.check.name == "article_count"
    assert "article_count: 1 bad rows" in str(finding)
