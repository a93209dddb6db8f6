"""The differences between two snapshots: articles, quotes, canonical names, and counts of utterances."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from etl.schema import TABLES, VOLATILE_COLUMNS, Table
from etl.store.duck import engine, parquet
from etl.store.manifest import Snapshot

#: Columns with versions, run ids and times, which are not compared.
STAMPS = VOLATILE_COLUMNS | {"parser", "extractor"}


@dataclass(frozen=True, slots=True)
class Question:
    """One kind of difference: the tables it needs, and the query for its rows, over ``before_…`` and ``after_…``."""

    tables: tuple[str, ...]
    query: str


def _changed(table: Table, shown: str) -> str:
    """The query for rows that were added, removed or changed. ``shown`` are the columns to show."""
    key = ", ".join(table.key)
    said = [name for name in table.names if name not in STAMPS and name not in table.key]
    came, went = (f"{side}.{table.key[0]} IS NULL" for side in ("before", "after"))
    differs = " OR ".join(f"before.{name} IS DISTINCT FROM after.{name}" for name in said)
    return f"""
        WITH matched AS (
            SELECT {key}, before, after,
                CASE WHEN {came} THEN 'added' WHEN {went} THEN 'removed' ELSE 'changed' END AS change
            FROM before_{table.name} AS before FULL JOIN after_{table.name} AS after USING ({key})
            WHERE {came} OR {went} OR {differs}
        )
        SELECT change, {shown} FROM matched ORDER BY ALL
    """


QUESTIONS: Mapping[str, Question] = {
    "articles": Question(
        ("article",),
        _changed(
            TABLES["article"],
            "coalesce(after.source_uri, before.source_uri) AS source_uri, before.title AS title_before, after.title AS title, "
            "before.published_on AS published_on_before, after.published_on AS published_on, article_id",
        ),
    ),
    "quotes": Question(
        ("quote",),
        _changed(
            TABLES["quote"],
            "before.speaker_name AS speaker_before, after.speaker_name AS speaker, coalesce(after.text, before.text) AS text, "
            "coalesce(after.article_id, before.article_id) AS article_id",
        ),
    ),
    "names": Question(
        ("entity",),
        """
        SELECT after.name, after.entity_type, before.canonical_name AS canonical_before, after.canonical_name AS canonical,
            entity_id
        FROM before_entity AS before JOIN after_entity AS after USING (entity_id)
        WHERE before.canonical_name != after.canonical_name OR before.canonical_id != after.canonical_id
        ORDER BY ALL
        """,
    ),
    "counts": Question(
        ("entity",),
        """
        WITH counted AS (
            SELECT canonical_name AS speaker, sum(n_utterances) AS before, 0 AS after FROM before_entity GROUP BY ALL
            UNION ALL SELECT canonical_name, 0, sum(n_utterances) FROM after_entity GROUP BY ALL
        )
        SELECT speaker, sum(before)::BIGINT AS utterances_before, sum(after)::BIGINT AS utterances
        FROM counted GROUP BY ALL HAVING sum(before) != sum(after)
        ORDER BY abs(sum(after) - sum(before)) DESC, speaker
        """,
    ),
}


def diff(before: Snapshot, after: Snapshot, spill: Path, memory_limit: str) -> dict[str, pa.Table]:
    """The rows of each kind of difference. Files that both snapshots share are not read."""
    with engine(spill, memory_limit) as db:
        return {name: _ask(db, question, before, after) for name, question in QUESTIONS.items()}


def _ask(db: duckdb.DuckDBPyConnection, question: Question, before: Snapshot, after: Snapshot) -> pa.Table:
    for name in question.tables:
        files = [{file.path: file for file in snapshot.manifest.of(name)} for snapshot in (before, after)]
        # Names have a hash of the content, so files of the same name are equal. Counts of entities need all rows.
        shared = files[0].keys() & files[1].keys() if name != "entity" else set()
        for side, snapshot, some in zip(("before", "after"), (before, after), files, strict=True):
            own = [snapshot.root / path for path in sorted(some.keys() - shared)]
            db.execute(f"CREATE OR REPLACE VIEW {side}_{name} AS FROM {parquet(TABLES[name], own)}")
    return db.execute(question.query).to_arrow_table()
