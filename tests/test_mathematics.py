"""Mathematics in what papers and answers say, drawn by the KaTeX of this server, and nothing else drawn."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

import pytest
import tab as tabs
from playwright.sync_api import Browser, Locator, expect
from tab import Tab, tab
from webapp import ROOT, WebApp

from rag.records import Paper

pytestmark = [pytest.mark.browser, pytest.mark.slow]

KERNEL = Paper(
    "arxiv:2101.00001",
    r"Zebrafish Kernels in $\mathcal{O}(n\log n)$ Time",
    r"Zebrafish kernels are costly. A zebrafish kernel takes $\mathcal{O}(n \log n)$ time on a laptop for $5. "
    r"It was $O(n^2)$, and $\frac{1}{$ is broken.",
    ("Ada Li",),
    2024,
)
ASKED = "How much time does a zebrafish kernel take on a laptop?"
SHOW = """(text) => {
  document.getElementById("probe")?.remove();
  const place = document.createElement("p");
  place.id = "probe";
  place.className = "fn-abstract";
  place.textContent = text;
  document.getElementById("fn-side").append(place);
}"""
"""Puts a text on the page as an abstract."""
FLICKER = """() => {
  window.raw = 0;
  const look = () => {
    const drawn = document.querySelector(".fn-answer .katex") !== null;
    window.drawn ||= drawn;
    const words = [...document.querySelectorAll(".fn-sentence")].map((one) => one.innerText).join(" ");
    if (window.drawn && words.includes("$\\\\mathcal")) window.raw += 1;
    requestAnimationFrame(look);
  };
  look();
}"""
"""Counts the frames in which a formula that was drawn before is seen as it was written."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    yield from tabs.chromium()


@pytest.fixture(scope="module")
def app(shipped_library: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebApp]:
    """The page over the shipped papers, which have no mathematics, and one that has."""
    yield from tabs.serving(tmp_path_factory.mktemp("mathematics"), shipped_library, [KERNEL])  # type: ignore[arg-type]


@pytest.fixture
def seat(browser: Browser, app: WebApp) -> Iterator[Tab]:
    seat = tab(browser, app.address)
    yield seat
    seat.close()


@pytest.fixture(scope="module")
def drawing(browser: Browser, app: WebApp) -> Iterator[Tab]:
    """A tab where KaTeX is loaded already."""
    seat = tab(browser, app.address)
    seat.page.evaluate(SHOW, "$x^2$")
    expect(seat.page.locator("#probe .katex")).to_have_count(1)
    yield seat
    seat.close()


def test_katex_is_what_the_notice_says() -> None:
    """The vendored files are those of the release, unchanged."""
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8")
    for name in ("katex.min.js", "katex.min.css"):
        digest = sha256((ROOT / "ui" / "static" / "katex" / name).read_bytes()).hexdigest()
        assert digest in notice


def probe(seat: Tab, text: str) -> Locator:
    seat.page.evaluate(SHOW, text)
    return seat.page.locator("#probe")


def sources(place: Locator) -> list[str]:
    """The TeX of the formulas that are drawn there."""
    return [text or "" for text in place.locator("annotation").all_text_contents()]


def test_katex_is_loaded_when_there_is_a_formula(seat: Tab) -> None:
    """From this server alone, and only the fonts that are needed."""
    expect(seat.box).to_be_visible()
    seat.ask("What is MiniLM?")
    assert not [url for url in seat.requests if "katex" in url.casefold()]
    seat.ask(ASKED)
    expect(seat.card.locator(".katex").first).to_be_visible()
    loaded = {url.rsplit("/", 1)[-1] for url in seat.requests if "katex" in url.casefold()}
    assert {"katex.min.js", "katex.min.css"} <= loaded
    assert all(name.endswith((".woff2", ".js", ".css")) for name in loaded)


def test_formulas_are_drawn_where_papers_speak(seat: Tab) -> None:
    """In the title, the abstract with its highlight, and the quotation with its citation, which still works."""
    seat.ask(ASKED)
    expect(seat.card.locator("h3 .katex")).to_have_count(1)
    expect(seat.card.locator("mark .katex").first).to_be_visible()
    expect(seat.page.locator(".fn-answer .katex").first).to_be_visible()
    assert sources(seat.card.locator("h3")) == [r"\mathcal{O}(n\log n)"]
    expect(seat.card).to_contain_text("for $5. It was")
    expect(seat.card).to_contain_text(r"$\frac{1}{$ is broken")
    seat.chips.last.click()
    expect(seat.card.locator("mark.fn-flash")).to_be_focused()


