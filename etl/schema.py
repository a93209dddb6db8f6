"""Every table, declared once: columns, Arrow types, nullability, meaning, and how its rows are laid out in files.

The Arrow schemas, the DuckDB tables with their COMMENTs, the checks and the data dictionary are made from here.
Nothing else names a column's type, and no schema is ever inferred from a frame.

Names: ``_id`` is a hash we made, ``_on`` a calendar day, ``_at`` an instant in UTC, ``n_`` a count, ``is_`` a yes or no,
``span_``/``_start``/``_end`` are 0-based Unicode code points into ``article.text``, half open.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa

from etl.errors import SchemaError

#: The version of this module's tables; a warehouse of another version is not read as if it were this one.
SCHEMA_VERSION = 3

#: A warehouse's published snapshot, the files at its top, and what its Parquet directories are called.
CURRENT = "current"
DATABASE = "ontherecord.duckdb"
SEARCH = "search.sqlite"
MANIFEST = "manifest.json"

PASSAGE_KINDS = (
    "headline",
    "subtitle",
    "byline",
    "date line",
    "dateline",
    "sub-heading",
    "paragraph",
    "caption",
    "boilerplate",
    "trailer",
)
QUOTE_KINDS = ("direct", "partial", "indirect")
#: How an utterance is given: all of it in quotation marks, some of it, or none.
QUOTED, MIXED, REPORTED = FORMS = ("quoted", "mixed", "reported")
SPEAKER_TYPES = ("person", "organisation", "document", "anonymous", "unknown")
SPEAKER_VIAS = ("named", "pronoun", "description", "continuation", "floating")
MENTION_VIAS = ("named", "pronoun", "description")
#: OntoNotes 5 classes of names; its number and date classes are not entities here.
ENTITY_TYPES = ("PERSON", "ORG", "GPE", "LOC", "FAC", "NORP", "EVENT", "LAW", "PRODUCT", "WORK_OF_ART", "LANGUAGE")
#: Why a name is listed for a person to decide.
FAMILY_NAME_ALONE, TWO_PEOPLE, SPELLED_ALIKE = AMBIGUITIES = ("family name alone", "may be two people", "spelled alike")
FILE_STATUSES = ("loaded", "rejected", "removed")
RUN_STATUSES = ("published", "unchanged", "failed", "skipped")

#: Columns in which an incremental warehouse may differ from a fresh full build of the same files: who wrote the row, and when.
VOLATILE_COLUMNS = frozenset({"run_id", "modified_at", "changed_at", "rejected_at"})

STRING = pa.string()
STRINGS = pa.list_(pa.string())
INT32 = pa.int32()
INT64 = pa.int64()
DOUBLE = pa.float64()
BOOL = pa.bool_()
DAY = pa.date32()
INSTANT = pa.timestamp("us", tz="UTC")


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, Arrow type, what a value means, and the values it may take when they are few."""

    name: str
    type: pa.DataType
    meaning: str
    nullable: bool = False
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """One table: what a row is, its columns, its unique key, and its layout in Parquet.

    ``bucket_by`` names the column whose hash picks the file a row lives in; ``by_month`` puts the files of each month of
    ``published_on`` in a directory of their own; ``order`` sorts the rows within a file.
    """

    name: str
    grain: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    bucket_by: str
    order: tuple[str, ...]
    by_month: bool = False

    @property
    def arrow(self) -> pa.Schema:
        """The Arrow schema, with each column's meaning as field metadata."""
        return pa.schema(
            [pa.field(c.name, c.type, nullable=c.nullable, metadata={"meaning": c.meaning}) for c in self.columns],
            metadata={"table": self.name, "grain": self.grain, "schema_version": str(SCHEMA_VERSION)},
        )

    @property
    def names(self) -> tuple[str, ...]:
        """The column names, in order."""
        return tuple(c.name for c in self.columns)

    @property
    def hash_sql(self) -> str:
        """The SQL for the hexadecimal hash that picks a row's bucket. Ids are hashes already."""
        return self.bucket_by if self.bucket_by in ("article_id", "entity_id") else f"md5({self.bucket_by})"

    @property
    def stable_names(self) -> tuple[str, ...]:
        """The columns that say the same however the warehouse came about."""
        return tuple(n for n in self.names if n not in VOLATILE_COLUMNS)


def _required(name: str, type_: pa.DataType, meaning: str, values: tuple[str, ...] = ()) -> Column:
    return Column(name, type_, meaning, nullable=False, values=values)


