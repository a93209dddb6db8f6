"""What the dashboard asks: of the columns it counts by, read into memory once a snapshot; of the Parquet; of the search index.

Nothing is written and no file of the writer's is held open, so the dashboard and a build never wait for each other.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from threading import Lock
from typing import Literal

import duckdb
import pandas as pd
import pyarrow as pa

from etl.schema import TABLES
from etl.store.duck import parquet
from etl.store.manifest import load_manifest
from warehouse import views
from warehouse.corrections import REVIEW
from warehouse.rejections import BY_REASON
from warehouse.search import NoIndexError, match_of, opened

#: Rows of a list that are shown; what is downloaded has up to so many.
SHOWN, DOWNLOADED = 50, 50_000
#: Answers remembered, each of so many rows at most.
REMEMBERED, REMEMBERED_ROWS = 200, 1000
#: Bars of a ranking.
RANKED = 15
#: What a list of utterances shows of each, from the search index.
LISTED = (
    *("published_on", "speaker", "form", "text", "cue", "about", "outlet", "title", "confidence", "context_before"),
    *("context_after", "url", "source_uri", "utterance_id", "article_id"),
)

#: What pages count and filter by. Reprints are left out, so that a wire story counts once, and so is what was not said. ``line``
#: is the utterance's row in the search index, which has its words; numbers stand for names, which are looked through once instead
#: of at each utterance.
LOAD_SAID = """
CREATE VIEW line AS
SELECT (first_row + utterance_no)::INTEGER AS line, utterance.*
FROM utterance JOIN spoken USING (article_id)
WHERE NOT is_reprint AND NOT is_unsaid;

CREATE TABLE counted.voice AS
SELECT (row_number() OVER (ORDER BY speaker, speaker_id))::INTEGER AS voice_no, speaker, speaker_id, gender
FROM (SELECT DISTINCT speaker, speaker_id FROM line WHERE speaker IS NOT NULL)
LEFT JOIN person ON canonical_id = speaker_id;

CREATE TABLE counted.said AS
SELECT line, hash(article_id) AS article, voice_no, speaker_type, form, cue_lemma, outlet, published_on, confidence
FROM line LEFT JOIN counted.voice
    ON line.speaker = voice.speaker AND line.speaker_id IS NOT DISTINCT FROM voice.speaker_id;

CREATE VIEW about AS SELECT line, unnest(string_split(about, '; ')) AS name FROM line WHERE about IS NOT NULL;

CREATE TABLE counted.subject AS
SELECT (row_number() OVER (ORDER BY name))::INTEGER AS subject_no, name FROM (SELECT DISTINCT name FROM about);

CREATE TABLE counted.repeated AS
SELECT text, speaker, published_on, outlet, n_articles AS articles, n_outlets AS outlets, n_days AS days, speaker_id, quotation_id
FROM quotation WHERE n_articles > 1;

CREATE TABLE counted.said_about AS SELECT line, subject_no FROM about JOIN counted.subject USING (name);

CHECKPOINT counted;
"""

#: The lines of utterances where there is no search index.
NUMBERED = """
SELECT article_id, (sum(n) OVER (ORDER BY article_id) - n)::INTEGER AS first_row
FROM (SELECT article_id, max(utterance_no) + 1 AS n FROM utterance GROUP BY ALL)
"""


@dataclass(frozen=True, slots=True)
class Filters:
    """Which utterances: parts of names in either case, words, days inclusive, forms, the least confidence; empty for any."""

    speaker: str = ""
    about: str = ""
    outlet: str = ""
    words: str = ""
    forms: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    confidence: float = 0.0
    speaker_id: str = ""

    def conditions(self) -> Iterator[tuple[str, dict[str, object]]]:
        """The SQL conditions on ``said``, each with its parameters; those of ``words`` are `Data.matching`'s."""
        if self.speaker:
            part = "SELECT voice_no FROM counted.voice WHERE contains(lower(speaker), lower($speaker))"
            yield f"voice_no IN ({part})", {"speaker": self.speaker}
        if self.about:
            part = "SELECT subject_no FROM counted.subject WHERE contains(lower(name), lower($about))"
            yield f"line IN (SELECT line FROM counted.said_about WHERE subject_no IN ({part}))", {"about": self.about}
        if self.outlet:
            yield "outlet = $outlet", {"outlet": self.outlet}
        if match_of(self.words):
            yield "line IN (FROM matching)", {}
        if self.forms:
            yield "list_contains($forms, form)", {"forms": list(self.forms)}
        if self.since:
            yield "published_on >= $since", {"since": self.since}
        if self.until:
            yield "published_on <= $until", {"until": self.until}
        if self.confidence:
            yield "confidence >= $confidence", {"confidence": self.confidence}
        if self.speaker_id:
            part = "SELECT voice_no FROM counted.voice WHERE speaker_id = $speaker_id"
            yield f"voice_no IN ({part})", {"speaker_id": self.speaker_id}


