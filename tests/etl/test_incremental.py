"""Incremental equals full: after any history, every table is what a fresh full build over the same files gives."""

import contextlib
import os
import shutil
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import mkdtemp

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from etl.assemble import GROUPS, file_sha256
from etl.manifest import load_manifest
from etl.parse import parse
from etl.schema import RUN, TABLES
from tests.helpers import (
    STORY,
    InlineWorkers,
    Killed,
    Rows,
    article,
    build_in_process,
    in_duckdb,
    in_parquet,
    kill,
    listed,
    write,
)
from warehouse.reader import query, snapshot

#: Histories tried, and steps in each. A step is one change of the files or the configuration, or one build.
HISTORIES = 3
STEPS = 25

TEXTS: dict[str, str | bytes] = {
    "march": STORY,
    "reprint": article(*STORY.split("\n\n")[2:], title="Rain again", day=date(2031, 4, 2)),
    "april": article("“The ferry is late and nobody will say why,” said Halvard Quill.", day=date(2031, 4, 9)),
    "undated": article("Tobias Fenwright said: “It was never in my drawer, not for a day.”", day=None),
    "names only": article("Wenna Tolgarth met Odile Marrack by the quay.", day=date(2031, 5, 6)),
    "words only": article("“Nobody told the river about the new schedule.”", day=date(2031, 3, 18)),
    "neither": article("It rained.", day=date(2031, 5, 6)),
    "empty": "",
    "binary": bytes(range(1, 32)) * 99,
}
NAMES = ("a.txt", "b.txt", "deep/c.txt", "deep/er/d.txt", "e'f.txt", "É.txt")
SOURCES = ("city", "wire")
#: What people decide about names, for all articles and for some.
AUTHORITIES: dict[str, str | bytes] = {
    "nothing": "name,type\n",
    "all": "name,aliases,type,id\nOdile Marrack MP,Odile Marrack|Wenna Tolgarth,PERSON,Q1\n",
    "some": "name,aliases,type,source\nHalvard Quill (poet),Halvard Quill,PERSON,wire\n",
}
#: What each stage's next version finds otherwise, so that a row that was wrongly kept shows.
STAGES = ("etl.read.VERSION", "etl.parse.VERSION", "etl.annotate.VERSION", "etl.quotes.VERSION")
#: Where a build may end before its time; whatever it leaves behind, the next build ends the same.
CRASHES = (
    "etl.assemble.write_whole",
    "flows.pipeline.load",
    "flows.pipeline.audit",
    "flows.pipeline.publish",
    "etl.publish.point",
    "flows.pipeline.prune",
)


