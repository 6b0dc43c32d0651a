"""The Sources panel in a real browser: copying, explaining, unfolding, and the way from a citation to its sentence."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import tab as tabs
from playwright.sync_api import Browser, expect
from tab import Tab, tab
from webapp import WebApp

from rag.records import Paper
from ui import card_actions

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SYLBER = "How many tokens per second does Sylber's tokenizer average?"
FORMULA = Paper(
    "arxiv:2101.00001",
    "Zebrafish Kernels",
    "We weigh zebrafish kernels. A zebrafish kernel takes 77 ms on <b>a laptop</b>.",
    ("Ada Li", "Bo Xu"),
    2024,
    "BirdConf",
    arxiv_id="2101.00001",
)
KERNEL = "How long does a zebrafish kernel take on a laptop?"
CLICK = """(chip) => new Promise((done) => {
  const target = document.getElementById(chip.getAttribute("href").slice(1));
  let began;
  new MutationObserver((_, observer) => {
    if (!target.classList.contains("fn-flash")) return;
    observer.disconnect();
    requestAnimationFrame(() => setTimeout(() => done(performance.now() - began)));
  }).observe(target, { attributes: true, attributeFilter: ["class"] });
  began = performance.now();
  chip.click();
})"""
"""Milliseconds from a click on a citation until its sentence has been painted as highlighted."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    yield from tabs.chromium()


@pytest.fixture(scope="module")
def app(shipped_library: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebApp]:
    """The page over the shipped papers and one more."""
    yield from tabs.serving(tmp_path_factory.mktemp("sources"), shipped_library, [FORMULA])


@pytest.fixture
def sit(browser: Browser, app: WebApp) -> Iterator[Callable[..., Tab]]:
    opened: list[Tab] = []

    def sit_down(**options: object) -> Tab:
        opened.append(new := tab(browser, app.address, **options))  # type: ignore[arg-type]
        return new

    yield sit_down
    for one in opened:
        one.close()


@pytest.mark.parametrize("clipboard", ["async", "none", "refused"])
def test_a_citation_is_copied(sit: Callable[..., Tab], clipboard: str) -> None:
    """With the clipboard of today's browsers, without one as over plain HTTP, and where it is refused."""
    seat = sit()
    if clipboard == "async":
        seat.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    else:
        broken = (
            "undefined" if clipboard == "none" else "{ writeText: () => Promise.reject(new Error('no')) }"
        )
        seat.page.evaluate(
            f"Object.defineProperty(navigator, 'clipboard', {{ value: {broken}, configurable: true }})"
        )
        seat.page.evaluate(
            "window.taken = null;"
            "document.addEventListener('copy', () => { window.taken = document.activeElement.value; })"
        )
    seat.ask(KERNEL)
    button = seat.card.get_by_role("button", name="Copy citation")
    button.click()
    expect(button).to_have_text("Copied")
    expect(seat.page.get_by_role("status").filter(has_text="Copied: Copy citation")).to_have_count(1)
    read = "navigator.clipboard.readText()" if clipboard == "async" else "window.taken"
    reference = "Ada Li and Bo Xu (2024). Zebrafish Kernels. BirdConf. https://arxiv.org/abs/2101.00001"
    assert seat.page.evaluate(read) == reference
    expect(button).to_have_text("Copy citation")
    if clipboard != "async":
        expect(button).to_be_focused()


def test_a_bibtex_entry_is_shown_and_copied(sit: Callable[..., Tab]) -> None:
    seat = sit()
    seat.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    seat.ask(KERNEL)
    seat.card.locator("summary", has_text="BibTeX").click()
    entry = seat.card.locator("pre")
    expect(entry).to_be_visible()
    seat.card.get_by_role("button", name="Copy BibTeX").click()
    copied = str(seat.page.evaluate("navigator.clipboard.readText()"))
    assert copied == entry.text_content() == card_actions.entry(FORMULA)


def test_why_is_told_at_once_and_in_full(sit: Callable[..., Tab]) -> None:
    """The answer's own signals without asking the server; then the library's, which stay in the next answer."""
    seat = sit()
    seat.ask(KERNEL)
    requests = len(seat.requests)
    seat.card.locator("summary", has_text="Why this paper?").click()
    expect(seat.card.locator(".fn-signals")).to_contain_text("zebrafish, kernel")
    assert len(seat.requests) == requests
    seat.card.get_by_role("button", name="Every signal").click()
    table = seat.page.get_by_role("region", name=re.compile("^Among"))
    expect(table).to_contain_text("Zebrafish Kernels")
    expect(seat.card.locator(".fn-explained")).to_be_focused()
    seat.ask(SYLBER)
    seat.page.locator(".fn-earlier > summary").click()
    expect(table).to_be_visible()
    seat.page.get_by_role("button", name="New conversation").click()
    expect(seat.page.locator(".fn-card")).to_have_count(0)


def test_what_else_was_found_unfolds(sit: Callable[..., Tab]) -> None:
    seat = sit()
    seat.ask(KERNEL)
    fold = seat.page.locator(".fn-also")
    expect(fold.locator("li").first).to_be_hidden()
    fold.locator("> summary").click()
    expect(fold.locator("li")).to_have_count(9)
    expect(fold.get_by_role("link", name=re.compile("Ask about")).first).to_be_visible()


def test_a_click_on_a_citation_highlights_at_once(sit: Callable[..., Tab]) -> None:
    seat = sit()
    seat.ask(KERNEL)
    taken = [float(seat.chips.last.evaluate(CLICK)) for _ in range(5)]
    print(f"highlighted after {min(taken):.1f} to {max(taken):.1f} ms")
    assert min(taken) < 100


def test_markup_of_a_paper_is_text_in_every_fold(sit: Callable[..., Tab]) -> None:
    seat = sit(dark=True)
    seat.ask(KERNEL)
    expect(seat.card).to_contain_text("<b>a laptop</b>")
    expect(seat.card.locator("b")).to_have_count(0)
