"""Full-text search over what was said and over whole articles: ranked, with the words found marked."""

import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path
from secrets import token_hex

from rich.text import Text

from etl.errors import OnTheRecordError
from etl.schema import SEARCH
from etl.store.article_index import STORED, TOKENIZER
from etl.store.search_index import is_ours
from warehouse.reader import connect, snapshot
from warehouse.text import continued, printable

#: Around each word found, in what `search` returns. Nobody who writes an article can know them.
MARK, UNMARK = (f"\x02{token_hex(8)}\x03" for _ in range(2))
#: Where SQLite cuts a snippet: beside a word as it is indexed ("B" of "B.C."), or behind a dot that it takes for a sentence's.
CUT = f"\x02{token_hex(8)}\x03"
#: What belongs to a snippet that is cut: initials or the rest of a word before it, the rest of a word after it, up to some letters.
CUT_BEFORE, CUT_AFTER, CUT_LETTERS = re.compile(r"(?:\b(?:[^\W\d_]\.)+\s+|\S*)$"), re.compile(r"\S*"), 40
#: Words of an utterance shown around those found.
SNIPPET_WORDS = 40
#: A phrase in quotation marks, a word (``*`` at its end: any word that begins so), in a query.
#: NUL, which an address may have, ends a string to SQLite, so it parts words.
TERM = re.compile(r'"(?P<phrase>[^"\0]+)"|(?P<word>[^\s"\0]+)')
#: Marks that people and word processors write in place of straight ones.
DOUBLE_MARKS = str.maketrans(dict.fromkeys("“”„‟«»", '"'))
OR = "OR"

Hit = dict[str, object]

#: What a hit has: of an utterance, and of an article.
COLUMNS = (
    *("snippet", "speaker", "form", "published_on", "outlet", "title", "context_before", "context_after", "cue"),
    *("confidence", "about", "source_uri", "url", "utterance_id", "article_id"),
)
ARTICLE_COLUMNS = ("snippet", *(name for name in STORED if name != "body_sha256"))
#: The weights say that a word in the utterance counts for more than one in the speaker's name or the headline.
SQL = """
SELECT {snippet} AS snippet, text, {columns}
FROM utterance
WHERE {conditions}
ORDER BY {rank}
LIMIT :limit
"""
SNIPPET = f"snippet(utterance, 0, '{MARK}', '{UNMARK}', '{CUT}', {SNIPPET_WORDS})"
RANK = "bm25(utterance, 1.0, 0.5, 0.5), published_on DESC, utterance_id"
NEWEST = "published_on DESC, utterance_id"


#: A word in the headline counts for twice as much as one in the text. Of equal bodies the first printed comes first.
ARTICLES = """
SELECT {stored}
FROM article_row {joined}
WHERE {conditions}
ORDER BY {rank}
"""
ARTICLE_RANK = "bm25(article, 2.0, 1.0), published_on, article_id"
#: The table for the few articles found, whose texts are not in the index.
FOUND = f"CREATE VIRTUAL TABLE found USING fts5(article_id UNINDEXED, text, tokenize = '{TOKENIZER}')"
SNIPPETS = f"""
SELECT article_id, snippet(found, 1, '{MARK}', '{UNMARK}', '{CUT}', {SNIPPET_WORDS}), text FROM found WHERE text MATCH ?
"""


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


@contextmanager
def opened(snapshot: Path) -> Iterator[sqlite3.Connection]:
    """The search index in a snapshot's directory, read-only.

    Raises:
        NoIndexError: when it has none, or reading it shows that it is damaged.
    """
    path = snapshot / SEARCH
    if not is_ours(path):
        raise NoIndexError(f"{snapshot} has no search index of this version; the next build that publishes makes one")
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as index:
        try:
            yield index
        except sqlite3.DatabaseError as error:
            raise NoIndexError(
                f"the search index {path} is damaged ({error}); the next build that publishes makes another"
            ) from None


def search(root: Path, words: str, filters: Filters = Filters(), limit: int = 20) -> list[Hit]:
    """The utterances that have all ``words``, the best first; the newest first where no words are given.

    What the text says was not said is left out. In ``snippet`` the words found stand between `MARK` and `UNMARK`.

    Raises:
        NothingPublishedError: when nothing was published yet.
        NoIndexError: when the snapshot has no index.
    """
    match = match_of(words)
    conditions, parameters = _conditions("utterance", match, filters)
    parameters["limit"] = limit
    sql = SQL.format(
        snippet=SNIPPET if match else "text",
        columns=", ".join(COLUMNS[1:]),
        conditions=" AND ".join([*conditions, "NOT is_unsaid"]),
        rank=RANK if match else NEWEST,
    )
    with opened(snapshot(root)) as db:
        rows = db.execute(sql, parameters).fetchall()
    return [dict(zip(COLUMNS, (_rounded(snippet, text), *others), strict=True)) for snippet, text, *others in rows]


def _conditions(table: str, match: str, filters: Filters) -> tuple[list[str], dict[str, object]]:
    """The SQL conditions on an index's rows, with their parameters: the FTS5 expression, if any, and the filters."""
    conditions, parameters = ["true"], dict[str, object]()
    if match:
        conditions.append(f"{table} MATCH :match")
        parameters["match"] = match
    for condition, values in filters.conditions():
        conditions.append(condition)
        parameters |= values
    return conditions, parameters


