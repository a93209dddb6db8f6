"""What is pinned fits together, extras included, and every way to install takes just that."""

import re
from pathlib import Path

import pytest

from tests.pins import installed, our_extras, pinned, unmet

ROOT = Path(__file__).parents[1]
#: Extras that only `constraints-dev.txt` has.
DEVELOPMENT = {"dev", "train"}


def test_every_requirement_is_met() -> None:
    assert unmet(installed(), our_extras()) == []


def test_what_runs_is_pinned_without_what_develops() -> None:
    runs, develops = pinned(ROOT / "constraints.txt"), pinned(ROOT / "constraints-dev.txt")
    assert unmet(runs, our_extras() - DEVELOPMENT) == []
    assert unmet(runs, our_extras())
    assert runs.items() < develops.items()


@pytest.mark.parametrize("file", ["Makefile", "Dockerfile", "README.md", "docs/operations.md"])
def test_nothing_is_resolved_when_the_constraints_are_installed(file: str) -> None:
    """Resolving, pip prefers the newest release of what is asked for with an extra, `coverage[toml]`, and then misses its hash."""
    text = (ROOT / file).read_text(encoding="utf-8").replace("$(INSTALL)", "pip install --no-deps")
    installs = re.findall(r"pip install (.*--require-hashes.*)", text)
    assert installs
    assert all("--no-deps" in each for each in installs)