def _optional(name: str, type_: pa.DataType, meaning: str, values: tuple[str, ...] = ()) -> Column:
    return Column(name, type_, meaning, nullable=True, values=values)


_ARTICLE_ID = _required("article_id", STRING, "hash of source_uri and the record's own id, or its number in the file")
_PUBLISHED_ON = _optional(
    "published_on", DAY, "day of publication as the page or its headers state it; null if they do not"
)
_RUN_ID = _required("run_id", STRING, "the run that wrote the row")
_EXTRACTOR = _required("extractor", STRING, "versions of the stages and the model that found it")
_SOURCE_URI = _required("source_uri", STRING, "source name and the path below it, with forward slashes")


def _span(start: str, end: str, of: str, *, optional: bool = False) -> tuple[Column, Column]:
    make = _optional if optional else _required
    return (
        make(start, INT32, f"first code point of {of} in article.text"),
        make(end, INT32, f"code point after the last of {of} in article.text"),
    )


ARTICLE = Table(
    "article",
    "one printed piece",
    ("article_id",),
    (
        _ARTICLE_ID,
        _SOURCE_URI,
        _required("record_no", INT32, "position of the article in its file, from 0"),
        _optional("record_key", STRING, "the record's own id or url, where its format has one"),
        _optional("title", STRING, "headline, on one line"),
        _required("authors", STRINGS, "names on the byline, in order"),
        _PUBLISHED_ON,
        _optional("published_at", INSTANT, "instant of publication; null unless an offset is printed or configured"),
        _optional("published_from", STRING, "the rule that found published_on"),
        _optional("dateline_place", STRING, "place the dateline names"),
        _optional("publisher", STRING, "agency, credit or header naming who published it"),
        _required(
            "outlet",
            STRING,
            "who printed it: as configured, else as the page says, else the source",
        ),
        _optional("url", STRING, "web address, where the record has one"),
        _optional("language", STRING, "ISO 639-1 code"),
        _required("text", STRING, "decoded source text, line ends made \\n; every span points into it"),
        _required("text_sha256", STRING, "SHA-256 of text in UTF-8"),
        _required(
            "body_sha256",
            STRING,
            "SHA-256 of the paragraphs with case, space and punctuation folded: equal for reprints",
        ),
        _required("n_words", INT32, "words in text, split at white space"),
        _required("encoding", STRING, "encoding the file was decoded from"),
        _required("repairs", STRINGS, "what had to be repaired to decode it"),
        _required("parser", STRING, "versions of the stages that read the page"),
        _RUN_ID,
    ),
    bucket_by="article_id",
    order=("article_id",),
    by_month=True,
)

PASSAGE = Table(
    "passage",
    "one marked stretch of an article's page",
    ("article_id", "passage_no"),
    (
        _ARTICLE_ID,
        _required("passage_no", INT32, "position in the article, from 0"),
        _required("kind", STRING, "what the stretch is on the page", PASSAGE_KINDS),
        *_span("span_start", "span_end", "the passage"),
        _PUBLISHED_ON,
    ),
    bucket_by="article_id",
    order=("article_id", "passage_no"),
    by_month=True,
)

QUOTE = Table(
    "quote",
    "one contiguous stretch of somebody's words",
    ("quote_id",),
    (
        _required("quote_id", STRING, "hash of article_id, span and kind"),
        _ARTICLE_ID,
        _required(
            "utterance_no",
            INT32,
            "joins the stretches of one split or multi-paragraph quotation; from 0 in the article",
        ),
        _required("kind", STRING, "quoted in full, quoted in part, or reported", QUOTE_KINDS),
        _required("text", STRING, "the words, with their marks, exactly as printed"),
        *_span("span_start", "span_end", "the words"),
        _optional("cue", STRING, "the verb or phrase that reports them, as printed"),
        *_span("cue_start", "cue_end", "the cue", optional=True),
        _optional("speaker", STRING, "whose words, as printed"),
        *_span("speaker_start", "speaker_end", "the speaker", optional=True),
        _optional("speaker_name", STRING, "the speaker by the fullest name the article gives"),
        _required("speaker_type", STRING, "what kind of voice it is", SPEAKER_TYPES),
        _optional("speaker_entity_id", STRING, "entity of speaker_name"),
        _optional("speaker_via", STRING, "how the speaker was reached; null where there is none", SPEAKER_VIAS),
        _required("confidence", DOUBLE, "estimated probability that the speaker is right, 0 to 1"),
        _required("passage_no", INT32, "the passage the words start in"),
        _PUBLISHED_ON,
        _EXTRACTOR,
        _RUN_ID,
    ),
    bucket_by="article_id",
    order=("article_id", "span_start", "quote_id"),
    by_month=True,
)

