"""The memory of all of a build's processes together, for a folder once and several times over, and for one large file.

``python -m tests.benchmarks.bench_memory [--times 8] [--megabytes 1] FOLDER``. Pages that processes share are counted once (PSS).
"""

import argparse
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from tests.benchmarks.figures import Figure

BIN = Path(sys.executable).parent
WORKERS = 2
#: Seconds between two looks at the processes.
EVERY = 0.5


def figures(folder: Path, times: int = 8, megabytes: float = 1) -> Iterator[Figure]:
    """Measure with the files of a folder, so many times over, and with a file of so many megabytes of their text."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    group = f"memory of all processes: {folder.name}, {WORKERS} workers"
    with TemporaryDirectory() as directory:
        work = Path(directory)
        once, several = (_peak(work, n, _copies(work / f"in-{n}", files, n)) for n in (1, times))
        yield Figure(group, f"{len(files):,} files", once, "MB")
        yield Figure(group, f"{len(files) * times:,} files", several, "MB")
        yield Figure(group, f"{times} times the files, more memory", 100 * (several / once - 1), "%", "≤ 15")
        one = work / "one"
        one.mkdir()
        text = b"\n\n".join(path.read_bytes() for path in files)
        n_bytes = int(megabytes * 1e6)
        (one / "large.txt").write_bytes((text * (n_bytes // len(text) + 1))[:n_bytes])
        began = time.perf_counter()
        yield Figure(group, f"one file of {megabytes:g} MB", _peak(work, 0, one), "MB")
        yield Figure(group, f"one file of {megabytes:g} MB", time.perf_counter() - began, "s")


def _copies(target: Path, files: list[Path], times: int) -> Path:
    """The files so many times over, with other words in each copy: the same words would be read once."""
    target.mkdir()
    for n in range(times):
        for i, path in enumerate(files):
            (target / f"{n}-{i}.txt").write_bytes(path.read_bytes() + f"\n\nIt rained on day {n}.\n".encode())
    return target


def _peak(work: Path, name: int, folder: Path) -> float:
    """The most megabytes that a build's processes had together."""
    words = (BIN / "ontherecord", "build", folder, "--direct", "--workers", WORKERS, "--warehouse", work / f"w-{name}")
    said = work / f"said-{name}"
    with said.open("w") as out, subprocess.Popen(list(map(str, words)), stdout=out, stderr=out) as build:
        peak = 0
        while build.poll() is None:
            peak = max(peak, _together(psutil.Process(build.pid)))
            time.sleep(EVERY)
        if build.returncode:
            raise RuntimeError(f"the build of {folder} failed:\n{said.read_text(encoding='utf-8')}")
    return peak / 1e6


def _together(process: psutil.Process) -> int:
    n_bytes = 0
    with suppress(psutil.NoSuchProcess):
        for each in (process, *process.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                n_bytes += each.memory_full_info().pss
    return n_bytes


def main() -> None:
    """Measure as asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--times", type=int, default=8)
    parser.add_argument("--megabytes", type=float, default=1)
    asked = parser.parse_args()
    for figure in figures(asked.folder, asked.times, asked.megabytes):
        sys.stdout.write(f"{figure.what:60s} {figure.value:10,.1f} {figure.unit}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
