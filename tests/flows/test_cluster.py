"""Extraction on a Dask cluster: a real scheduler and real workers, each a process of its own as people start them."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import dask
import psutil
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

import etl
from etl.choices import DEFAULT_MODEL
from etl.errors import BrokenEnvironmentError, ConfigError, StepError
from etl.extract.job import ShardResult
from etl.model.installed import TOKENIZER_FILE, WEIGHTS_FILE
from etl.store.paths import Layout
from flows.cluster import ClusterWorkers, Demand, _local_cluster
from flows.fingerprint import fingerprint
from flows.pipeline import Summary, build_directly
from flows.request import BuildRequest
from flows.workers import WorkerDiedError, WorkerHungError, extract_job
from tests.flows.test_workers import PATIENCE, fail, fall_over, hang, identify
from tests.helpers import article, assert_same, reserved_port, write

ROOT = Path(etl.__file__).parent.parent
DASK = str(Path(sys.executable).with_name("dask"))
SPEAKERS = ("Odile Marrack", "Tobias Fenwright", "Bridie Tolland", "Halvard Quill")


@contextmanager
def process(log: Path, *command: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process in a group of its own, killed with its children at the end of the block."""
    with log.open("wb") as file:
        started = subprocess.Popen(
            [DASK, *command], stdout=file, stderr=file, start_new_session=True, env={**os.environ, **environment}
        )
        try:
            yield started
        finally:
            kill(started)


def kill(started: subprocess.Popen[bytes]) -> None:
    if started.poll() is None:
        os.killpg(started.pid, signal.SIGKILL)
    started.wait(60)


class Cluster:
    """A scheduler on a port of its own, and the workers that are started one by one."""

    def __init__(self, folder: Path, stack: ExitStack, protocol: str = "tcp") -> None:
        self.folder = folder
        self.stack = stack
        self.port = stack.enter_context(reserved_port())
        self.address = f"{protocol}://127.0.0.1:{self.port}"
        self.scheduler = self.start_scheduler()
        self.workers: list[subprocess.Popen[bytes]] = []

    def start_scheduler(self) -> subprocess.Popen[bytes]:
        options = ("--host", self.address.rpartition(":")[0], "--port", str(self.port), "--no-dashboard")
        started = self.stack.enter_context(
            process(self.folder / "scheduler.log", "scheduler", *options, PYTHONPATH=str(ROOT))
        )
        until(lambda: "Scheduler at" in (self.folder / "scheduler.log").read_text())
        return started

    def join(self, *options: str, path: Path = ROOT) -> None:
        """Start a worker."""
        log = self.folder / f"worker-{len(self.workers)}.log"
        command = ("worker", self.address, "--nthreads", "1", "--no-dashboard", "--local-directory", str(self.folder))
        self.workers.append(self.stack.enter_context(process(log, *command, *options, PYTHONPATH=str(path))))
        until(lambda: "Registered to" in log.read_text())


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    folder = tmp_path / "dask"
    folder.mkdir()
    with ExitStack() as stack:
        yield Cluster(folder, stack)


