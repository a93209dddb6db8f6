"""From the command to the prompt, for the examples: with a running Prefect server, without one, and with ``--direct``; and with
nothing changed; the help; and the size of the environment. ``python -m tests.benchmarks.bench_start``
"""

import os
import sys
import tempfile
from collections.abc import Iterator
from importlib.metadata import Distribution, distributions
from pathlib import Path
from statistics import median

from packaging.utils import canonicalize_name

from flows.server import API_URL, LocalServer
from tests.benchmarks.figures import Figure, command
from tests.pins import pinned

EXAMPLES = Path(__file__).parent.parent / "examples" / "articles"
CONSTRAINTS = Path(__file__).parents[2] / "constraints.txt"
COMMAND = Path(sys.executable).with_name("ontherecord")
GROUP = "from the command to the prompt, made-up articles"
#: Distributions whose size is told by name.
LARGEST = 4
HELPS = 5


def figures() -> Iterator[Figure]:
    """Measure. The first run's Prefect home is set up before, as on any machine that has run it once."""
    helped = [command(COMMAND, "--help") for _ in range(HELPS)]
    yield Figure(GROUP, "`ontherecord --help`", median(each.cpu for each in helped), "CPU s", "≤ 0.3")
    yield Figure(GROUP, "`ontherecord --help`", median(each.clock for each in helped), "s")
    os.environ.pop(API_URL, None)
    with LocalServer() as server:
        server.wait()
        yield from _builds("with a running Prefect server")
    yield from _builds("with a server of its own")
    yield from _builds("`--direct`", "--direct")
    yield from _environment()


def _builds(what: str, *options: str) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as directory:
        words = (COMMAND, "build", EXAMPLES, "--warehouse", Path(directory) / "warehouse", *options)
        for when in ("first build", "nothing changed"):
            spent = command(*words)
            yield Figure(GROUP, f"{what}, {when}", spent.clock, "s")
            yield Figure(GROUP, f"{what}, {when}", spent.cpu, "CPU s")


def _environment() -> Iterator[Figure]:
    sizes = {canonicalize_name(each.name): _bytes(each) / 1e6 for each in distributions()}
    runs = {name: size for name, size in sizes.items() if name in pinned(CONSTRAINTS)}
    for group, found in (("what runs, extras included", runs), ("this environment, development tools included", sizes)):
        yield Figure(group, "all", sum(found.values()), "MB")
        for name in sorted(found, key=lambda name: -found[name])[:LARGEST]:
            yield Figure(group, name, found[name], "MB")


def _bytes(distribution: Distribution) -> int:
    paths = (Path(str(distribution.locate_file(file))) for file in distribution.files or ())
    return sum(path.stat().st_size for path in paths if path.is_file())


if __name__ == "__main__":
    for figure in figures():
        sys.stdout.write(f"{figure.what:50s} {figure.value:10,.2f} {figure.unit}\n")
