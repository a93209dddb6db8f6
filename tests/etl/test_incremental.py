"""Incremental equals full: after any history, every table is what a fresh full build over the same files gives."""

import contextlib
import json
import os
import shutil
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, ClassVar
from unittest import mock

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from etl.config import load_config
from etl.errors import BrokenEnvironmentError, ConfigError, HeldError, SourceError
from etl.extract.versions import library_versions
from etl.page.parse import Hints, Page, parse
from etl.schema import TABLES
from etl.sources.record import Record
from etl.store.assemble import GROUPS, file_sha256
from etl.store.duck import THREADS
from etl.store.manifest import load_manifest
from etl.store.paths import Layout
from etl.store.redact import finish
from etl.store.rollback import release, roll_back
from etl.store.sources import forget, rename
from etl.store.tombstones import is_buried
from flows.publishing import publication
from tests.helpers import (
    STORY,
    InlineWorkers,
    Killed,
    article,
    assert_same,
    build_in_process,
    kill,
    listed,
    redact_in,
    tables,
    write,
)
from tests.trust.scale import IS_SOAK, scaled, tell
from warehouse import views
from warehouse.reader import query, snapshot

#: Histories tried, and days in each: some changes of the files, the configuration, the code, and builds cut short; then a build,
#: compared with one from nothing. A history's first day has everything to do, the others only what changed since.
HISTORIES = scaled(3, 40)
DAYS = scaled(9, 30)
CHANGES_A_DAY = 14
#: Changes and builds that all histories come to, at least; every kind of change among them.
OPERATIONS = scaled(240, 10_000)


def said(words: str, **head: Any) -> str:
    return article(f"“{words},” said Halvard Quill to Wenna Tolgarth.", **head)


#: What a wire story has in all its printings.
WIRE = (
    "The ferry to Brelling lay at the quay for a third day while engineers looked for the leak below its car deck, and nobody at "
    "the harbour office would say when it might sail. Passengers who had waited since the morning were sent to the bus, which "
    "takes four hours by the coast road and was full before noon."
)

