"""The journal over a thousand runs."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from etl.store.journal import ID_TIME, Run, record, run_files
from etl.store.paths import Layout
from flows.freshness import health
from flows.housekeeping import KEPT_RUNS, tidy
from tests.helpers import STORY, build_in_process, write

DAY = timedelta(days=1)


def past(root: Path, n: int, every: timedelta) -> None:
    """Put ``n`` runs on record that found nothing new, one each ``every``, the last a moment ago."""
    for i in range(n, 0, -1):
        at = datetime.now(UTC) - i * every
        run = Run(run_id=f"{at:{ID_TIME}}Z-{i:04x}", started_at=at, finished_at=at, status="unchanged", versions={})
        record(Layout(root).runs, run)


def test_a_thousand_runs_are_brought_down_to_those_of_a_month(tmp_path: Path) -> None:
    root = tmp_path / "warehouse"
    build_in_process(root, write(tmp_path / "news", {"a.txt": STORY}))
    (published,) = run_files(Layout(root).runs)
    past(root, 1000, DAY / 4)
    assert tidy(root, 30 * DAY, dry_run=True).n_runs == tidy(root, 30 * DAY).n_runs >= 1000 - 121
    assert published.exists()
    assert tidy(root, 30 * DAY).n_runs == 0
    assert build_in_process(root).run.status == "unchanged"
    assert sum(health(root).runs.values()) <= 122


@pytest.mark.parametrize("n", [0, KEPT_RUNS - 1, KEPT_RUNS, KEPT_RUNS + 37])
def test_the_last_runs_stay_whatever_their_age(tmp_path: Path, n: int) -> None:
    past(tmp_path, n, 10 * DAY)
    tidy(tmp_path, DAY)
    assert len(run_files(Layout(tmp_path).runs)) == min(n, KEPT_RUNS)
