"""The layout of pages, shape by shape. Every article, person and place is made up."""

import csv
import gzip
import io
import json
import textwrap
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.page.parse import PROSE_KINDS, Hints, Page, body_sha256, parse
from etl.schema import PASSAGE_KINDS
from etl.sources.file import read
from etl.sources.record import Record

HEAD = "Harbour Board to Mend the Quay Wall Before the Winter"
LEAD = "The quay wall at Port Orla will be mended before the winter, the harbour board decided on Friday."
SAID = "“Nobody had looked at the wall in forty years,” Odile Marrack, who leads the board, told a crowded room."
LAST = "Work begins in May. It will cost four million crowns, most of it from the county."
DAY = date(2031, 3, 4)


def page_of(text: str, **hints: Any) -> Page:
    return parse(Record(0, text), Hints(**hints))


def marked(page: Page) -> list[tuple[str, str]]:
    """Every passage, its text on one line."""
    return [(p.kind, " ".join(page.of(p).split())) for p in page.passages]


def lines(*passages: str) -> str:
    return "\n\n".join(passages) + "\n"


@pytest.mark.parametrize("head", [HEAD, HEAD.upper(), "Will the Wall Be Mended?", "Marrack: ‘We Shall Mend It’"])
def test_the_first_line_is_the_headline(head: str) -> None:
    page = page_of(lines(head, LEAD, SAID))
    assert marked(page) == [("headline", head), ("paragraph", LEAD), ("paragraph", SAID)]
    assert page.title == head


def test_a_headline_may_be_repeated() -> None:
    page = page_of(lines(HEAD, HEAD.upper(), LEAD, SAID))
    assert [kind for kind, _ in marked(page)] == ["headline", "headline", "paragraph", "paragraph"]
    assert page.title == HEAD


def test_a_repeated_headline_may_go_on_with_a_date() -> None:
    page = page_of(f"{HEAD}\n\n{HEAD} Updated: 2031-03-04 17:52 (The Orla Gazette)\n{LEAD}\n{SAID}\n")
    assert [kind for kind, _ in marked(page)] == ["headline", "headline", "date line", "paragraph", "paragraph"]
    assert (page.published_on, page.published_from, page.publisher) == (DAY, "update line", "The Orla Gazette")


def test_a_headline_may_be_wrapped() -> None:
    first, second = "HARBOUR BOARD TO MEND THE QUAY WALL AT", "PORT ORLA BEFORE THE WINTER"
    page = page_of(f"{first}\n{second}\n\n{LEAD}\n\n{SAID}\n")
    assert marked(page)[0] == ("headline", f"{first} {second}")
    assert page.title == f"{first} {second}"


def test_a_page_that_begins_with_its_story_has_no_headline() -> None:
    page = page_of(lines(f"{LEAD} {SAID}", LAST))
    assert page.title is None
    assert {kind for kind, _ in marked(page)} == {"paragraph"}


def test_a_sub_title_stands_below_the_headline() -> None:
    below = "Four million crowns, most of it from the county"
    page = page_of(lines(HEAD, below, "By Odile Marrack", LEAD, SAID))
    assert [kind for kind, _ in marked(page)] == ["headline", "subtitle", "byline", "paragraph", "paragraph"]


@pytest.mark.parametrize(
    ("byline", "authors", "publisher"),
    [
        ("By Wenna Tolgarth", ("Wenna Tolgarth",), None),
        ("By Wenna Tolgarth and Halvard Quill, The Tern", ("Wenna Tolgarth", "Halvard Quill"), "The Tern"),
        ("BYLINE: WENNA TOLGARTH;HALVARD QUILL", ("WENNA TOLGARTH", "HALVARD QUILL"), None),
        ("By Wenna Tolgarth wtolgarth@tern.example 555-0142-77", ("Wenna Tolgarth",), None),
        ("Wenna Tolgarth, Orla Daily News", ("Wenna Tolgarth",), "Orla Daily News"),
    ],
)
def test_bylines_stand_below_the_headline_or_above_it(
    byline: str, authors: tuple[str, ...], publisher: str | None
) -> None:
    for text in (lines(HEAD, byline, LEAD, SAID), f"{HEAD}\n{byline}\n\n{LEAD}\n\n{SAID}\n"):
        page = page_of(text)
        assert [kind for kind, _ in marked(page)] == ["headline", "byline", "paragraph", "paragraph"]
        assert (page.title, page.authors, page.publisher) == (HEAD, authors, publisher)
    if byline.upper().startswith("BY"):
        page = page_of(lines(byline, HEAD, LEAD, SAID))
        assert (page.title, page.authors) == (HEAD, authors)


