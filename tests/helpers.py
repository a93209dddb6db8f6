"""What tests share: small articles, a stand-in for the encoder, and whole builds without worker processes."""

import re
import shutil
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import cache, partial
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from etl.entities.evidence import KIND_OF, KINDS
from etl.extract.job import ShardJob, ShardResult
from etl.extract.shard import finder, run_shard
from etl.extract.versions import library_versions
from etl.model.annotate import Annotation, unread
from etl.model.attributions import Attribution
from etl.model.encoder import Stretch
from etl.model.syntax import Tree
from etl.page.parse import Page
from etl.schema import RUN, TABLES, VOLATILE_COLUMNS, Table
from etl.store.journal import Run
from etl.store.paths import Layout
from etl.store.redact import redact
from flows import pipeline
from flows.pipeline import Summary, build_directly
from flows.publishing import publication
from flows.report import Report
from flows.request import BuildRequest
from warehouse.reader import connect, snapshot

#: Two capitalised words on one line are a person to the stand-in.
PAIR = re.compile(r"\b[A-Z][a-z]+ [A-Z][a-z]+\b")
PAIR_LABEL = "PERSON"
#: Reported speech to the stand-in.
SAID_THAT = re.compile(rf"(?P<source>{PAIR.pattern}) (?P<cue>said) (?P<content>that [^.“”\"\n]+)")
#: Quoted words, and who said them, in the same paragraph, to the stand-in.
QUOTED = re.compile(r"[“\"](?P<content>[^“”\"]+)[”\"]")
SAYING = re.compile(rf"(?P<before>{PAIR.pattern}) said|said (?P<after>{PAIR.pattern})")
#: Log-odds of a link that there is no doubt about.
SURE = 8.0
AT = datetime(2031, 5, 1, 12, tzinfo=UTC)

Rows = list[tuple[object, ...]]


class PairAnnotator:
    """Stands in for the encoder: pairs of capitalised words are persons; what one "said that" and what is quoted is speech."""

    def __call__(self, pages: Sequence[Page]) -> Iterator[Annotation]:
        for page in pages:
            text = unread(page)
            pairs = [match.span() for match in PAIR.finditer(text.copy.text)]
            yield replace(
                named(text, *((*pair, PAIR_LABEL) for pair in pairs)),
                attributions=(*map(attributed, SAID_THAT.finditer(text.copy.text)), *_quoted(text.copy.text)),
                parse=partial(_saying, text.tokens.texts),
            )


def named(annotation: Annotation, *names: tuple[int, int, str]) -> Annotation:
    """A text in which the encoder is sure of these names, given by their code points in the copy and their OntoNotes classes."""
    found, seen = [], np.zeros_like(annotation.seen)
    for start, end, label in names:
        first, last = annotation.tokens.covering(start, end)
        found.append((first, last, label))
        seen[first:last, KINDS.index(KIND_OF[label])] = 1.0
    return replace(annotation, names=tuple(found), seen=seen)


def attributed(match: re.Match[str]) -> Attribution:
    """An attribution that the encoder is sure of, from a match of groups ``content`` and, if any, ``source`` and ``cue``."""
    content, source, cue = (
        stretch(*match.span(name)) if match.groupdict().get(name) else None for name in ("content", "source", "cue")
    )
    assert content is not None
    return Attribution(content, source, cue, SURE)


def _quoted(text: str) -> Iterator[Attribution]:
    """What is quoted in a text, linked to the nearest pair who "said" in its line."""
    for line in re.finditer(r".+", text):
        saying = list(SAYING.finditer(text, *line.span()))
        for said in QUOTED.finditer(text, *line.span()):
            near = min(saying, key=lambda by: max(by.start() - said.end(), said.start() - by.end()), default=None)
            source = near and stretch(*near.span(near.lastgroup or 0))
            yield Attribution(stretch(*said.span("content")), source, None, SURE)


def stretch(start: int, end: int, probability: float = 0.999) -> Stretch:
    """Code points of the copy that the encoder labels. Their words are not counted."""
    return Stretch(range(0), start, end, "", *[probability] * 4)


def _saying(texts: Sequence[str], tokens: Sequence[int]) -> Tree:
    """The pair of capitalised words after "said", or else before it, is its subject."""
    words = [texts[n] for n in tokens]
    tags = ["NNP" if word[:1].isupper() else "VBD" if word == "said" else "" for word in words]
    relations, heads = ["dep"] * len(words), list(range(len(words)))
    for said in (at for at, word in enumerate(words) if word == "said"):
        for last in (said + 2, said - 1):
            if 1 <= last < len(words) and tags[last - 1 : last + 1] == ["NNP", "NNP"]:
                relations[last - 1 : last + 1], heads[last - 1 : last + 1] = ["compound", "nsubj"], [last, said]
                relations[said] = "ROOT"
                break
    return Tree(tuple(tags), tuple(relations), tuple(heads))


@cache
def pair_annotator() -> PairAnnotator:
    """The stand-in, made once."""
    return PairAnnotator()


def article(*paragraphs: str, title: str = "Rain over the harbour", day: date | None = date(2031, 3, 18)) -> str:
    """The text of an article: headline, date line and paragraphs."""
    head = [title] if day is None else [title, f"{day:%B} {day.day}, {day.year}"]
    return "\n\n".join([*head, *paragraphs]) + "\n"


#: One quotation, two people named outside it and one inside it.
STORY = article(
    "Odile Marrack spoke to Tobias Fenwright in the rain on Friday.",
    "“We shall ask Halvard Quill to mend the whole wall before the winter,” Odile Marrack said.",
)


