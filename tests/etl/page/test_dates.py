"""Days and instants as pages print them. No day here is that of a real article."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.page.dates import (
    MONTHS,
    by_day,
    by_path,
    is_label,
    month_of,
    read_dayline,
    read_line,
    read_month_day,
    read_stamp,
    without_dates,
)

MARCH = date(2031, 3, 4)


@pytest.mark.parametrize(
    "line",
    [
        "March 4, 2031",
        "Tuesday, March 4, 2031",
        "Tue 4 Mar 2031",
        "4th of March 2031",
        "4 MARCH 2031",
        "2031-03-04",
        "2031/03/04",
        "20310304",
        "03/04/2031",
        "4.3.2031",
        "4-Mar-2031",
        "2031 March 4",
        "Published: March 4, 2031 at 10:15 a.m.",
        "Posted on Tuesday 4 March 2031",
        "Mar. 4, 2031, 10:15 p.m. ET",
        "First published 2031-03-04T10:15:00Z",
        "Date: 4 March 2031",
        "Print edition: 4 March 2031",
        "Vol. 12, No. 9 | March 4, 2031",
        "March 4, 2031 · 6 min read",
        "March 4, 2031, Tuesday, BC cycle",
    ],
)
def test_a_date_line_is_read_in_any_form(line: str) -> None:
    stamp = read_line(line)
    assert stamp is not None
    assert (stamp.day, stamp.is_update) == (MARCH, False)


@pytest.mark.parametrize(
    "line",
    [
        "On March 4, 2031, the ferry sank.",
        "Marrack was elected on 4 March 2031",
        "The wall of March 4, 2031: a chronicle",
        "30 February 2031",
        "March 2031",
        "Flight 2031-03-04-17",
        "Version 1.3.4.2031",
        "Rain",
        "",
    ],
)
def test_what_says_more_or_less_than_a_date_is_none(line: str) -> None:
    assert read_line(line) is None


@pytest.mark.parametrize(
    ("line", "zone", "at"),
    [
        ("2031-03-04T10:15:00Z", None, datetime(2031, 3, 4, 10, 15, tzinfo=UTC)),
        ("2031-03-04 10:15:30+02:00", None, datetime(2031, 3, 4, 8, 15, 30, tzinfo=UTC)),
        ("March 4, 2031, 11:30 p.m. ET", None, datetime(2031, 3, 5, 4, 30, tzinfo=UTC)),
        ("4 July 2031 12:00 a.m. EDT", None, datetime(2031, 7, 4, 4, 0, tzinfo=UTC)),
        ("4 March 2031 10:15 GMT", None, datetime(2031, 3, 4, 10, 15, tzinfo=UTC)),
        ("4 July 2031 10:15", "Europe/London", datetime(2031, 7, 4, 9, 15, tzinfo=UTC)),
        ("4 March 2031 10:15", None, None),
        ("4 March 2031", "Europe/London", None),
    ],
)
def test_an_instant_needs_an_offset_that_is_printed_or_configured(
    line: str, zone: str | None, at: datetime | None
) -> None:
    stamp = read_line(line, zone)
    assert stamp is not None
    assert (stamp.at and stamp.at.astimezone(UTC)) == at


def test_an_update_counts_only_where_nothing_else_is_printed() -> None:
    both = read_line("Published: 4 March 2031 Updated: 6 March 2031")
    assert both is not None
    assert (both.day, both.is_update) == (MARCH, False)
    turned = read_line("Last updated 6 March 2031, first published 4 March 2031")
    assert turned is not None
    assert turned.day == MARCH
    alone = read_line("Updated: 2031-03-06 17:52")
    assert alone is not None
    assert (alone.day, alone.is_update) == (date(2031, 3, 6), True)


def test_numbers_put_the_day_first_where_the_source_says_so_or_they_must() -> None:
    assert [read_line("06/08/2031", day_first=first) for first in (False, True)] == [
        read_line("June 8, 2031"),
        read_line("August 6, 2031"),
    ]
    assert read_line("26/08/2031") == read_line("August 26, 2031")


def test_seconds_and_milliseconds_since_1970_are_read() -> None:
    stamp = read_stamp("1930000000")
    assert stamp is not None
    assert stamp == read_stamp("1930000000000")
    assert stamp.at == datetime(2031, 2, 27, 23, 6, 40, tzinfo=UTC)


@pytest.mark.parametrize(
    ("word", "month"),
    [
        *((name[:n], number) for number, name in enumerate(MONTHS, 1) for n in (3, len(name))),
        ("Sept.", 9),
        ("Macrh", 3),
        ("Mach", 3),
        ("Narch", 3),
        ("Juen", 6),
        ("Febuary", 2),
        ("Ma", None),
        ("Jule", None),
        ("Maryland", None),
        ("people", None),
        ("Mai", None),
    ],
)
def test_months_may_be_cut_short_or_misspelt_but_are_not_guessed(word: str, month: int | None) -> None:
    assert month_of(word) == month
    assert month_of(word.upper()) == month


def test_a_day_without_its_year_is_month_and_day() -> None:
    assert read_month_day("HAVEN, Macrh 16 -") == (3, 16)
    assert read_month_day("16th June") == (6, 16)
    assert read_month_day("12 people and 3 dogs") is None
    assert read_dayline("Tuesday, March 4, 10:15 a.m.") == (3, 4)
    assert read_dayline("Tuesday, March 4, was wet") is None
    assert is_label("Updated at 9:50 p.m. ET")
    assert not is_label("Updated rules for the harbour")


@pytest.mark.parametrize(
    ("path", "day"),
    [
        ("wire/2031/03/06/a.txt", date(2031, 3, 4)),
        ("wire/2031-03-06-flood.txt", date(2031, 3, 4)),
        ("wire/20310101_a.txt", date(2030, 3, 4)),
        ("wire/2031/a.txt", date(2031, 3, 4)),
        ("wire/a-12345.txt", None),
        ("wire/2031-99-06.txt", date(2031, 3, 4)),
    ],
)
def test_a_path_tells_the_year(path: str, day: date | None) -> None:
    assert by_path(3, 4, path) == day


def test_a_page_is_not_dated_after_it_was_there() -> None:
    assert by_day(12, 30, date(2031, 1, 2)) == date(2030, 12, 30)
    assert by_day(1, 3, date(2031, 1, 2)) == date(2031, 1, 3)
    assert by_day(2, 29, date(2032, 3, 1)) == date(2032, 2, 29)
    assert by_day(2, 30, date(2032, 3, 1)) is None


def test_dates_are_taken_off_a_line() -> None:
    assert without_dates("By Odile Marrack | March 4, 2031 10:15 GMT") == "By Odile Marrack |"
    assert without_dates("At the harbour") == "At the harbour"


FORMATS = st.sampled_from(["%B %d, %Y", "%d %B %Y", "%Y-%m-%d", "%a, %d %b %Y", "%m/%d/%Y", "Published: %A, %B %d, %Y"])


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)), FORMATS)
def test_every_day_is_read_back(day: date, form: str) -> None:
    stamp = read_line(day.strftime(form))
    assert stamp is not None
    assert stamp.day == day


@given(st.text(max_size=200), st.booleans())
def test_any_line_is_read_without_an_error(line: str, day_first: bool) -> None:
    stamp = read_line(line, "Europe/London", day_first=day_first)
    assert stamp is None or any(c.isdigit() for c in line)
    read_stamp(line), read_dayline(line), without_dates(line)