@pytest.mark.parametrize(
    "line",
    [
        "March 4, 2031",
        "4 March 2031",
        "Tuesday, March 4, 2031",
        "Tue, 4 Mar 2031 10:15:00",
        "2031-03-04",
        "04.03.2031",
        "Posted on March 4, 2031 at 10:15 a.m.",
        "Port Orla, March 4, 2031".upper(),
    ],
)
@pytest.mark.parametrize("between", ["\n", "\n\n"])
def test_date_lines(line: str, between: str) -> None:
    page = page_of(f"{HEAD}{between}{line}{between}{LEAD}\n\n{SAID}\n")
    assert [kind for kind, _ in marked(page)] == ["headline", "date line", "paragraph", "paragraph"]
    assert (page.title, page.published_on, page.published_from, page.published_at) == (HEAD, DAY, "date line", None)


def test_byline_and_date_may_share_a_line() -> None:
    page = page_of(lines(HEAD, "By Wenna Tolgarth | March 4, 2031 10:15 a.m. GMT", LEAD, SAID))
    assert (page.authors, page.published_on) == (("Wenna Tolgarth",), DAY)
    assert page.published_at == datetime(2031, 3, 4, 10, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("dateline", "place", "publisher"),
    [
        ("PORT ORLA, March 4 (Reuters) - ", "PORT ORLA", "Reuters"),
        ("PORT ORLA (AP) _ ", "PORT ORLA", "AP"),
        ("TERNHAVEN, March 4 - ", "TERNHAVEN", None),
        ("TERNHAVEN — ", "TERNHAVEN", None),
    ],
)
def test_datelines_are_cut_off_the_paragraph_they_open(dateline: str, place: str, publisher: str | None) -> None:
    page = page_of(lines(HEAD, dateline + LEAD, SAID))
    assert marked(page)[1:3] == [("dateline", dateline.strip()), ("paragraph", LEAD)]
    assert (page.dateline_place, page.publisher) == (place, publisher)
    assert page.published_on is None, "a year that is not on the page is not made up"


WIRE = lines(HEAD, f"TERNHAVEN, March 4 (Reuters) - {LEAD}", SAID)


@pytest.mark.parametrize(
    ("text", "hints", "rule"),
    [
        (WIRE, {"year": 2031}, "dateline + configured year"),
        (WIRE, {"source_uri": "wire/2031/03/05/a.txt"}, "dateline + year in path"),
        (WIRE, {"source_uri": "wire/2031-03-05-wall.txt"}, "dateline + year in path"),
        (WIRE + "\nCopyright 2031 The Tern. All rights reserved.\n", {}, "dateline + year on page"),
        (WIRE.replace("\n\n", "\n\nUpdated: 2031-03-05 17:52\n\n", 1), {}, "dateline + year on page"),
        (f"https://tern.example/2031/03/04/wall.html\n\n{WIRE}", {}, "dateline + year in address"),
        (f"URL: https://tern.example/2031/03/04/wall.html\n\n{WIRE}", {}, "dateline + year in address"),
        (
            WIRE + "\nRead more: https://tern.example/2019/03/04/old-wall.html\n",
            {"year": 2031},
            "dateline + configured year",
        ),
        (WIRE.replace("March 4", "March 4, 2031"), {"year": 1999}, "dateline"),
        (WIRE, {"year": 2031, "source_uri": "wire/1999-01-01/a.txt"}, None),
        (lines(HEAD, "Tuesday, March 4", LEAD), {"year": 2031}, "date line + configured year"),
        (lines("HARBOUR PRICES - MARCH 4", LEAD, SAID), {"year": 2031}, "headline + configured year"),
    ],
)
def test_a_missing_year_is_taken_from_evidence_only(text: str, hints: dict[str, object], rule: str | None) -> None:
    page = page_of(text, **hints)
    if rule:
        assert (page.published_on, page.published_from) == (DAY, rule)
    else:
        assert page.published_on != DAY, "what lies in a folder of 1998 is not of 2031"