def write(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write files below a folder."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


#: A check that a build is not done with before it is killed, however fast it has become.
ENDLESS_CHECK = {
    "checks/endless.sql": "-- This one never ends.\n"
    "WITH RECURSIVE turn(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM turn WHERE n > 0) SELECT n FROM turn WHERE n < 0\n"
}


@contextmanager
def reserved_port() -> Iterator[int]:
    """A port that is given to nobody else in the block, as it is bound. On Linux a server can bind it all the same."""
    with socket.socket() as bound:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(("127.0.0.1", 0))
        yield int(bound.getsockname()[1])


@dataclass
class InlineWorkers:
    """Stands in for `flows.workers.Workers`: the same shards, in this process and with the stand-in for the model.

    Before the shard after ``survives`` shards it raises ``Killed``. ``ran`` lists the shards' keys.
    """

    n: int = 1
    model: str = ""
    survives: int | None = None
    ran: list[str] = field(default_factory=list)

    @property
    def at_once(self) -> int:
        return self.n

    def warm(self, n_shards: int) -> None: ...

    def stop(self) -> None: ...

    def run(self, work: object, job: Path, *args: Any, seconds: float) -> ShardResult:
        if self.survives is not None and len(self.ran) >= self.survives:
            raise Killed
        shard = ShardJob.load(job)
        self.ran.append(shard.key)
        shards, scratch, run_id, at = args
        return run_shard(shard, shards, scratch, run_id, at, finder(pair_annotator))

    def __enter__(self) -> "InlineWorkers":
        return self

    def __exit__(self, *_: object) -> None: ...


class Killed(BaseException):
    """The process ends here; nothing may catch it."""


def kill(*_: object, **__: object) -> None:
    """A step that the process does not survive."""
    raise Killed


def build_in_process(
    root: Path,
    *sources: Path,
    workers: InlineWorkers | None = None,
    patches: Mapping[str, object] | None = None,
    report: Report | None = None,
    **asked: object,
) -> Summary:
    """Build a warehouse without worker processes and without a model: the real composition, run here.

    DuckDB has one thread, since others would spin while they wait for it: a fifth of the processor time of so small a build.
    ``patches`` replaces names of modules, such as ``{"etl.extract.plan.SHARD_FILES": 2}``, while it runs.
    """
    inline = workers or InlineWorkers()
    with ExitStack() as stack:
        stack.enter_context(mock.patch.object(pipeline, "Workers", return_value=inline))
        # Files just written need not wait until they have settled.
        stack.enter_context(mock.patch("etl.sources.scan.sleep"))
        for name, value in {"etl.store.duck.THREADS": "SELECT 1", **(patches or {})}.items():
            stack.enter_context(mock.patch(name, value))
        return build_directly(BuildRequest.of(warehouse=root, sources=sources, workers=inline.n, **asked), report)


def copied(made: Path, folder: Path) -> Path:
    """Copy a folder in which ``w`` is a warehouse: the warehouse in the copy, whose sources are the copied ones.

    What was one file under several names is so in the copy.
    """
    first: dict[int, Path] = {}

    def copy(source: str, target: str) -> None:
        once = first.setdefault(Path(source).stat().st_ino, Path(target))
        if once == Path(target):
            shutil.copy2(source, target)
        else:
            Path(target).hardlink_to(once)

    shutil.copytree(made, folder, symlinks=True, copy_function=copy, dirs_exist_ok=True)
    config = Layout(folder / "w").config
    config.write_text(config.read_text(encoding="utf-8").replace(str(made), str(folder)), encoding="utf-8")
    return folder / "w"


def redact_in(root: Path, *ids: str, uri: str = "", why: str = "asked by the person named") -> Run:
    """Redact articles, as the command does."""
    return redact(publication(Layout(root)), library_versions(), ids, uri, why)[0]


def listed(root: Path, toml: str) -> Path:
    """Write a warehouse's configuration."""
    path = Layout(root).config
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(toml, encoding="utf-8")
    return path


def in_duckdb(root: Path, table: Table) -> Rows:
    """A table's stable columns in the published DuckDB file, removed files aside, sorted."""
    return tables(root, table)[table.name]


def tables(root: Path, *some: Table) -> dict[str, Rows]:
    """The same of several tables, by default of all but the runs."""
    with connect(root) as db:
        return {
            table.name: comparable(table, db.execute(f"FROM {table.name}").to_arrow_table())
            for table in some or [table for table in TABLES.values() if table is not RUN]
        }


def in_parquet(root: Path, table: Table) -> Rows:
    """A table's stable columns in whatever Parquet lies in the published snapshot, removed files aside, sorted."""
    paths = sorted((snapshot(root) / table.name).glob("**/*.parquet"))
    files = [pq.read_table(path, partitioning=None) for path in paths]
    return comparable(table, pa.concat_tables(files) if files else table.arrow.empty_table())


def assert_same(one: Path, other: Path) -> None:
    """Two warehouses have equal tables, and so has the Parquet of the first."""
    wanted = tables(other)
    assert tables(one) == wanted
    assert {name: in_parquet(one, TABLES[name]) for name in wanted} == wanted


def comparable(table: Table, rows: pa.Table) -> Rows:
    """A table's stable columns, removed files aside, sorted."""
    kept = [row for row in rows.to_pylist() if row.get("status") != "removed"]
    names = [name for name in table.names if name not in VOLATILE_COLUMNS]
    return sorted((tuple(row[name] for name in names) for row in kept), key=repr)


def inodes(root: Path) -> dict[str, int]:
    """The published snapshot's Parquet files: path below the snapshot, and inode."""
    top = snapshot(root)
    return {path.relative_to(top).as_posix(): path.stat().st_ino for path in top.glob("**/*.parquet")}