#: Most are of one month, so that what changes lies among what does not.
TEXTS: dict[str, str | bytes] = {
    "march": STORY,
    "march 2": said("The ferry is late"),
    "march 3": said("Nobody will say why"),
    "march 4": said("It was late before", title="Rain once more"),
    "late march": said("It was late before", title="Rain once more", day=date(2031, 3, 30)),
    "reprint": article(*STORY.split("\n\n")[2:], title="Rain again", day=date(2031, 4, 2)),
    "april": said("The ferry is late and nobody will say why", day=date(2031, 4, 9)),
    "wire": article(WIRE, "“The leak is found and will be closed,” Halvard Quill said.", title="Ferry stays in port"),
    "wire again": article(
        WIRE,
        "“The leak is found and will be closed,” Halvard Quill said.",
        "“It was the third of the winter,” said Odile Marrack.",
        day=date(2031, 3, 19),
    ),
    "wire undated": article(WIRE, "“The leak is found and will be closed,” said Wenna Tolgarth.", day=None),
    "undated": article("Tobias Fenwright said: “It was never in my drawer, not for a day.”", day=None),
    "names only": article("Wenna Tolgarth met Odile Marrack by the quay.", day=date(2031, 5, 6)),
    "words only": article("“Nobody told the river about the new schedule.”"),
    "neither": article("It rained.", day=date(2031, 5, 6)),
    "long": said("Nobody will say why " * 40),
    "records": "\n".join(
        json.dumps({"id": f"r{n % 3}", "text": text, "date": f"2031-03-0{n + 1}"})
        for n, text in enumerate((said("One"), said("Two"), "", said("Three")))
    ),
    "empty": "",
    "binary": bytes(range(1, 32)) * 99,
}
NAMES = ("a.txt", "b.txt", "c.txt", "deep/d.txt", "deep/er/e.txt", "f'g.txt", "É.txt", "h.jsonl", "i.txt", "j.jsonl")
#: Folders of news, and what their sources may be called.
SOURCES = ("city", "wire")
SOURCE_NAMES = (*SOURCES, "agency", "town 1999")
#: What people decide about names, for all articles and for some.
AUTHORITIES: dict[str, str | bytes] = {
    "nothing": "name,type\n",
    "all": "name,aliases,type,id\nOdile Marrack MP,Odile Marrack|Wenna Tolgarth,PERSON,Q1\n",
    "some": "name,aliases,type,source\nHalvard Quill (poet),Halvard Quill,PERSON,wire\n",
}
#: What people correct: some of it is not there, some is there after a while, and some is wrong about the same row.
CORRECTED = """
kind,source_uri,record_key,words,value,type,id,corrected_by,corrected_on,reason
speaker,city/march.txt,,We shall ask Halvard Quill to mend the whole wall before the winter,Wenna Tolgarth,,,ann,2031-05-01,heard
speaker,city/march.txt,,ask Halvard Quill to mend the whole wall before the winter,Tobias Fenwright,,,ann,2031-05-01,misheard
entity,city/march.txt,,Halvard Quill,Halvard Quill,PERSON,Q7,ann,2031-05-01,the younger
date,city/march.txt,,,2031-04-02,,,ann,2031-05-01,misprinted
title,wire/a.txt,,,A title,,,ann,2031-05-01,it has none
not speech,city/march 2.txt,,The ferry is late,,,,ann,2031-05-01,a title
span,city/march 3.txt,,Nobody will say why,say why,,,ann,2031-05-01,the rest is ours
speaker,city/records.txt,,One,Ann Lee,,,ann,2031-05-01,heard
speaker,,r1,Two,Bo Dahl,ORG,,ann,2031-05-01,heard
speaker,city/h.jsonl,,Three,Ann Lee,,Q9,ann,2031-05-01,heard
date,city/undated.txt,,,2031-03-09,,,ann,2031-05-01,asked them
authors,city/undated.txt,,,Ann Lee|Bo Dahl,,,ann,2031-05-01,asked them
""".strip().splitlines(keepends=True)
#: What each stage's next version finds otherwise, so that a row that was wrongly kept shows.
STAGES = ("etl.sources.VERSION", "etl.page.VERSION", "etl.model.VERSION", "etl.quotes.VERSION")
#: Where a build may end before its time; whatever it leaves behind, the next build ends the same.
CRASHES = (
    "etl.store.assemble.write_whole",
    "etl.store.publication.load",
    "etl.store.publication.audit_snapshot",
    "etl.store.publication.publish",
    "etl.store.publish.point",
    "flows.pipeline.prune",
)
#: Files and rows to a file, and rows replaced before the database is loaded in full: mostly so few that files are cut and shared.
SIZES = (
    st.sampled_from((1, 2, 256)),
    st.sampled_from((1, 2, 2, 4096)),
    st.sampled_from((1, 3, 65_536)),
    st.sampled_from((0.0, 0.2, 100.0)),
)
SOURCE, NAME, TEXT, WHICH = map(st.sampled_from, (SOURCES, NAMES, sorted(TEXTS), range(100)))


#: The kinds of change: methods of `Histories`.
KINDS: set[str] = set()


