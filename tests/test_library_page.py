"""The library page in a real browser: import, search, tag, delete, undo, export, duplicates, narrow screens."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect, sync_playwright
from webapp import ROOT, WebApp

from rag.assemble import Footnote
from rag.settings import Settings

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WIDE: ViewportSize = {"width": 1280, "height": 860}
NARROW: ViewportSize = {"width": 390, "height": 844}
PATIENCE = 60_000  # milliseconds; indexing on a busy machine
WHALES = """
@article{one, title={Songs of Humpback Whales}, author={Lovelace, Ada and Hopper, Grace}, year={2019},
  journal={Journal of Whales}, doi={10.1234/whale.1}, abstract={We record humpbacks and count 12 phrases.}}
@article{two, title={New Songs of Humpback Whales: <img src=x onerror="window.owned=1"> & "quotes"},
  author={Hopper, Grace}, year={2021}, abstract={We count 77 phrases <script>window.owned=2</script>.}}
@article{three, title={Gliding Birds}, author={Noether, Emmy}, year={2020}, abstract={They glide 4 km.}}
@article{four, title={}, abstract={Nobody knows what this is called.}}
"""
ALIKE = """
@article{five, title={Gliding  birds}, author={Noether, Emmy}, year={2021}, abstract={They glide 4 km.}}
"""


class Seat:
    """A browser tab at the library page."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.requests: list[str] = []
        self.complaints: list[str] = []

    @property
    def rows(self) -> Locator:
        return self.page.locator(".fn-row")

    @property
    def notice(self) -> Locator:
        return self.page.locator("#fn-library-notice")

    @property
    def report(self) -> Locator:
        return self.page.locator(".fn-report")

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def bring(self, *files: Path) -> None:
        """Import files, and wait until the report is there."""
        self.page.locator("#fn-files input[type=file]").set_input_files(list(files))
        expect(self.report).to_contain_text(files[-1].name, timeout=PATIENCE)

    def search(self, words: str) -> None:
        self.page.get_by_label("Search the library").fill(words)

    def tick(self, title: str) -> None:
        self.page.get_by_role("checkbox", name=f"Select: {title}").check()

    def download(self, name: str) -> tuple[str, str]:
        """Name and text of the file that a button gives."""
        with self.page.expect_download() as download:
            self.button(name).click()
        return download.value.suggested_filename, Path(download.value.path()).read_text(encoding="utf-8")

    def keep(self, name: str) -> None:
        """Store a screenshot for people to look at."""
        self.page.wait_for_timeout(300)
        self.page.screenshot(path=ROOT / "artefacts" / f"{name}.png")


