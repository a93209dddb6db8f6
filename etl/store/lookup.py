"""Look up the articles for a redaction: those asked for, their reprints, and the near copies that stay.

All kept snapshots are searched, including failed ones, because a redaction clears them all: the article may have been edited or
removed from its source since, or the snapshot may have been rolled back.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from etl.errors import OnTheRecordError
from etl.schema import TABLES
from etl.store.duck import engine, parquet
from etl.store.manifest import Snapshot
from etl.store.tombstones import SENTENCE_LETTERS, Tombstone, fingerprints, is_buried, sentences

#: The fewest sentences that a near copy shares with the redacted articles.
NEAR_SENTENCES = 2
#: Texts with equal words may differ by this factor in the number of words between spaces.
N_WORDS_FACTOR = 2
#: Rows fetched from DuckDB at a time.
FETCH = 256
#: The wildcards of a pattern as those of SQL's LIKE, and the characters to escape.
LIKE = str.maketrans({"*": "%", "?": "_", "%": r"\%", "_": r"\_", "\\": r"\\"})


class NoArticleError(OnTheRecordError):
    """There is no such article to redact."""


@dataclass(frozen=True, slots=True)
class Taken:
    """An article to redact: its id, name and title, the numbers of its quotes and mentions, and what it is recognised by."""

    article_id: str
    source_uri: str
    title: str | None
    n_quotes: int
    n_mentions: int
    has_key: bool
    hashes: tuple[str, ...]
    sentences: tuple[str, ...]

    def tombstone(self, at: datetime, who: str, why: str) -> Tombstone:
        """Its tombstone."""
        return Tombstone(
            article_id=self.article_id,
            at=at,
            who=who,
            why=why,
            hashes=self.hashes,
            has_key=self.has_key,
            sentences=() if self.has_key else self.sentences,
        )


@dataclass(frozen=True, slots=True)
class NearCopy:
    """An article that shares sentences with the redacted articles but is not one of them."""

    article_id: str
    source_uri: str
    title: str | None
    n_shared: int


@dataclass(frozen=True, slots=True)
class _Version:
    """An article in one snapshot. ``rank`` 0 is the published one."""

    rank: int
    article_id: str
    source_uri: str
    title: str | None
    has_key: bool
    text: str
    paragraphs: str | None

    @property
    def body(self) -> str:
        """Its paragraphs; the whole text if it has none."""
        return self.paragraphs or self.text


VERSIONS = """
SELECT rank, article_id, source_uri, title, record_key IS NOT NULL AS has_key, text,
    string_agg(substring(text, span_start + 1, span_end - span_start), ' ' ORDER BY passage_no)
        FILTER (WHERE kind = 'paragraph') AS paragraphs
FROM (FROM article WHERE {which}) LEFT JOIN passage USING (rank, article_id)
GROUP BY ALL
"""
ASKED = "list_contains($ids::VARCHAR[], article_id) OR source_uri LIKE $pattern ESCAPE '\\'"

#: Articles of the published snapshot that share sentences with the redacted ones, comparing only letters and digits.
NEAR = f"""
WITH sentence AS (
    SELECT DISTINCT rank, article_id, regexp_replace(lower(part), '[^\\p{{L}}\\p{{N}}]+', '', 'g') AS folded
    FROM (SELECT rank, article_id, unnest(regexp_split_to_array(text, '[.!?\\n]+')) AS part FROM article)
    WHERE length(folded) >= {SENTENCE_LETTERS}
),
wanted AS (SELECT DISTINCT folded FROM sentence SEMI JOIN taken USING (article_id))
SELECT article_id, source_uri, title, count(*) AS n_shared
FROM sentence SEMI JOIN wanted USING (folded) ANTI JOIN taken USING (article_id) JOIN article USING (rank, article_id)
WHERE rank = 0
GROUP BY ALL HAVING n_shared >= {NEAR_SENTENCES}
ORDER BY n_shared DESC, source_uri
"""
COUNTS = """
SELECT article_id, (SELECT count(DISTINCT quote_id) FROM quote WHERE quote.article_id = taken.article_id),
    (SELECT count(DISTINCT mention_id) FROM mention WHERE mention.article_id = taken.article_id)