@pytest.mark.parametrize(
    "text",
    [
        lines(HEAD, LEAD, SAID),
        lines(HEAD, LEAD, "The wall was built on March 4, 1991, and never looked at again."),
        lines(HEAD, "On 4 March 2031 the board met. It met again.", SAID),
        WIRE,
    ],
)
def test_a_date_that_is_not_the_pages_own_is_not_taken(text: str) -> None:
    page = page_of(text, source_uri="wire/wall.txt")
    assert (page.published_on, page.published_at, page.published_from) == (None, None, None)


def test_a_printed_time_needs_an_offset_or_a_configured_zone() -> None:
    text = lines(HEAD, "July 4, 2031 10:15 a.m.", LEAD, SAID)
    assert page_of(text).published_at is None
    assert page_of(text, timezone="Europe/London").published_at == datetime(2031, 7, 4, 9, 15, tzinfo=UTC)
    assert page_of(lines(HEAD, "06/08/2031", LEAD), day_first=True).published_on == date(2031, 8, 6)


def test_sub_headings_stand_between_paragraphs() -> None:
    page = page_of(lines(HEAD, LEAD, "Marrack Thanks the Masons", SAID, "Who will pay?", LAST, "Fenwright"))
    assert marked(page)[1:] == [
        ("paragraph", LEAD),
        ("sub-heading", "Marrack Thanks the Masons"),
        ("paragraph", SAID),
        ("sub-heading", "Who will pay?"),
        ("paragraph", LAST),
        ("paragraph", "Fenwright"),
    ]


@pytest.mark.parametrize("heading", ["- ‘Nobody asked us’ -", "- 'Nobody asked us' -", "– Nobody asked us –"])
def test_sub_headings_may_stand_between_dashes(heading: str) -> None:
    assert marked(page_of(lines(HEAD, LEAD, heading, SAID)))[2] == ("sub-heading", heading)


def test_rows_of_tables_are_no_sub_headings() -> None:
    rows = ("Net 1,841,000 vs 978,000", "Revs 36.1 mln vs 20.5 mln", "Pay 31 May", "Record 1 May")
    page = page_of(
        f"{HEAD.upper()}\n\n    TERNHAVEN, June 1 - Shr four cts vs 10 cts\n    " + "\n    ".join(rows) + "\n"
    )
    assert {kind for kind, text in marked(page) if text in rows} == {"paragraph"}


def test_the_credit_and_label_before_a_caption_are_no_part_of_it() -> None:
    page = page_of(
        "Tram overturns\n\nA tram overturned in Northmoor.\n\n"
        "Image copyright PA Image caption Ivo Tallis, who was on the tram, said it was “like a film”\n\n"
        "Media caption: Hester Quill speaks.\n\nPeople walked home.\n"
    )
    assert marked(page)[2:6] == [
        ("boilerplate", "Image copyright PA Image caption"),
        ("caption", "Ivo Tallis, who was on the tram, said it was “like a film”"),
        ("boilerplate", "Media caption:"),
        ("caption", "Hester Quill speaks."),
    ]


def test_captions_boilerplate_and_trailers_are_not_paragraphs() -> None:
    caption = "The quay wall at Port Orla before the winter. (AP Photo/Wenna Tolgarth)"
    page = page_of(
        lines(
            HEAD,
            caption,
            LEAD,
            "Advertisement",
            SAID,
            "Read more: Ferry stops for the winter",
            LAST,
            "(Reporting by Wenna Tolgarth; Editing by Halvard Quill)",
            "Copyright 2031 The Tern. All rights reserved.",
            "-30-",
        )
    )
    kinds = [kind for kind, _ in marked(page)]
    assert kinds == [
        *("headline", "caption", "paragraph", "boilerplate", "paragraph", "boilerplate", "paragraph"),
        *("trailer", "trailer", "trailer"),
    ]
    assert (page.authors, page.publisher) == (("Wenna Tolgarth",), "The Tern")


