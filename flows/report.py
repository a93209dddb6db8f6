"""What a person sees of a build while it runs: a progress bar on a terminal, plain lines elsewhere."""

import time
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from etl.extract.shard import ShardResult

#: Seconds between plain progress lines.
LINE_EVERY = 10.0


class Report(Protocol):
    """Told what a build is doing."""

    def stage(self, text: str) -> None:
        """A stage begins."""

    def shards(self, n_files: int) -> None:
        """Extraction of so many files begins."""

    def done(self, result: ShardResult) -> None:
        """A shard is extracted."""


class Silent:
    """A report nobody reads."""

    def stage(self, text: str) -> None:
        """Say nothing."""

    def shards(self, n_files: int) -> None:
        """Say nothing."""

    def done(self, result: ShardResult) -> None:
        """Say nothing."""


class Several:
    """Passes everything on to several reports."""

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
    """A report in a file of the run's own: one line for each stage, with its time (UTC)."""

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
        self.stage(f"extracting {n_files:,} files")

    def done(self, result: ShardResult) -> None:
        """Write how far extraction is, now and then."""
        self._n_done += result.n_files
        if time.monotonic() - self._last_line > LINE_EVERY:
            self._last_line = time.monotonic()
            self.stage(f"{self._n_done:,} of {self._n_files:,} files extracted")


class Terminal:
    """A report on a console: files, articles and words per second as they come."""

    def __init__(self, console: Console) -> None:
        """Report on ``console``; a bar if it is a terminal, lines if it is not."""
        self._console = console
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.completed:,}/{task.total:,} files  {task.fields[text]}"),
            TimeRemainingColumn(),
            console=console,
            transient=True,
        )
        self._task = self._bar.add_task("extract", total=0, text="", visible=False)
        self._began = self._last_line = time.monotonic()
        self._n_files = self._n_articles = self._n_words = self._total = 0

    def __enter__(self) -> Self:
        """Show the bar."""
        if self._console.is_terminal:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take the bar away."""
        self._bar.stop()

    def stage(self, text: str) -> None:
        """Name the stage on a line of its own."""
        self._console.print(text, style="dim", highlight=False)

    def shards(self, n_files: int) -> None:
        """Begin to count files."""
        self._total = n_files
        self._began = self._last_line = time.monotonic()
        self._bar.update(self._task, total=n_files, visible=True)

    def done(self, result: ShardResult) -> None:
        """Count a shard's files, articles and words."""
        self._n_files += result.n_files
        self._n_articles += result.n_articles
        self._n_words += result.n_words
        now = time.monotonic()
        rate = self._n_words / max(now - self._began, 0.001)
        text = f"{self._n_articles:,} articles  {rate:,.0f} words/s"
        if self._console.is_terminal:
            self._bar.update(self._task, completed=self._n_files, text=text)
        elif now - self._last_line > LINE_EVERY or self._n_files == self._total:
            self._last_line = now
            self._console.print(f"  {self._n_files:,}/{self._total:,} files  {text}", highlight=False)
