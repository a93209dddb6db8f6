"""Search over what was said: hits, marks, filters, hostile queries; and the index after a change equals one built from nothing."""

import json
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from etl.schema import SEARCH
from flows.cli import app
from tests.helpers import STORY, article, build_in_process, write
from warehouse.search import (
    ARTICLE_COLUMNS,
    COLUMNS,
    MARK,
    UNMARK,
    Filters,
    Hit,
    match_of,
    render,
    search,
    search_articles,
)

FERRY = article(
    "“The ferries to Brelling are late, and Tobias Fenwright knows it,” Halvard Quill said.",
    title="Ferries late",
    day=date(2031, 5, 2),
)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("search")
    news = write(folder / "in", {"story.txt": STORY, "reprint.txt": STORY, "ferry.txt": FERRY})
    build_in_process(folder / "w", news)
    return folder / "w"


def speakers(hits: list[Hit]) -> list[object]:
    return [hit["speaker"] for hit in hits]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("wall", ["Odile Marrack"]),
        ("walls winter", ["Odile Marrack"]),
        ('"whole wall"', ["Odile Marrack"]),
        ('"wall whole"', []),
        ("“whole wall”", ["Odile Marrack"]),
        ("“wall whole”", []),
        ("„wall whole“ OR «whole wall»", ["Odile Marrack"]),
        ("ferr*", ["Halvard Quill"]),
        ("ferry OR wall", ["Halvard Quill", "Odile Marrack"]),
        ("Ferries", ["Halvard Quill"]),
        ("nothing", []),
    ],
)
def test_words_are_found(root: Path, words: str, found: list[str]) -> None:
    assert sorted(map(str, speakers(search(root, words)))) == found


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        (Filters(speaker="quill"), ["Halvard Quill"]),
        (Filters(about="fenwright"), ["Halvard Quill"]),
        (Filters(about="quill"), ["Odile Marrack"]),
        (Filters(since=date(2031, 4, 1)), ["Halvard Quill"]),
        (Filters(until=date(2031, 4, 1)), ["Odile Marrack"]),
        (Filters(outlet="elsewhere"), []),
        (Filters(form="reported"), []),
        (Filters(reprints=True), ["Halvard Quill", "Odile Marrack", "Odile Marrack"]),
    ],
)
def test_filters_narrow_what_is_found(root: Path, filters: Filters, found: list[str]) -> None:
    assert sorted(map(str, speakers(search(root, "", filters)))) == found


def test_what_is_found_is_marked_in_its_context(root: Path) -> None:
    (hit,) = search(root, "wall")
    assert f"the whole {MARK}wall{UNMARK} before" in str(hit["snippet"])
    assert hit["context_after"] == "Odile Marrack said."


def test_a_snippet_is_cut_between_words_and_not_behind_initials(tmp_path: Path) -> None:
    pad = " ".join(["and so on"] * 20)
    text = (
        f"{pad} from the U.S. the ferry that won't {pad} by the quay of J.R. Holt we saw the lighthouse in B.C. {pad}"
    )
    write(tmp_path / "in", {"ferry.json": json.dumps({"text": f"“{text},” Wenna Tolgarth said."})})
    build_in_process(tmp_path / "w", tmp_path / "in")
    for find in (search, search_articles):
        for words, begin in (("ferry", "U.S. the ferry"), ("lighthouse", "J.R. Holt we saw")):
            snippet = str(find(tmp_path / "w", words)[0]["snippet"]).replace(MARK, "").replace(UNMARK, "")
            assert snippet.startswith(f"…{begin}")
            assert snippet.endswith("…")
            assert f" {snippet[1:-1]} " in text


def test_no_text_can_fake_what_is_found(tmp_path: Path) -> None:
    faked = "“The \x02wall\x03 is \x02bought\x03 and the ferry sails,” Wenna Tolgarth said."
    build_in_process(tmp_path / "w", write(tmp_path / "in", {"faked.json": json.dumps({"text": faked})}))
    for find in (search, search_articles):
        (hit,) = find(tmp_path / "w", "ferry")
        assert f"the {MARK}ferry{UNMARK} sails" in str(hit["snippet"])
        assert str(hit["snippet"]).count(MARK) == 1
    marked = [str(span.style) for span in render(search(tmp_path / "w", "ferry")[0]).spans]
    assert marked.count("bold reverse") == 1