Sit = Callable[..., Seat]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    (ROOT / "artefacts").mkdir(exist_ok=True)
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


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Files to import, and room for a library."""
    (tmp_path / "whales.bib").write_text(WHALES, encoding="utf-8")
    (tmp_path / "alike.bib").write_text(ALIKE, encoding="utf-8")
    (tmp_path / "broken.bib").write_text("@article{nothing closes, title={Here", encoding="utf-8")
    return tmp_path


@pytest.fixture
def app(home: Path) -> Iterator[WebApp]:
    """The page over an empty library."""
    app = WebApp(home, "extractive")
    yield app
    assert (app.stop(), app.errors) == (0, "")


@pytest.fixture
def sit(browser: Browser, app: WebApp) -> Iterator[Sit]:
    """Opens a tab; at the end, none has asked another host for anything or logged an error."""
    seats: list[Seat] = []

    def sit_down(viewport: ViewportSize = WIDE, *, dark: bool = False) -> Seat:
        context = browser.new_context(viewport=viewport, color_scheme="dark" if dark else "light")
        seat = Seat(context.new_page(), app.address)
        context.on("request", lambda request: seat.requests.append(request.url))
        context.on("console", lambda m: seat.complaints.append(m.text) if m.type == "error" else None)
        context.on("weberror", lambda error: seat.complaints.append(str(error.error)))
        seats.append(seat)
        seat.page.goto(f"{app.address}/#library")
        expect(seat.page.locator(".fn-count")).to_be_visible()
        return seat

    yield sit_down
    for seat in seats:
        seat.page.context.close()
        foreign = [url for url in seat.requests if not is_own(url, seat.address)]
        assert (foreign, seat.complaints) == ([], [])


def is_own(url: str, address: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in {"data", "blob"} or f"{parts.scheme}://{parts.netloc}" == address


def test_a_first_visitor_brings_papers_and_asks_them(sit: Sit, home: Path) -> None:
    """An empty library says what to do; what was dropped is reported, listed, and answers questions."""
    seat = sit()
    expect(seat.page.locator(".fn-none")).to_contain_text("Your library is empty")
    seat.keep("library-empty")
    seat.bring(home / "whales.bib", home / "broken.bib")
    expect(seat.report.locator(".fn-counts").first).to_contain_text("3 new")
    expect(seat.report.locator(".fn-rejected")).to_contain_text(re.compile(r"Line \d+: has no title"))
    expect(seat.report.locator(".fn-problem")).to_have_count(1)
    expect(seat.report.locator(".fn-problem")).to_contain_text("broken.bib")
    assert str(home) not in seat.page.locator("#fn-library").inner_html()
    expect(seat.rows).to_have_count(3)
    seat.keep("library-report")
    name, text = seat.download("Download them")
    assert (name, "Nobody knows what this is called" in text) == ("rejected-whales.bib", True)
    seat.page.get_by_role("link", name="Chat").click()
    seat.page.get_by_label("Your question").fill("How many phrases of humpback whales are counted in 2019?")
    seat.page.get_by_label("Your question").press("Enter")
    expect(seat.page.locator(".fn-answer").last).to_contain_text("12 phrases", timeout=PATIENCE)
    name, text = seat.download("Export BibTeX")
    assert (name, "10.1234/whale.1" in text) == ("footnote-cited.bib", True)


def test_the_same_file_again_changes_nothing(sit: Sit, home: Path) -> None:
    seat = sit()
    seat.bring(home / "whales.bib")
    expect(seat.report).to_contain_text("3 new")
    seat.bring(home / "whales.bib")
    expect(seat.report).to_contain_text("3 unchanged")


def test_search_sort_and_filter(sit: Sit, home: Path) -> None:
    """Each letter narrows the list; conditions do too; both are counted."""
    seat = sit()
    seat.bring(home / "whales.bib")
    seat.search("hump hopper")
    expect(seat.rows).to_have_count(2)
    expect(seat.page.locator(".fn-count")).to_have_text("2 of 3 papers")
    seat.search("")
    expect(seat.rows).to_have_count(3)
    expect(seat.rows.first).to_contain_text("Gliding Birds")
    seat.page.get_by_label("Sort by").click()
    seat.page.get_by_role("option", name="Newest").click()
    expect(seat.rows.first).to_contain_text("New Songs")
    seat.page.get_by_role("button", name="Filter").click()
    seat.page.locator("#fn-filter").get_by_label("From year").fill("2020")
    expect(seat.rows).to_have_count(2)
    seat.page.locator("#fn-filter").get_by_label("Author").fill("noether")
    expect(seat.rows).to_have_count(1)
    seat.keep("library-filter")


def test_filters_by_venue_file_and_tag(sit: Sit, home: Path) -> None:
    """Each condition narrows the list; the choices are the library's own; none of them is forgotten."""
    seat = sit()
    seat.bring(home / "whales.bib", home / "alike.bib")
    expect(seat.rows).to_have_count(4)
    seat.tick("Songs of Humpback Whales")
    seat.page.get_by_label("Tag for the selected papers").fill("to read")
    seat.button("Add tag").click()
    expect(seat.page.locator(".fn-row .fn-tag")).to_have_count(1)
    seat.button("Clear selection").click()
    seat.page.get_by_role("button", name="Filter").click()
    conditions = seat.page.locator("#fn-filter")
    conditions.get_by_label("Venue").fill("journal of wh")
    expect(seat.rows).to_have_count(1)
    expect(seat.rows).to_contain_text("Songs of Humpback Whales")
    conditions.get_by_label("Venue").fill("")
    expect(seat.rows).to_have_count(4)
    for name, choice, number in (("Source", "alike.bib", 1), ("Tag", "to read", 0), ("Source", "Any", 1)):
        conditions.get_by_label(name).click()
        seat.page.get_by_role("option", name=choice, exact=True).click()
        expect(seat.page.get_by_role("option")).to_have_count(0)
        expect(seat.rows).to_have_count(number)
    expect(seat.rows).to_contain_text("Songs of Humpback Whales")
    expect(seat.page.locator(".fn-count")).to_have_text("1 of 4 papers")


