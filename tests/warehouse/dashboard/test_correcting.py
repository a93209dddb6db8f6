"""The form of the article reader that adds a line to a corrections file."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from etl.corrections.file import COLUMNS, read_corrections
from tests.helpers import STORY, build_in_process, write
from warehouse.dashboard import APP
from warehouse.reader import query


def opened(root: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    (article_id,) = query(root, "SELECT article_id FROM article").column(0).to_pylist()
    monkeypatch.setenv("ONTHERECORD_WAREHOUSE", str(root))
    app = AppTest.from_file(str(APP), default_timeout=300)
    app.query_params["page"], app.query_params["id"] = "Article", article_id
    app.run()
    assert not app.exception
    return app


def submit(app: AppTest) -> AppTest:
    (button,) = [button for button in app.button if button.label == "Write the correction"]
    return button.click().run()


def html(app: AppTest) -> str:
    return "\n".join(str(element.proto.body) for element in app.get("html"))


def test_a_correction_is_written_and_the_next_build_applies_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root, path = tmp_path / "w", tmp_path / "corrections.csv"
    path.write_text(",".join(COLUMNS) + "\n", encoding="utf-8")
    build_in_process(root, write(tmp_path / "in", {"story.txt": STORY}), corrections=(path,))
    app = opened(root, monkeypatch)
    app.selectbox(key="target").select_index(1)
    app.text_input(key="value").input("Wenna Tolgarth")
    app.text_input(key="by").input("ann")
    assert "Nothing was written" in html(submit(app))
    assert "reason is empty" in html(app)
    assert read_corrections([path]).rows == ()

    app.text_input(key="reason").input("=heard")  # what was typed before is still there
    assert "The next build applies it" in submit(app).success[0].value
    (row,) = read_corrections([path]).rows
    assert (row.kind, row.value, row.corrected_by, row.reason) == ("speaker", "Wenna Tolgarth", "ann", "=heard")
    assert (app.text_input(key="value").value, app.text_input(key="by").value) == ("", "ann")
    assert build_in_process(root).run.n_corrections == 1
    assert "speaker corrected by ann" in html(opened(root, monkeypatch))


def test_without_a_corrections_file_nothing_is_offered_but_how_to_list_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_in_process(tmp_path / "w", write(tmp_path / "in", {"story.txt": STORY}))
    app = opened(tmp_path / "w", monkeypatch)
    assert 'corrections = ["corrections.csv"]' in app.code[0].value
    assert not [button for button in app.button if button.label == "Write the correction"]