def test_a_question_is_shown_as_it_was_typed(seat: Tab) -> None:
    seat.ask("Does $n^2$ zebrafish kernel time matter on a laptop?")
    expect(seat.page.locator(".fn-asked")).to_contain_text("$n^2$")


def test_formulas_do_not_flicker(seat: Tab) -> None:
    """Whatever Gradio writes anew is drawn again before the next frame."""
    seat.ask(ASKED)
    expect(seat.card.locator("h3 .katex")).to_have_count(1)
    seat.page.evaluate(FLICKER)
    seat.ask(ASKED)
    seat.ask(ASKED)
    expect(seat.page.locator(".fn-answer .katex").nth(2)).to_be_attached()
    assert seat.page.evaluate("[window.drawn, window.raw]") == [True, 0]


@pytest.mark.parametrize(
    ("text", "formulas"),
    [
        pytest.param("in $O(n^2)$ time", ["O(n^2)"], id="dollars"),
        pytest.param("$$a+b$$ and more", ["a+b"], id="two dollars"),
        pytest.param(r"\(\alpha\) or \[\beta\]", [r"\alpha", r"\beta"], id="brackets"),
        pytest.param(r"$\sim$10% of 5$\times$ more", [r"\sim", r"\times"], id="beside digits"),
        pytest.param("$k$-NN with $k = 3$", ["k", "k = 3"], id="letters"),
        pytest.param(r"$f(x) \text{ if } x > 0$", [r"f(x) \text{ if } x > 0"], id="words in a formula"),
        pytest.param("it costs $5 to $x^2$", ["x^2"], id="a price before a formula"),
    ],
)
def test_mathematics_is_drawn(drawing: Tab, text: str, formulas: list[str]) -> None:
    place = probe(drawing, text)
    expect(place.locator(".katex")).to_have_count(len(formulas))
    assert sources(place) == formulas


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("It costs $5 and $7.", id="prices"),
        pytest.param("from US$5 to CA$7 a head", id="currencies"),
        pytest.param("$5-$7, or 5$ to 7$", id="a range of prices"),
        pytest.param("$10 million and 20 million$ more", id="words"),
        pytest.param(r"a broken $\frac{1}{$ formula", id="what cannot be read"),
        pytest.param("lone $ and \\( signs", id="lone signs"),
        pytest.param("<img src=x onerror='window.owned=1'> $", id="markup"),
    ],
)
def test_what_is_no_mathematics_stays_as_written(drawing: Tab, text: str) -> None:
    place = probe(drawing, text)
    drawing.page.wait_for_timeout(50)
    expect(place.locator(".fn-math")).to_have_count(0)
    assert place.text_content() == text


@pytest.mark.parametrize(
    "tex",
    [
        r"\href{javascript:window.owned=1}{x}",
        r"\url{https://evil.example}",
        r"\includegraphics{https://evil.example/x.png}",
        r"\htmlStyle{position:fixed}{x}",
        r"\htmlData{a=b}{x}",
        r"\htmlId{fn-box}{x}",
        r"x^{<img src=y onerror=window.owned=2>}",
        r"\def\a{\a\a}\a",
        r"\rule{99999em}{99999em}",
        r"\text{</span><script>window.owned=3</script>}",
    ],
)
def test_a_hostile_formula_is_harmless(drawing: Tab, tex: str) -> None:
    """No link, no picture, no style or name of its choosing, no endless expansion, no huge box."""
    place = probe(drawing, f"${tex}$")
    drawing.page.wait_for_timeout(80)
    expect(place.locator("a, img, script, [id], [data-a]")).to_have_count(0)
    assert place.evaluate("(it) => it.getBoundingClientRect().height") < 700
    assert drawing.page.evaluate("window.owned") is None
    assert drawing.foreign == []


def test_a_copied_formula_is_what_was_written(drawing: Tab) -> None:
    drawing.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    place = probe(drawing, r"It takes $O(n^2)$ or \(n\) steps.")
    expect(place.locator(".katex")).to_have_count(2)
    place.evaluate("(it) => getSelection().selectAllChildren(it)")
    drawing.page.keyboard.press("ControlOrMeta+c")
    assert drawing.page.evaluate("navigator.clipboard.readText()") == r"It takes $O(n^2)$ or \(n\) steps."


def test_a_text_full_of_formulas_is_drawn_soon(drawing: Tab) -> None:
    drawing.page.evaluate("window.began = performance.now()")
    place = probe(drawing, " and ".join(f"$x_{{{n}}}$" for n in range(1000)))
    expect(place.locator(".katex").nth(50)).to_be_attached()
    taken = float(drawing.page.evaluate("performance.now() - window.began"))
    assert taken < 5_000
