from datetime import date
from pathlib import Path

import pytest

from etl.corrections.file import read_corrections
from etl.entities.authority import Row
from etl.errors import ConfigError

HEADER = "kind,source_uri,record_key,words,before,after,value,type,id,corrected_by,corrected_on,reason\n"
WHO = "ann,2031-05-01,heard"


def write(folder: Path, *lines: str, header: str = HEADER, name: str = "corrections.csv") -> Path:
    path = folder / name
    path.write_text(header + "\n".join(lines), encoding="utf-8")
    return path


def test_a_line_is_read(tmp_path: Path) -> None:
    path = write(tmp_path, f"Speaker,in/a.txt,,'=Mend it,,,Ivo Tallis,,Q1,{WHO}")
    (row,) = read_corrections([path]).rows
    assert (row.kind, row.words, row.value, row.type, row.id) == ("speaker", "=Mend it", "Ivo Tallis", "PERSON", "Q1")
    assert (row.source_uri, row.record_key, row.line) == ("in/a.txt", None, 2)
    assert (row.corrected_by, row.corrected_on, row.reason) == ("ann", date(2031, 5, 1), "heard")


def test_an_undecided_line_does_nothing_whatever_it_says(tmp_path: Path) -> None:
    assert read_corrections([write(tmp_path, ",in/a.txt,,,,,,nonsense,,,,")]).rows == ()


def test_an_id_of_an_authority_file_needs_no_name(tmp_path: Path) -> None:
    path = write(tmp_path, f"speaker,in/a.txt,,Mend it,,,,,Q1,{WHO}")
    (row,) = read_corrections([path], [Row(3, "ORG", "Harbour Board", id="Q1")]).rows
    assert (row.value, row.type) == ("Harbour Board", "ORG")


def test_white_space_makes_no_other_correction(tmp_path: Path) -> None:
    one = read_corrections([write(tmp_path, f"span,in/a.txt,,Mend it,,,it,,,{WHO}")]).rows[0]
    other = read_corrections([write(tmp_path, f'span,in/a.txt,,"Mend\nit",,,it,,,{WHO}')]).rows[0]
    assert one.correction_id == other.correction_id
    changed = read_corrections([write(tmp_path, f"span,in/a.txt,,Mend it,,,Mend,,,{WHO}")]).rows[0]
    assert (changed.correction_id == one.correction_id, changed.digest == one.digest) == (True, False)


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_what_stands_between_cells_in_the_place_of_commas_is_named(tmp_path: Path, delimiter: str) -> None:
    path = write(tmp_path, header=HEADER.replace(",", delimiter))
    with pytest.raises(ConfigError, match=r"line 1: the cells are separated by .*; save it as CSV with commas"):
        read_corrections([path])


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (f"speeker,in/a.txt,,Mend it,,,Ivo Tallis,,,{WHO}", "kind is 'speeker'; use one of speaker, not speech"),
        (f"speaker,,,Mend it,,,Ivo Tallis,,,{WHO}", "names no article"),
        (f"speaker,in/a.txt,,“”,,,Ivo Tallis,,,{WHO}", "words is empty"),
        (f"speaker,in/a.txt,,Mend it,,,,,,{WHO}", "value is empty; give the right name"),
        (f"speaker,in/a.txt,,Mend it,,,,,Q9,{WHO}", "id Q9 is in no authority file"),
        (f"speaker,in/a.txt,,Mend it,,,Ivo Tallis,KING,,{WHO}", "type is 'KING'"),
        (f"speaker,in/a.txt,,Mend it,,,Ivo Tallis,none,,{WHO}", "type is 'none', for speakers without a name"),
        (f"entity,in/a.txt,,Tallis,,,,anonymous,,{WHO}", "value is empty"),
        (f"span,in/a.txt,,Mend it,,,,,,{WHO}", "value is empty; give the right words"),
        (f"date,in/a.txt,,,,,3 May 2031,,,{WHO}", "value is '3 May 2031'; write days like 2017-12-11"),
        (f"date,in/a.txt,,,,,0031-05-03,,,{WHO}", "value is '0031-05-03'"),
        (f"speaker,in/a.txt,,Mend it,,,Ivo\x00Tallis,,,{WHO}", r"value has the control character '\\x00'; delete it"),
        (f"title,in/a.txt,,,,,\x1b[31mHead,,,{WHO}", r"value has the control character '\\x1b'"),
        (f"authors,in/a.txt,,,,,Ivo \u202esillaT,,,{WHO}", r"value has the control character '\\u202e'"),
        (f"speaker,in/a.txt,,Mend it,,,Ivo Tallis,,Q\x071,{WHO}", r"id has the control character '\\x07'"),
        (
            "not speech,in/a.txt,,Mend it,,,,,,a\x9bnn,2031-05-01,heard",
            r"corrected_by has the control character '\\x9b'",
        ),
        ("not speech,in/a.txt,,Mend it,,,,,,,2031-05-01,heard", "corrected_by is empty"),
        ("not speech,in/a.txt,,Mend it,,,,,,ann,2031-05-01,", "reason is empty"),
        ("not speech,in/a.txt,,Mend it,,,,,,ann,May,heard", "corrected_on is 'May'"),
        ("not speech,in/a.txt", "has 2 cells for 12 columns"),
    ],
)
def test_a_malformed_line_is_refused_by_file_and_line(tmp_path: Path, line: str, says: str) -> None:
    path = write(tmp_path, f"title,in/b.txt,,,,,A title,,,{WHO}", line)
    with pytest.raises(ConfigError, match=rf"corrections\.csv, line 3: {says}"):
        read_corrections([path])


def test_two_corrections_of_one_thing_are_refused(tmp_path: Path) -> None:
    one = write(tmp_path, f"title,in/b.txt,,,,,A title,,,{WHO}")
    two = write(tmp_path, f"title,in/b.txt,,,,,Another,,,{WHO}", name="more.csv")
    with pytest.raises(ConfigError, match=r"more\.csv, line 2: corrects the same as line 2 of .*corrections\.csv"):
        read_corrections([one, two])


def test_one_id_has_one_name(tmp_path: Path) -> None:
    lines = [f"speaker,in/{name}.txt,,Mend it,,,{name},,Q1,{WHO}" for name in ("Ann", "Bo")]
    with pytest.raises(ConfigError, match="id Q1 is 'Bo', but 'Ann' on line 2"):
        read_corrections([write(tmp_path, *lines)])
    with pytest.raises(ConfigError, match=r"id Q1 is 'Cy' on line 5 of people\.csv, not 'Ann'"):
        read_corrections([write(tmp_path, lines[0])], [Row(5, "PERSON", "Cy", id="Q1", file=Path("people.csv"))])


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.csv cannot be read"):
        read_corrections([tmp_path / "none.csv"])


def test_a_reason_may_have_lines_and_words_are_as_the_article_has_them(tmp_path: Path) -> None:
    path = write(tmp_path, 'span,in/a.txt,,"Mend\x1b it","\x02",,"\x1b it",,,ann,2031-05-01,"heard\r\ntwice"')
    (row,) = read_corrections([path]).rows
    assert (row.words, row.before, row.value, row.reason) == ("Mend\x1b it", "\x02", "\x1b it", "heard\r\ntwice")
