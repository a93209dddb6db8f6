"""No usage data: the libraries that collect some for their makers keep an id or a queue in the user's home, which stays empty."""

from pathlib import Path

import pytest

from tests.flows.conftest import EXAMPLES, ontherecord

#: What the program sets so that no library sends anything; and what names places for such files.
SILENCED = ("ORT_DISABLE_TELEMETRY", "DO_NOT_TRACK", "PREFECT_SERVER_ANALYTICS_ENABLED")
PLACES = ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME")


def test_a_build_leaves_nothing_in_the_users_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SILENCED:
        monkeypatch.delenv(name, raising=False)  # this process has them already
    home = tmp_path / "home"
    home.mkdir()
    (article, *_) = sorted(EXAMPLES.rglob("*.txt"))
    build = ("build", article, "--direct", "--workers", 1, "--warehouse", tmp_path / "w")
    done = ontherecord(*build, **dict.fromkeys(PLACES, str(home)))
    assert done.returncode == 0, done.stderr
    assert list(home.iterdir()) == []
