"""Articles to JSON without a warehouse: what `ontherecord extract` prints."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from etl.config import MAX_BYTES
from etl.durable import encodable
from etl.entities.resolve import Name, canonical_names
from etl.extract.article import extract
from etl.extract.rows import Stamp, document
from etl.extract.versions import extractor_version
from etl.json_lines import read_json_lines
from etl.model.annotate import Annotator
from etl.page.parse import Hints, parse
from etl.sources.file import load, read
from etl.sources.record import Record, Rejection

#: What a line of the files that `from_jsonl` reads is like.
SHAPE = '{"doc_id": …, "text": …}'


def from_files(paths: Iterable[Path], model: str, year: int | None = None) -> Iterator[dict[str, object]]:
    """One document for each article in some files; one with ``rejected`` for what cannot be used."""
    annotator = Annotator(model)
    for path in paths:
        loaded, name = load(path, MAX_BYTES), encodable(str(path))
        for record in [loaded] if isinstance(loaded, Rejection) else read(loaded.data, path.name):
            if isinstance(record, Rejection):
                yield {"doc_id": name, "rejected": record.reason, "detail": encodable(record.detail)}
            else:
                doc_id = f"{name}#{record.record_no}" if record.record_no else name
                yield _document(doc_id, record, annotator, model, year)


def from_jsonl(path: Path, model: str, year: int | None = None) -> Iterator[dict[str, object]]:
    """One document for each line, its text one article exactly as given; names are resolved over the whole file.

    Raises:
        OnTheRecordError: when a line is not JSON with ``doc_id`` and ``text``; the message names it.
    """
    annotator = Annotator(model)
    records = read_json_lines(path, _named_record, SHAPE)
    documents = [_document(*record, annotator, model, year) for record in records]
    canonical = canonical_names(_names(documents))
    for found in documents:
        for mention in _mentions(found):
            mention["canonical_id"] = canonical[str(mention["entity_id"])].canonical_id
        yield found


def _mentions(found: dict[str, object]) -> list[dict[str, object]]:
    return cast(list[dict[str, object]], found["mentions"])


def _names(documents: Iterable[dict[str, object]]) -> Iterator[Name]:
    """The distinct names of some documents, with how often and in how many each is mentioned."""
    n_mentions: Counter[tuple[str, str]] = Counter()
    n_articles: Counter[tuple[str, str]] = Counter()
    names: dict[str, set[str]] = {}
    texts: dict[str, set[str]] = {}
    for mentions in map(_mentions, documents):
        found = [(str(m["entity_id"]), str(m["entity_type"])) for m in mentions]
        n_mentions.update(found)
        n_articles.update(set(found))
        for mention in mentions:
            names.setdefault(str(mention["entity_id"]), set()).add(str(mention["entity_name"]))
            texts.setdefault(str(mention["entity_id"]), set()).add(" ".join(str(mention["text"]).split()))
    for (entity_id, entity_type), n in n_mentions.items():
        aliases = tuple(sorted(texts[entity_id]))
        yield Name(entity_id, entity_type, min(names[entity_id]), n, n_articles[entity_id, entity_type], aliases)


def _named_record(fields: dict[str, object]) -> tuple[str, Record]:
    text = str(fields["text"])
    text.encode()  # a lone surrogate ("\\ud800") is no character
    return str(fields["doc_id"]), Record(0, text)


def _document(doc_id: str, record: Record, annotator: Annotator, model: str, year: int | None) -> dict[str, object]:
    page = parse(record, Hints(doc_id, year))
    stamp = Stamp("", datetime.now(UTC), "", extractor_version(model))
    return document(doc_id, next(extract([page], annotator)), stamp)
