"""Forgetting and renaming sources: what is left equals a fresh build."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

import warehouse
from etl.config import load_config
from etl.errors import ConfigError, HeldError, SourceError
from etl.extract.versions import library_versions
from etl.store import sources as store
from etl.store.paths import Layout
from etl.store.rollback import release, roll_back
from flows.cli import app
from flows.publishing import publication
from tests.helpers import STORY, Killed, article, assert_same, build_in_process, kill, write
from warehouse.reader import query, snapshot
from warehouse.status import status

WIRE = {
    "a.txt": STORY,
    "b.txt": article("Wenna Tolgarth met Odile Marrack.", title="Ferry runs"),
    "named.json": '{"publisher": "wire", "text": "Three\\n\\nWords of three."}',
    "two.jsonl": '{"id": 7, "text": "One\\n\\nWords of one."}\n{"text": "Two\\n\\nWords of two."}\nnot JSON\n',
    "empty.txt": "",
}


def built(tmp_path: Path) -> Path:
    """A warehouse of two sources; one file is gone from a source that keeps its rows."""
    root = tmp_path / "w"
    wire, morning = write(tmp_path / "wire", WIRE), write(tmp_path / "morning", {"c.txt": STORY})
    build_in_process(root, wire, morning)
    return root


def test_a_source_that_is_forgotten_leaves_what_a_fresh_build_has(tmp_path: Path) -> None:
    root = built(tmp_path)
    (rows,) = [each for each in store.sources(Layout(root)) if each.name == "wire"]
    assert (rows.n_files, rows.n_articles, rows.is_listed) == (5, 5, True)
    before = snapshot(root)
    run = CliRunner().invoke(app, ["forget", "wire", "--warehouse", str(root)])
    assert "5 files with 5 articles; nothing was done" in run.stdout.replace("\n", " ")
    assert snapshot(root) == before
    assert CliRunner().invoke(app, ["forget", "wire", "--yes", "--warehouse", str(root)]).exit_code == 0
    assert [source.name for source in load_config(Layout(root).config).source] == ["morning"]
    assert query(root, "SELECT source_uri FROM file").column(0).to_pylist() == ["morning/c.txt"]
    build_in_process(tmp_path / "fresh", tmp_path / "morning")
    assert_same(root, tmp_path / "fresh")
    assert build_in_process(root).run.status == "unchanged"
    with pytest.raises(ConfigError, match=r"no source 'wire' .* there are: morning"):
        store.forget(publication(Layout(root)), library_versions(), "wire")


def test_a_source_that_was_taken_out_by_hand_is_marked_and_can_be_forgotten(tmp_path: Path) -> None:
    root = built(tmp_path)
    config = Layout(root).config
    config.write_text(config.read_text().replace('name = "wire"', 'name = "agency"'))
    build_in_process(root)
    assert {each.name: each.is_listed for each in store.sources(Layout(root))} == {
        "agency": True,
        "morning": True,
        "wire": False,
    }
    (marked,) = [line for line in status(root).lines if "not listed" in line]
    assert marked.startswith("source wire is not listed")
    assert marked.endswith("ontherecord forget wire")
    store.forget(publication(Layout(root)), library_versions(), "wire")
    assert not [line for line in status(root).lines if "not listed" in line]
    build_in_process(tmp_path / "fresh", tmp_path / "wire", name="agency")
    build_in_process(tmp_path / "fresh", tmp_path / "morning")
    assert_same(root, tmp_path / "fresh")


@pytest.mark.parametrize("new", ["agency", "year 1999"])
def test_a_renamed_source_is_what_a_fresh_build_by_that_name_has(tmp_path: Path, new: str) -> None:
    root = built(tmp_path)
    run = store.rename(publication(Layout(root)), library_versions(), "wire", new)
    assert run
    assert run.status == "published"
    assert [source.name for source in load_config(Layout(root).config).source] == [new, "morning"]
    after = build_in_process(root)
    # A name with digits may date an article, so its files are read again; otherwise nothing is.
    assert after.run.status == ("published" if new != "agency" else "unchanged")
    fresh = tmp_path / "fresh"
    build_in_process(fresh, tmp_path / "wire", name=new)
    build_in_process(fresh, tmp_path / "morning")
    assert_same(root, fresh)


@pytest.mark.parametrize(("step", "listed"), [("assemble", "wire"), ("audit_parts", "wire"), ("publish", "agency")])
def test_a_rename_that_was_killed_can_be_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, listed: str
) -> None:
    root = built(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(f"etl.store.publication.{step}", kill)
        with pytest.raises(Killed):
            store.rename(publication(Layout(root)), library_versions(), "wire", "agency")
    assert f'name = "{listed}"' in Layout(root).config.read_text()
    store.rename(publication(Layout(root)), library_versions(), "wire", "agency")
    assert {each.name for each in store.sources(Layout(root))} == {"agency", "morning"}


@pytest.mark.parametrize(
    ("new", "problem"), [("morning", "rows of a source 'morning' already"), ("a/b", "the name 'a/b'")]
)
def test_the_dry_run_refuses_the_names_that_the_rename_would(tmp_path: Path, new: str, problem: str) -> None:
    root = built(tmp_path)
    run = CliRunner().invoke(app, ["rename-source", "wire", new, "--warehouse", str(root)])
    assert run.exit_code == 1
    assert problem in run.stderr.replace("\n", " ")


@pytest.mark.parametrize("is_full", [True, False])
def test_another_folder_does_not_take_over_the_rows_of_an_unlisted_source_of_its_name(
    tmp_path: Path, is_full: bool
) -> None:
    root = built(tmp_path)
    config = Layout(root).config
    entries = config.read_text()
    config.write_text(entries.replace('name = "wire"', 'name = "agency"'))
    before = snapshot(root)
    other = write(tmp_path / "elsewhere" / "wire", {"a.txt": STORY + "Another story.\n"})
    for _ in range(2):
        with pytest.raises(SourceError, match=r"earlier source 'wire'.*--name.*forget wire.*--allow-removals"):
            build_in_process(root, other, full=is_full)
    assert snapshot(root) == before
    assert "elsewhere" not in config.read_text()
    build_in_process(root, other, name="elsewhere", full=is_full)
    assert build_in_process(tmp_path / "fresh", other, name="wire").run.n_articles == 1


def test_a_folder_that_is_listed_again_takes_up_its_rows(tmp_path: Path) -> None:
    root = built(tmp_path)
    Layout(root).config.unlink()
    assert build_in_process(root, tmp_path / "wire", tmp_path / "morning").run.status == "unchanged"


def test_what_cannot_be_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    root = built(tmp_path)
    before = (snapshot(root), Layout(root).config.read_text())
    how = publication(Layout(root))
    for old, new, problem in (
        ("wire", "morning", "rows of a source 'morning' already"),
        ("nowhere", "agency", "lists no source 'nowhere'"),
        ("wire", "a/b", "the name 'a/b'"),
    ):
        with pytest.raises(ConfigError, match=problem):
            store.rename(how, library_versions(), old, new)
    build_in_process(root, full=True)
    roll_back(Layout(root), None, "", warehouse.views(), "1GB")
    with pytest.raises(HeldError, match="ontherecord release"):
        store.forget(how, library_versions(), "wire")
    release(Layout(root))
    assert (snapshot(root), Layout(root).config.read_text()) == before
