"""Pushing to a store: moto's server on loopback, which speaks S3 over HTTP."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from moto.server import ThreadedMotoServer
from pyarrow import fs

from etl.errors import ConfigError, DamagedError, LockedError
from etl.schema import MANIFEST, TABLES
from etl.store import push as pushing
from etl.store.paths import Layout
from etl.store.push import Current, Sent, Store, StoreError, destinations, open_store, push
from etl.store.rollback import roll_back
from etl.store.tombstones import bury, load_tombstones
from tests.flows.conftest import call
from tests.helpers import (
    STORY,
    Killed,
    article,
    build_in_process,
    comparable,
    copied,
    kill,
    redact_in,
    tables,
    write,
)
from warehouse import views
from warehouse.reader import snapshot
from warehouse.remote import connect

URL = "s3://desk/news/warehouse"
SECRET = article("Bertil Aspenquist saw the purple spoon.", "“It was purple,” Bertil Aspenquist said.", title="Spoon")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    running = ThreadedMotoServer(port=0)
    running.start()
    host, port = running.get_host_and_port()
    yield f"http://{host}:{port}"
    running.stop()


@pytest.fixture
def endpoint(server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The server's address, with an empty bucket and credentials in the environment."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLEKEY")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "example/secret")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    bucket = fs.S3FileSystem(
        endpoint_override=server.removeprefix("http://"), scheme="http", allow_bucket_creation=True
    )
    bucket.create_dir("desk")
    yield server
    bucket.delete_dir_contents("desk")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    build_in_process(folder / "w", write(folder / "in", {"story.txt": STORY, "secret.txt": SECRET}))
    return folder


@pytest.fixture
def root(made: Path, tmp_path: Path) -> Path:
    return copied(made, tmp_path)


def grow(root: Path, n: int) -> None:
    """Publish another snapshot, with another article of another month."""
    text = STORY.replace("March 18, 2031", f"April {n}, 2032").replace("Friday", f"the {n}th")
    write(root.parent / "in", {f"more-{n}.txt": text})
    build_in_process(root)


def send(root: Path, endpoint: str, keep: int = 5, hours: float = 24) -> Sent:
    return push(Layout(root), open_store(URL, endpoint), keep, hours)


def objects(store: Store) -> dict[str, bytes]:
    return {name: store.read(name) or b"" for folder in ("data", "snapshots") for name in store.names(folder)}


def n_articles(connection: duckdb.DuckDBPyConnection) -> int:
    return int(connection.execute("SELECT count(*) FROM article").fetchall()[0][0])


def test_a_reader_elsewhere_sees_the_tables_and_views(root: Path, endpoint: str) -> None:
    send(root, endpoint)
    with connect(URL, endpoint) as remote:
        found = {name: comparable(TABLES[name], remote.execute(f"FROM {name}").to_arrow_table()) for name in TABLES}
        assert found == tables(root, *TABLES.values())
        assert remote.execute("SELECT DISTINCT speaker FROM said ORDER BY ALL").fetchall() == [
            ("Bertil Aspenquist",),
            ("Odile Marrack",),
        ]


def test_a_reader_reaches_nothing_else(root: Path, endpoint: str) -> None:
    send(root, endpoint)
    with connect(URL, endpoint) as remote:
        for elsewhere in ("s3://desk/news/other.parquet", str(root / "ontherecord.toml"), "http://127.0.0.1/x.parquet"):
            with pytest.raises(duckdb.PermissionException):
                remote.execute(f"FROM read_parquet('{elsewhere}')")
        with pytest.raises(duckdb.Error, match="locked"):
            remote.execute("SET enable_external_access = true")


def test_only_files_that_the_store_lacks_are_sent(root: Path, endpoint: str) -> None:
    first = send(root, endpoint)
    assert first.n_sent == first.n_files
    assert send(root, endpoint).n_sent == 0
    grow(root, 3)
    third = send(root, endpoint)
    assert 0 < third.n_sent < third.n_files
    assert third.snapshot_id == snapshot(root).name


def test_superseded_snapshots_are_kept_for_their_readers_and_then_deleted(root: Path, endpoint: str) -> None:
    store = open_store(URL, endpoint)
    send(root, endpoint)
    with connect(URL, endpoint) as early:
        for n in (3, 4, 5):
            grow(root, n)
            send(root, endpoint, keep=1)
        assert n_articles(early) == 2
        before = objects(store)
        n_deleted = send(root, endpoint, keep=1, hours=0).n_deleted
        assert n_deleted == len(before.keys() - objects(store).keys()) > 2
        with pytest.raises(duckdb.Error):
            early.execute("FROM run").fetchall()
    current = store.current()
    assert current
    assert len(current.kept) == 2
    assert {name.split("/")[1] for name in store.names("snapshots")} == set(current.kept)
    with connect(URL, endpoint) as late:
        assert n_articles(late) == 5


@pytest.mark.parametrize("step", ["_send", "followed", "sweep"])
def test_a_push_that_is_killed_leaves_readers_a_whole_snapshot_and_the_next_one_finishes(
    root: Path, endpoint: str, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store(URL, endpoint)
    send(root, endpoint)
    grow(root, 3)
    with monkeypatch.context() as patch:
        patch.setattr(pushing, step, kill)
        with pytest.raises(Killed):
            send(root, endpoint)
    with connect(URL, endpoint) as remote:
        assert n_articles(remote) == (3 if step == "sweep" else 2)
    grow(root, 4)
    send(root, endpoint, keep=0, hours=0)
    with connect(URL, endpoint) as remote:
        assert n_articles(remote) == 4
    listed = {f"data/{file.path}" for file in store.manifest(snapshot(root).name).files}
    assert set(store.names("data")) == listed


#: What a client says of a server on a machine that is too busy to answer: nothing about what is in the store.
OUTAGE = re.compile(r"timed?[ -]?out|connection|curl", re.IGNORECASE)


def test_readers_meanwhile_see_one_snapshot_or_the_other_whatever_is_killed(root: Path, endpoint: str) -> None:
    command = [str(Path(sys.executable).with_name("ontherecord")), "push", URL, "--endpoint", endpoint]
    send(root, endpoint)
    seen: list[tuple[int, int]] = []
    errors: list[Exception] = []
    is_over = threading.Event()

    def read() -> None:
        while not is_over.wait(0.1):  # without a pause it would take what the pushes need
            try:
                with connect(URL, endpoint) as remote:
                    seen.append(remote.execute("SELECT count(*), sum(n_articles)::INTEGER FROM file").fetchall()[0])
            except Exception as error:
                if not OUTAGE.search(str(error)):
                    errors.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    for n, seconds in ((3, 1.5), (4, 2.0), (5, 2.5), (6, None)):
        grow(root, n)
        started = subprocess.Popen([*command, "--warehouse", str(root)], env=os.environ, stdout=subprocess.DEVNULL)
        if seconds:
            time.sleep(seconds)
            started.send_signal(signal.SIGKILL)
        started.wait(120)
    is_over.set()
    reader.join()
    assert not errors
    assert seen
    assert all(files == articles for files, articles in seen)
    with connect(URL, endpoint) as remote:
        assert n_articles(remote) == 6


def test_a_redaction_reaches_the_store(root: Path, endpoint: str) -> None:
    store = open_store(URL, endpoint)
    assert call("push", URL, "--endpoint", endpoint, "-w", root).exit_code == 0
    grow(root, 3)
    send(root, endpoint)
    held = set(objects(store))
    asked = ("redact", "--reason", "asked", "--uri", "in/secret.txt", "--yes", "-w", root)
    told = call(*asked)
    assert (
        f"{URL} still has them; to delete them there: ontherecord push {URL} --endpoint {endpoint} --warehouse"
        in told.output
    )
    assert set(objects(store)) == held
    assert call("push", URL, "--endpoint", endpoint, "-w", root).exit_code == 0
    manifest = store.manifest(snapshot(root).name)
    assert set(store.names("data")) == {f"data/{file.path}" for file in manifest.files}
    assert len(store.names("snapshots")) == 1
    with connect(URL, endpoint) as remote:
        assert remote.execute("SELECT count(*) FROM article WHERE title = 'Spoon'").fetchall() == [(0,)]


def test_a_redaction_pushes_at_once_if_asked(root: Path, endpoint: str) -> None:
    assert call("push", URL, "--endpoint", endpoint, "-w", root).exit_code == 0
    asked = ("redact", "--reason", "asked", "--uri", "in/secret.txt", "--yes", "--push", "-w", root)
    assert call(*asked).exit_code == 0
    with connect(URL, endpoint) as remote:
        assert n_articles(remote) == 1
    assert [each.url for each in destinations(Layout(root))] == [URL]


def test_nothing_is_made_current_while_an_article_is_redacted(
    root: Path, endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    redact_in(root, uri="in/story.txt")
    stones = load_tombstones(Layout(root).tombstones)
    really_write = Store.write

    def bury_meanwhile(store: Store, name: str, content: bytes) -> None:
        really_write(store, name, content)
        if name.endswith(MANIFEST):
            bury(Layout(root).tombstones, [stones[0].with_(article_id="another")])

    monkeypatch.setattr(Store, "write", bury_meanwhile)
    with pytest.raises(LockedError, match="being redacted"):
        send(root, endpoint)
    assert open_store(URL, endpoint).current() is None


def test_a_rollback_is_pushed_as_well(root: Path, endpoint: str) -> None:
    first = send(root, endpoint).snapshot_id
    grow(root, 3)
    second = send(root, endpoint).snapshot_id
    roll_back(Layout(root), None, "", views(), "1GB")
    send(root, endpoint)
    current = open_store(URL, endpoint).current()
    assert isinstance(current, Current)
    assert current.kept == [first, second]


def test_a_damaged_file_is_not_sent(root: Path, endpoint: str) -> None:
    path = next((snapshot(root) / "article").glob("**/*.parquet"))
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(content[:-9] + b"x" + content[-8:])
    with pytest.raises(DamagedError, match="has changed since it was published"):
        send(root, endpoint)
    path.unlink()
    with pytest.raises(DamagedError, match="is missing"):
        send(root, endpoint)
    assert open_store(URL, endpoint).current() is None


def test_what_goes_wrong_is_one_sentence_without_credentials(root: Path, endpoint: str) -> None:
    with pytest.raises(StoreError, match="s3://nowhere/x") as failed:
        push(Layout(root), open_store("s3://nowhere/x", endpoint), 1, 1)
    assert not {"AKIAEXAMPLEKEY", "example/secret"} & set(str(failed.value).split())
    with pytest.raises(StoreError, match="nothing was pushed"):
        connect("s3://desk/empty", endpoint)
    told = call("push", "s3://nowhere/x", "--endpoint", endpoint, "-w", root)
    assert told.exit_code == 1
    assert "AKIAEXAMPLEKEY" not in told.output
    for note in Layout(root).pushes.iterdir():
        assert "AKIA" not in note.read_text()


@pytest.mark.parametrize(
    ("url", "endpoint", "said"),
    [
        ("https://desk/x", None, "write it like s3://bucket/prefix"),
        ("s3://", None, "write it like s3://bucket/prefix"),
        ("s3://key:secret@desk/x", None, "no credentials"),
        ("s3://desk/x", "http://key:secret@127.0.0.1", "no credentials"),
        ("s3://desk/x", "127.0.0.1:9000", "no endpoint"),
    ],
)
def test_addresses_that_are_none_are_refused(url: str, endpoint: str | None, said: str) -> None:
    with pytest.raises(ConfigError, match=said) as refused:
        open_store(url, endpoint)
    assert "secret" not in str(refused.value)
