"""Who wrote it and who printed it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.page.bylines import (
    Byline,
    is_name,
    is_role,
    outlet_of,
    read_bare_byline,
    read_byline,
    read_names,
    standard_outlet,
)

MARRACK, QUILL = "Odile Marrack", "Halvard Quill"


@pytest.mark.parametrize(
    ("line", "authors", "publisher"),
    [
        ("By Odile Marrack", (MARRACK,), None),
        ("by Odile Marrack and Halvard Quill", (MARRACK, QUILL), None),
        ("By Odile Marrack and Halvard Quill, The Tern", (MARRACK, QUILL), "The Tern"),
        ("BY ODILE MARRACK, HALVARD QUILL", ("ODILE MARRACK", "HALVARD QUILL"), None),
        ("BYLINE: Odile Marrack;Halvard Quill".removeprefix("BYLINE: ").join(("By: ", "")), (MARRACK, QUILL), None),
        ("By Odile Marrack | The Orla Gazette", (MARRACK,), "The Orla Gazette"),
        ("By Odile Marrack, political editor", (MARRACK,), None),
        ("By Odile Marrack in Port Orla", (MARRACK,), None),
        ("By Odile Marrack omarrack@tern.example 555-0142-77", (MARRACK,), None),
        ("Written by Odile Marrack, AP", (MARRACK,), "AP"),
        ("By Dr. Odile van der Marrack", ("Dr. Odile van der Marrack",), None),
        ("By Tobias Fenwright Jr.", ("Tobias Fenwright Jr.",), None),
        ("By Odile Marrack March 4, 2031", (MARRACK,), None),
        ("By The Associated Press", (), "The Associated Press"),
        ("Interview by Odile Marrack", (MARRACK,), None),
        ("Reporting by Odile Marrack", (MARRACK,), None),
        ("Text: Odile Marrack", (MARRACK,), None),
        ("By Odile Marrack and agencies", (MARRACK,), None),
        ("By Staff Reporter", (), None),
        ("By the Editorial Board", (), None),
        ("As told to Odile Marrack", (MARRACK,), None),
        ("By Odile Marrack 2 hours ago", (MARRACK,), None),
        ("By Samira al-Marrack and Nils d’Quill", ("Samira al-Marrack", "Nils d’Quill"), None),
    ],
)
def test_bylines_are_taken_apart(line: str, authors: tuple[str, ...], publisher: str | None) -> None:
    assert read_byline(line) == Byline(authors, publisher)


@pytest.mark.parametrize(
    "line",
    [
        "By the time the ferry sailed, everybody had left the quay.",
        "By Friday the wall was mended",
        "By and large, it rained",
        "Story: a wall falls",
        "Interview: Odile Marrack",
        "By the standards of editors and writers everywhere, it was short",
        "Odile Marrack",
        "Bystanders cheered",
    ],
)
def test_sentences_that_begin_with_by_are_none(line: str) -> None:
    assert read_byline(line) is None


@pytest.mark.parametrize(
    ("line", "authors", "publisher"),
    [
        ("Odile Marrack, Orla Daily News", (MARRACK,), "Orla Daily News"),
        ("Odile Marrack and Halvard Quill, staff writers", (MARRACK, QUILL), None),
        ("Odile Marrack omarrack@tern.example", (MARRACK,), None),
    ],
)
def test_bylines_without_their_by(line: str, authors: tuple[str, ...], publisher: str | None) -> None:
    assert read_bare_byline(line) == Byline(authors, publisher)


@pytest.mark.parametrize(
    "line", ["Rain, wind and a wall", "Odile Marrack and Halvard Quill", "The harbour | A history"]
)
def test_names_alone_are_no_byline(line: str) -> None:
    assert read_bare_byline(line) is None


def test_values_known_to_name_authors() -> None:
    assert read_names("MARRACK, ODILE; QUILL, HALVARD").authors == ("ODILE MARRACK", "HALVARD QUILL")
    assert read_names("By Odile Marrack; Halvard Quill, The Tern") == Byline((MARRACK, QUILL), "The Tern")
    assert read_names("['Odile Marrack', \"Sean O'Quill\"]").authors == (MARRACK, "Sean O'Quill")
    assert read_names("Cassandra").authors == ("Cassandra",)
    assert read_names("").authors == ()


@pytest.mark.parametrize(
    ("piece", "is_one"),
    [
        (MARRACK, True),
        ("J. R. Quill", True),
        ("Odile de la Marrack", True),
        ("Siân O’Quill-Marrack", True),
        ("Tobias Fenwright Jr.", True),
        ("Odile", False),
        ("odile marrack", False),
        ("Correction Appended.", False),
        ("Odile Marrack 4", False),
        ("Did Marrack Know?", False),
        ("One Two Three Four Five Six", False),
    ],
)
def test_what_looks_like_one_persons_name(piece: str, is_one: bool) -> None:
    assert is_name(piece) == is_one


@pytest.mark.parametrize(
    ("line", "is_one"),
    [
        ("Harbour correspondent", True),
        ("STAFF WRITER", True),
        ("Political editor, The Tern", True),
        ("Writer leaves the harbour board", False),
        (MARRACK, False),
    ],
)
def test_a_role_says_what_the_person_above_it_does(line: str, is_one: bool) -> None:
    assert is_role(line) == is_one


def test_outlets_are_told_by_name_or_by_a_word() -> None:
    assert [outlet_of(p) for p in ("Reuters", "AP Photo", "The Orla Gazette", MARRACK, "Senior News Editor")] == [
        "Reuters",
        "AP",
        "The Orla Gazette",
        None,
        None,
    ]


@given(st.text(max_size=250))
def test_any_line_is_taken_apart_without_an_error(line: str) -> None:
    for byline in (read_byline(line), read_bare_byline(line), read_names(line)):
        assert byline is None or all(name.strip() for name in byline.authors)


def test_an_agency_has_one_name() -> None:
    assert {standard_outlet(printed) for printed in ("REUTERS", "Reuter", "Reuters")} == {"Reuters"}
    assert standard_outlet("The Associated Press") == standard_outlet("AP") == "Associated Press"
    assert standard_outlet("The Orla Gazette") == "The Orla Gazette"
