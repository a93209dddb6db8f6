"""The dashboard in headless Chromium: pages open, filters work, a new snapshot appears, hostile text stays text."""

from pathlib import Path

from etl.corrections.file import COLUMNS, read_corrections
from tests.helpers import STORY, article, build_in_process, write
from tests.services.browser import LAPTOP, PAGE_SHOWS, chromium, served, visit
from warehouse.reader import query

FERRY = article("“The ferry is late,” Halvard Quill said.", title="Ferry late")
HOSTILE = article(
    "“&lt;img src=x onerror=alert(1)&gt; is late,” Wenna Tolgarth said.", title="&lt;script&gt;alert(2)&lt;/script&gt;"
)


def test_the_dashboard_in_a_browser(tmp_path: Path) -> None:
    folder = write(tmp_path / "in", {"story.txt": STORY, "hostile.txt": HOSTILE})
    build_in_process(tmp_path / "w", folder)
    with served(tmp_path / "w") as address, chromium() as browser:
        page = browser.new_page(viewport=LAPTOP)
        alerts: list[str] = []
        outside: list[str] = []
        page.on("dialog", lambda dialog: alerts.append(dialog.message))
        page.on("request", lambda request: outside.append(request.url))
        for name in ("Overview", "Speaker", "Entity", "Outlets", "Article", "Health", "Who said what"):
            visit(page, address, f"page={name}")
        page.wait_for_selector("text=2 utterances", timeout=PAGE_SHOWS)

        page.get_by_label("Speaker", exact=True).fill("tolgarth")
        page.keyboard.press("Enter")
        page.wait_for_selector("text=1 utterance;", timeout=PAGE_SHOWS)
        assert "speaker=tolgarth" in page.url
        page.locator(".u").filter(has_text="Wenna Tolgarth").get_by_text("read the article").click()
        page.wait_for_selector(".otr .q", timeout=PAGE_SHOWS)
        assert "<img src=x onerror=alert(1)>" in page.locator(".otr").inner_text()

        visit(page, address, "page=Outlets")
        page.get_by_role("link", name="Health", exact=True).click()
        page.wait_for_selector("h1.t:has-text('Data health')", timeout=PAGE_SHOWS)
        page.go_back()
        page.wait_for_selector("h1.t:has-text('Outlets side by side')", timeout=PAGE_SHOWS)

        visit(page, address, "page=Who said what")
        write(folder, {"ferry.txt": FERRY})
        build_in_process(tmp_path / "w", folder)
        page.wait_for_selector("text=3 utterances", timeout=PAGE_SHOWS)
        assert alerts == []
        assert not [url for url in outside if not url.startswith((address, "data:", "blob:"))]


def test_a_correction_is_written_in_a_browser(tmp_path: Path) -> None:
    path = write(tmp_path, {"corrections.csv": ",".join(COLUMNS) + "\n"}) / "corrections.csv"
    build_in_process(tmp_path / "w", write(tmp_path / "in", {"story.txt": STORY}), corrections=(path,))
    (article_id,) = query(tmp_path / "w", "SELECT article_id FROM article").column(0).to_pylist()
    with served(tmp_path / "w") as address, chromium() as browser:
        page = browser.new_page(viewport=LAPTOP)
        visit(page, address, f"page=Article&id={article_id}")
        page.get_by_text("Correct something in this article").click()
        kind = page.get_by_role("combobox", name="What is wrong")
        kind.click()  # it waits until the form has unfolded
        kind.fill("the title")
        page.get_by_role("option", name="the title").wait_for(timeout=PAGE_SHOWS)
        kind.press("ArrowDown")
        kind.press("Enter")
        page.get_by_role("textbox", name="What is right").fill("Another title")
        page.get_by_role("textbox", name="Because").fill("=misprinted")
        page.get_by_role("button", name="Write the correction").click()
        page.wait_for_selector("text=The next build applies it", timeout=PAGE_SHOWS)
    (correction,) = read_corrections([path]).rows
    assert (correction.kind, correction.value, correction.reason) == ("title", "Another title", "=misprinted")
