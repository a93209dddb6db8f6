"""The distinct names of a snapshot with their counts, one row per ``entity_id``, from which `etl.entities.resolve` makes entities.

Names are counted for each file of articles, and these sums are kept in the snapshot, beside its tables. So a run counts again only
where an article changed, and reads sums instead of mentions for all others. The sums add up, because no article is in two files.
"""

import duckdb
import pyarrow as pa

from etl.schema import DAY, INT64, STRING, STRINGS, Column, Table
from etl.store.duck import one_line

#: The version of the sums. Increase it with every change that may change a row.
VERSION = "names 2"

#: Not one of `etl.schema.TABLES`: readers have ``entity``.
NAME_SUM = Table(
    "name_sum",
    "one name in the articles of one file",
    ("entity_id",),
    (
        Column("entity_id", STRING, "hash of class and normalised name"),
        Column("entity_type", STRING, "OntoNotes class; null if no mention has the name", nullable=True),
        Column("spellings", pa.map_(STRING, INT64), "mentions by the name in the article", nullable=True),
        Column("texts", STRINGS, "what is printed where it is named", nullable=True),
        Column("n_articles", INT64, "articles with it, reprints left out"),
        Column("n_mentions", INT64, "mentions in these"),
        Column("n_utterances", INT64, "utterances of this speaker, reprints and what was not said left out"),
        Column("first_seen", DAY, "first day of publication", nullable=True),
        Column("last_seen", DAY, "last day of publication", nullable=True),
    ),
    bucket_by="entity_id",
    order=("entity_id",),
)

#: One row per entity_id of a part of them. Reprints are not counted. A speaker that only a correction names is included.
ROWS = """
WITH part AS (FROM name_sum WHERE {is_in_part}),
summed AS (
    SELECT entity_id, min(entity_type) AS entity_type, list_sort(list_distinct(flatten(list(texts)))) AS texts,
        sum(n_articles)::BIGINT AS n_articles, sum(n_mentions)::BIGINT AS n_mentions, sum(n_utterances)::BIGINT AS n_utterances,
        min(first_seen) AS first_seen, max(last_seen) AS last_seen
    FROM part GROUP BY entity_id
),
spelling AS (
    SELECT entity_id, spelled.key AS name
    FROM (SELECT entity_id, unnest(map_entries(spellings)) AS spelled FROM part)
    GROUP BY entity_id, spelled.key
    QUALIFY row_number() OVER (PARTITION BY entity_id ORDER BY sum(spelled.value) DESC, spelled.key) = 1
)
SELECT entity_id, entity_type, name, list_filter(coalesce(texts, []), lambda text: text != name) AS aliases,
    n_articles, n_mentions, n_utterances, first_seen, last_seen
FROM summed JOIN spelling USING (entity_id)
UNION ALL BY NAME
SELECT entity_id, min(correction.entity_type) AS entity_type, min(value) AS name, [] AS aliases,
    0 AS n_articles, 0 AS n_mentions, coalesce(any_value(n_utterances), 0) AS n_utterances
FROM correction ANTI JOIN spelling USING (entity_id) LEFT JOIN summed USING (entity_id)
WHERE entity_id IS NOT NULL AND {is_in_part} GROUP BY entity_id
"""
#: The most sums that are added up at once: DuckDB holds the lists that it makes in memory, whatever its limit.
SUMS = 2_000_000


def list_names(db: duckdb.DuckDBPyConnection, n_sums: int) -> None:
    """Make the table ``name`` from ``name_sum``, which has ``n_sums`` rows, and ``correction``."""
    n_parts = max(1, -(-n_sums // SUMS))
    for part in range(n_parts):
        rows = ROWS.format(is_in_part=f"hash(entity_id) % {n_parts} = {part}")
        db.execute(f"INSERT INTO name BY NAME {rows}" if part else f"CREATE TABLE name AS {rows}")


def sums(mention: str, quote: str) -> str:
    """The SQL for the sums of some mentions and quotes, two queries, by their ``month_no`` and ``bucket``.

    ``later`` are the articles that do not begin their story, ``reprint`` the utterances that are reprints.
    """
    return f"""
        WITH seen AS (
            SELECT mention.*, later.article_id IS NULL AS is_first
            FROM ({mention}) AS mention LEFT JOIN later USING (article_id)
        ),
        spelled AS (
            SELECT month_no, bucket, entity_id, map(list(entity_name), list(n)) AS spellings
            FROM (
                SELECT month_no, bucket, entity_id, entity_name, count(*) AS n FROM seen GROUP BY ALL ORDER BY entity_name
            )
            GROUP BY ALL
        ),
        spoken AS (
            SELECT month_no, bucket, speaker_entity_id AS entity_id, count(DISTINCT (article_id, utterance_no)) AS n_utterances
            FROM ({quote}) AS quote ANTI JOIN reprint USING (article_id, utterance_no)
            WHERE speaker_entity_id IS NOT NULL AND NOT is_unsaid GROUP BY ALL
        ),
        counted AS (
            SELECT month_no, bucket, entity_id, min(entity_type) AS entity_type,
                list_sort(list(DISTINCT {one_line("text")}) FILTER (via = 'named')) AS texts,
                count(DISTINCT article_id) FILTER (is_first) AS n_articles, count(*) FILTER (is_first) AS n_mentions,
                min(published_on) AS first_seen, max(published_on) AS last_seen
            FROM seen GROUP BY ALL
        )
        SELECT * REPLACE (
            coalesce(n_articles, 0) AS n_articles, coalesce(n_mentions, 0) AS n_mentions, coalesce(n_utterances, 0) AS n_utterances
        )
        FROM counted JOIN spelled USING (month_no, bucket, entity_id) FULL JOIN spoken USING (month_no, bucket, entity_id)
    """
