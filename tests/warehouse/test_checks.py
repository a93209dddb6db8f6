"""Every check finds the bad row that is planted for it, and nothing in a sound warehouse."""

import shutil
from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import warehouse
from etl.errors import AuditError
from etl.extract.article import Extract
from etl.schema import DATABASE
from etl.store.audit import Check, audit_parts, audit_snapshot, counted_checks, declared_checks, parts, read_checks
from etl.store.manifest import NOTHING, open_snapshot
from tests.helpers import STORY, article, build_in_process, write
from warehouse.reader import query, snapshot

#: For each check of `warehouse/checks`, a statement after which it must find something.
PLANTED = {
    "article_reference": "UPDATE article SET source_uri = 'elsewhere/none.txt'",
    "entity_ambiguous_reference": "INSERT INTO entity_ambiguous SELECT 'spelled alike', entity_type, canonical_id, name, "
    "'nobody', [], NULL, 0, 0, 0, 0 FROM entity",
    "entity_canonical": "UPDATE entity SET canonical_id = 'nobody'",
    "entity_exception_reference": "INSERT INTO entity_exception SELECT article_id, 'nobody', 'nobody', '', NULL FROM article",
    "group_reference": "DELETE FROM article",
    "file_sums": "UPDATE file SET n_articles = n_articles + 1",
    "entity_reference": "UPDATE mention SET entity_id = 'nobody'",
    "mention_text": "UPDATE mention SET span_start = span_start + 1, span_end = span_end + 1",
    "passage_span": "UPDATE passage SET span_end = 1000000",
    "published_on": "UPDATE quote SET published_on = published_on + 1",
    "quotation_copy_utterance": "UPDATE quotation_copy SET utterance_id = 'nothing'",
    "quotation_printing": "UPDATE quotation SET n_utterances = n_utterances + 1",
    "speaker_mention": "INSERT INTO mention SELECT 'new', article_id, speaker, speaker_start, speaker_end, 'PERSON', 'nobody', "
    "'Nobody', 'named', published_on, '', '' FROM quote WHERE speaker IS NOT NULL",
    "utterance_quote": "UPDATE utterance SET span_end = span_end + 1",
    "utterance_speaker": "UPDATE utterance SET speaker = 'Nobody'",
    "part_reference": "UPDATE quote SET passage_no = 1000",
    "quote_text": "UPDATE quote SET text = text || '!'",
}
#: Checks that compare with the last snapshot have a test of their own.
COMPARED = {"sudden_drop"}


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("checks")
    build_in_process(folder / "w", write(folder / "in", {"story.txt": STORY, "empty.txt": ""}))
    return snapshot(folder / "w")


def everything() -> list[Check]:
    return [*declared_checks(), *read_checks(warehouse.CHECKS)]


def findings(root: Path, spill: Path) -> set[str]:
    """What all checks find in a database, as if it were one part."""
    checks = [replace(check, scope="snapshot") for check in everything()]
    return {finding.check.name for finding in audit_snapshot(root, NOTHING, checks, spill, "1GB")}


def spoiled(published: Path, tmp_path: Path, statement: str) -> Path:
    shutil.copyfile(published / DATABASE, tmp_path / DATABASE)
    with duckdb.connect(str(tmp_path / DATABASE)) as db:
        db.execute(statement)
    return tmp_path


def test_a_sound_warehouse_passes(published: Path, tmp_path: Path) -> None:
    assert findings(published, tmp_path) == set()
    found = open_snapshot(published)
    assert audit_parts(published, parts(found.manifest.files, everything()), everything(), tmp_path, "1GB") == []


def test_every_check_has_its_planted_failure() -> None:
    assert {check.name for check in read_checks(warehouse.CHECKS)} == PLANTED.keys() | COMPARED


@pytest.mark.parametrize("check", sorted(PLANTED))
def test_a_check_finds_what_is_planted_for_it(published: Path, tmp_path: Path, check: str) -> None:
    assert check in findings(spoiled(published, tmp_path, PLANTED[check]), tmp_path)


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
    assert check in findings(spoiled(published, tmp_path, statement), tmp_path)


def test_rows_missing_from_the_database_are_found(published: Path, tmp_path: Path) -> None:
    (finding,) = audit_snapshot(published, NOTHING, list(counted_checks({"article": 2})), tmp_path, "1GB")
    assert finding.check.name == "article_count"
    assert "article_count: 1 bad row " in str(finding)


def test_a_part_is_audited_from_its_parquet(published: Path, tmp_path: Path) -> None:
    root = tmp_path / "copy"
    shutil.copytree(published, root)
    manifest = open_snapshot(root).manifest
    (file,) = (file for file in manifest.of("quote"))
    rows = pq.read_table(root / file.path, partitioning=None)
    texts = pa.array([f"{text}!" for text in rows["text"].to_pylist()])
    pq.write_table(rows.set_column(rows.schema.get_field_index("text"), "text", texts), root / file.path)
    found = audit_parts(root, parts(manifest.files, everything()), everything(), tmp_path, "1GB")
    assert {finding.check.name for finding in found} == {"quote_text"}


def test_a_part_is_known_again_by_what_it_holds_and_what_is_asked_of_it(published: Path) -> None:
    files, checks = open_snapshot(published).manifest.files, everything()
    keys = {part.key for part in parts(files, checks)}
    assert len(keys) == 1
    assert {part.key for part in parts(reversed(files), checks)} == keys
    assert {part.key for part in parts(files, checks[1:])} == keys  # a check of whole snapshots asks nothing of a part
    assert keys.isdisjoint(part.key for part in parts(files, [check for check in checks if check.name != "quote_text"]))
    changed = [file.with_(sha256="0" * 64) if file.table == "quote" else file for file in files]
    assert keys.isdisjoint(part.key for part in parts(changed, checks))


def test_a_check_that_cannot_be_run_is_a_finding(published: Path, tmp_path: Path) -> None:
    check = Check("mine", "guards something", "SELECT nothing FROM nowhere")
    (finding,) = audit_snapshot(published, NOTHING, [check], tmp_path, "1GB")
    assert "cannot be run" in str(finding)


def test_a_sudden_drop_against_the_last_snapshot_is_found(tmp_path: Path) -> None:
    days = [
        article(f"Tobias Fenwright met Wenna Tolgarth {n} times.", f"“We count {n} boats,” said Odile Marrack.")
        for n in range(100)
    ]
    news = write(tmp_path / "in", {f"{n}.txt": text for n, text in enumerate(days)})
    build_in_process(tmp_path / "w", news)
    mute = {"tests.helpers.finder": lambda annotator: Extract, "etl.quotes.VERSION": "mute"}
    with pytest.raises(AuditError, match="sudden_drop"):
        build_in_process(tmp_path / "w", patches=mute)
    run = build_in_process(tmp_path / "w", patches=mute, allow=("sudden_drop",)).run
    assert (run.status, run.allowed) == ("published", ("sudden_drop",))
    assert (
        query(tmp_path / "w", "SELECT allowed FROM run WHERE status = 'published' AND len(allowed) > 0").num_rows == 1
    )
