"""Full-text search over what was said: ranked, with the words found marked."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from rich.text import Text

from etl.errors import OnTheRecordError
from etl.schema import SEARCH
from warehouse.reader import snapshot
from warehouse.text import printable

#: Around each word found, in what `search` returns; no text has them, since they mean nothing in print.
MARK, UNMARK = "\x02", "\x03"
#: Words of an utterance shown around those found.
SNIPPET_WORDS = 40
#: A phrase in quotation marks, a word (``*`` at its end: any word that begins so), in a query.
TERM = re.compile(r'"(?P<phrase>[^"]+)"|(?P<word>[^\s"]+)')
OR = "OR"

Hit = dict[str, object]

#: The weights say that a word in the utterance counts for more than one in the speaker's name or the headline.
SQL = """
SELECT {snippet} AS snippet, speaker, form, published_on, outlet, title, context_before, context_after, cue,
    confidence, about, source_uri, url, utterance_id, article_id
FROM utterance
WHERE {conditions}
ORDER BY {rank}
LIMIT :limit
"""
SNIPPET = f"snippet(utterance, 0, char({ord(MARK)}), char({ord(UNMARK)}), '…', {SNIPPET_WORDS})"
RANK = "bm25(utterance, 1.0, 0.5, 0.5), published_on DESC, utterance_id"
NEWEST = "published_on DESC, utterance_id"


class NoIndexError(OnTheRecordError):
    """The published snapshot cannot be searched."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What utterances must be besides: parts of names in small or capital letters, days inclusive, a form; empty for any."""

    speaker: str = ""
    about: str = ""
    outlet: str = ""
    since: date | None = None
    until: date | None = None
    form: str = ""
    reprints: bool = False

    def conditions(self) -> Iterator[tuple[str, dict[str, object]]]:
        """The SQL conditions, each with its parameters."""
        for name in ("speaker", "about", "outlet"):
            if value := getattr(self, name):
                yield f"instr(lower({name}), lower(:{name})) > 0", {name: value}
        if self.since:
            yield "published_on >= :since", {"since": self.since.isoformat()}
        if self.until:
            yield "published_on <= :until", {"until": self.until.isoformat()}
        if self.form:
            yield "form = :form", {"form": self.form}
        if not self.reprints:
            yield "NOT is_reprint", {}


def index_of(snapshot: Path) -> Path:
    """The search index in a snapshot's directory.

    Raises:
        NoIndexError: when it has none.
    """
    if not (snapshot / SEARCH).is_file():
        raise NoIndexError(f"{snapshot} has no search index; the next build that publishes makes one")
    return snapshot / SEARCH


def search(root: Path, words: str, filters: Filters = Filters(), limit: int = 20) -> list[Hit]:
    """The utterances that have all ``words``, the best first; the newest first where no words are given.

    In ``snippet`` the words found stand between `MARK` and `UNMARK`.

    Raises:
        NothingPublishedError: when nothing was published yet.
        NoIndexError: when the snapshot has no index.
    """
    path = index_of(snapshot(root))
    conditions = ["true"]
    parameters: dict[str, object] = {"limit": limit}
    if match := match_of(words):
        conditions.append("utterance MATCH :match")
        parameters["match"] = match
    for condition, values in filters.conditions():
        conditions.append(condition)
        parameters |= values
    sql = SQL.format(
        snippet=SNIPPET if match else "text", conditions=" AND ".join(conditions), rank=RANK if match else NEWEST
    )
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as db:
        db.row_factory = sqlite3.Row
        return [dict(row) for row in db.execute(sql, parameters)]


def match_of(words: str) -> str:
    """The FTS5 expression for what a person typed: words, "phrases", word*, and OR between two; nothing else has a meaning."""
    terms: list[str] = []
    for found in TERM.finditer(words):
        text = found["phrase"] or found["word"]
        if found["word"] == OR:
            if terms and terms[-1] != OR:
                terms.append(OR)
        elif any(letter.isalnum() for letter in text):
            is_prefix = found["word"] is not None and text.endswith("*")
            terms.append(f'"{text.rstrip("*")}"' + "*" * is_prefix)
    return " ".join(terms[:-1] if terms[-1:] == [OR] else terms)


def render(hit: Hit) -> Text:
    """A hit for a terminal: who, when and where on a line, then the words in their context, those found marked."""
    text = Text()
    text.append(printable(str(hit["speaker"] or "nobody named")), style="bold")
    where = (hit["published_on"] or "undated", hit["outlet"], hit["title"], hit["form"])
    text.append("  " + printable(" · ".join(str(part) for part in where if part)) + "\n", style="dim")
    text.append(f"  {printable(str(hit['context_before']))} ".lstrip(), style="dim")
    for number, part in enumerate(re.split(f"[{MARK}{UNMARK}]", str(hit["snippet"]))):
        text.append(printable(part), style="bold reverse" if number % 2 else "")
    text.append(f" {printable(str(hit['context_after']))}\n", style="dim")
    text.append(f"ontherecord show {hit['utterance_id']}\n", style="dim")
    return text