def test_the_edition_a_page_was_printed_in_stands_at_its_foot() -> None:
    page = page_of(lines(HEAD, LEAD, SAID, "(The Orla Gazette 03/04/2031 page 4)"))
    assert marked(page)[-1] == ("date line", "(The Orla Gazette 03/04/2031 page 4)")
    assert (page.published_on, page.publisher) == (DAY, "The Orla Gazette")


@pytest.mark.parametrize("width", [50, 64, 78])
@pytest.mark.parametrize("indent", ["", "    "])
def test_lines_wrapped_by_hand_are_one_passage_and_the_text_stays(width: int, indent: str) -> None:
    paragraphs = [f"TERNHAVEN, March 4 - {LEAD}", SAID, LAST]
    between = "\n" if indent else "\n\n"
    body = between.join(textwrap.fill(p, width, initial_indent=indent) for p in paragraphs)
    text = f"{HEAD.upper()}\n\n{body}\n"
    page = page_of(text, year=2031)
    assert page.text == text
    assert [kind for kind, _ in marked(page)] == ["headline", "dateline", "paragraph", "paragraph", "paragraph"]
    assert [t for kind, t in marked(page) if kind == "paragraph"] == [LEAD, SAID, LAST]
    assert page.published_on == DAY


LEXIS = f"""\
Document 3 of 161


                               The Orla Gazette

                             March 4, 2031 Tuesday
                                 Final Edition

{HEAD}

BYLINE: Wenna Tolgarth; Halvard Quill

SECTION: CITY; Pg. B4

LENGTH: 212 words

DATELINE: TERNHAVEN

{LEAD}

{SAID}

LOAD-DATE: March 6, 2031
"""


def test_exports_of_news_databases() -> None:
    page = page_of(LEXIS)
    assert (page.title, page.authors) == (HEAD, ("Wenna Tolgarth", "Halvard Quill"))
    assert (page.published_on, page.publisher, page.dateline_place) == (DAY, "The Orla Gazette", "TERNHAVEN")
    assert [t for kind, t in marked(page) if kind == "paragraph"] == [LEAD, SAID]


@pytest.mark.parametrize("key", ["Text", "TEXT", "BODY", "Content"])
def test_the_story_may_be_a_headers_value(key: str) -> None:
    for text in (
        f"Title: {HEAD}\nDate: 2031-03-04\n{key}: {LEAD}\n\n{SAID}\n",
        f"Title: {HEAD}\n{key}:\n{LEAD}\n\n{SAID}\n",
    ):
        page = page_of(text)
        well_formed(page)
        assert page.title == HEAD
        assert [t for kind, t in marked(page) if kind == "paragraph"] == [LEAD, SAID]


@pytest.mark.parametrize("n", [1, 2, 3])
def test_what_stands_at_the_foot_makes_no_head_of_the_story(n: int) -> None:
    story = [LEAD, SAID, LAST][:n]
    for foot in ("LOAD-DATE: March 6, 2031", "By Wenna Tolgarth"):
        page = page_of(lines(f"HEADLINE: {HEAD}", "BYLINE: Halvard Quill", *story, foot))
        assert [t for kind, t in marked(page) if kind == "paragraph"][-1] == story[-1]
        assert (page.title, page.authors[0]) == (HEAD, "Halvard Quill")


def test_key_value_headers_are_read() -> None:
    head = (
        f"Title: {HEAD}\nAuthor: Wenna Tolgarth\nDate: 2031-03-04\nPublisher: The Tern\nURL: https://tern.example/1\n"
    )
    page = page_of(f"{head}\n{LEAD}\n\n{SAID}\n")
    assert (page.title, page.authors, page.published_on, page.publisher) == (HEAD, ("Wenna Tolgarth",), DAY, "The Tern")
    assert page_of(lines(HEAD, "Published: 4 March 2031", LEAD)).published_from == "header"
    assert (page.published_from, [t for kind, t in marked(page) if kind == "paragraph"]) == ("header", [LEAD, SAID])


