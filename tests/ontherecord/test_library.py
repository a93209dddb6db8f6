"""The library as people use it: the documentation's own code, and what happens when a script forgets its main guard."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

import ontherecord
from etl.errors import ConfigError
from flows.processes import NoMainGuardError
from tests.helpers import STORY, article, build_in_process, write
from warehouse.reader import NothingPublishedError

DOCS = Path(__file__).parents[2] / "docs" / "library.md"
BLOCK = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write(tmp_path, {"article.txt": STORY, "news/a.txt": STORY, "news/b.txt": article("“Rain,” said Odile Marrack.")})
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_documented_scripts_run_as_they_stand(here: Path) -> None:
    printed = []
    for number, block in enumerate(BLOCK.findall(DOCS.read_text(encoding="utf-8"))):
        script = here / f"script{number}.py"
        script.write_text(block, encoding="utf-8")
        done = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 0, done.stderr
        printed.append(done.stdout)
    first, second = printed
    assert "We shall ask Halvard Quill" in first
    assert "published 2" in second
    assert re.search(r"Odile Marrack +2", second)


def test_quotes_are_spans_with_speaker_and_confidence() -> None:
    found = ontherecord.quotes(STORY)
    assert list(found.columns[:3]) == ["text", "speaker", "confidence"]
    (row,) = found[found.kind == "direct"].to_dict("records")
    assert STORY[row["span_start"] : row["span_end"]] == row["text"]
    assert (row["speaker"], row["cue"]) == ("Odile Marrack", "said")
    assert 0.5 < row["confidence"] <= 1
    assert ontherecord.quotes("No words of anybody.").dtypes.equals(found.dtypes)


def test_paths_may_be_strings_and_errors_are_sentences(here: Path) -> None:
    build_in_process(here / "w", here / "news")
    assert sorted(ontherecord.table("article", warehouse="w").source_uri) == ["news/a.txt", "news/b.txt"]
    assert ontherecord.sql("select 1 as a, null::integer as b", warehouse=str(here / "w")).b.isna().all()
    with pytest.raises(NothingPublishedError, match="nothing is published in nowhere"):
        ontherecord.table("said", warehouse="nowhere")
    with pytest.raises(ConfigError, match="modle is no key; did you mean model"):
        ontherecord.build("news", warehouse="w", modle="x")  # type: ignore[call-arg]  # as a typo


UNGUARDED = """\
import ontherecord
import sys

{call}
"""


@pytest.mark.parametrize(
    ("call", "is_refused"),
    [
        ('ontherecord.build("news", warehouse="w")', True),
        ('def main():\n    ontherecord.build("news", warehouse="w")\n\nmain()', True),
        (
            'if __name__ == "__main__":\n    from flows.workers import Workers\n    Workers(1, "").__exit__(None, None, None)',
            False,
        ),
    ],
)
def test_a_script_without_a_main_guard_is_told_so(here: Path, call: str, is_refused: bool) -> None:
    (here / "script.py").write_text(UNGUARDED.format(call=call), encoding="utf-8")
    done = subprocess.run([sys.executable, "script.py"], capture_output=True, text=True, timeout=300, check=False)
    assert (done.returncode != 0) is is_refused, done.stderr
    if is_refused:
        assert f"{NoMainGuardError.__name__}: " in done.stderr
        assert 'if __name__ == "__main__":' in done.stderr
        assert "BrokenProcessPool" not in done.stderr
        assert not (here / "w" / "current").exists()
