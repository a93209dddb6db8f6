"""Readers meanwhile: whatever is read while runs publish is of one snapshot."""

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

from tests.helpers import article, build_in_process, write
from tests.trust.readers import RAW, RESOLVED
from tests.trust.scale import scaled, tell

ROOT = Path(__file__).parents[2]
PUBLICATIONS = scaled(8, 100)
#: Articles, over as many months.
ARTICLES = 4


def publish(root: Path, number: int) -> None:
    said = f"“We shall mend wall number {number} before the winter,” Odile Marrack said."
    files = {f"{n}.txt": article(said, title=f"Wall {n}", day=date(2031, 1 + n, 3)) for n in range(ARTICLES)}
    build_in_process(root, write(root.parent / "in", files))


def test_readers_see_one_snapshot_at_a_time(tmp_path: Path) -> None:
    root, stop = tmp_path / "w", tmp_path / "stop"
    publish(root, 0)
    kinds = [*RESOLVED, *RAW]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"}
    readers = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.trust.readers", kind, str(root), str(stop)],
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )
        for kind in kinds
    ]
    try:
        for number in range(1, PUBLICATIONS + 1):
            publish(root, number)
    finally:
        stop.touch()
        said = [reader.communicate(timeout=120)[0] for reader in readers]
    results = [json.loads(each) for each in said]
    assert [result for result in results if result["wrong"]] == []
    assert min(result["n_reads"] for result in results) > 0
    assert sum(result["n_snapshots"] > 1 for result in results) >= len(RESOLVED) // 2
    n_reads, n_missing, n_between = (sum(r[key] for r in results) for key in ("n_reads", "n_missing", "n_between"))
    tell(f"{PUBLICATIONS} publications, {len(readers)} readers, {n_reads} reads, none failed")
    tell(f"through `current`: a file gone {n_missing} times, two tables of two snapshots {n_between} times")
