"""Every table, declared once: columns, Arrow types, nullability, meaning, and the layout of its rows in files.

The Arrow schemas, the DuckDB tables with their COMMENTs, the checks and the data dictionary are generated from this module.
No other module names a column's type, and no schema is inferred from a frame.

Names: ``_id`` is a hash, ``_on`` a date, ``_at`` an instant in UTC, ``n_`` a count, ``is_`` a boolean;
``span_``/``_start``/``_end`` are 0-based Unicode code points into ``article.text``, half open.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, get_args

import pyarrow as pa

from etl.choices import Form
from etl.errors import SchemaError

if TYPE_CHECKING:
    import pandas as pd

#: The version of this module's tables. A warehouse with tables of another version is not read.
SCHEMA_VERSION = 5

#: Names in a warehouse: the link to the published snapshot, and the files at the top of a snapshot.
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
FORMS = tuple(form.value for form in Form)
#: A named person; a named organisation; a people, a party, or an organisation or crowd that is not named; a document, named or not;
#: persons who are not named; what cannot speak; whatever else stands for a speaker, such as a pronoun for nobody in particular.
SPEAKER_TYPES = ("person", "organisation", "group", "document", "anonymous", "none", "unknown")
#: ``correction``: not found in the article, but decided by a person.
CORRECTION_VIA = "correction"
SPEAKER_VIAS = ("named", "pronoun", "description", "continuation", "floating", CORRECTION_VIA)
MENTION_VIAS = ("named", "pronoun", "description")
#: OntoNotes 5 classes of names, without its classes of numbers and dates.
PERSON = "PERSON"
ENTITY_TYPES = (PERSON, "ORG", "GPE", "LOC", "FAC", "NORP", "EVENT", "LAW", "PRODUCT", "WORK_OF_ART", "LANGUAGE")
#: Genders that an authority file may state. Nothing else is stored: views count the pronouns that articles use.
GENDERS = ("woman", "man", "other")
#: Why a person should decide about a name.
FAMILY_NAME_ALONE, TWO_PEOPLE, SPELLED_ALIKE = AMBIGUITIES = ("family name alone", "may be two people", "spelled alike")
#: What is wrong, as a person says; a correction is lost where what it is about is not there (any more).
CORRECTION_KINDS = ("speaker", "not speech", "span", "entity", "title", "date", "authors")
APPLIED, LOST = CORRECTION_STATUSES = ("applied", "lost")
#: Reasons of a rejection that are no fault of the file's but the program's or the machine's: a defect, a killed worker, a timeout,
#: out of memory. The file keeps the rows it had, and is tried again in another environment.
OUR_FAULT = ("error", "crashed", "timeout", "memory")
#: Why a file or record was not used: it could not be read for now or at all; is not text, or none that is read; would take too
#: much; has no article; is redacted; or extracting it failed.
REJECTION_REASONS = (
    *("not_a_file", "unreadable", "changing", "bad_archive", "binary", "malformed"),
    *("too_large", "too_long", "long_line", "empty", "no_text", "redacted"),
    *OUR_FAULT,
)
FILE_STATUSES = ("loaded", "rejected", "removed")
RunStatus = Literal["published", "unchanged", "failed", "skipped"]
RUN_STATUSES: tuple[str, ...] = get_args(RunStatus)

#: Columns of ``article`` that a correction may change.
CORRECTED_COLUMNS = ("title", "authors", "published_on", "published_at", "published_from")
#: Columns in which an incremental build may differ from a full build of the same files: run ids and times.
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
    """One column: its name, Arrow type, the meaning of a value, and the allowed values if they are few."""

    name: str
    type: pa.DataType
    meaning: str
    nullable: bool = False
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """One table: what a row is, its columns, its unique key, and its layout in Parquet.

    ``bucket_by`` is the column whose hash determines the file of a row. With ``by_month``, each month of ``published_on`` has its
    own directory. ``order`` are the columns by which the rows of a file are sorted.
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
        """The SQL for the hexadecimal hash that determines a row's bucket. Ids are hashes already."""
        return self.bucket_by if self.bucket_by in ("article_id", "entity_id") else f"md5({self.bucket_by})"


