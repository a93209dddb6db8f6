"""Shards of made-up rows to assemble: three kilobytes of text, five quotes and 30 mentions an article.

As in the news, a tenth of the names are new with each article and the others are borne by few; one article in twenty is a near
copy of the one before it, and two in twenty quote its words, one of them altered.
"""

from collections.abc import Iterable
from pathlib import Path

import duckdb
import pyarrow as pa

from etl.schema import SHARD_TABLES, TABLES, duckdb_type

#: The articles of a shard. Extraction leaves at most 256 files in one.
SHARD = 4096
#: The columns of ``made``: a row is a file of one article. ``i`` numbers articles; another ``edition`` has other words.
MADE = pa.schema(
    [("i", pa.int64()), ("edition", pa.int64()), ("source_uri", pa.string()), ("published_on", pa.date32())]
    + [(name, pa.int64()) for name in ("size", "modified_us", "changed_us")]
    + [(name, pa.string()) for name in ("parser", "extractor")]
)
#: Articles ``first`` to ``last`` as rows of `MADE`, spread over two years; those from number ``newest`` on are of the last month.
NUMBERED = """
SELECT i, {edition} AS edition, 's/' || i AS source_uri,
    DATE '2030-01-01' + (CASE WHEN i >= {newest} THEN 700 + i % 30 ELSE i % 730 END)::INTEGER AS published_on,
    3000 AS size, 0 AS modified_us, 0 AS changed_us, 'read 1' AS parser, 'quotes 1' AS extractor
FROM range({first}, {last}) AS r (i)
"""
#: ``words`` are some 13 words in 98 letters. ``name_no`` is the number of a name: a tenth are in this article alone, the others
#: among 20,000, the first of them most often.
MACROS = """
CREATE MACRO words(key) AS left(translate(md5(key) || md5(key || 'a') || md5(key || 'b') || md5(key || 'c'), 'ae', '  '), 98);
CREATE MACRO name_no(i, k) AS CASE WHEN hash(i, k) % 10 = 0 THEN 100000 + i * 5 + k
    ELSE (pow((hash(i, k, 0) % 1000003) / 1000003.0, 3) * 20000)::BIGINT END;
CREATE MACRO entity(no) AS left(md5('e' || no), 20);
"""
#: 128 letters of 64; those of a near copy are other ones in a third of the places.
SIGNATURE = """
    left(to_base64(unhex(sha256('c' || i)))[1:42], CASE WHEN i % 20 = 1 THEN 42 ELSE 0 END)
    || substring(
        array_to_string([to_base64(unhex(sha256((i - (i % 20 = 1)::INTEGER) || 's' || j)))[1:42] FOR j IN range(4)], ''),
        CASE WHEN i % 20 = 1 THEN 43 ELSE 1 END,
        CASE WHEN i % 20 = 1 THEN 86 ELSE 128 END
    )
"""
#: The article whose first words and speakers article ``i`` has.
FIRST = "(CASE WHEN i % 20 IN (1, 2) THEN i - i % 20 ELSE i END)"
ROWS = {
    "article": f"""
        SELECT i, left(md5('a' || source_uri), 20) AS article_id, source_uri, 0 AS record_no, 'Title ' || i AS title,
            []::VARCHAR[] AS authors, published_on, 's' AS outlet, 'en' AS language, []::VARCHAR[] AS sections,
            left(words('t' || {FIRST} || edition), if(i % 20 = 2, 89, 98)) || if(i % 20 = 2, ' the rest. ', '. ')
                || array_to_string([words('t' || i || ' ' || j || edition) || '. ' FOR j IN range(1, 30)], '') AS text,
            md5(text) AS text_sha256, md5('b' || text) AS body_sha256, {SIGNATURE} AS signature, 300 AS n_words,
            'utf-8' AS encoding, []::VARCHAR[] AS repairs, parser, 'run' AS run_id
        FROM made
    """,
    "passage": """
        SELECT article_id, j AS passage_no, 'paragraph' AS kind, j * 100 AS span_start, j * 100 + 99 AS span_end, published_on
        FROM article, range(20) AS r (j)
    """,
    "quote": f"""
        SELECT left(md5(article_id || j), 20) AS quote_id, article_id, j AS utterance_no, 'direct' AS kind,
            substring(text, j * 100 + 1, 99) AS text, j * 100 AS span_start, j * 100 + 99 AS span_end, 'person' AS speaker_type,
            name_no({FIRST}, j // 3) AS name_no, 'Name ' || name_no AS speaker_name, entity(name_no) AS speaker_entity_id,
            0.9 AS confidence, false AS is_unsaid, j AS passage_no, published_on, 'quotes 1' AS extractor, 'run' AS run_id
        FROM article, range(5) AS r (j)
    """,
    "mention": f"""
        SELECT left(md5(article_id || 'm' || j), 20) AS mention_id, article_id, substring(text, j * 30 + 1, 12) AS text,
            j * 30 AS span_start, j * 30 + 12 AS span_end, 'PERSON' AS entity_type, name_no({FIRST}, j // 6) AS name_no,
            entity(name_no) AS entity_id, 'Name ' || name_no AS entity_name, 'named' AS via, published_on,
            'quotes 1' AS extractor, 'run' AS run_id
        FROM article, range(30) AS r (j)
    """,
    "file": """
        SELECT source_uri, size, make_timestamptz(modified_us) AS modified_at, make_timestamptz(changed_us) AS changed_at,
            md5(source_uri || edition) AS content_sha256, 'loaded' AS status, false AS is_stale, 1 AS n_articles,
            0 AS n_rejected, parser, extractor, 'run' AS run_id
        FROM made
    """,
    "rejection": """
        SELECT source_uri, NULL AS record_no, '' AS reason, '' AS detail, false AS is_transient, '' AS run_id, now() AS rejected_at
        FROM made WHERE false
    """,
}


def numbered(shards: Path, first: int, last: int, *, edition: int = 1, newest: int | None = None) -> list[str]:
    """Leave the articles ``first`` to ``last`` in finished shards, by default spread over two years; the names of these."""
    newest = last if newest is None else newest
    names = []
    for begin in range(first, last, SHARD):
        names.append(f"{begin}-{edition}")
        rows = NUMBERED.format(first=begin, last=min(begin + SHARD, last), edition=edition, newest=newest)
        _write(shards / names[-1], rows)
    return names


def of_files(folder: Path, files: Iterable[dict[str, object]]) -> None:
    """Leave a finished shard of the articles of some files, rows of `MADE`."""
    _write(folder, "FROM listed", pa.Table.from_pylist(list(files), MADE))


def _write(folder: Path, made: str, listed: pa.Table | None = None) -> None:
    folder.mkdir(parents=True)
    with duckdb.connect() as db:
        db.execute(MACROS)
        if listed is not None:
            db.register("listed", listed)
        db.execute(f"CREATE TABLE made AS {made}")
        for name in SHARD_TABLES:
            kind = "TABLE" if name == "article" else "VIEW"
            db.execute(f"CREATE {kind} {name} AS {ROWS[name]}")
            has = {row[0] for row in db.execute(f"DESCRIBE {name}").fetchall()}
            columns = ", ".join(
                f"{c.name if c.name in has else 'NULL'}::{duckdb_type(c.type)} AS {c.name}"
                for c in TABLES[name].columns
            )
            db.execute(f"COPY (SELECT {columns} FROM {name}) TO '{folder}/{name}.parquet' (FORMAT parquet)")
