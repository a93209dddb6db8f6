"""Datelines: place, day and agency before the dash."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.page.datelines import read_dateline


@pytest.mark.parametrize(
    ("paragraph", "place", "when", "agency"),
    [
        ("PORT ORLA, Jul 11 (Reuters) - The wall", "PORT ORLA", "Jul 11", "Reuters"),
        ("PORT ORLA (AP) _ The wall", "PORT ORLA", None, "AP"),
        ("PORT ORLA (AP) — The wall", "PORT ORLA", None, "AP"),
        ("Port Orla (AFP) – The wall", "Port Orla", None, "AFP"),
        ("TERNHAVEN, Feb 26 - The wall", "TERNHAVEN", "Feb 26", None),
        ("TERNHAVEN, Me., Sept. 26 (UPI) -- The wall", "TERNHAVEN, Me.", "Sept. 26", "UPI"),
        ("TERNHAVEN, 26 February 2031 - The wall", "TERNHAVEN", "26 February 2031", None),
        ("TERNHAVEN — The wall", "TERNHAVEN", None, None),
        ("ST. ORLA/TERNHAVEN (Reuters) - The wall", "ST. ORLA/TERNHAVEN", None, "Reuters"),
        ("TERNHAVEN, the Barrows, March 4 - The wall", "TERNHAVEN, the Barrows", "March 4", None),
        ("TERNHAVEN , N.O., March 4 - The wall", "TERNHAVEN, N.O.", "March 4", None),
        ("TERNHAVEN, N.O., - March 4 - The wall", "TERNHAVEN, N.O.", "March 4", None),
        ("TERNHAVEN, Macrh 4 - The wall", "TERNHAVEN", "Macrh 4", None),
        ("port orla, march 4 - the wall", "port orla", "march 4", None),
        ("Port orla, march 4 - the wall", "Port orla", "march 4", None),
        ("c    TERNHAVEN, March 4 - The wall", "TERNHAVEN", "March 4", None),
        ("Photo PORT ORLA — The wall", "PORT ORLA", None, None),
        ("• PORT ORLA — The wall", "PORT ORLA", None, None),
        ("(Reuters) - The wall", None, None, "Reuters"),
        ("March 4 - The wall", None, "March 4", None),
    ],
)
def test_datelines_are_read(paragraph: str, place: str | None, when: str | None, agency: str | None) -> None:
    dateline = read_dateline(paragraph)
    assert dateline is not None
    assert (dateline.place, dateline.when, dateline.agency) == (place, when, agency)
    assert paragraph[dateline.length :].strip().lower() == "the wall"


@pytest.mark.parametrize(
    "paragraph",
    [
        "The wall (a long one) - and the quay",
        "UPDATE - The wall",
        "I — we — shall see",
        "FACTBOX: The wall",
        "WALL NOT YET FALLEN DOWN, JUST LEANING - The wall",
        "Section 4, Part 3 - The wall",
        "Marrack, 44, said - and meant - it",
        "Odile Marrack - the harbour master",
        "The bill (S. 4) - a short one",
        "",
    ],
)
def test_what_only_looks_like_one_is_none(paragraph: str) -> None:
    assert read_dateline(paragraph) is None


def test_the_agency_in_small_letters() -> None:
    dateline = read_dateline("Port Orla (dpa) - The quay wall fell.")
    assert (dateline.place, dateline.agency) == ("Port Orla", "dpa") if dateline else False


@given(st.text(max_size=250))
def test_a_dateline_is_no_longer_than_its_paragraph(paragraph: str) -> None:
    dateline = read_dateline(paragraph)
    assert dateline is None or 0 < dateline.length <= len(paragraph)
