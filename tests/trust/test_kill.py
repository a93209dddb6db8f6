"""Killed at any moment: what is published stays whole, and the next build ends as if nothing had been."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

from tests.trust.failpoints import STAGES
from tests.trust.scale import scaled, tell

ROOT = Path(__file__).parents[2]
#: Moments of each stage; in the soak also every fsync, rename and link of publication.
PER_STAGE = scaled(1, 12)
AT_LEAST = scaled(13, 200)
#: Moments there must be to choose from in each stage.
TO_CHOOSE_FROM = 10


def test_killed_at_any_moment_a_build_ends_as_if_it_had_not_been(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "0", "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "tests.trust.kill", str(tmp_path), str(PER_STAGE)]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    n_moments, *outcomes = map(json.loads, done.stdout.splitlines())
    assert set(n_moments) == set(STAGES.values())
    assert min(n_moments.values()) >= TO_CHOOSE_FROM
    assert [outcome for outcome in outcomes if outcome["wrong"]] == []
    came = [outcome for outcome in outcomes if outcome["came"]]
    tell(f"killed and survived, by stage: {dict(Counter(outcome['stage'] for outcome in came))}, {len(came)} in all")
    assert {outcome["stage"] for outcome in came} == set(STAGES.values())
    assert len(came) >= AT_LEAST
