"""Pages a second of reading and parsing alone, on one core: ``python -m tests.benchmarks.bench_pages [FOLDER] [PAGES]``.

The folder's files are in memory before the clock starts. They are gone through again until there are enough pages, in rounds of
which the fastest counts: whatever else the machine does only ever makes one slower.
"""

import sys
import time
from pathlib import Path

from etl.page.parse import Hints, parse
from etl.sources.file import read
from etl.sources.record import Record

EXAMPLES = Path(__file__).parent.parent / "examples" / "articles"
ROUNDS = 5
PAGES = 1000


def read_and_parse(files: list[tuple[str, bytes]]) -> tuple[int, int]:
    """How many pages there are in some files, and how many words."""
    n_pages = n_words = 0
    for name, data in files:
        for record in read(data, name):
            if isinstance(record, Record):
                page = parse(record, Hints(name))
                n_pages += 1
                n_words += len(page.text.split())
    return n_pages, n_words


def main(folder: Path, wanted: int) -> None:
    """Measure with ``wanted`` pages of a folder, or somewhat more."""
    files = [(path.name, path.read_bytes()) for path in sorted(folder.rglob("*")) if path.is_file()]
    n_pages, n_words = read_and_parse(files)  # loads what is loaded once
    if not n_pages:
        raise SystemExit(f"no page of news text in {folder}")
    times = -(-wanted // n_pages)
    seconds = []
    for _ in range(ROUNDS):
        began = time.process_time()
        read_and_parse(files * times)
        seconds.append(time.process_time() - began)
    pages, words = (times * n / min(seconds) for n in (n_pages, n_words))
    sys.stdout.write(
        f"{folder.name}: {times * n_pages:,} pages of {n_words / n_pages:,.0f} words, {pages:,.0f} pages/s, {words:,.0f} words/s\n"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else EXAMPLES, int(sys.argv[2]) if len(sys.argv) > 2 else PAGES)
