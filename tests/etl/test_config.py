from pathlib import Path

import pytest

from etl.config import Config, Source, load_config, save_config, with_authority, with_sources
from etl.errors import ConfigError

WRITTEN = """\
# ours, see the wiki
memory_limit = "1GB"

[[source]]
name = "wire"
path = "/news/wire"  # the agency's
year = 1987
"""


def test_what_people_wrote_stays_and_new_sources_are_added(tmp_path: Path) -> None:
    path, folder = tmp_path / "ontherecord.toml", tmp_path / "morning"
    folder.mkdir()
    path.write_text(WRITTEN)
    config, (chosen,) = with_sources(load_config(path), [folder])
    save_config(path, config.model_copy(update={"model": "another_pipeline"}))
    text = path.read_text()
    assert "# ours, see the wiki" in text
    assert "# the agency's" in text
    again = load_config(path)
    assert [source.name for source in again.source] == ["wire", "morning"]
    assert again.source[1] == chosen == Source(name="morning", path=folder.resolve())
    assert (again.memory_limit, again.model) == ("1GB", "another_pipeline")


def test_authority_files_are_entered_once_above_the_sources(tmp_path: Path) -> None:
    path = tmp_path / "ontherecord.toml"
    path.write_text('authority = ["people.csv"]  # decided by us\n' + WRITTEN)
    config = with_authority(load_config(path), [tmp_path / "people.csv", tmp_path / "places.csv"])
    save_config(path, config)
    again = load_config(path)
    assert again.authority == config.authority == (tmp_path / "people.csv", tmp_path / "places.csv")
    assert [source.name for source in again.source] == ["wire"]
    assert '"people.csv"' in path.read_text()
    path.write_text(WRITTEN)
    save_config(path, config)
    assert load_config(path) == config


def test_a_source_is_found_again_by_its_path_from_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "in").mkdir()
    config, _ = with_sources(Config(), [tmp_path / "in"], "news")
    monkeypatch.chdir(tmp_path)
    again, (source,) = with_sources(config, [Path("in")])
    assert again == config
    assert source.name == "news"


def test_a_file_is_a_source_named_without_its_suffix(tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_text("Head\n")
    assert with_sources(Config(), [tmp_path / "one.txt"])[1][0].name == "one"


def test_options_that_change_rows_are_named_and_others_are_not() -> None:
    assert Source(name="a", path=Path("/a")).options == ""
    assert Source(name="a", path=Path("/a"), year=1987, day_first=True).options == "day_first=True, year=1987"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("model = [", "is not valid TOML"),
        ("modle = 'x'", "modle: Extra inputs are not permitted"),
        ("[[source]]\nname = 'a'\npath = '/a'\ntimezone = 'Mars/Base'", "no time zone is called 'Mars/Base'"),
        ("[[source]]\nname = 'a'\npath = '/a'\nencoding = 'klingon'", "no encoding is called 'klingon'"),
        ("[[source]]\nname = 'a/b'\npath = '/a'", "source.0.name"),
        (
            "[[source]]\nname = 'a'\npath = '/a'\n[[source]]\nname = 'a'\npath = '/b'",
            "more than one source is called a",
        ),
    ],
)
def test_a_wrong_configuration_is_refused_with_the_key(tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "ontherecord.toml"
    path.write_text(text)
    with pytest.raises(ConfigError) as refused:
        load_config(path)
    assert problem in str(refused.value)


def test_a_taken_name_and_a_missing_folder_are_refused(tmp_path: Path) -> None:
    for folder in ("x/news", "y/news"):
        (tmp_path / folder).mkdir(parents=True)
    config, _ = with_sources(Config(), [tmp_path / "x/news"])
    with pytest.raises(ConfigError, match="choose another with --name"):
        with_sources(config, [tmp_path / "y/news"])
    with pytest.raises(ConfigError, match="does not exist"):
        with_sources(config, [tmp_path / "z"])
