import json
from pathlib import Path

from etl.training.evaluate import read_gold
from tests.flows.conftest import call

GOLD = Path(__file__).parents[1] / "gold" / "quotes.jsonl"


def test_evaluate_prints_figures_and_lists_errors() -> None:
    n_gold = sum(quote.kind in ("direct", "partial") for article in read_gold(GOLD) for quote in article.quotes)
    done = call("evaluate", GOLD, "--errors", "2", "--kinds", "direct,partial", COLUMNS="80")
    assert done.exit_code == 0
    for shown in ("span F1", "direct", "pronoun", "Brier"):
        assert shown in done.stdout
    title, names, _, values, *_ = done.stdout.splitlines()
    assert title.startswith("per cent of quotes")
    assert names.split()[0] == "annotated"
    assert int(values.split()[0]) == n_gold


def test_gold_without_such_quotes_is_an_error(tmp_path: Path) -> None:
    gold = tmp_path / "gold.jsonl"
    gold.write_text(json.dumps({"doc_id": "a", "text": "The ferry ran.", "quotes": []}) + "\n", encoding="utf-8")
    done = call("evaluate", gold, "--kinds", "spoken")
    assert (done.exit_code, "no quotes of the kinds spoken" in done.stderr) == (1, True)


def test_a_line_that_is_not_gold_is_named(tmp_path: Path) -> None:
    gold = tmp_path / "gold.jsonl"
    gold.write_text(json.dumps({"doc_id": "a", "text": "x", "quotes": []}) + "\n{}\n", encoding="utf-8")
    done = call("evaluate", gold)
    assert done.exit_code == 1
    assert "line 2" in done.stderr
    assert "Traceback" not in done.stderr
