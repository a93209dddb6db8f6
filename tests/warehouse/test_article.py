"""An article as it is shown: marks in the order of the text, hostile text escaped, a quote by its id."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from flows.cli import app
from tests.helpers import STORY, article, build_in_process, write
from warehouse.article import NoSuchArticleError, find, pieces
from warehouse.page import page
from warehouse.reader import query

HOSTILE = article(
    "“&lt;script&gt;alert(1)&lt;/script&gt; & &lt;img src=x onerror=alert(2)&gt; is late,” Halvard Quill said.",
    title="&lt;b&gt;Rain&lt;/b&gt; & **wind** [link](javascript:alert(3))",
)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("article")
    build_in_process(folder / "w", write(folder / "in", {"story.txt": STORY, "hostile.txt": HOSTILE}))
    return folder / "w"


def id_of(root: Path, name: str) -> str:
    found = query(root, f"SELECT article_id FROM article WHERE source_uri = 'in/{name}.txt'").column(0).to_pylist()
    return str(found[0])


def test_pieces_are_the_text_in_order(root: Path) -> None:
    found = find(root, id_of(root, "story"))
    for passage in found.passages:
        cut = list(pieces(found, passage))
        assert "".join(p.text for p in cut) == found.article["text"][passage["span_start"] : passage["span_end"]]  # type: ignore[index]
    marked = [p for passage in found.passages for p in pieces(found, passage)]
    assert [p.text for p in marked if p.is_speaker] == ["Odile Marrack"]
    assert [p.text for p in marked if p.quotes and p.is_name] == ["Halvard Quill"]
    assert [p.ends for p in marked if p.ends] == [(1,)]


def test_text_never_becomes_markup(root: Path) -> None:
    html = page(find(root, id_of(root, "hostile")))
    assert "<script" not in html
    assert "<img" not in html
    assert "<b>Rain" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html


def test_a_quote_is_found_by_its_id(root: Path) -> None:
    (quote_id,) = query(root, "SELECT quote_id FROM quote WHERE text LIKE '%wall%'").column(0).to_pylist()
    run = CliRunner().invoke(app, ["show", quote_id, "--warehouse", str(root)])
    assert "“We shall ask" in run.output
    assert "Rain over the harbour" not in run.output
    with pytest.raises(NoSuchArticleError, match="no article or quote has the id"):
        find(root, "zz")
    with pytest.raises(NoSuchArticleError, match=f"begins with '': .*{quote_id}"):
        find(root, "")
