"""No stage changes what it makes without a new VERSION: "incremental equals full" rests on it."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests import versions
from tests.versions import ROOT, STAGES, Pin, complaint, content, files, pin, pinned


@pytest.mark.parametrize("stage", STAGES)
def test_a_changed_stage_has_a_new_version(stage: str) -> None:
    problem = complaint(stage, pinned().get(stage), pin(stage))
    assert problem is None, problem


def test_every_module_that_makes_rows_belongs_to_a_stage() -> None:
    covered = {path for stage in STAGES for path in files(stage)}
    others = {"etl/sources/scan.py"}
    for package in ("sources", "page", "model", "knowledge", "entities", "quotes"):
        for path in (ROOT / "etl" / package).rglob("*.py"):
            assert path in covered or path.relative_to(ROOT).as_posix() in others, path


def test_code_and_data_count_but_comments_and_the_version_do_not(tmp_path: Path) -> None:
    code, data = tmp_path / "a.py", tmp_path / "a.csv"
    code.write_text('"""Doc."""\nVERSION = "1"\nLIMIT = 3  # few\n')
    before = content(code)
    code.write_text('"""Other words."""\n\nVERSION = "2"\nLIMIT = 3\n')
    assert content(code) == before
    code.write_text('VERSION = "2"\nLIMIT = 4\n')
    assert content(code) != before
    data.write_text("a;b\n")
    assert content(data) == b"a;b\n"


def test_whoever_changes_a_stage_is_told_what_is_done_again() -> None:
    told = complaint("page", Pin("1", "old"), Pin("1", "new"))
    assert told is not None
    assert "raise VERSION" in told
    assert "read, parsed and annotated again" in told
    assert complaint("page", Pin("1", "same"), Pin("1", "same")) is None


def test_a_digest_is_not_pinned_anew_under_the_same_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(versions, "PINS", tmp_path / "pins.json")
    versions.main([])
    monkeypatch.setattr(versions, "pin", lambda stage: replace(pin(stage), digest=f"{stage} changed"))
    with pytest.raises(SystemExit, match="VERSION is still"):
        versions.main([])
    versions.main([word for stage in STAGES for word in ("--same-rows", stage)])
    assert versions.pinned()["page"].digest == "page changed"
