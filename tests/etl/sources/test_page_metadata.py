"""Web pages say of themselves in many places what they are called, by whom and of which day."""

import json

import pytest
from trafilatura import load_html

from etl.sources.page_metadata import page_metadata, standfirst, without_site


def said(head: str = "", body: str = "") -> dict[str, object]:
    page = f"<!DOCTYPE html><html><head>{head}</head><body>{body}<p>The river rose.</p></body></html>"
    return page_metadata(load_html(page), page)


def linked(node: object) -> str:
    return f'<script type="application/ld+json">{json.dumps(node)}</script>'


ARTICLE = {"@type": "NewsArticle", "headline": "Mill to close in May", "datePublished": "2016-03-03T08:00:00+01:00"}


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ("<title>Mill to close in May - The Tern</title>", "<h1>Mill to close in May</h1>"),
        ("<title>Why the mill matters</title>" + linked(ARTICLE), "<h1>Log in</h1><h1>Mill to close in May</h1>"),
        (
            '<meta property="og:title" content="Mill to close in May | The Tern"><meta property="og:site_name" content="The Tern">',
            "",
        ),
        (
            "<title>Mill to close in May | Local | tern.example</title><link rel=canonical href='https://www.tern.example/a'>",
            "",
        ),
        ("<title>The Tern: the Calder daily</title>", "<h1>Mill to close in May</h1>"),
        (
            linked({**ARTICLE, "headline": "Mill to close in May &amp; June"}),
            "<h1>Mill to close in May</h1><h1>Otters return to the lower river</h1>",
        ),
        ("<title>Mill to close in May - Tern</title>", '<a href="/"><img alt="The Tern"></a>'),
    ],
)
def test_the_title_is_the_heading_that_the_page_speaks_of(head: str, body: str) -> None:
    assert said(head, body)["title"] == "Mill to close in May"


def test_a_dash_inside_a_headline_stays() -> None:
    assert said("<title>School board - new mill law would hurt otters</title>")["title"] == (
        "School board - new mill law would hurt otters"
    )
    assert without_site("Loss | Profit | Tern", {"tern"}) == "Loss | Profit"
    assert without_site("The Tern: Mill: a history", {"tern"}) == "Mill: a history"


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (linked({**ARTICLE, "author": [{"name": "Ines Hart"}]}), ""),
        (
            linked(
                {
                    "@graph": [
                        {**ARTICLE, "author": {"@id": "#1"}},
                        {"@type": "Person", "@id": "#1", "name": "Ines Hart"},
                    ]
                }
            ),
            "",
        ),
        (linked({**ARTICLE, "author": {"givenName": "Ines", "familyName": "Hart"}}), ""),
        (
            '<meta name="author" content="The Tern"><meta property="og:site_name" content="The Tern">',
            '<a rel="author">Ines Hart</a>',
        ),
        (
            '<meta property="article:author" content="https://social.example/tern"><meta name="byl" content="Ines Hart">',
            "",
        ),
        ('<meta name="author" content="ines-hart">', '<span itemprop="author"><b itemprop="name">Ines Hart</b></span>'),
        ('<meta name="author" content="@tern">', '<div class="byline">Ines Hart</div>'),
    ],
)
def test_authors_are_those_who_are_named_not_the_site_nor_handles(head: str, body: str) -> None:
    assert said(head, body)["authors"] == ["Ines Hart"]


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ('<meta name="article:published_time" content="2016-03-03T08:00">', ""),
        ('<meta name="parsely-pub-date" content="2016-03-03">', ""),
        ('<meta name="DC.date" content="2016-03-03">', '<aside><time datetime="2011-01-01">2011</time></aside>'),
        ("", '<article><time datetime="2016-03-03">3 March</time></article><time datetime="2016-03-09"></time>'),
        ("", '<p class="published-date">Published 2016-03-03</p>'),
        ("", "<article><time>2016-03-03</time></article>"),
        ('<meta property="article:published" content="2016-03-03">', ""),
        ('<script type="application/ld+json">{"datePublished": "2016-03-03", }</script>', ""),
        (linked({**ARTICLE, "liveBlogUpdate": [{"@type": "BlogPosting", "datePublished": "2016-04-04"}]}), ""),
    ],
)
def test_the_day_is_read_where_systems_put_it(head: str, body: str) -> None:
    assert "2016-03-03" in str(said(head, body)["published"])


def test_no_day_is_made_up() -> None:
    body = "<article><time>10:14</time><p>In 1951 it flooded.</p></article><footer>Copyright 2016 The Tern</footer>"
    found = said('<meta property="article:modified_time" content="2016-03-04">', body)
    assert (found["published"], found["updated"]) == (None, "2016-03-04")


def test_a_printed_summary_is_part_of_the_page() -> None:
    head = '<meta name="description" content="The mill has stood for ninety years and two floods.">'
    printed = "<h2>The mill has stood for ninety years, and two floods</h2>"
    assert standfirst(load_html(f"<html><head>{head}</head><body>{printed}</body></html>")) == printed[4:-5]
    assert standfirst(load_html(f"<html><head>{head}</head><body><p>The mill.</p></body></html>")) is None


def test_a_site_named_by_a_slug_is_named_by_what_else_names_it() -> None:
    head = '<meta property="og:site_name" content="thetern">' + linked({**ARTICLE, "publisher": {"name": "The Tern"}})
    assert said(head)["publisher"] == "The Tern"


@pytest.mark.parametrize(
    ("head", "sections"),
    [
        (linked({**ARTICLE, "articleSection": ["Business", "Local"]}), ["Business", "Local"]),
        ('<meta property="article:section" content="Arts, Books &amp; Culture">', ["Arts, Books & Culture"]),
        ("<meta name=keywords content='mill, river'>", []),
    ],
)
def test_sections_are_those_that_the_page_files_it_in(head: str, sections: list[str]) -> None:
    assert said(head)["sections"] == sections