def until(holds: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


N_ARTICLES = 20


@pytest.fixture(scope="module")
def news(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("news") / "in"
    for number in range(N_ARTICLES):
        who, other = SPEAKERS[number % 4], SPEAKERS[(number + 1) % 4]
        said = [f"“We counted {number * 7 + k} boats,” {who} told {other} on Friday." for k in range(8)]
        write(folder, {f"{number:03d}.txt": article(*said, title=f"Harbour day {number}")})
    return folder


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory, news: Path) -> Path:
    """The warehouse that worker processes on this machine make of them."""
    root = tmp_path_factory.mktemp("local") / "warehouse"
    build(root, news, workers=1)
    return root


def build(root: Path, *sources: Path, **asked: object) -> Summary:
    return build_directly(BuildRequest.of(warehouse=root, sources=sources, **asked))


#: While a warehouse has a file of this name, only its first shard is extracted.
HELD = "held"


def extract_unless_held(job: Path, shards: Path, *arguments: Any) -> ShardResult:
    """A worker's task that extracts the first shard, and waits with the others."""
    until(lambda: not (list(shards.glob("*/")) and (shards.parents[1] / HELD).exists()))
    return extract_job(job, shards, *arguments)


@contextmanager
def when_a_shard_is_done(root: Path, act: Callable[[], None]) -> Iterator[None]:
    """Do something in the midst of the extraction that is done in the block; the other shards wait until it is done."""
    held = write(root, {HELD: "", "ontherecord.toml": f"shard_seconds = {PATIENCE}\n"}) / HELD

    def disturb() -> None:
        try:
            until(lambda: list(Layout(root).shards.glob("*/")))
            act()
        finally:
            held.unlink()

    with mock.patch("flows.pipeline.extract_job", extract_unless_held), ThreadPoolExecutor(1) as thread:
        disturbed = thread.submit(disturb)
        yield
        disturbed.result()


def test_two_workers_make_the_warehouse_that_one_machine_makes(
    tmp_path: Path, cluster: Cluster, news: Path, local: Path
) -> None:
    cluster.join()
    cluster.join("--no-nanny")
    with mock.patch("etl.extract.plan.SHARD_FILES", 4):
        assert build(tmp_path / "w", news, runner="dask", scheduler=cluster.address).run.n_rejected == 0
    assert_same(tmp_path / "w", local)


def test_workers_and_the_scheduler_that_end_in_the_middle_and_come_back_cost_nothing(
    tmp_path: Path, cluster: Cluster, news: Path, local: Path
) -> None:
    root = tmp_path / "w"
    for _ in range(2):
        cluster.join()

    def disturb() -> None:
        kill(cluster.workers[0])
        cluster.join()  # late
        cluster.workers[1].terminate()  # leaves in good order
        kill(cluster.scheduler)
        for worker in cluster.workers:
            kill(worker)
        cluster.scheduler = cluster.start_scheduler()
        cluster.join()

    with mock.patch("etl.extract.plan.SHARD_FILES", 1), when_a_shard_is_done(root, disturb):
        summary = build(root, news, runner="dask", scheduler=cluster.address)
    assert (summary.run.n_articles, summary.run.n_rejected) == (N_ARTICLES, 0)
    assert_same(root, local)


def test_work_that_hangs_or_kills_its_process_costs_itself_only(cluster: Cluster) -> None:
    cluster.join()
    with ClusterWorkers(cluster.address, 0, DEFAULT_MODEL, (), print) as workers:
        workers.warm(workers.n)
        assert workers.n == 1
        first = workers.run(identify, seconds=PATIENCE)
        with pytest.raises(WorkerHungError, match="longer than 1 s"):
            workers.run(hang, seconds=1)
        with pytest.raises(WorkerDiedError, match="ended with code"):
            workers.run(fall_over, seconds=PATIENCE)
        with pytest.raises(StepError, match=r"ValueError in test_workers\.py") as failed:
            workers.run(fail, seconds=PATIENCE)
        assert "a plain error" not in str(failed.value)
        assert workers.run(identify, seconds=PATIENCE) != first


def test_a_shard_submitted_while_no_worker_is_left_is_done_by_the_next_that_joins(cluster: Cluster) -> None:
    cluster.join()
    with ThreadPoolExecutor(1) as pool, ClusterWorkers(cluster.address, 0, DEFAULT_MODEL, (), print) as workers:
        workers.warm(workers.n)
        kill(cluster.workers[0])
        until(lambda: not workers._client.nthreads())
        done = pool.submit(workers.run, identify, seconds=PATIENCE)
        until(lambda: workers._client.run_on_scheduler(lambda dask_scheduler: len(dask_scheduler.unrunnable)))
        cluster.join()
        assert done.result(PATIENCE)


def altered(folder: Path) -> Path:
    """A copy of the program in which one data file differs."""
    for package in ("etl", "flows", "warehouse"):
        shutil.copytree(ROOT / package, folder / package)
    with (folder / "etl" / "knowledge" / "data" / "given_names.csv").open("a") as file:
        file.write("\n")
    return folder


def test_workers_with_other_data_files_are_refused_before_and_during_a_build(
    tmp_path: Path, cluster: Cluster, news: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flows.cluster.IDLE", 2)
    root, path = tmp_path / "w", altered(tmp_path / "altered")
    cluster.join(path=path)
    with pytest.raises(ConfigError, match=r"not every Dask worker can take part.*its data files is \w+, here \w+"):
        build(root, news, runner="dask", scheduler=cluster.address)
    assert not root.exists()
    kill(cluster.workers[0])
    told: list[str] = []
    cluster.join()
    with ClusterWorkers(cluster.address, 0, DEFAULT_MODEL, (root,), told.append) as workers:
        workers.warm(workers.n)
        cluster.join(path=path)
        until(lambda: told)
        kill(cluster.workers[1])
        with pytest.raises(BrokenEnvironmentError, match="has finished a shard"):
            workers.run(identify, seconds=1)
    assert "taking no part" in told[0]
    assert "its data files" in told[0]


def test_with_certificates_strangers_are_refused(
    tmp_path: Path, news: Path, local: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flows.cluster.CONNECT", 2)
    ours, strangers = certificate(tmp_path / "ours.pem"), certificate(tmp_path / "strangers.pem")
    monkeypatch.setenv("DASK_DISTRIBUTED__COMM__REQUIRE_ENCRYPTION", "true")
    monkeypatch.setenv("DASK_DISTRIBUTED__COMM__TLS__CA_FILE", str(ours))
    for role in ("SCHEDULER", "WORKER", "CLIENT"):
        monkeypatch.setenv(f"DASK_DISTRIBUTED__COMM__TLS__{role}__CERT", str(ours))
    root = tmp_path / "w"
    with ExitStack() as stack:
        cluster = Cluster(tmp_path, stack, "tls")
        cluster.join()
        config = "distributed.comm.tls.client.cert"
        tls = {"distributed.comm.require-encryption": True, "distributed.comm.tls.ca-file": str(ours)}
        with (
            dask.config.set({**tls, config: str(strangers)}),
            pytest.raises(ConfigError, match="no Dask scheduler answers"),
        ):
            build(root, news, runner="dask", scheduler=cluster.address)
        with dask.config.set({**tls, config: str(ours)}):
            build(root, news, runner="dask", scheduler=cluster.address)
    assert_same(root, local)


def certificate(path: Path) -> Path:
    """A new self-signed certificate, which is its own authority, and its key in one file."""
    key, name, now = ec.generate_private_key(ec.SECP256R1()), x509.Name([]), datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(1)).not_valid_after(now + timedelta(1))
    signed = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True).sign(key, SHA256())
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(signed.public_bytes(Encoding.PEM) + private)
    return path


def test_a_worker_that_does_not_see_the_files_says_which(tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    demand = Demand(DEFAULT_MODEL, fingerprint(DEFAULT_MODEL), (tmp_path, seen))
    assert demand.unmet() == [f"it does not see {seen}"]


def test_a_scheduler_that_is_not_there_or_has_no_worker_is_an_error_that_says_what_to_start(
    tmp_path: Path, cluster: Cluster, news: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "w"
    monkeypatch.setattr("flows.cluster.CONNECT", 1)
    monkeypatch.setattr("flows.cluster.JOIN", 1)
    with reserved_port() as port, pytest.raises(ConfigError, match="start one: dask scheduler"):
        build(root, news, runner="dask", scheduler=f"tcp://127.0.0.1:{port}")
    for wrong, why in {"nonsense": "missing port number", "foo://h:1": "scheme 'foo'", "tls://h:1": "TLS"}.items():
        with pytest.raises(ConfigError, match=f"^{wrong} cannot be connected to: .*{why}"):
            build(root, news, runner="dask", scheduler=wrong)
    with pytest.raises(ConfigError, match=f"start one: dask worker {cluster.address}"):
        build(root, news, runner="dask", scheduler=cluster.address)
    assert not root.exists()


def test_without_an_address_the_cluster_is_on_this_machine(tmp_path: Path, news: Path, local: Path) -> None:
    build(tmp_path / "w", news, runner="dask", workers=1)
    assert_same(tmp_path / "w", local)


def listening() -> set[str]:
    """The addresses that this process listens on."""
    connections = psutil.Process().net_connections("tcp")
    return {str(each.laddr) for each in connections if each.status == psutil.CONN_LISTEN}


def test_a_cluster_on_this_machine_listens_to_this_machine_alone(recwarn: pytest.WarningsRecorder) -> None:
    before = listening()
    with _local_cluster(1), _local_cluster(1):
        assert all("127.0.0.1" in each for each in listening() - before)
    assert not [str(each.message) for each in recwarn if "Port" in str(each.message)]


def test_a_fingerprint_tells_data_files_and_models_apart(tmp_path: Path) -> None:
    for name in ("model", "other"):
        write(tmp_path / name, {WEIGHTS_FILE: name, TOKENIZER_FILE: "{}"})
    one, other = (fingerprint(str(tmp_path / name)) for name in ("model", "other"))
    assert one["model"].split()[1] != other["model"].split()[1]
    assert {name for name in one if one[name] != other[name]} == {"model"}
    assert re.fullmatch(rf"{DEFAULT_MODEL} [0-9a-f]{{12}}", fingerprint(DEFAULT_MODEL)["model"])
