"""Rolling back: an earlier snapshot becomes the current one again, and holds until a person releases it."""

import getpass
import os
from datetime import UTC, datetime

from pydantic import ValidationError

from etl.durable import Printable, State, move, sync, write_whole
from etl.errors import HeldError
from etl.schema import DATABASE, SEARCH
from etl.store.load import load_all
from etl.store.manifest import GO_BACK, load_manifest, read_manifest
from etl.store.paths import Layout
from etl.store.publish import make_current
from etl.store.recovery import recover
from etl.store.search_index import index
from etl.store.tombstones import load_tombstones


class Hold(State):
    """The mark of a rollback: who went back to which snapshot, from which, when and why."""

    snapshot_id: str = "a snapshot"
    left: str = ""
    who: Printable = "somebody"
    at: str = "a time unknown"
    why: Printable = ""

    def __str__(self) -> str:
        """The hold in a line."""
        why = f" ({self.why})" if self.why else ""
        return f"publication is held since {self.at}: {self.who} rolled back to {self.snapshot_id}{why}"


def username() -> str:
    """Who runs this program, as far as the machine knows."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a user without a name, as in some containers
        return f"user {os.getuid()}"


def held(layout: Layout) -> Hold | None:
    """The hold on publication, if there is one. A file that says nothing, as of a full disk or by hand, holds too."""
    if not layout.hold.exists():
        return None
    try:
        return Hold.model_validate_json(layout.hold.read_bytes())
    except ValidationError:
        return Hold(why=f"{layout.hold} does not say why")


def roll_back(layout: Layout, snapshot_id: str | None, why: str, views: str, memory_limit: str) -> Hold:
    """Make an earlier snapshot the current one (by default the one before), after putting the hold in place.

    Raises:
        HeldError: when there is no such snapshot, or it still has an article that was taken back since.
        SchemaVersionError: when it has tables of another version.
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
    manifest = load_manifest(target, GO_BACK)
    if manifest.n_tombstones < len(load_tombstones(layout.tombstones)):
        raise HeldError(f"{name} was made before an article was taken back, and has it still; build again instead")
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
    """Take the hold away, so that the next build publishes again.

    Raises:
        HeldError: when there is none.
    """
    recover(layout)
    hold = held(layout)
    if hold is None:
        raise HeldError(f"nothing holds publication in {layout.root}")
    layout.hold.unlink()
    sync(layout.root)
    return hold