def change(name: str, *arguments: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    """A call of a method of `Histories`."""
    KINDS.add(name)
    return st.tuples(st.just(name), *arguments)


#: Files change more often than what they are read with, which makes every row anew.
CHANGES = st.one_of(
    *[change("add_or_edit", SOURCE, NAME, TEXT)] * 4,
    *[change("edit_unseen", WHICH)] * 2,
    change("touch", WHICH, st.sampled_from((0, 1, 10**9, -(10**11), 10**12))),
    change("shrink", WHICH),
    change("special", SOURCE, NAME),
    change("stray"),
    change("away_for_a_moment", SOURCE),
    *[change("defect", WHICH)] * 2,
    change("missing_library"),
    change("rename", WHICH, SOURCE, NAME),
    *[change("remove", WHICH)] * 2,
    change("unreadable_for_now", WHICH),
    change("option", SOURCE, st.sampled_from((None, 2030, 2031))),
    change("limit", st.sampled_from((50_000_000, 600, 500))),
    change("stage", st.sampled_from(STAGES)),
    change("authority", st.sampled_from(sorted(AUTHORITIES))),
    *[change("corrections", st.sets(st.integers(1, len(CORRECTED) - 1)))] * 2,
    change("sizes", *SIZES),
    change("roll_back"),
    change("take_back", WHICH),
    change("take_back_against_a_check", WHICH),
    change("take_back_half", WHICH),
    change("forget_source", SOURCE),
    *[change("rename_source", SOURCE, st.sampled_from(SOURCE_NAMES), st.booleans())] * 2,
    *[change("crash", st.sampled_from(CRASHES))] * 2,
    *[change("crash_between_shards", st.integers(0, 3))] * 2,
)


class Histories(RuleBasedStateMachine):
    """A warehouse of two sources that change under it, beside which another is built from nothing every day."""

    done: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.base = Path(mkdtemp())
        self.root = self.base / "warehouse"
        self.years: dict[str, int | None] = dict.fromkeys(SOURCES)
        self.max_bytes = 50_000_000
        self.versions = dict.fromkeys(STAGES, 1)
        self.knobs: dict[str, object] = {}
        self.n_workers = 1
        self.environment = 0
        self.names = dict(zip(SOURCES, SOURCES, strict=True))

    @initialize(sizes=st.tuples(*SIZES))
    def begin(self, sizes: tuple[Any, ...]) -> None:
        write(self.base / SOURCES[0], {f"{name}.txt": text for name, text in TEXTS.items()})
        write(self.base / SOURCES[1], {"a.txt": TEXTS["april"]})
        self.sizes(*sizes)
        write(self.base, {"people.csv": AUTHORITIES["nothing"], "corrections.csv": "".join(CORRECTED[:6])})
        self.build(self.root, self.knobs)

    @rule(changes=st.lists(CHANGES, min_size=6, max_size=CHANGES_A_DAY))
    def day(self, changes: list[tuple[Any, ...]]) -> None:
        for name, *arguments in changes:
            getattr(self, name)(*arguments)
        self.build_and_compare()
        Histories.done.update(["build", *(name for name, *_ in changes)])

    def add_or_edit(self, source: str, name: str, text: str) -> None:
        write(self.base / source, {name: TEXTS[text]})

    def edit_unseen(self, which: int) -> None:
        """An edit that neither the size nor the mtime gives away."""
        path = self.pick(which)
        before = path.stat()
        path.write_bytes(path.read_bytes().replace(b"Halvard Quill", b"Hildred Quarl"))
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))

    def touch(self, which: int, seconds: int) -> None:
        os.utime(self.pick(which), (which + seconds,) * 2)

    def shrink(self, which: int) -> None:
        """A file loses its second half, records and all."""
        path = self.pick(which)
        lines = path.read_bytes().splitlines(keepends=True)
        path.write_bytes(b"".join(lines[: len(lines) // 2 + 1]))

    def special(self, source: str, name: str) -> None:
        """A device where a file may have been."""
        path = self.base / source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.symlink_to("/dev/null")

    def stray(self) -> None:
        """What other programs leave about in the warehouse."""
        layout = Layout(self.root)
        for folder in (layout.snapshots, layout.runs, layout.work, layout.shards):
            write(folder, {".DS_Store": b"\x00\xff", "._1.jsonl": b"\xff"})

    def away_for_a_moment(self, source: str) -> None:
        """A build while a source is not there: it ends in an error and removes nothing."""
        if self.names[source] not in {listed.name for listed in load_config(Layout(self.root).config).source}:
            return  # forgotten: the build covers the others
        finish(publication(Layout(self.root)), library_versions())  # a redaction that was killed, as any build would
        away = (self.base / source).rename(self.base / "away")
        before = tables(self.root)
        with contextlib.suppress(SourceError):
            build_in_process(self.root, allow_removals=True)
        assert tables(self.root) == before
        away.rename(self.base / source)

    def defect(self, which: int) -> None:
        """A build with a defect that some articles meet, and then another environment, where it is mended."""
        bad = self.pick(which).read_bytes()[:40].decode("utf-8", "replace").partition("\n")[0]

        def broken(article_id: str, text: str, body: str, marks: Collection[str]) -> bool:
            if bad and bad in text:
                raise ZeroDivisionError
            return is_buried(article_id, text, body, marks)

        self.build(self.root, {**self.knobs, "etl.extract.shard.is_buried": broken})
        self.environment += 1

    def missing_library(self) -> None:
        """A build without a library: it ends in an error."""

        def missing(*_: object) -> None:
            raise ImportError("no such library")

        with contextlib.suppress(BrokenEnvironmentError):
            self.build(self.root, {**self.knobs, "etl.extract.shard.read": missing})

    def rename(self, which: int, source: str, name: str) -> None:
        target = self.base / source / name
        target.parent.mkdir(parents=True, exist_ok=True)
        self.pick(which).replace(target)

    def remove(self, which: int) -> None:
        if len(self.files()) > 1:
            self.pick(which).unlink()

    def unreadable_for_now(self, which: int) -> None:
        """A build in the midst of which a file cannot be read."""
        path = self.pick(which)
        away = path.replace(self.base / "away")
        path.symlink_to(self.base / "nowhere")
        self.build(self.root, self.knobs)
        away.replace(path)

    def option(self, source: str, year: int | None) -> None:
        self.years[source] = year

    def limit(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes

    def stage(self, stage: str) -> None:
        self.versions[stage] += 1

    def authority(self, authority: str) -> None:
        write(self.base, {"people.csv": AUTHORITIES[authority]})

    def corrections(self, lines: set[int]) -> None:
        write(self.base, {"corrections.csv": "".join([CORRECTED[0], *(CORRECTED[n] for n in sorted(lines))])})

    def sizes(self, shard_files: int, articles: int, rows: int, replaced: float) -> None:
        self.n_workers = shard_files % 3
        self.knobs = {
            "etl.extract.plan.SHARD_FILES": shard_files,
            "etl.extract.plan.MIN_SHARD_BYTES": articles,
            "etl.store.assemble.GROUPS": [
                replace(g, per_file=rows if "file" in g.tables else articles) for g in GROUPS
            ],
            "etl.store.assemble.ROWS_PER_FILE": rows,
            "etl.store.load.REPLACED_SHARE": replaced,
        }

    def roll_back(self) -> None:
        """Go back to the snapshot before, where there is one; a night's run is skipped; then release."""
        layout = Layout(self.root)
        with contextlib.suppress(HeldError):
            roll_back(layout, None, "", views(), "1GB")
            self.build(self.root, self.knobs)
            release(layout)

    def take_back(self, which: int) -> None:
        """Redact an article, reprints included."""
        articles = query(self.root, "SELECT article_id FROM article ORDER BY 1").column(0).to_pylist()
        if articles:
            redact_in(self.root, articles[which % len(articles)])

    def take_back_against_a_check(self, which: int) -> None:
        """Redact an article while a check of the user's own fails: no reason to leave the article where it is."""
        check = write(Layout(self.root).checks, {"never.sql": "SELECT article_id FROM article"}) / "never.sql"
        self.take_back(which)
        check.unlink()

    def take_back_half(self, which: int) -> None:
        """A redaction that is killed just before it publishes: the next build, or redaction, finishes it."""
        with mock.patch("etl.store.publish.point", kill), contextlib.suppress(Killed):
            self.take_back(which)

    def forget_source(self, source: str) -> None:
        """Forget a source, which the next build loads again."""
        name = self.names[source]
        with contextlib.suppress(ConfigError):  # it may be forgotten already, or empty
            forget(publication(Layout(self.root)), library_versions(), name)
        assert not [uri for uri in self.known() if uri.startswith(f"{name}/")]

    def rename_source(self, source: str, new: str, is_killed: bool) -> None:
        """Rename a source; where that is killed, once more. After a redaction, edited records are known by the old name only."""
        old = self.names[source]
        if new in self.names.values() or Layout(self.root).tombstones.exists():
            return
        how = publication(Layout(self.root))
        with contextlib.suppress(ConfigError):  # it may be forgotten
            if is_killed:
                with mock.patch("etl.store.publish.point", kill), contextlib.suppress(Killed):
                    rename(how, library_versions(), old, new)
            rename(how, library_versions(), old, new)
            self.names[source] = new

    def crash(self, step: str) -> None:
        self.build(self.root, {**self.knobs, step: kill})

    def crash_between_shards(self, survives: int) -> None:
        self.build(self.root, {**self.knobs, "etl.extract.plan.SHARD_FILES": 1}, InlineWorkers(survives=survives))

    def build_and_compare(self) -> None:
        self.build(self.root, self.knobs)
        fresh = self.base / "fresh"
        if (stones := Layout(self.root).tombstones).exists():
            write(fresh, {stones.name: stones.read_bytes()})
        self.build(fresh, {})
        assert_same(self.root, fresh)
        self.files_have_one_state_each()
        manifest_fits(snapshot(self.root))
        shutil.rmtree(fresh)

    def teardown(self) -> None:
        shutil.rmtree(self.base)

    def build(self, root: Path, patches: Mapping[str, object], workers: InlineWorkers | None = None) -> None:
        """Build, as far as it goes, with the stages of the day."""
        settings = [f"max_bytes = {self.max_bytes}", f"authority = ['{self.base}/people.csv']"]
        settings.append(f"corrections = ['{self.base}/corrections.csv']")
        listed(root, "\n".join([*settings, *map(self.source, SOURCES)]))
        finds, parses = self.versions["etl.model.VERSION"], self.versions["etl.page.VERSION"]

        def parse_anew(record: Record, hints: Hints) -> Page:
            page = parse(record, hints)
            day = page.published_on or (date(hints.year, 1, 1) if hints.year else None)
            return replace(page, publisher=f"Agency {parses}", published_on=day)

        stages: dict[str, object] = {name: str(version) for name, version in self.versions.items()}
        stages["etl.store.duck.THREADS"] = THREADS  # no row may depend on which of them was faster
        stages["etl.extract.versions.LIBRARIES"] = ("ontherecord", f"library-{self.environment}")
        stages |= {"tests.helpers.PAIR_LABEL": ("PERSON", "ORG")[finds % 2], "etl.extract.shard.parse": parse_anew}
        with contextlib.suppress(Killed):
            inline = workers or InlineWorkers(max(1, self.n_workers))
            build_in_process(
                root, workers=inline, patches={**stages, **patches}, allow_removals=True, allow=("sudden_drop",)
            )

    def source(self, name: str) -> str:
        (self.base / name).mkdir(exist_ok=True)
        year = f"year = {self.years[name]}" if self.years[name] else ""
        return f"[[source]]\nname = '{self.names[name]}'\npath = '{self.base / name}'\n{year}"

    def files(self) -> list[Path]:
        return sorted(path for name in SOURCES for path in (self.base / name).glob("**/*") if path.is_file())

    def pick(self, which: int) -> Path:
        files = self.files()
        return files[which % len(files)]

    def files_have_one_state_each(self) -> None:
        found = (path for name in SOURCES for path in (self.base / name).glob("**/*") if not path.is_dir())
        folders = [path.relative_to(self.base).parts for path in found]
        assert sorted(self.known()) == sorted("/".join((self.names[top], *rest)) for top, *rest in folders)

    def known(self) -> list[str]:
        uris = query(self.root, "SELECT source_uri FROM file WHERE status != 'removed'").column(0).to_pylist()
        return [str(uri) for uri in uris]


def manifest_fits(top: Path) -> None:
    """The snapshot has the files that its manifest lists, no other, and they are what it says."""
    manifest = load_manifest(top)
    lying = {path.relative_to(top).as_posix() for path in top.glob("**/*.parquet")}
    assert lying == {file.path for file in manifest.files}
    assert all(file_sha256(top / file.path) == file.sha256 for file in manifest.files)
    counted = Counter[str]()
    for file in manifest.files:
        counted[file.table] += file.n_rows if file.table in TABLES else 0
    assert {name: n for name, n in manifest.n_rows.items() if n} == {name: n for name, n in counted.items() if n}


def test_incremental_equals_full() -> None:
    run_state_machine_as_test(
        Histories,
        settings=settings(
            max_examples=HISTORIES,
            stateful_step_count=DAYS + 1,
            derandomize=True,
            deadline=None,
            database=None,
            # Making a failing history shorter takes minutes: only where there is time.
            phases=(Phase.generate, Phase.shrink) if IS_SOAK else (Phase.generate,),
            suppress_health_check=list(HealthCheck),
        ),
    )
    tell(f"incremental equals full after {Histories.done.total()} operations")
    assert Histories.done.total() >= OPERATIONS
    assert Histories.done.keys() == {"build", *KINDS}
