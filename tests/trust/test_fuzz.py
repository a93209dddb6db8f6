"""Fed rubbish: every file ends in one state, the sums agree with a walk of the folder, and nothing hangs."""

import os
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from flows.cli import app
from flows.pipeline import Summary, build_directly
from flows.request import BuildRequest
from tests.helpers import STORY, article, build_in_process, write
from tests.trust.kit import broken_checks
from tests.trust.mutate import INSERTED, hostile_files, mutated
from tests.trust.scale import scaled, tell
from warehouse.reader import query, snapshot

N_FILES = scaled(150, 5000)
#: CPU seconds that the build may take: some for each file.
SECONDS_EACH = 1.0
#: What a terminal acts upon.
ACTED_UPON = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def in_states(root: Path, folder: Path) -> dict[str, int]:
    """How many files are in each state, after making sure that every file on disk is in exactly one."""
    rows = query(root, "SELECT source_uri, status, n_articles, n_rejected FROM file").to_pylist()
    walked = [Path(top, name) for top, _, names in os.walk(folder) for name in names]
    below = [os.fsencode(path.relative_to(folder)) for path in walked if not path.is_dir()]
    expected = {f"{folder.name}/{name.decode('utf-8', 'backslashreplace')}" for name in below}
    assert len(rows) == len(expected)
    assert {row["source_uri"] for row in rows} == expected
    counted = {
        name: query(root, f"SELECT count(*) AS n FROM {name}").to_pylist()[0]["n"] for name in ("article", "rejection")
    }
    assert counted == {
        "article": sum(row["n_articles"] for row in rows),
        "rejection": sum(row["n_rejected"] for row in rows),
    }
    return {state: sum(row["status"] == state for row in rows) for state in ("loaded", "rejected")}


def test_a_build_of_damaged_files_has_each_in_one_state(tmp_path: Path) -> None:
    folder, root = tmp_path / "in", tmp_path / "w"
    write(folder, dict(mutated(N_FILES, seed=7)))
    began = sum(os.times()[:4])
    summary: Summary = build_directly(BuildRequest(warehouse=root, sources=(folder,)))
    seconds = sum(os.times()[:4]) - began
    states = in_states(root, folder)
    reasons = query(root, "SELECT reason, count(*) AS n FROM rejection GROUP BY ALL ORDER BY n DESC").to_pylist()
    tell(f"{N_FILES} damaged files in {seconds:.0f} s of CPU: {states}; {[tuple(row.values()) for row in reasons]}")
    assert summary.plan.n_found == N_FILES == sum(states.values())
    assert not {"error", "crashed", "timeout"} & {row["reason"] for row in reasons}
    assert broken_checks(snapshot(root)) == []
    assert seconds < 60 + SECONDS_EACH * N_FILES


def test_hostile_names_are_files_like_any_other(tmp_path: Path) -> None:
    folder, root = tmp_path / "in", tmp_path / "w"
    folder.mkdir()
    hostile_files(folder, STORY.encode())
    build_in_process(root, folder)
    states = in_states(root, folder)
    assert states["rejected"] == 3
    reasons = query(root, "SELECT source_uri, reason FROM rejection ORDER BY source_uri").to_pylist()
    assert {row["source_uri"]: row["reason"] for row in reasons} == {
        "in/nowhere.txt": "unreadable",
        "in/pipe.txt": "not_a_file",
        "in/round.txt": "unreadable",
    }
    assert build_in_process(root).run.status == "unchanged"


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse whose every name and text is out to harm."""
    base = tmp_path_factory.mktemp("hostile")
    (base / "in").mkdir()
    hostile_files(base / "in", STORY.encode())
    for n, harm in enumerate(INSERTED):
        text = article(
            f"Odile Marrack {harm} spoke.", f"“We shall {harm} mend it,” Odile Marrack said.", title=f"A {harm} b"
        )
        (base / "in" / f"text {n}.txt").write_bytes(text.encode("utf-8", "surrogatepass"))
    build_in_process(base / "w", base / "in")
    return base / "w"


def run(*arguments: object) -> str:
    done = CliRunner().invoke(app, list(map(str, arguments)))
    assert done.exception is None, done.output
    return done.output


def test_what_is_shown_acts_on_no_terminal(hostile: Path) -> None:
    ids = query(hostile, "SELECT article_id FROM article").column(0).to_pylist()
    shown = [run("show", each, "--warehouse", hostile) for each in ids]
    shown.append(run("status", "--warehouse", hostile))
    shown.append(run("snapshots", "--warehouse", hostile))
    shown += [
        run("sql", f"SELECT * FROM {table}", "--warehouse", hostile)
        for table in ("article", "quote", "mention", "file", "rejection")
    ]
    assert [ACTED_UPON.search(text) for text in shown] == [None] * len(shown)
    assert any("DROP TABLE" in text for text in shown)


def test_a_spreadsheet_finds_no_formula_in_csv(hostile: Path) -> None:
    told = run(
        "sql", "SELECT '=1+1' AS a, '@x' AS b, -1 AS c, '- said' AS d, 'x=1' AS e", "--warehouse", hostile, "--csv"
    )
    assert told.splitlines()[1] == "'=1+1,'@x,-1,'- said,x=1"
