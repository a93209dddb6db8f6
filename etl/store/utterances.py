"""The ``utterance`` table: one row per act of speech, with everything that people chart by, so that readers need no joins.

A row is a function of the rows of its article and of the resolution of names and stories across articles. So the rows of an
article are made again if a row of it has changed, or whom it names, or whether its words are a reprint. Others are copied.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import duckdb
import pyarrow as pa

from etl.corrections.file import Corrections
from etl.entities.authority import Authority
from etl.entities.resolve import resolution
from etl.knowledge.cue_lemmas import lemma_of
from etl.schema import (
    ARTICLE,
    ARTICLE_GROUP,
    ENTITY,
    ENTITY_EXCEPTION,
    MENTION,
    PASSAGE,
    QUOTE,
    TABLES,
    UTTERANCE,
    Table,
    quoted,
)
from etl.store import names, quotations, stories
from etl.store.duck import literal, one_line, parquet
from etl.store.manifest import CUT, DataFile, Snapshot

#: The version of this table: raise it whenever a row may change.
VERSION = "utterances 6"
#: The versions of what is kept for articles that did not change.
VERSIONS = f"{CUT}, {names.VERSION}, {VERSION}"

#: Month, bucket and number of buckets: where the rows of some articles are in every table by month.
Place = tuple[str, int, int]

#: The tables by article that a row is made from.
INPUTS = (ARTICLE, PASSAGE, QUOTE, MENTION)
#: The number of articles written together, to bound memory.
BATCH = 2_048
#: The longest context before and after the words, in code points.
REACH = 400

#: The end of a sentence: a last word or figure (too long for an abbreviation), punctuation and closing marks; or a blank line.
#: Letters are only Latin ones, because ``\p{Ll}`` needs a large automaton and is three times slower.
SENTENCE_END = r"""(?:(?:[a-zß-öø-ÿĀ-ſ]{3}|[\p{Nd}%)\]”"’'])[.!?…]+[”"’')\]]*\s+|[!?]+[”"’')\]]*\s+|\n\s*\n)"""
#: What is before the last sentence of a text, with the first character of it; and the first sentence. Without groups to capture,
#: which take ten times as long.
UP_TO_LAST = rf"(?s)^.*{SENTENCE_END}\S"
FIRST = rf"(?s)^\s*\S.*?{SENTENCE_END}"
#: The contexts of an utterance: the last sentence before it and the first after it; without an end of a sentence, all.
CONTEXT_BEFORE = f"substring(preceding, greatest(1, length(regexp_extract(preceding, {quoted(UP_TO_LAST)}))))"
CONTEXT_AFTER = f"coalesce(nullif(regexp_extract(following, {quoted(FIRST)}), ''), following)"

#: The articles of which a file has to count again: those with a row that is deleted or inserted in this run, or of another part in
#: their story than in the old snapshot, or of months that are cut into other files. ``later`` are those that do not begin a story.
RECOUNTED = """
CREATE TABLE later AS SELECT article_id FROM article_group WHERE story_id != article_id;
CREATE TABLE recounted AS
WITH old_later AS (SELECT article_id FROM {old_group} WHERE story_id != article_id),
old_reprint AS (SELECT article_id, utterance_no FROM {old_utterance} WHERE is_reprint)
SELECT article_id FROM deleted_text UNION SELECT article_id FROM deleted_finding
UNION SELECT article_id FROM inserted_text UNION SELECT article_id FROM inserted_finding
UNION SELECT article_id FROM article WHERE list_contains({recut}, {month})
UNION (FROM later EXCEPT FROM old_later) UNION (FROM old_later EXCEPT FROM later)
UNION SELECT article_id FROM (
    (FROM reprint EXCEPT FROM old_reprint) UNION ALL (FROM old_reprint EXCEPT FROM reprint)
);
"""
#: The articles whose utterances have to be made again or are gone: those, and others that name somebody who is resolved otherwise.
CHANGED = """
CREATE TABLE changed AS
WITH renamed AS (
    SELECT entity_id FROM entity LEFT JOIN {old_entity} AS old USING (entity_id)
    WHERE (entity.canonical_id, entity.canonical_name, entity.authority_id)
        IS DISTINCT FROM (old.canonical_id, old.canonical_name, old.authority_id)
),
excepted AS (
    (SELECT {exception} FROM entity_exception EXCEPT SELECT {exception} FROM {old_exception})
    UNION ALL
    (SELECT {exception} FROM {old_exception} EXCEPT SELECT {exception} FROM entity_exception)
)
FROM recounted
UNION SELECT article_id FROM quote WHERE speaker_entity_id IN (FROM renamed)
UNION SELECT article_id FROM mention WHERE entity_id IN (FROM renamed)
UNION SELECT article_id FROM excepted
"""

#: The texts of an utterance's stretches, in order. `string_agg` with an ORDER BY would sort group by group, five times as slow.
TEXTS = """array_to_string(
            list_transform(list_sort(list(struct_pack(at := span_start, text := text)) FILTER ({where})), lambda each: each.text),
            ' … '
        )"""
EARLIER = "ORDER BY span_start, span_end DESC, quote_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING"
#: A stretch inside another of the same utterance (he said it was "a mess") is not repeated in the text.
ROWS = f"""
WITH stretch AS (
    SELECT *, kind != 'indirect' AS is_quoted,
        coalesce(max(span_end) OVER (PARTITION BY article_id, utterance_no {EARLIER}) >= span_end, false) AS is_inner,
        coalesce(
            max(span_end) OVER (PARTITION BY article_id, utterance_no, kind != 'indirect' {EARLIER}) >= span_end, false
        ) AS is_inner_quoted
    FROM {{quote}}
),
joined AS (
    SELECT
        article_id,
        utterance_no,
        {TEXTS.format(where="NOT is_inner")} AS text,
        {TEXTS.format(where="is_quoted AND NOT is_inner_quoted")} AS quoted_text,
        CASE WHEN NOT bool_or(is_quoted) THEN 'reported' WHEN bool_and(is_quoted) THEN 'quoted' ELSE 'mixed' END AS form,
        min(span_start) AS span_start,
        max(span_end) AS span_end,
        min(confidence) AS confidence,
        bool_or(is_unsaid) AS is_unsaid,
        first(
            {{{{
                quote_id: quote_id, cue: cue, passage_no: passage_no, speaker: speaker, speaker_name: speaker_name,
                speaker_type: speaker_type, speaker_via: speaker_via, speaker_entity_id: speaker_entity_id
            }}}}
            ORDER BY span_start, span_end DESC, quote_id
        ) AS head
    FROM stretch
    GROUP BY article_id, utterance_no
),
-- The names in each utterance. In nested quotations a name belongs to the innermost.
named AS (
    SELECT mention.article_id, utterance_no, mention.entity_id
    FROM {{mention}} AS mention
    JOIN stretch
        ON stretch.article_id = mention.article_id
        AND stretch.span_start <= mention.span_start AND mention.span_end <= stretch.span_end
    QUALIFY row_number() OVER (
        PARTITION BY mention.mention_id ORDER BY stretch.span_end - stretch.span_start, stretch.quote_id
    ) = 1
),
who AS (
    SELECT article_id, entity_id, coalesce(exception.canonical_id, entity.canonical_id) AS canonical_id,
        coalesce(exception.canonical_name, entity.canonical_name) AS canonical_name,
        CASE WHEN exception.entity_id IS NULL THEN entity.authority_id ELSE exception.authority_id END AS authority_id
    FROM (
        SELECT article_id, entity_id FROM named
        UNION SELECT article_id, speaker_entity_id FROM {{quote}} WHERE speaker_entity_id IS NOT NULL
    )
    JOIN entity USING (entity_id)
    LEFT JOIN entity_exception AS exception USING (article_id, entity_id)
),
said_of AS (
    SELECT named.article_id, named.utterance_no,
        array_to_string(list_sort(list(DISTINCT who.canonical_name)), '; ') AS about
    FROM named
    JOIN joined USING (article_id, utterance_no)
    JOIN who ON who.article_id = named.article_id AND who.entity_id = named.entity_id
    LEFT JOIN who AS speaker ON speaker.article_id = named.article_id AND speaker.entity_id = joined.head.speaker_entity_id
    WHERE who.canonical_id IS DISTINCT FROM speaker.canonical_id
    GROUP BY ALL
),
placed AS (
    SELECT joined.*, article.* EXCLUDE (article_id, text),
        substring(article.text, greatest(1, joined.span_start - {REACH - 1}), least({REACH}, joined.span_start)) AS preceding,
        substring(article.text, joined.span_end + 1, {REACH}) AS following
    FROM joined
    JOIN {{article}} AS article USING (article_id)
)
SELECT
    head.quote_id AS utterance_id,
    placed.article_id,
    placed.utterance_no,
    coalesce(who.canonical_name, head.speaker_name) AS speaker,
    who.canonical_id AS speaker_id,
    who.authority_id,
    head.speaker_type,
    head.speaker AS speaker_as_printed,
    head.speaker_via,
    head.speaker_entity_id,
    form,
    text,
    quoted_text,
    about,
    head.cue,
    cue_lemma.lemma AS cue_lemma,
    round(confidence::DOUBLE, 4) AS confidence,
    is_unsaid,
    placed.span_start,
    placed.span_end,
    head.passage_no,
    passage.kind AS passage_kind,
    passage.kind = 'headline' AS is_in_headline,
    {{before}} AS context_before,
    {{after}} AS context_after,
    placed.published_on,
    date_trunc('month', placed.published_on)::DATE AS month,
    outlet,
    split_part(source_uri, '/', 1) AS source,
    title,
    nullif(array_to_string(authors, '; '), '') AS authors,
    url,
    record_key,
    source_uri,
    reprint.article_id IS NOT NULL AS is_reprint
