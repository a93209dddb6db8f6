"""Kinds of page that people reported as read wrongly, each in our own words: who speaks, in the order of the page."""

import pytest

from etl.extract.article import extract
from etl.model.annotate import Annotator
from etl.page.parse import Hints, parse
from etl.sources.file import Record

HEAD = "Lock keepers meet at Skerrow\n\n"


def spoken(annotator: Annotator, text: str) -> list[tuple[str, str | None]]:
    """The quoted stretches of an article, without their marks, each with the name of its speaker."""
    [found] = extract([parse(Record(0, HEAD + text), Hints())], annotator)
    quotes = [q for q in found.quotes if q.kind != "indirect"]
    return [(found.page.text[q.start : q.end].strip("\"'“”‘’,. "), q.speaker_name) for q in quotes]


@pytest.mark.parametrize(
    "rank", ["Sgt.", "Cpl.", "Lt. Col.", "Det. Sgt.", "Cllr", "Insp", "Fr.", "Supt.", "Squadron Leader", "Rt. Rev."]
)
def test_a_rank_is_no_speaker_and_no_part_of_the_name(annotator: Annotator, rank: str) -> None:
    text = f'"The gate gave way at dawn," said {rank} Martin Fenwick.\n\n"We saw it go," {rank} Fenwick said.\n'
    assert [who for _, who in spoken(annotator, text)] == ["Martin Fenwick"] * 2


@pytest.mark.parametrize(("left", "right", "apostrophe"), [("‘", "’", "’"), ("'", "'", "'"), ("“", "”", "’")])
def test_an_article_may_quote_in_single_marks(annotator: Annotator, left: str, right: str, apostrophe: str) -> None:
    text = (
        f"{left}We can{apostrophe}t open the twins{apostrophe} lock before June,{right} said Martin Fenwick, the engineer.\n\n"
        f"{left}It won{apostrophe}t be ready,{right} he added. {left}I told them so.{right}\n\n"
        f"Laura Benson called the delay {left}a disgrace for the bargemen{right} and left.\n"
    )
    assert spoken(annotator, text) == [
        (f"We can{apostrophe}t open the twins{apostrophe} lock before June", "Martin Fenwick"),
        (f"It won{apostrophe}t be ready", "Martin Fenwick"),
        ("I told them so", "Martin Fenwick"),
        ("a disgrace for the bargemen", "Laura Benson"),
    ]


def test_copy_in_capitals_has_the_same_speakers(annotator: Annotator) -> None:
    text = (
        "MARTIN FENWICK, AN ENGINEER, CLOSED THE LOCK ON MONDAY.\n\n"
        '"THE GATE GAVE WAY AT DAWN," FENWICK SAID.\n\n"NOBODY WAS HURT," SAID LAURA BENSON.\n'
    )
    assert [who for _, who in spoken(annotator, text)] == ["MARTIN FENWICK", "LAURA BENSON"]


@pytest.mark.parametrize(
    ("full", "short"),
    [
        ("Peter van der Molen", "van der Molen"),
        ("Laura Del Rosso", "Del Rosso"),
        ("Martin Hartley Fenwick-Shaw", "Hartley Fenwick-Shaw"),
        ("Brian O’Hanlon", "O'Hanlon"),
        ("Edith “Dolly” Fenwick", "Fenwick"),
    ],
)
def test_a_surname_is_the_person_named_in_full(annotator: Annotator, full: str, short: str) -> None:
    text = f'The engineer, {full}, came first.\n\n"The gate gave way at dawn," {short} said.\n'
    plain = full.replace("“Dolly” ", "")
    assert spoken(annotator, text)[-1] == ("The gate gave way at dawn", plain)
