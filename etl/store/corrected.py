"""Corrections over a whole snapshot: which articles they are about, and the rows of those articles, before and after.

The published rows of a corrected article are a function of its rows as extracted and of the corrections about it. The extracted
rows are kept too (``article_uncorrected``, ``quote_uncorrected``, ``mention_uncorrected``), so that a correction can be changed or
withdrawn without extracting anything. An article is corrected again if it was extracted in this run, or if the corrections about it
differ from those of the last snapshot.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from unicodedata import normalize

import duckdb
import pyarrow as pa

from etl.corrections.anchor import MARKS, SPACE, STRAIGHT, Anchor, squeezed
from etl.corrections.apply import Row, Rows, corrected
from etl.corrections.file import OF_ARTICLE, Correction, Corrections
from etl.schema import (
    APPLIED,
    ARTICLE,
    ARTICLE_UNCORRECTED,
    CORRECTED_COLUMNS,
    CORRECTION,
    LOST,
    MENTION,
    MENTION_UNCORRECTED,
    PASSAGE,
    QUOTE,
    QUOTE_UNCORRECTED,
    TABLES,
    Table,
    ddl,
)
from etl.store.duck import old_rows
from etl.store.manifest import Snapshot

#: The rows of an article, and those of them that are kept as they were extracted.
OF_ONE = (ARTICLE, PASSAGE, QUOTE, MENTION)
KEPT = (ARTICLE_UNCORRECTED, QUOTE_UNCORRECTED, MENTION_UNCORRECTED)
#: Articles worked on at a time.
BATCH = 200
#: The name of the shard that corrected rows count as.
SHARD = "corrected"

#: The articles of the new snapshot that a correction may be about; and the files and records that corrections name.
STANDING = """
CREATE TEMP TABLE standing AS
SELECT article_id, source_uri, record_key, NULL AS shard FROM old_article ANTI JOIN deleted_text USING (article_id) WHERE {asked}
UNION ALL
SELECT article_id, source_uri, record_key, shard FROM shard_article SEMI JOIN inserted_text USING (article_id, shard) WHERE {asked}
"""
ASKED = """
(source_uri IN (SELECT source_uri FROM anchor) OR record_key IN (SELECT record_key FROM anchor WHERE source_uri IS NULL))
"""
CANDIDATES = """
CREATE TEMP TABLE candidate AS
SELECT anchor.correction_id, article_id, shard, exact, bare FROM anchor JOIN standing USING (source_uri)
WHERE anchor.record_key IS NULL OR anchor.record_key = standing.record_key
UNION ALL
SELECT anchor.correction_id, article_id, shard, exact, bare FROM anchor JOIN standing USING (record_key)
WHERE anchor.source_uri IS NULL
"""
#: If a correction may be about several articles, it is about those that have the words.
HOLDING = """
CREATE TEMP TABLE held AS
WITH several AS (SELECT * FROM candidate QUALIFY count(*) OVER (PARTITION BY correction_id) > 1),
texts AS (
    SELECT correction_id, article_id, exact, bare, text FROM several JOIN old_article USING (article_id) WHERE shard IS NULL
    UNION ALL
    SELECT correction_id, article_id, exact, bare, text FROM several JOIN shard_article USING (article_id, shard)
)
SELECT correction_id, article_id FROM candidate
QUALIFY count(*) OVER (PARTITION BY correction_id) = 1
UNION ALL
SELECT correction_id, article_id
FROM (SELECT * REPLACE (translate(nfc_normalize(text), $marks, $straight) AS text) FROM texts)
WHERE contains(text, exact) OR contains(text, bare)
QUALIFY contains(text, exact) = bool_or(contains(text, exact)) OVER (PARTITION BY correction_id)
"""
MATCHED = """
SELECT correction_id, count(article_id) AS n, min(article_id) AS article_id,
    (SELECT count(*) FROM candidate WHERE candidate.correction_id = anchor.correction_id) AS n_candidates
