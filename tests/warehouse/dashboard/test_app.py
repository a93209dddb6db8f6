"""Every page of the dashboard, run as Streamlit runs it: filters, empty states, a new snapshot, hostile text."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from etl.schema import SEARCH
from tests.helpers import STORY, article, build_in_process, redact_in, write
from warehouse.dashboard import APP
from warehouse.dashboard.data import Data, Filters
from warehouse.reader import query, snapshot

FERRY = article("“The ferry is late,” Halvard Quill said.", title="Ferry late", day=None)
HOSTILE = article(
    "“&lt;script&gt;alert(1)&lt;/script&gt; ![x](http://203.0.113.1/x.png) is late,” Wenna Tolgarth said.",
    title="&lt;img src=x onerror=alert(2)&gt; [link](javascript:alert(3))",
)
PAGES = ("Overview", "Who said what", "Speaker", "Entity", "Quotation", "Outlets", "Article", "Health")
#: What Streamlit reads as Markdown.
MARKDOWN = ("markdown", "caption", "header", "subheader", "title", "info", "warning", "error", "success")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dashboard")
    news = write(folder / "in", {"story.txt": STORY, "ferry.txt": FERRY, "hostile.txt": HOSTILE, "empty.txt": ""})
    build_in_process(folder / "w", news)
    return folder / "w"


def opened(root: Path, monkeypatch: pytest.MonkeyPatch, **parameters: str) -> AppTest:
    monkeypatch.setenv("ONTHERECORD_WAREHOUSE", str(root))
    app = AppTest.from_file(str(APP), default_timeout=300)
    for name, value in parameters.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def html(app: AppTest) -> str:
    return "\n".join(str(element.proto.body) for element in app.get("html"))


@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens(root: Path, monkeypatch: pytest.MonkeyPatch, page: str) -> None:
    parameters = {"Speaker": {"speaker": "Quill"}, "Entity": {"entity": "Quill"}}.get(page, {})
    opened(root, monkeypatch, page=page, **parameters)


def test_a_name_written_from_the_right_leaves_the_day_alone_and_only_web_addresses_are_links(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = {"title": "Ferry late", "text": "“The ferry is late,” Odile Marrack said.", "url": "javascript:alert(1)"}
    header = "kind,source_uri,words,value,corrected_by,corrected_on,reason"
    lines = f"{header}\nspeaker,in/a.json,The ferry is late,ליאת,ann,2031-05-02,heard\n"
    news = write(tmp_path / "in", {"a.json": json.dumps(record)})
    write(tmp_path, {"corrections.csv": lines})
    build_in_process(tmp_path / "w", news, corrections=(tmp_path / "corrections.csv",))
    shown = html(opened(tmp_path / "w", monkeypatch, page="Who said what"))
    assert '<span class="who"><bdi>ליאת</bdi></span>' in shown
    assert "javascript:" not in shown


def test_what_a_reprint_repeats_is_counted_once(tmp_path: Path) -> None:
    build_in_process(tmp_path / "w", write(tmp_path / "in", {"story.txt": STORY, "wire/again.txt": STORY}))
    counts = Data((tmp_path / "w" / "current").resolve()).counts()
    assert counts["articles"] == 2
    (in_both,) = query(tmp_path / "w", "SELECT count(*) FROM utterance").column(0).to_pylist()
    assert 2 * counts["utterances"] == in_both > 0


def test_filters_narrow_what_is_shown_and_the_address_sets_them(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = opened(root, monkeypatch, page="Who said what")
    assert "3 utterances" in app.caption[0].value
    app.text_input(key="speaker").input("quill").run()
    assert "1 utterance;" in app.caption[0].value
    assert "Halvard Quill" in html(app)
    by_address = opened(root, monkeypatch, page="Who said what", speaker="marrack")
    assert "Odile Marrack" in html(by_address)
    assert "Halvard Quill</span>" not in html(by_address)
    app.text_input(key="speaker").input("nobody at all").run()
    assert "No utterance matches" in app.info[0].value


def test_undated_utterances_are_told_of_and_doubt_is_shown(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = opened(root, monkeypatch, page="Who said what")
    assert [c.value for c in app.caption if "Without a day" in c.value] == [
        "Without a day, and so not in the timeline: 1 utterance"
    ]
    rows = query(root, "SELECT confidence FROM said")
    assert html(app).count("confidence 0.") == rows.num_rows


def test_an_article_is_read_by_its_id(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (quote_id,) = query(root, "SELECT quote_id FROM quote WHERE text LIKE '%wall%'").column(0).to_pylist()
    assert "“We shall ask" in html(opened(root, monkeypatch, page="Article", id=quote_id))
    assert "no such article" in opened(root, monkeypatch, page="Article", id="zz").warning[0].value


def test_a_quotation_shows_who_printed_it_and_in_which_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = "We shall ask for the whole wall before the winter"
    said = [
        article(f"“{words},” Halvard Quill said.", title="Wall", day=date(2031, 4, 1)),
        article(
            f"“{words},” Mr. Quill said at the quay. Halvard Quill was asked twice.", title="Quay", day=date(2031, 4, 2)
        ),
    ]
    build_in_process(tmp_path / "w", write(tmp_path / "in", {"a.txt": said[0], "b.txt": said[1]}))
    data = Data((tmp_path / "w" / "current").resolve())
    (found,) = data.quotations("whole wall").to_dict("records")
    assert (found["articles"], found["speaker"]) == (2, "Halvard Quill")
    assert list(data.printings(found["quotation_id"])["title"]) == ["Wall", "Quay"]
    assert data.quotations("whole wall", "tolgarth").empty
    app = opened(tmp_path / "w", monkeypatch, page="Quotation", quotation=found["quotation_id"])
    assert words in html(app)
    assert "no such quotation" in opened(tmp_path / "w", monkeypatch, page="Quotation", quotation="zz").warning[0].value


def test_text_never_becomes_markup(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (hostile,) = query(root, "SELECT article_id FROM article WHERE source_uri = 'in/hostile.txt'").column(0).to_pylist()
    for page in PAGES:
        app = opened(root, monkeypatch, page=page, id=hostile, speaker="Tolgarth", entity="Tolgarth")
        assert "<script" not in html(app)
        assert "<img" not in html(app)
        read_as_markdown = [str(getattr(element, "value", "")) for kind in MARKDOWN for element in app.get(kind)]
        assert not any("203.0.113.1" in text or "javascript:" in text for text in read_as_markdown)


def test_nothing_published_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = opened(tmp_path / "none", monkeypatch)
    assert "Nothing is published here yet" in app.info[0].value
    assert "ontherecord build" in app.code[0].value


def test_a_new_snapshot_appears_at_the_next_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write(tmp_path / "in", {"story.txt": STORY})
    build_in_process(tmp_path / "w", folder)
    app = opened(tmp_path / "w", monkeypatch, page="Who said what")
    assert "1 utterance;" in app.caption[0].value
    write(folder, {"ferry.txt": FERRY})
    build_in_process(tmp_path / "w", folder)
    assert "2 utterances" in app.run().caption[0].value


def test_a_snapshot_deleted_while_a_page_is_made_from_it_gives_way_to_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "w"
    build_in_process(root, write(tmp_path / "in", {"story.txt": STORY, "ferry.txt": FERRY}))
    counted = Data.count

    def redacting_first(data: Data, filters: Filters) -> int:
        monkeypatch.setattr(Data, "count", counted)
        redact_in(root, uri="in/story.txt")
        return counted(data, filters)

    monkeypatch.setattr(Data, "count", redacting_first)
    app = opened(root, monkeypatch, page="Who said what", words="late OR wall")
    assert "1 utterance;" in app.caption[0].value


def torn(path: Path) -> None:
    """Keep the first page of an SQLite file only."""
    content = path.read_bytes()
    path.write_bytes(content[:4096] + b"junk" * (len(content) // 4))


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (Path.unlink, "has no search index"),
        (lambda path: path.write_bytes(b"junk" * 999), "has no search index"),
        (torn, "is damaged (database disk image is malformed)"),
    ],
    ids=["missing", "junk", "torn"],
)
def test_without_a_search_index_only_the_search_is_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: Callable[[Path], None], says: str
) -> None:
    build_in_process(tmp_path / "w", write(tmp_path / "in", {"story.txt": STORY, "ferry.txt": FERRY}))

    def listed() -> str:
        return Data(snapshot(tmp_path / "w")).utterances(Filters()).to_csv()

    sound = listed()
    damage(snapshot(tmp_path / "w") / SEARCH)
    assert listed() == sound
    app = opened(tmp_path / "w", monkeypatch, page="Who said what", words="ferry", speaker="quill")
    assert says in html(app)
    assert app.text_input(key="words").disabled
    assert "1 utterance;" in app.caption[0].value
    assert "The ferry is late" in html(app)


def test_an_index_that_turns_out_to_be_damaged_is_told_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_in_process(tmp_path / "w", write(tmp_path / "in", {"story.txt": STORY}))
    app = opened(tmp_path / "w", monkeypatch, page="Who said what")
    torn(snapshot(tmp_path / "w") / SEARCH)
    app.text_input(key="words").input("wall").run()
    assert not app.exception
    assert "is damaged" in html(app)
