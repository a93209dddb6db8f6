"""``ontherecord.toml``: the sources a warehouse is fed from, and its settings."""

import codecs
import tomllib
from collections.abc import Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import available_timezones

import tomlkit
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool

from etl.choices import DEFAULT_MODEL
from etl.durable import write_whole
from etl.errors import ConfigError
from etl.path_pattern import valid_pattern
from etl.validation import validated

#: The largest file that is read where no limit is named, in bytes, also after decompression.
MAX_BYTES = 50_000_000

HEADER = """\
# The sources of this warehouse. `ontherecord build FOLDER` adds one; plain `ontherecord build` covers them all.
# All settings are in docs/configuration.md.
"""


def _fit_name(name: str) -> str:
    if not name or any(letter == "/" or letter < " " for letter in name):
        raise ValueError(f"{name!r} cannot name a source; use a name without slashes and control characters")
    return name


def _known_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError(f"no time zone is called {name!r}; write it like 'Europe/London'")
    return name


def _known_encoding(name: str) -> str:
    try:
        return codecs.lookup(name).name
    except LookupError:
        raise ValueError(f"no encoding is called {name!r}; write it like 'cp1252'") from None


#: Numbers as TOML has them: neither text that looks like one, nor infinite.
Int = Annotated[int, Field(strict=True)]
Float = Annotated[float, Field(strict=True, allow_inf_nan=False)]
#: Keys that list files of what people decided.
FILES = ("authority", "corrections")
#: Keys of a source that do not say how its files are read.
NOT_READING = frozenset({"name", "path", "keep_removed"})


class Source(BaseModel):
    """A named folder (or single file) of raw text. What says how its files are read changes rows, so it enters the stage versions.

    ``year`` completes datelines that print none, ``timezone`` printed times without an offset; ``day_first`` reads 06/08/2016 as
    6 August; ``encoding`` is what the files are known to be in; ``columns`` names the keys or columns of JSON and CSV.
    ``publisher`` printed all of it; ``from_path`` is the pattern that reads both from a file's path (`etl.path_pattern`).
    ``keep_removed`` is for landing folders that are emptied: files that vanish keep their rows, and their status.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, AfterValidator(_fit_name)]
    path: Path
    year: Annotated[Int, Field(ge=1400, le=2999)] | None = None
    timezone: Annotated[str, AfterValidator(_known_zone)] | None = None
    day_first: StrictBool = False
    encoding: Annotated[str, AfterValidator(_known_encoding)] | None = None
    columns: Mapping[str, str] = {}
    keep_removed: StrictBool = False
    publisher: Annotated[str, Field(min_length=1)] | None = None
    from_path: Annotated[str, AfterValidator(valid_pattern)] | None = None

    def reading(self, *, exclude_defaults: bool = False) -> dict[str, Any]:
        """The options that say how the files are read."""
        return self.model_dump(exclude=set(NOT_READING), exclude_defaults=exclude_defaults)

    @property
    def options(self) -> str:
        """The options that change rows, as they stand in the ``parser`` column: '' for none."""
        given = self.reading(exclude_defaults=True)
        return ", ".join(f"{key}={value}" for key, value in sorted(given.items()))


class Config(BaseModel):
    """A warehouse's settings and sources. Sizes are bytes, times seconds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: str = DEFAULT_MODEL
    #: Files larger than this are rejected.
    max_bytes: Annotated[Int, Field(gt=0)] = MAX_BYTES
    #: Files changed so recently may still be growing.
    settle_seconds: Annotated[Float, Field(ge=0)] = 2.0
    #: DuckDB's share of memory; beyond it, DuckDB uses the disk.
    memory_limit: Annotated[str, Field(pattern=r"^\d+(\.\d+)?\s*[KMGT]i?B$")] = "2GB"
    #: A worker that takes longer over a shard is killed: this, and a second per so many bytes of it.
    shard_seconds: Annotated[Int, Field(gt=0)] = 120
    shard_bytes_per_second: Annotated[Int, Field(gt=0)] = 2_000
    #: Snapshots kept besides the published one; none goes that was the published one in the last ``keep_hours``.
    keep_snapshots: Annotated[Int, Field(ge=1)] = 5
    keep_hours: Annotated[Float, Field(ge=0)] = 24
    #: What people have decided about names (`etl.entities.authority`).
    authority: tuple[Path, ...] = ()
    #: What people have corrected in single rows (`etl.corrections`).
    corrections: tuple[Path, ...] = ()
    source: tuple[Source, ...] = ()


def load_config(path: Path) -> Config:
    """The configuration in a file; the defaults where there is none.

    Raises:
        ConfigError: when the file is not TOML or has a key or value that is not known.
    """
    if not path.exists():
        return Config()
    try:
        config = validated(Config, tomllib.loads(_text(path)), str(path))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not valid TOML: {error}") from None
    names = [source.name for source in config.source]
    if twice := {name for name in names if names.count(name) > 1}:
        raise ConfigError(
            f"{path}: more than one source is called {', '.join(sorted(twice))}; give each a name of its own"
        )
    sources = tuple(source.model_copy(update={"path": _located(path, source.path)}) for source in config.source)
    files = {key: tuple(_located(path, file) for file in getattr(config, key)) for key in FILES}
    return config.model_copy(update={"source": sources, **files})


def _text(path: Path) -> str:
    """The text of a configuration file; some editors begin it with a byte order mark."""
    return path.read_text(encoding="utf-8-sig")


