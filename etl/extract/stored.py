"""Extract files again from the text stored in the warehouse, when the files themselves are missing or are not read.

This is also how a build continues from a snapshot with an earlier version's tables, whose rows cannot be copied unchanged. The
metadata read from the page is kept; names and quotations are found again.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from etl.extract.article import Extract
from etl.extract.job import ShardJob
from etl.extract.rows import Outcome, microseconds
from etl.page.parse import Page, Passage
from etl.sources.file import Identity
from etl.sources.record import Record, Rejection

Row = Mapping[str, Any]
#: A record, and what makes its page.
Unparsed = tuple[Record, Callable[[], Page]]

#: What the planner leaves of each (`etl.extract.plan.STORED`).
STORED_TABLES = ("file", "rejection", "article", "passage")


def stored_pages(job: ShardJob) -> Iterator[tuple[Row, Sequence[Unparsed | Rejection]]]:
    """Each file of a job: its row, its rejections, and its records with what makes each one's stored page."""
    rows = {name: _rows(Path(os.fsdecode(job.stored or b"")), name, job) for name in STORED_TABLES}
    passages = {key: list(some) for key, some in groupby(rows["passage"], itemgetter("article_id"))}
    for file in rows["file"]:
        uri = file["source_uri"]
        articles = (
            (_record(row), partial(_page, row, passages.get(row["article_id"], [])))
            for row in rows["article"]
            if row["source_uri"] == uri
        )
        yield file, [*(_rejection(row) for row in rows["rejection"] if row["source_uri"] == uri), *articles]


def outcome_of(file: Row, articles: tuple[tuple[Record, Extract], ...], rejections: tuple[Rejection, ...]) -> Outcome:
    """The result of a stored file."""
    return Outcome(
        file["source_uri"],
        Identity(file["size"], microseconds(file["modified_at"]), microseconds(file["changed_at"])),
        file["content_sha256"],
        articles,
        rejections,
    )


def _rows(folder: Path, name: str, job: ShardJob) -> list[Row]:
    uris = [file.source_uri for file in job.files]
    rows: list[Row] = pq.read_table(folder / f"{name}.parquet", filters=[("source_uri", "in", uris)]).to_pylist()
    return rows


def _record(row: Row) -> Record:
    kept = {"url": row["url"] or "", "sections": "; ".join(row.get("sections") or ())}
    return Record(row["record_no"], row["text"], row["encoding"], tuple(row["repairs"]), row["record_key"], kept)


def _page(row: Row, passages: list[Row]) -> Page:
    return Page(
        row["text"],
        tuple(Passage(each["kind"], each["span_start"], each["span_end"]) for each in passages),
        title=row["title"],
        authors=tuple(row["authors"]),
        published_on=row["published_on"],
        published_at=row["published_at"],
        published_from=row["published_from"],
        dateline_place=row["dateline_place"],
        publisher=row["publisher"],
        language=row["language"],
    )


def _rejection(row: Row) -> Rejection:
    return Rejection(row["reason"], row["detail"], row["record_no"], row["is_transient"], row["max_bytes"])
