"""The dashboard in a real browser: ``python -m tests.services.browser WAREHOUSE FOLDER`` takes a screenshot of every page."""

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from tests.helpers import reserved_port
from warehouse.dashboard import APP

#: Where Debian's package puts the browser.
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
#: Seconds until the server answers, and milliseconds until a page shows what it has.
SERVER_STARTS, PAGE_SHOWS = 300, 180_000
LAPTOP, PHONE = ViewportSize(width=1280, height=900), ViewportSize(width=390, height=844)
SHOTS: dict[str, tuple[str, ViewportSize, Literal["light", "dark"]]] = {
    "overview": ("page=Overview", LAPTOP, "light"),
    "who-said-what": ("page=Who said what", LAPTOP, "light"),
    "speaker": ("page=Speaker&speaker=Marrack", LAPTOP, "dark"),
    "entity": ("page=Entity&entity=Quill", LAPTOP, "light"),
    "quotation": ("page=Quotation", LAPTOP, "light"),
    "outlets": ("page=Outlets", LAPTOP, "light"),
    "health": ("page=Health", LAPTOP, "light"),
    "phone": ("page=Who said what", PHONE, "dark"),
}


@contextmanager
def served(root: Path) -> Iterator[str]:
    """The dashboard of a warehouse, running; its address."""
    with reserved_port() as port:
        command = [str(Path(sys.executable).with_name("ontherecord")), "dashboard", "--no-browser", "--port", str(port)]
        process = subprocess.Popen([*command, "--warehouse", str(root)], stdout=subprocess.DEVNULL, cwd=APP.parent)
        try:
            address = f"http://127.0.0.1:{port}/"
            until = time.monotonic() + SERVER_STARTS
            while not _answers(f"{address}_stcore/health"):
                assert process.poll() is None
                assert time.monotonic() < until
                time.sleep(0.2)
            yield address
        finally:
            process.terminate()
            process.wait(30)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


def visit(page: Page, address: str, query: str) -> None:
    """Open a page of the dashboard and wait until it has shown all it has."""
    page.goto(f"{address}?{quote(query, safe='=&')}")
    page.wait_for_selector("h1.t", timeout=PAGE_SHOWS)
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]', timeout=PAGE_SHOWS)


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5):
            return True
    except OSError:
        return False


def main(root: Path, folder: Path) -> None:
    """Take a screenshot of every page."""
    folder.mkdir(parents=True, exist_ok=True)
    with served(root) as address, chromium() as browser:
        for name, (query, size, scheme) in SHOTS.items():
            page = browser.new_page(viewport=size, color_scheme=scheme)
            visit(page, address, query)
            page.wait_for_function("!document.querySelector('[data-testid=stSkeleton]')", timeout=PAGE_SHOWS)
            page.wait_for_timeout(1500)  # charts and tables are drawn after the script has ended
            page.screenshot(path=folder / f"{name}.png")
            if name == "who-said-what":
                page.locator(".u a").first.click()
                page.wait_for_selector(".otr", timeout=PAGE_SHOWS)
                page.screenshot(path=folder / "article.png")
            page.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]))