def _required(name: str, type_: pa.DataType, meaning: str, values: tuple[str, ...] = ()) -> Column:
    return Column(name, type_, meaning, nullable=False, values=values)


def _optional(name: str, type_: pa.DataType, meaning: str, values: tuple[str, ...] = ()) -> Column:
    return Column(name, type_, meaning, nullable=True, values=values)


_ARTICLE_ID = _required("article_id", STRING, "hash of source_uri and the record's own id, or its number in the file")
_PUBLISHED_ON = _optional(
    "published_on", DAY, "date of publication as the page or its headers state it; null if they do not"
)
_RUN_ID = _required("run_id", STRING, "the run that wrote the row")
_EXTRACTOR = _required("extractor", STRING, "versions of the stages and of the model that extracted the row")
_IS_UNSAID = _required(
    "is_unsaid",
    BOOL,
    "whether the text says that they were not said, or not yet: ‘did not say that …’, ‘if Holt says …’, ‘declined to say …’",
)
_SOURCE_URI = _required("source_uri", STRING, "source name and the path below it, with forward slashes")


def _span(start: str, end: str, of: str, *, optional: bool = False) -> tuple[Column, Column]:
    make = _optional if optional else _required
    return (
        make(start, INT32, f"first code point of {of} in article.text"),
        make(end, INT32, f"code point after the end of {of} in article.text"),
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
        _optional("dateline_place", STRING, "place named in the dateline"),
        _optional("publisher", STRING, "publisher or agency named on the page"),
        _required(
            "outlet",
            STRING,
            "who printed it: as configured, else the publisher on the page (an agency by one name), else the source",
        ),
        _required(
            "sections", STRINGS, "the outlet's own sections or categories for it; empty if the record names none"
        ),
        _optional("url", STRING, "web address, where the record has one"),
        _optional("language", STRING, "ISO 639-1 code"),
        _required("text", STRING, "decoded source text with line ends normalised to \\n; all spans refer to it"),
        _required("text_sha256", STRING, "SHA-256 of text in UTF-8"),
        _required(
            "body_sha256",
            STRING,
            "SHA-256 of the paragraphs, ignoring case, white space and punctuation: equal for reprints",
        ),
        _required(
            "signature",
            STRING,
            "MinHash of the paragraphs' runs of words, 128 letters, by which near copies are found; empty for short articles",
        ),
        _required("n_words", INT32, "words in text, split at white space"),
        _required("encoding", STRING, "encoding the file was decoded from"),
        _required("repairs", STRINGS, "repairs made to the text when it was decoded"),
        _required("parser", STRING, "versions of the stages that read and parsed the page"),
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
        _required("kind", STRING, "kind of passage", PASSAGE_KINDS),
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
        _required("text", STRING, "the words, with quotation marks, exactly as printed"),
        *_span("span_start", "span_end", "the words"),
        _optional("cue", STRING, "the verb or phrase that reports them, as printed"),
        *_span("cue_start", "cue_end", "the cue", optional=True),
        _optional("speaker", STRING, "the speaker as printed"),
        *_span("speaker_start", "speaker_end", "the speaker", optional=True),
        _optional("speaker_name", STRING, "the fullest name that the article gives the speaker"),
        _required("speaker_type", STRING, "kind of speaker", SPEAKER_TYPES),
        _optional("speaker_entity_id", STRING, "entity_id of speaker_name"),
        _optional("speaker_via", STRING, "how the speaker was found; null if there is none", SPEAKER_VIAS),
        _required("confidence", DOUBLE, "estimated probability, 0 to 1, that the speaker is right if this is speech"),
        _IS_UNSAID,
        _required("passage_no", INT32, "passage in which the words start"),
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
        _required("entity_id", STRING, "hash of entity_type and normalised entity_name"),
        _required("entity_name", STRING, "the fullest name that the article gives this entity"),
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
    "one act of speech, ready to chart without joins: who said what, when, and where it was printed",
    ("article_id", "utterance_no"),
    (
        _required("utterance_id", STRING, "quote_id of its first stretch"),
        _ARTICLE_ID,
        _required("utterance_no", INT32, "number in the article, from 0; quote has its stretches"),
        _optional("speaker", STRING, "the speaker's name across articles"),
        _optional("speaker_id", STRING, "canonical_id of the speaker in entity"),
        _optional("authority_id", STRING, "the speaker's identifier in an authority file, such as a Wikidata QID"),
        _required("speaker_type", STRING, "kind of speaker", SPEAKER_TYPES),
        _optional("speaker_as_printed", STRING, "the speaker as printed in the article"),
        _optional("speaker_via", STRING, "how the speaker was found; null if there is none", SPEAKER_VIAS),
        _optional("speaker_entity_id", STRING, "entity_id of the speaker's name in the article"),
        _required("form", STRING, "all in quotation marks, in part, or reported without", FORMS),
        _required("text", STRING, "the words as printed, with quotation marks; stretches are joined by …"),
        _optional("quoted_text", STRING, "only the words in quotation marks; null if the form is reported"),
        _optional("about", STRING, "names mentioned in the words, except the speaker's, joined by ; "),
        _optional("cue", STRING, "the verb or phrase that reports them, as printed"),
        _optional("cue_lemma", STRING, "the cue's base form: say for said, says and saying"),
        _required("confidence", DOUBLE, "lowest confidence of its stretches, 0 to 1"),
        _IS_UNSAID,
        *_span("span_start", "span_end", "the words"),
        _required("passage_no", INT32, "passage in which the words start"),
        _required("passage_kind", STRING, "kind of that passage", PASSAGE_KINDS),
        _required("is_in_headline", BOOL, "whether that passage is the headline"),
        _required("context_before", STRING, "text before the words, from the start of a sentence"),
        _required("context_after", STRING, "text after the words, to the end of a sentence"),
        _PUBLISHED_ON,
        _optional("month", DAY, "first day of the month of published_on"),
        _required("outlet", STRING, "who printed it"),
        _required("source", STRING, "name of the source"),
        _optional("title", STRING, "the article's headline"),
        _optional("authors", STRING, "the names on the byline, joined by ; "),
        _optional("url", STRING, "the article's web address"),
        _optional("record_key", STRING, "the record's own id or url in its file"),
        _SOURCE_URI,
        _required(
            "is_reprint",
            BOOL,
            "whether an earlier article of the story has these words too, or the whole body; exclude reprints to count words once",
        ),
    ),
    bucket_by="article_id",
    order=("article_id", "utterance_no"),
    by_month=True,
)

