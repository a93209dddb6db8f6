"""A shard as planner and workers hand it to each other: a job on disk as JSON, and the result of its extraction as counts.

Workers import this module and not the planner, which needs DuckDB.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from etl.durable import State
from etl.ids import hash_id


class FileJob(State):
    """One file to extract: its name in the warehouse, its path in the file system's own bytes, and its source's options."""

    source_uri: str
    path: bytes
    parser: str
    year: int | None = None
    timezone: str | None = None
    day_first: bool = False
    encoding: str | None = None
    columns: Mapping[str, str] = {}
    publisher: str | None = None
    from_path: str | None = None

    def located(self) -> Path:
        """The file."""
        return Path(os.fsdecode(self.path))


class ShardJob(State):
    """One shard to extract: its key, its files, and what their rows are stamped with.

    ``seconds`` is its time limit, ``tombstones`` the marks of redacted articles. The files of a job with ``stored``, a folder, are
    extracted from the texts in it (`etl.extract.stored`).
    """

    key: str
    extractor: str
    model: str
    max_bytes: int
    seconds: float
    files: tuple[FileJob, ...]
    tombstones: tuple[str, ...] = ()
    stored: bytes | None = None

    def save(self, folder: Path) -> Path:
        """Write the job to ``folder`` under its key."""
        path = folder / f"{self.key}.json"
        path.write_text(self.model_dump_json(), encoding="utf-8")
        return path

    @classmethod
    def load(cls, path: Path) -> "ShardJob":
        """The job in a file that `save` wrote."""
        return cls.model_validate_json(path.read_bytes())

    def halves(self) -> "tuple[ShardJob, ShardJob]":
        """The job as two, for finding the file that a worker does not survive."""
        middle = len(self.files) // 2
        first, second = (
            self.with_(key=hash_id(self.key, part), files=files)
            for part, files in enumerate((self.files[:middle], self.files[middle:]))
        )
        return first, second


@dataclass(frozen=True, slots=True)
class ShardResult:
    """The result of one shard: counts of files, articles, those in other languages than the model's, and words; wall seconds."""

    key: str
    n_files: int
    n_articles: int
    n_foreign: int
    n_words: int
    seconds: float
