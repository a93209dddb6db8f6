from pathlib import Path

from tests.readme import BLOCK, README, answers


def test_the_readme_shows_what_the_demo_prints(examples: Path) -> None:
    assert BLOCK.findall(README.read_text(encoding="utf-8")) == [answers(examples)], "run make docs"