MENTION = Table(
    "mention",
    "one stretch of text that names an entity",
    ("mention_id",),
    (
        _required("mention_id", STRING, "hash of article_id, span and via"),
        _ARTICLE_ID,
        _required("text", STRING, "the stretch, exactly as printed"),
        *_span("span_start", "span_end", "the mention"),
        _required("entity_type", STRING, "OntoNotes class", ENTITY_TYPES),
        _required("entity_id", STRING, "hash of entity_type and entity_name, normalised"),
        _required("entity_name", STRING, "the fullest name the article gives this entity"),
        _required("via", STRING, "by name, pronoun or description", MENTION_VIAS),
        _PUBLISHED_ON,
        _EXTRACTOR,
        _RUN_ID,
    ),
    bucket_by="article_id",
    order=("article_id", "span_start", "mention_id"),
    by_month=True,
)

UTTERANCE = Table(
    "utterance",
    "one act of speech, ready to chart without a join: who said what, when, and where it was printed",
    ("article_id", "utterance_no"),
    (
        _required("utterance_id", STRING, "quote_id of its first stretch"),
        _ARTICLE_ID,
        _required("utterance_no", INT32, "number in the article, from 0; quote has its stretches"),
        _optional("speaker", STRING, "whose words: the speaker's name across articles"),
        _optional("speaker_id", STRING, "canonical_id of the speaker in entity"),
        _optional("authority_id", STRING, "the speaker's identifier in an authority file, such as a Wikidata QID"),
        _required("speaker_type", STRING, "what kind of voice it is", SPEAKER_TYPES),
        _optional("speaker_as_printed", STRING, "the words of the article that stand for the speaker"),
        _optional("speaker_via", STRING, "how the speaker was reached; null where there is none", SPEAKER_VIAS),
        _optional("speaker_entity_id", STRING, "entity_id of the speaker as the article names them"),
        _required("form", STRING, "in quotation marks, in part, or reported without", FORMS),
        _required("text", STRING, "the words as printed, with their marks; stretches are joined by …"),
        _optional("quoted_text", STRING, "the words in quotation marks alone; null where the form is reported"),
        _optional("about", STRING, "the names in the words, but for the speaker's, joined by ; "),
        _optional("cue", STRING, "the verb or phrase that reports them, as printed"),
        _optional("cue_lemma", STRING, "the cue's base form: say for said, says and saying"),
        _required("confidence", DOUBLE, "least estimated probability, 0 to 1, that the speaker is right"),
        *_span("span_start", "span_end", "the words"),
        _required("passage_no", INT32, "the passage the words start in"),
        _required("passage_kind", STRING, "what that passage is on the page", PASSAGE_KINDS),
        _required("is_in_headline", BOOL, "whether that passage is the headline"),
        _required("context_before", STRING, "what precedes the words, from the beginning of a sentence"),
        _required("context_after", STRING, "what follows the words, to the end of a sentence"),
        _PUBLISHED_ON,
        _optional("month", DAY, "first day of the month of published_on"),
        _required("outlet", STRING, "who printed it"),
        _required("source", STRING, "the source it came from"),
        _optional("title", STRING, "the article's headline"),
        _optional("authors", STRING, "the names on the byline, joined by ; "),
        _optional("url", STRING, "the article's web address"),
        _optional("record_key", STRING, "the record's own id or url in its file"),
        _SOURCE_URI,
        _required("is_reprint", BOOL, "whether an earlier article has the same body; leave these out to count it once"),
    ),
    bucket_by="article_id",
    order=("article_id", "utterance_no"),
    by_month=True,
)

ENTITY = Table(
    "entity",
    "one name of a person, organisation, place, … across articles, and what it counts to (a reprinted body counts once)",
    ("entity_id",),
    (
        _required("entity_id", STRING, "hash of entity_type and name, normalised"),
        _required("entity_type", STRING, "OntoNotes class", ENTITY_TYPES),
        _required("name", STRING, "its most frequent spelling"),
        _required("aliases", STRINGS, "other ways it is printed, sorted"),
        _required("canonical_id", STRING, "entity_id of the entity this name belongs to"),
        _required("canonical_name", STRING, "name of canonical_id"),
        _optional("authority_id", STRING, "identifier in an authority file, such as a Wikidata QID"),
        _required("n_articles", INT64, "articles that mention it"),
        _required("n_mentions", INT64, "mentions of it"),
        _required("n_utterances", INT64, "utterances it speaks"),
        _optional("first_seen", DAY, "least published_on of its mentions"),
        _optional("last_seen", DAY, "greatest published_on of its mentions"),
    ),
    bucket_by="entity_id",
    order=("entity_id",),
)

