"""Tombstones of redacted articles, kept outside the snapshots, to recognise an article that is loaded again.

A tombstone has no content, only hashes. A record is recognised by its text or body under any name (ignoring case, white space and
punctuation), or by its own key even if it was edited. Without a key, an id is only a file and a position in it, which may later be
another record's. In that case half of its sentences must match too.
"""

import logging
import re
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from functools import cache
from hashlib import sha256
from pathlib import Path

from pydantic import ValidationError

from etl.durable import State, write_whole
from etl.errors import OnTheRecordError
from etl.sources.record import Rejection
from etl.text import fold_words

REASON = "redacted"
DETAIL = "this article was redacted; tombstones.jsonl says when, by whom and why"
#: A body of fewer words may occur under different headlines ("More follows shortly.").
BODY_WORDS = 15
#: The fewest characters of a sentence that identifies an article, and the most sentences stored for an article.
SENTENCE_LETTERS = 25
SENTENCES = 64
SENTENCE_END = re.compile(r"[.!?\n]+")
log = logging.getLogger(__name__)


class TombstoneError(OnTheRecordError):
    """The file of tombstones cannot be read; the message names the line."""


class Tombstone(State):
    """The record of one redacted article: when, by whom and why, and the hashes to recognise it by."""

    article_id: str
    at: datetime
    who: str
    why: str
    hashes: tuple[str, ...]
    #: Whether ``article_id`` comes from the record's own key. If not, ``sentences`` tell whether it is the same record.
    has_key: bool = False
    sentences: tuple[str, ...] = ()


def fingerprints(text: str, body: str) -> tuple[str, ...]:
    """The hashes to recognise an article by: of its text, its body, and its text below the first line.

    The last is for the case that a later version of the parser finds another start of the body.
    """
    words = [fold_words(cut) for cut in (text, body, text.strip().partition("\n")[2])]
    telling = [some for i, some in enumerate(words) if some and (i == 0 or len(some.split()) >= BODY_WORDS)]
    return tuple(dict.fromkeys(sha256(some.encode()).hexdigest() for some in telling))


def sentences(text: str) -> tuple[str, ...]:
    """The hashes of an article's first sentences, without short ones, 16 hexadecimal digits each."""
    folded = dict.fromkeys(fold_words(part) for part in SENTENCE_END.split(text))
    telling = [part for part in folded if len(part) >= SENTENCE_LETTERS]
    return tuple(sha256(part.encode()).hexdigest()[:16] for part in telling[:SENTENCES])


def marks(stones: Iterable[Tombstone]) -> tuple[str, ...]:
    """The sorted marks of redacted articles: hashes, ids from a record's own key, and pairs of an id and a sentence's hash."""
    found: set[str] = set()
    for stone in stones:
        found.update(stone.hashes)
        found.update([stone.article_id] if stone.has_key else (f"{stone.article_id} {s}" for s in stone.sentences))
    return tuple(sorted(found))


def is_buried(article_id: str, text: str, body: str, marks: Collection[str]) -> bool:
    """Whether an article is one of the redacted articles that ``marks`` identify."""
    if not marks:
        return False
    if article_id in marks or any(digest in marks for digest in fingerprints(text, body)):
        return True
    own = sentences(text)
    n_known = sum(f"{article_id} {sentence}" in marks for sentence in own)
    return n_known > 0 and 2 * n_known >= len(own)


def taken_back(record_no: int) -> Rejection:
    """The rejection of a redacted article that was loaded again."""
    return Rejection(REASON, DETAIL, record_no)


def load_tombstones(path: Path) -> list[Tombstone]:
    """The tombstones in a file; none if there is no file.

    An incomplete last line (after a full disk, for example) is ignored: its redaction was never finished.

    Raises:
        TombstoneError: when another line is not a tombstone.
    """
    if not path.exists():
        return []
    *lines, last = path.read_text(encoding="utf-8", errors="replace").split("\n")
    stones = [_stone(path, number, line) for number, line in enumerate(lines, 1) if line.strip()]
    if last.strip():
        try:
            stones.append(_stone(path, len(lines) + 1, last))
        except TombstoneError:
            _warn_of_torn_line(path, last)
    return stones


@cache
def _warn_of_torn_line(path: Path, line: str) -> None:
    """Warn once, because a run reads the tombstones several times."""
    log.warning("%s: the last line is incomplete and is ignored; redact the article again", path)


def bury(path: Path, stones: Sequence[Tombstone]) -> None:
    """Add tombstones to the file, atomically."""
    lines = [stone.model_dump_json() + "\n" for stone in (*load_tombstones(path), *stones)]
    write_whole(path, "".join(lines))


def _stone(path: Path, number: int, line: str) -> Tombstone:
    try:
        return Tombstone.model_validate_json(line)
    except ValidationError:
        raise TombstoneError(
            f"{path} line {number} is not a tombstone; restore the file from a backup, or delete the line and redact its "
            "article again"
        ) from None
