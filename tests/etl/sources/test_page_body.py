"""What is taken out of a web page, or put together, before its body is looked for."""

import pytest

from etl.sources.file import read
from etl.sources.record import Record, Rejection

PARAGRAPH = (
    "<p>The council of Northmoor met on Thursday in the market hall, and the bakers and the millers of the town came "
    "to hear what it would say of the wall ({}).</p>"
)
PROSE = "".join(PARAGRAPH.format(n) for n in range(4))


def text(body: str) -> str:
    (record,) = read(
        f"<!DOCTYPE html><html><head><title>Wall</title></head><body>{body}</body></html>".encode(), "a.html"
    )
    assert isinstance(record, Record)
    return record.text


def test_quotations_whose_marks_the_browser_draws_get_them() -> None:
    assert "“We could <i>not</i> wait,”".replace("<i>", "").replace("</i>", "") in text(
        f"<article>{PROSE}<p><q>We could <i>not</i> wait,</q> said Edith Calloway of the council.</p></article>"
    )


def test_links_to_other_articles_are_left_out() -> None:
    card = '<div><h3><a href="/b">Otters come back to the lower river</a></h3><p>They had been away for ninety years.</p></div>'
    link = '<p>Read this too: <a href="/c">Ferry runs aground on the sand bank</a></p>'
    found = text(f"<article>{PROSE}{link}{PROSE}{card}</article>")
    assert "Otters" not in found
    assert "Ferry" not in found
    linked = '<p>The <a href="/d">ferry ran aground on the sand bank</a> on Friday, said its captain.</p>'
    assert "ran aground" in text(f"<article>{PROSE}{linked}</article>")


def test_a_body_in_several_parts_is_read_whole() -> None:
    part = f'<div class="body-part">{PROSE}</div>'
    found = text(f'<article>{part}<div class="ad">x</div>{part.replace("(", "(second ")}</article>')
    assert "(0)" in found
    assert "(second 3)" in found


def test_what_is_hidden_or_beside_the_body_is_left_out() -> None:
    form = (
        '<section class="newsletter-form"><p>All the news of the river, every morning, from our newsroom.</p></section>'
    )
    prompt = "<div x-cloak><p>You must confirm your name before you say anything here at all.</p></div>"
    found = text(f"<article>{PROSE}{form}{prompt}{PROSE}</article>")
    assert "every morning" not in found
    assert "confirm your name" not in found


@pytest.mark.parametrize(
    "piece", ["<p>{}</p>", "<div class='body'>{}</div>", "<!-- export -->\n<p>{}</p>\n", "<b>Wall</b> {}"]
)
def test_a_piece_of_a_page_is_read(piece: str) -> None:
    (found,) = read(piece.format("It rained on the market hall of {}.").encode(), "a.html")
    assert isinstance(found, Record)
    assert "It rained on the market hall of {}." in found.text


def test_text_that_is_no_page_is_not_read_as_one() -> None:
    """Its paragraphs would be lost."""
    (found,) = read(b"Rain\n\nIt rained on the market hall.\n", "a.html")
    assert isinstance(found, Rejection)
    assert found.reason == "malformed"


@pytest.mark.parametrize("charset", ["nowhere-8", "rot13"])
def test_a_page_in_an_encoding_that_nobody_knows_is_read(charset: str) -> None:
    page = f'<html><head><meta charset="{charset}"></head><body>{PROSE}<p>It’s late, said Zoë.</p></body></html>'
    (found,) = read(page.encode("cp1252"), "a.html")
    assert isinstance(found, Record)
    assert "It’s late, said Zoë." in found.text