ENTITY = Table(
    "entity",
    "one name of a person, organisation, place, … across articles, with counts (a story counts once)",
    ("entity_id",),
    (
        _required("entity_id", STRING, "hash of entity_type and normalised name"),
        _required("entity_type", STRING, "OntoNotes class", ENTITY_TYPES),
        _required("name", STRING, "its most frequent spelling"),
        _required("aliases", STRINGS, "its other spellings, sorted"),
        _required("canonical_id", STRING, "entity_id of the entity that this name belongs to"),
        _required("canonical_name", STRING, "name of canonical_id"),
        _optional("authority_id", STRING, "identifier in an authority file, such as a Wikidata QID"),
        _required("n_articles", INT64, "articles that mention it"),
        _required("n_mentions", INT64, "mentions of it"),
        _required("n_utterances", INT64, "utterances with it as speaker"),
        _optional("first_seen", DAY, "earliest published_on of its mentions"),
        _optional("last_seen", DAY, "latest published_on of its mentions"),
    ),
    bucket_by="entity_id",
    order=("entity_id",),
)

ENTITY_EXCEPTION = Table(
    "entity_exception",
    "one name that refers, in one article, to another entity than elsewhere, by an authority file; the views apply it",
    ("article_id", "entity_id"),
    (
        _ARTICLE_ID,
        _required("entity_id", STRING, "entity_id of the name in mention and quote"),
        _required("canonical_id", STRING, "entity_id of the entity in this article"),
        _required("canonical_name", STRING, "name of canonical_id"),
        _optional("authority_id", STRING, "identifier in an authority file, such as a Wikidata QID"),
    ),
    bucket_by="article_id",
    order=("article_id", "entity_id"),
)

