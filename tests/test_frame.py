"""What holds the pages together: their height, their colours in the dark, and what a citation shows."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import tab as tabs
from playwright.sync_api import Browser, ViewportSize, expect
from tab import NARROW, WIDE, tab
from webapp import WebApp

from ui.chat import styles

SYLBER = "How many tokens per second does Sylber's tokenizer average?"
BELOW = "document.querySelector('#fn-composer').getBoundingClientRect().bottom - innerHeight"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    yield from tabs.chromium()


@pytest.fixture(scope="module")
def app(shipped_library: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebApp]:
    yield from tabs.serving(tmp_path_factory.mktemp("frame"), shipped_library, [])  # type: ignore[arg-type]


def test_the_dark_is_told_by_names_of_colours_alone() -> None:
    """Gradio prefixes every rule, and then one that begins with `body.dark` loses to its counterpart."""
    for sheet in styles():
        assert not re.findall(r"body\.dark\s+[.#:\w].*", sheet.read_text(encoding="utf-8")), sheet.name


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
def test_the_composer_stays_in_view_however_high_the_head_is(
    browser: Browser, app: WebApp, viewport: ViewportSize
) -> None:
    seat = tab(browser, app.address, viewport)
    expect(seat.box).to_be_visible()
    for height in (0, 90):
        seat.page.evaluate(f"document.getElementById('fn-head').style.paddingBottom = '{height}px'")
        seat.page.wait_for_function(f"{BELOW} <= 0 && {BELOW} > -20")
    seat.close()


@pytest.mark.browser
@pytest.mark.slow
def test_the_sentence_of_a_citation_that_is_pointed_at_stands_out(browser: Browser, app: WebApp) -> None:
    seat = tab(browser, app.address)
    seat.ask(SYLBER)
    seat.chips.first.hover()
    expect(seat.card.locator("mark.fn-pointed")).to_have_count(1)
    seat.page.mouse.move(0, 0)
    expect(seat.card.locator("mark.fn-pointed")).to_have_count(0)
    seat.close()
