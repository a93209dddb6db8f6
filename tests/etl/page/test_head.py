"""The head and foot of a page, line by line; whole pages are in `test_parse`."""

from datetime import date

import pytest

from etl.page.head import Context, Mark, read_foot, read_head, read_imprint, without_repeat
from etl.page.lines import lines_of

LEAD = "The harbour board of Port Orla will mend the quay wall before the winter storms arrive, it said on Tuesday."


def head(text: str, title: str | None = None) -> list[tuple[str, str]]:
    marks, n_lines = read_head(lines_of(text), title, Context(), wrapped=False)
    assert n_lines == len(marks), "each line of these heads is one mark"
    return [(mark.kind, text[mark.start : mark.end]) for mark in marks]


def foot(text: str) -> list[Mark]:
    return read_foot(lines_of(text), Context())


def test_a_head_ends_where_the_first_paragraph_begins() -> None:
    text = f"Board to mend quay wall\nBy Odile Marrack\nMarch 4, 2031\n\n{LEAD}\n\n{LEAD}\n"
    assert head(text) == [
        ("headline", "Board to mend quay wall"),
        ("byline", "By Odile Marrack"),
        ("date line", "March 4, 2031"),
    ]


def test_a_title_that_the_format_gives_decides_which_line_is_the_headline() -> None:
    text = f"Quay wall\n\nOdile Marrack\n\n{LEAD}\n"
    assert head(text, title="Quay Wall!") == [("headline", "Quay wall"), ("byline", "Odile Marrack")]
    assert head(text, title="Another title") == [("subtitle", "Quay wall"), ("byline", "Odile Marrack")]


def test_keys_of_an_export_are_marked_by_their_values() -> None:
    text = f"Title: Quay wall\nAuthor: Odile Marrack\nPublication date: 06/08/2031\nSection: News\n\n{LEAD}\n"
    marks, _ = read_head(lines_of(text), None, Context(day_first=True), wrapped=False)
    assert [(m.kind, text[m.start : m.end]) for m in marks] == [
        ("headline", "Quay wall"),
        ("byline", "Odile Marrack"),
        ("date line", "06/08/2031"),
        ("boilerplate", "Section: News"),
    ]
    assert [m.stamp.day for m in marks if m.stamp] == [date(2031, 8, 6)]


def test_a_page_that_begins_with_prose_has_no_head() -> None:
    assert head(f"{LEAD}\n\n{LEAD}\n") == []


def test_lines_of_keys_end_a_page() -> None:
    text = f"{LEAD}\n\nLoad-Date: March 4, 2031\nLanguage: ENGLISH\nEnd of Document\n"
    marks = foot(text)
    assert [text[m.start : m.end] for m in marks] == ["March 4, 2031", "Language: ENGLISH", "End of Document"]
    assert [m.stamp.is_update for m in marks if m.stamp] == [True]
    assert foot(f"{LEAD}\n\nNote: the wall is old.\n") == []


@pytest.mark.parametrize(
    ("above", "kind"),
    [
        ("ENVIRONMENT", "boilerplate"),
        ("World news", "boilerplate"),
        ("Home > News > Harbour", "boilerplate"),
        ("Log in", "boilerplate"),
        ("FOR IMMEDIATE RELEASE", "boilerplate"),
        ("The Orla Gazette", "boilerplate"),
        ("Harbour in ruins", "headline"),
    ],
)
def test_what_stands_above_a_headline_is_none(above: str, kind: str) -> None:
    text = f"{above}\n\nBoard to mend quay wall\n\nBy Odile Marrack\n\n{LEAD}\n"
    assert head(text)[:2] == [
        (kind, above),
        ("headline" if kind == "boilerplate" else "subtitle", "Board to mend quay wall"),
    ]


def test_a_section_is_the_headline_where_no_other_follows() -> None:
    assert head(f"Obituaries\n\nBy Odile Marrack\n\n{LEAD}\n")[0] == ("headline", "Obituaries")
    assert head(f"World news\n\n{LEAD}\n") == [("headline", "World news")]


def test_a_section_is_no_outlet() -> None:
    marks, _ = read_head(lines_of(f"Review\nThe wall of Port Orla\n\n{LEAD}\n"), None, Context(), wrapped=False)
    assert [(m.kind, m.byline) for m in marks] == [("boilerplate", None), ("headline", None)]


