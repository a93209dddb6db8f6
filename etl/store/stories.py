"""Which articles tell one story: those with one body, and near copies, such as a wire story as several outlets print it.

The first article of a story is the earliest by day and id. A near copy is similar to *that* article and printed within days of
it, so that no chain of small changes makes one story of a month of daily reports. The stories depend only on the set of articles,
not on the order in which they arrived. `docs/copies.md` has the measurements behind the figures.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from operator import attrgetter

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
from rapidfuzz.distance import Hamming

from etl.page.signature import SIZE, shared
from etl.store.duck import folded

#: The version of this module's rules. Increase it with every change that may assign an article to another story.
VERSION = "stories 1"

Numbers = npt.NDArray[np.uint64]

#: The least share of their runs of words that near copies have in common.
LEAST_SHARED = 0.4
#: The most days between near copies. Similar articles further apart are reports of one form, such as weekly figures.
DAYS_APART = 7
#: Letters in a band. Two bodies are compared if they agree in a band.
BAND = 4
#: Letters of all signatures in memory at a time.
FETCHED = 16
#: In a band, a body is compared with so many before it, by day and id, however many agree.
COMPARED = 2
#: The most places in which the signatures of near copies differ.
MOST_DIFFERENT = max(n for n in range(SIZE) if shared(n) >= LEAST_SHARED)

#: Articles with the same body: the first by day and id stands for them all.
BODIES = """
CREATE TEMP TABLE body AS
SELECT article_id, published_on, signature,
    first_value(article_id) OVER (PARTITION BY body_sha256 ORDER BY published_on NULLS LAST, article_id) AS first_id
FROM article
"""
#: The bodies that may have near copies, numbered from 0 by day and id.
NUMBERED = """
CREATE TEMP TABLE numbered AS
SELECT (row_number() OVER (ORDER BY published_on NULLS LAST, article_id) - 1)::UBIGINT AS n, article_id, published_on, signature
FROM body WHERE article_id = first_id AND signature != ''
ORDER BY n
"""
#: Of the pairs of bodies compared, those that are near copies.
SIMILAR = """
SELECT DISTINCT later.n, earlier.n, later.published_on, earlier.published_on, later.signature, earlier.signature
FROM pair JOIN numbered AS later ON later.n = pair.later JOIN numbered AS earlier ON earlier.n = pair.earlier
WHERE hamming(later.signature, earlier.signature) <= {most_different}
    AND coalesce(later.published_on - earlier.published_on <= {days_apart}, true)
ORDER BY ALL
"""
ROWS = """
SELECT body.article_id, nullif(body.first_id, body.article_id) AS duplicate_of, first.article_id AS near_copy_of,
    coalesce(near.similarity, if(body.first_id = body.article_id, NULL, 1)) AS similarity,
    coalesce(first.article_id, body.first_id) AS story_id
FROM body
LEFT JOIN numbered ON numbered.article_id = body.first_id
LEFT JOIN near USING (n)
LEFT JOIN numbered AS first ON first.n = near.first
"""
#: Utterances whose words an earlier article of the story has too, and all of an article whose whole body an earlier one has.
REPRINTS = f"""
WITH spoken AS (
    SELECT story_id, published_on, article_id, utterance_no, duplicate_of IS NOT NULL AS is_duplicate,
        {folded("string_agg(text, ' ' ORDER BY span_start, span_end, quote_id)")} AS words
    FROM quote
    JOIN article_group USING (article_id)
    SEMI JOIN (SELECT story_id FROM article_group WHERE story_id != article_id) USING (story_id)
    GROUP BY ALL
)
SELECT article_id, utterance_no
FROM spoken
QUALIFY is_duplicate OR article_id !=
    first_value(article_id) OVER (PARTITION BY story_id, words ORDER BY published_on NULLS LAST, article_id)