FROM anchor LEFT JOIN held USING (correction_id) GROUP BY ALL
"""
#: Articles to work on: extracted in this run, or with other corrections than before.
AFFECTED = """
CREATE TEMP TABLE affected AS
WITH recipe AS (SELECT article_id, list_sort(list(digest)) AS digests FROM matched GROUP BY article_id),
old_recipe AS (
    SELECT article_id, list_sort(list(digest)) AS digests FROM old_correction WHERE article_id IS NOT NULL GROUP BY article_id
)
SELECT article_id, inserted_finding.shard, inserted_text.shard AS text_shard
FROM recipe
FULL JOIN old_recipe USING (article_id)
LEFT JOIN inserted_finding USING (article_id)
LEFT JOIN inserted_text USING (article_id)
WHERE (inserted_finding.shard IS NOT NULL OR recipe.digests IS DISTINCT FROM old_recipe.digests)
    AND (inserted_finding.shard IS NOT NULL OR article_id NOT IN (SELECT article_id FROM deleted_finding))
"""
#: The rows of some affected articles, as extracted.
EXTRACTED = """
SELECT {columns} FROM shard_{name} JOIN affected USING (article_id) JOIN batch USING (article_id)
WHERE shard_{name}.shard = affected.{shard}
UNION ALL
SELECT {columns} FROM base_{name} JOIN affected USING (article_id) JOIN batch USING (article_id) WHERE affected.{shard} IS NULL
"""
WITH_OTHER_PAGE = f"""
WHERE article_id IN (
    SELECT article_id FROM (SELECT article_id, kind FROM correction UNION ALL SELECT article_id, kind FROM old_correction)
    WHERE article_id IS NOT NULL AND kind IN ({", ".join(map(repr, OF_ARTICLE))})
)
"""
#: Corrected rows replace the extracted ones: the article's own row only where something of the article is or was corrected.
INSERTED = f"""
INSERT INTO deleted_{{of}} SELECT article_id FROM affected {{which}};
DELETE FROM inserted_{{of}} WHERE article_id IN (SELECT article_id FROM affected {{which}});
INSERT INTO inserted_{{of}} BY NAME
SELECT article_id, '{SHARD}' AS shard, published_on FROM corrected_article SEMI JOIN (FROM affected {{which}}) USING (article_id);
"""


def extracted_rows(name: str, relation: Callable[[str], str]) -> str:
    """The SQL for a snapshot's rows of a table as they were extracted; ``relation`` gives that of the rows as published."""
    kept = f"{name}_uncorrected"
    if name in (QUOTE.name, MENTION.name):
        published = f"FROM {relation(name)} ANTI JOIN {relation(ARTICLE_UNCORRECTED.name)} USING (article_id)"
        return f"({published} UNION ALL BY NAME FROM {relation(kept)})"
    columns = {ARTICLE.name: CORRECTED_COLUMNS, PASSAGE.name: ("published_on",)}.get(name)
    if columns is None:
        return relation(name)
    before = ", ".join(f"CASE WHEN was.article_id IS NULL THEN now.{c} ELSE was.{c} END AS {c}" for c in columns)
    return f"""(
        SELECT now.* REPLACE ({before})
        FROM {relation(name)} AS now LEFT JOIN {relation(ARTICLE_UNCORRECTED.name)} AS was USING (article_id)
    )"""


def extracted_in(old: Snapshot, name: str) -> str:
    """The SQL for a snapshot's rows of a table as they were extracted."""
    return extracted_rows(name, lambda table: old_rows(old, TABLES[table]))


