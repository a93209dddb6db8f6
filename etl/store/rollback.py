"""Rollback: make an earlier snapshot current again, and hold publication until a person releases it."""

import getpass
import os
from datetime import UTC, datetime

from pydantic import ValidationError

from etl.durable import Printable, State, move, sync, write_whole
from etl.errors import HeldError
from etl.schema import DATABASE, SEARCH
from etl.store.load import load_all
from etl.store.manifest import GO_BACK, load_manifest, read_manifest, whole
from etl.store.paths import Layout
from etl.store.publish import make_current
from etl.store.recovery import recover
from etl.store.search_index import index
from etl.store.tombstones import load_tombstones


class Hold(State):
    """The record of a rollback: who went back to which snapshot, from which, when and why."""

    snapshot_id: str = "a snapshot"
    left: str = ""
    who: Printable = "somebody"
    at: str = "an unknown time"
    why: Printable = ""

    def __str__(self) -> str:
        """The hold on one line."""
        why = f" ({self.why})" if self.why else ""
        return f"publication is held since {self.at}: {self.who} rolled back to {self.snapshot_id}{why}"


def username() -> str:
    """The name of the user, or the user id if there is no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # as in some containers
        return f"user {os.getuid()}"


def held(layout: Layout) -> Hold | None:
    """The hold on publication, if any. A file that is empty or not valid also holds."""
    if not layout.hold.exists():
        return None
    try:
        return Hold.model_validate_json(layout.hold.read_bytes())
    except ValidationError:
        return Hold(why=f"{layout.hold} does not say why")


def roll_back(layout: Layout, snapshot_id: str | None, why: str, views: str, memory_limit: str) -> Hold:
    """Make an earlier snapshot current (by default the previous one), after writing the hold.

    Raises:
        HeldError: when there is no such snapshot, or it has an article that was redacted since.
        SchemaVersionError: when it has tables of another version.
        DamagedError: when it is not whole.
    """
    recover(layout)
    current = layout.published()
    if current is None:
        raise HeldError(f"nothing is published in {layout.root}, so there is nothing to roll back")
    name = snapshot_id or read_manifest(current).previous_id or ""
    target = layout.snapshots / name
    if not name or target not in layout.kept():
        kept = ", ".join(path.name for path in layout.kept())
        raise HeldError(f"there is no snapshot {name or 'before the published one'} to go back to; kept are: {kept}")
    manifest = whole(target, load_manifest(target, GO_BACK)).manifest
    if manifest.n_tombstones < len(load_tombstones(layout.tombstones)):
        raise HeldError(f"{name} was made before an article was redacted, and still has it; build again instead")
    if not (target / DATABASE).exists():
        fresh = layout.work / DATABASE
        layout.work.mkdir(exist_ok=True)
        load_all(fresh, target, manifest.files, views, layout.spill, memory_limit)
        sync(fresh)
        index(target, manifest.files)
        sync(target / SEARCH)
        move(fresh, target / DATABASE)
    at = datetime.now(UTC).isoformat(timespec="seconds")
    hold = Hold(snapshot_id=name, left=current.name, who=username(), at=at, why=why)
    write_whole(layout.hold, hold.model_dump_json(indent=1))
    make_current(layout, target)
    return hold


def release(layout: Layout) -> Hold:
    """Delete the hold, so that the next build publishes again.

    Raises:
        HeldError: when there is no hold.
    """
    recover(layout)
    hold = held(layout)
    if hold is None:
        raise HeldError(f"nothing holds publication in {layout.root}")
    layout.hold.unlink()
    sync(layout.root)
    return hold
