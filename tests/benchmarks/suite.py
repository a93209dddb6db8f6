"""``make bench``: the figures of ``docs/benchmarks.md``. ``python -m tests.benchmarks.suite [FOLDER…]``."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.benchmarks import (
    bench_build,
    bench_dashboard,
    bench_memory,
    bench_snapshot,
    bench_stages,
    bench_start,
    bench_years,
)
from tests.benchmarks.figures import Figure, keep, page
from tests.reference import DOCS

EXAMPLES = Path(__file__).parent.parent / "examples" / "articles"


def measured(folders: Sequence[Path], asked: argparse.Namespace) -> Iterator[Figure]:
    """All figures, in the order of the page."""
    n_pairs = asked.pairs
    yield from bench_build.figures(folders, n_pairs)
    yield from bench_stages.figures(folders[:1])
    yield from bench_build.cluster_figures(folders[0], n_pairs)
    yield from bench_memory.figures(folders[0], asked.times)
    yield from bench_start.figures()
    for n_articles in asked.snapshots:
        yield from bench_snapshot.figures(n_articles)
    yield from bench_years.figures(asked.days, asked.day_articles)
    yield from bench_dashboard.figures(asked.articles)


def main() -> None:
    """Measure, and write what came out of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path, default=[EXAMPLES])
    parser.add_argument("--pairs", type=int, default=3, help="runs of each of two that are compared")
    parser.add_argument("--articles", type=int, default=1_000_000, help="made-up articles of the queries")
    parser.add_argument("--times", type=int, default=2, help="how many times the first folder for the larger memory")
    parser.add_argument("--snapshots", type=int, nargs="+", default=[20_000], help="made-up articles of snapshots")
    parser.add_argument("--days", type=int, default=20, help="made-up days of builds")
    parser.add_argument("--day-articles", type=int, default=500, help="made-up articles a day")
    asked = parser.parse_args()
    figures = []
    for figure in measured(asked.folders or [EXAMPLES], asked):
        sys.stdout.write(f"{figure.group}: {figure.what}: {figure.value:,.2f} {figure.unit}\n")
        sys.stdout.flush()
        figures.append(figure)
        keep(figures)
    (DOCS / "benchmarks.md").write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