ENTITY_DECISION = Table(
    "entity_decision",
    "one entity that an authority file names: what the file says it is; the views apply it",
    ("canonical_id",),
    (
        _required("canonical_id", STRING, "canonical_id of the entity in entity or entity_exception"),
        _required("name", STRING, "its name in the authority file"),
        _required("entity_type", STRING, "its class there", ENTITY_TYPES),
        _optional("authority_id", STRING, "its identifier there, such as a Wikidata QID"),
        _optional("gender", STRING, "a person's gender there", GENDERS),
    ),
    bucket_by="canonical_id",
    order=("canonical_id",),
)

ENTITY_AMBIGUOUS = Table(
    "entity_ambiguous",
    "one question about names for a person to decide: whether two entities are one, or the names of one are two",
    ("reason", "canonical_id", "alias_id"),
    (
        _required("reason", STRING, "why it is ambiguous", AMBIGUITIES),
        _required("entity_type", STRING, "OntoNotes class", ENTITY_TYPES),
        _required("canonical_id", STRING, "the entity that the aliases may refer to"),
        _required("name", STRING, "name of canonical_id"),
        _required("alias_id", STRING, "current canonical_id of the aliases"),
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

CORRECTION = Table(
    "correction",
    "one line of a corrections file: what a person decided, and whether it could be applied",
    ("correction_id",),
    (
        _required("correction_id", STRING, "hash of kind and anchor"),
        _required("kind", STRING, "what was wrong", CORRECTION_KINDS),
        _required("status", STRING, "applied, or lost because what it is about is not there", CORRECTION_STATUSES),
        _optional("problem", STRING, "why it is lost"),
        _optional("article_id", STRING, "the article it is about; null if there is none"),
        _optional("words", STRING, "the words it is about, as printed; null if it is lost"),
        _optional("value", STRING, "what is right; null for none, or if it is lost"),
        _optional("entity_type", STRING, "OntoNotes class of the entity that value names"),
        _optional("authority_id", STRING, "identifier of that entity in an authority file"),
        _optional("entity_id", STRING, "entity_id of that entity"),
        _optional("corrected_by", STRING, "who decided it; null if it is lost"),
        _optional("corrected_on", DAY, "when; null if it is lost"),
        _optional("reason", STRING, "why; null if it is lost"),
        _required("file", STRING, "the corrections file"),
        _required("line", INT32, "the line of that file on which the correction ends, from 1"),
        _required("digest", STRING, "hash of the correction: another one, another correction"),
    ),
    bucket_by="correction_id",
    order=("file", "line"),
)

ARTICLE_UNCORRECTED = Table(
    "article_uncorrected",
    "one article that corrections apply to, with what its page says",
    ("article_id",),
    tuple(c for c in ARTICLE.columns if c.name in ("article_id", *CORRECTED_COLUMNS)),
    bucket_by="article_id",
    order=("article_id",),
)
QUOTE_UNCORRECTED, MENTION_UNCORRECTED = (
    replace(
        table,
        name=f"{table.name}_uncorrected",
        grain=f"one row of {table.name} as it was extracted, of articles that corrections apply to",
        by_month=False,
    )
    for table in (QUOTE, MENTION)
)

ARTICLE_GROUP = Table(
    "article_group",
    "one article's place among its reprints and near copies",
    ("article_id",),
    (
        _ARTICLE_ID,
        _optional(
            "duplicate_of",
            STRING,
            "article_id of the first article (by published_on, article_id) with this body; null for itself",
        ),
        _optional(
            "near_copy_of",
            STRING,
            "article_id of the first article of its story, where the body is similar but not the same; null for any other",
        ),
        _optional(
            "similarity",
            DOUBLE,
            "estimated share, 0 to 1, of their runs of five words that it has in common with its story's first; null for that",
        ),
        _required(
            "story_id", STRING, "the first article_id (by published_on, article_id) of its reprints and near copies"
        ),
    ),
    bucket_by="article_id",
    order=("article_id",),
)

QUOTATION = Table(
    "quotation",
    "one quotation: the same words of one speaker, or nearly, in quotation marks, wherever they are printed",
    ("quotation_id",),
    (
        _required(
            "quotation_id", STRING, "utterance_id of its first printing, the earliest by published_on and article_id"
        ),
        _ARTICLE_ID,
        _required("text", STRING, "the words in quotation marks as first printed"),
        _optional("speaker", STRING, "whose words: the speaker's name across articles"),
        _optional("speaker_id", STRING, "canonical_id of the speaker in entity; null where no printing says who it is"),
        _PUBLISHED_ON,
        _required("outlet", STRING, "who printed it first"),
        _optional("last_published_on", DAY, "greatest published_on of its printings"),
        _required("n_wordings", INT64, "different wordings, ignoring case, white space and punctuation"),
        _required("n_utterances", INT64, "utterances with it"),
        _required("n_articles", INT64, "articles that print it"),
        _required("n_stories", INT64, "stories that print it: reprints and near copies of an article count once"),
        _required("n_outlets", INT64, "outlets that print it"),
        _required("n_days", INT64, "days on which it is printed"),
    ),
    bucket_by="article_id",
    order=("article_id", "quotation_id"),
    by_month=True,
)

QUOTATION_COPY = Table(
    "quotation_copy",
    "one printing of a quotation: an utterance in quotation marks of six words or more",
    ("utterance_id",),
    (
        _required("utterance_id", STRING, "the utterance"),
        _ARTICLE_ID,
        _required("utterance_no", INT32, "number of the utterance in the article, from 0"),
        _required("quotation_id", STRING, "the quotation that it prints"),
        _required(
            "similarity",
            DOUBLE,
            "share, 0 to 1, of its letters in common with the first printing; 1 for the same words",
        ),
        _PUBLISHED_ON,
    ),
    bucket_by="article_id",
    order=("article_id", "utterance_no"),
    by_month=True,
)

FILE = Table(
    "file",
    "one source file and its state",
    ("source_uri",),
    (
        _SOURCE_URI,
        _required("size", INT64, "bytes"),
        _required("modified_at", INSTANT, "mtime of the file when it was read"),
        _required("changed_at", INSTANT, "ctime of the file when it was read"),
        _optional("content_sha256", STRING, "SHA-256 of its bytes; null if they could not be read"),
        _required("status", STRING, "state of the file", FILE_STATUSES),
        _required("is_stale", BOOL, "whether its rows are from an earlier run because it cannot be read at present"),
        _required("n_articles", INT32, "articles loaded from it"),
        _required("n_rejected", INT32, "rejected records in it"),
        _required("parser", STRING, "versions of the stages that read and parsed its pages"),
        _required("extractor", STRING, "versions of the stages and of the model that extracted quotes and mentions"),
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
        _optional("record_no", INT32, "position of the record in the file, from 0; null for the whole file"),
        _required("reason", STRING, "short code of the reason", REJECTION_REASONS),
        _required("detail", STRING, "what happened and what to do"),
        _required("is_transient", BOOL, "whether the cause may be temporary: the next run retries it"),
        _optional("max_bytes", INT64, "the limit that it exceeds, in bytes; null for any other reason"),
        _RUN_ID,
        _required("rejected_at", INSTANT, "time of the rejection"),
    ),
    bucket_by="source_uri",
    order=("source_uri", "record_no"),
)

RUN = Table(
    "run",
    "one run, as recorded in the journal when the snapshot was published",
    ("run_id",),
    (
        _required(
            "run_id",
            STRING,
            "UTC start to the microsecond and four random digits; the snapshot it published has the same id",
        ),
        _required("started_at", INSTANT, "start of the run"),
        _optional("finished_at", INSTANT, "end of the run; null if it was killed"),
        _required("status", STRING, "result of the run", RUN_STATUSES),
        _optional("error", STRING, "error of a failed run"),
        *(
            _required(f"n_{name}", INT64, meaning)
            for name, meaning in (
                ("found", "files found in the sources scanned"),
                ("new", "files not seen before"),
                ("changed", "files whose content, configuration or stage versions changed"),
                ("removed", "files removed"),
                ("rejected", "files and records rejected in the snapshot"),
                ("articles", "articles in the snapshot"),
                ("utterances", "utterances in the snapshot"),
                ("mentions", "mentions in the snapshot"),
                ("corrections", "corrections applied in the snapshot"),
                ("corrections_lost", "corrections that could not be applied"),
            )
        ),
        _required("seconds", pa.map_(STRING, DOUBLE), "wall time of each stage, in seconds"),
        _required("allowed", STRINGS, "checks whose findings were allowed (--allow)"),
        _required("versions", pa.map_(STRING, STRING), "versions of the stages, of the model and of the libraries"),
        _optional("snapshot_id", STRING, "the snapshot that it published or found unchanged"),
    ),
    bucket_by="run_id",
    order=("run_id",),
)

TABLES: dict[str, Table] = {
    t.name: t
    for t in (
        *(ARTICLE, PASSAGE, QUOTE, MENTION, UTTERANCE),
        *(ENTITY, ENTITY_EXCEPTION, ENTITY_DECISION, ENTITY_AMBIGUOUS, ARTICLE_GROUP),
        *(CORRECTION, ARTICLE_UNCORRECTED, QUOTE_UNCORRECTED, MENTION_UNCORRECTED),
        *(QUOTATION, QUOTATION_COPY),
        *(FILE, REJECTION, RUN),
    )
}
#: The tables that a shard writes. The others are derived from these for the whole snapshot.
SHARD_TABLES = ("article", "passage", "quote", "mention", "file", "rejection")


def frame_of(table: Table, rows: Iterable[Mapping[str, object]]) -> "pd.DataFrame":
    """Rows as a frame. Values stay Python objects, so that Arrow, not pandas, decides the types from the declaration."""
    import pandas as pd  # loading takes a third of a second, and a run with nothing to do has no rows

    listed = list(rows)
    return pd.DataFrame({name: pd.Series([row[name] for row in listed], dtype=object) for name in table.names})


def to_arrow(table: Table, frame: "pd.DataFrame") -> pa.Table:
    """Convert a frame to Arrow with the declared schema.

    Raises:
        SchemaError: when a column is missing, unknown, of another type, or null although it is declared as not null.
    """
    if set(frame.columns) != set(table.names):
        raise SchemaError(
            f"{table.name}: columns differ from the declaration: {sorted(set(frame.columns) ^ set(table.names))}"
        )
    try:
        rows = pa.Table.from_pandas(frame[list(table.names)], schema=table.arrow, preserve_index=False)
    except (ValueError, TypeError) as error:  # Arrow also raises errors that are not its own
        raise SchemaError(f"{table.name}: {error}") from error
    return checked(table, rows)


def checked(table: Table, rows: pa.Table) -> pa.Table:
    """Cast Arrow rows to the declared schema, after checking that no required column has a null.

    Raises:
        SchemaError: when one has.
    """
    for column in table.columns:
        if not column.nullable and rows.column(column.name).null_count:
            raise SchemaError(f"{table.name}.{column.name} is empty in {rows.column(column.name).null_count} rows")
    return rows.select(table.names).cast(table.arrow)


def duckdb_type(type_: pa.DataType) -> str:
    """DuckDB's name for an Arrow type."""
    if pa.types.is_list(type_):
        return f"{duckdb_type(type_.value_type)}[]"
    if pa.types.is_map(type_):
        return f"MAP({duckdb_type(type_.key_type)}, {duckdb_type(type_.item_type)})"
    return _DUCKDB_TYPES[type_]


def ddl(table: Table) -> Iterator[str]:
    """The statements that create a table in DuckDB, with its comments. No keys, no indexes: they make the load 3 times slower."""
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
