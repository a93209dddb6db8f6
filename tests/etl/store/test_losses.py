"""Which losses are refused: a source's articles per file before a run, and what the run would leave."""

import duckdb
import pytest

from etl.errors import SourceError
from etl.store.losses import refuse_losses


@pytest.mark.parametrize(
    ("before", "after", "lost"),
    [
        ({f"{n}.jsonl": 5 for n in range(4)}, {f"{n}.jsonl": None for n in range(4)}, "4 of 4 files are gone"),
        ({"a.jsonl": 300}, {"a.jsonl": 1}, "lost 299 of 300 articles"),
        ({"a.jsonl": 100, "b.jsonl": 2}, {"a.jsonl": None}, "2 of 102 articles would be left"),
        ({f"{n}.txt": 1 for n in range(9)}, {f"{n}.txt": 0 for n in range(5)}, "5 of 9 files are gone or hold no"),
        ({f"{n}.txt": 1 for n in range(3)}, {"0.txt": 0, "1.txt": None}, "2 of 3 files are gone or hold no"),
        ({"a.txt": 1}, {"a.txt": 0}, "1 of 1 files are gone or hold no"),
        ({f".git/{n}": 0 for n in range(3)} | {"a.txt": 1, "b": 1}, {f".git/{n}": None for n in range(3)}, None),
        (
            {**{f".git/{n}": 0 for n in range(5)}, "x.txt": 1, "a.txt": 1},
            {**{f".git/{n}": None for n in range(5)}, "x.txt": None},
            r"6 of 7 files are gone \(5 of them hidden, which are skipped now\)",
        ),
        ({f"{n}.txt": 1 for n in range(3)}, {"0.txt": None}, None),
        ({f"{n}.jsonl": 50 for n in range(3)}, {"0.jsonl": None}, None),
        ({"a.jsonl": 300}, {"a.jsonl": 290}, None),
        ({"a.txt": 1}, {"a.txt": None, "b.txt": 1}, None),
        ({"a.jsonl": 9}, {"a.jsonl": 6, "b.txt": 1}, None),
    ],
)
def test_too_large_a_loss_is_refused(before: dict[str, int], after: dict[str, int | None], lost: str | None) -> None:
    db = duckdb.connect()
    db.execute("CREATE TABLE file (source_uri VARCHAR, status VARCHAR, n_articles INTEGER)")
    db.execute("CREATE TABLE afterwards (source_uri VARCHAR, n_articles INTEGER, is_gone BOOLEAN)")
    db.execute("INSERT INTO file VALUES ('in/old.txt', 'removed', 0), ('other/story.txt', 'loaded', 1)")
    db.executemany("INSERT INTO file VALUES ('in/' || ?, 'loaded', ?)", list(before.items()))
    rows = [(name, n or 0, n is None) for name, n in after.items()]
    db.executemany("INSERT INTO afterwards VALUES ('in/' || ?, ?, ?)", rows)
    if lost is None:
        refuse_losses(db, "file")
    else:
        with pytest.raises(SourceError, match=f"source 'in': .*{lost}.*nothing was removed.*--allow-removals"):
            refuse_losses(db, "file")
