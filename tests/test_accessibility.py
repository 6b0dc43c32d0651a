"""Every page for people who cannot use a mouse or see little: axe-core finds no serious violation, keys suffice."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import tab as tabs
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ViewportSize, expect
from tab import NARROW, WIDE, Tab, tab
from webapp import WebApp

from rag.records import Paper

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SYLBER = "How many tokens per second does Sylber's tokenizer average?"
KERNEL = Paper(
    "arxiv:2101.00001",
    r"Zebrafish Kernels in $O(n^2)$ Time",
    r"Zebrafish kernels are costly. A zebrafish kernel takes $O(n^2)$ time on a laptop.",
    ("Ada Li",),
    2024,
    "BirdConf",
    url="https://papers.example/kernels",
)
FORMULA = "How much time does a zebrafish kernel take on a laptop?"
GRAVE = {"serious", "critical"}


def nothing(seat: Tab) -> None:
    """The page as it opens."""


def cited(seat: Tab) -> None:
    """An earlier answer and the newest, every fold of its card open, a citation followed."""
    seat.ask(SYLBER)
    seat.ask(FORMULA)
    seat.page.locator("#fn-side details").evaluate_all("(all) => all.forEach((one) => { one.open = true; })")
    seat.card.get_by_role("button", name="Every signal").click()
    expect(seat.card.locator(".fn-explained")).to_be_visible()
    seat.chips.last.click()
    expect(seat.card.locator(".katex").first).to_be_visible()


def compared(seat: Tab) -> None:
    seat.ask("Compare GraphGPT and Sylber.")
    expect(seat.page.locator(".fn-sides")).to_be_visible()


def abstained(seat: Tab) -> None:
    seat.ask("What is the capital of Australia?")
    expect(seat.page.locator(".fn-nearest")).to_be_visible()


def opened(seat: Tab) -> None:
    """The library with an open paper and a selection."""
    row = seat.page.locator(".fn-row").first
    row.locator("input[type=checkbox]").check()
    row.locator("button").first.click()
    expect(seat.page.locator(".fn-open")).to_be_visible()


def remembered(seat: Tab) -> None:
    """The history with a conversation in it."""
    seat.page.evaluate("location.hash = '#chat'")
    seat.ask(FORMULA)
    seat.page.evaluate("location.hash = '#history'")
    expect(seat.page.locator("#fn-history")).to_contain_text(FORMULA)


STATES: list[tuple[str, str, Callable[[Tab], None]]] = [
    ("chat", "empty", nothing),
    ("chat", "answer", cited),
    ("chat", "comparison", compared),
    ("chat", "abstention", abstained),
    ("library", "list", nothing),
    ("library", "paper", opened),
    ("history", "list", remembered),
    ("evaluation", "report", nothing),
    ("settings", "form", nothing),
]
PAGES = ["chat", "library", "history", "evaluation", "settings"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    yield from tabs.chromium()


@pytest.fixture(scope="module")
def app(shipped_library: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebApp]:
    """The page over the shipped papers and one with mathematics."""
    yield from tabs.serving(tmp_path_factory.mktemp("access"), shipped_library, [KERNEL])  # type: ignore[arg-type]


@pytest.fixture
def sit(browser: Browser, app: WebApp) -> Iterator[Callable[..., Tab]]:
    opened: list[Tab] = []

    def sit_down(viewport: ViewportSize = WIDE, **options: object) -> Tab:
        opened.append(new := tab(browser, app.address, viewport, **options))  # type: ignore[arg-type]
        return new

    yield sit_down
    for one in opened:
        one.close()


def violations(seat: Tab) -> list[str]:
    """What axe-core finds that keeps people out: the rule, then what breaks it and why."""
    seat.page.wait_for_timeout(500)  # colours fade in
    found = Axe().run(seat.page).response["violations"]
    return [
        f"{rule['id']}: {node['target']} {node['html'][:160]} – {node['failureSummary']}"
        for rule in found
        if rule["impact"] in GRAVE
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize("dark", [pytest.param(False, id="light"), pytest.param(True, id="dark")])
@pytest.mark.parametrize(
    ("where", "make"), [pytest.param(at, make, id=f"{at}-{name}") for at, name, make in STATES]
)
def test_no_serious_violation(
    sit: Callable[..., Tab], where: str, make: Callable[[Tab], None], dark: bool
) -> None:
    """On every page, light and dark, wide and narrow; and no page asks another host for anything."""
    seat = sit(dark=dark, at=where)
    expect(seat.page.locator("body")).to_have_attribute("data-page", where)
    make(seat)
    wide = violations(seat)
    seat.page.set_viewport_size(NARROW)
    assert [wide, violations(seat)] == [[], []]


@pytest.mark.parametrize("where", PAGES)
def test_a_page_fits_a_phone(sit: Callable[..., Tab], where: str) -> None:
    seat = sit(NARROW, at=where)
    seat.page.wait_for_timeout(300)
    assert seat.page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]


def test_keys_reach_everything(sit: Callable[..., Tab]) -> None:
    """Tab from the top comes by the pages, the composer, the citations and what the cards offer."""
    seat = sit()
    seat.ask(FORMULA)
    seat.page.evaluate("document.activeElement.blur(); document.body.tabIndex = -1; document.body.focus()")
    passed = []
    for _ in range(60):
        seat.page.keyboard.press("Tab")
        passed.append(seat.page.evaluate(NAME))
    for name in ("#chat", "#library", "fn-cite", "textarea", "Copy citation", "Ask about this paper"):
        assert any(name in one for one in passed), (name, passed)
    assert any("summary" in one and "BibTeX" in one for one in passed)
    assert any("summary" in one and "Why this paper?" in one for one in passed)


NAME = """() => {
  const it = document.activeElement;
  return [it.tagName.toLowerCase(), it.className, it.getAttribute("href"), it.textContent.slice(0, 60)].join(" ");
}"""
"""What has the focus."""


def test_what_has_the_focus_is_seen(sit: Callable[..., Tab]) -> None:
    seat = sit()
    seat.ask(FORMULA)
    for what in ("Copy citation", "Ask about this paper"):
        seat.card.get_by_text(what, exact=True).focus()
        seat.page.keyboard.press("Shift+Tab")
        seat.page.keyboard.press("Tab")
        style = "getComputedStyle(document.activeElement).outlineStyle"
        assert seat.page.evaluate(style) == "solid"


def test_enter_goes_to_the_sentence_and_escape_back(sit: Callable[..., Tab]) -> None:
    """From a citation to the sentence it rests on, and back to that very citation."""
    seat = sit()
    seat.ask(SYLBER)
    seat.ask(FORMULA)
    chip = seat.page.locator(".fn-exchange").first.locator("a.fn-cite").last
    chip.focus()
    chip.press("Enter")
    expect(seat.page.locator(".fn-card mark.fn-flash")).to_be_focused()
    seat.page.keyboard.press("Escape")
    expect(chip).to_be_focused()


def test_folds_open_by_key(sit: Callable[..., Tab]) -> None:
    seat = sit()
    seat.ask(FORMULA)
    fold = seat.card.locator("summary", has_text="BibTeX")
    fold.focus()
    fold.press("Enter")
    expect(seat.card.locator("pre")).to_be_visible()