FROM placed
JOIN {{passage}} AS passage ON passage.article_id = placed.article_id AND passage.passage_no = head.passage_no
LEFT JOIN reprint ON reprint.article_id = placed.article_id AND reprint.utterance_no = placed.utterance_no
LEFT JOIN cue_lemma ON cue_lemma.cue = head.cue
LEFT JOIN who ON who.article_id = placed.article_id AND who.entity_id = head.speaker_entity_id
LEFT JOIN said_of ON said_of.article_id = placed.article_id AND said_of.utterance_no = placed.utterance_no
"""


def made_by(authority: Authority, corrections: Corrections) -> str:
    """What names are resolved, rows corrected, and stories and utterances made by: another string, perhaps other rows."""
    decided = f", corrections {corrections.digest}" if corrections.digest else ""
    return f"{resolution(authority)}{decided}, {stories.VERSION}, {quotations.VERSION}, {VERSIONS}"


def can_keep(old: Snapshot) -> bool:
    """Whether files of the ``old`` snapshot may be kept: this version cut them, and made utterances and sums of names."""
    return old.manifest.resolution.endswith(VERSIONS) and not old.manifest.is_older


def find_recounted(db: duckdb.DuckDBPyConnection, files: Sequence[DataFile], old: Snapshot, month: str) -> None:
    """Make the tables ``recounted`` and ``later`` of articles (article_id).

    ``db`` has the tables ``article`` and ``article_group`` of the new snapshot, ``reprint``, and the articles whose rows are
    deleted and inserted. ``month`` is the SQL for an article's month.
    """
    new_cut, old_cut = (
        {(file.month, file.n_buckets) for file in some if file.table in (QUOTE.name, MENTION.name)}
        for some in (files, old.manifest.files)
    )
    recounted = RECOUNTED.format(
        old_group=_before(old, ARTICLE_GROUP),
        old_utterance=_before(old, UTTERANCE),
        recut=literal(sorted(month for month, _ in new_cut - old_cut)),
        month=month,
    )
    db.execute(recounted)


def find_changed(db: duckdb.DuckDBPyConnection, old: Snapshot) -> None:
    """Make the table ``changed`` of articles (article_id), whose utterances in the ``old`` snapshot cannot be kept.

    ``db`` has the new snapshot's tables ``quote``, ``mention``, ``entity`` and ``entity_exception``, and ``recounted``.
    """
    changed = CHANGED.format(
        old_entity=_before(old, ENTITY),
        old_exception=_before(old, ENTITY_EXCEPTION),
        exception=", ".join(ENTITY_EXCEPTION.names),
    )
    db.execute(changed)


def batches(files: Iterable[DataFile], places: set[Place]) -> Iterator[list[DataFile]]:
    """The input files for the utterances of some places, in batches of a bounded number of articles."""
    by_place: dict[Place, list[DataFile]] = {place: [] for place in sorted(places)}
    for file in files:
        if file.table in (table.name for table in INPUTS) and place_of(file) in by_place:
            by_place[place_of(file)].append(file)
    batch: list[DataFile] = []
    for some in by_place.values():
        batch += some
        if sum(file.n_rows for file in batch if file.table == ARTICLE.name) >= BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def utterance_rows(db: duckdb.DuckDBPyConnection, root: Path, files: Sequence[DataFile], kept: Iterable[Path]) -> str:
    """The query for the utterances of some files' articles: those of ``changed`` ones made, the others from the files ``kept``."""
    relations = {
        table.name: f"(FROM {parquet(table, (root / file.path for file in files_of(files, table)))} "
        "SEMI JOIN changed USING (article_id))"
        for table in INPUTS
    }
    cues = [
        cue for (cue,) in db.execute(f"SELECT DISTINCT cue FROM {relations['quote']} WHERE cue IS NOT NULL").fetchall()
    ]
    lemmas = pa.table({"cue": pa.array(cues, pa.string()), "lemma": pa.array(map(lemma_of, cues), pa.string())})
    db.register("cue_lemma", lemmas)
    made = ROWS.format(**relations, before=one_line(CONTEXT_BEFORE), after=one_line(CONTEXT_AFTER))
    return f"FROM {parquet(UTTERANCE, kept)} ANTI JOIN changed USING (article_id) UNION ALL BY NAME ({made})"


def files_of(files: Iterable[DataFile], table: Table) -> list[DataFile]:
    """Those of some files that are of a table."""
    return [file for file in files if file.table == table.name]


def place_of(file: DataFile) -> Place:
    """The place of a file's articles."""
    return file.month, file.bucket, file.n_buckets


def _before(old: Snapshot, table: Table) -> str:
    return parquet(TABLES[table.name], old.paths().get(table.name, []))
