"""From the command to the prompt, for the examples: with a running Prefect server, without one, and with ``--direct``; and with
nothing changed. ``python -m tests.benchmarks.bench_start``
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from flows.server import API_URL, LocalServer

EXAMPLES = Path(__file__).parent.parent / "examples" / "articles"
COMMAND = Path(sys.executable).with_name("ontherecord")


def seconds(root: Path, *options: str) -> float:
    """How long one build takes."""
    began = time.perf_counter()
    subprocess.run([COMMAND, "build", EXAMPLES, "--warehouse", root, *options], check=True, capture_output=True)
    return time.perf_counter() - began


def report(what: str, *options: str) -> None:
    """Print how long a first build takes, and one with nothing changed."""
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory) / "warehouse"
        first = seconds(root, *options)
        sys.stdout.write(f"{what:30s} first {first:6.1f} s   nothing changed {seconds(root, *options):6.1f} s\n")


def main() -> None:
    """Measure the three ways. The first run's Prefect home is set up before, as on any machine that has run it once."""
    os.environ.pop(API_URL, None)
    with LocalServer() as server:
        server.wait()
        report("with a running Prefect server")
    report("with a server of its own")
    report("--direct", "--direct")


if __name__ == "__main__":
    main()
