"""From finished shards to the published snapshot: the last steps of builds, redactions and other changes."""

import shutil
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from etl.config import Config
from etl.corrections.file import Corrections
from etl.entities.authority import Authority
from etl.errors import AuditError
from etl.schema import APPLIED, CORRECTION, LOST, RUN, to_arrow
from etl.store.assemble import assemble, write_whole
from etl.store.audit import Check, Finding, audit_parts, audit_snapshot, counted_checks, of_parts, refuse_unknown
from etl.store.duck import engine, parquet
from etl.store.journal import Run, journal, new_run, record, run_files, run_frame
from etl.store.load import load, n_rows
from etl.store.manifest import NOTHING, DataFile, Manifest, Snapshot
from etl.store.paths import Layout
from etl.store.publish import announce, publish, set_aside
from etl.store.recovery import recover
from etl.store.tombstones import Tombstone, bury, load_tombstones
from etl.store.utterances import made_by
from etl.text import plural

T = TypeVar("T")

#: The file with the bad rows, in a snapshot that failed its audit.
FINDINGS = "findings.txt"


class Step(Protocol):
    """Calls a named step: with its time measured, and possibly as a Prefect task."""

    def __call__(self, name: str, step: Callable[[], T], /) -> T:
        """Do the step."""
        ...


def begin_run(layout: Layout, versions: Mapping[str, str]) -> Run:
    """Record a new run, with the versions of the software, after recovering from killed runs."""
    recover(layout)
    announce(layout)  # a run may have been killed right after publication
    known = [path.stem for path in run_files(layout.runs)]
    run = new_run(dict(versions), after=known[-1] if known else "")
    record(layout.runs, run)
    return run


def tidy(layout: Layout, *, with_shards: bool) -> None:
    """Clear the work folder. Finished shards are kept unless ``with_shards`` is set."""
    if layout.work.exists():
        for path in sorted(layout.work.iterdir()):
            if path == layout.shards:
                if not with_shards:
                    continue
                # Renamed first, so that after a kill no partly deleted shard is taken for a finished one.
                path = path.rename(layout.work / "discarded-shards")
            shutil.rmtree(path) if path.is_dir() else path.unlink()


@dataclass(frozen=True, slots=True)
class Publication:
    """The settings of a publication: layout, configuration, authority files, checks, SQL of the views, and how to call steps."""

    layout: Layout
    config: Config
    authority: Authority
    corrections: Corrections
    checks: Sequence[Check]
    views: str
    allow: Collection[str]
    step: Step

    def __post_init__(self) -> None:
        """Refuse unknown names in ``allow``.

        Raises:
            ConfigError: when a name in ``allow`` is not that of a check.
        """
        refuse_unknown(self.allow, self.checks)

    def __call__(
        self,
        run: Run,
        old: Snapshot,
        shards: Sequence[str],
        *,
        rebuild: bool = False,
        fresh: Sequence[Tombstone] = (),
        guards_losses: bool = False,
        passed: Callable[[], None] = lambda: None,
    ) -> tuple[Run, Path]:
        """Assemble, load, audit and publish. Returns the run with its counts, and the snapshot's directory.

        ``shards`` are those extracted by this run. With ``rebuild`` the database is loaded in full, so that no deleted row remains
        in the file. ``fresh`` tombstones, whose articles are not in the new snapshot, are written between audit and publication;
        then ``passed`` is called.

        Raises:
            SourceError: when ``guards_losses`` is set and a source lost too much.
            AuditError: when the new snapshot fails a check. The published one stays.
        """
        layout, limit = self.layout, self.config.memory_limit
        files = self.step(
            "assemble",
            lambda: assemble(
                layout, limit, old, shards, self.authority.rows, self.corrections, guards_losses=guards_losses
            ),
        )
        run = self._counted(run, files)
        files = (*files, *self._write_runs(run, old))
        alike = NOTHING if old.manifest.is_older else old  # tables of another version cannot be copied or compared
        base = NOTHING if rebuild else alike
        n_replaced = self.step("load", lambda: load(layout.staging, files, self.views, base, layout.spill, limit))
        Manifest(
            snapshot_id=run.run_id,
            previous_id=old.manifest.snapshot_id or None,
            files=files,
            n_rows=n_rows(files),
            n_replaced=n_replaced,
            n_tombstones=len(load_tombstones(layout.tombstones)) + len(fresh),
            audited=tuple(sorted({check.key for check in of_parts(self.checks)})),
            resolution=self.resolution,
        ).save(layout.staging)
        self._refuse(run, self.step("audit", lambda: self._audit(files, alike)))
        if fresh:
            bury(layout.tombstones, fresh)
        passed()
        return run, self.step("publish", lambda: publish(layout, run.run_id))

    @property
    def resolution(self) -> str:
        """What names are resolved and rows corrected by."""
        return made_by(self.authority, self.corrections)

    def _audit(self, files: Sequence[DataFile], old: Snapshot) -> list[Finding]:
        """The failed checks of the new snapshot. What they checked in the ``old`` one is not checked again."""
        layout, limit = self.layout, self.config.memory_limit
        checks = [*self.checks, *counted_checks(n_rows(files))]
        return [
            *audit_parts(layout.staging, files, old.manifest, checks, layout.spill, limit),
            *audit_snapshot(layout.staging, old, checks, layout.spill, limit),
        ]

    def _refuse(self, run: Run, found: Sequence[Finding]) -> None:
        findings = [finding for finding in found if finding.check.name not in self.allow]
        if findings:
            kept = set_aside(self.layout, run.run_id)
            told = "; ".join(finding.told for finding in findings)
            allowed = " ".join(f"--allow {finding.check.name}" for finding in findings)
            listed = "\n".join(map(str, findings))
            (kept / FINDINGS).write_text(listed + "\n", encoding="utf-8", errors="backslashreplace")
            raise AuditError(
                f"the new snapshot failed {plural(len(findings), 'check')} ({told}) and was not published; details "
                f"are in {kept / FINDINGS}, beside the snapshot. To publish it anyway, bad rows and all: build with {allowed}",
                listed,
            )

    def _write_runs(self, run: Run, old: Snapshot) -> list[DataFile]:
        """Copy the journal into the snapshot, with this run as published."""
        runs = [past for past in journal(self.layout.runs) if past.run_id != run.run_id]
        rows = to_arrow(RUN, run_frame([*runs, run]))
        with engine(self.layout.spill, self.config.memory_limit) as db:
            db.register(RUN.name, rows)
            return write_whole(db, RUN, old, self.layout.staging)

    def _counted(self, run: Run, files: Sequence[DataFile]) -> Run:
        rows = n_rows(files)
        corrections = self._corrections(files)
        return run.ended("published").with_(
            snapshot_id=run.run_id,
            allowed=tuple(sorted(self.allow)),
            n_rejected=rows["rejection"],
            n_articles=rows["article"],
            n_utterances=rows["utterance"],
            n_mentions=rows["mention"],
            n_corrections=corrections.get(APPLIED, 0),
            n_corrections_lost=corrections.get(LOST, 0),
        )

    def _corrections(self, files: Sequence[DataFile]) -> dict[str, int]:
        """The number of corrections of the new snapshot, by status."""
        rows = parquet(CORRECTION, (self.layout.staging / file.path for file in files if file.table == CORRECTION.name))
        with engine(self.layout.spill, self.config.memory_limit) as db:
            return dict(db.execute(f"SELECT status, count(*) FROM {rows} GROUP BY status").fetchall())
