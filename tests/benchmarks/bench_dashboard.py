"""What the dashboard's pages wait for at a size: ``python -m tests.benchmarks.bench_dashboard [ARTICLES]``.

Made-up rows, five utterances to an article; the queries of each page, as the page asks them.
"""

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import duckdb

from etl.schema import TABLES, duckdb_type
from etl.store.manifest import DataFile, Manifest
from etl.store.search_index import index
from tests.benchmarks.figures import Figure
from warehouse.dashboard.data import SHOWN, Data, Filters

GROUP = "the queries of the dashboard's pages"
#: Rows of a Parquet file, as in a warehouse: some five utterances for each of 4,096 articles.
PER_FILE = 20_480
#: People and organisations; each is as likely as the next to speak or be named.
N_NAMES = 100_000
ARTICLE = "md5('a' || i // 5)"
DAY = "DATE '2015-01-01' + ((i // 5) % 3650)::INTEGER"
#: Made-up values, by column of ``utterance``; columns that are not here are blank.
UTTERANCE = {
    "utterance_id": "left(md5('q' || i), 20)",
    "article_id": f"left({ARTICLE}, 20)",
    "utterance_no": "i % 5",
    "speaker": f"'Name ' || (hash(i) % {N_NAMES})::VARCHAR || ' Family'",
    "speaker_id": f"left(md5('e' || hash(i) % {N_NAMES}), 20)",
    "form": "['quoted', 'mixed', 'reported'][1 + i % 3]",
    "text": "'“We shall ask for number ' || i || ' before the winter, and the whole ' "
    "|| ['harbour', 'market', 'school', 'bridge'][1 + i % 4] || ' besides, whatever it may cost us,”'",
    "about": f"'Name ' || (hash(i + 1) % {N_NAMES})::VARCHAR || ' Family'",
    "cue_lemma": "['say', 'add', 'tell'][1 + i % 3]",
    "confidence": "round((i % 100) / 100, 2)",
    "context_before": "'It rained on the harbour that day, as the mayor had said it would.'",
    "context_after": "'Nobody on the quay was surprised.'",
    "published_on": DAY,
    "month": f"date_trunc('month', {DAY})::DATE",
    "outlet": "'Outlet ' || (i // 5) % 40",
    "title": "'Title ' || i // 5",
}
ENTITY_ID, NAME = "left(md5('e' || i), 20)", "'Name ' || i || ' Family'"
MADE = {
    "article": {column: sql.replace("i // 5", "i") for column, sql in UTTERANCE.items()},
    "mention": {
        "article_id": UTTERANCE["article_id"].replace("i // 5", "i // 30"),
        "published_on": DAY.replace("i // 5", "i // 30"),
        "entity_id": f"left(md5('e' || hash(i) % {N_NAMES}), 20)",
    },
    "quotation": {
        "quotation_id": "left(md5('r' || i), 20)",
        "article_id": UTTERANCE["article_id"].replace("i // 5", "i"),
        "text": UTTERANCE["text"],
        "speaker": UTTERANCE["speaker"],
        "speaker_id": UTTERANCE["speaker_id"],
        "outlet": "'Outlet ' || i % 40",
        "published_on": DAY,
        "n_articles": "if(i % 20 = 0, 4, 1)",
    },
    "quotation_copy": {
        "utterance_id": "left(md5('q' || i), 20)",
        "article_id": UTTERANCE["article_id"],
        "utterance_no": "i % 5",
        "quotation_id": f"if(i % 1000000 = 0, '{'0' * 20}', left(md5('r' || i), 20))",
        "published_on": DAY,
    },
    "entity": {
        "entity_id": ENTITY_ID,
        "canonical_id": ENTITY_ID,
        "name": NAME,
        "canonical_name": NAME,
        "entity_type": "'PERSON'",
    },
}
#: A quotation that three utterances print.
QUOTATION_ID = "0" * 20
BLANKS = {"VARCHAR": "''", "BOOLEAN": "false", "VARCHAR[]": "[]::VARCHAR[]", "TIMESTAMPTZ": "now()"}


