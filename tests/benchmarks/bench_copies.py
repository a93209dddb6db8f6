"""Which near copies are found in folders of news, by how much they share: for a person to judge, and choose the threshold by.

``python -m tests.benchmarks.bench_copies FOLDER[=YEAR]... [--pairs FILE] [--each 30]`` parses the files (no language model), counts
the bodies that have an earlier near copy at several thresholds, and writes a sample of the pairs between each two of them to FILE.
"""

import argparse
import random
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import groupby, pairwise
from pathlib import Path

import duckdb
import pyarrow as pa
from rapidfuzz.distance import Hamming

from etl.page.parse import Hints, body, body_sha256, parse
from etl.page.signature import shared, signature
from etl.sources.file import Loaded, load, read
from etl.sources.record import ReadOptions, Record
from etl.store import stories

THRESHOLDS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1.01)
MAX_BYTES = 50_000_000
#: Code points of each body that are shown.
SHOWN = 400


@dataclass(frozen=True, slots=True)
class Printed:
    """One article as it is compared, and as it is shown."""

    article_id: str
    published_on: date | None
    signature: str
    body_sha256: str
    title: str | None
    body: str


def printed(path: Path, year: int | None) -> list[Printed]:
    """The articles of a file."""
    loaded = load(path, MAX_BYTES)
    records = read(loaded.data, path.name, ReadOptions()) if isinstance(loaded, Loaded) else []
    found = []
    for record in records:
        if isinstance(record, Record):
            page = parse(record, Hints(str(path), year))
            name = f"{path} {record.record_no}"
            found.append(
                Printed(
                    name,
                    page.published_on,
                    signature(page),
                    body_sha256(page),
                    page.title,
                    " ".join(body(page).split()),
                )
            )
    return found


def articles(folders: Iterable[str]) -> Iterator[Printed]:
    """The articles of some folders."""
    with ProcessPoolExecutor() as pool:
        for folder in folders:
            name, _, year = folder.partition("=")
            paths = sorted(path for path in Path(name).rglob("*") if path.is_file())
            for found in pool.map(partial(printed, year=int(year) if year else None), paths, chunksize=100):
                yield from found


def most_alike(listed: list[Printed]) -> Iterator[tuple[float, Printed, Printed]]:
    """Each body that is a near copy at the least threshold, with the earlier one it is most like."""
    least = max(n for n in range(128) if shared(n) >= THRESHOLDS[0])
    with duckdb.connect() as db:
        columns = ("article_id", "published_on", "signature", "body_sha256")
        db.register("article", pa.table({name: [getattr(each, name) for each in listed] for name in columns}))
        db.execute(stories.BODIES)
        db.execute(stories.NUMBERED)
        db.register("pair", stories.pairs(db))
        by_number = dict(db.execute("SELECT n, article_id FROM numbered").fetchall())
        by_id = {each.article_id: each for each in listed}
        edges = db.execute(stories.SIMILAR.format(most_different=least, days_apart=stories.DAYS_APART)).fetchall()
        n_bodies, n_signed = (
            db.execute("SELECT count(DISTINCT first_id), (SELECT count(*) FROM numbered) FROM body").fetchone() or ()
        )
    sys.stdout.write(f"{len(listed):,} articles, {n_bodies:,} bodies, {n_signed:,} of them long enough\n")
    for n, some in groupby(edges, key=lambda edge: edge[0]):
        different, earlier = min((Hamming.distance(edge[4], edge[5]), edge[1]) for edge in some)
        yield shared(different), by_id[by_number[n]], by_id[by_number[earlier]]


def main() -> None:
    """Count, and write the sample."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+")
    parser.add_argument("--pairs", type=Path)
    parser.add_argument("--each", type=int, default=30)
    asked = parser.parse_args()
    found = list(most_alike(list(articles(asked.folders))))
    lines = []
    for least, most in pairwise(THRESHOLDS):
        some = [pair for pair in found if least <= pair[0] < most]
        above = sum(pair[0] >= least for pair in found)
        sys.stdout.write(f"shared at least {least:.1f}: {above:6,} near copies; below {most:.1f}: {len(some):6,}\n")
        for no, (share, *pair) in enumerate(random.Random(1).sample(some, min(asked.each, len(some)))):
            lines.append(f"\n[{least:.1f} #{no}] {share:.2f}")
            lines += [
                f"    {each.published_on} {each.article_id}\n    {each.title} || {each.body[:SHOWN]}" for each in pair
            ]
    if asked.pairs:
        asked.pairs.write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
