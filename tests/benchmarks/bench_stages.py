"""Where the CPU time of extraction goes, stage by stage, on one core: ``python -m tests.benchmarks.bench_stages [FOLDER…]``.

One shard of all files goes through the stages as in a build. A stage's time is its own, without that of the stages it calls.
"""

import pkgutil
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest import mock

from etl.choices import DEFAULT_MODEL
from etl.config import MAX_BYTES
from etl.extract.job import FileJob, ShardJob
from etl.extract.shard import finder, run_shard
from etl.model.annotate import Annotation, Annotator
from etl.model.syntax import Parse, Tree
from etl.page.parse import Page
from etl.quotes.sentences import ParserSentence, sentences_of
from tests.benchmarks.figures import Figure

EXAMPLES = Path(__file__).parent.parent / "examples" / "articles"
#: Functions by the stage that they are; the remaining time is that of frames and of writing them.
STAGES = {
    "etl.extract.shard.load": "reading",
    "etl.extract.shard.read": "reading",
    "etl.extract.shard.parse": "page parsing",
    "etl.model.annotate.copy_for_model": "page parsing",
    "etl.extract.article.find_mentions": "names",
    "etl.extract.article.find_quotes": "quotes and speakers",
}
#: Files gone through before the clock starts, so that everything is loaded.
WARM = 5
AT = datetime(2031, 5, 1, tzinfo=UTC)
MODEL = "encoder"
REST = "frames"


class Clock:
    """CPU seconds by stage: time counts for the stage entered last."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self._running = [REST]
        self._since = time.process_time()

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Count the time within for a stage."""
        self._count()
        self._running.append(name)
        try:
            yield
        finally:
            self._count()
            self._running.pop()

    def timed(self, function: Callable[..., Any], name: str) -> Callable[..., Any]:
        """A function whose time counts for a stage."""

        def wrapped(*args: object, **named: object) -> object:
            with self.stage(name):
                return function(*args, **named)

        return wrapped

    def _count(self) -> None:
        now = time.process_time()
        self.seconds[self._running[-1]] += now - self._since
        self._since = now


class TimedAnnotator:
    """The encoder, its time counted; and how many sentences there were and how many of them it parsed."""

    def __init__(self, annotator: Annotator, clock: Clock) -> None:
        self._annotator = annotator
        self._clock = clock
        self.n_sentences = self.n_parsed = 0

    def __call__(self, pages: Sequence[Page]) -> list[Annotation]:
        """Annotate pages, all before the first is given."""
        with self._clock.stage(MODEL):
            return [replace(found, parse=partial(self._parse, found.parse)) for found in self._annotator(pages)]

    def sentences_of(self, *args: Any) -> list[ParserSentence]:
        """What `etl.quotes.sentences.sentences_of` gives, counted."""
        found = sentences_of(*args)
        self.n_sentences += len(found)
        return found

    def _parse(self, parse: Parse, tokens: Sequence[int]) -> Tree:
        self.n_parsed += 1
        with self._clock.stage(MODEL):
            return parse(tokens)


def figures(folders: Sequence[Path]) -> Iterator[Figure]:
    """Measure with the files of folders."""
    files = [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]
    jobs = tuple(FileJob(source_uri=path.as_uri(), path=bytes(path), parser="bench") for path in files)
    job = ShardJob(key="bench", extractor="bench", model=DEFAULT_MODEL, max_bytes=MAX_BYTES, seconds=0.0, files=jobs)
    annotator = Annotator()
    with TemporaryDirectory() as directory, ExitStack() as stack:
        root = Path(directory)
        run_shard(job.with_(files=jobs[:WARM]), root / "warm", root, "bench", AT, finder(lambda: annotator))
        clock = Clock()
        timed = TimedAnnotator(annotator, clock)
        stack.enter_context(mock.patch("etl.quotes.layout.sentences_of", timed.sentences_of))
        for name, stage in STAGES.items():
            stack.enter_context(mock.patch(name, clock.timed(pkgutil.resolve_name(name), stage)))
        with clock.stage(REST):
            done = run_shard(job, root / "shards", root, "bench", AT, finder(lambda: timed))
    total = sum(clock.seconds.values())
    group = f"extraction by stage: {done.n_articles:,} articles, {done.n_words:,} words"
    yield Figure(group, "all", done.n_words / total, "words a CPU second")
    for stage, seconds in sorted(clock.seconds.items(), key=lambda each: -each[1]):
        yield Figure(group, stage, 100 * seconds / total, "%")
    yield Figure(group, "all but the encoder", 100 * (1 - clock.seconds[MODEL] / total), "%", "≤ 15")
    yield Figure(group, "sentences that are parsed", 100 * timed.n_parsed / max(timed.n_sentences, 1), "%")


if __name__ == "__main__":
    for figure in figures([Path(folder) for folder in sys.argv[1:]] or [EXAMPLES]):
        sys.stdout.write(f"{figure.what:30s} {figure.value:10,.1f} {figure.unit}\n")
