from pathlib import Path

import pytest

from etl.config import (
    Config,
    Source,
    forget_source,
    load_config,
    rename_source,
    save_config,
    with_files,
    with_sources,
)
from etl.errors import ConfigError
from tests.helpers import write

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
    write(tmp_path, {"people.csv": "", "places.csv": ""})
    config = with_files(load_config(path), authority=[tmp_path / "people.csv", tmp_path / "places.csv"])
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
        ("modle = 'x'", "modle is no key; did you mean model?"),
        ("[[source]]\nname = 'a'\npath = '/a'\ntimezone = 'Mars/Base'", "no time zone is called 'Mars/Base'"),
        ("[[source]]\nname = 'a'\npath = '/a'\nencoding = 'klingon'", "no encoding is called 'klingon'"),
        ("max_bytes = '5'", "max_bytes must be a whole number"),
        ("settle_seconds = inf", "settle_seconds must be a finite number"),
        ("keep_hours = nan", "keep_hours must be a finite number"),
        ("zzz = 1", "zzz is no key; there are: model, max_bytes"),
        (
            "[[source]]\nname = 'a'\npath = '/a'\ndayfirst = true",
            "source.0.dayfirst is no key; did you mean day_first?",
        ),
        (
            "[[source]]\nname = 'a'\npath = '/a'\nday_first = 'yes'",
            "source.0.day_first must be true or false",
        ),
        ("source = 5", "source must be a list"),
        ("source = ['news']", "source.0 must be a table of keys and values"),
        ("authority = 'people.csv'", "authority must be a list"),
        ("[[source]]\nname = 'a'", "source.0.path is missing"),
        ("[[source]]\nname = 'a'\npath = '/a'\nyear = 900", "source.0.year must be at least 1400"),
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


def test_sources_in_one_array_stay_one(tmp_path: Path) -> None:
    path = tmp_path / "ontherecord.toml"
    path.write_text('source = [{name = "wire", path = "wire"}]  # ours\nmodel = "another"\n')
    (tmp_path / "morning").mkdir()
    config, _ = with_sources(load_config(path), [tmp_path / "morning"])
    save_config(path, config)
    assert load_config(path) == config
    assert "# ours" in path.read_text()


def test_a_relative_source_is_known_by_its_folder(tmp_path: Path) -> None:
    path = tmp_path / "w" / "ontherecord.toml"
    for folder in ("w", "news"):
        (tmp_path / folder).mkdir()
    path.write_text('[[source]]\nname = "ours"\npath = "../news"\n')
    config, (source,) = with_sources(load_config(path), [tmp_path / "news"])
    assert (source.name, source.path) == ("ours", tmp_path / "news")
    assert config == load_config(path)


def test_a_linked_configuration_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "news").mkdir()
    real, path = tmp_path / "etc" / "ours.toml", tmp_path / "ontherecord.toml"
    real.write_text(WRITTEN)
    path.symlink_to(real)
    save_config(path, with_sources(load_config(path), [tmp_path / "news"])[0])
    assert path.is_symlink()
    assert 'name = "news"' in real.read_text()


def test_a_byte_order_mark_is_no_statement(tmp_path: Path) -> None:
    path = tmp_path / "ontherecord.toml"
    path.write_bytes(b"\xef\xbb\xbf" + WRITTEN.encode())
    (tmp_path / "news").mkdir()
    config, _ = with_sources(load_config(path), [tmp_path / "news"])
    save_config(path, config)
    assert load_config(path) == config


def test_a_full_disk_leaves_the_old_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "ontherecord.toml"
    path.write_text(WRITTEN)
    (tmp_path / "news").mkdir()
    config, _ = with_sources(load_config(path), [tmp_path / "news"])

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("etl.durable.sync", full)
        with pytest.raises(OSError, match="No space"):
            save_config(path, config)
    assert path.read_text() == WRITTEN
    assert sorted(file.name for file in tmp_path.iterdir()) == ["news", "ontherecord.toml"]


@pytest.mark.parametrize("other", ["news", "news/wire"])
def test_sources_that_share_files_are_refused(tmp_path: Path, other: str) -> None:
    (tmp_path / "news/wire").mkdir(parents=True)
    config, _ = with_sources(Config(), [tmp_path / "news"])
    twice = config.model_copy(update={"source": (*config.source, Source(name="b", path=tmp_path / other))})
    with pytest.raises(ConfigError, match=r"'news' \(.*\) has all files of source 'b' .* loaded twice"):
        with_sources(twice, [])


def test_a_listed_folder_by_another_name_is_told_how_to_rename(tmp_path: Path) -> None:
    (tmp_path / "news").mkdir()
    config, _ = with_sources(Config(), [tmp_path / "news"])
    with pytest.raises(ConfigError, match="ontherecord rename-source news wire"):
        with_sources(config, [tmp_path / "news"], "wire")


def test_sources_are_renamed_and_taken_out_where_they_are_written(tmp_path: Path) -> None:
    path = tmp_path / "ontherecord.toml"
    for text in (WRITTEN, 'source = [{name = "wire", path = "/news/wire"}]  # ours\n'):
        path.write_text(text)
        rename_source(path, "wire", "agency")
        assert path.read_text() == text.replace('"wire"', '"agency"')
        with pytest.raises(ConfigError, match="lists no source 'wire'; it lists: agency"):
            rename_source(path, "wire", "other")
        with pytest.raises(ConfigError, match="the name 'a/b'"):
            rename_source(path, "agency", "a/b")
        forget_source(path, "agency")
        assert load_config(path).source == ()
        assert "# ours" in path.read_text()
        forget_source(path, "agency")


def test_a_taken_name_and_a_missing_folder_are_refused(tmp_path: Path) -> None:
    for folder in ("x/news", "y/news"):
        (tmp_path / folder).mkdir(parents=True)
    config, _ = with_sources(Config(), [tmp_path / "x/news"])
    with pytest.raises(ConfigError, match="choose another with --name"):
        with_sources(config, [tmp_path / "y/news"])
    with pytest.raises(ConfigError, match="does not exist"):
        with_sources(config, [tmp_path / "z"])