@pytest.mark.parametrize(
    ("kept", "says"), [(0, "has no search index of this version"), (4096, "is damaged")], ids=["junk", "torn"]
)
def test_a_damaged_index_is_told_in_a_line_and_made_anew_by_the_next_build(
    tmp_path: Path, kept: int, says: str
) -> None:
    root, news = tmp_path / "w", write(tmp_path / "in", {"story.txt": STORY})
    patches: dict[str, object] = {"etl.store.load.REPLACED_SHARE": 100.0}
    build_in_process(root, news)
    path = root / "current" / SEARCH
    content = path.read_bytes()
    path.write_bytes(content[:kept] + b"junk" * ((len(content) - kept) // 4))
    for options in ([], ["--articles"]):
        done = CliRunner().invoke(app, ["search", "wall", "--warehouse", str(root), *options])
        assert done.exit_code == 1
        assert says in done.stderr
    write(news, {"ferry.txt": FERRY})
    build_in_process(root, patches=patches)
    assert speakers(search(root, "ferry")) == ["Halvard Quill"]


@pytest.mark.parametrize(
    "words",
    [
        '"',
        '""',
        "a' OR 1=1 --",
        "NEAR(",
        "speaker:x AND",
        "OR",
        "*",
        "^",
        "-",
        "\x00",
        "wall\x00",
        '"the\x00wall"',
        "(" * 99,
    ],
)
def test_no_query_is_an_error(root: Path, words: str) -> None:
    assert isinstance(search(root, words), list)


def test_what_a_person_types_means_only_what_it_says() -> None:
    assert match_of('ferry "late again" OR rain* NOT') == '"ferry" "late again" OR "rain"* "NOT"'


def test_the_index_after_a_change_finds_what_one_made_anew_finds(tmp_path: Path) -> None:
    folder = write(tmp_path / "in", {"story.txt": STORY, "ferry.txt": FERRY})
    patches: dict[str, object] = {"etl.store.load.REPLACED_SHARE": 100.0}
    build_in_process(tmp_path / "w", folder)
    write(
        folder, {"ferry.txt": FERRY.replace("ferries", "trains"), "third.txt": article("“Rain,” Wenna Tolgarth said.")}
    )
    build_in_process(tmp_path / "w", patches=patches)
    build_in_process(tmp_path / "anew", folder)
    for words in ("ferry", "train", "rain", "wall", ""):
        for find in (search, search_articles):
            assert find(tmp_path / "w", words) == find(tmp_path / "anew", words)


@pytest.mark.parametrize(
    ("words", "filters", "found"),
    [
        ("rain", Filters(), ["in/reprint.txt"]),
        ("rain", Filters(reprints=True), ["in/reprint.txt", "in/story.txt"]),
        ("rain", Filters(since=date(2031, 4, 1)), []),
        ("ferries late", Filters(), ["in/ferry.txt"]),
        ('"ferries late"', Filters(outlet="in"), ["in/ferry.txt"]),
        ("", Filters(), ["in/ferry.txt", "in/reprint.txt"]),
    ],
)
def test_articles_are_found_by_headline_and_text(root: Path, words: str, filters: Filters, found: list[str]) -> None:
    assert [hit["source_uri"] for hit in search_articles(root, words, filters)] == found


def test_an_articles_words_are_marked_though_the_index_has_no_text(root: Path) -> None:
    (hit,) = search_articles(root, "rain friday")
    assert f"in the {MARK}rain{UNMARK} on {MARK}Friday{UNMARK}" in str(hit["snippet"])
    assert isinstance(search_articles(root, "\x00("), list)


def test_the_command_finds_articles_and_refuses_what_is_not_of_them(root: Path) -> None:
    run = CliRunner().invoke(app, ["search", "rain", "--articles", "--warehouse", str(root)])
    assert "in the rain on Friday" in " ".join(run.output.split())
    refused = CliRunner().invoke(app, ["search", "rain", "--articles", "--speaker", "x", "--warehouse", str(root)])
    assert refused.exit_code == 2


def test_the_command_prints_hits_and_json(root: Path) -> None:
    run = CliRunner().invoke(app, ["search", "wall", "--warehouse", str(root)])
    assert "Odile Marrack" in run.output
    assert "wall" in run.output
    assert all(line == line.rstrip() for line in run.output.splitlines())
    found = CliRunner().invoke(app, ["search", "wall", "--warehouse", str(root), "--json"])
    assert "the whole [wall] before" in found.output
    for form, columns in (([], COLUMNS), (["--articles"], ARTICLE_COLUMNS)):
        for words in ("wall", "zeppelin"):
            rows = CliRunner().invoke(app, ["search", words, *form, "--warehouse", str(root), "--csv"]).stdout
            assert rows.splitlines()[0] == ",".join(columns)


def test_a_hit_is_printed_as_on_the_page() -> None:
    blank = dict.fromkeys(("speaker", "published_on", "outlet", "title", "form", "utterance_id"))
    around = {
        "context_before": "He\nsaid",
        "snippet": f"the {MARK}wall{UNMARK}\n  would hold",
        "context_after": ", and left.",
    }
    shown = render({**blank, **around, "utterance_id": "f00d"}, " --warehouse w").plain
    assert "He said the wall would hold, and left.\n" in shown
    assert shown.endswith("ontherecord show f00d --warehouse w\n")


@pytest.mark.parametrize("command", [["search", "wall"], ["search", "wall", "--articles"], ["review"], ["entities"]])
def test_more_rows_than_a_number_can_say_are_refused(root: Path, command: list[str]) -> None:
    assert CliRunner().invoke(app, [*command, "--warehouse", str(root), "--limit", "9" * 20]).exit_code == 2
