"""A tab of headless Chromium at a running page, for tests of what the page does in it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect, sync_playwright
from webapp import WebApp

from rag.assemble import Footnote
from rag.importers import Parsed
from rag.records import Paper
from rag.settings import Settings

PATIENCE = 90_000  # milliseconds; a busy machine
expect.set_options(timeout=60_000)
BROKEN_OFF = ("AbortError", "Connection errored out", "Failed to fetch", "network error")
"""In what Gradio says about requests that going to another page breaks off."""
WIDE: ViewportSize = {"width": 1280, "height": 860}
NARROW: ViewportSize = {"width": 390, "height": 844}


def own_complaints(said: Sequence[str]) -> list[str]:
    """What a page complained of, but for the requests that leaving it broke off."""
    return [complaint for complaint in said if not any(broken in complaint for broken in BROKEN_OFF)]


@dataclass
class Tab:
    """A tab, with what it requested and complained about."""

    page: Page
    address: str
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    @property
    def box(self) -> Locator:
        return self.page.get_by_label("Your question", exact=True)

    @property
    def card(self) -> Locator:
        """The first card of the Sources panel."""
        return self.page.locator("#fn-side .fn-card").first

    @property
    def chips(self) -> Locator:
        """The citations of the newest answer."""
        return self.page.locator(".fn-answer").last.locator("a.fn-cite")

    @property
    def foreign(self) -> list[str]:
        """What it asked of other hosts."""
        return [url for url in self.requests if not is_own(url, self.address)]

    def ask(self, question: str) -> None:
        """Ask, and wait for the whole answer."""
        before = self.page.locator(".fn-exchange").count()
        self.box.fill(question)
        self.box.press("Enter")
        expect(self.page.locator(".fn-exchange")).to_have_count(before + 1, timeout=PATIENCE)
        expect(self.page.locator(".fn-messages")).to_have_attribute("aria-busy", "false", timeout=PATIENCE)
        expect(self.page.get_by_role("button", name="Ask", exact=True)).to_be_visible()

    def go(self, address: str, doing: Callable[[], None]) -> None:
        """Go to another page by doing something, and wait for it; requests that this breaks off are no complaint.

        Args:
            address: what follows the tab's address.
        """
        before = len(self.complaints)
        doing()
        self.page.wait_for_url(self.address + address, timeout=PATIENCE)
        expect(self.page.locator("#fn-state")).to_contain_text("paper", timeout=PATIENCE)
        self.complaints[before:] = own_complaints(self.complaints[before:])

    def close(self) -> None:
        """Close it; it has asked no other host for anything and logged no error."""
        self.page.context.close()
        assert (self.foreign, self.complaints) == ([], [])


def is_own(url: str, address: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in {"data", "blob"} or f"{parts.scheme}://{parts.netloc}" == address


def tab(
    browser: Browser, address: str, viewport: ViewportSize = WIDE, *, dark: bool = False, at: str = ""
) -> Tab:
    """A new tab at a page, with a profile of its own.

    Args:
        at: what follows the # in the address.
    """
    context = browser.new_context(viewport=viewport, color_scheme="dark" if dark else "light")
    new = Tab(context.new_page(), address)
    context.on("request", lambda request: new.requests.append(request.url))
    context.on("console", lambda m: new.complaints.append(m.text) if m.type == "error" else None)
    context.on("weberror", lambda error: new.complaints.append(str(error.error)))
    new.page.goto(f"{address}#{at}" if at else address)
    expect(new.page.locator("#fn-pages a[aria-current]")).to_be_visible(timeout=PATIENCE)
    expect(new.page.locator("#fn-state")).to_contain_text("paper", timeout=PATIENCE)
    return new


def chromium() -> Iterator[Browser]:
    """A browser; without one the tests are skipped, or fail where all are required."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
    path = next((found for name in names if (found := shutil.which(name))), None)
    with sync_playwright() as playwright:
        if path is None and not Path(playwright.chromium.executable_path).exists():
            missing = "there is no Chromium. Run: playwright install chromium"
            if os.environ.get("FOOTNOTE_TEST_REQUIRE_ALL"):
                pytest.fail(missing, pytrace=False)
            pytest.skip(missing)
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


def serving(home: Path, library: Path, papers: Sequence[Paper]) -> Iterator[WebApp]:
    """The page without a model, over the papers of a library and some more.

    Args:
        home: an empty folder.
        library: folder of a library, which is copied.
    """
    shutil.copytree(library, home / "library")
    footnote = Footnote(Settings(home=home, library=home / "library", model="extractive"))
    footnote.library.add(Parsed(tuple(papers)), "more.bib")
    footnote.index_pending()
    footnote.close()
    app = WebApp(home, "extractive")
    yield app
    assert (app.stop(), app.errors) == (0, "")
