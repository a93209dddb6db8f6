"""Readers meanwhile: whatever is read while runs publish is of one snapshot."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from tests.helpers import article, build_in_process, write
from tests.trust.readers import RAW, RESOLVED
from tests.trust.scale import scaled, tell

ROOT = Path(__file__).parents[2]
PUBLICATIONS = scaled(8, 100)
#: Seconds that readers may take to start, on a busy machine.
PATIENCE = 300
#: Articles, over as many months.
ARTICLES = 4


def publish(root: Path, number: int) -> None:
    said = f"“We shall mend wall number {number} before the winter,” Odile Marrack said."
    files = {f"{n}.txt": article(said, title=f"Wall {n}", day=date(2031, 1 + n, 3)) for n in range(ARTICLES)}
    build_in_process(root, write(root.parent / "in", files))


def until_seen(tallies: Sequence[Path], n: int) -> None:
    """Wait until every reader has seen so many snapshots."""
    until = time.monotonic() + PATIENCE
    while min(int(tally.read_text() or 0) for tally in tallies) < n:
        assert time.monotonic() < until
        time.sleep(0.1)


def test_readers_see_one_snapshot_at_a_time(tmp_path: Path) -> None:
    root, kinds = tmp_path / "w", [*RESOLVED, *RAW]
    publish(root, 0)
    tallies = [write(tmp_path, {kind: "0"}) / kind for kind in kinds]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"}
    readers = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.trust.readers", kind, str(root), str(tally)],
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )
        for kind, tally in zip(kinds, tallies, strict=True)
    ]
    try:
        until_seen(tallies, 1)
        for number in range(1, PUBLICATIONS + 1):
            publish(root, number)
        until_seen(tallies, 2)
    finally:
        for tally in tallies:
            tally.unlink()
        said = [reader.communicate(timeout=PATIENCE)[0] for reader in readers]
    results = [json.loads(each) for each in said]
    assert [result for result in results if result["wrong"]] == []
    assert min(result["n_snapshots"] for result in results) > 1
    n_reads, n_missing, n_between = (sum(r[key] for r in results) for key in ("n_reads", "n_missing", "n_between"))
    tell(f"{PUBLICATIONS} publications, {len(readers)} readers, {n_reads} reads, none failed")
    tell(f"through `current`: a file gone {n_missing} times, two tables of two snapshots {n_between} times")
