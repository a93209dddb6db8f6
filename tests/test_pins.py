"""What is installed from the constraints fits together, extras included, and every way to install takes just that."""

import re
from pathlib import Path

import pytest

from tests.pins import unmet

ROOT = Path(__file__).parents[1]


def test_every_requirement_is_met() -> None:
    assert unmet() == []


@pytest.mark.parametrize("file", ["Makefile", "Dockerfile", "README.md", "docs/operations.md"])
def test_nothing_is_resolved_when_the_constraints_are_installed(file: str) -> None:
    """Resolving, pip prefers the newest release of what is asked for with an extra, `coverage[toml]`, and then misses its hash."""
    installs = re.findall(r"pip install (.*--require-hashes.*)", (ROOT / file).read_text(encoding="utf-8"))
    assert installs
    assert all("--no-deps" in each for each in installs)
