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


def test_a_second_line_that_repeats_the_first_is_cut_after_it() -> None:
    text = "Quay wall\nQuay wall By Odile Marrack\n"
    assert [(line.text, text[line.start : line.end]) for line in without_repeat(lines_of(text))] == [
        ("Quay wall", "Quay wall"),
        ("Quay wall", "Quay wall"),
        ("By Odile Marrack", "By Odile Marrack"),
    ]
    assert without_repeat(lines_of("Quay wall\nQuay walls\n")) == lines_of("Quay wall\nQuay walls\n")


@pytest.mark.parametrize(
    ("line", "publisher"),
    [("(The Tern 06/08/2016 page 4)", "The Tern"), ("The wall fell on 06/08/2016", None), ("The Tern page 4", None)],
)
def test_an_imprint_is_an_outlet_and_a_day(line: str, publisher: str | None) -> None:
    mark = read_imprint(lines_of(line)[0], Context(day_first=True))
    assert (mark.byline.publisher if mark and mark.byline else None) == publisher
    assert (mark.stamp.day if mark and mark.stamp else None) == (date(2016, 8, 6) if publisher else None)
