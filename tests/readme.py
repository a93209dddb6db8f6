"""What the README shows of `make demo`: ``python -m tests.readme`` (or ``make docs``) writes it, a test keeps it fresh."""

import re
import tempfile
from pathlib import Path

from typer.testing import CliRunner

from flows.cli import app
from flows.pipeline import build_directly
from flows.request import BuildRequest

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
EXAMPLES = ROOT / "tests" / "examples" / "articles"
#: The demo's questions, as the Makefile asks them, and how many lines of each answer are shown.
SHOWN = {"who_said_most": 10, "who_talked_about_whom": 10, "latest_words": 4}
BLOCK = re.compile(r"(?<=^```\n)-- .*?(?=^…\n```)", re.MULTILINE | re.DOTALL)


def answers(warehouse: Path) -> str:
    """The beginnings of the answers, as a terminal of 80 columns shows them."""
    lines = []
    for question, n_lines in SHOWN.items():
        query = ROOT / "warehouse" / "queries" / f"{question}.sql"
        asked = ["sql", "--warehouse", str(warehouse), "--file", str(query)]
        told = CliRunner().invoke(app, asked, env={"COLUMNS": "80"}).stdout
        lines += [query.read_text(encoding="utf-8").partition("\n")[0], *told.splitlines()[:n_lines]]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "warehouse"
        build_directly(BuildRequest(warehouse=root, sources=(EXAMPLES,), workers=1))
        page = README.read_text(encoding="utf-8")
        README.write_text(BLOCK.sub(lambda _: answers(root), page), encoding="utf-8")