def test_an_export_of_several_articles_gives_each_its_own_page() -> None:
    second = (
        LEXIS.replace("Document 3", "Document 4").replace("March 4", "March 5").replace(HEAD, "Ferry to Sail in May")
    )
    pages = [parse(found, Hints()) for found in read((LEXIS + second).encode(), "a.txt") if isinstance(found, Record)]
    assert [(page.title, page.published_on) for page in pages] == [
        (HEAD, DAY),
        ("Ferry to Sail in May", date(2031, 3, 5)),
    ]
    assert all(page.text in LEXIS + second for page in pages)


VALUES = {"title": HEAD, "text": lines(LEAD, SAID), "date": "2031-03-04T10:15:00Z", "author": "Wenna Tolgarth"}
AS_HTML = f"""<!DOCTYPE html><html><head><title>{HEAD}</title><meta name="author" content="Wenna Tolgarth">
<meta property="article:published_time" content="2031-03-04T10:15:00Z"></head><body><article><h1>{HEAD}</h1>
{"".join(f"<p>{p}</p>" for p in (LEAD, SAID, LAST, LEAD, LAST))}</article></body></html>"""
AS_SGML = f"""<REUTERS NEWID="7"><DATE> 4-MAR-2031 10:15:00 GMT</DATE><TEXT><TITLE>{HEAD}</TITLE><AUTHOR>By Wenna Tolgarth</AUTHOR>
<DATELINE>TERNHAVEN, March 4 - </DATELINE><BODY>{LEAD}
    {SAID}
&#3;</BODY></TEXT></REUTERS>"""
AS_CSV = io.StringIO()
csv.writer(AS_CSV).writerows([list(VALUES), list(VALUES.values())])


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.json", json.dumps(VALUES)),
        ("a.jsonl", json.dumps(VALUES, ensure_ascii=False)),
        ("a.csv", AS_CSV.getvalue()),
        ("a.html", AS_HTML),
        ("a.sgm", AS_SGML),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_whatever_the_format_the_article_is_the_same(name: str, content: str, packed: bool) -> None:
    data = gzip.compress(content.encode()) if packed else content.encode()
    (found,) = read(data, f"{name}.gz" if packed else name)
    assert isinstance(found, Record)
    page = parse(found, Hints())
    well_formed(page)
    assert (page.title, page.authors, page.published_on) == (HEAD, ("Wenna Tolgarth",), DAY)
    assert page.published_at == datetime(2031, 3, 4, 10, 15, tzinfo=UTC)
    assert [t for kind, t in marked(page) if kind == "paragraph"][:2] == [LEAD, SAID]


def test_what_the_format_says_goes_before_what_is_printed() -> None:
    fields = {"title": HEAD, "published": "2031-03-04", "authors": "Wenna Tolgarth"}
    page = parse(Record(0, lines(HEAD.upper(), "March 5, 2031", LEAD, SAID), fields=fields), Hints())
    assert (page.title, page.published_on, page.published_from) == (HEAD, DAY, "field")
    assert marked(page)[0] == ("headline", HEAD.upper())


def test_marks_that_no_one_sees_stay_in_the_text() -> None:
    text = lines(HEAD, LEAD.replace("harbour", "har\u00adbour\u200b").replace(" wall", "\u00a0wall"), SAID)
    page = page_of(text)
    assert page.text == text
    assert "har\u00adbour\u200b" in page.of(page.passages[1])


def test_reprints_of_a_body_are_known_whatever_their_head_and_space() -> None:
    reprint = lines("Wall News", "By Wenna Tolgarth", LEAD.upper(), SAID.replace("“", '"').replace("”", '"'))
    assert body_sha256(page_of(lines(HEAD, LEAD, SAID))) == body_sha256(page_of(reprint))
    assert body_sha256(page_of(lines(HEAD, LEAD, LAST))) != body_sha256(page_of(reprint))


def test_line_ends_of_any_kind_give_the_same_passages() -> None:
    pages = [page_of(LEXIS.replace("\n", end)) for end in ("\n", "\r\n", "\r")]
    assert marked(pages[0]) == marked(pages[1]) == marked(pages[2])