def test_papers_are_asked_from_the_list(sit: Sit, home: Path) -> None:
    """Those that are ticked, those of a tag, and those that the conditions leave; words alone lead nowhere."""
    seat = sit()
    seat.bring(home / "whales.bib")
    expect(seat.rows).to_have_count(3)
    asking = seat.page.locator(".fn-ask-these")
    expect(asking).to_have_count(0)
    seat.search("hump")
    expect(seat.rows).to_have_count(2)
    expect(asking).to_have_count(0)
    seat.search("")
    seat.tick("Gliding Birds")
    seat.tick("Songs of Humpback Whales")
    expect(asking).to_have_text("Ask these 2 papers")
    seat.page.get_by_label("Tag for the selected papers").fill("a & b=<c>")
    seat.button("Add tag").click()
    expect(seat.page.locator(".fn-row .fn-tag")).to_have_count(2)
    asking.click()
    seat.page.wait_for_url(
        re.compile(r"#chat\?paper=doi%3A10\.1234%2Fwhale\.1&paper=|#chat\?paper=title.*&paper=doi")
    )
    expect(seat.page.locator("#fn-scope")).to_contain_text("2 chosen by you", timeout=PATIENCE)
    seat.page.get_by_role("link", name="Library").click()
    seat.button("Clear selection").click()
    seat.page.get_by_role("button", name="Filter").click()
    seat.page.locator("#fn-filter").get_by_label("From year").fill("2020")
    expect(asking).to_have_text("Ask these 2 papers")
    expect(asking).to_have_attribute("href", "#chat?from=2020")
    seat.button("Gliding Birds").click()
    tag = seat.page.locator(".fn-open a.fn-tag")
    expect(tag).to_have_attribute("href", "#chat?tag=a%20%26%20b%3D%3Cc%3E")
    tag.click()
    expect(seat.page.locator("#fn-scope")).to_contain_text("a & b=<c>", timeout=PATIENCE)


def test_a_hostile_paper_stays_text(sit: Sit, home: Path) -> None:
    """Markup in titles and abstracts is shown, in the list and in the open paper, and does nothing."""
    seat = sit()
    (home / "hostile.jsonl").write_text(
        '{"title": "Zebra <img src=x onerror=\\"window.owned=3\\"> {{constructor}} ${window.owned=4}",'
        ' "abstract": "We <script>window.owned=5</script> count [zebras](javascript:window.owned=6).",'
        ' "authors": ["<b>Eve</b>"], "url": "javascript:window.owned=7"}\n'
    )
    seat.bring(home / "whales.bib", home / "hostile.jsonl")
    expect(seat.rows).to_have_count(4)
    row = seat.page.get_by_role("button", name=re.compile("^Zebra"))
    expect(row).to_contain_text('<img src=x onerror="window.owned=3"> {{constructor}} ${window.owned=4}')
    row.click()
    paper = seat.page.locator(".fn-open")
    expect(paper).to_contain_text("<script>window.owned=5</script>")
    expect(paper).to_contain_text("<b>Eve</b>")
    expect(seat.page.locator("#fn-open-title")).to_be_focused()
    expect(paper.locator("a, img, script")).to_have_count(0)
    assert seat.page.evaluate("window.owned") is None


def test_a_paper_opens_with_everything_that_is_known(sit: Sit, home: Path) -> None:
    seat = sit()
    seat.bring(home / "whales.bib")
    seat.button("Songs of Humpback Whales").press("Enter")
    paper = seat.page.locator(".fn-open")
    for text in ("Ada Lovelace, Grace Hopper", "2019 · Journal of Whales", "12 phrases", "whales.bib"):
        expect(paper).to_contain_text(text)
    expect(paper.get_by_role("link", name="DOI")).to_have_attribute("href", "https://doi.org/10.1234/whale.1")
    seat.keep("library-paper")
    seat.button("Close this paper").click()
    expect(paper).to_have_count(0)


def test_tag_delete_and_undo(sit: Sit, home: Path) -> None:
    """What is done to the selected papers is said, shown, and can be taken back by name."""
    seat = sit()
    seat.bring(home / "whales.bib")
    expect(seat.rows).to_have_count(3)
    expect(seat.button("Undo: import of whales.bib")).to_be_visible()
    seat.tick("Gliding Birds")
    seat.tick("Songs of Humpback Whales")
    expect(seat.page.locator(".fn-count")).to_have_text("3 papers · 2 selected")
    seat.page.get_by_label("Tag for the selected papers").fill("to read")
    seat.button("Add tag").click()
    expect(seat.page.locator(".fn-row .fn-tag")).to_have_text(["to read", "to read"])
    seat.keep("library-tagged")
    seat.button("Delete…").click()
    seat.button("Keep").click()
    expect(seat.rows).to_have_count(3)
    seat.button("Delete…").click()
    seat.button("Delete").click()
    expect(seat.rows).to_have_count(1)
    expect(seat.notice).to_have_text("Deleted 2 papers.")
    expect(seat.page.locator(".fn-row input:checked")).to_have_count(0)
    seat.button("Undo: deletion of 2 papers").click()
    expect(seat.rows).to_have_count(3)
    expect(seat.page.locator(".fn-row .fn-tag")).to_have_count(2)
    seat.button("Undo: tag “to read” given to 2 papers").click()
    expect(seat.page.locator(".fn-row .fn-tag")).to_have_count(0)
    seat.button("Undo: import of whales.bib").click()
    expect(seat.rows).to_have_count(0)


