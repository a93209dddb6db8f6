"""Articles to JSON without a warehouse: what `ontherecord extract` prints."""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from etl.annotate import Annotator
from etl.errors import OnTheRecordError
from etl.extract import extract
from etl.parse import Hints, parse
from etl.read import Record, Rejection, load, read
from etl.tables import Stamp, document
from etl.versions import extractor_version

#: The largest file taken, in bytes.
MAX_BYTES = 50_000_000


def from_files(paths: Iterable[Path], model: str) -> Iterator[dict[str, object]]:
    """One document for each article in some files; one with ``rejected`` for what cannot be used."""
    annotator = Annotator(model)
    for path in paths:
        loaded = load(path, MAX_BYTES)
        for record in [loaded] if isinstance(loaded, Rejection) else read(loaded.data):
            if isinstance(record, Rejection):
                yield {"doc_id": str(path), "rejected": record.reason, "detail": record.detail}
            else:
                yield _document(
                    f"{path}#{record.record_no}" if record.record_no else str(path), record, annotator, model
                )


def from_jsonl(path: Path, model: str) -> Iterator[dict[str, object]]:
    """One document for each line, its text one article exactly as given.

    Raises:
        OnTheRecordError: when a line is not JSON with ``doc_id`` and ``text``; the message names it.
    """
    annotator = Annotator(model)
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield _document(*_line(path, number, line), annotator, model)


def _line(path: Path, number: int, line: str) -> tuple[str, Record]:
    try:
        fields = json.loads(line)
        return str(fields["doc_id"]), Record(0, str(fields["text"]))
    except (ValueError, KeyError, TypeError) as error:
        problem = f"{type(error).__name__}: {error}"
        raise OnTheRecordError(
            f'{path} line {number}: {problem}; each line is like {{"doc_id": …, "text": …}}'
        ) from None


def _document(doc_id: str, record: Record, annotator: Annotator, model: str) -> dict[str, object]:
    page = parse(record, Hints(doc_id))
    stamp = Stamp("", datetime.now(UTC), "", extractor_version(model))
    return document(doc_id, next(extract([page], annotator)), stamp)
