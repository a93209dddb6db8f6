"""Taking articles back: nothing that is left says what they said, and they do not come back."""

from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from etl.errors import AuditError, HeldError
from etl.schema import RUN, TABLES
from etl.store.paths import Layout
from etl.store.redact import NoArticleError
from etl.store.rollback import roll_back
from etl.store.tombstones import load_tombstones
from flows.redaction import is_clean, look_up, redact
from tests.helpers import STORY, Killed, article, build_in_process, in_duckdb, in_parquet, kill, write
from warehouse.reader import query, snapshot

#: Words that only the article taken back has, in all the ways that a table may keep them.
SECRETS = ("Bertil Aspenquist", "Varnhollow", "purple spoon")
SECRET = article(
    "Bertil Aspenquist walked through Varnhollow with Odile Marrack on Monday.",
    "“Nobody had seen the purple spoon before,” Bertil Aspenquist said.",
    title="Spoon found in Varnhollow",
)
OTHER = article("Wenna Tolgarth met Odile Marrack.", "“The ferry runs again,” Wenna Tolgarth said.", title="Ferry runs")


def built(tmp_path: Path) -> tuple[Path, Path]:
    """A warehouse in which the article has been through three snapshots, a failed one and a killed run."""
    root, news = tmp_path / "w", write(tmp_path / "in", {"secret.txt": SECRET, "story.txt": STORY})
    build_in_process(root, news)
    write(news, {"other.txt": OTHER})
    build_in_process(root)
    write(root / "checks", {"spoons.sql": "-- No spoons.\nSELECT title FROM article WHERE title LIKE 'Spoon%'"})
    write(news, {"again.txt": SECRET.replace("Spoon found", "A spoon is found")})
    with pytest.raises(AuditError, match="spoons"):
        build_in_process(root)
    build_in_process(root, allow=("spoons",))
    write(news, {"near.txt": SECRET.replace("on Monday", "last Monday").replace("Spoon", "Ladle"), "late.txt": STORY})
    with pytest.raises(Killed):
        build_in_process(root, patches={"etl.store.publication.assemble": kill})
    (news / "near.txt").unlink()
    return root, news


def taken_back(root: Path) -> None:
    taken, _ = look_up(root, [], "in/secret.txt")
    redact(root, taken, "asked by the person named")


def strings(value: object) -> list[str]:
    """Every string in a value, however deep."""
    if isinstance(value, dict):
        return [text for pair in value.items() for part in pair for text in strings(part)]
    if isinstance(value, list | tuple):
        return [text for part in value for text in strings(part)]
    return [value] if isinstance(value, str) else []


def everything_left(root: Path) -> str:
    """All that can be read from whatever files are left: decoded strings of Parquet, and the bytes of every file."""
    said = []
    for path in sorted(root.rglob("*")):
        if path.is_file() and not path.is_symlink():
            said.append(path.name + path.read_bytes().decode("latin-1"))
            if path.suffix == ".parquet":
                said += strings(pq.read_table(path, partitioning=None).to_pylist())
                said += [str(pq.read_metadata(path).to_dict())]
            if path.suffix == ".duckdb":
                with duckdb.connect(str(path), read_only=True) as db:
                    said += [text for name in TABLES for text in strings(db.execute(f"FROM {name}").fetchall())]
    return "\n".join(said)


def test_nothing_that_is_left_says_what_the_article_said(tmp_path: Path) -> None:
    root, _ = built(tmp_path)
    assert all(secret in everything_left(root) for secret in SECRETS)
    taken_back(root)
    left = everything_left(root)
    assert [secret for secret in SECRETS if secret in left] == []
    assert "Wenna Tolgarth" in left
    assert [path.name for path in Layout(root).snapshots.iterdir()] == [snapshot(root).name]
    assert not list(Layout(root).failed.glob("*"))


def test_the_others_stay_as_they_were_and_the_sums_agree(tmp_path: Path) -> None:
    root, _ = built(tmp_path)
    taken_back(root)
    files = query(root, "SELECT source_uri, status, n_articles, n_rejected FROM file ORDER BY ALL").to_pylist()
    assert [tuple(row.values()) for row in files] == [
        ("in/again.txt", "rejected", 0, 1),
        ("in/other.txt", "loaded", 1, 0),
        ("in/secret.txt", "rejected", 0, 1),
        ("in/story.txt", "loaded", 1, 0),
    ]
    assert query(root, "SELECT DISTINCT reason FROM rejection").to_pylist() == [{"reason": "redacted"}]


