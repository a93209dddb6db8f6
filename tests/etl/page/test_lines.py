"""Lines, and the paragraphs they form where a page is wrapped by hand."""

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.page.lines import is_wrapped, lines_of, units_of

PARAGRAPHS = (
    "The quay wall at Port Orla will be mended before the winter, the harbour board decided on Friday after a long meeting.",
    "Odile Marrack, who leads it, said that nobody had looked at the wall in forty years and that the stones had moved.",
    "Work begins in May. It will cost four million, most of it from the county, and the ferry will sail all the same.",
)


def joined(text: str) -> list[str]:
    lines = lines_of(text)
    return [unit.text for unit in units_of(lines, is_wrapped=is_wrapped(lines))]


@pytest.mark.parametrize("width", [40, 64, 72, 90, 120])
@pytest.mark.parametrize("indent", ["", "    "])
@pytest.mark.parametrize("between", ["\n", "\n\n"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_wrapped_lines_are_joined_to_paragraphs(width: int, indent: str, between: str, line_end: str) -> None:
    if between == "\n" and not indent:
        between = "\n\n"  # nothing else tells one paragraph from the next
    text = between.join(textwrap.fill(p, width, initial_indent=indent) for p in PARAGRAPHS)
    assert joined(text.replace("\n", line_end)) == list(PARAGRAPHS)


def test_a_paragraph_a_line_is_left_alone() -> None:
    assert joined("\n".join(PARAGRAPHS)) == list(PARAGRAPHS)


def test_marks_of_markdown_are_not_of_the_line() -> None:
    text = "# Quay wall\n*By Odile Marrack*\n**March 4, 2031**\n* a bullet\n5 * 4 * 3\n* * *\n"
    lines = lines_of(text)
    assert [line.text for line in lines] == [
        "Quay wall",
        "By Odile Marrack",
        "March 4, 2031",
        "* a bullet",
        "5 * 4 * 3",
        "* * *",
    ]
    assert [text[line.start : line.end] for line in lines] == [line.text for line in lines]


def test_lists_and_verses_are_not_paragraphs() -> None:
    assert joined("Marrack\nQuill\nFenwright\nTolgarth\n") == ["Marrack", "Quill", "Fenwright", "Tolgarth"]


@given(st.text(st.sampled_from("Ab. \n\r\t\v\f\u2028\u00a0"), max_size=120))
def test_lines_and_units_are_where_they_say(text: str) -> None:
    lines = lines_of(text)
    assert [text[line.start : line.end] for line in lines] == [line.text for line in lines]
    for wrapped in (False, True):
        units = units_of(lines, is_wrapped=wrapped)
        assert all(" ".join(text[u.start : u.end].split()) == " ".join(u.text.split()) for u in units)
        assert [u.start for u in units] == sorted({u.start for u in units})
