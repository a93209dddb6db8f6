from datetime import date
from pathlib import Path

import pytest

from etl.csv_rows import ERRORS_SHOWN
from etl.entities.authority import Scope, read_authority
from etl.errors import ConfigError

HEADER = "name,aliases,type,id,publisher,source,published_from,published_to\n"


def write(folder: Path, *lines: str, header: str = HEADER) -> Path:
    path = folder / "people.csv"
    path.write_text(header + "".join(line + "\n" for line in lines), encoding="utf-8")
    return path


def test_rows_are_read_with_their_lines(tmp_path: Path) -> None:
    path = write(
        tmp_path, "Ivo Tallis,Tallis|I. Tallis,person,Q1,,,,", "", '"Tallis, Mara",,PERSON,,Gazette,wire/,2001-02-03,'
    )
    ivo, mara = read_authority(path).rows
    assert (ivo.line, ivo.name, ivo.aliases, ivo.entity_type, ivo.id) == (
        2,
        "Ivo Tallis",
        ("Tallis", "I. Tallis"),
        "PERSON",
        "Q1",
    )
    assert not ivo.scope
    assert (mara.line, mara.id) == (4, None)
    assert mara.scope == Scope("Gazette", "wire", None, date(2001, 2, 3), None)


def test_a_short_header_will_do(tmp_path: Path) -> None:
    [row] = read_authority(write(tmp_path, "ORG,Harbour Board", header="type,name\n")).rows
    assert (row.name, row.entity_type) == ("Harbour Board", "ORG")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("Ivo Tallis,,ROBOT,Q1,,,,", "type is 'ROBOT'"),
        (" ,,PERSON,Q1,,,,", "name is empty"),
        ("Ivo Tallis,,PERSON,Q1,,,3 May,", "published_from is '3 May'"),
        ("Ivo Tallis,,PERSON,Q1,,,2002-01-01,2001-01-01", "after published_to"),
        ("Ivo\x1b[31m Tallis,,PERSON,Q1,,,,", r"name has the control character '\\x1b'"),
        ("Ivo Tallis,PERSON,Q1", "3 cells for 8 columns"),
        ('"Ivo Tallis', "not CSV"),
    ],
)
def test_a_bad_row_refuses_the_file_with_the_line(tmp_path: Path, line: str, says: str) -> None:
    with pytest.raises(ConfigError, match=rf"people\.csv, line 3: .*{says}"):
        read_authority(write(tmp_path, "Mara Quill,,PERSON,Q9,,,,", line))


def test_gender_is_a_persons_and_one_for_one_id(tmp_path: Path) -> None:
    header = "name,type,id,gender\n"
    rows = read_authority(write(tmp_path, "Mara Quill,PERSON,Q9,woman", "Ivo Tallis,PERSON,,", header=header)).rows
    assert [row.gender for row in rows] == ["woman", None]
    for line, says in (
        ("Harbour Board,ORG,,woman", "for a PERSON"),
        ("Ivo Tallis,PERSON,,x", "use one of"),
        ("Mara Quill,PERSON,Q9,man", "one gender"),
    ):
        with pytest.raises(ConfigError, match=says):
            read_authority(write(tmp_path, "Mara Quill,PERSON,Q9,woman", line, header=header))


def test_an_unknown_column_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"line 1: .*colour"):
        read_authority(write(tmp_path, header="name,type,colour\n"))


def test_bytes_that_are_not_utf_8_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_bytes(HEADER.encode() + b"Jos\xe9,,PERSON,Q1,,,,\n")
    with pytest.raises(ConfigError, match="not UTF-8"):
        read_authority(path)


@pytest.mark.parametrize(
    "lines",
    [
        ("Ivo Tallis,Tallis,PERSON,Q1,,,,", "Mara Tallis,tallis,PERSON,Q2,,,,"),
        ("Ivo Tallis,,PERSON,Q1,Gazette,,,", "Ivo Tallis,,PERSON,Q2,,wire,,"),
        ("Ivo Tallis,,PERSON,Q1,,,2001-01-01,2001-12-31", "Ivo Tallis,,PERSON,Q2,,,2001-12-31,"),
        ("Ivo Tallis,,PERSON,Q1,,,,", "Mara Quill,,PERSON,Q1,,,,"),
    ],
)
def test_a_name_that_would_be_two_entities_refuses_the_file(tmp_path: Path, lines: tuple[str, str]) -> None:
    with pytest.raises(ConfigError, match=r"line 3: .* on line 2"):
        read_authority(write(tmp_path, *lines))


def test_all_conflicts_are_listed_at_once_up_to_a_number(tmp_path: Path) -> None:
    names = [f"{chr(ord('A') + n)}va Tallis,Tallis,PERSON,,,,," for n in range(ERRORS_SHOWN + 3)]
    with pytest.raises(ConfigError) as refused:
        read_authority(write(tmp_path, *names))
    *shown, more = str(refused.value).splitlines()
    assert [line.partition(":")[0] for line in shown] == [
        f"{tmp_path / 'people.csv'}, line {n}" for n in range(3, 3 + ERRORS_SHOWN)
    ]
    assert all("'Ava Tallis' on line 2; delete one" in line for line in shown)
    assert more == "2 more"


@pytest.mark.parametrize(
    "lines",
    [
        ("Ivo Tallis,,PERSON,Q1,Gazette,,,", "Ivo Tallis,,PERSON,Q2,Herald,,,"),
        ("Ivo Tallis,,PERSON,Q1,,wire/north,,", "Ivo Tallis,,PERSON,Q2,,wire/south,,"),
        ("Ivo Tallis,,PERSON,Q1,,,,2001-12-31", "Ivo Tallis,,PERSON,Q2,,,2002-01-01,"),
        ("Ivo Tallis,,PERSON,Q1,,,,", "Ivo Tallis,,PERSON,Q2,Gazette,,,"),
        ("Marlowe,,PERSON,Q1,,,,", "Marlowe,,GPE,Q2,,,,"),
    ],
)
def test_names_told_apart_by_scope_or_class_are_no_conflict(tmp_path: Path, lines: tuple[str, str]) -> None:
    assert len(read_authority(write(tmp_path, *lines)).rows) == 2