ENTITY_EXCEPTION = Table(
    "entity_exception",
    "one name that means, in one article, another entity than elsewhere, as an authority file says; the views honour it",
    ("article_id", "entity_id"),
    (
        _ARTICLE_ID,
        _required("entity_id", STRING, "the name, as mentions and quotes have it"),
        _required("canonical_id", STRING, "the entity it is in this article"),
        _required("canonical_name", STRING, "name of canonical_id"),
        _optional("authority_id", STRING, "identifier in an authority file, such as a Wikidata QID"),
    ),
    bucket_by="article_id",
    order=("article_id", "entity_id"),
)

ENTITY_AMBIGUOUS = Table(
    "entity_ambiguous",
    "one question on names for a person to decide: may this entity be that one, or these names be two?",
    ("reason", "canonical_id", "alias_id"),
    (
        _required("reason", STRING, "why it is asked", AMBIGUITIES),
        _required("entity_type", STRING, "OntoNotes class", ENTITY_TYPES),
        _required("canonical_id", STRING, "the entity that the aliases may be"),
        _required("name", STRING, "name of canonical_id"),
        _required("alias_id", STRING, "canonical_id of the aliases for now"),
        _required("aliases", STRINGS, "the names in question"),
        _optional("authority_id", STRING, "identifier of canonical_id in an authority file"),
        _required("alias_n_articles", INT64, "articles that mention alias_id, summed over its names"),
        _required("alias_n_mentions", INT64, "mentions of alias_id"),
        _required("name_n_articles", INT64, "articles that mention canonical_id, summed over its names"),
        _required("name_n_mentions", INT64, "mentions of canonical_id"),
    ),
    bucket_by="canonical_id",
    order=("reason", "alias_id", "canonical_id"),
)

ARTICLE_GROUP = Table(
    "article_group",
    "one article's place among its like",
    ("article_id",),
    (
        _ARTICLE_ID,
        _optional(
            "duplicate_of",
            STRING,
            "article_id of the first article (by published_on, article_id) with this body; null for itself",
        ),
        _required("story_id", STRING, "the first article_id of the same body; near copies are not joined yet"),
    ),
    bucket_by="article_id",
    order=("article_id",),
)

FILE = Table(
    "file",
    "one source file, in exactly one state",
    ("source_uri",),
    (
        _SOURCE_URI,
        _required("size", INT64, "bytes"),
        _required("modified_at", INSTANT, "the file's mtime when it was read"),
        _required("changed_at", INSTANT, "the file's ctime when it was read"),
        _optional("content_sha256", STRING, "SHA-256 of its bytes; null if they could not be read"),
        _required("status", STRING, "what became of it", FILE_STATUSES),
        _required("is_stale", BOOL, "its rows are from an earlier reading because it cannot be read for now"),
        _required("n_articles", INT32, "articles loaded from it"),
        _required("n_rejected", INT32, "records of it rejected"),
        _required("parser", STRING, "versions of the stages that read the page"),
        _required("extractor", STRING, "versions of the stages and the model that found quotes and mentions"),
        _RUN_ID,
    ),
    bucket_by="source_uri",
    order=("source_uri",),
)

REJECTION = Table(
    "rejection",
    "one file or record that could not be used, and why",
    ("source_uri", "record_no"),
    (
        _SOURCE_URI,
        _optional("record_no", INT32, "the record in the file; null for the whole file"),
        _required("reason", STRING, "a short code"),
        _required("detail", STRING, "what happened and what to do"),
        _required("is_transient", BOOL, "may pass by itself: tried again in the next run"),
        _optional("max_bytes", INT64, "the limit that it exceeds, in bytes; null for any other reason"),
        _RUN_ID,
        _required("rejected_at", INSTANT, "when"),
    ),
    bucket_by="source_uri",
    order=("source_uri", "record_no"),
)

