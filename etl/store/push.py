"""A snapshot in an S3-compatible store, for readers elsewhere: they see one whole snapshot, or the one before it.

::

    PREFIX/current.json                 the current snapshot, and those it came after that are kept; the last object written
    PREFIX/snapshots/ID/manifest.json   a snapshot's files, as in the warehouse
    PREFIX/data/TABLE/…/*.parquet       the files of all of them, once each: their names carry a hash of what they hold

What a killed push leaves is used, or deleted, by the next. Credentials are those of the environment; no message repeats them.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
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
#: Seconds for a connection and for an answer, and how often a request is tried.
CONNECT, ANSWER, TRIES = 10.0, 60.0, 4
#: What may identify us to the store, and stands in no message.
SECRETS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")


class StoreError(OnTheRecordError):
    """The store cannot be reached, or refuses; its current snapshot stays."""


class Superseded(State):
    """A snapshot that another took the place of, when, and how many articles were redacted before it."""

    snapshot_id: str
    at: datetime
    n_tombstones: int


class Current(State):
    """What the store holds: the current snapshot, and the superseded ones that are kept, the latest first."""

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
    """What a push did: the snapshot, its files and how many of them were new to the store, with their bytes; objects deleted."""

    snapshot_id: str
    n_files: int
    n_sent: int
    n_bytes: int
    n_deleted: int


@dataclass(frozen=True, slots=True)
class Store:
    """A place in a store: the address that people write, and the same as the file system names it."""

    url: str
    root: str
    files: fs.FileSystem

    def read(self, name: str) -> bytes | None:
        """An object; None where there is none."""
        try:
            with self.files.open_input_stream(f"{self.root}/{name}") as stream:
                return bytes(stream.read())
        except FileNotFoundError:
            return None

    def write(self, name: str, content: bytes) -> None:
        """Write an object, whole or not at all."""
        with self.files.open_output_stream(f"{self.root}/{name}") as stream:
            stream.write(content)

    def delete(self, name: str) -> None:
        """Delete an object."""
        self.files.delete_file(f"{self.root}/{name}")

    def names(self, folder: str) -> dict[str, int]:
        """The objects below a folder and their bytes, by their names below the store's root."""
        found = self.files.get_file_info(fs.FileSelector(f"{self.root}/{folder}", allow_not_found=True, recursive=True))
        return {each.path[len(self.root) + 1 :]: each.size for each in found if each.type == fs.FileType.File}

    def current(self) -> Current | None:
        """What the store holds; None before the first push."""
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


def open_store(url: str, endpoint: str | None = None) -> Store:
    """The place ``s3://bucket/prefix`` at an ``endpoint`` such as ``https://minio.example:9000``; none: Amazon's.

    Raises:
        ConfigError: when these are not such addresses.
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
    """Send the published snapshot's files that the store lacks, make it the store's current one, and delete what is not kept.

    Kept are ``keep`` superseded snapshots, and those superseded in the last ``keep_hours``; but none from before an article was
    redacted.

    Raises:
        StoreError: when the store cannot be reached, or refuses.
        DamagedError: when a file of the snapshot is not what was published.
        LockedError: when another push is at work, or an article was redacted meanwhile.
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
    """What the store holds once a snapshot is its current one."""
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
    """The same without the superseded snapshots that are not kept."""
    return current.with_(
        superseded=tuple(
            each
            for place, each in enumerate(current.superseded)
            if each.n_tombstones == current.n_tombstones
            and (place < keep or now - each.at < timedelta(hours=keep_hours))
        )
    )


def sweep(store: Store, current: Current) -> int:
    """Delete the objects that no kept snapshot has, such as a killed push leaves; how many there were."""
    manifests = [store.manifest(snapshot_id) for snapshot_id in current.kept]
    wanted = {
        *(f"{SNAPSHOTS}/{snapshot_id}/{MANIFEST}" for snapshot_id in current.kept),
        *(_name(file) for manifest in manifests for file in manifest.files),
    }
    # The data first: a manifest that is still there when this is killed does no harm.
    gone = [name for folder in (DATA, SNAPSHOTS) for name in store.names(folder) if name not in wanted]
    with ThreadPoolExecutor(AT_ONCE) as threads:
        list(threads.map(store.delete, gone))
    return len(gone)


def remember(layout: Layout, destination: Destination) -> None:
    """Note where the warehouse is pushed to, so that a redaction can tell where else its articles are."""
    note = layout.pushes / f"{hash_id(destination.url, destination.endpoint)}.json"
    layout.pushes.mkdir(parents=True, exist_ok=True)
    write_whole(note, destination.model_dump_json())


def destinations(layout: Layout) -> list[Destination]:
    """Where the warehouse was pushed to."""
    return [Destination.model_validate_json(note.read_bytes()) for note in sorted(layout.pushes.glob("*.json"))]


def urls(store: Store, files: Iterable[DataFile]) -> list[str]:
    """The addresses of a pushed snapshot's files."""
    return [f"s3://{store.root}/{_name(file)}" for file in files]


@contextmanager
def telling(url: str) -> Iterator[None]:
    """Say what goes wrong with a store in one sentence, without what identifies us to it.

    Raises:
        StoreError: in place of the file system's errors.
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
    try:
        with writer_lock(layout.pushes / "lock"):
            yield
    except LockedError as error:
        if "being written" not in str(error):
            raise
        raise LockedError(f"another push of {layout.root} is at work; wait for it to end") from None


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
