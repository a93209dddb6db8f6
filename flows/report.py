"""Reports of a build's progress while it runs."""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from etl.extract.job import ShardResult
from etl.text import plural

#: Seconds between lines of progress.
LINE_EVERY = 10.0


class Report(Protocol):
    """Receives the progress of a build."""

    def stage(self, text: str) -> None:
        """A stage begins."""

    def shards(self, n_files: int) -> None:
        """Extraction of this many files begins."""

    def done(self, result: ShardResult) -> None:
        """A shard is extracted."""


class Silent:
    """Discards the progress."""

    def stage(self, text: str) -> None:
        """Say nothing."""

    def shards(self, n_files: int) -> None:
        """Say nothing."""

    def done(self, result: ShardResult) -> None:
        """Say nothing."""


class Several:
    """Passes the progress on to several reports."""

    def __init__(self, *reports: Report) -> None:
        """Report to each of ``reports``."""
        self._reports = reports

    def stage(self, text: str) -> None:
        """Tell each."""
        for report in self._reports:
            report.stage(text)

    def shards(self, n_files: int) -> None:
        """Tell each."""
        for report in self._reports:
            report.shards(n_files)

    def done(self, result: ShardResult) -> None:
        """Tell each."""
        for report in self._reports:
            report.done(result)


class RunLog:
    """Writes the log file of a run: one line for each stage, with its time (UTC)."""

    def __init__(self, path: Path) -> None:
        """Append to ``path``."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._n_files = self._n_done = 0
        self._last_line = time.monotonic()

    def stage(self, text: str) -> None:
        """Write a line."""
        with self._path.open("a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} {text}\n")

    def shards(self, n_files: int) -> None:
        """Begin to count files."""
        self._n_files, self._n_done = n_files, 0
        self.stage(f"extracting {plural(n_files, 'file')}")

    def done(self, result: ShardResult) -> None:
        """Write a line of progress, if enough time has passed."""
        self._n_done += result.n_files
        if time.monotonic() - self._last_line > LINE_EVERY:
            self._last_line = time.monotonic()
            self.stage(f"{self._n_done:,} of {plural(self._n_files, 'file')} extracted")
