"""The settings page in a real browser: what is set holds at once and stays, models are chosen and fetched."""

from __future__ import annotations

import os
import re
import shutil
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from model_hub import SlowHub
from ollama_server import SMOLLM_NAME, Ollama
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect, sync_playwright
from tab import own_complaints
from webapp import WebApp

from rag import weights

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SMALL = "smollm2-135m"
PATIENCE = 60_000  # milliseconds, on a busy machine
WIDE: ViewportSize = {"width": 1280, "height": 860}
NARROW: ViewportSize = {"width": 390, "height": 844}
SYLBER = "How many tokens per second does Sylber's tokenizer average?"
FREE = "import os; os.environ.pop('FOOTNOTE_MODEL'); os.environ['NO_PROXY'] = '127.0.0.1'\n"
"""Lets the page, and not the tests, say which model is used; and loopback be reached past the tests' proxy."""
ONLY_SMALL = """
import os
from dataclasses import replace
from rag import weights
small = weights.find("smollm2-135m")
weights.CATALOGUE = (replace(small, name="small", hub_url={url!r}, packages=()),)
"""
"""A catalogue of one model that is chosen by itself and comes from a hub of the test's."""


class Seat:
    """A browser tab at the settings page."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.requests: list[str] = []
        self.complaints: list[str] = []

    @property
    def notice(self) -> Locator:
        return self.page.locator("#fn-settings-notice")

    @property
    def bar(self) -> Locator:
        return self.page.locator("#fn-fetch")

    @property
    def status(self) -> Locator:
        return self.page.locator("#fn-state")

    def button(self, name: str | re.Pattern[str]) -> Locator:
        return self.page.get_by_role("button", name=name)

    def model(self, title: str) -> Locator:
        """The row of something that can answer."""
        return self.page.locator(".fn-models li", has=self.page.get_by_text(title, exact=True))

    def reset(self, name: str) -> Locator:
        return self.page.locator(f"#fn-reset-{name}")

    def dark(self) -> bool:
        return bool(self.page.evaluate("document.body.classList.contains('dark')"))

    def reload(self) -> None:
        """Load the page anew; requests that this breaks off are no complaint."""
        before = len(self.complaints)
        self.page.reload()
        expect(self.page.locator(".fn-status")).to_be_visible(timeout=PATIENCE)
        self.complaints[before:] = own_complaints(self.complaints[before:])

    def leave(self) -> None:
        """Close the tab, before what it looks at ends."""
        self.page.context.close()


Sit = Callable[..., Seat]
Run = Callable[..., WebApp]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
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
def home(tmp_path: Path, shipped_library: Path) -> Path:
    """A library of the shipped papers, and no model."""
    shutil.copytree(shipped_library, tmp_path / "library")
    return tmp_path


@pytest.fixture
def small(cache: Path) -> Path:
    """The weights of a very small model."""
    return weights.fetch(SMALL, cache / "weights", lambda done, total: None)


@pytest.fixture
def hub(small: Path) -> Iterator[SlowHub]:
    with SlowHub(small) as server:
        yield server
        server.shutdown()


@pytest.fixture
def run(home: Path) -> Iterator[Run]:
    """Starts the page; at the end, it stops quietly."""
    apps: list[WebApp] = []

    def start(before: str = "", model: str = "extractive") -> WebApp:
        apps.append(WebApp(home, model, before=before))
        return apps[-1]

    yield start
    assert [(app.stop(), app.errors) for app in apps] == [(0, "")] * len(apps)


@pytest.fixture
def sit(browser: Browser) -> Iterator[Sit]:
    """Opens a tab; at the end, none has asked another host for anything or logged an error."""
    seats: list[Seat] = []

    def sit_down(
        app: WebApp, viewport: ViewportSize = WIDE, scheme: str = "light", at: str = "settings"
    ) -> Seat:
        context = browser.new_context(viewport=viewport, color_scheme=scheme)  # type: ignore[arg-type]  # one of two
        seat = Seat(context.new_page(), app.address)
        context.on("request", lambda request: seat.requests.append(request.url))
        context.on("console", lambda m: seat.complaints.append(m.text) if m.type == "error" else None)
        context.on("weberror", lambda error: seat.complaints.append(str(error.error)))
        seats.append(seat)
        seat.page.goto(f"{app.address}/#{at}")
        expect(seat.page.locator(".fn-status")).to_be_visible(timeout=PATIENCE)
        return seat

    yield sit_down
    for seat in seats:
        seat.leave()
        foreign = [url for url in seat.requests if not is_own(url, seat.address)]
        assert (foreign, seat.complaints) == ([], [])


def is_own(url: str, address: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in {"data", "blob"} or f"{parts.scheme}://{parts.netloc}" == address


def kept(home: Path) -> dict[str, object]:
    return tomllib.loads((home / "settings.toml").read_text(encoding="utf-8"))


def test_what_is_set_is_kept_through_a_restart_and_reset_to_the_default(
    home: Path, run: Run, sit: Sit
) -> None:
    app = run()
    seat = sit(app)
    expect(seat.reset("top_k")).to_be_hidden()
    seat.page.get_by_label("Papers searched").fill("7")
    seat.page.get_by_label("Papers searched").press("Enter")
    expect(seat.notice).to_have_text("Saved.")
    seat.page.get_by_label("Strict", exact=True).check()
    seat.page.get_by_label("Show removed sentences").check()
    expect(seat.reset("show_removed")).to_be_visible()
    seat.leave()
    assert app.stop() == 0
    assert kept(home) == {"top_k": 7, "strictness": "strict", "show_removed": True}

    seat = sit(run())
    expect(seat.page.get_by_label("Papers searched")).to_have_value("7")
    expect(seat.page.get_by_label("Strict", exact=True)).to_be_checked()
    expect(seat.page.get_by_label("Show removed sentences")).to_be_checked()
    seat.reset("top_k").click()
    expect(seat.page.get_by_label("Papers searched")).to_have_value("10")
    expect(seat.reset("top_k")).to_be_hidden()
    assert "top_k" not in kept(home)


def test_a_value_that_cannot_be_is_one_line_and_changes_nothing(home: Path, run: Run, sit: Sit) -> None:
    seat = sit(run())
    seat.page.get_by_label("Evidence, in tokens").fill("<b>many</b>")
    seat.page.get_by_label("Evidence, in tokens").press("Enter")
    expect(seat.notice).to_have_text("evidence_tokens is '<b>many</b>', which is not a whole number.")
    assert not (home / "settings.toml").exists()


def test_settings_that_cannot_be_written_hold_until_the_end_and_say_so(
    home: Path, run: Run, sit: Sit
) -> None:
    app = run()
    seat = sit(app)
    (home / "settings.toml").mkdir()  # whoever runs the tests may write where others may not
    seat.page.get_by_label("Word for word").check()
    expect(seat.notice).to_contain_text("This holds until Footnote ends, and is not kept")
    expect(seat.notice).to_contain_text("settings.toml cannot be read")
    seat = sit(app)
    expect(seat.page.get_by_label("Word for word")).to_be_checked()


def test_what_the_environment_sets_is_said_and_cannot_be_changed(run: Run, sit: Sit) -> None:
    seat = sit(run("import os; os.environ['FOOTNOTE_TOP_K'] = '4'\n"))
    field = seat.page.get_by_label("Papers searched")
    expect(field).to_be_disabled()
    expect(field).to_have_value("4")
    expect(seat.page.locator("#fn-settings")).to_contain_text("Set by the variable FOOTNOTE_TOP_K.")
    expect(seat.page.locator("#fn-models")).to_contain_text("The variable FOOTNOTE_MODEL sets the model")
    expect(seat.model("Automatic").get_by_role("button")).to_be_disabled()


@pytest.mark.parametrize("system", ["light", "dark"])
def test_colours_change_at_once_and_are_there_from_the_first_paint(run: Run, sit: Sit, system: str) -> None:
    app = run()
    seat = sit(app, scheme=system)
    assert seat.dark() == (system == "dark")
    other = "Light" if system == "dark" else "Dark"
    seat.page.get_by_label(other, exact=True).check()
    expect(seat.notice).to_have_text("Saved.")
    assert seat.dark() != (system == "dark")
    bare = seat.page.request.get(seat.address).text()  # what the browser paints before any script has run
    fills = re.findall(r"--bg(?:-dark)?: ([^;]+);", bare)
    assert len(set(fills)) == 1
    seat = sit(app, scheme=system)
    assert seat.dark() != (system == "dark")
    seat.page.get_by_label("Automatic", exact=True).check()
    expect(seat.notice).to_have_text("Saved.")
    assert seat.dark() == (system == "dark")


def test_a_model_is_chosen_answers_and_is_kept(home: Path, small: Path, run: Run, sit: Sit) -> None:
    (home / "models").symlink_to(small.parent)
    app = run(FREE)
    seat = sit(app)
    expect(seat.status).to_contain_text("Quotations")
    seat.button(f"Use: {SMALL}").click()
    expect(seat.model(SMALL)).to_contain_text("Chosen")
    expect(seat.status).to_contain_text(f"{SMALL} on embedded llama.cpp")
    assert kept(home) == {"model": f"embedded/{SMALL}"}
    seat.button("Use: Quotations only").click()
    expect(seat.model("Quotations only")).to_contain_text("Chosen")
    expect(seat.status).to_contain_text("Quotations")
    seat.leave()
    assert app.stop() == 0
    seat = sit(run(FREE))
    expect(seat.model("Quotations only")).to_contain_text("Chosen")


def test_the_models_of_an_ollama_are_offered_and_a_pull_that_fails_is_one_line(
    home: Path, ollama: Ollama, run: Run, sit: Sit
) -> None:
    seat = sit(run(f"{FREE}os.environ['OLLAMA_HOST'] = {ollama.host!r}\n"))
    expect(seat.model(SMOLLM_NAME)).to_contain_text("so small that it mostly invents", timeout=PATIENCE)
    seat.button(f"Use: {SMOLLM_NAME}").click()
    expect(seat.model(SMOLLM_NAME)).to_contain_text("Chosen")
    expect(seat.status).to_contain_text("on Ollama")
    wanted = seat.page.get_by_label("Another model of Ollama’s library")
    wanted.fill("../../<i>x; rm")
    seat.button("Pull").click()
    expect(seat.page.locator("#fn-settings-notice")).to_have_text("That is no name of a model of Ollama.")
    expect(wanted).to_have_value("../../<i>x; rm")
    wanted.fill("footnote/no-such-model")
    seat.button("Pull").click()
    expect(seat.bar).to_contain_text("Ollama could not pull footnote/no-such-model", timeout=PATIENCE)
    seat.button("Hide").click()
    expect(seat.bar).to_be_hidden()
    seat.reload()
    expect(seat.model(SMOLLM_NAME)).to_contain_text("Chosen", timeout=PATIENCE)
    expect(seat.bar).to_be_hidden()
    assert kept(home) == {"model": f"ollama/{SMOLLM_NAME}"}


def test_a_model_is_fetched_cancelled_resumed_and_takes_over_by_itself(
    home: Path, hub: SlowHub, run: Run, sit: Sit
) -> None:
    app = run(FREE + ONLY_SMALL.format(url=hub.url))
    seat = sit(app, at="chat")
    expect(seat.bar).to_contain_text("answers are quotations")
    hub.allow(30_000_000)
    seat.button("Fetch small (98 MB)").click()
    expect(seat.bar).to_contain_text("30 of 98 MB", timeout=PATIENCE)
    seat.leave()
    seat = sit(app, at="chat")
    expect(seat.bar).to_contain_text("30 of 98 MB", timeout=PATIENCE)  # it goes on without the page
    seat.button("Cancel").click()
    hub.allow(40_000_000)
    expect(seat.bar).to_contain_text("of 98 MB are here")
    expect(seat.status).to_contain_text("Quotations")
    seat.leave()
    assert app.stop() == 0
    begun = (home / "models" / "small.gguf.partial").stat().st_size
    assert begun >= 30_000_000

    seat = sit(run(FREE + ONLY_SMALL.format(url=hub.url)), at="chat")
    seat.button(re.compile("Go on")).click()
    hub.allow()
    expect(seat.status).to_contain_text("small on embedded llama.cpp", timeout=PATIENCE)
    expect(seat.bar).to_be_hidden(timeout=PATIENCE)
    assert hub.ranges == [0, begun]


def test_a_configured_model_that_is_missing_is_said_and_quotations_answer(run: Run, sit: Sit) -> None:
    seat = sit(run(model=f"embedded/{SMALL}"), at="chat")
    expect(seat.status).to_contain_text("are not in")
    expect(seat.status).to_contain_text("answers are quotations. Run: footnote models fetch smollm2-135m")
    expect(seat.button(re.compile("Fetch smollm2-135m"))).to_be_visible()
    seat.page.get_by_label("Your question").fill(SYLBER)
    seat.page.keyboard.press("Enter")
    expect(seat.page.locator(".fn-answer").last).to_contain_text("4.27", timeout=PATIENCE)


def test_everything_is_named_and_within_reach_on_a_narrow_screen(run: Run, sit: Sit) -> None:
    seat = sit(run(FREE), NARROW)
    assert seat.page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    for control in seat.page.locator("#fn-settings :is(input, textarea, button):visible").all():
        name = control.evaluate(
            "e => e.ariaLabel || e.textContent.trim() || e.labels?.[0]?.textContent.trim()"
        )
        assert name, control.evaluate("e => e.outerHTML")