FROM taken
"""


def find(
    snapshots: Sequence[Snapshot], ids: Sequence[str], pattern: str, spill: Path, memory_limit: str
) -> tuple[list[Taken], list[NearCopy]]:
    """The articles with one of the ``ids`` or a source_uri that matches ``pattern``, with their reprints; and near copies.

    In a pattern, ``*`` matches any characters and ``?`` any single one. The first of the snapshots is the published one.

    Raises:
        NoArticleError: when nothing matches, or an id is unknown. The message names the unknown ids.
    """
    with engine(spill, memory_limit) as db:
        open_articles(db, snapshots)
        asked = list(versions(db, ASKED, {"ids": list(ids), "pattern": pattern.translate(LIKE)}))
        _refuse_unknown(ids, pattern, {each.article_id for each in asked})
        known = [*asked, *_reprints(db, asked)]
        db.execute(
            "CREATE TABLE taken AS SELECT DISTINCT unnest($ids) AS article_id", {"ids": [k.article_id for k in known]}
        )
        counts = {identifier: found for identifier, *found in db.execute(COUNTS).fetchall()}
        taken = [
            _joined([each for each in known if each.article_id == identifier], *counts[identifier])
            for identifier in dict.fromkeys(each.article_id for each in known)
        ]
        near = [NearCopy(*row) for row in db.execute(NEAR).fetchall()]
        return sorted(taken, key=lambda each: (each.source_uri, each.article_id)), near


def buried(db: duckdb.DuckDBPyConnection, ids: Sequence[str], marks: Collection[str]) -> list[str]:
    """Those of some articles that are redacted, excluding other articles with the same id."""
    found = versions(db, "list_contains($ids::VARCHAR[], article_id)", {"ids": list(ids)})
    return [each.article_id for each in found if is_buried(each.article_id, each.text, each.body, marks)]


def open_articles(db: duckdb.DuckDBPyConnection, snapshots: Sequence[Snapshot]) -> None:
    """Create views of the articles, passages, quotes and mentions of some snapshots, with ``rank``. Shared files count once."""
    for name in ("article", "passage", "quote", "mention"):
        seen: set[str] = set()
        relations: list[str] = []
        for rank, snapshot in enumerate(snapshots):
            files = [file.path for file in snapshot.manifest.of(name) if name == "passage" or file.path not in seen]
            seen.update(files)
            if files or not relations:
                rows = parquet(TABLES[name], (snapshot.root / path for path in files))
                relations.append(f"SELECT {rank} AS rank, * FROM {rows}")
        db.execute(f"CREATE VIEW {name} AS {' UNION ALL '.join(relations)}")


def versions(db: duckdb.DuckDBPyConnection, which: str, asked: dict[str, object]) -> Iterator[_Version]:
    """The versions of articles that fulfil a condition, the published ones first."""
    cursor = db.cursor().execute(f"{VERSIONS.format(which=which)} ORDER BY rank, source_uri, article_id", asked)
    while rows := cursor.fetchmany(FETCH):
        yield from (_Version(*row) for row in rows)


def _reprints(db: duckdb.DuckDBPyConnection, asked: Sequence[_Version]) -> Iterator[_Version]:
    """The articles with the same text or body as those asked for."""
    ids = {each.article_id for each in asked}
    hashes = {digest for each in asked for digest in fingerprints(each.text, each.body)}
    n_words = [len(each.text.split()) for each in asked]
    bounds = {"least": min(n_words) // N_WORDS_FACTOR, "most": max(n_words) * N_WORDS_FACTOR}
    for each in versions(db, "n_words BETWEEN $least AND $most", dict(bounds)):
        if each.article_id not in ids and not hashes.isdisjoint(fingerprints(each.text, each.body)):
            yield each


def _joined(found: Sequence[_Version], n_quotes: int, n_mentions: int) -> Taken:
    """Join the versions of one article. The first is the latest."""
    latest = found[0]
    hashes = dict.fromkeys(digest for each in found for digest in fingerprints(each.text, each.body))
    said = dict.fromkeys(digest for each in found for digest in sentences(each.text))
    return Taken(
        article_id=latest.article_id,
        source_uri=latest.source_uri,
        title=latest.title,
        n_quotes=n_quotes,
        n_mentions=n_mentions,
        has_key=latest.has_key,
        hashes=tuple(hashes),
        sentences=tuple(said),
    )


def _refuse_unknown(ids: Sequence[str], pattern: str, found: Collection[str]) -> None:
    if unknown := [identifier for identifier in ids if identifier not in found]:
        raise NoArticleError(
            f"no kept snapshot has an article with the id {', '.join(map(repr, unknown))}; nothing was done. "
            "Ids are in the column article_id of the table article"
        )
    if not found:
        raise NoArticleError(f"no kept snapshot has an article whose source_uri matches {pattern!r}; nothing was done")
