"""The wide table: what a row says, and which files a change rewrites."""

from pathlib import Path

import pytest

from etl.schema import UTTERANCE
from tests.helpers import STORY, article, build_in_process, in_parquet, inodes, write
from warehouse.reader import query
from warehouse.search import search

LATE = article(
    "The ferry to Brelling did not come. Nobody on the quay of St. Orrin knew why.",
    "“The ferry is late,” Halvard Quill said. The rain went on.",
    title="Ferry late again",
)


def rows(root: Path, columns: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = query(
        root, f"SELECT {columns} FROM utterance ORDER BY source_uri, utterance_no"
    ).to_pylist()
    return found


def test_a_row_needs_no_join(tmp_path: Path) -> None:
    build_in_process(tmp_path / "w", write(tmp_path / "in", {"late.txt": LATE}))
    (row,) = rows(tmp_path / "w", "* REPLACE (month::VARCHAR AS month)")
    assert row["utterance_id"] in query(tmp_path / "w", "SELECT quote_id FROM quote").column(0).to_pylist()
    wanted = {
        "speaker": "Halvard Quill",
        "quoted_text": "“The ferry is late,”",
        "cue": "said",
        "cue_lemma": "say",
        "context_before": "Nobody on the quay of St. Orrin knew why.",
        "context_after": "Halvard Quill said.",
        "passage_kind": "paragraph",
        "is_in_headline": False,
        "month": "2031-03-01",
        "outlet": "in",
        "source": "in",
        "title": "Ferry late again",
        "is_reprint": False,
    }
    assert {name: row[name] for name in wanted} == wanted


def test_a_new_name_for_a_speaker_writes_only_the_files_it_speaks_in(tmp_path: Path) -> None:
    may = article("“It never rained,” said Wenna Tolgarth.", day=None)
    folder = write(tmp_path / "in", {"march.txt": STORY, "undated.txt": may})
    build_in_process(tmp_path / "w", folder)
    before = inodes(tmp_path / "w")
    people = tmp_path / "people.csv"
    people.write_text("name,aliases,type,id\nOdile Marrack MP,Odile Marrack,PERSON,Q1\n", encoding="utf-8")
    build_in_process(tmp_path / "w", authority=(people,))
    after = inodes(tmp_path / "w")
    kept = {path for path in before.keys() & after.keys() if path.startswith("utterance/")}
    assert {path.split("/")[1] for path in kept} == {"undated-0"}
    assert {path for path in after if path.startswith("quote/")} <= before.keys()
    assert rows(tmp_path / "w", "speaker, authority_id") == [
        {"speaker": "Odile Marrack MP", "authority_id": "Q1"},
        {"speaker": "Wenna Tolgarth", "authority_id": None},
    ]
    assert len(in_parquet(tmp_path / "w", UTTERANCE)) == 2


def test_what_was_not_said_is_kept_but_counts_for_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The model's stand-in parses no sentence, so it does not see that these words were not said.
    monkeypatch.setattr("etl.quotes.find.is_unsaid", lambda layout, _, start: "winter" in layout.page.text[start:][:40])
    unsaid = "Odile Marrack did not say that “the wall will hold the whole winter, whatever the river does”."
    page = article(unsaid, "“The wall is old,” Odile Marrack said.", title="Wall")
    root = tmp_path / "w"
    build_in_process(root, write(tmp_path / "in", {"wall.txt": page}))
    assert [row["is_unsaid"] for row in rows(root, "is_unsaid")] == [True, False]
    said = "“The wall is old,”"
    assert query(root, "SELECT text FROM said UNION ALL SELECT text FROM reported").column(0).to_pylist() == [said]
    assert [hit["snippet"] for hit in search(root, "")] == [said]
    for counted in ("entity", "who"):
        spoken = query(root, f"SELECT n_utterances FROM {counted} WHERE name = 'Odile Marrack'")
        assert spoken.column(0).to_pylist() == [1]
    assert query(root, "FROM quotation").num_rows == 0