class Histories(RuleBasedStateMachine):
    """A warehouse of two sources that change under it, beside which another is built from nothing now and then."""

    def __init__(self) -> None:
        super().__init__()
        self.base = Path(mkdtemp())
        self.root = self.base / "warehouse"
        self.years: dict[str, int | None] = dict.fromkeys(SOURCES)
        self.versions = dict.fromkeys(STAGES, 1)
        self.knobs: dict[str, object] = {}
        self.n_fresh = 0

    @initialize()
    def begin(self) -> None:
        write(self.base / SOURCES[0], {f"{name}.txt": text for name, text in TEXTS.items()})
        write(self.base / SOURCES[1], {"a.txt": TEXTS["april"]})
        write(self.base, {"people.csv": AUTHORITIES["nothing"]})
        self.build_and_compare()

    @rule(source=st.sampled_from(SOURCES), name=st.sampled_from(NAMES), text=st.sampled_from(sorted(TEXTS)))
    def add_or_edit(self, source: str, name: str, text: str) -> None:
        write(self.base / source, {name: TEXTS[text]})

    @precondition(lambda self: self.files())
    @rule(which=st.integers(0, 99))
    def touch(self, which: int) -> None:
        os.utime(self.pick(which), (which, which))

    @precondition(lambda self: self.files())
    @rule(which=st.integers(0, 99), source=st.sampled_from(SOURCES), name=st.sampled_from(NAMES))
    def rename(self, which: int, source: str, name: str) -> None:
        target = self.base / source / name
        target.parent.mkdir(parents=True, exist_ok=True)
        self.pick(which).replace(target)

    @precondition(lambda self: self.files())
    @rule(which=st.integers(0, 99))
    def remove(self, which: int) -> None:
        self.pick(which).unlink()

    @rule(source=st.sampled_from(SOURCES), year=st.sampled_from((None, 2030, 2031)))
    def change_year(self, source: str, year: int | None) -> None:
        self.years[source] = year

    @rule(stage=st.sampled_from(STAGES))
    def change_stage(self, stage: str) -> None:
        self.versions[stage] += 1

    @rule(authority=st.sampled_from(sorted(AUTHORITIES)))
    def change_authority(self, authority: str) -> None:
        write(self.base, {"people.csv": AUTHORITIES[authority]})

    @rule(
        shard_files=st.sampled_from((1, 2, 256)),
        articles=st.sampled_from((1, 2, 4096)),
        rows=st.sampled_from((1, 3, 65_536)),
        replaced=st.sampled_from((0.0, 0.2, 100.0)),
    )
    def change_sizes(self, shard_files: int, articles: int, rows: int, replaced: float) -> None:
        self.knobs = {
            "etl.plan.SHARD_FILES": shard_files,
            "etl.assemble.GROUPS": [replace(g, per_file=rows if "file" in g.tables else articles) for g in GROUPS],
            "etl.assemble.ROWS_PER_FILE": rows,
            "etl.load.REPLACED_SHARE": replaced,
        }

    @rule(step=st.sampled_from(CRASHES))
    def crash(self, step: str) -> None:
        self.build(self.root, **{**self.knobs, step: kill})

    @rule(survives=st.integers(0, 3))
    def crash_between_shards(self, survives: int) -> None:
        self.build(self.root, InlineWorkers(survives=survives), **{**self.knobs, "etl.plan.SHARD_FILES": 1})

    @rule()
    def build_and_compare(self) -> None:
        self.build(self.root, **self.knobs)
        self.n_fresh += 1
        fresh = self.base / f"fresh {self.n_fresh}"
        self.build(fresh)
        wanted = tables(fresh)
        assert tables(self.root) == wanted
        assert {name: in_parquet(self.root, TABLES[name]) for name in wanted} == wanted
        self.files_have_one_state_each()
        manifest_fits(snapshot(self.root))
        shutil.rmtree(fresh)

    def teardown(self) -> None:
        if self.years:
            self.build_and_compare()
        shutil.rmtree(self.base)

    def build(self, root: Path, workers: InlineWorkers | None = None, **patches: object) -> None:
        """Build, as far as it goes, with the stages of the day."""
        listed(root, "\n".join([f"authority = ['{self.base}/people.csv']", *map(self.source, SOURCES)]))
        finds, parses = self.versions["etl.annotate.VERSION"], self.versions["etl.parse.VERSION"]

        def parse_anew(record: object, hints: object) -> object:
            page = parse(record, hints)
            day = page.published_on or (hints.year and date(hints.year, 1, 1))
            return replace(page, publisher=f"Agency {parses}", published_on=day)

        stages = {name: str(version) for name, version in self.versions.items()}
        stages |= {"tests.helpers.PAIR_LABEL": ("PERSON", "ORG")[finds % 2], "etl.shard.parse": parse_anew}
        with contextlib.suppress(Killed):
            build_in_process(root, workers=workers, patches=stages | patches, allow_removals=True)

    def source(self, name: str) -> str:
        (self.base / name).mkdir(exist_ok=True)
        year = f"year = {self.years[name]}" if self.years[name] else ""
        return f"[[source]]\nname = '{name}'\npath = '{self.base / name}'\n{year}"

    def files(self) -> list[Path]:
        return sorted(path for name in SOURCES for path in (self.base / name).glob("**/*") if path.is_file())

    def pick(self, which: int) -> Path:
        files = self.files()
        return files[which % len(files)]

    def files_have_one_state_each(self) -> None:
        known = query(self.root, "SELECT source_uri FROM file WHERE status != 'removed'").column(0).to_pylist()
        assert sorted(known) == sorted(path.relative_to(self.base).as_posix() for path in self.files())


def tables(root: Path) -> dict[str, Rows]:
    return {table.name: in_duckdb(root, table) for table in TABLES.values() if table is not RUN}


def manifest_fits(top: Path) -> None:
    """The snapshot has the files that its manifest lists, no other, and they are what it says."""
    manifest = load_manifest(top)
    lying = {path.relative_to(top).as_posix() for path in top.glob("**/*.parquet")}
    assert lying == {file.path for file in manifest.files}
    assert all(file_sha256(top / file.path) == file.sha256 for file in manifest.files)
    counted = Counter[str]()
    for file in manifest.files:
        counted[file.table] += file.n_rows
    assert {name: n for name, n in manifest.n_rows.items() if n} == {name: n for name, n in counted.items() if n}


def test_incremental_equals_full() -> None:
    run_state_machine_as_test(
        Histories,
        settings=settings(
            max_examples=HISTORIES,
            stateful_step_count=STEPS,
            derandomize=True,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
