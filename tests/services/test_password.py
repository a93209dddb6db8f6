"""A Prefect server that asks for a password."""

from pathlib import Path

from etl.store.journal import journal
from etl.store.paths import Layout
from tests.flows.conftest import ontherecord
from tests.helpers import STORY, write
from tests.services.conftest import serving

PASSWORD = "editor:open sesame"  # noqa: S105  # of this test's server


def test_builds_are_recorded_with_the_password_and_refused_without(tmp_path: Path) -> None:
    news, root = write(tmp_path / "news", {"a.txt": STORY}), tmp_path / "w"
    home = tmp_path / "prefect"
    home.mkdir()
    with serving(home, PREFECT_SERVER_API_AUTH_STRING=PASSWORD):
        build = ("build", news, "--warehouse", root, "--workers", 1)
        refused = ontherecord(*build, PREFECT_API_AUTH_STRING="editor:guess")
        assert refused.returncode != 0
        assert "set PREFECT_API_AUTH_STRING" in refused.stderr
        assert "Traceback" not in refused.stderr
        assert "open sesame" not in refused.stderr
        done = ontherecord(*build, PREFECT_API_AUTH_STRING=PASSWORD)
        assert done.returncode == 0, done.stderr
    assert journal(Layout(root).runs)[-1].status == "published"
