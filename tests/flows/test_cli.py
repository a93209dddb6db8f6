import csv
import io
import json
from pathlib import Path

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from flows.cli import app
from tests.flows.conftest import EXAMPLES, call, ontherecord


def test_every_command_and_option_has_its_help() -> None:
    group = get_command(app)
    assert isinstance(group, TyperGroup)
    for command in group.commands.values():
        assert command.help, f"{command.name} is missing its help"
        for parameter in command.params:
            assert getattr(parameter, "help", None) or parameter.name == "root", (
                f"{command.name} {parameter.name} is missing its help"
            )


def test_sql_prints_a_table_csv_or_json(examples: Path, tmp_path: Path) -> None:
    question = "SELECT source_uri, n_words, authors FROM article ORDER BY source_uri LIMIT 2"
    table = call("sql", question, "--warehouse", examples)
    assert "drowned-bell" in table.stdout
    rows = json.loads(call("sql", question, "--json", "--warehouse", examples).stdout)
    assert [row["source_uri"] for row in rows] == [
        "articles/2031/03/arts/drowned-bell-rings-again.txt",
        "articles/2031/03/business/kittiwake-in-the-red.txt",
    ]
    (tmp_path / "q.sql").write_text(f"-- from a file\n{question}")
    printed = call("sql", "--file", tmp_path / "q.sql", "--csv", "--warehouse", examples).stdout
    assert list(csv.DictReader(io.StringIO(printed)))[1]["n_words"] == str(rows[1]["n_words"])


@pytest.mark.parametrize(
    "query", sorted((Path(__file__).parents[2] / "warehouse" / "queries").glob("*.sql")), ids=lambda p: p.stem
)
def test_the_example_queries_have_answers(examples: Path, query: Path) -> None:
    assert json.loads(call("sql", "--json", "--example", query.stem, "--warehouse", examples).stdout)


def test_the_example_queries_are_listed(examples: Path) -> None:
    done = call("sql", "--example", "list", "--warehouse", examples)
    assert done.exit_code == 1
    assert "warehouse/queries there are: about_whom_last_month, latest_words," in done.stderr


def test_a_wrong_query_is_said_in_a_line(examples: Path) -> None:
    done = call("sql", "SELECT nothing_like_it FROM article", "--warehouse", examples)
    assert done.exit_code == 1
    assert "nothing_like_it" in done.stderr
    assert "Traceback" not in done.stderr


def test_show_prints_the_article_with_its_speakers(examples: Path) -> None:
    found = call(
        "sql", "SELECT article_id FROM article WHERE title LIKE 'River Tops%'", "--json", "--warehouse", examples
    )
    article_id = json.loads(found.stdout)[0]["article_id"]
    shown = call("show", article_id[:8], "--warehouse", examples).stdout
    assert "“We will mend the wall,”" in shown
    assert "Odile Marrack" in shown
    assert all(line == line.rstrip() for line in shown.splitlines())
    missing = call("show", "0000", "--warehouse", examples)
    assert missing.exit_code == 1
    assert "no article or quote has the id" in missing.stderr


def test_status_and_path_name_what_is_published(examples: Path) -> None:
    path = call("path", "--warehouse", examples).stdout.strip()
    assert (Path(path) / "manifest.json").exists()
    status = call("status", "--warehouse", examples).stdout
    assert "14 articles" in status
    assert Path(path).name in status


def test_extract_needs_no_warehouse(tmp_path: Path) -> None:
    article = EXAMPLES / "2031/03/city/river-tops-the-wall.txt"
    (document,) = map(json.loads, call("extract", article).stdout.splitlines())
    assert document["title"] == "River Tops the Quay Wall for the First Time in Forty Years"
    assert document["published_on"] == "2031-03-04"
    assert all(document["text"][q["span_start"] : q["span_end"]] == q["text"] for q in document["quotes"])

    lines = tmp_path / "in.jsonl"
    text = "Head\r\n\r\n“We shall see,” said Odile Marrack.\r\n"
    lines.write_text(json.dumps({"doc_id": "a", "text": text}) + "\n", encoding="utf-8")
    (document,) = map(json.loads, call("extract", "--jsonl", lines).stdout.splitlines())
    assert (document["doc_id"], document["text"]) == ("a", text)
    assert all(mention["canonical_id"] for mention in document["mentions"])

    lines.write_text('{"doc_id": "a"}\n')
    done = call("extract", "--jsonl", lines)
    assert done.exit_code == 1
    assert "line 1" in done.stderr


def test_a_schedule_needs_a_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    done = call("schedule", "--cron", "0 2 * * *", "--warehouse", tmp_path)
    assert done.exit_code == 1
    assert "prefect server start" in done.stderr


def test_what_is_found_does_not_hang_on_the_process() -> None:
    """Sets of strings come in another order in each process; sums of odds over them once did too, and names with them."""
    articles = sorted(EXAMPLES.rglob("*.txt"))
    first, second = (ontherecord("extract", *articles, PYTHONHASHSEED=seed) for seed in ("1", "2"))
    assert first.returncode == 0
    assert first.stdout == second.stdout
