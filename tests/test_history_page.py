"""The history page in a real browser: list, search, rename, delete, export, import, narrow screens."""

from __future__ import annotations

import json
import os
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from dialogue_samples import CONVERSATION, EVIL, HOSTILE, WHALE, said
from playwright.sync_api import Browser, Download, Locator, Page, ViewportSize, expect, sync_playwright
from webapp import ROOT, WebApp

from rag.conversations import Conversations
from rag.library import Library
from rag.records import Conversation

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WIDE: ViewportSize = {"width": 1280, "height": 860}
NARROW: ViewportSize = {"width": 390, "height": 844}
BIRDS: Conversation = (said("Do birds glide?", "They glide 4 km."),)


class Seat:
    """A browser tab at the history page."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.requests: list[str] = []
        self.complaints: list[str] = []

    @property
    def rows(self) -> Locator:
        return self.page.locator(".fn-talk")

    @property
    def notice(self) -> Locator:
        return self.page.locator("#fn-kept-notice")

    def row(self, name: str) -> Locator:
        return self.rows.filter(has=self.page.get_by_role("link", name=name, exact=True))

    def opened(self, name: str) -> Locator:
        """The row of a conversation, unfolded."""
        row = self.row(name)
        if row.locator("details").get_attribute("open") is None:
            row.locator("summary").click()
        return row

    def search(self, words: str) -> None:
        self.page.get_by_label("Search the conversations").fill(words)

    def export(self, name: str, form: str) -> Download:
        with self.page.expect_download() as download:
            self.opened(name).get_by_role("button", name=f"Export as {form}").click()
        return download.value

    def bring(self, *files: Path) -> None:
        self.page.locator("#fn-kept-find input[type=file]").set_input_files(list(files))

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


def keep(home: Path, *conversations: Conversation) -> list[str]:
    """Store conversations in the library of the page, as another process does; returns their ids."""
    library = Library(home / "library")
    every = Conversations(library)
    ids = [every.begin() for _ in conversations]
    for conversation, exchanges in zip(ids, conversations, strict=True):
        for number, exchange in enumerate(exchanges, 1):
            every.save(conversation, number, exchange)
    library.close()
    return ids


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A library with two conversations."""
    keep(tmp_path, CONVERSATION, BIRDS)
    return tmp_path


@pytest.fixture
def app(home: Path) -> Iterator[WebApp]:
    """The page over them."""
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
        seat.page.goto(f"{app.address}/#history")
        expect(seat.page.locator("#fn-kept-summary .fn-count")).to_be_visible(timeout=20_000)
        return seat

    yield sit_down
    for seat in seats:
        seat.page.context.close()
        foreign = [url for url in seat.requests if not is_own(url, seat.address)]
        assert (foreign, seat.complaints) == ([], [])