RUN = Table(
    "run",
    "one run, as the journal had it at publication",
    ("run_id",),
    (
        _required(
            "run_id",
            STRING,
            "UTC start to the microsecond and four random digits; the snapshot it published has the same id",
        ),
        _required("started_at", INSTANT, "when it began"),
        _optional("finished_at", INSTANT, "when it ended; null if it was killed"),
        _required("status", STRING, "how it ended", RUN_STATUSES),
        _optional("error", STRING, "why it failed"),
        *(
            _required(f"n_{name}", INT64, meaning)
            for name, meaning in (
                ("found", "files found in the sources scanned"),
                ("new", "files not seen before"),
                ("changed", "files whose content, configuration or stage versions changed"),
                ("removed", "files gone"),
                ("rejected", "files and records rejected in the snapshot"),
                ("articles", "articles in the snapshot"),
                ("utterances", "utterances in the snapshot"),
                ("mentions", "mentions in the snapshot"),
            )
        ),
        _required("seconds", pa.map_(STRING, DOUBLE), "wall seconds of each stage"),
        _required("allowed", STRINGS, "checks whose findings a person let pass (--allow)"),
        _required("versions", pa.map_(STRING, STRING), "versions of the stages, the model and the libraries"),
        _optional("snapshot_id", STRING, "the snapshot it published, or found unchanged"),
    ),
    bucket_by="run_id",
    order=("run_id",),
)

TABLES: dict[str, Table] = {
    t.name: t
    for t in (
        *(ARTICLE, PASSAGE, QUOTE, MENTION, UTTERANCE),
        *(ENTITY, ENTITY_EXCEPTION, ENTITY_AMBIGUOUS, ARTICLE_GROUP),
        *(FILE, REJECTION, RUN),
    )
}
#: The tables one shard writes; the others are made from these over the whole snapshot.
SHARD_TABLES = ("article", "passage", "quote", "mention", "file", "rejection")


def to_arrow(table: Table, frame: pd.DataFrame) -> pa.Table:
    """A frame's rows as the table declares them.

    Raises:
        SchemaError: when a column is missing, unknown, of another type, or empty where the declaration says it is not.
    """
    if set(frame.columns) != set(table.names):
        raise SchemaError(
            f"{table.name}: columns differ from the declaration: {sorted(set(frame.columns) ^ set(table.names))}"
        )
    try:
        rows = pa.Table.from_pandas(frame[list(table.names)], schema=table.arrow, preserve_index=False)
    except (ValueError, TypeError) as error:  # Arrow's own are of these kinds, but not all it raises is its own
        raise SchemaError(f"{table.name}: {error}") from error
    return checked(table, rows)


def checked(table: Table, rows: pa.Table) -> pa.Table:
    """Arrow rows with the declared schema, after making sure that no required column has a null."""
    for column in table.columns:
        if not column.nullable and rows.column(column.name).null_count:
            raise SchemaError(f"{table.name}.{column.name} is empty in {rows.column(column.name).null_count} rows")
    return rows.select(table.names).cast(table.arrow)


def duckdb_type(type_: pa.DataType) -> str:
    """DuckDB's name for an Arrow type of the declaration."""
    if pa.types.is_list(type_):
        return f"{duckdb_type(type_.value_type)}[]"
    if pa.types.is_map(type_):
        return f"MAP({duckdb_type(type_.key_type)}, {duckdb_type(type_.item_type)})"
    return _DUCKDB_TYPES[type_]


def ddl(table: Table) -> Iterator[str]:
    """The statements that create a table in DuckDB, with its comments. No keys, no indexes: they slow the load threefold."""
    columns = ", ".join(f"{c.name} {duckdb_type(c.type)}{'' if c.nullable else ' NOT NULL'}" for c in table.columns)
    yield f"CREATE TABLE {table.name} ({columns})"
    yield f"COMMENT ON TABLE {table.name} IS {quoted(table.grain)}"
    for c in table.columns:
        meaning = f"{c.meaning} ({', '.join(c.values)})" if c.values else c.meaning
        yield f"COMMENT ON COLUMN {table.name}.{c.name} IS {quoted(meaning)}"


def quoted(value: str) -> str:
    """A SQL string literal, for statements that take no parameters."""
    return "'" + value.replace("'", "''") + "'"


_DUCKDB_TYPES = {
    STRING: "VARCHAR",
    INT32: "INTEGER",
    INT64: "BIGINT",
    DOUBLE: "DOUBLE",
    BOOL: "BOOLEAN",
    DAY: "DATE",
    INSTANT: "TIMESTAMPTZ",
}
