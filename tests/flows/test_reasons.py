import json
from pathlib import Path

from etl.choices import DEFAULT_MODEL
from etl.extract.reasons import reasons
from tests.flows.conftest import call
from warehouse.article import find


def _article(examples: Path) -> str:
    query = "SELECT article_id FROM article WHERE title LIKE 'River Tops%'"
    (row,) = json.loads(call("sql", query, "--json", "--warehouse", examples).stdout)
    return str(row["article_id"])


def test_every_stored_quote_is_found_again_with_its_reasons(examples: Path) -> None:
    found = find(examples, _article(examples))
    why = reasons(found.article, found.passages, found.quotes, DEFAULT_MODEL)
    for quote in found.quotes:
        assert (quote["speaker"] is None) == ("no speaker found" in " ".join(why[str(quote["quote_id"])]))
    assert set(why) == {quote["quote_id"] for quote in found.quotes}
    assert not any("find otherwise" in line for lines in why.values() for line in lines)
    for quote in found.quotes:
        if quote["cue"]:
            assert f"“{quote['cue']}”" in why[str(quote["quote_id"])][0]


def test_a_pronoun_is_explained_with_those_it_may_stand_for(examples: Path) -> None:
    shown = call("show", _article(examples), "--why", "--warehouse", examples).stdout
    assert "he is: Halvard Quill" in shown
    assert "the best of the candidates" in shown


def test_a_row_that_is_not_found_again_is_said_to_be_old(examples: Path) -> None:
    found = find(examples, _article(examples))
    found.quotes[0]["speaker_name"] = "Nobody At All"
    (line,) = reasons(found.article, found.passages, found.quotes, DEFAULT_MODEL)[str(found.quotes[0]["quote_id"])]
    assert "find otherwise" in line
