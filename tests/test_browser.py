"""The page in a real browser: headless Chromium asks, watches, clicks, stops, and talks to nobody else."""

from __future__ import annotations

import json
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect, sync_playwright
from playwright.sync_api import TimeoutError as PlaywrightTimeout
from webapp import ROOT, WebApp

from rag import weights
from rag.assemble import Footnote
from rag.importers import Parsed
from rag.records import Paper
from rag.settings import Settings

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SYLBER = "How many tokens per second does Sylber's tokenizer average?"
AUSTRALIA = "What is the capital of Australia?"
SMALL = "smollm2-135m"
PATIENCE = 90_000  # milliseconds; a small model on a busy machine
expect.set_options(timeout=60_000)
WIDE: ViewportSize = {"width": 1280, "height": 860}
NARROW: ViewportSize = {"width": 390, "height": 844}
HOSTILE = """Zebrafish Sonification: a Listening Robot <img src=x onerror="window.owned=1">

Zebrafish sonification lets a listening robot hear the optic flow of a zebrafish in a tank of water. \
We show <img src=x onerror="window.owned=2"> that a robot hears the zebrafish at a rate of 77 sonic frames, \
![pixel](https://evil.example/pixel.png) and that [a link](javascript:window.owned=3) changes nothing. \
We hope that ${window.owned=4} and {{constructor}} stay words in a sentence about zebrafish and robots.
"""

WATCH = """() => {
  window.seen = [];
  new MutationObserver(() => {
    const text = document.querySelector(".fn-answer .fn-text")?.textContent ?? "";
    const unchecked = document.querySelector(".fn-draft") !== null;
    if (text && text !== window.seen.at(-1)?.[0]) window.seen.push([text, unchecked]);
  }).observe(document.getElementById("fn-log"), { childList: true, subtree: true, characterData: true });
}"""
"""Records how the text of an answer grows on the screen, and whether some of it was unchecked."""


WRITTEN = (SYLBER, "What is MiniLM?", "What does DRAGON propose?", "Describe what RemoteCLIP does.")
"""Questions that the model writes on; on a busy machine a short answer is there before it is seen."""
STOPPED_S = 3.0


@dataclass
class Seat:
    """A browser tab at the page of an app, with what it requested and complained about."""

    page: Page
    address: str
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    @property
    def box(self) -> Locator:
        return self.page.get_by_label("Your question")

    @property
    def answer(self) -> Locator:
        """The newest answer."""
        return self.page.locator(".fn-answer").last

    @property
    def stop(self) -> Locator:
        return self.page.get_by_role("button", name="Stop", exact=True)

    def begin(self, question: str) -> None:
        """Ask, and see that an answer is under way or there."""
        before = self.page.locator(".fn-exchange").count()
        self.box.fill(question)
        self.box.press("Enter")
        expect(self.page.locator(".fn-exchange")).to_have_count(before + 1)

    def ask(self, question: str) -> str:
        """Ask, and wait for the whole answer."""
        self.begin(question)
        self.settle()
        return self.answer.inner_text()

    def settle(self) -> None:
        """Wait until nothing is under way."""
        expect(self.page.locator(".fn-messages")).to_have_attribute("aria-busy", "false", timeout=PATIENCE)
        expect(self.page.get_by_role("button", name="Ask", exact=True)).to_be_visible()

    def keep(self, name: str) -> None:
        """Store a screenshot for people to look at."""
        self.page.wait_for_timeout(400)  # a smooth scroll ends
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


@pytest.fixture(scope="module")
def quoting(shipped_library: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebApp]:
    """The page without a model, over the shipped papers and one that attacks its readers."""
    home = tmp_path_factory.mktemp("quoting")
    shutil.copytree(shipped_library, home / "library")
    title, abstract = HOSTILE.split("\n\n")
    record = json.dumps({"title": title, "abstract": abstract})
    (home / "hostile.jsonl").write_text(record, encoding="utf-8")
    footnote = Footnote(Settings(home=home, library=home / "library", model="extractive"))
    footnote.import_file(home / "hostile.jsonl")
    footnote.index_pending()
    footnote.close()
    yield from running(home, "extractive")


@pytest.fixture(scope="module")
def writing(cache: Path, shipped_library: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebApp]:
    """The page with a real, very small model."""
    home = tmp_path_factory.mktemp("writing")
    shutil.copytree(shipped_library, home / "library")
    weights.fetch(SMALL, cache / "weights", lambda done, total: None)
    (home / "models").symlink_to(cache / "weights")
    yield from running(home, f"embedded/{SMALL}")


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebApp]:
    """The page over a library without papers."""
    yield from running(tmp_path_factory.mktemp("empty"), "extractive")