def is_own(url: str, address: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in {"data", "blob"} or f"{parts.scheme}://{parts.netloc}" == address


def test_conversations_are_listed_searched_and_lead_to_the_chat(sit: Sit, home: Path) -> None:
    """Latest first; a name is a link; unfolded, the first lines of the answers; what comes later is there too."""
    seat = sit()
    expect(seat.rows.locator(".fn-talk-name")).to_have_text(
        ["Do birds glide?", "How many phrases do whales sing?"]
    )
    expect(seat.row("Do birds glide?").locator("summary")).to_contain_text("1 question · Today")
    expect(seat.opened("How many phrases do whales sing?")).to_contain_text("They count 12 phrases.")
    seat.keep("history")
    seat.search("COUNT phrases")
    expect(seat.rows).to_have_count(1)
    expect(seat.page.locator("#fn-kept-summary")).to_contain_text("1 conversation found")
    seat.search("walrus")
    expect(seat.page.locator("#fn-history .fn-none")).to_contain_text(
        "No conversation has all of these words"
    )
    seat.search("")
    expect(seat.rows).to_have_count(2)
    (bees,) = keep(home, (said("What of bees?"),))
    seat.page.get_by_role("link", name="Chat", exact=True).click()
    expect(seat.page.locator("#fn-history")).to_be_hidden()
    seat.page.get_by_role("link", name="History", exact=True).click()
    seat.page.get_by_role("link", name="What of bees?", exact=True).click()
    expect(seat.page.locator("#fn-history")).to_be_hidden()
    expect(seat.page.locator("#fn-chat")).to_be_visible()
    assert seat.page.url.endswith(f"#chat={bees}")


def test_one_is_renamed_deleted_and_brought_back(sit: Sit) -> None:
    """By keyboard where a keyboard is used; what is open stays open."""
    seat = sit()
    name = seat.opened("Do birds glide?").get_by_label("Name of the conversation")
    name.fill("Gliding <b>birds</b>")
    name.press("Enter")
    expect(seat.notice).to_have_text("Now called “Gliding <b>birds</b>”.")
    row = seat.row("Gliding <b>birds</b>")
    expect(row.get_by_role("button", name="Delete")).to_be_visible()
    row.get_by_role("button", name="Delete").click()
    expect(seat.notice).to_have_text("Deleted “Gliding <b>birds</b>”.")
    expect(seat.rows).to_have_count(1)
    undo = seat.page.locator("#fn-kept-undo")
    undo.click()
    expect(seat.notice).to_have_text("“Gliding <b>birds</b>” is back.")
    expect(seat.rows.locator(".fn-talk-name")).to_have_text(
        ["Gliding <b>birds</b>", "How many phrases do whales sing?"]
    )
    expect(undo).to_be_hidden()
    seat.opened("Gliding <b>birds</b>").get_by_label("Name of the conversation").fill(" ")
    row.get_by_role("button", name="Rename").click()
    expect(seat.notice).to_have_text("Write a name first.")


def test_each_export_holds_what_was_said_and_json_comes_back(sit: Sit, tmp_path: Path) -> None:
    seat = sit()
    name, stem = "How many phrases do whales sing?", "how-many-phrases-do-whales-sing"
    for form, ending in (("Markdown", ".md"), ("LaTeX", ".zip"), ("HTML", ".html"), ("JSON", ".json")):
        download = seat.export(name, form)
        assert download.suggested_filename == stem + ending
        download.save_as(tmp_path / (stem + ending))
    for ending in (".md", ".html", ".json"):
        text = (tmp_path / (stem + ending)).read_text("utf-8").replace("\\", "")
        assert all(part in text for part in ("They count 12 phrases", WHALE.title, "We count 12 phrases"))
    with zipfile.ZipFile(tmp_path / f"{stem}.zip") as archive:
        assert archive.namelist() == [f"{stem}.tex", f"{stem}.bib"]
        assert b"cite{lovelace2019songs}" in archive.read(f"{stem}.tex")
    seat.search("birds")
    seat.bring(tmp_path / f"{stem}.json")
    expect(seat.notice).to_have_text(f"There already, unchanged: “{name}”.")
    expect(seat.rows).to_have_count(2)
    row = json.loads((tmp_path / f"{stem}.json").read_text("utf-8"))
    (tmp_path / "changed.json").write_text(json.dumps(row | {"exchanges": row["exchanges"][:1]}))
    seat.bring(tmp_path / "changed.json")
    expect(seat.notice).to_have_text(f"Imported “{name}”.")
    expect(seat.rows).to_have_count(3)
    expect(seat.rows.first.locator(".fn-talk-name")).to_have_text(name)
    (tmp_path / "wrong.json").write_text(json.dumps({"kind": "<img src=x>"}))
    seat.bring(tmp_path / "wrong.json")
    expect(seat.notice).to_have_text("wrong.json is no conversation of Footnote's.")
    expect(seat.rows).to_have_count(3)


def test_hostile_names_and_answers_stay_text(sit: Sit, home: Path) -> None:
    keep(home, (HOSTILE,))
    seat = sit()
    name = " ".join(EVIL.split())
    expect(seat.rows.first.locator(".fn-talk-name")).to_have_text(
        name[:199] + "…" if len(name) > 200 else name
    )
    seat.rows.first.locator("summary").click()
    expect(seat.rows.first.locator("dd")).to_contain_text("<script>window.owned=2</script>")
    seat.rows.first.get_by_role("button", name="Delete").click()
    expect(seat.notice).to_contain_text("<img src=x")
    assert seat.page.evaluate("window.owned") is None
    assert seat.page.locator("#fn-history img, #fn-history script").count() == 0


def test_many_are_shown_in_pages(sit: Sit, home: Path) -> None:
    keep(home, *((said(f"Question {n}?"),) for n in range(60)))
    seat = sit()
    expect(seat.rows).to_have_count(50)
    seat.page.get_by_role("button", name="Older").click()
    expect(seat.rows).to_have_count(12)
    expect(seat.page.locator("#fn-history .fn-pager")).to_contain_text("51–62 of 62")
    seat.search("question 37?")
    expect(seat.rows.locator(".fn-talk-name")).to_have_text(["Question 37?"])


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_a_narrow_screen_shows_all_of_it(sit: Sit, home: Path, dark: bool) -> None:
    keep(home, (said("W" * 300),))
    seat = sit(NARROW, dark=dark)
    seat.rows.first.locator("summary").click()
    for part in (seat.rows.first.get_by_role("button", name="Delete"), seat.page.locator("#fn-kept-bring")):
        box = part.bounding_box()
        assert box is not None
        assert 0 <= box["x"] <= box["x"] + box["width"] <= NARROW["width"]
    assert seat.page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    seat.keep(f"history-narrow-{'dark' if dark else 'light'}")


def test_an_empty_history_says_what_will_be_here(sit: Sit, home: Path) -> None:
    seat = sit()
    for _ in range(2):
        seat.rows.first.locator("summary").click()
        seat.rows.first.get_by_role("button", name="Delete").click()
        expect(seat.notice).to_contain_text("Deleted")
        seat.page.wait_for_timeout(300)
    expect(seat.page.locator("#fn-history .fn-none")).to_contain_text("Nothing was asked yet")
