"""Every check finds the bad row that is planted for it, and nothing in a sound warehouse."""

import re
import shutil
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

import warehouse
from etl.errors import AuditError
from etl.extract.article import Extract
from etl.schema import DATABASE, TABLES
from etl.store.audit import (
    Check,
    audit_parts,
    audit_snapshot,
    counted_checks,
    declared_checks,
    of_parts,
    read_checks,
    unchecked,
)
from etl.store.manifest import NOTHING, DataFile, Manifest, load_manifest, open_snapshot
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
    "quotation_first": "UPDATE quotation SET speaker_id = 'nobody'",
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
#: Files of two months of two buckets, each with one of two contents.
FILES = st.builds(
    lambda table, month, bucket, digest: DataFile(
        table=table, path=digest, month=month, bucket=bucket, n_buckets=2, n_rows=1, n_bytes=1, sha256=digest
    ),
    st.sampled_from(sorted(TABLES)),
    st.sampled_from(("2031-03", "2031-04")),
    st.integers(0, 1),
    st.sampled_from("ab"),
)


#: Rows of quotation (id, article, printings, articles, speaker) and of quotation_copy with what its utterance says (id, article,
#: quotation, similarity, speaker), by id. An utterance's id begins with its article's.
Row = tuple[Any, ...]
Quotations = tuple[dict[str, Row], dict[str, Row]]
UTTERANCES = ("a0", "a1", "b0", "b1", "c0")
SPEAKERS = st.sampled_from((None, "x", "y"))
QUOTATION_VIEWS = """
CREATE VIEW utterance AS SELECT id AS utterance_id, article_id, id AS utterance_no, c AS speaker_id FROM copy;
CREATE VIEW quotation_copy AS
SELECT id AS utterance_id, article_id, id AS utterance_no, a AS quotation_id, b::DOUBLE AS similarity FROM copy;
ALTER TABLE quotation RENAME TO made;
CREATE VIEW quotation AS
SELECT id AS quotation_id, article_id, a::INTEGER AS n_utterances, b::INTEGER AS n_articles, c AS speaker_id FROM made;
"""


def says_what_is_printed(quotations: dict[str, Row], copies: dict[str, Row]) -> bool:
    """Whether every quotation is what its printings make it."""
    printings: dict[object, list[Row]] = {id_: [] for id_ in quotations}
    for row in copies.values():
        printings.setdefault(row[2], []).append(row)
    made = {str(id_): quotation_of(str(id_), rows) for id_, rows in printings.items()}
    return None not in made.values() and made == quotations


def quotation_of(id_: str, rows: list[Row]) -> Row | None:
    """The quotation of some printings; None where there can be none."""
    speakers = {row[4] for row in rows} - {None}
    if len(speakers) > 1 or not any((row[0], row[3]) == (id_, 1) for row in rows):
        return None
    return id_, id_[0], len(rows), len({row[1] for row in rows}), next(iter(speakers), None)


@st.composite
def spoiled_quotations(draw: st.DrawFn) -> Quotations:
    """Quotations and their printings, sound but for a few values."""
    copies: dict[str, Row] = {}
    for id_ in draw(st.lists(st.sampled_from(UTTERANCES), unique=True)):
        first = draw(st.sampled_from([id_, *(row[0] for row in copies.values() if row[0] == row[2])]))
        speaker = copies[first][4] if first in copies else draw(SPEAKERS)
        copies[id_] = (id_, id_[0], first, 1, draw(st.sampled_from((None, speaker))))
    quotations = {}
    for id_ in {str(row[2]) for row in copies.values()}:
        if made := quotation_of(id_, [row for row in copies.values() if row[2] == id_]):
            quotations[id_] = made
    for rows, changes in (
        (quotations, [(1, st.sampled_from("abc")), (2, st.integers(0, 3)), (3, st.integers(0, 3)), (4, SPEAKERS)]),
        (copies, [(2, st.sampled_from(UTTERANCES)), (3, st.sampled_from((0.9, 1))), (4, SPEAKERS)]),
    ):
        for id_ in sorted(rows):
            if draw(st.integers(0, 5)) == 0:
                column, values = draw(st.sampled_from(changes))
                rows[id_] = (*rows[id_][:column], draw(values), *rows[id_][column + 1 :])
            elif draw(st.integers(0, 9)) == 0:
                del rows[id_]
    return quotations, copies


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


def failed_parts(root: Path, old: Manifest, spill: Path) -> set[str]:
    """The checks of scope part that fail in a snapshot after an ``old`` one."""
    found = audit_parts(root, load_manifest(root).files, old, everything(), spill, "1GB")
    return {finding.check.name for finding in found}


def spoiled(published: Path, tmp_path: Path, statement: str) -> Path:
    shutil.copyfile(published / DATABASE, tmp_path / DATABASE)
    with duckdb.connect(str(tmp_path / DATABASE)) as db:
        db.execute(statement)
    return tmp_path


