"""Redacting articles: nothing that is left says what they said, and they do not come back."""

import json
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

import warehouse
from etl.errors import AuditError, HeldError
from etl.schema import MANIFEST, TABLES
from etl.store import redact as redaction
from etl.store.journal import journal, record
from etl.store.lookup import NearCopy, NoArticleError, Taken
from etl.store.paths import Layout
from etl.store.redact import is_clean
from etl.store.rollback import release, roll_back
from etl.store.snapshots import UNREADABLE, kept
from etl.store.tombstones import TombstoneError, bury, load_tombstones
from tests.helpers import (
    STORY,
    Killed,
    article,
    assert_same,
    build_in_process,
    copied,
    kill,
    redact_in,
    write,
)
from warehouse.reader import query, snapshot

#: Words that only the redacted article has, in all the ways that a table may keep them.
SECRETS = ("Bertil Aspenquist", "Varnhollow", "purple spoon")
SECRET = article(
    "Bertil Aspenquist walked through Varnhollow with Odile Marrack on Monday.",
    "“Nobody had seen the purple spoon before,” Bertil Aspenquist said.",
    title="Spoon found in Varnhollow",
)
#: A warehouse, and the folder it is built from.
Built = tuple[Path, Path]
OTHER = article("Wenna Tolgarth met Odile Marrack.", "“The ferry runs again,” Wenna Tolgarth said.", title="Ferry runs")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    root, news = folder / "w", write(folder / "in", {"secret.txt": SECRET, "story.txt": STORY})
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
    return folder


@pytest.fixture
def built(made: Path, tmp_path: Path) -> Built:
    """A warehouse in which the article has been through three snapshots, a failed one and a killed run; its source."""
    return copied(made, tmp_path), tmp_path / "in"


def taken_back(root: Path) -> None:
    redact_in(root, uri="in/secret.txt")


def look_up(root: Path, ids: list[str], pattern: str) -> tuple[list[Taken], list[NearCopy]]:
    return redaction.look_up(Layout(root), ids, pattern, "1GB")


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


def test_nothing_that_is_left_says_what_the_article_said(built: Built) -> None:
    root, _ = built
    assert all(secret in everything_left(root) for secret in SECRETS)
    taken_back(root)
    left = everything_left(root)
    assert [secret for secret in SECRETS if secret in left] == []
    assert "Wenna Tolgarth" in left
    assert [path.name for path in Layout(root).snapshots.iterdir()] == [snapshot(root).name]
    assert not list(Layout(root).failed.glob("*"))


def test_the_others_stay_as_they_were_and_the_sums_agree(built: Built) -> None:
    root, _ = built
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


def test_it_does_not_come_back_under_another_name_or_edited_under_its_own(built: Built) -> None:
    root, news = built
    taken_back(root)
    write(news, {"renamed.txt": SECRET, "secret.txt": SECRET.replace("before", "yet"), "new.txt": "Rain.\n\n" + OTHER})
    build_in_process(root, allow=("spoons",))
    rejected = (
        query(root, "SELECT source_uri FROM rejection WHERE reason = 'redacted' ORDER BY 1").column(0).to_pylist()
    )
    assert rejected == ["in/again.txt", "in/renamed.txt", "in/secret.txt"]
    build_in_process(root, full=True)
    assert not any(secret in everything_left(root) for secret in SECRETS)


def test_a_clean_warehouse_equals_a_fresh_one_with_the_same_tombstones(built: Built, tmp_path: Path) -> None:
    root, news = built
    taken_back(root)
    build_in_process(root)
    fresh = tmp_path / "fresh"
    write(fresh, {"tombstones.jsonl": Layout(root).tombstones.read_bytes()})
    build_in_process(fresh, news)
    assert_same(root, fresh)


