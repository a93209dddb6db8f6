"""What the dashboard asks: queries over the published Parquet, in an in-memory DuckDB, every value a parameter.

Nothing is written and no file of the writer's is held open, so the dashboard and a build never wait for each other.
"""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from threading import Lock

import duckdb
import pandas as pd

from etl.schema import TABLES
from etl.store.duck import parquet
from etl.store.manifest import load_manifest

#: Rows of a list that are shown; what is downloaded has up to so many.
SHOWN, DOWNLOADED = 50, 50_000
#: Answers remembered, each of so many rows at most.
REMEMBERED, REMEMBERED_ROWS = 200, 1000
#: Bars of a ranking.
RANKED = 15

VOICE = "coalesce(speaker, 'nobody named')"


@dataclass(frozen=True, slots=True)
class Filters:
    """Which utterances: parts of names in either case, days inclusive, forms, the least confidence; empty for any."""

    speaker: str = ""
    about: str = ""
    outlet: str = ""
    words: str = ""
    forms: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    confidence: float = 0.0
    speaker_id: str = ""

    def where(self) -> tuple[str, dict[str, object]]:
        """The SQL condition, reprints left out, and its parameters."""
        found: list[str] = ["NOT is_reprint"]
        values: dict[str, object] = {}

        def add(condition: str, name: str, value: object) -> None:
            found.append(condition)
            values[name] = value

        for column, value in (("speaker", self.speaker), ("about", self.about), ("text", self.words)):
            if value:
                add(f"contains(lower({column}), lower(${column}))", column, value)
        if self.outlet:
            add("outlet = $outlet", "outlet", self.outlet)
        if self.forms:
            add("list_contains($forms, form)", "forms", list(self.forms))
        if self.since:
            add("published_on >= $since", "since", self.since)
        if self.until:
            add("published_on <= $until", "until", self.until)
        if self.confidence:
            add("confidence >= $confidence", "confidence", self.confidence)
        if self.speaker_id:
            add("speaker_id = $speaker_id", "speaker_id", self.speaker_id)
        return " AND ".join(found), values


