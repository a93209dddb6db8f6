"""What the benchmarks measured: kept as ``docs/benchmarks.json``, shown as one table in ``docs/benchmarks.md``."""

import json
import os
import platform
import resource
import subprocess
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[2]
KEPT = ROOT / "docs" / "benchmarks.json"
#: The libraries that most of the time is spent in.
LIBRARIES = ("duckdb", "numpy", "onnxruntime", "pandas", "prefect", "pyarrow", "spacy", "tokenizers")
#: Instructions for products of small integers, the encoder's main work: they make it up to half as fast again.
INTEGER_PRODUCTS = ("avx512_vnni", "avx_vnni", "amx_int8", "asimddp")
HEAD = """# Benchmarks

Made by `make bench` on the commit and machine named here. Processor seconds and ratios are the claims: clock seconds depend on what
else the machine does. A ratio is of two runs in turn, the median where there are several pairs.

`make bench CORPUS="DIR DIR"` measures with folders of real articles; without, with the made-up ones of `tests/examples`.
Each `bench_*.py` in `tests/benchmarks` also runs alone; two of them are not in the table: `python -m tests.benchmarks.bench_names`
(resolving names) and `python -m tests.benchmarks.bench_pages` (reading pages).
"""


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value; ``asked`` is what it is meant to be."""

    group: str
    what: str
    value: float
    unit: str
    asked: str = ""


@dataclass(frozen=True, slots=True)
class Spent:
    """The seconds that something took: of the clock, and of processors."""

    clock: float
    cpu: float


def timed(step: Callable[[], object]) -> Spent:
    """What a step and the processes that it waits for spend."""
    began, before = time.perf_counter(), _cpu()
    step()
    return Spent(time.perf_counter() - began, _cpu() - before)


def command(*words: object) -> Spent:
    """What a command spends. Its output is shown only if it fails."""
    return timed(lambda: _run(list(map(str, words))))


def _run(words: Sequence[str]) -> None:
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(words)} ended with {done.returncode}:\n{done.stdout}")


def pairs(n: int, one: Callable[[], float], other: Callable[[], float]) -> tuple[float, float, float]:
    """Medians of two measures taken in turn, ``n`` times each, and the median of their ratios."""
    taken = [(one(), other()) for _ in range(n)]
    return median(a for a, _ in taken), median(b for _, b in taken), median(a / b for a, b in taken)


def keep(figures: Iterable[Figure]) -> None:
    """Write figures down, with what they were measured on."""
    kept = {
        "measured_at": datetime.now(UTC).isoformat(timespec="minutes"),
        "commit": _git("rev-parse", "--short", "HEAD") + ("" if not _git("status", "--porcelain") else " and changes"),
        "machine": f"{_processor()}, {len(os.sched_getaffinity(0))} cores, Python {platform.python_version()}",
        "versions": {name: version(name) for name in LIBRARIES},
        "figures": list(map(asdict, figures)),
    }
    KEPT.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")


def page() -> str:
    """The page of what is written down."""
    kept = json.loads(KEPT.read_text(encoding="utf-8"))
    libraries = ", ".join(f"{name} {number}" for name, number in kept["versions"].items())
    lines = [HEAD, f"{kept['measured_at']}, commit {kept['commit']}; {kept['machine']}; {libraries}.", ""]
    lines += ["| what | measured | asked |", "|---|---:|---|"]
    group = ""
    for each in (Figure(**figure) for figure in kept["figures"]):
        if each.group != group:
            group = each.group
            lines.append(f"| **{group}** | | |")
        lines.append(f"| {each.what} | {_readable(each.value)} {each.unit} | {each.asked} |")
    return "\n".join(lines) + "\n"


def _readable(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _cpu() -> float:
    return sum(
        used.ru_utime + used.ru_stime
        for used in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def _git(*words: str) -> str:
    return subprocess.run(["git", *words], capture_output=True, text=True, cwd=ROOT, check=False).stdout.strip()  # noqa: S607  # the git that is on the path


def _processor() -> str:
    """The processor's name, and which instructions for products of integers it has."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor()
    name = next(
        (line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("model name")),
        platform.machine(),
    )
    has = [instruction for instruction in INTEGER_PRODUCTS if instruction in text.split()]
    return f"{name} ({', '.join(has) or 'without VNNI'})"


def words_of(files: Sequence[Path]) -> int:
    """The words of files, told by white space."""
    return sum(len(path.read_bytes().split()) for path in files)
