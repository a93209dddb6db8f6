from datetime import date
from pathlib import Path

import pytest

from etl.errors import ConfigError
from etl.path_pattern import PathFields, read_path, valid_pattern
from tests.helpers import article, build_in_process, listed, write
from warehouse.reader import query


@pytest.mark.parametrize(
    ("pattern", "path", "wanted"),
    [
        (
            "{publisher}/{published_on:%Y-%m-%d}_{slug}.txt",
            "Courier/2031-03-04_rain.txt",
            PathFields("Courier", date(2031, 3, 4)),
        ),
        ("{published_on:%Y/%m/%d}/{slug}", "2031/3/4/rain.txt", PathFields(None, date(2031, 3, 4))),
        ("{published_on:%Y%m%d}-{slug}.txt", "20310304-rain.txt", PathFields(None, date(2031, 3, 4))),
        ("{published_on}.txt", "2031-13-45.txt", PathFields()),
        ("{publisher}/{slug}.txt", "Courier/deep/rain.txt", PathFields()),
        ("{publisher} (x)/{slug}", "Courier (x)/rain.txt", PathFields("Courier")),
    ],
)
def test_a_path_tells_by_its_pattern(pattern: str, path: str, wanted: PathFields) -> None:
    assert read_path(valid_pattern(pattern), path) == wanted


@pytest.mark.parametrize(
    "pattern",
    [
        "{author}/{slug}",
        "{publisher",
        "{publisher}/{publisher}",
        "{slug}.txt",
        "{published_on:%A}",
        "/{publisher}/{slug}",
        "",
    ],
)
def test_a_pattern_that_cannot_match_is_refused(tmp_path: Path, pattern: str) -> None:
    (tmp_path / "in").mkdir()
    listed(tmp_path / "w", f"[[source]]\nname = 'in'\npath = '{tmp_path / 'in'}'\nfrom_path = '{pattern}'\n")
    with pytest.raises(ConfigError, match="from_path"):
        build_in_process(tmp_path / "w")


def test_who_printed_it_and_when_come_from_path_and_configuration(tmp_path: Path) -> None:
    undated = article("“It rained,” Halvard Quill said.", day=None)
    write(tmp_path / "in", {"Courier/2031-03-04_rain.txt": undated, "odd.txt": undated + "More."})
    write(tmp_path / "wire", {"a.txt": article("“It rained again,” Halvard Quill said.")})
    sources = {
        "in": "from_path = '{publisher}/{published_on:%Y-%m-%d}_{slug}.txt'",
        "wire": "publisher = 'Norvane Press'",
    }
    listed(
        tmp_path / "w",
        "\n".join(f"[[source]]\nname = '{n}'\npath = '{tmp_path / n}'\n{more}" for n, more in sources.items()),
    )
    build_in_process(tmp_path / "w")
    columns = "source_uri, publisher, outlet, published_on::VARCHAR AS day, published_from"
    assert [
        tuple(row.values()) for row in query(tmp_path / "w", f"SELECT {columns} FROM article ORDER BY 1").to_pylist()
    ] == [
        ("in/Courier/2031-03-04_rain.txt", "Courier", "Courier", "2031-03-04", "path"),
        ("in/odd.txt", None, "in", None, None),
        ("wire/a.txt", "Norvane Press", "Norvane Press", "2031-03-18", "date line"),
    ]
    assert query(tmp_path / "w", "SELECT DISTINCT outlet FROM utterance").num_rows == 3