def correct(db: duckdb.DuckDBPyConnection, old: Snapshot, corrections: Corrections) -> None:
    """Make the tables of corrections, and replace extracted rows by corrected ones.

    ``db`` has ``old_TABLE`` and ``shard_TABLE``, and the keys of changed texts and findings (`etl.store.file_changes`).
    It is given ``incoming_TABLE``: the rows of shards, and as those of the shard `SHARD`, corrected ones.
    """
    for table in (CORRECTION, *KEPT):
        db.execute(f"CREATE TEMP VIEW old_{table.name} AS FROM {old_rows(old, table)}")
        db.execute(next(ddl(table)))
    for table in OF_ONE:
        db.execute(f"CREATE TEMP VIEW base_{table.name} AS FROM {extracted_rows(table.name, 'old_{}'.format)}")
        db.execute(f"CREATE TEMP TABLE corrected_{table.name} AS FROM shard_{table.name} WHERE false")
    by_id = {row.correction_id: row for row in corrections.rows}
    problems = _match(db, by_id)
    db.execute(AFFECTED)
    problems |= _kept_problems(db)
    articles = [article_id for (article_id,) in db.execute("SELECT article_id FROM affected ORDER BY 1").fetchall()]
    by_article = _by_article(db, by_id)
    for start in range(0, len(articles), BATCH):
        problems |= _work_on(db, articles[start : start + BATCH], by_article)
    _write_corrections(db, by_id, problems)
    _keep_extracted(db)
    for of, which in (("text", WITH_OTHER_PAGE), ("finding", "")):
        db.execute(INSERTED.format(of=of, which=which))
    for table in OF_ONE:
        name = table.name
        db.execute(f"CREATE TEMP VIEW incoming_{name} AS FROM shard_{name} UNION ALL BY NAME FROM corrected_{name}")


def _match(db: duckdb.DuckDBPyConnection, by_id: Mapping[str, Correction]) -> dict[str, str | None]:
    """Make ``matched``: the article of each correction that is about one; why others are about none."""
    anchors = [
        {
            "correction_id": row.correction_id,
            "digest": row.digest,
            "source_uri": row.source_uri,
            "record_key": row.record_key,
            **dict(zip(("exact", "bare"), map(_needle, row.anchors), strict=True)),
        }
        for row in by_id.values()
    ]
    names = ("correction_id", "digest", "source_uri", "record_key", "exact", "bare")
    _create(db, "anchor", names, anchors)
    db.execute(STANDING.format(asked=ASKED if anchors else "false"))
    db.execute(CANDIDATES)
    db.execute(HOLDING, {"marks": MARKS + SPACE, "straight": STRAIGHT})
    found = db.execute(MATCHED).fetchall()
    problems: dict[str, str | None] = {
        correction_id: _unmatched(by_id[correction_id], n, n_candidates)
        for correction_id, n, _, n_candidates in found
        if n != 1
    }
    matched = [
        {"correction_id": c, "digest": by_id[c].digest, "article_id": article} for c, n, article, _ in found if n == 1
    ]
    _create(db, "matched", ("correction_id", "digest", "article_id"), matched)
    return problems


def _needle(anchor: Anchor) -> str:
    """The string to search for in the texts that an anchor may be in, folded as `HOLDING` folds these."""
    return normalize("NFC", squeezed(anchor.before + anchor.words + anchor.after))


def _unmatched(correction: Correction, n: int, n_candidates: int) -> str:
    """Why a correction is about no article. It names neither file nor record: they may have been redacted."""
    columns = " and ".join(name for name in ("source_uri", "record_key") if getattr(correction, name))
    if not n_candidates:
        return f"no article has its {columns}"
    if not n:
        return f"none of the {n_candidates:,} articles with its {columns} has its words"
    return f"{n:,} articles with its {columns} {'have its words' if correction.words else 'are there'}; give the record_key of one"


def _kept_problems(db: duckdb.DuckDBPyConnection) -> dict[str, str | None]:
    """The outcome of corrections of articles that are not corrected again, from the old snapshot."""
    return dict(
        db.execute(
            "SELECT correction_id, problem FROM old_correction JOIN matched USING (correction_id, digest, article_id) "
            "ANTI JOIN affected USING (article_id)"
        ).fetchall()
    )


def _by_article(db: duckdb.DuckDBPyConnection, by_id: Mapping[str, Correction]) -> dict[str, list[Correction]]:
    found: dict[str, list[Correction]] = {}
    for article_id, correction_id in db.execute("SELECT article_id, correction_id FROM matched").fetchall():
        found.setdefault(article_id, []).append(by_id[correction_id])
    return found


