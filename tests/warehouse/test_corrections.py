"""Gold made of corrections, and the review list: as a person uses them, with the commands."""

import csv
import json
from io import StringIO
from pathlib import Path

import pytest
from typer.testing import CliRunner

from etl.corrections.file import COLUMNS, read_corrections
from etl.store.paths import Layout
from etl.training.evaluate import read_gold
from flows.cli import app
from tests.helpers import STORY, article, build_in_process, write
from warehouse.reader import query

FORMULA = article("He came late. “=HYPERLINK(1) is very late,” he said.", title="-1", day=None)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    news = write(tmp_path / "in", {"story.txt": STORY, "again.txt": STORY, "formula.txt": FORMULA})
    path = write(tmp_path, {"corrections.csv": ",".join(COLUMNS) + "\n"}) / "corrections.csv"
    build_in_process(tmp_path / "w", news, corrections=(path,))
    return tmp_path / "w"


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


def reviewed(root: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(run("review", "--warehouse", str(root)), newline="")))


def test_what_is_reviewed_is_a_corrections_file(root: Path) -> None:
    """As printed it does nothing; with kinds it confirms or corrects; what was decided is not asked again."""
    lines = reviewed(root)
    assert [line["printed"] for line in lines] in (["2", "1"], ["1", "2"])
    before = query(root, "FROM quote ORDER BY ALL").to_pylist()
    path = root.parent / "corrections.csv"

    def write_lines() -> None:
        with path.open("w", encoding="utf-8", newline="") as file:
            out = csv.DictWriter(file, list(lines[0]))
            out.writeheader()
            out.writerows(lines)

    write_lines()
    assert build_in_process(root).run.n_corrections == 0
    assert query(root, "FROM quote ORDER BY ALL").to_pylist() == before
    for line in lines:
        line |= {"kind": "speaker", "reason": "heard"}
        line["value"] = line["value"] or "Wenna Tolgarth"
        line["type"] = "PERSON"
    write_lines()
    assert build_in_process(root).run.n_corrections == 2
    assert reviewed(root) == []
    said = "SELECT speaker, confidence FROM utterance WHERE NOT is_reprint ORDER BY 1"
    assert query(root, said).to_pylist() == [
        {"speaker": "Odile Marrack", "confidence": 1.0},
        {"speaker": "Wenna Tolgarth", "confidence": 1.0},
    ]


def test_no_cell_is_a_formula(root: Path) -> None:
    rows = list(csv.reader(StringIO(run("review", "--warehouse", str(root)), newline="")))
    assert any(cell == "'-1" for row in rows for cell in row)
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]


def test_corrections_become_gold(root: Path) -> None:
    path = root.parent / "corrections.csv"
    who = "ann,2031-05-01,heard"
    path.write_text(
        f"{','.join(COLUMNS)}\nspeaker,in/formula.txt,,'=HYPERLINK(1) is very late,,,Wenna Tolgarth,,,{who}\n",
        encoding="utf-8",
    )
    build_in_process(root)
    gold = root.parent / "gold.jsonl"
    assert "wrote 1 article " in run("corrections", "--gold", str(gold), "--warehouse", str(root))
    (made,) = read_gold(gold)
    (quote,) = made.quotes
    assert (made.text[quote.start : quote.end], quote.name) == ("“=HYPERLINK(1) is very late,”", "Wenna Tolgarth")
    assert not quote.is_doubtful


def test_lost_corrections_are_listed_by_file_and_line(root: Path) -> None:
    path = root.parent / "corrections.csv"
    path.write_text(f"{','.join(COLUMNS)}\ntitle,in/gone.txt,,,,,A title,,,ann,2031-05-01,heard\n", encoding="utf-8")
    summary = build_in_process(root)
    (row,) = json.loads(run("corrections", "--lost", "--json", "--warehouse", str(root)))
    assert (row["file"], row["line"], row["problem"]) == ("corrections.csv", 2, "no article has its source_uri")
    assert "words" not in row
    log = (Layout(root).logs / f"{summary.run.run_id}.log").read_text(encoding="utf-8")
    assert "warning: corrections.csv, line 2 is not applied: no article has its source_uri" in log
    assert read_corrections([path]).rows[0].value == "A title"


def test_show_says_what_was_corrected_by_whom_and_why(root: Path) -> None:
    path = root.parent / "corrections.csv"
    path.write_text(
        f"{','.join(COLUMNS)}\nspeaker,in/formula.txt,,HYPERLINK(1) is very late,,,Wenna Tolgarth,,,ann,2031-05-01,<b>heard\n",
        encoding="utf-8",
    )
    build_in_process(root)
    (row,) = query(root, "SELECT article_id FROM article WHERE source_uri = 'in/formula.txt'").to_pylist()
    shown = run("show", row["article_id"], "--warehouse", str(root))
    assert "[1] Wenna Tolgarth  partial, person, correction" in shown
    assert "speaker corrected by ann on 2031-05-01: <b>heard" in shown
    assert "&lt;b&gt;heard" in run("show", "--html", row["article_id"], "--warehouse", str(root))
    assert "Wenna Tolgarth" in run("search", "late", "--warehouse", str(root))