def test_a_reprint_goes_too_and_a_near_copy_is_listed(tmp_path: Path) -> None:
    root, news = tmp_path / "w", tmp_path / "in"
    near = SECRET.replace("on Monday", "on Monday night")
    near = near.rstrip() + " “And nobody will see the purple spoon again,” he said.\n"
    more = "\n\nNobody in the whole town had asked for it either."
    write(
        news, {"a.txt": SECRET + more, "reprint.txt": SECRET + more, "near.txt": near + more + more, "other.txt": OTHER}
    )
    build_in_process(root, news)
    (wanted,) = (row["article_id"] for row in query(root, "FROM article WHERE source_uri = 'in/a.txt'").to_pylist())
    taken, copies = look_up(root, [wanted], "")
    assert [each.source_uri for each in taken] == ["in/a.txt", "in/reprint.txt"]
    assert [each.source_uri for each in copies] == ["in/near.txt"]
    assert taken[0].n_quotes == 1


def test_it_does_not_come_back_under_another_name_or_edited_under_its_own(tmp_path: Path) -> None:
    root, news = built(tmp_path)
    taken_back(root)
    write(news, {"renamed.txt": SECRET, "secret.txt": SECRET.replace("before", "yet"), "new.txt": "Rain.\n\n" + OTHER})
    build_in_process(root, allow=("spoons",))
    rejected = (
        query(root, "SELECT source_uri FROM rejection WHERE reason = 'redacted' ORDER BY 1").column(0).to_pylist()
    )
    assert rejected == ["in/again.txt", "in/renamed.txt", "in/secret.txt"]
    build_in_process(root, full=True)
    assert not any(secret in everything_left(root) for secret in SECRETS)


def test_a_clean_warehouse_equals_a_fresh_one_with_the_same_tombstones(tmp_path: Path) -> None:
    root, news = built(tmp_path)
    taken_back(root)
    build_in_process(root)
    fresh = tmp_path / "fresh"
    write(fresh, {"tombstones.jsonl": Layout(root).tombstones.read_bytes()})
    build_in_process(fresh, news)
    for table in TABLES.values():
        if table is not RUN:
            assert in_duckdb(root, table) == in_duckdb(fresh, table) == in_parquet(root, table)


@pytest.mark.parametrize(
    "step",
    [
        "flows.redaction.leave_shard",
        "etl.store.publication.assemble",
        "etl.store.publication.load",
        "etl.store.publication.publish",
        "etl.store.publish.point",
        "flows.redaction.forget",
    ],
)
def test_a_redaction_that_was_killed_is_finished_by_the_next_build(
    tmp_path: Path, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, news = built(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(step, kill)
        with pytest.raises(Killed):
            taken_back(root)
    assert not is_clean(Layout(root))
    build_in_process(root)
    assert is_clean(Layout(root))
    assert not any(secret in everything_left(root) for secret in SECRETS)
    assert news.exists()


def test_no_rollback_to_a_snapshot_that_still_has_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root, _ = built(tmp_path)
    before = snapshot(root).name
    with monkeypatch.context() as patch:
        patch.setattr("flows.redaction.forget", kill)
        with pytest.raises(Killed):
            taken_back(root)
    with pytest.raises(HeldError, match="made before an article was taken back"):
        roll_back(Layout(root), before, "", "", "1GB")


def test_a_tombstone_says_who_when_and_why_and_nothing_of_the_article(tmp_path: Path) -> None:
    root, _ = built(tmp_path)
    taken_back(root)
    stones = load_tombstones(Layout(root).tombstones)
    assert {stone.why for stone in stones} == {"asked by the person named"}
    assert all(stone.who and stone.at.tzinfo for stone in stones)


def test_an_article_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    root = tmp_path / "w"
    build_in_process(root, write(tmp_path / "in", {"story.txt": STORY}))
    with pytest.raises(NoArticleError, match=r"no article published .* 'in/nowhere\*'"):
        look_up(root, [], "in/nowhere*")