@pytest.mark.parametrize(
    "lines",
    [
        ("By Odile Marrack", "STAFF WRITER", "March 4, 2031"),
        ("Odile Marrack", "Harbour correspondent", "4 March 2031"),
        ("Odile Marrack", "212 words", "4 March 2031"),
        ("Opinion by Odile Marrack", "4 March 2031"),
        ("Written by Odile Marrack", "Published: 4 March 2031"),
        ("From Odile Marrack in Port Orla", "4 March 2031"),
    ],
)
def test_a_byline_is_one_with_the_role_or_length_below_it(lines: tuple[str, ...]) -> None:
    text = "\n".join(("Board to mend quay wall", *lines, "", LEAD, ""))
    marks, _ = read_head(lines_of(text), None, Context(), wrapped=False)
    assert [name for m in marks if m.byline for name in m.byline.authors] == ["Odile Marrack"]
    assert {m.kind for m in marks} <= {"headline", "byline", "date line", "boilerplate"}


def test_a_place_may_stand_between_name_and_day() -> None:
    text = f"Board to mend quay wall\nOdile Marrack\nNew York\n4 March 2031\n\n{LEAD}\n"
    marks, _ = read_head(lines_of(text), None, Context(), wrapped=False)
    assert [m.byline.authors for m in marks if m.byline] == [("Odile Marrack",)]


def test_names_alone_are_a_byline_above_the_day() -> None:
    text = f"Board to mend quay wall\n\nOdile Marrack · Halvard Quill\n\n4 March 2031\n\n{LEAD}\n"
    assert [kind for kind, _ in head(text)] == ["headline", "byline", "date line"]


def test_a_key_is_the_label_of_its_first_date_alone() -> None:
    text = f"Wall\nLast modified: March 6, 2031; first published: March 4, 2031\n\n{LEAD}\n"
    marks, _ = read_head(lines_of(text), None, Context(), wrapped=False)
    assert [(m.stamp.day, m.stamp.is_update) for m in marks if m.stamp] == [(date(2031, 3, 4), False)]


def test_keys_of_yaml_are_read_without_their_quotes() -> None:
    text = f'---\ntitle: "Quay wall"\nauthor: Odile Marrack\ndate: 2031-03-04\n---\n\n{LEAD}\n'
    marks, _ = read_head(lines_of(text), None, Context(), wrapped=False)
    assert [text[m.start : m.end] for m in marks if m.header] == ["Quay wall", "Odile Marrack", "2031-03-04"]


def test_marks_that_begin_and_end_a_value_may_not_enclose_it() -> None:
    text = "title: 'Wall' is a 'risk'\nauthor: Odile Marrack\n\n" + LEAD
    assert head(text)[0] == ("headline", "'Wall' is a 'risk'")


def test_unknown_keys_belong_to_a_foot_below_a_known_one() -> None:
    text = f"{LEAD}\n\nMarrack: It will hold.\n\nTitle: Quay wall\nPages: A.1\nPublication date: Mar 4, 2031\nDatabase: Wire\n"
    marks = foot(text)
    assert [text[m.start : m.end] for m in marks] == ["Quay wall", "Pages: A.1", "Mar 4, 2031", "Database: Wire"]


def test_a_second_line_that_repeats_the_first_is_cut_after_it() -> None:
    text = "New quay wall\nNew quay wall By Odile Marrack\n"
    assert [(line.text, text[line.start : line.end]) for line in without_repeat(lines_of(text))] == [
        ("New quay wall", "New quay wall"),
        ("New quay wall", "New quay wall"),
        ("By Odile Marrack", "By Odile Marrack"),
    ]
    assert without_repeat(lines_of("New quay wall\nNew quay walls\n")) == lines_of("New quay wall\nNew quay walls\n")
    about = lines_of("The Tern\nThe Tern wins prize\n")
    assert without_repeat(about) == about


@pytest.mark.parametrize(
    ("line", "publisher"),
    [
        ("(The Tern 06/08/2016 page 4)", "The Tern"),
        ("Published in The Tern on 06/08/2016", "The Tern"),
        ("The wall fell on 06/08/2016", None),
        ("The Tern page 4", None),
    ],
)
def test_an_imprint_is_an_outlet_and_a_day(line: str, publisher: str | None) -> None:
    mark = read_imprint(lines_of(line)[0], Context(day_first=True))
    assert (mark.byline.publisher if mark and mark.byline else None) == publisher
    assert (mark.stamp.day if mark and mark.stamp else None) == (date(2016, 8, 6) if publisher else None)