@dataclass
class Data:
    """One snapshot, opened for reading. Safe to use from the several threads of a server.

    ``no_search`` is why words cannot be searched: the snapshot has no search index, or a damaged one. All else works without.
    """

    snapshot: Path
    no_search: str = field(default="", init=False)
    _db: duckdb.DuckDBPyConnection = field(init=False)
    _answers: dict[tuple[object, ...], pd.DataFrame] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)
    _matched: tuple[str, pa.Table] | None = None

    def __post_init__(self) -> None:
        """Name the snapshot's tables, and read what is counted by."""
        self._db = duckdb.connect(":memory:")
        self._db.execute("SET TimeZone = 'UTC'; SET enable_progress_bar = false")
        manifest = load_manifest(self.snapshot)
        for table in TABLES.values():
            files = (self.snapshot / file.path for file in manifest.of(table.name))
            self._db.execute(f"CREATE VIEW {table.name} AS FROM {parquet(table, files)}")
        self._db.execute(views())
        self._db.execute("ATTACH ':memory:' AS counted (COMPRESS)")
        try:
            with opened(self.snapshot) as index:
                rows = index.execute("SELECT article_id, first_row FROM spoken").fetchall()
        except NoIndexError as error:
            self.no_search, rows = str(error), self._db.execute(NUMBERED).fetchall()
        ids, firsts = zip(*rows, strict=True) if rows else ((), ())
        self._db.register("spoken", pa.table({"article_id": pa.array(ids, pa.string()), "first_row": pa.array(firsts)}))
        self._db.execute(LOAD_SAID)

    def ask(self, query: str, values: dict[str, object] | None = None, words: str = "") -> pd.DataFrame:
        """The rows of a query, remembered: a snapshot never changes. Days are datetimes.

        In the query, ``matching`` are the lines of the utterances that have the ``words``.
        """
        key = query, repr(values), words
        with self._lock:
            if key in self._answers:
                return self._answers[key].copy(deep=False)
            cursor = self._db.cursor()
        if match := match_of(words):
            cursor.register("matching", self._matching(match))
        rows: pd.DataFrame = cursor.execute(query, values or {}).to_arrow_table().to_pandas(date_as_object=False)
        if len(rows) <= REMEMBERED_ROWS:
            with self._lock:
                self._answers[key] = rows
                if len(self._answers) > REMEMBERED:
                    del self._answers[next(iter(self._answers))]
        return rows

    def _matching(self, match: str) -> pa.Table:
        """The lines of the utterances that an FTS5 expression fits; the latest is remembered, since a page asks several times."""
        with self._lock:
            if self._matched and self._matched[0] == match:
                return self._matched[1]
        with opened(self.snapshot) as index:
            found = index.execute("SELECT rowid FROM utterance WHERE utterance MATCH ?", [f"text : ({match})"])
            lines = pa.table({"line": pa.array((line for (line,) in found), pa.int32())})
        with self._lock:
            self._matched = match, lines
        return lines

    def ask_of(self, filters: Filters, query: str, **values: object) -> pd.DataFrame:
        """The rows of a query in which ``{said}`` are the utterances that pass the filters."""
        conditions = ["true"]
        for condition, parameters in filters.conditions():
            conditions.append(condition)
            values |= parameters
        said = f"(FROM counted.said WHERE {' AND '.join(conditions)})"
        return self.ask(query.format(said=said), values, filters.words)

    def connection(self) -> duckdb.DuckDBPyConnection:
        """A connection of its own for one thread."""
        with self._lock:
            return self._db.cursor()

    def counts(self) -> dict[str, int]:
        """How much there is; utterances without those of reprints."""
        rows = self.ask(
            "SELECT (SELECT count(*) FROM article) AS articles, (SELECT count(*) FROM counted.said) AS utterances, "
            "(SELECT count(DISTINCT outlet) FROM article) AS outlets, "
            "(SELECT count(DISTINCT speaker_id) FROM counted.voice) AS speakers, "
            "(SELECT count(*) FROM rejection) AS rejected"
        )
        return {str(name): int(rows[name].iloc[0]) for name in rows}

    def runs(self) -> pd.DataFrame:
        """The latest runs."""
        return self.ask(
            "SELECT started_at, status, n_found, n_new, n_changed, n_removed, n_rejected, n_articles, n_utterances, error "
            "FROM run ORDER BY run_id DESC LIMIT 20"
        )

    def rejections(self) -> pd.DataFrame:
        """Why files and records were not used."""
        return self.ask(BY_REASON)

    def files(self) -> pd.DataFrame:
        """The files of each source, by state."""
        return self.ask(
            "SELECT split_part(source_uri, '/', 1) AS source, status, count(*) AS files, sum(n_articles)::BIGINT AS articles, "
            "count(*) FILTER (is_stale) AS stale FROM file GROUP BY ALL ORDER BY source, status"
        )

    def to_review(self) -> pd.DataFrame:
        """The utterances that a person should look at first, as `ontherecord review` has them."""
        columns = "confidence, printed, speaker, context, outlet, title, source_uri, article_id"
        return self.ask(f"SELECT {columns} FROM ({REVIEW})", {"limit": SHOWN})

    def lost_corrections(self) -> pd.DataFrame:
        """Corrections that could not be applied."""
        return self.ask("SELECT file, line, kind, problem FROM correction WHERE status = 'lost' ORDER BY file, line")

    def outlets(self) -> list[str]:
        """The outlets, the largest first."""
        rows = self.ask("SELECT outlet, count(*) AS n FROM article GROUP BY ALL ORDER BY n DESC, outlet LIMIT 500")
        return [str(name) for name in rows["outlet"]]

    def by_month(self, filters: Filters) -> pd.DataFrame:
        """Utterances a month (its first day; none for undated ones) and form."""
        return self.ask_of(
            filters,
            "SELECT date_trunc('month', published_on) AS month, form, count(*) AS utterances FROM {said} GROUP BY ALL "
            "ORDER BY month, form",
        )

    def speakers(self, filters: Filters) -> pd.DataFrame:
        """Who speaks most, with utterances and articles."""
        return self.ask_of(
            filters,
            "WITH most AS (SELECT voice_no, count(*) AS utterances FROM {said} WHERE voice_no IS NOT NULL "
            "GROUP BY ALL ORDER BY utterances DESC, voice_no LIMIT $limit) "
            "SELECT speaker, any_value(utterances) AS utterances, count(DISTINCT article) AS articles "
            "FROM most JOIN {said} USING (voice_no) JOIN counted.voice USING (voice_no) "
            "GROUP BY voice_no, speaker ORDER BY utterances DESC, voice_no",
            limit=RANKED,
        )

    def ranking(self, filters: Filters, column: Literal["outlet", "cue_lemma"]) -> pd.DataFrame:
        """The most frequent outlets or cues, with utterances and articles."""
        return self.ask_of(
            filters,
            f"SELECT {column}, count(*) AS utterances, count(DISTINCT article) AS articles FROM {{said}} "
            f"WHERE {column} IS NOT NULL GROUP BY ALL ORDER BY utterances DESC, {column} LIMIT $limit",
            limit=RANKED,
        )

    def named(self, filters: Filters) -> pd.DataFrame:
        """The names in the words of some utterances, the most frequent first."""
        return self.ask_of(
            filters,
            "SELECT name, utterances FROM (SELECT subject_no, count(*) AS utterances FROM counted.said_about "
            "WHERE line IN (SELECT line FROM {said}) GROUP BY ALL ORDER BY utterances DESC, subject_no LIMIT $limit) "
            "JOIN counted.subject USING (subject_no) ORDER BY utterances DESC, subject_no",
            limit=RANKED,
        )

    def utterances(self, filters: Filters, limit: int = SHOWN) -> pd.DataFrame:
        """Utterances, the newest first."""
        newest = "SELECT line FROM {said} ORDER BY published_on DESC NULLS LAST, line LIMIT $limit"
        lines = self.ask_of(filters, newest, limit=limit)["line"].to_list()
        found = self._listed(lines)
        rows = pd.DataFrame([found[line] for line in lines], columns=list(LISTED))
        return rows.assign(published_on=pd.to_datetime(rows["published_on"]))

    def _listed(self, lines: list[int]) -> dict[int, Sequence[object]]:
        """What is shown of some utterances, by line: from the search index, else from the Parquet, which takes longer."""
        if self.no_search:
            query = f"SELECT line, {', '.join(LISTED)} FROM line WHERE list_contains($lines, line)"
            with self._lock:
                rows = self._db.execute(query, {"lines": lines}).fetchall()
        else:
            query = f"SELECT rowid, {', '.join(LISTED)} FROM utterance WHERE rowid IN (SELECT value FROM json_each(?))"
            with opened(self.snapshot) as index:
                rows = index.execute(query, [json.dumps(lines)]).fetchall()
        return {line: row for line, *row in rows}

    def quotations(self, words: str = "", speaker: str = "", speaker_id: str = "") -> pd.DataFrame:
        """Quotations that more than one article prints, the most widely printed first."""
        return self.ask(
            "SELECT * FROM counted.repeated WHERE contains(lower(text), lower($words)) "
            "AND contains(lower(coalesce(speaker, '')), lower($speaker)) AND $speaker_id IN ('', speaker_id) "
            f"ORDER BY outlets DESC, articles DESC, published_on, quotation_id LIMIT {SHOWN}",
            {"words": words, "speaker": speaker, "speaker_id": speaker_id},
        )

    def printings(self, quotation_id: str) -> pd.DataFrame:
        """The printings of a quotation, the first first."""
        return self.ask(
            "SELECT utterance.published_on, outlet, title, quoted_text AS text, similarity, is_reprint AS reprint, article_id "
            "FROM quotation_copy JOIN utterance USING (article_id, utterance_no) WHERE quotation_id = $id "
            "ORDER BY utterance.published_on NULLS LAST, article_id, utterance_no",
            {"id": quotation_id},
        )

    def count(self, filters: Filters) -> int:
        """How many utterances."""
        return int(self.ask_of(filters, "SELECT count(*) AS n FROM {said}")["n"].iloc[0])

    def names_like(self, part: str) -> pd.DataFrame:
        """Entities one of whose names has a part, the most frequent first."""
        return self.ask(
            "SELECT canonical_id, any_value(canonical_name) AS name, any_value(entity_type) AS type, "
            "sum(n_articles)::BIGINT AS articles, sum(n_utterances)::BIGINT AS utterances, "
            "list_sort(list_distinct(flatten(list(list_append(aliases, name))))) AS names FROM entity "
            "WHERE canonical_id IN (SELECT canonical_id FROM entity WHERE contains(lower(name), lower($part)) "
            "OR contains(lower(canonical_name), lower($part))) "
            "GROUP BY canonical_id ORDER BY utterances DESC, articles DESC, name LIMIT 50",
            {"part": part},
        )

    def mentioned_in(self, canonical_id: str) -> pd.DataFrame:
        """The articles that mention an entity, the newest first, each with its mentions."""
        return self.ask(
            "WITH names AS (SELECT entity_id FROM entity WHERE canonical_id = $id "
            "UNION SELECT entity_id FROM entity_exception WHERE canonical_id = $id), "
            "found AS (SELECT article_id, published_on, entity_id FROM mention WHERE entity_id IN (FROM names)) "
            "SELECT article_id, published_on, count(*) AS mentions FROM found JOIN entity USING (entity_id) "
            "LEFT JOIN entity_exception AS exception USING (article_id, entity_id) "
            "WHERE coalesce(exception.canonical_id, entity.canonical_id) = $id "
            "GROUP BY ALL ORDER BY published_on DESC NULLS LAST, article_id",
            {"id": canonical_id},
        )

    def titled(self, articles: pd.DataFrame) -> pd.DataFrame:
        """Some articles, with their titles and outlets."""
        ids = articles["article_id"].to_list()
        query = "SELECT article_id, title, outlet FROM article WHERE list_contains($ids, article_id)"
        known = self.ask(query, {"ids": ids})
        return articles.merge(known, on="article_id")[["published_on", "title", "outlet", "mentions", "article_id"]]

    def voices_by_outlet(self, filters: Filters) -> pd.DataFrame:
        """For each outlet: articles, utterances by form, and whose they are."""
        return self.ask_of(
            filters,
            "SELECT outlet, count(DISTINCT article) AS articles, count(*) AS utterances, "
            "count(*) FILTER (form != 'reported') AS quoted, count(*) FILTER (form = 'reported') AS reported, "
            "count(DISTINCT voice_no) AS speakers, "
            "count(*) FILTER (gender = 'woman') AS women, count(*) FILTER (gender = 'man') AS men, "
            "count(*) FILTER (speaker_type = 'person' AND coalesce(gender, '') NOT IN ('woman', 'man')) AS \"persons, unknown\", "
            "count(*) FILTER (speaker_type IN ('organisation', 'group')) AS organisations, "
            "count(*) FILTER (speaker_type = 'anonymous') AS anonymous "
            "FROM {said} LEFT JOIN counted.voice USING (voice_no) GROUP BY ALL ORDER BY utterances DESC, outlet LIMIT 50",
        )