FORMS = {
    "BibTeX": ("footnote-papers.bib", "title = {Gliding Birds}"),
    "RIS": ("footnote-papers.ris", "TI  - Gliding Birds"),
    "CSL-JSON": ("footnote-papers.json", '"Gliding Birds"'),
    "CSV": ("footnote-papers.csv", "Gliding Birds,"),
    "JSON Lines": ("footnote-papers.jsonl", '"Gliding Birds"'),
}


def test_export(sit: Sit, home: Path) -> None:
    """The papers found are exported, or those selected, in every format."""
    seat = sit()
    seat.bring(home / "whales.bib")
    expect(seat.rows).to_have_count(3)
    seat.search("humpback")
    expect(seat.rows).to_have_count(2)
    _, text = seat.download("Export")
    assert ("Songs of Humpback Whales" in text, "Gliding" in text) == (True, False)
    seat.search("")
    seat.tick("Gliding Birds")
    expect(seat.page.locator(".fn-count")).to_contain_text("1 selected")
    for form, (name, has) in FORMS.items():
        seat.page.get_by_label("Export format").click()
        seat.page.get_by_role("option", name=form, exact=True).click()
        given, text = seat.download("Export selected")
        assert (given, has in text, "Humpback" in text) == (name, True, False)


def test_duplicates_are_offered(sit: Sit, home: Path) -> None:
    """A pair that may be one paper is joined or told apart, and that is undone."""
    seat = sit()
    seat.bring(home / "whales.bib", home / "alike.bib")
    expect(seat.rows).to_have_count(4)
    seat.button("Look for duplicates").click()
    expect(seat.page.locator(".fn-pairs li")).to_have_count(1)
    seat.keep("library-duplicates")
    seat.page.get_by_role("button", name=re.compile("^Same paper")).click()
    expect(seat.rows).to_have_count(3)
    seat.button("Undo: joining of 2 papers").click()
    expect(seat.rows).to_have_count(4)
    seat.button("Look for duplicates").click()
    seat.page.get_by_role("button", name=re.compile("^Different")).click()
    expect(seat.page.locator(".fn-pairs li")).to_have_count(0)
    seat.button("Look for duplicates").click()
    expect(seat.page.locator("#fn-pairs")).to_have_text("No two papers look like the same one.")


def test_narrow_dark_and_apart(sit: Sit, home: Path) -> None:
    """On a phone nothing is cut off; another tab's selection is its own."""
    seat = sit(NARROW, dark=True)
    seat.bring(home / "whales.bib")
    seat.tick("Gliding Birds")
    expect(seat.page.locator("#fn-chosen")).to_be_visible()
    assert seat.page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    seat.page.evaluate("scrollTo(0, 0)")
    seat.keep("library-narrow")
    seat.button("Songs of Humpback Whales").click()
    expect(seat.page.locator("#fn-open-title")).to_be_in_viewport()
    other = sit()
    expect(other.rows).to_have_count(3)
    expect(other.page.locator(".fn-row input:checked")).to_have_count(0)


def test_what_waits_for_the_indexes_is_said_and_indexed(browser: Browser, home: Path) -> None:
    """Papers that an import left unindexed are indexed by a click."""
    footnote = Footnote(Settings(home=home, library=home / "library", model="extractive"))
    footnote.import_file(home / "whales.bib")
    footnote.close()
    app = WebApp(home, "extractive")
    try:
        page = browser.new_page()
        page.goto(f"{app.address}/#library")
        page.get_by_role("button", name="Index them now").click()
        expect(page.get_by_role("button", name="Index them now")).to_be_hidden(timeout=PATIENCE)
        page.close()
    finally:
        assert (app.stop(), app.errors) == (0, "")
    footnote = Footnote(Settings(home=home, library=home / "library", model="extractive"))
    assert footnote.library.count("pending") == 0
    footnote.close()


def test_a_file_that_is_too_large_is_refused_in_a_line(browser: Browser, home: Path) -> None:
    app = WebApp(home, "extractive", before="import ui.web\nui.web.LARGEST = '1kb'\n")
    try:
        page = browser.new_page()
        page.goto(f"{app.address}/#library")
        (home / "large.bib").write_text("x" * 5000)
        page.locator("#fn-files input[type=file]").set_input_files(home / "large.bib")
        expect(page.get_by_text(re.compile(r"exceed the maximum allowed size.*large\.bib"))).to_be_visible()
        page.close()
    finally:
        assert (app.stop(), app.errors) == (0, "")
