"""Several libraries behind one address: making one in the browser, going there and back, each with its own papers."""

from __future__ import annotations

import http.client
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from playwright.sync_api import Browser, Locator, expect
from tab import NARROW, PATIENCE, Tab, chromium, tab
from webapp import WebApp

from rag import libraries
from rag.errors import LibraryError
from rag.library import Library
from rag.settings import Settings
from ui import library_menu
from ui.places import Place, Places

WHALES = """
@article{one, title={Songs of Humpback Whales}, author={Lovelace, Ada}, year={2019},
  abstract={We record humpbacks and count 12 phrases in each of their songs.}}
"""
THESIS = "Thesé 2+"
"""A name that needs quoting in an address."""
SLOWLY = """
import time
from ui.switching import Switching
opened = Switching._open
def slowly(self, folder):
    (folder / "opening").touch()
    time.sleep(5)
    return opened(self, folder)
Switching._open = slowly
"""
"""Opens a library in longer than the server waits at its end for what is under way."""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    home = tmp_path / "here"
    return Settings(home=home, library=home / "library", model="extractive")


def test_a_library_is_made_and_found_by_its_name(settings: Settings) -> None:
    assert libraries.find(THESIS, settings) is None
    folder = libraries.create(THESIS, settings)
    assert (folder, libraries.find(THESIS, settings)) == (settings.home / "libraries" / THESIS, folder)
    with pytest.raises(LibraryError, match="There is a library 'Thesé 2\\+' already"):
        libraries.create(THESIS, settings)