def test_a_sound_warehouse_passes(published: Path, tmp_path: Path) -> None:
    assert findings(published, tmp_path) == set()
    assert failed_parts(published, NOTHING.manifest, tmp_path) == set()


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
    assert failed_parts(root, NOTHING.manifest, tmp_path) == {"quote_text"}
    passed = manifest.with_(audited=tuple(check.key for check in of_parts(everything())))
    assert failed_parts(root, passed, tmp_path) == set()
    (mine,) = (check.key for check in everything() if check.name == "quote_text")
    assert failed_parts(root, passed.with_(audited={*passed.audited} - {mine}), tmp_path) == {"quote_text"}


@given(spoiled_quotations())
def test_quotations_pass_if_they_are_what_their_printings_say(rows: Quotations) -> None:
    """Two checks share the work, one that looks at changed files and one that looks at the few with several printings."""
    quotations, copies = rows
    checks = {check.name: check.query for check in read_checks(warehouse.CHECKS)}
    with duckdb.connect() as db:
        for name, listed in (("quotation", quotations.values()), ("copy", copies.values())):
            values = ", ".join(str(row).replace("None", "NULL") for row in listed)
            db.execute(f"CREATE TABLE {name} (id VARCHAR, article_id VARCHAR, a VARCHAR, b VARCHAR, c VARCHAR)")
            if values:
                db.execute(f"INSERT INTO {name} VALUES {values}")
        db.execute(QUOTATION_VIEWS)
        found = [db.execute(checks[name]).fetchall() for name in ("quotation_first", "quotation_printing")]
    assert any(found) == (not says_what_is_printed(quotations, copies))


@given(st.data())
def test_a_part_is_checked_again_when_a_file_that_the_check_reads_is_new_or_gone(data: st.DataObject) -> None:
    """What a check reads of a part that it is not asked again is what it read before."""
    before, after = (data.draw(st.sets(FILES)) for _ in range(2))
    check = data.draw(st.sampled_from(of_parts(everything())))
    names = {table.name for table in check.parted}

    def read(files: Iterable[DataFile], part: tuple[str, int]) -> set[DataFile]:
        return {file for file in files if file.table in names and (file.month, file.bucket) == part}

    again = unchecked(check, after, before ^ after)
    for part in {(file.month, file.bucket) for file in after}:
        now = read(after, part)
        assert read(again, part) == (set() if now == read(before, part) else now)


def test_a_check_reads_the_tables_that_it_names() -> None:
    (check,) = (check for check in everything() if check.name == "mention_text")
    assert {table.name for table in check.parted} == {"article", "mention"}
    unknown = Check("mine", "guards something", "SELECT nothing FROM nowhere", "part")
    assert "article" in {table.name for table in unknown.parted}, "it must be run, to fail"


def test_a_check_that_cannot_be_run_is_a_finding(published: Path, tmp_path: Path) -> None:
    check = Check("mine", "guards something", "SELECT nothing FROM nowhere")
    (finding,) = audit_snapshot(published, NOTHING, [check], tmp_path, "1GB")
    assert finding.told == "mine: it cannot be run"
    assert re.match(r"mine: it cannot be run \(guards something\)\n +.*nowhere", str(finding))
    bare, part = replace(check, guards=""), replace(check, scope="part")
    assert str(replace(finding, check=bare)).startswith("mine: it cannot be run\n")
    (once,) = audit_parts(published, open_snapshot(published).manifest.files, NOTHING.manifest, [part], tmp_path, "1GB")
    assert once.told == finding.told


def test_a_sudden_drop_against_the_last_snapshot_is_found(tmp_path: Path) -> None:
    days = [
        article(f"Tobias Fenwright met Wenna Tolgarth {n} times.", f"“We count {n} boats,” said Odile Marrack.")
        for n in range(100)
    ]
    news = write(tmp_path / "in", {f"{n}.txt": text for n, text in enumerate(days)})
    build_in_process(tmp_path / "w", news)
    write(tmp_path / "in", {f"tide-{n}.txt": article(f"Tide {n}", f"Water rose {n} times.") for n in range(300)})
    assert build_in_process(tmp_path / "w").run.status == "published", "new files without quotes are no drop"
    mute = {"tests.helpers.finder": lambda annotator: Extract, "etl.quotes.VERSION": "mute"}
    with pytest.raises(AuditError, match="sudden_drop"):
        build_in_process(tmp_path / "w", patches=mute)
    run = build_in_process(tmp_path / "w", patches=mute, allow=("sudden_drop",)).run
    assert (run.status, run.allowed) == ("published", ("sudden_drop",))
    assert (
        query(tmp_path / "w", "SELECT allowed FROM run WHERE status = 'published' AND len(allowed) > 0").num_rows == 1
    )
