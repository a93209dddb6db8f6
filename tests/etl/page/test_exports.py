"""Pages as news databases and wire services export them."""

from datetime import date

import pytest

from etl.page.parse import Hints, Page, parse
from etl.sources.file import read
from etl.sources.record import Record

BODY = 'The ferry of Calder Bay ran aground on Monday night.\n\n"Nobody was hurt," said the pilot, Edda Quarrie.'


def pages(text: str) -> list[Page]:
    return [parse(record, Hints()) for record in read(text.encode(), "a.txt") if isinstance(record, Record)]


def prose(page: Page) -> list[str]:
    return [" ".join(page.of(p).split()) for p in page.passages if p.kind == "paragraph"]


CODED = """SE News
HD
Ferry runs aground off Calder Bay
BY By Olga Brandt
WC 212 words
PD 7 March 2031
ET 10:30
SN The Bay Mercury
SC BAYMER
LA English
CY Copyright 2031. Bay Press.
LP
The ferry of Calder Bay ran aground on Monday night.
TD
IN the morning the tide lifted it. "Nobody was hurt," said the pilot, Edda Quarrie.
CO bayfer : Bay Ferries
IN i72 : Shipping
AN Document BAYMER0020310307ed3700001
"""


def test_lines_named_by_codes_are_the_fields_and_the_body() -> None:
    first, second = pages(f"{CODED}\n{CODED.replace('aground', 'ashore').replace('7 March', '9 March')}")
    assert (first.title, first.published_on) == ("Ferry runs aground off Calder Bay", date(2031, 3, 7))
    assert first.authors == ("Olga Brandt",)
    assert (second.title, second.published_on) == ("Ferry runs ashore off Calder Bay", date(2031, 3, 9))
    assert first.publisher == "The Bay Mercury"
    assert prose(first) == [
        "The ferry of Calder Bay ran aground on Monday night.",
        'IN the morning the tide lifted it. "Nobody was hurt," said the pilot, Edda Quarrie.',
    ]


def test_the_day_may_stand_beside_the_outlet_above_the_keys() -> None:
    (page,) = pages(
        f"Ferry runs aground\nBay Mercury, The (Calder) - March 7, 2031\nAuthor: Olga Brandt\nPage: A1\n\n{BODY}\n"
    )
    assert (page.title, page.published_on, page.authors) == ("Ferry runs aground", date(2031, 3, 7), ("Olga Brandt",))


NAMED = "Section: NEWS; Pg. 4\n\nLength: 92 words\n\nByline: Olga Brandt\n\nBody"


@pytest.mark.parametrize(
    "head",
    [
        "Ferry runs aground\n\nThe Bay Mercury\n\nMarch 7, 2031 Friday",
        "Page 1 of 2\n\nFerry runs aground\n\nThe Bay Mercury\n\nMarch 7, 2031\n\nCopyright 2031 Bay Press All Rights Reserved",
        "1 of 1 DOCUMENT\n\nThe Bay Mercury\n\nMarch 7, 2031 Friday\n\nFerry runs aground",
        "          The Bay Mercury\n\n          March 7, 2031 Friday\n\nFerry runs aground",
    ],
)
def test_an_export_names_outlet_day_and_headline_in_any_order(head: str) -> None:
    text = f"{head}\n\n{NAMED}\n\n{BODY}\n\nLoad-Date: March 9, 2031\n\nEnd of Document\n\n"
    first, second = pages(text + text.replace("Ferry", "Tanker"))
    assert (first.title, second.title) == ("Ferry runs aground", "Tanker runs aground")
    assert (first.publisher, first.published_on, first.authors) == (
        "The Bay Mercury",
        date(2031, 3, 7),
        ("Olga Brandt",),
    )
    assert prose(first) == BODY.split("\n\n")


def test_keys_below_the_text_say_what_those_above_it_would() -> None:
    above = "Document 1 of 1\n\nFerry runs aground\n\nAuthor: Brandt, Olga"
    below = "Title: Ferry runs aground\n\nPublication title: The Bay Mercury\n\nPublication date: Mar 7, 2031"
    (page,) = pages(f"{above}\n\nFull text: {BODY}\n\n{below}\n")
    assert (page.title, page.publisher, page.published_on) == (
        "Ferry runs aground",
        "The Bay Mercury",
        date(2031, 3, 7),
    )
    assert page.authors == ("Olga Brandt",)
    assert prose(page) == BODY.split("\n\n")


def test_slugs_and_takes_of_wire_copy_are_no_headlines() -> None:
    text = (
        "BC-Calder Bay-Ferry, 2nd Ld-Writethru, 0310\nFerry runs aground off Calder Bay\nEds: ADDS pilot.\nBy OLGA BRANDT\n"
        'Associated Press Writer\n\n   CALDER BAY (AP) _ The ferry ran aground on Monday night.\n   "Nobody was hurt," said the '
        "pilot, Edda Quarrie.\n\n   (MORE)\n\n   ADD 1 BC-Calder Bay-Ferry\n\n   The tide lifted it.\n"
    )
    (page,) = pages(text)
    assert (page.title, page.authors, page.dateline_place) == (
        "Ferry runs aground off Calder Bay",
        ("OLGA BRANDT",),
        "CALDER BAY",
    )
    assert prose(page) == [
        "The ferry ran aground on Monday night.",
        '"Nobody was hurt," said the pilot, Edda Quarrie.',
        "The tide lifted it.",
    ]


def test_controls_of_transmission_are_taken_out_and_recorded() -> None:
    (record,) = read(f"^Ferry runs aground<\n^By OLGA BRANDT=\n\n{BODY}".encode(), "a.txt")
    assert isinstance(record, Record)
    assert record.text.startswith("Ferry runs aground\nBy OLGA BRANDT\n")
    assert record.repairs == ("wire controls removed",)