SHAPES = (WIRE, LEXIS, lines(HEAD, "March 4, 2031", LEAD, "Who will pay?", SAID, LAST), lines(HEAD, LEAD))
JUNK = st.sampled_from(
    (
        *(
            "\n",
            "\n\n",
            "\r\n",
            " ",
            "\t",
            "\0",
            "\x1a",
            "\ufeff",
            "\u00ad",
            "=" * 30,
            "By ",
            "Title: ",
            "—",
            "“",
            "(",
            "é",
        ),
        *(
            "<p>",
            "&amp;",
            "2031-03-04",
            "Document 1 of 2",
            "PORT, Jan 1 - ",
            "Updated: ",
            "A",
            ".",
            "1",
            "{",
            '"',
            "\udcff",
            "â€™",
        ),
    )
)
EDITS = st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 40), JUNK), max_size=12)
SUFFIXES = st.sampled_from([".txt", ".json", ".jsonl", ".csv", ".html", ".sgm", ".eml", ""])
CODECS = st.sampled_from(["utf-8", "cp1252", "utf-16", "mac_roman", "utf-16-be"])


def edited(text: str, edits: list[tuple[int, int, str]]) -> str:
    for at, n, junk in edits:
        text = text[:at] + junk + text[at + n :]
    return text


#: What Markdown and YAML put around a line and a value.
MARKUP = "*_#\"'"


def well_formed(page: Page) -> None:
    at = 0
    for passage in page.passages:
        assert at <= passage.start < passage.end <= len(page.text)
        assert page.of(passage).strip() == page.of(passage) != ""
        assert passage.kind in PASSAGE_KINDS
        at = passage.end
    assert set(PASSAGE_KINDS) > PROSE_KINDS
    assert (page.published_on is None) == (page.published_from is None)
    assert page.title is None or page.title.strip()
    # Nothing that is printed is lost: between passages is space, markup, or the key of the value that follows.
    bounds = [0, *(offset for p in page.passages for offset in (p.start, p.end)), len(page.text)]
    gaps = ["".join(page.text[a:b].split()).strip(MARKUP) for a, b in zip(bounds[::2], bounds[1::2], strict=True)]
    assert all(gap == "" or gap.endswith(":") for gap in gaps)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(SHAPES), EDITS, CODECS, SUFFIXES, st.sampled_from([None, 2031]))
def test_pages_edited_at_random_are_marked_or_rejected(
    text: str, edits: list[tuple[int, int, str]], codec: str, suffix: str, year: int | None
) -> None:
    for found in read(edited(text, edits).encode(codec, "replace"), f"a{suffix}"):
        if isinstance(found, Record):
            page = parse(found, Hints("wire/2031/a.txt", year))
            assert page.text == found.text
            well_formed(page)
        else:
            assert found.reason
            assert found.detail


@settings(max_examples=100, deadline=None)
@given(st.one_of(st.text(max_size=300), st.binary(max_size=300).map(lambda data: data.decode("latin-1"))))
def test_any_text_at_all_is_marked(text: str) -> None:
    well_formed(page_of(text))


#: Junk of which a pattern with nested repetition would never see the end.
HOSTILE = (
    *("a ", "A ", "Ab-", "1/", "By A B, ", "<p", "&#1", "(", "[", "“", "- ", "\xa0", "\n", "A\n\n", "=\n"),
    *("Title: x\n", "PORT, Jan 1 - ", "x@y ", "getty (", "â€", ". A", "AP A.b", "<a>", "a.bc/"),
)
#: Code points of it. Work in proportion to the square of this would take hours.
JUNK_SIZE = 100_000


@pytest.mark.slow
@pytest.mark.parametrize("junk", HOSTILE)
def test_any_amount_of_junk_comes_to_an_end(junk: str) -> None:
    text = f"{HEAD}\n\n{junk * (JUNK_SIZE // len(junk))}\n\n{LAST}\n"
    (found,) = read(text.encode(), "a.txt")[:1]
    assert isinstance(found, Record)
    well_formed(parse(found, Hints()))


EXAMPLES = Path(__file__).parents[2] / "examples" / "articles"


@pytest.mark.parametrize("path", sorted(EXAMPLES.rglob("*.txt")), ids=lambda path: path.stem)
def test_the_examples_have_headline_and_day(path: Path) -> None:
    for found in read(path.read_bytes(), path.name):
        assert isinstance(found, Record)
        page = parse(found, Hints(path.as_posix()))
        well_formed(page)
        assert page.title