def _located(config: Path, written: Path) -> Path:
    """Where a path in a configuration leads: a relative one is meant from the file's folder, not from where a command is given."""
    return (config.parent / written.expanduser()).resolve()


def with_sources(config: Config, paths: Sequence[Path], name: str | None = None) -> tuple[Config, tuple[Source, ...]]:
    """The configuration with ``paths`` among its sources, and the sources they are: those listed already, or new ones.

    Raises:
        ConfigError: when a path is missing, or its name is taken by a source elsewhere.
    """
    if name and len(paths) != 1:
        raise ConfigError("--name names one source: give it one folder or file")
    chosen = []
    for path in paths:
        resolved = path.resolve()
        if not resolved.exists():
            raise ConfigError(f"{path} does not exist; give a folder or a file of news text")
        source = next((s for s in config.source if s.path == resolved), None)
        if source is None:
            source = _new_source(config, resolved, name)
            config = config.model_copy(update={"source": (*config.source, source)})
        elif name not in (None, source.name):
            raise ConfigError(
                f"{path} is listed as {source.name!r} already; to rename it: ontherecord rename-source {source.name} {name}"
            )
        chosen.append(source)
    _refuse_overlaps(config.source)
    return config, tuple(source for i, source in enumerate(chosen) if source not in chosen[:i])


def _new_source(config: Config, path: Path, name: str | None) -> Source:
    fields = {"name": name or (path.stem if path.is_file() else path.name), "path": path}
    source = validated(Source, fields, f"source {path}")
    if other := next((s for s in config.source if s.name == source.name), None):
        raise ConfigError(f"the name {source.name!r} is taken by {other.path}; choose another with --name")
    return source


def _refuse_overlaps(sources: Sequence[Source]) -> None:
    for one, other in combinations(sorted(sources, key=lambda source: source.path), 2):
        if other.path.is_relative_to(one.path):
            raise ConfigError(
                f"source {one.name!r} ({one.path}) has all files of source {other.name!r} ({other.path}) too, so they would "
                "be loaded twice; list one of them, or folders that lie side by side"
            )


def with_files(config: Config, **paths: Sequence[Path]) -> Config:
    """The configuration with some more files under the keys in `FILES`.

    Raises:
        ConfigError: when there is no such file.
    """
    for key, more in paths.items():
        if absent := next((path for path in more if not path.is_file()), None):
            is_folder = absent.is_dir()
            raise ConfigError(
                f"--{key} {absent}: {'that is a folder' if is_folder else 'there is no such file'}; name a CSV file"
            )
    files = {
        key: tuple(dict.fromkeys([*getattr(config, key), *(path.resolve() for path in more)]))
        for key, more in paths.items()
    }
    return config.model_copy(update=files)


def save_config(path: Path, config: Config) -> None:
    """Enter new sources, the files in `FILES` and the model in the file, leaving everything people wrote in it as it is."""
    document = tomlkit.parse(_text(path) if path.exists() else HEADER)
    listed = document.setdefault("source", tomlkit.aot())
    known = {table["name"] for table in listed}
    new = [source for source in config.source if source.name not in known]
    is_new_model = config.model != document.get("model", DEFAULT_MODEL)
    files = {key: _new_files(path, document.get(key, []), getattr(config, key)) for key in FILES}
    if not (new or any(files.values()) or is_new_model):
        return
    if is_new_model:
        document["model"] = config.model
    for key, more in files.items():
        if more:
            document[key] = [*document.get(key, []), *map(str, more)]
    for source in new:
        # People may list their sources as [[source]] tables or as one array of inline tables.
        table = tomlkit.table() if isinstance(listed, tomlkit.items.AoT) else tomlkit.inline_table()
        table.update({"name": source.name, "path": str(source.path)})
        listed.append(table)
    _write(path, document)


def _new_files(path: Path, named: Sequence[str], files: Sequence[Path]) -> list[Path]:
    known = {_located(path, Path(file)) for file in named}
    return [file for file in files if file not in known]


def forget_source(path: Path, name: str) -> None:
    """Take a source out of the file, if it is listed there."""
    document = tomlkit.parse(_text(path) if path.exists() else "")
    listed = document.get("source", [])
    for number in reversed([i for i, table in enumerate(listed) if table["name"] == name]):
        del listed[number]
        _write(path, document)


def rename_source(path: Path, old: str, new: str) -> None:
    """Give a source in the file another name.

    Raises:
        ConfigError: when no source of the ``old`` name is listed, or the ``new`` one cannot be or is taken.
    """
    config = load_config(path)
    source = next((s for s in config.source if s.name == old), None)
    if source is None:
        raise ConfigError(
            f"{path} lists no source {old!r}; it lists: {', '.join(s.name for s in config.source) or 'none'}"
        )
    if any(s.name == new for s in config.source):
        raise ConfigError(f"{path}: the name {new!r} is taken")
    validated(Source, {"name": new, "path": source.path}, f"the name {new!r}")
    document = tomlkit.parse(_text(path))
    for table in document["source"]:
        if table["name"] == old:
            table["name"] = new
    _write(path, document)


def _write(path: Path, document: tomlkit.TOMLDocument) -> None:
    text = tomlkit.dumps(document)
    tomllib.loads(text)  # whatever people wrote, what is written can be read again
    write_whole(path, text)
