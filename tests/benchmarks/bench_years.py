"""What a day costs in a warehouse that grows: a build a day, of real files and made-up rows, all but extraction as it is.

``python -m tests.benchmarks.bench_years [--days 730] [--articles 100]``. Processor seconds a day and stage, and the straight line
through them by the articles in the warehouse, with what it leaves unexplained.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from etl.extract.job import ShardJob, ShardResult
from etl.sources.file import Identity
from tests.benchmarks import made_up
from tests.benchmarks.figures import Figure
from tests.helpers import InlineWorkers, build_in_process, listed

BEGIN = date(2030, 1, 1)
#: Files that wait to settle would be left to the next day; old snapshots would stay for a day of the clock.
CONFIG = "settle_seconds = 0\nkeep_hours = 0\n"
#: The steps of a build that are measured; ``rest`` is what is outside of them.
STEPS = ("find", "plan", "assemble", "load", "audit", "publish", "rest")


@dataclass(frozen=True, slots=True)
class Day:
    """One day's build: the articles in the warehouse after it, and the processor seconds of each step."""

    n_articles: int
    seconds: dict[str, float]

    @property
    def all(self) -> float:
        """The processor seconds of the whole build, extraction left out."""
        return sum(self.seconds.values())


class MadeUpWorkers(InlineWorkers):
    """Workers that read nothing: each file becomes the made-up article that its name numbers."""

    spent = 0.0

    def run(self, work: object, job: Path, *args: Any, seconds: float) -> ShardResult:
        """Leave the made-up rows of a shard."""
        used = time.process_time()
        shard = ShardJob.load(job)
        rows = []
        for file in shard.files:
            path = file.located()
            identity = Identity.at(path)
            rows.append(
                {
                    "i": int(path.stem),
                    "edition": 1,
                    "source_uri": file.source_uri,
                    "published_on": date.fromisoformat(path.parent.name),
                    "size": identity.size,
                    "modified_us": identity.modified_us,
                    "changed_us": identity.changed_us,
                    "parser": file.parser,
                    "extractor": shard.extractor,
                }
            )
        made_up.of_files(args[0] / shard.key, rows)
        self.spent += time.process_time() - used
        return ShardResult(shard.key, len(rows), len(rows), 0, 0, 0.0)


def days(work: Path, n_days: int, n_articles: int) -> Iterator[Day]:
    """Build once a day, with so many new articles each."""
    news, root = work / "news", work / "w"
    listed(root, CONFIG)
    for n in range(n_days):
        folder = news / str(BEGIN + timedelta(n))
        folder.mkdir(parents=True)
        for i in range(n * n_articles, (n + 1) * n_articles):
            (folder / f"{i}.txt").write_bytes(b".")
        workers = MadeUpWorkers()
        used = time.process_time()
        # A run's seconds are of the clock; here, of processors.
        run = build_in_process(
            root, *[news] * (n == 0), workers=workers, patches={"flows.pipeline.time.perf_counter": time.process_time}
        ).run
        rest = time.process_time() - used - sum(run.seconds.values())
        yield Day(run.n_articles, {**{step: run.seconds.get(step, 0.0) for step in STEPS}, "rest": rest})
        if workers.spent == 0:
            raise RuntimeError("nothing was extracted")


def fitted(some: Sequence[Day], step: str | None = None) -> tuple[float, float, float]:
    """The line through days: processor seconds of none, those more for each article, and the residuals' standard deviation."""
    n = np.array([day.n_articles for day in some], float)
    cpu = np.array([day.seconds[step] if step else day.all for day in some])
    slope, base = np.polyfit(n, cpu, 1)
    return float(base), float(slope), float(np.std(cpu - base - slope * n))


def figures(n_days: int, n_articles: int, *, tells: bool = False) -> Iterator[Figure]:
    """Measure, and with ``tells`` print each day."""
    some: list[Day] = []
    with tempfile.TemporaryDirectory() as directory:
        for n, day in enumerate(days(Path(directory), n_days, n_articles)):
            some.append(day)
            if tells:
                steps = " ".join(f"{step} {seconds:.2f}" for step, seconds in day.seconds.items())
                sys.stdout.write(f"day {n + 1:4} {day.n_articles:9,} articles {day.all:7.2f} CPU s: {steps}\n")
                sys.stdout.flush()
    some = some[1:]  # the first has nothing to build upon
    group = f"{n_days:,} days of {n_articles:,} made-up articles, a build a day, extraction left out"
    for step in (None, *STEPS):
        base, slope, residual = fitted(some, step)
        what = step or "a day"
        yield Figure(group, f"{what}: of none", base, "CPU s")
        yield Figure(group, f"{what}: for each 100,000 articles in the warehouse", slope * 1e5, "CPU s")
        yield Figure(group, f"{what}: standard deviation around this line", residual, "CPU s")


def main() -> None:
    """Measure as asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=730)
    parser.add_argument("--articles", type=int, default=100, help="new ones a day")
    asked = parser.parse_args()
    for figure in figures(asked.days, asked.articles, tells=True):
        sys.stdout.write(f"{figure.what:70s} {figure.value:10,.2f} {figure.unit}\n")


if __name__ == "__main__":
    main()