def make(root: Path, n_articles: int) -> None:
    """A snapshot's directory of made-up utterances, articles and entities."""
    counts = {
        "utterance": n_articles * 5,
        "article": n_articles,
        "mention": n_articles * 30,
        "entity": N_NAMES,
        "quotation": n_articles * 2,
        "quotation_copy": n_articles * 3,
        "run": 1,
    }
    files = []
    with duckdb.connect() as db:
        for name, n in counts.items():
            made = MADE.get(name, UTTERANCE)
            columns = ", ".join(
                f"({made.get(c.name) or ('NULL' if c.nullable else BLANKS.get(duckdb_type(c.type), '0'))})"
                f"::{duckdb_type(c.type)} AS {c.name}"
                for c in TABLES[name].columns
                if not duckdb_type(c.type).startswith("MAP")
            )
            maps = ", ".join(
                f"MAP {{}}::{duckdb_type(c.type)} AS {c.name}"
                for c in TABLES[name].columns
                if duckdb_type(c.type).startswith("MAP")
            )
            folder = root / name
            folder.mkdir()
            db.execute(
                f"COPY (SELECT {columns}{', ' + maps if maps else ''} FROM range({n}) AS r (i)) "
                f"TO '{folder}' (FORMAT parquet, COMPRESSION zstd, FILE_SIZE_BYTES '8MB')"
            )
            files += [
                DataFile(
                    table=name,
                    path=path.relative_to(root).as_posix(),
                    month="",
                    bucket=0,
                    n_buckets=1,
                    n_rows=0,
                    n_bytes=path.stat().st_size,
                    sha256="",
                )
                for path in sorted(folder.rglob("*.parquet"))
            ]
    Manifest(snapshot_id="made-up", files=tuple(files), n_rows={}).save(root)
    index(root, files)


def asked(what: str, *steps: Callable[[], object]) -> Iterator[Figure]:
    """How long a page's queries took together: by the clock, and in processor time."""
    began, used = time.perf_counter(), time.process_time()
    for step in steps:
        step()
    clock, cpu = time.perf_counter() - began, time.process_time() - used
    yield Figure(GROUP, what, 1000 * clock, "ms")
    yield Figure(GROUP, what, 1000 * cpu, "CPU ms")


def figures(n_articles: int) -> Iterator[Figure]:
    """Measure with so many articles."""
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory)
        make(root, n_articles)
        yield Figure(GROUP, "made-up utterances, five to an article", 5 * n_articles, "")
        opened: list[Data] = []
        yield from asked("Opening a snapshot, once", lambda: opened.append(Data(root)))
        (data,) = opened
        every, name = Filters(), Filters(speaker="name 77 family")
        who = str(data.names_like("name 77 family")["canonical_id"].iloc[0])
        one = Filters(speaker_id=who)
        yield from asked(
            "Overview",
            data.counts,
            lambda: data.by_month(every),
            lambda: data.speakers(Filters(forms=("quoted", "mixed"))),
            lambda: data.ranking(every, "outlet"),
        )
        for what, filters in (
            ("Who said what", every),
            ("Who said what: a speaker", name),
            ("Who said what: rare words", Filters(words="77777")),
            ("Who said what: words of a quarter", Filters(words="harbour")),
            ("Who said what: about", Filters(about="name 77 family")),
            ("Who said what: days", Filters(since=date(2020, 1, 1), until=date(2020, 3, 1))),
        ):
            yield from asked(
                what, *(lambda f=filters, ask=ask: ask(f) for ask in (data.count, data.by_month, data.utterances))
            )
        yield from asked(
            "Speaker",
            lambda: data.by_month(one),
            lambda: data.ranking(one, "cue_lemma"),
            lambda: data.ranking(one, "outlet"),
            lambda: data.quotations(speaker_id=who),
            lambda: data.named(one),
            lambda: data.utterances(one),
        )
        other = str(data.names_like("name 88 family")["canonical_id"].iloc[0])
        about = Filters(about="name 88 family")
        yield from asked(
            "Entity",
            lambda: data.names_like("name 88 fam"),
            lambda: data.titled(data.mentioned_in(other).head(SHOWN)),
            lambda: data.speakers(about),
            lambda: data.utterances(about),
        )
        yield from asked("Quotation", lambda: data.quotations("77"), lambda: data.printings(QUOTATION_ID))
        yield from asked("Outlets", lambda: data.voices_by_outlet(every))
        yield from asked("Health", data.files, data.rejections, data.to_review)


if __name__ == "__main__":
    for figure in figures(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000):
        sys.stdout.write(f"{figure.what:40s} {figure.value:10,.0f} {figure.unit}\n")