@pytest.mark.parametrize(
    "headline",
    [
        "In pictures: the bay under water",
        "Share the pain, pilot tells owners",
        "Must read | Ferry runs aground; mill closes",
    ],
)
def test_a_first_line_worded_like_a_link_is_the_headline_where_no_other_follows(headline: str) -> None:
    body = (
        "By Olga Brandt\n\n7 March 2031\n\nThe ferry ran aground on Monday night.\n\nNobody was hurt, the pilot said."
    )
    assert parse(Record(0, f"{headline}\n\n{body}"), Hints()).title == headline
    assert parse(Record(0, f"{headline}\n\nFerry runs aground\n\n{body}"), Hints()).title != ""
    above = "Share this story on Facebook\n\nFerry runs aground off the bay"
    assert parse(Record(0, f"{above}\n\n{body}"), Hints()).title == "Ferry runs aground off the bay"


@pytest.mark.parametrize(
    "line",
    ["Olga Brandt in Ternhaven\n7 March 2031", "Olga Brandt 2 hours ago\n7 March 2031", "By Olga Brandt\n07-Mar-31"],
)
def test_bylines_and_days_below_the_headline(line: str) -> None:
    page = parse(Record(0, f"Ferry runs aground\n{line}\n\nThe ferry ran aground on Monday night."), Hints())
    assert (page.authors, str(page.published_on)) == (("Olga Brandt",), "2031-03-07")


def test_a_place_may_stand_before_the_day() -> None:
    text = "Ferry runs aground\nBy Olga Brandt\nTernhaven, 7 March 2031\n\nThe ferry ran aground on Monday night."
    page = parse(Record(0, text), Hints())
    assert (str(page.published_on), page.dateline_place) == ("2031-03-07", "Ternhaven")


def test_the_day_of_publication_is_not_that_of_acceptance() -> None:
    line = "Received: 16 December 2030. Accepted: 3 February 2031. Published: 7 March 2031"
    page = parse(Record(0, f"Tides of the bay\nBy Olga Brandt\n{line}\n\nThe tides were measured on Monday."), Hints())
    assert str(page.published_on) == "2031-03-07"


def test_a_line_of_names_above_the_text_is_the_byline_where_the_format_has_the_title() -> None:
    text = "Olga Brandt/Edda Quarrie\nThe ferry of Calder Bay ran aground on the sand bank on Monday night.\nNobody was hurt."
    page = parse(Record(0, text, fields={"title": "Ferry runs aground"}), Hints())
    assert page.authors == ("Olga Brandt", "Edda Quarrie")
    agency = parse(
        Record(0, "The ferry ran aground.", fields={"title": "Ferry", "authors": "Associated Press"}), Hints()
    )
    assert (agency.authors, agency.publisher) == (("Associated Press",), "Associated Press")


def test_indented_paragraphs_of_one_line_stand_apart_on_a_wrapped_page() -> None:
    text = (
        "Ferry runs aground\n\n   The ferry of Calder Bay ran aground on the sand bank on\nMonday night, its pilot said.\n"
        '   "Nobody was hurt," said the pilot of it, Edda Quarrie.\n   "The tide lifted it," Quarrie said.\n'
    )
    page = parse(Record(0, text), Hints())
    assert sum(p.kind == "paragraph" for p in page.passages) == 3


@pytest.mark.parametrize(
    "sentence",
    [
        "This report was published by the council and runs to 300 pages.",
        "For more information, people can visit the town hall, where the plans are on show.",
        "Read more books, the wardens tell the children who ask about the seals.",
    ],
)
def test_a_sentence_that_begins_like_a_note_is_a_note_only_below_the_article(sentence: str) -> None:
    above, below = "The dam at Ystrad was sound, the engineers say.", "Nobody in the valley has read all of it so far."

    def kind(text: str) -> str:
        page = parse(Record(0, text), Hints())
        return next(p.kind for p in page.passages if page.of(p) == sentence)

    assert kind(f"Dam cleared\n\n{above}\n\n{sentence}\n\n{below}\n") == "paragraph"
    assert kind(f"Dam cleared\n\n{above}\n\n{below}\n\n{sentence}\n") in ("trailer", "boilerplate")