def search_articles(root: Path, words: str, filters: Filters = Filters(), limit: int = 20) -> list[Hit]:
    """The articles that have all ``words`` in headline or text, the best first; the newest first where no words are given.

    ``filters`` narrow by outlet, days and reprints: without ``reprints``, of equal bodies only the first counts. ``snippet`` is
    as in `search`, empty where the words are in the headline alone.

    Raises:
        NothingPublishedError: when nothing was published yet.
        NoIndexError: when the snapshot has no index.
    """
    wanted = Filters(outlet=filters.outlet, since=filters.since, until=filters.until, reprints=True)
    match = match_of(words)
    conditions, parameters = _conditions("article", match, wanted)
    sql = ARTICLES.format(
        stored=", ".join(f"article_row.{name}" for name in STORED),
        joined="JOIN article ON article.rowid = article_row.row" if match else "",
        conditions=" AND ".join(conditions),
        rank=ARTICLE_RANK if match else "published_on DESC, article_id",
    )
    with opened(snapshot(root)) as db:
        db.row_factory = sqlite3.Row
        hits = list(islice(_first_printed(map(dict, db.execute(sql, parameters)), filters.reprints), limit))
    return _with_snippets(root, hits, match)


def _first_printed(hits: Iterable[Hit], reprints: bool) -> Iterator[Hit]:
    """The hits, without those whose body came before unless ``reprints`` is set."""
    seen: set[object] = set()
    for hit in hits:
        if reprints or hit["body_sha256"] not in seen:
            seen.add(hit.pop("body_sha256"))
            yield hit


def _with_snippets(root: Path, hits: Sequence[Hit], match: str) -> list[Hit]:
    """The hits, each with the part of its text where the words were found, or its beginning."""
    with connect(root) as warehouse:
        texts = warehouse.execute(
            "SELECT article_id, text FROM article WHERE list_contains($ids, article_id)",
            {"ids": [hit["article_id"] for hit in hits]},
        ).fetchall()
    if match:
        with closing(sqlite3.connect(":memory:")) as db:
            db.execute(FOUND)
            db.executemany("INSERT INTO found VALUES (?, ?)", texts)
            texts = [(article_id, _rounded(*found)) for article_id, *found in db.execute(SNIPPETS, (match,))]
    snippets = dict(texts)
    return [{"snippet": snippets.get(hit["article_id"], ""), **hit} for hit in hits]


def _rounded(snippet: str, text: str) -> str:
    """A snippet of a text with whole words at its ends, and an ellipsis where it was cut."""
    plain = re.sub(f"{MARK}|{UNMARK}|{CUT}", "", snippet)
    start = text.find(plain)
    end = start + len(plain)
    before = CUT_BEFORE.findall(text[max(0, start - CUT_LETTERS) : start])[0]
    after = CUT_AFTER.findall(text[end : end + CUT_LETTERS])[0]
    whole = f"…{before}{snippet.removeprefix(CUT)}" if snippet.startswith(CUT) else snippet
    return whole.replace(CUT, f"{after}…")


def match_of(words: str) -> str:
    """The FTS5 expression for what a person typed: words, "phrases", word*, and OR between two; nothing else has a meaning."""
    terms: list[str] = []
    for found in TERM.finditer(words.translate(DOUBLE_MARKS)):
        text = found["phrase"] or found["word"]
        if found["word"] == OR:
            if terms and terms[-1] != OR:
                terms.append(OR)
        elif any(letter.isalnum() for letter in text):
            is_prefix = found["word"] is not None and text.endswith("*")
            terms.append(f'"{text.rstrip("*")}"' + "*" * is_prefix)
    return " ".join(terms[:-1] if terms[-1:] == [OR] else terms)


def render_article(hit: Hit, option: str = "") -> Text:
    """An article found, for a terminal: headline, when and where on a line, then its text around the words found, marked.

    ``option`` names the warehouse in the command that shows it.
    """
    where = (hit["published_on"] or "undated", hit["outlet"], hit["source_uri"], hit["record_key"])
    text = Text(printable(str(hit["title"] or "no headline")), style="bold")
    text.append("  " + printable(" · ".join(str(part) for part in where if part)) + "\n  ", style="dim")
    text.append_text(_marked(_one_line(hit["snippet"])))
    return text.append(f"\nontherecord show {hit['article_id']}{option}\n", style="dim")


def _one_line(text: object) -> str:
    """A stretch of a page without the page's own line breaks."""
    return " ".join(str(text).split())


def _marked(snippet: str) -> Text:
    """A snippet, the words found in it set off."""
    text = Text()
    for number, part in enumerate(re.split(f"{MARK}|{UNMARK}", snippet)):
        text.append(printable(part), style="bold reverse" if number % 2 else "")
    return text


def render(hit: Hit, option: str = "") -> Text:
    """A hit for a terminal: who, when and where on a line, then the words in their context, those found marked.

    ``option`` names the warehouse in the command that shows it.
    """
    text = Text()
    text.append(printable(str(hit["speaker"] or "nobody named")), style="bold")
    where = (hit["published_on"] or "undated", hit["outlet"], hit["title"], hit["form"])
    text.append("  " + printable(" · ".join(str(part) for part in where if part)) + "\n", style="dim")
    text.append(f"{printable(_one_line(hit['context_before']))} ".lstrip(), style="dim")
    text.append_text(_marked(_one_line(hit["snippet"])))
    text.append(f"{printable(continued(_one_line(hit['context_after'])))}\n", style="dim")
    text.append(f"ontherecord show {hit['utterance_id']}{option}\n", style="dim")
    return text