@dataclass
class Data:
    """One snapshot, opened for reading. Safe to use from the several threads of a server."""

    snapshot: Path
    _db: duckdb.DuckDBPyConnection = field(init=False)
    _answers: dict[tuple[str, str], pd.DataFrame] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        """Name the snapshot's tables."""
        self._db = duckdb.connect(":memory:")
        self._db.execute("SET TimeZone = 'UTC'; SET enable_progress_bar = false")
        manifest = load_manifest(self.snapshot)
        for table in TABLES.values():
            files = (self.snapshot / file.path for file in manifest.of(table.name))
            self._db.execute(f"CREATE VIEW {table.name} AS FROM {parquet(table, files)}")

    def ask(self, query: str, values: dict[str, object] | None = None) -> pd.DataFrame:
        """The rows of a query, remembered: a snapshot never changes. Days are datetimes."""
        key = query, repr(values)
        with self._lock:
            if key in self._answers:
                return self._answers[key].copy(deep=False)
            cursor = self._db.cursor()
        rows: pd.DataFrame = cursor.execute(query, values or {}).to_arrow_table().to_pandas(date_as_object=False)
        if len(rows) <= REMEMBERED_ROWS:
            with self._lock:
                self._answers[key] = rows
                if len(self._answers) > REMEMBERED:
                    del self._answers[next(iter(self._answers))]
        return rows

    def connection(self) -> duckdb.DuckDBPyConnection:
        """A connection of its own for one thread."""
        with self._lock:
            return self._db.cursor()

    def counts(self) -> dict[str, int]:
        """How much there is; utterances without those of reprints."""
        rows = self.ask(
            "SELECT (SELECT count(*) FROM article) AS articles, "
            "(SELECT count(*) FROM utterance WHERE NOT is_reprint) AS utterances, "
            "(SELECT count(DISTINCT outlet) FROM article) AS outlets, "
            "(SELECT count(DISTINCT speaker_id) FROM utterance) AS speakers, "
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
        return self.ask(
            "SELECT reason, count(*) AS n, min(source_uri) AS example, arg_min(detail, source_uri) AS detail "
            "FROM rejection GROUP BY ALL ORDER BY n DESC"
        )

    def files(self) -> pd.DataFrame:
        """The files of each source, by state."""
        return self.ask(
            "SELECT split_part(source_uri, '/', 1) AS source, status, count(*) AS files, sum(n_articles)::BIGINT AS articles, "
            "count(*) FILTER (is_stale) AS stale FROM file GROUP BY ALL ORDER BY source, status"
        )

    def to_review(self) -> pd.DataFrame:
        """The utterances of named speakers that are least sure."""
        return self.ask(
            "SELECT confidence, speaker, speaker_as_printed, text, outlet, source_uri, article_id FROM utterance "
            "WHERE speaker IS NOT NULL AND NOT is_reprint ORDER BY confidence, utterance_id LIMIT 100"
        )

    def outlets(self) -> list[str]:
        """The outlets, the largest first."""
        rows = self.ask("SELECT outlet, count(*) AS n FROM article GROUP BY ALL ORDER BY n DESC, outlet LIMIT 500")
        return [str(name) for name in rows["outlet"]]

    def by_month(self, filters: Filters) -> pd.DataFrame:
        """Utterances a month and form."""
        where, values = filters.where()
        return self.ask(
            "SELECT strftime(published_on, '%Y-%m') AS month, form, count(*) AS utterances FROM utterance "
            f"WHERE {where} AND published_on IS NOT NULL GROUP BY ALL ORDER BY month, form",
            values,
        )

    def ranking(self, filters: Filters, column: str, limit: int = RANKED) -> pd.DataFrame:
        """The most frequent values of a column of ``utterance``, with utterances and articles."""
        where, values = filters.where()
        return self.ask(
            f"SELECT {column}, count(*) AS utterances, count(DISTINCT article_id) AS articles FROM utterance "
            f"WHERE {where} AND {column} IS NOT NULL GROUP BY ALL ORDER BY utterances DESC, {column} LIMIT {limit}",
            values,
        )

    def named(self, filters: Filters, limit: int = RANKED) -> pd.DataFrame:
        """The names in the words of some utterances, the most frequent first."""
        where, values = filters.where()
        return self.ask(
            "SELECT name, count(*) AS utterances FROM (SELECT unnest(string_split(about, '; ')) AS name FROM utterance "
            f"WHERE {where} AND about IS NOT NULL) GROUP BY ALL ORDER BY utterances DESC, name LIMIT {limit}",
            values,
        )

    def utterances(self, filters: Filters, limit: int = SHOWN) -> pd.DataFrame:
        """Utterances, the newest first."""
        where, values = filters.where()
        return self.ask(
            "SELECT published_on, speaker, form, text, cue, about, outlet, title, confidence, context_before, context_after, "
            f"url, source_uri, utterance_id, article_id FROM utterance WHERE {where} "
            f"ORDER BY published_on DESC NULLS LAST, utterance_id LIMIT {limit}",
            values,
        )

    def count(self, filters: Filters) -> int:
        """How many utterances."""
        where, values = filters.where()
        return int(self.ask(f"SELECT count(*) AS n FROM utterance WHERE {where}", values)["n"].iloc[0])

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

    def appearances(self, canonical_id: str) -> pd.DataFrame:
        """Articles a month that mention an entity."""
        return self.ask(
            "SELECT strftime(published_on, '%Y-%m') AS month, count(DISTINCT article_id) AS articles FROM mention "
            "WHERE entity_id IN (SELECT entity_id FROM entity WHERE canonical_id = $id) AND published_on IS NOT NULL "
            "GROUP BY ALL ORDER BY month",
            {"id": canonical_id},
        )

    def articles_of(self, canonical_id: str, limit: int = SHOWN) -> pd.DataFrame:
        """Articles that mention an entity, the newest first."""
        return self.ask(
            "SELECT article.published_on, title, outlet, count(*) AS mentions, article.article_id FROM mention "
            "JOIN article USING (article_id) "
            "WHERE entity_id IN (SELECT entity_id FROM entity WHERE canonical_id = $id) "
            "GROUP BY ALL ORDER BY article.published_on DESC NULLS LAST, article_id "
            f"LIMIT {limit}",
            {"id": canonical_id},
        )

    def voices_by_outlet(self, filters: Filters) -> pd.DataFrame:
        """For each outlet: articles, utterances by form, and what part of them nobody named speaks."""
        where, values = filters.where()
        return self.ask(
            "SELECT outlet, count(DISTINCT article_id) AS articles, count(*) AS utterances, "
            "count(*) FILTER (form != 'reported') AS quoted, count(*) FILTER (form = 'reported') AS reported, "
            "count(DISTINCT speaker_id) AS speakers, "
            "round(count(*) FILTER (speaker IS NULL) / count(*), 3) AS unnamed "
            f"FROM utterance WHERE {where} GROUP BY ALL ORDER BY utterances DESC, outlet LIMIT 50",
            values,
        )