def _work_on(
    db: duckdb.DuckDBPyConnection, articles: Sequence[str], by_article: Mapping[str, Sequence[Correction]]
) -> dict[str, str | None]:
    """Fill ``corrected_TABLE`` and, of articles to which a correction applies, ``TABLE_uncorrected``."""
    problems: dict[str, str | None] = {}
    after: dict[Table, list[Row]] = {table: [] for table in OF_ONE}
    before: dict[Table, list[Row]] = {table: [] for table in KEPT}
    for rows in _extracted(db, articles):
        fresh, told = corrected(rows, by_article.get(rows.article["article_id"], ()))
        problems |= told
        for table, some in zip(OF_ONE, ([fresh.article], fresh.passages, fresh.quotes, fresh.mentions), strict=True):
            after[table] += some
        if None in told.values():
            for table, some in zip(KEPT, ([rows.article], rows.quotes, rows.mentions), strict=True):
                before[table] += [{name: row[name] for name in table.names} for row in some]
    for table, some in after.items():
        _insert(db, f"corrected_{table.name}", table, some, f", '{SHARD}' AS shard")
    for table, some in before.items():
        _insert(db, table.name, table, some)
    return problems


def _extracted(db: duckdb.DuckDBPyConnection, articles: Sequence[str]) -> Iterator[Rows]:
    _create(db, "batch", ("article_id",), [{"article_id": each} for each in articles])
    found: dict[str, dict[str, list[Row]]] = {}
    for table in OF_ONE:
        columns = ", ".join(table.names)
        shard = "text_shard" if table in (ARTICLE, PASSAGE) else "shard"
        query = EXTRACTED.format(name=table.name, columns=columns, shard=shard)
        rows = db.execute(f"{query} ORDER BY {', '.join(table.order)}").to_arrow_table()
        for row in rows.to_pylist():
            found.setdefault(row["article_id"], {}).setdefault(table.name, []).append(row)
    for of in found.values():
        (article,) = of[ARTICLE.name]
        yield Rows(article, *(of.get(table.name, []) for table in OF_ONE[1:]))


def _write_corrections(
    db: duckdb.DuckDBPyConnection, by_id: Mapping[str, Correction], problems: Mapping[str, str | None]
) -> None:
    of = dict(db.execute("SELECT correction_id, article_id FROM matched").fetchall())
    rows = [correction_row(row, of.get(key), problems.get(key)) for key, row in by_id.items()]
    _insert(db, CORRECTION.name, CORRECTION, rows)


def correction_row(correction: Correction, article_id: str | None, problem: str | None) -> Row:
    """The row of one correction. What it says is left out where it is lost: its article may have been redacted."""
    is_applied = problem is None
    says = {
        "words": correction.words or None,
        "value": correction.value or None,
        "entity_type": correction.type if correction.entity_id else None,
        "authority_id": correction.id,
        "entity_id": correction.entity_id,
        "corrected_by": correction.corrected_by,
        "corrected_on": correction.corrected_on,
        "reason": correction.reason,
    }
    return {
        "correction_id": correction.correction_id,
        "kind": correction.kind,
        "status": APPLIED if is_applied else LOST,
        "problem": problem,
        "article_id": article_id,
        **(says if is_applied else dict.fromkeys(says)),
        "file": correction.file.name,
        "line": correction.line,
        "digest": correction.digest,
    }


def _keep_extracted(db: duckdb.DuckDBPyConnection) -> None:
    """Copy the extracted rows of articles whose corrections did not change."""
    for table in KEPT:
        db.execute(
            f"INSERT INTO {table.name} BY NAME FROM old_{table.name} "
            f"SEMI JOIN (FROM correction WHERE status = '{APPLIED}') USING (article_id) ANTI JOIN affected USING (article_id)"
        )


def _create(
    db: duckdb.DuckDBPyConnection, name: str, columns: Sequence[str], rows: list[dict[str, str | None]]
) -> None:
    """Make a table of strings."""
    schema = pa.schema([(column, pa.string()) for column in columns])
    db.register("_rows", pa.Table.from_pylist(rows, schema))
    db.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS FROM _rows")
    db.unregister("_rows")


def _insert(db: duckdb.DuckDBPyConnection, name: str, table: Table, rows: Sequence[Row], more: str = "") -> None:
    db.register("_rows", pa.Table.from_pylist(list(rows), table.arrow))
    db.execute(f"INSERT INTO {name} BY NAME SELECT *{more} FROM _rows")
    db.unregister("_rows")