def running(home: Path, model: str) -> Iterator[WebApp]:
    app = WebApp(home, model)
    yield app
    assert (app.stop(), app.errors) == (0, "")


@pytest.fixture
def sit(browser: Browser) -> Iterator[Sit]:
    """Opens a tab; at the end, none has asked another host for anything or logged an error."""
    seats: list[Seat] = []

    def sit_down(app: WebApp, viewport: ViewportSize = WIDE, *, dark: bool = False) -> Seat:
        context = browser.new_context(viewport=viewport, color_scheme="dark" if dark else "light")
        seat = Seat(context.new_page(), app.address)
        context.on("request", lambda request: seat.requests.append(request.url))
        context.on("console", lambda m: seat.complaints.append(m.text) if m.type == "error" else None)
        context.on("weberror", lambda error: seat.complaints.append(str(error.error)))
        seats.append(seat)
        seat.page.goto(app.address)
        expect(seat.box).to_be_visible(timeout=PATIENCE)
        return seat

    yield sit_down
    for seat in seats:
        seat.page.context.close()
        foreign = [url for url in seat.requests if not is_own(url, seat.address)]
        assert (foreign, seat.complaints) == ([], [])


def is_own(url: str, address: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in {"data", "blob"} or f"{parts.scheme}://{parts.netloc}" == address


def cpu_seconds(pid: int) -> float:
    """Processor time of a process so far (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_first_view(quoting: WebApp, sit: Sit) -> None:
    """It says what answers over how much, and proposes questions of this library."""
    seat = sit(quoting)
    expect(seat.page.locator("#fn-state")).to_have_text("Quotations, no language model · 63 papers")
    proposals = seat.page.locator("button.fn-ask")
    expect(proposals).to_have_count(4)
    seat.keep("light-first")
    wanted = proposals.first.inner_text()
    proposals.first.click()
    expect(seat.page.locator(".fn-asked")).to_have_text(wanted)
    seat.settle()
    expect(seat.answer.locator("a.fn-cite").first).to_be_visible()


def test_a_citation_opens_its_sentence(quoting: WebApp, sit: Sit) -> None:
    """The answer is cited; the citation leads to the card with that very sentence highlighted."""
    seat = sit(quoting)
    text = seat.ask(SYLBER)
    assert "4.27" in text
    seat.answer.locator(".fn-sentence", has_text="4.27").locator("a.fn-cite").click()
    card = seat.page.locator(".fn-card.fn-flash")
    expect(card.locator("h3")).to_contain_text("Sylber: Syllabic Embedding Representation of Speech")
    mark = card.locator("mark.fn-flash")
    expect(mark).to_contain_text("4.27 tokens per second")
    expect(mark).to_be_in_viewport()
    expect(mark).to_be_focused()
    seat.keep("light-cited")


def test_the_keyboard_is_enough(quoting: WebApp, sit: Sit) -> None:
    """Enter on a focused citation opens it as a click does."""
    seat = sit(quoting)
    seat.ask(SYLBER)
    mark = seat.answer.locator("a.fn-cite").last
    mark.focus()
    mark.press("Enter")
    expect(seat.page.locator(".fn-card mark.fn-flash")).to_be_focused()
    assert "Sylber" in (mark.get_attribute("aria-label") or "")


def test_abstention_has_no_sources(quoting: WebApp, sit: Sit) -> None:
    """A question that no paper is about: no card, the nearest papers are named as such."""
    seat = sit(quoting, dark=True)
    text = seat.ask(AUSTRALIA)
    assert "The abstracts do not say" in text
    expect(seat.answer.locator(".fn-nearest details")).to_have_count(3)
    expect(seat.page.locator(".fn-card")).to_have_count(0)
    expect(seat.page.locator("a.fn-cite")).to_have_count(0)
    seat.keep("dark-abstention")


def test_earlier_sources_stay_reachable(quoting: WebApp, sit: Sit) -> None:
    """A citation of an earlier answer unfolds the sources that have been folded away since."""
    seat = sit(quoting, dark=True)
    seat.ask(SYLBER)
    seat.ask("What is MiniLM?")
    first = seat.page.locator(".fn-exchange").first.locator("a.fn-cite").last
    expect(seat.page.locator("#source-1-1")).to_be_hidden()
    first.click()
    expect(seat.page.locator("#source-1-1")).to_be_visible()
    expect(seat.page.locator("#source-1-1 mark.fn-flash")).to_be_in_viewport()
    seat.keep("dark-cited")


def test_a_problem_is_one_line_and_the_conversation_stays(quoting: WebApp, sit: Sit) -> None:
    """What cannot be answered is said in a line; what was there before is still there, and goes on."""
    seat = sit(quoting)
    seat.ask(SYLBER)
    seat.ask("?!")
    expect(seat.answer.locator(".fn-problem")).to_have_count(1)
    assert "4.27" in seat.page.locator(".fn-answer").first.inner_text()
    assert "4.27" in seat.ask(SYLBER)


def test_a_hostile_abstract_stays_text(quoting: WebApp, sit: Sit) -> None:
    """Markup in a title or an abstract is shown and does nothing."""
    seat = sit(quoting)
    seat.ask("At what rate of sonic frames does the listening robot hear the zebrafish?")
    card = seat.page.locator(".fn-card").first
    expect(card).to_contain_text('<img src=x onerror="window.owned=2">')
    expect(card).to_contain_text("![pixel](https://evil.example/pixel.png)")
    expect(card).to_contain_text("${window.owned=4} and {{constructor}}")
    expect(seat.page.locator("#fn-body img")).to_have_count(0)
    assert seat.page.evaluate("window.owned") is None


def test_the_policy_forbids_what_is_not_ours(quoting: WebApp, sit: Sit) -> None:
    """Even markup that got in could neither load from elsewhere nor run a handler."""
    seat = sit(quoting)
    seat.page.evaluate(
        """() => { document.body.insertAdjacentHTML("beforeend",
            '<img id="probe" src="https://evil.example/x.png" onerror="window.owned=5">') }"""
    )
    seat.page.wait_for_timeout(500)
    assert seat.page.evaluate("window.owned") is None
    assert len(seat.complaints) == 2
    assert all("Content Security Policy" in complaint for complaint in seat.complaints)
    seat.complaints.clear()
    seat.requests = [url for url in seat.requests if "evil.example" not in url]


def test_narrow_screens(quoting: WebApp, sit: Sit) -> None:
    """On a phone nothing is cut off, the composer is there, and a citation leads down to its card."""
    seat = sit(quoting, NARROW)
    seat.keep("narrow-first")
    seat.ask(SYLBER)
    assert seat.page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    expect(seat.box).to_be_in_viewport()
    seat.keep("narrow-answer")
    seat.answer.locator("a.fn-cite").last.click()
    expect(seat.page.locator(".fn-card mark.fn-flash")).to_be_in_viewport()
    seat.keep("narrow-cited")


def test_a_new_conversation_is_empty(quoting: WebApp, sit: Sit) -> None:
    """The button forgets questions and sources."""
    seat = sit(quoting)
    seat.ask(SYLBER)
    seat.page.get_by_role("button", name="New conversation").click()
    expect(seat.page.locator(".fn-exchange")).to_have_count(0)
    expect(seat.page.locator(".fn-card")).to_have_count(0)
    expect(seat.page.locator("button.fn-ask")).to_have_count(4)


def test_an_empty_library_says_what_to_run(empty: WebApp, sit: Sit) -> None:
    """A first visitor without papers is told how to get some, not to run what runs already."""
    seat = sit(empty)
    opening = seat.page.locator(".fn-opening")
    expect(opening).to_contain_text("footnote import FILE")
    expect(opening).not_to_contain_text("make chat")
    expect(opening.get_by_role("link", name="Library")).to_have_attribute("href", "#library")
    seat.keep("light-empty-library")


def test_an_answer_streams(writing: WebApp, sit: Sit) -> None:
    """What the model writes is seen growing, marked as not checked, while the box stays usable."""
    seat = sit(writing)
    expect(seat.page.locator("#fn-state")).to_contain_text(f"{SMALL} on embedded llama.cpp · 62 papers")
    seat.page.evaluate(WATCH)
    for question in WRITTEN:
        seat.page.evaluate("window.seen = []")
        seat.begin(question)
        seat.page.locator(".fn-draft, .fn-sentence").first.wait_for(timeout=PATIENCE)
        seat.page.screenshot(path=ROOT / "artefacts" / "light-writing.png")
        seat.settle()
        drafts = [text for text, unchecked in seat.page.evaluate("window.seen") if unchecked]
        if any(len(later) > len(earlier) for earlier, later in pairwise(drafts)):
            break
    else:
        pytest.fail("no answer was seen growing")
    assert re.search(r"\[1\]|do not say", seat.answer.inner_text())
    seat.keep("light-written")


def test_stop_stops_the_model(writing: WebApp, sit: Sit) -> None:
    """The answer ends, the processor rests, what was typed meanwhile stays, the next question works."""
    seat = sit(writing)
    for question in WRITTEN:
        seat.begin(question)
        seat.box.fill("What is GraphGPT?")
        began = time.monotonic()
        with suppress(PlaywrightTimeout):
            seat.stop.click(timeout=2000)
        seat.settle()
        took = time.monotonic() - began
        if seat.answer.locator(".fn-stopped").count():
            break
    else:
        pytest.fail("every answer was there before it could be stopped")
    assert took < STOPPED_S
    seat.keep("light-stopped")
    seat.page.wait_for_timeout(1000)
    used = cpu_seconds(writing.pid)
    seat.page.wait_for_timeout(2000)
    assert cpu_seconds(writing.pid) - used < 0.5
    expect(seat.box).to_have_value("What is GraphGPT?")
    asked = seat.page.locator(".fn-exchange").count()
    seat.box.press("Enter")
    expect(seat.page.locator(".fn-exchange")).to_have_count(asked + 1)
    seat.settle()
    expect(seat.answer.locator(".fn-stopped")).to_have_count(0)


def test_sessions_are_apart(writing: WebApp, sit: Sit) -> None:
    """Two people ask at once: each sees only their own, and stops only their own."""
    one, other = sit(writing), sit(writing)
    one.begin("What is MiniLM?")
    other.begin("Compare GraphGPT and Sylber.")
    other.stop.click()
    expect(other.answer.locator(".fn-stopped")).to_be_visible()
    one.settle()
    expect(one.answer.locator(".fn-stopped")).to_have_count(0)
    assert one.page.locator(".fn-asked").all_inner_texts() == ["What is MiniLM?"]
    assert other.page.locator(".fn-asked").all_inner_texts() == ["Compare GraphGPT and Sylber."]


@pytest.fixture(scope="module")
def dated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebApp]:
    """The page over papers with years and authors, and no venue."""
    home = tmp_path_factory.mktemp("dated")
    footnote = Footnote(Settings(home=home, library=home / "library", model="extractive"))
    text = "Whales sing long songs. We record the songs of humpback whales and count {} phrases."
    papers = (
        Paper("a", "Songs of Humpback Whales", text.format(12), ("Ada Lovelace",), 2010),
        Paper("b", "New Songs of Humpback Whales", text.format(77), ("Grace Hopper",), 2020),
    )
    footnote.library.add(Parsed(papers), "whales.bib")
    footnote.library.tag(["b"], "thesis")
    footnote.index_pending()
    footnote.close()
    yield from running(home, "extractive")


def test_only_papers_of_some_years(dated: WebApp, sit: Sit) -> None:
    """The scope offers what the library knows, is each conversation's own, and holds for every question."""
    seat, other = sit(dated), sit(dated)
    asked = seat.page.locator("#fn-scope")
    expect(asked).to_have_text("Asking all 2 papers")
    seat.page.get_by_role("button", name="Change").click()
    expect(seat.page.locator("#fn-only").get_by_label("From year")).to_be_focused()
    expect(seat.page.locator("#fn-only").get_by_label("Venue")).to_be_hidden()
    seat.page.locator("#fn-only").get_by_label("To year").fill("2015")
    expect(asked).to_have_text("Asking papers up to 2015 (1 of 2)")
    seat.keep("only-papers")
    text = seat.ask("How many phrases of humpback whales are counted?")
    assert "Only papers up to 2015" in text
    assert "12 phrases" in text
    assert "Only papers" not in other.ask("How many phrases of humpback whales are counted?")
    text = other.ask("How many phrases are counted by Hopper since 2015?")
    assert "Only papers from 2015 on, by Hopper" in text
    assert "77 phrases" in text


def test_no_scope_to_change_where_nothing_tells_papers_apart(empty: WebApp, sit: Sit) -> None:
    seat = sit(empty)
    expect(seat.page.locator(".fn-opening")).to_be_visible()
    expect(seat.page.locator("#fn-scope p")).to_have_count(0)
    expect(seat.page.get_by_role("button", name="Change")).to_be_hidden()