@pytest.mark.parametrize("name", ["", ".", "..", "../x", "/tmp/x", "~", "a/b", ".hidden", "a\0b", "a:b?"])
def test_what_is_no_name_makes_no_library(
    settings: Settings, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the folder is that Footnote was started in: a name never leads out of the home folder."""
    (settings.home / "libraries").mkdir(parents=True)
    monkeypatch.chdir(settings.home / "libraries")
    assert libraries.find(name, settings) is None
    with pytest.raises(LibraryError):
        libraries.create(name, settings)
    assert [path.name for path in settings.home.rglob("*")] == ["libraries"]


def test_a_name_that_is_too_long_for_the_file_system_is_refused_in_a_line(settings: Settings) -> None:
    assert libraries.find("x" * 300, settings) is None
    with pytest.raises(LibraryError, match="cannot be used: File name too long"):
        libraries.create("x" * 300, settings)


def test_the_library_of_the_settings_is_at_the_root_and_the_others_by_name(settings: Settings) -> None:
    Library(settings.library).close()
    places = Places(replace(settings, library=libraries.create("work", settings)))
    assert places.create(THESIS) == f"/libraries/{quote(THESIS)}/"
    assert [(p.name, p.address, p.here) for p in places.all(settings.library)] == [
        ("default", "/libraries/default/", True),
        (THESIS, f"/libraries/{quote(THESIS)}/", False),
        ("work", "/", False),
    ]


def test_commands_name_a_library_that_is_not_the_default_one(settings: Settings, tmp_path: Path) -> None:
    assert libraries.called(settings) == ""
    assert libraries.called(replace(settings, library=libraries.create(THESIS, settings))) == THESIS
    assert libraries.called(replace(settings, library=tmp_path / "far")) == str(tmp_path / "far")


def test_names_are_data() -> None:
    """A folder may be called anything; in the menu it is text."""
    places = [
        Place("default", "/", 1200, here=True),
        Place("<b onclick=x>", "/libraries/%3Cb%3E/", None, here=False),
    ]
    for shown in (library_menu.in_head(places), library_menu.in_list(places)):
        assert "<b onclick" not in shown
        assert "1,200 papers" in shown
        assert "cannot be read" in shown


def test_one_library_needs_no_menu() -> None:
    assert library_menu.in_head([Place("default", "/", 0, here=True)]) == ""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    yield from chromium()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "whales.bib").write_text(WHALES, encoding="utf-8")
    return tmp_path


@pytest.fixture
def app(home: Path) -> Iterator[WebApp]:
    app = WebApp(home, "extractive")
    yield app
    assert (app.stop(), app.errors) == (0, "")


def get(address: str, path: str) -> tuple[int, str, str]:
    """Status, Location and text of what is at a path."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.headers.get("Location", ""), response.read().decode()
    finally:
        connection.close()


def menu(seat: Tab) -> Locator:
    return seat.page.locator("#fn-where summary")


def create(seat: Tab, name: str) -> None:
    seat.page.get_by_label("Name of a new library").fill(name)
    seat.page.get_by_role("button", name="Create", exact=True).click()


@pytest.mark.browser
@pytest.mark.slow
def test_a_second_library_is_made_filled_asked_and_left(browser: Browser, app: WebApp, home: Path) -> None:
    """Its page, its uploads, its downloads and its answers work under its own address; the first stays empty."""
    seat = tab(browser, app.address, at="library")
    expect(menu(seat)).to_have_count(0)
    create(seat, "a/b")
    expect(seat.page.locator("#fn-menu-notice")).to_contain_text("is no name for a library")
    seat.go(f"/libraries/{quote(THESIS)}/#library", lambda: create(seat, THESIS))
    seat.page.locator("#fn-files input[type=file]").set_input_files(home / "whales.bib")
    expect(seat.page.locator(".fn-report")).to_contain_text("1 new", timeout=PATIENCE)
    expect(menu(seat)).to_contain_text(THESIS)
    with seat.page.expect_download() as download:
        seat.page.get_by_role("button", name="Export", exact=True).click()
    assert "Songs of Humpback" in Path(download.value.path()).read_text(encoding="utf-8")
    seat.page.get_by_role("link", name="Chat", exact=True).click()
    seat.ask("How many phrases do humpbacks have in their songs?")
    expect(seat.page.locator(".fn-answer").last).to_contain_text("12 phrases")
    menu(seat).press("Enter")
    first = seat.page.locator("#fn-where").get_by_role("link", name="default")
    seat.go("/", lambda: first.press("Enter"))
    expect(seat.page.locator("#fn-state")).to_contain_text("0 papers", timeout=PATIENCE)
    seat.close()


@pytest.mark.browser
@pytest.mark.slow
def test_the_menu_opens_and_closes_by_keyboard_and_fits_a_phone(
    browser: Browser, app: WebApp, home: Path
) -> None:
    Library(home / "libraries" / "thesis").close()
    seat = tab(browser, app.address, NARROW, dark=True)
    seat.page.locator("#fn-where summary").press("Enter")
    links = seat.page.locator("#fn-where").get_by_role("link")
    expect(links).to_have_count(3)
    assert seat.page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    seat.page.keyboard.press("Escape")
    expect(links.first).to_be_hidden()
    expect(menu(seat)).to_be_focused()
    menu(seat).click()
    links.last.click()
    expect(seat.page.get_by_label("Name of a new library")).to_be_focused()
    expect(links.first).to_be_hidden()
    seat.close()


@pytest.mark.slow
def test_addresses_without_a_library_say_so(app: WebApp, home: Path) -> None:
    """Nothing is made by looking; what cannot be opened is told in a line."""
    status, _, text = get(app.address, "/libraries/%3Cb%3Enone/")
    assert (status, "There is no library “&lt;b&gt;none”" in text) == (404, True)
    assert get(app.address, "/libraries/..%2F..%2Fetc/")[0] == 404
    assert get(app.address, "/libraries/default/")[:2] == (307, "/")
    assert not (home / "libraries").exists()
    Library(home / "libraries" / "a b").close()
    assert get(app.address, "/libraries/a%20b")[:2] == (307, "/libraries/a%20b/")
    (home / "libraries" / "broken").mkdir()
    (home / "libraries" / "broken" / "library.db").write_bytes(b"this is no database, " * 200)
    status, _, text = get(app.address, "/libraries/broken/")
    assert (status, "is damaged" in text, "Traceback" in text) == (503, True, False)


@pytest.mark.slow
def test_the_api_of_a_library_is_under_its_address(app: WebApp, home: Path) -> None:
    Library(home / "libraries" / "thesis").close()
    assert get(app.address, "/libraries/thesis/health")[0] == get(app.address, "/health")[0] == 200


@pytest.mark.slow
@pytest.mark.parametrize("left", [True, False], ids=["left", "waiting"])
def test_a_server_that_ends_while_a_library_is_opened_logs_nothing(home: Path, left: bool) -> None:
    """Whether the browser has left the page meanwhile or waits, and is told."""
    app = WebApp(home, "extractive", before=SLOWLY)
    folder = home / "libraries" / "thesis"
    Library(folder).close()
    connection = http.client.HTTPConnection(urlsplit(app.address).netloc, timeout=60)
    connection.request("GET", "/libraries/thesis/")
    deadline = time.monotonic() + 30
    while not (folder / "opening").exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    if left:
        connection.close()
    assert (app.stop(), app.errors) == (0, "")
    if not left:
        response = connection.getresponse()
        assert (response.status, "Footnote is ending" in response.read().decode()) == (503, True)
