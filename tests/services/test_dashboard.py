"""The dashboard in headless Chromium: pages open, filters work, a new snapshot appears, hostile text stays text."""

from pathlib import Path

from etl.corrections.file import COLUMNS, read_corrections
from tests.helpers import STORY, article, build_in_process, write
from tests.services.browser import LAPTOP, PAGE_SHOWS, chromium, served, visit

FERRY = article("“The ferry is late,” Halvard Quill said.", title="Ferry late")
HOSTILE = article(
    "“&lt;img src=x onerror=alert(1)&gt; is late,” Wenna Tolgarth said.", title="&lt;script&gt;alert(2)&lt;/script&gt;"
)


def test_the_dashboard_in_a_browser(tmp_path: Path) -> None:
    folder = write(tmp_path / "in", {"story.txt": STORY, "hostile.txt": HOSTILE})
    corrections = write(tmp_path, {"corrections.csv": ",".join(COLUMNS) + "\n"}) / "corrections.csv"
    build_in_process(tmp_path / "w", folder, corrections=(corrections,))
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

        page.get_by_text("Correct something in this article").click()
        page.get_by_label("What is right").fill("Another title")
        page.get_by_label("Because").fill("=misprinted")
        page.get_by_label("What is wrong").click()
        page.get_by_role("option", name="the title").click()
        page.get_by_role("button", name="Write the correction").click()
        page.wait_for_selector("text=The next build applies it", timeout=PAGE_SHOWS)
        (correction,) = read_corrections([corrections]).rows
        assert (correction.kind, correction.value, correction.reason) == ("title", "Another title", "=misprinted")

        visit(page, address, "page=Who said what")
        write(folder, {"ferry.txt": FERRY})
        build_in_process(tmp_path / "w", folder)
        page.wait_for_selector("text=3 utterances", timeout=PAGE_SHOWS)
        assert alerts == []
        assert not [url for url in outside if not url.startswith((address, "data:", "blob:"))]
