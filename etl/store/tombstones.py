"""Tombstones: the marks of articles taken back, kept outside the snapshots, by which an article is known when it returns.

A tombstone holds no content, only hashes: of the article's id (so the same record of the same file stays out, edited or not), and
of what it says, with case, space and punctuation folded (so the same text stays out under any other name). Hashes of three cuts of
the text are kept, since where its body begins may be read otherwise by a later version.
"""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from etl.durable import sync
from etl.sources.record import Rejection
from etl.text import fold_words

#: The hash of a text without a letter, by which nothing is known again.
NO_WORDS = sha256(b"").hexdigest()
REASON = "redacted"
DETAIL = "this article was taken back; tombstones.jsonl says when, by whom and why"


@dataclass(frozen=True, slots=True)
class Tombstone:
    """The mark of one article: when, by whom and why it was taken back, and the hashes by which it is known again."""

    article_id: str
    at: datetime
    who: str
    why: str
    hashes: tuple[str, ...]


def fingerprints(text: str, body_sha256: str) -> tuple[str, ...]:
    """The hashes by which what an article says is known again: of its body, its whole text, and its text below the first line."""
    below = text.strip().partition("\n")[2]
    hashes = [body_sha256, *(sha256(fold_words(cut).encode()).hexdigest() for cut in (text, below))]
    return tuple(dict.fromkeys(digest for digest in hashes if digest != NO_WORDS))


def is_buried(article_id: str, text: str, body_sha256: str, marks: Collection[str]) -> bool:
    """Whether an article is one of those taken back, whose ids and hashes are ``marks``."""
    return bool(marks) and not {article_id, *fingerprints(text, body_sha256)}.isdisjoint(marks)


def taken_back(record_no: int) -> Rejection:
    """What becomes of an article that was taken back and is found again."""
    return Rejection(REASON, DETAIL, record_no)


def load_tombstones(path: Path) -> list[Tombstone]:
    """The tombstones in a file; none where there is no file."""
    if not path.exists():
        return []
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
    return [Tombstone(**{**r, "at": datetime.fromisoformat(r["at"]), "hashes": tuple(r["hashes"])}) for r in rows]


def marks(stones: Iterable[Tombstone]) -> tuple[str, ...]:
    """The ids and hashes by which articles taken back are known, sorted."""
    return tuple(sorted({mark for stone in stones for mark in (stone.article_id, *stone.hashes)}))


def bury(path: Path, stones: Sequence[Tombstone]) -> None:
    """Append tombstones to the file and flush it to disk."""
    with path.open("a", encoding="utf-8") as file:
        for stone in stones:
            file.write(json.dumps(asdict(stone), default=datetime.isoformat) + "\n")
    sync(path)
    sync(path.parent)