@pytest.mark.parametrize("step", ["etl.store.publication.publish", "etl.store.publish.point", "etl.store.redact.sweep"])
def test_a_redaction_that_was_killed_after_its_tombstones_is_finished_by_the_next_build(
    built: Built, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, _ = built
    with monkeypatch.context() as patch:
        patch.setattr(step, kill)
        with pytest.raises(Killed):
            taken_back(root)
    assert not is_clean(Layout(root))
    build_in_process(root)
    assert is_clean(Layout(root))
    assert not any(secret in everything_left(root) for secret in SECRETS)


def test_a_killed_redaction_can_be_asked_for_again(built: Built, monkeypatch: pytest.MonkeyPatch) -> None:
    root, _ = built
    with monkeypatch.context() as patch:
        patch.setattr("etl.store.publish.point", kill)
        with pytest.raises(Killed):
            taken_back(root)
    taken_back(root)
    assert is_clean(Layout(root))
    assert not any(secret in everything_left(root) for secret in SECRETS)


@pytest.mark.parametrize("step", ["etl.store.redact.leave_shard", "etl.store.publication.load"])
def test_a_redaction_that_was_killed_before_its_tombstones_has_changed_nothing(
    built: Built, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, _ = built
    before = snapshot(root)
    with monkeypatch.context() as patch:
        patch.setattr(step, kill)
        with pytest.raises(Killed):
            taken_back(root)
    assert not Layout(root).tombstones.exists()
    assert (snapshot(root), is_clean(Layout(root))) == (before, True)
    taken_back(root)
    assert not any(secret in everything_left(root) for secret in SECRETS)


def test_no_rollback_to_a_snapshot_that_still_has_it(built: Built, monkeypatch: pytest.MonkeyPatch) -> None:
    root, _ = built
    before = snapshot(root).name
    with monkeypatch.context() as patch:
        patch.setattr("etl.store.redact.sweep", kill)
        with pytest.raises(Killed):
            taken_back(root)
    with pytest.raises(HeldError, match="made before an article was redacted"):
        roll_back(Layout(root), before, "", "", "1GB")


def test_a_tombstone_says_who_when_and_why_and_nothing_of_the_article(built: Built) -> None:
    root, _ = built
    taken_back(root)
    stones = load_tombstones(Layout(root).tombstones)
    assert {stone.why for stone in stones} == {"asked by the person named"}
    assert all(stone.who and stone.at.tzinfo for stone in stones)


def test_an_article_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    root = tmp_path / "w"
    build_in_process(root, write(tmp_path / "in", {"story.txt": STORY}))
    with pytest.raises(NoArticleError, match=r"no kept snapshot has .* 'in/nowhere\*'"):
        look_up(root, [], "in/nowhere*")


def test_only_stars_and_question_marks_are_wildcards(tmp_path: Path) -> None:
    root = tmp_path / "w"
    names = ("storm[1].txt", "storm1.txt", "storm_1.txt", "stormX1.txt", "100%.txt", "100a.txt", "a\\b.txt")
    bodies = {name: STORY.replace("Friday", f"Friday the {n}th") for n, name in enumerate(names)}
    build_in_process(root, write(tmp_path / "in", bodies))
    for pattern, fits in (
        ("in/storm[1].txt", ["in/storm[1].txt"]),
        ("in/storm_1.txt", ["in/storm_1.txt"]),
        ("in/storm?1.txt", ["in/stormX1.txt", "in/storm_1.txt"]),
        ("in/100%.txt", ["in/100%.txt"]),
        ("*\\b*", ["in/a\\b.txt"]),
        ("in/storm*", ["in/storm1.txt", "in/stormX1.txt", "in/storm[1].txt", "in/storm_1.txt"]),
    ):
        assert [each.source_uri for each in look_up(root, [], pattern)[0]] == fits


def test_an_unknown_id_beside_a_known_one_is_an_error_that_names_it(built: Built) -> None:
    root, _ = built
    (known,) = (row["article_id"] for row in query(root, "FROM article WHERE source_uri = 'in/secret.txt'").to_pylist())
    with pytest.raises(NoArticleError, match="'feedbeef', 'nonsense'; nothing was done"):
        redact_in(root, known, "feedbeef", "nonsense")
    assert not Layout(root).tombstones.exists()


def test_checks_that_guard_against_losses_do_not_stop_it_nor_later_builds(tmp_path: Path) -> None:
    root, news = tmp_path / "w", tmp_path / "in"
    check = "-- Two articles at least.\nSELECT count(*) AS n FROM article HAVING count(*) < 2"
    drop = "-- No fewer.\nSELECT 1 AS n WHERE (SELECT count(*) FROM article) < (SELECT count(*) FROM previous.article)"
    write(root / "checks", {"two.sql": check, "fewer.sql": drop})
    build_in_process(root, write(news, {"secret.txt": SECRET, "story.txt": STORY}))
    run = redact_in(root, uri="in/secret.txt")
    assert {"two", "fewer", "sudden_drop"} <= set(run.allowed)
    assert query(root, "SELECT source_uri FROM article").column(0).to_pylist() == ["in/story.txt"]
    write(news, {"other.txt": OTHER})
    assert build_in_process(root).run.status == "published"


def test_an_unsound_snapshot_leaves_everything_as_it_was(built: Built, monkeypatch: pytest.MonkeyPatch) -> None:
    root, _ = built
    before = snapshot(root)
    with monkeypatch.context() as patch:
        patch.setitem(
            redaction.LEFT, "file", redaction.LEFT["file"].replace("n_articles - n_taken AS", "n_articles AS")
        )
        with pytest.raises(AuditError, match="file_sums"):
            taken_back(root)
    assert not Layout(root).tombstones.exists()
    assert (snapshot(root), is_clean(Layout(root))) == (before, True)
    assert build_in_process(root, allow=("spoons",)).run.status == "published"
    taken_back(root)
    assert not any(secret in everything_left(root) for secret in SECRETS)


def test_an_article_that_only_an_older_snapshot_has_is_found_and_stays_out(tmp_path: Path) -> None:
    root, news = tmp_path / "w", write(tmp_path / "in", {"story.txt": STORY, "other.txt": OTHER})
    build_in_process(root, news)
    write(news, {"secret.txt": SECRET})
    build_in_process(root)
    (wanted,) = (
        row["article_id"] for row in query(root, "FROM article WHERE source_uri = 'in/secret.txt'").to_pylist()
    )
    roll_back(Layout(root), None, "", warehouse.views(), "1GB")
    redact_in(root, wanted)
    assert not any(secret in everything_left(root) for secret in SECRETS)
    release(Layout(root))
    build_in_process(root)
    assert not any(secret in everything_left(root) for secret in SECRETS)
    assert query(root, "SELECT reason FROM rejection").column(0).to_pylist() == ["redacted"]


def test_every_version_of_an_edited_article_stays_out(tmp_path: Path) -> None:
    root, news = tmp_path / "w", write(tmp_path / "in", {"secret.txt": SECRET, "story.txt": STORY})
    build_in_process(root, news)
    write(news, {"secret.txt": article("Nothing was found, Bertil Aspenquist now says.", title="Correction")})
    build_in_process(root)
    redact_in(root, uri="in/secret.txt")
    write(news, {"elsewhere.txt": SECRET})
    build_in_process(root)
    assert not any(secret in everything_left(root) for secret in SECRETS)


def test_a_record_that_inherits_a_position_is_let_in(tmp_path: Path) -> None:
    root, news = tmp_path / "w", tmp_path / "in"
    lines = [json.dumps({"text": text}) + "\n" for text in (STORY, SECRET, OTHER)]
    build_in_process(root, write(news, {"all.jsonl": "".join(lines)}))
    (wanted,) = (row["article_id"] for row in query(root, "FROM article WHERE title LIKE 'Spoon%'").to_pylist())
    redact_in(root, wanted)
    write(news, {"all.jsonl": lines[0] + lines[2]})
    build_in_process(root)
    titles = query(root, "SELECT title FROM article ORDER BY ALL").column(0).to_pylist()
    assert titles == ["Ferry runs", "Rain over the harbour"]
    story = query(root, "SELECT article_id FROM article WHERE title LIKE 'Rain%'").column(0).to_pylist()
    redact_in(root, *story)
    assert query(root, "SELECT title FROM article").column(0).to_pylist() == ["Ferry runs"]


def test_a_record_with_a_key_of_its_own_stays_out_whatever_it_says(tmp_path: Path) -> None:
    root, news = tmp_path / "w", tmp_path / "in"
    build_in_process(root, write(news, {"a.jsonl": json.dumps({"id": 7, "text": SECRET}) + "\n"}))
    redact_in(root, uri="in/a.jsonl")
    write(news, {"a.jsonl": "".join(json.dumps({"id": n, "text": OTHER}) + "\n" for n in (6, 7))})
    build_in_process(root)
    assert query(root, "SELECT record_key FROM article").column(0).to_pylist() == ["6"]


def test_another_article_with_the_same_few_words_below_its_headline_is_let_in(tmp_path: Path) -> None:
    root, news = tmp_path / "w", tmp_path / "in"
    flood, fire = (article("More follows shortly.", title=title) for title in ("Flood in Tarnwick", "Fire in Skerrow"))
    build_in_process(root, write(news, {"flood.txt": flood, "fire.txt": fire}))
    redact_in(root, uri="in/flood.txt")
    build_in_process(root, full=True)
    assert query(root, "SELECT title FROM article").column(0).to_pylist() == ["Fire in Skerrow"]


def test_a_torn_tombstone_ends_no_build_and_the_next_redaction_mends_it(
    built: Built, caplog: pytest.LogCaptureFixture
) -> None:
    root, news = built
    taken_back(root)
    stones = Layout(root).tombstones
    with stones.open("a") as file:
        file.write('{"article_id": "f00d", "at": "2031-0')
    write(news, {"new.txt": STORY.replace("winter", "summer")})
    assert build_in_process(root, allow=("spoons",)).run.status == "published"
    assert caplog.text.count("the last line is incomplete") == 1
    redact_in(root, uri="in/other.txt")
    assert len(load_tombstones(stones)) == stones.read_text().count("\n") == 3
    stones.write_text("not a tombstone\n" + stones.read_text())
    with pytest.raises(TombstoneError, match="line 1 is not a tombstone"):
        build_in_process(root)


def test_an_article_that_is_kept_as_stale_can_be_redacted(tmp_path: Path) -> None:
    root, news = tmp_path / "w", write(tmp_path / "news", {"a.txt": STORY, "b.txt": STORY.replace("whole", "half")})
    build_in_process(root, news)
    write(news, {"b.txt": STORY.replace("whole", "quarter")})

    def broken(article_id: str, text: str, *_: object) -> bool:
        if "quarter" in text:
            raise ZeroDivisionError
        return False

    build_in_process(root, patches={"etl.extract.shard.is_buried": broken})
    (stale,) = query(root, "SELECT article_id FROM article WHERE source_uri = 'news/b.txt'").column(0).to_pylist()
    assert query(root, "SELECT record_no FROM rejection").column(0).to_pylist() == [0]
    redact_in(root, stale)
    assert query(root, "SELECT source_uri, reason FROM rejection").to_pylist() == [
        {"source_uri": "news/b.txt", "reason": "redacted"}
    ]
    assert query(root, "SELECT source_uri FROM article").column(0).to_pylist() == ["news/a.txt"]


def test_what_a_stale_file_holds_now_is_read_after_its_old_article_is_redacted(tmp_path: Path) -> None:
    root, news = tmp_path / "w", write(tmp_path / "news", {"a.txt": STORY, "b.txt": STORY.replace("whole", "half")})
    build_in_process(root, news)
    write(news, {"b.txt": article("The ferry to Skerrow sails on Sundays again.", title="Sunday boats")})

    def broken(article_id: str, text: str, *_: object) -> bool:
        if "Sunday boats" in text:
            raise ZeroDivisionError
        return False

    build_in_process(root, patches={"etl.extract.shard.is_buried": broken})
    redact_in(
        root, *query(root, "SELECT article_id FROM article WHERE source_uri = 'news/b.txt'").column(0).to_pylist()
    )
    build_in_process(root)
    assert query(root, "SELECT title FROM article WHERE source_uri = 'news/b.txt'").column(0).to_pylist() == [
        "Sunday boats"
    ]


def test_a_damaged_older_snapshot_ends_no_build_and_is_listed_beside_the_others(tmp_path: Path) -> None:
    root, news = tmp_path / "w", write(tmp_path / "news", {"a.txt": STORY, "b.txt": STORY.replace("whole", "half")})
    build_in_process(root, news)
    (redacted,) = query(root, "SELECT article_id FROM article WHERE source_uri = 'news/b.txt'").column(0).to_pylist()
    redact_in(root, redacted)
    older = snapshot(root)
    for n in range(2):
        write(news, {"c.txt": STORY.replace("whole", f"other {n}")})
        assert build_in_process(root).run.status == "published"
        (older / MANIFEST).write_text("{")
    assert query(root, "SELECT count(*) AS n FROM article").to_pylist() == [{"n": 2}]
    listed = kept(root)
    assert [row["is"] for row in listed] == ["published", "", UNREADABLE]
    assert [row["snapshot"] for row in listed][-1] == older.name


def test_a_full_disk_leaves_the_old_tombstones(built: Built, monkeypatch: pytest.MonkeyPatch) -> None:
    root, _ = built
    taken_back(root)
    before = Layout(root).tombstones.read_text()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("etl.durable.sync", full)
        with pytest.raises(OSError, match="No space"):
            bury(Layout(root).tombstones, load_tombstones(Layout(root).tombstones))
    assert Layout(root).tombstones.read_text() == before
    assert [path.name for path in root.glob(".*")] == []


def test_the_errors_of_failed_runs_quote_nothing(built: Built, monkeypatch: pytest.MonkeyPatch) -> None:
    root, news = built

    def quoting(*_: object, **__: object) -> None:
        raise ValueError(f"cannot make sense of {SECRET!r}")

    write(news, {"one.txt": STORY.replace("winter", "summer")})
    with monkeypatch.context() as patch:
        patch.setattr("etl.store.publication.assemble", quoting)
        with pytest.raises(ValueError, match="cannot make sense"):
            build_in_process(root)
    build_in_process(root, allow=("spoons",))
    assert query(root, "SELECT error FROM run WHERE error LIKE 'ValueError%'").to_pylist() == [{"error": "ValueError"}]
    write(news, {"two.txt": SECRET.replace("Spoon", "Spoonful")})
    with pytest.raises(AuditError) as broken:
        build_in_process(root)
    assert "Varnhollow" not in str(broken.value)
    assert "title=Spoonful found in Varnhollow" in broken.value.findings


def test_the_published_journal_is_cut_before_it_is_published(built: Built) -> None:
    root, _ = built
    failed = next(run for run in journal(Layout(root).runs) if (run.error or "").startswith("AuditError"))
    record(Layout(root).runs, failed.with_(error=f"ValueError: {SECRETS[0]} does not fit"))
    taken_back(root)
    assert not any(secret in everything_left(root) for secret in SECRETS)
    assert "ValueError" in query(root, "SELECT error FROM run").column(0).to_pylist()