"""
#: The rows of ``near``: a body that is a near copy, and its story's first, by number.
NEAR = pa.schema([("n", pa.uint64()), ("first", pa.uint64()), ("similarity", pa.float64())])


@dataclass(frozen=True, slots=True)
class Body:
    """The first article with a body: its number by day and id, its day and its signature."""

    n: int
    published_on: date | None
    signature: str


def group_articles(db: duckdb.DuckDBPyConnection) -> None:
    """Make the table ``article_group`` from ``article``, and ``reprint``, the utterances to leave out to count words once."""
    db.execute(BODIES)
    db.execute(NUMBERED)
    db.register("pair", pairs(db))
    rows = db.execute(SIMILAR.format(most_different=MOST_DIFFERENT, days_apart=DAYS_APART)).fetchall()
    edges = [(Body(*row[::2]), Body(*row[1::2])) for row in rows]
    db.register("near", pa.Table.from_pylist(list(near_copies(edges)), schema=NEAR))
    db.execute(f"CREATE TABLE article_group AS {ROWS}")
    db.execute(f"CREATE TABLE reprint AS {REPRINTS}")


def near_copies(similar: Sequence[tuple[Body, Body]]) -> Iterator[dict[str, int | float]]:
    """The bodies that are near copies, each with the first body of its story and its similarity to that.

    ``similar`` are pairs of a body and an earlier one, in order. The candidates for a body are the stories of the earlier bodies
    similar to it. It joins the earliest one whose first body it is a near copy of; if there is none, it begins a story.
    """
    first: dict[int, Body] = {}
    for _, pairs in groupby(similar, key=lambda pair: pair[0].n):
        listed = list(pairs)
        body = listed[0][0]
        stories = sorted({first.get(earlier.n, earlier) for _, earlier in listed}, key=attrgetter("n"))
        for candidate in stories:
            n_different = Hamming.distance(body.signature, candidate.signature)
            if n_different <= MOST_DIFFERENT and _days_apart(body, candidate) <= DAYS_APART:
                first[body.n] = candidate
                yield {"n": body.n, "first": candidate.n, "similarity": round(shared(n_different), 4)}
                break


def _days_apart(body: Body, earlier: Body) -> int:
    """How many days after another a body was printed; 0 if a date is unknown."""
    return (body.published_on - earlier.published_on).days if body.published_on and earlier.published_on else 0


def pairs(db: duckdb.DuckDBPyConnection) -> pa.Table:
    """The pairs of bodies to compare, by number; a pair may come up in several bands.

    In SQL, to join all bands with each other takes forty times as long as to sort one after another.
    """
    found = [pair for band in _bands(db) for pair in agreeing(band)]
    later, earlier = (np.concatenate([pair[side] for pair in found]) for side in (0, 1))
    return pa.table({"later": later, "earlier": earlier})


def _bands(db: duckdb.DuckDBPyConnection) -> Iterator[Numbers]:
    """Each BAND letters of every signature as one number, in the order of the bodies."""
    for start in range(0, SIZE, FETCHED):
        letters = db.execute(
            f"SELECT substring(signature, {start + 1}, {FETCHED})::BLOB AS letters FROM numbered ORDER BY n"
        )
        fixed = letters.to_arrow_table()["letters"].cast(pa.binary(FETCHED)).combine_chunks()
        bands = np.frombuffer(fixed.buffers()[1], dtype=np.uint32).reshape(-1, FETCHED // BAND)
        yield from (bands[:, band].astype(np.uint64) for band in range(FETCHED // BAND))


def agreeing(band: Numbers) -> Iterator[tuple[Numbers, Numbers]]:
    """The positions of equal values in a band, (later, earlier): each with those just before it."""
    # Value and position in one integer: sorting these is faster than sorting positions by value.
    joined = np.sort((band << np.uint64(32)) | np.arange(len(band), dtype=np.uint64))
    values, positions = joined >> np.uint64(32), joined & np.uint64(0xFFFFFFFF)
    for back in range(1, COMPARED + 1):
        agree = values[back:] == values[:-back]
        yield positions[back:][agree], positions[:-back][agree]
