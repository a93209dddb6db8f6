"""Push a snapshot to an S3-compatible store. The publish is atomic: readers see the new snapshot or the previous one.

::

    PREFIX/current.json                 the current snapshot and the earlier ones that are kept; the last object written
    PREFIX/snapshots/ID/manifest.json   a snapshot's files, as in the warehouse
    PREFIX/data/TABLE/…/*.parquet       the files of all snapshots, each stored once: the names contain a content hash

The next push reuses or deletes what a killed one left. Credentials come from the environment and never appear in messages.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pyarrow as pa
from pyarrow import fs

from etl.durable import State, write_whole
from etl.errors import ConfigError, DamagedError, LockedError, OnTheRecordError
from etl.ids import hash_id
from etl.schema import MANIFEST
from etl.store.lock import writer_lock
from etl.store.manifest import DataFile, Manifest, Snapshot, open_snapshot
from etl.store.paths import Layout
from etl.store.tombstones import load_tombstones

CURRENT_OBJECT = "current.json"
SNAPSHOTS, DATA = "snapshots", "data"
#: Objects sent or deleted at the same time.
AT_ONCE = 8
#: Timeouts in seconds for connecting and for a response, and the number of attempts per request.
CONNECT, ANSWER, TRIES = 10.0, 60.0, 4
#: The environment variables with credentials, whose values are removed from messages.
SECRETS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")


class StoreError(OnTheRecordError):
    """The store cannot be reached or refuses a request. Its current snapshot is unchanged."""


class Superseded(State):
    """A snapshot that is no longer current, when it was replaced, and how many articles had been redacted before it."""

    snapshot_id: str
    at: datetime
    n_tombstones: int


class Current(State):
    """The content of ``current.json``: the current snapshot, and the superseded ones that are kept, latest first."""

    snapshot_id: str
    pushed_at: datetime
    n_tombstones: int
    superseded: tuple[Superseded, ...] = ()

    @property
    def kept(self) -> list[str]:
        """The ids of all snapshots, the current one first."""
        return [self.snapshot_id, *(each.snapshot_id for each in self.superseded)]


class Destination(State):
    """Where a warehouse was pushed to."""

    url: str
    endpoint: str | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """The result of a push: the snapshot, its number of files, how many were sent and their bytes, and objects deleted."""

    snapshot_id: str
    n_files: int
    n_sent: int
    n_bytes: int
    n_deleted: int


@dataclass(frozen=True, slots=True)
class Store:
    """A location in a store: its URL, and the same location as a path of the file system."""

    url: str
    root: str
    files: fs.FileSystem

    def read(self, name: str) -> bytes | None:
        """The content of an object; None if it does not exist."""
        try:
            with self.files.open_input_stream(f"{self.root}/{name}") as stream:
                return bytes(stream.read())
        except FileNotFoundError:
            return None

    def write(self, name: str, content: bytes) -> None:
        """Write an object atomically."""
        with self.files.open_output_stream(f"{self.root}/{name}") as stream:
            stream.write(content)

    def delete(self, name: str) -> None:
        """Delete an object."""
        self.files.delete_file(f"{self.root}/{name}")

    def names(self, folder: str) -> dict[str, int]:
        """The sizes in bytes of the objects in a folder, by name relative to the root."""
        found = self.files.get_file_info(fs.FileSelector(f"{self.root}/{folder}", allow_not_found=True, recursive=True))
        return {each.path[len(self.root) + 1 :]: each.size for each in found if each.type == fs.FileType.File}

    def current(self) -> Current | None:
        """The content of ``current.json``; None before the first push."""
        content = self.read(CURRENT_OBJECT)
        return None if content is None else Current.model_validate_json(content)

    def manifest(self, snapshot_id: str) -> Manifest:
        """The manifest of a kept snapshot.

        Raises:
            StoreError: when it is not there.
        """
        content = self.read(f"{SNAPSHOTS}/{snapshot_id}/{MANIFEST}")
        if content is None:
            raise StoreError(f"{self.url} has no snapshot {snapshot_id}; push again")
        return Manifest.model_validate_json(content)


def open_store(url: str, endpoint: str | None) -> Store:
    """The location ``s3://bucket/prefix`` at an ``endpoint`` such as ``https://minio.example:9000``; None: Amazon S3.

    Raises:
        ConfigError: when one of them is not such an address.
    """
    parts, at = urlsplit(url), urlsplit(endpoint or "")
    if "@" in parts.netloc or "@" in at.netloc:
        raise ConfigError("an address may hold no credentials; put them into the environment (AWS_ACCESS_KEY_ID, …)")
    if parts.scheme != "s3" or not parts.netloc or parts.query or parts.fragment:
        raise ConfigError(f"{url} is no address in a store; write it like s3://bucket/prefix")
    if endpoint and (at.scheme not in ("http", "https") or not at.netloc):
        raise ConfigError(f"{endpoint} is no endpoint; write it like https://minio.example:9000")
    files = fs.S3FileSystem(
        region=os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION"),
        endpoint_override=at.netloc or None,
        scheme=at.scheme or "https",
        connect_timeout=CONNECT,
        request_timeout=ANSWER,
        allow_delayed_open=True,  # one request for a small file, not three
        retry_strategy=fs.AwsStandardS3RetryStrategy(max_attempts=TRIES),
    )
    return Store(url, f"{parts.netloc}{parts.path}".rstrip("/"), files)


def push(layout: Layout, store: Store, keep: int, keep_hours: float) -> Sent:
    """Upload the files of the published snapshot that the store lacks, make it current, and delete what is not kept.

    The last ``keep`` superseded snapshots and those superseded in the last ``keep_hours`` are kept, except those from before a
    redaction.

    Raises:
        StoreError: when the store cannot be reached or refuses a request.
        DamagedError: when a file of the snapshot differs from its hash in the manifest.
        LockedError: when another push is running, or an article was redacted meanwhile.
    """
    with _alone(layout), telling(store.url):
        snapshot, n_buried = open_snapshot(layout.published()), len(load_tombstones(layout.tombstones))
        manifest = snapshot.manifest
        before, known = store.current(), store.names(DATA)
        missing = [file for file in manifest.files if known.get(_name(file)) != file.n_bytes]
        with ThreadPoolExecutor(AT_ONCE) as threads:
            list(threads.map(lambda file: _send(store, snapshot, file), missing))
        store.write(f"{SNAPSHOTS}/{manifest.snapshot_id}/{MANIFEST}", manifest.model_dump_json(indent=1).encode())
        if not manifest.n_tombstones == n_buried == len(load_tombstones(layout.tombstones)):
            raise LockedError(
                "an article is being redacted; push again when that is done (a build finishes one that was killed)"
            )
        now = datetime.now(UTC)
        after = kept(followed(before, manifest, now), now, keep, keep_hours)
        store.write(CURRENT_OBJECT, after.model_dump_json(indent=1).encode())
        n_deleted = sweep(store, after)
    n_bytes = sum(file.n_bytes for file in missing)
    return Sent(manifest.snapshot_id, len(manifest.files), len(missing), n_bytes, n_deleted)


def followed(before: Current | None, manifest: Manifest, now: datetime) -> Current:
    """The new ``current.json`` after a snapshot became current."""
    past = before.superseded if before else ()
    if before and before.snapshot_id != manifest.snapshot_id:
        past = (Superseded(snapshot_id=before.snapshot_id, at=now, n_tombstones=before.n_tombstones), *past)
    return Current(
        snapshot_id=manifest.snapshot_id,
        pushed_at=now,
        n_tombstones=manifest.n_tombstones,
        superseded=tuple(each for each in past if each.snapshot_id != manifest.snapshot_id),
    )


def kept(current: Current, now: datetime, keep: int, keep_hours: float) -> Current:
    """``current`` without the superseded snapshots that are not kept."""
    return current.with_(
        superseded=tuple(
            each
            for place, each in enumerate(current.superseded)
            if each.n_tombstones == current.n_tombstones
            and (place < keep or now - each.at < timedelta(hours=keep_hours))
        )
    )


def sweep(store: Store, current: Current) -> int:
    """Delete the objects that belong to no kept snapshot, such as those left by a killed push. Returns their number."""
    manifests = [store.manifest(snapshot_id) for snapshot_id in current.kept]
    wanted = {
        *(f"{SNAPSHOTS}/{snapshot_id}/{MANIFEST}" for snapshot_id in current.kept),
        *(_name(file) for manifest in manifests for file in manifest.files),
    }
    # Data files first: if this is killed in between, a manifest that is left over does no harm.
    gone = [name for folder in (DATA, SNAPSHOTS) for name in store.names(folder) if name not in wanted]
    with ThreadPoolExecutor(AT_ONCE) as threads:
        list(threads.map(store.delete, gone))
    return len(gone)


def remember(layout: Layout, destination: Destination) -> None:
    """Record where the warehouse is pushed to, so that a redaction can report where copies of the article are."""
    note = layout.pushes / f"{hash_id(destination.url, destination.endpoint)}.json"
    layout.pushes.mkdir(parents=True, exist_ok=True)
    write_whole(note, destination.model_dump_json())


def destinations(layout: Layout) -> list[Destination]:
    """All destinations that the warehouse was pushed to."""
    return [Destination.model_validate_json(note.read_bytes()) for note in sorted(layout.pushes.glob("*.json"))]


def urls(store: Store, files: Iterable[DataFile]) -> list[str]:
    """The addresses of a pushed snapshot's files."""
    return [f"s3://{store.root}/{_name(file)}" for file in files]


@contextmanager
def telling(url: str) -> Iterator[None]:
    """Convert errors of the file system to one sentence without credentials.

    Raises:
        StoreError: in place of those errors.
    """
    try:
        yield
    except (OSError, pa.ArrowException) as error:
        said = str(error).partition("\n")[0]
        for secret in filter(None, map(os.environ.get, SECRETS)):
            said = said.replace(secret, "…")
        raise StoreError(f"{url}: {said}") from None


@contextmanager
def _alone(layout: Layout) -> Iterator[None]:
    with ExitStack() as stack:
        try:
            stack.enter_context(writer_lock(layout.pushes / "lock"))
        except LockedError:
            raise LockedError(f"another push of {layout.root} is running; wait for it to end") from None
        yield


def _name(file: DataFile) -> str:
    return f"{DATA}/{file.path}"


def _send(store: Store, snapshot: Snapshot, file: DataFile) -> None:
    path = snapshot.root / file.path
    content = _content(path)
    if hashlib.sha256(content).hexdigest() != file.sha256:
        raise DamagedError(f"{path} has changed since it was published; see: ontherecord verify")
    store.write(_name(file), content)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DamagedError(f"{path} cannot be read ({error.strerror}); see: ontherecord verify") from None
