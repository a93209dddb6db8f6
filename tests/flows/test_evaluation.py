import json
import re
from pathlib import Path

from etl.training.evaluate import read_gold
from tests.flows.conftest import ontherecord

GOLD = Path(__file__).parents[1] / "gold" / "quotes.jsonl"


def test_evaluate_prints_figures_and_lists_errors() -> None:
    n_gold = sum(quote.kind in ("direct", "partial") for article in read_gold(GOLD) for quote in article.quotes)
    done = ontherecord("evaluate", GOLD, "--errors", "2", "--kinds", "direct,partial")
    assert done.returncode == 0
    for shown in ("span F1", "direct", "pronoun", "Brier"):
        assert shown in done.stdout
    n_annotated = re.search(r"│\s*(\d+) │", done.stdout)
    assert n_annotated is not None
    assert int(n_annotated[1]) == n_gold


def test_a_line_that_is_not_gold_is_named(tmp_path: Path) -> None:
    gold = tmp_path / "gold.jsonl"
    gold.write_text(json.dumps({"doc_id": "a", "text": "x", "quotes": []}) + "\n{}\n", encoding="utf-8")
    done = ontherecord("evaluate", gold)
    assert done.returncode == 1
    assert "line 2" in done.stderr
    assert "Traceback" not in done.stderr
