"""The published corrections, the lost ones, gold data made from them, and the rows that a person should review first."""

import json
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa

from etl.corrections.anchor import anchor_of
from etl.corrections.file import COLUMNS, FOR_THE_READER
from etl.csv_rows import guarded
from etl.schema import CORRECTION_VIA
from etl.store.rollback import username
from warehouse.reader import connect
from warehouse.text import CLOSING

LISTING = """
SELECT status, problem, file, line, kind, words, value, corrected_by, corrected_on, reason, article_id
FROM correction ORDER BY status DESC, file, line
"""
#: What a lost one says is in its file only.
LOST = "SELECT status, problem, file, line, kind, article_id FROM correction WHERE status = 'lost' ORDER BY file, line"
#: Of the articles to which a correction of their quotes applies, all quotes. Only speakers that a person decided are scored.
GOLD = f"""
WITH decided AS (
    SELECT DISTINCT article_id FROM correction WHERE status = 'applied' AND kind IN ('speaker', 'not speech', 'span', 'entity')
)
SELECT article_id AS doc_id, any_value(article.text) AS text, list({{
    'start': quote.span_start, 'end': quote.span_end, 'type': quote.kind, 'cue': cue,
    'speaker_text': speaker, 'speaker_start': speaker_start, 'speaker_end': speaker_end, 'speaker_canonical': speaker_name,
    'suspect': speaker_via IS DISTINCT FROM '{CORRECTION_VIA}'
}} ORDER BY quote.span_start, quote.quote_id) FILTER (quote_id IS NOT NULL) AS quotes
FROM decided JOIN article USING (article_id) LEFT JOIN quote USING (article_id)
GROUP BY article_id ORDER BY article_id
"""
#: The less sure and the more widely printed, the sooner.
REVIEW = f"""
WITH story AS (SELECT story_id, count(*) AS printed FROM article_group GROUP BY ALL),
chosen AS (
    SELECT utterance_id, article_id, printed, (1 - confidence) * printed AS weight
    FROM utterance JOIN article_group USING (article_id) JOIN story USING (story_id)
    WHERE NOT is_reprint AND speaker_via IS DISTINCT FROM '{CORRECTION_VIA}'
    ORDER BY weight DESC, utterance_id LIMIT $limit
)
SELECT utterance.source_uri, utterance.record_key, article.text, quote.span_start, quote.span_end,
    quote.speaker_name AS value, coalesce(entity_type, CASE WHEN quote.speaker_name IS NULL THEN quote.speaker_type END) AS type,
    utterance.confidence, printed, utterance.speaker, utterance.title,
    concat_ws(' ', context_before, utterance.text)
        || CASE WHEN contains('{CLOSING}', left(context_after, 1)) THEN '' ELSE ' ' END || context_after AS context,
    utterance.outlet, article_id
FROM chosen
JOIN utterance USING (utterance_id, article_id)
JOIN quote ON quote.quote_id = utterance_id AND quote.article_id = chosen.article_id
JOIN article USING (article_id)
LEFT JOIN entity ON entity.entity_id = quote.speaker_entity_id
ORDER BY weight DESC, utterance_id
"""
#: A cell of text longer than this helps nobody.
CONTEXT_LETTERS = 600


def listing(root: Path, *, lost: bool = False) -> pa.Table:
    """The published corrections, or those that are ``lost``; these first.

    Raises:
        NothingPublishedError: when nothing was published yet.
    """
    with connect(root) as db:
        return db.execute(LOST if lost else LISTING).to_arrow_table()


def warnings(root: Path) -> list[str]:
    """A warning for each lost correction: its file, its line, and why it is lost."""
    return [
        f"{row['file']}, line {row['line']} is not applied: {row['problem']}"
        for row in listing(root, lost=True).to_pylist()
    ]


def gold(root: Path) -> Iterator[str]:
    """Corrected articles as lines of JSON, for `etl.training.evaluate`: all their quotes, with the speakers that people decided.

    Speakers that nobody decided are marked as doubtful, and not scored.

    Raises:
        NothingPublishedError: when nothing was published yet.
    """
    with connect(root) as db:
        for row in db.execute(GOLD).to_arrow_table().to_pylist():
            yield json.dumps({**row, "quotes": row["quotes"] or []}, ensure_ascii=False)


def review(db: duckdb.DuckDBPyConnection, limit: int) -> list[dict[str, str]]:
    """What a person should look at first in an open warehouse, as cells of a corrections file.

    ``kind`` is empty, so that a line which nobody edits does nothing.
    """
    rows = db.execute(REVIEW, {"limit": limit}).to_arrow_table().to_pylist()
    return [_cells(row) for row in rows]


def _cells(row: Mapping[str, object]) -> dict[str, str]:
    context = " ".join(str(row["context"]).split())[:CONTEXT_LETTERS]
    shown = {**row, **anchored(row), "context": context, "corrected_by": username(), "corrected_on": date.today()}
    return {name: _cell(shown.get(name)) for name in (*COLUMNS, *FOR_THE_READER)}


def anchored(row: Mapping[str, object]) -> dict[str, str]:
    """The anchor of a row with ``text``, ``span_start`` and ``span_end``, as cells."""
    anchor = anchor_of(str(row["text"]), int(str(row["span_start"])), int(str(row["span_end"])))
    return {"words": anchor.words, "before": anchor.before, "after": anchor.after}


def _cell(value: object) -> str:
    return "" if value is None else guarded(str(value))
