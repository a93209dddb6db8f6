"""The progress of a build on the console: a progress bar on a terminal, plain lines elsewhere."""

import time
from contextlib import suppress
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from etl.extract.job import ShardResult
from flows.report import LINE_EVERY


class Terminal:
    """Reports files, articles and words per second on a console."""

    def __init__(self, console: Console) -> None:
        """Report on ``console``: a bar if it is a terminal, else lines."""
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
        """Remove the bar."""
        if self._console.is_terminal:
            self._bar.stop()

    def stage(self, text: str) -> None:
        """Print the stage on a line of its own."""
        self._print(text, style="dim")

    def shards(self, n_files: int) -> None:
        """Begin to count files."""
        self._total = n_files
        self._n_files = self._n_articles = self._n_words = 0
        self._began = self._last_line = time.monotonic()
        self._bar.update(self._task, total=n_files, completed=0, visible=True)

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
            self._print(f"  {self._n_files:,}/{self._total:,} files  {text}")

    def _print(self, text: str, style: str = "") -> None:
        with suppress(BrokenPipeError):  # whoever read it has left; the build goes on
            self._console.print(text, style=style, highlight=False)
