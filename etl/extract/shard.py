"""One shard: its files through all stages, and its rows to Parquet, whole or not at all."""

import shutil
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from functools import lru_cache, partial
from pathlib import Path
from uuid import uuid4

import pyarrow.parquet as pq

from etl.durable import move, sync_tree
from etl.extract.article import Extract, extract
from etl.extract.job import FileJob, ShardJob, ShardResult
from etl.extract.rows import Frames, Outcome, Stamp
from etl.extract.selftest import refuse_broken
from etl.extract.stored import Unparsed, outcome_of, stored_pages
from etl.ids import article_id
from etl.model.annotate import Annotate
from etl.page.parse import Hints, Page, Passage, body, parse
from etl.schema import TABLES, to_arrow
from etl.sources.file import Identity, load, read
from etl.sources.record import ReadOptions, Record, Rejection
from etl.store.tombstones import is_buried, taken_back

#: The language whose pages are annotated.
MODEL_LANGUAGE = "en"
#: Pages that a process remembers having annotated, for when one is printed again.
REMEMBERED = 512

#: What finds the quotes and names of a page.
Finder = Callable[[Page], Extract]


def run_shard(job: ShardJob, shards: Path, scratch: Path, run_id: str, at: datetime, find: Finder) -> ShardResult:
    """Extract a shard's files and leave their rows as ``shards/<key>/TABLE.parquet``, by way of ``scratch``."""
    started = time.perf_counter()
    frames = Frames()
    n_articles = n_foreign = n_words = 0
    buried = frozenset(job.tombstones)
    for parser, outcome in outcomes(job, find, buried):
        frames.add(outcome, Stamp(run_id, at, parser, job.extractor))
        pages = [extract.page for _, extract in outcome.articles]
        n_articles += len(pages)
        n_foreign += sum(map(is_foreign, pages))
        n_words += sum(len(page.text.split()) for page in pages)
    write_shard(frames, scratch, shards / job.key)
    return ShardResult(job.key, len(job.files), n_articles, n_foreign, n_words, time.perf_counter() - started)


def outcomes(job: ShardJob, find: Finder, buried: Collection[str]) -> Iterator[tuple[str, Outcome]]:
    """The state of each of a shard's files, and the versions it was read with."""
    if job.stored is None:
        for file in job.files:
            yield file.parser, process_file(file, job.max_bytes, find, buried)
        return
    for row, found in stored_pages(job):
        yield row["parser"], outcome_of(row, *_extracted(row["source_uri"], found, find, buried))


def reject_file(
    job: ShardJob, rejection: Rejection, shards: Path, scratch: Path, run_id: str, at: datetime
) -> ShardResult:
    """Leave a shard whose one file could not be extracted at all, with the reason as its rejection."""
    (file,) = job.files
    frames = Frames()
    outcome = Outcome(file.source_uri, Identity.at(file.located()), None, rejections=(rejection,))
    frames.add(outcome, Stamp(run_id, at, file.parser, job.extractor))
    write_shard(frames, scratch, shards / job.key)
    return ShardResult(job.key, 1, 0, 0, 0, 0.0)


def process_file(file: FileJob, max_bytes: int, find: Finder, buried: Collection[str] = ()) -> Outcome:
    """One file through the stages. Whatever goes wrong with it is a rejection, of the file or of one record.

    Redacted articles, which ``buried`` are the marks of, are rejected too.

    Raises:
        BrokenEnvironmentError: when the stages fail on a sample too, so that it is not the file's fault.
    """
    path = file.located()
    loaded = load(path, max_bytes)
    if isinstance(loaded, Rejection):
        return Outcome(file.source_uri, Identity.at(path), None, rejections=(loaded,))
    options = ReadOptions(columns=file.columns, encoding=file.encoding, max_bytes=max_bytes)
    hints = Hints(file.source_uri, file.year, file.timezone, file.day_first, file.publisher, file.from_path)
    try:
        records = read(loaded.data, path.name, options)
    except Exception as error:  # a defect that one file brings out must not cost the others; it is put on record
        records = [_defect(error, find)]
    found = [each if isinstance(each, Rejection) else (each, partial(parse, each, hints)) for each in records]
    return Outcome(file.source_uri, loaded.identity, loaded.sha256, *_extracted(file.source_uri, found, find, buried))


def _extracted(
    uri: str, found: Iterable[Unparsed | Rejection], find: Finder, buried: Collection[str]
) -> tuple[tuple[tuple[Record, Extract], ...], tuple[Rejection, ...]]:
    """What the records of a file hold, and the rejections among them."""
    results = [each if isinstance(each, Rejection) else _extract(uri, *each, find, buried) for each in found]
    articles = tuple(each for each in results if not isinstance(each, Rejection))
    return articles, tuple(each for each in results if isinstance(each, Rejection))


def _extract(
    uri: str, record: Record, page_of: Callable[[], Page], find: Finder, buried: Collection[str]
) -> tuple[Record, Extract] | Rejection:
    """A record with what its page holds, or why it is rejected: it is redacted, or brings out a defect."""
    try:
        page = page_of()
        if is_buried(article_id(uri, record.record_no, record.key), page.text, body(page), buried):
            return taken_back(record.record_no)
        return record, find(page)
    except Exception as error:  # a defect that one article brings out must not cost the rest of its file
        return _defect(error, find, record.record_no)


def finder(annotator: Callable[[], Annotate]) -> Finder:
    """A finder of quotes and names, which finds none in a language that the model does not read.

    What is found is a function of text and passages, so that a page printed again to the letter is annotated once. The annotator
    is asked for only when there is a page to annotate.
    """

    @lru_cache(REMEMBERED)
    def found(text: str, passages: tuple[Passage, ...]) -> Extract:
        return next(extract([Page(text, passages)], annotator()))

    def find(page: Page) -> Extract:
        return Extract(page) if is_foreign(page) else replace(found(page.text, page.passages), page=page)

    return find


def is_foreign(page: Page) -> bool:
    """Whether a page is known to be in another language than the model's."""
    return page.language not in (None, MODEL_LANGUAGE)


def write_shard(frames: Frames, scratch: Path, target: Path) -> None:
    """Write a shard's tables below ``scratch``, flush them to disk, and only then give them their name.

    Two processes may extract the same shard, since a cluster gives up a worker that it cannot reach: the first to finish wins.
    """
    own = scratch / f"{target.name}-{uuid4().hex}"
    own.mkdir(parents=True)
    for name, frame in frames.frames().items():
        pq.write_table(to_arrow(TABLES[name], frame), own / f"{name}.parquet", compression="zstd")
    sync_tree(own)
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        move(own, target)
    except OSError:
        if not target.is_dir():
            raise
        shutil.rmtree(own)


def _defect(error: Exception, find: Finder, record_no: int | None = None) -> Rejection:
    refuse_broken(find, error)
    if isinstance(error, MemoryError):
        return Rejection("memory", "extracting it ran out of memory; build with fewer workers", record_no)
    detail = f"{type(error).__name__}: {error}; a defect in ontherecord, please report it with the article"
    return Rejection("error", detail, record_no)
