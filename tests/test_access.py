"""Who gets in: the password and its file, sessions, wrong tries, foreign pages and foreign host names."""

from __future__ import annotations

import html
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
import tab
from playwright.sync_api import expect, sync_playwright
from serving import served
from webapp import WebApp

from rag.assemble import Footnote
from rag.errors import SettingsError
from ui import access, language
from ui.login import COOKIE
from ui.web import serve

ROOT = Path(__file__).resolve().parent.parent
PASSWORD = "correct horse battery"
HTML = {"accept": "text/html"}


@pytest.fixture
def locked(footnote: Footnote) -> Iterator[httpx.Client]:
    """A client of a server that asks for a password."""
    with served(footnote, PASSWORD) as address, httpx.Client(base_url=address, timeout=30) as client:
        yield client


@pytest.fixture
def client(footnote: Footnote) -> Iterator[httpx.Client]:
    """A client of a server that asks for none."""
    with served(footnote) as address, httpx.Client(base_url=address, timeout=30) as client:
        yield client


def command(*words: str, typed: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ui.cli", "access", *words],
        cwd=ROOT, capture_output=True, text=True, timeout=60, input=typed,
    )  # fmt: skip


# The file


def test_a_generated_password_is_printed_once_and_kept_as_a_hash(own_home: Path) -> None:
    made = command("set", "--generate").stdout.strip()
    path = own_home / access.FILE
    assert len(made) >= 30
    assert made not in path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600
    kept = access.load(own_home)
    assert kept
    assert kept.admits(made)
    assert not kept.admits(made + "x")


def test_a_password_is_asked_for_twice(own_home: Path) -> None:
    command("set", typed=f"{PASSWORD}\n{PASSWORD}\n")
    kept = access.load(own_home)
    assert kept
    assert kept.admits(PASSWORD)
    assert command("status").stdout == "A password is set.\n"
    command("remove")
    assert access.load(own_home) is None
    assert command("status").stdout == "No password is set.\n"


def test_a_short_password_is_refused(own_home: Path) -> None:
    done = command("set", typed="short\nshort\n")
    assert done.returncode == 1
    assert "shorter than 8 characters" in done.stderr
    assert access.load(own_home) is None


def test_a_damaged_file_lets_nobody_in(own_home: Path) -> None:
    (own_home / access.FILE).write_text('{"salt": "zz"}')
    with pytest.raises(SettingsError, match="footnote access set"):
        access.load(own_home)


# Starting


def test_an_address_that_others_reach_needs_a_password(footnote: Footnote) -> None:
    """Without one the server does not start, and one line says what to run."""
    footnote.configure(host="0.0.0.0", port=17860)
    with pytest.raises(SettingsError, match=r"0\.0\.0\.0.*Run: footnote access set"):
        serve(footnote, open_browser=False)


def test_loopback_asks_for_one_only_on_demand(own_home: Path) -> None:
    access.save(access.Access.of(PASSWORD), own_home)
    assert access.needed(own_home, "127.0.0.1", login=False) is None
    assert access.needed(own_home, "127.0.0.1", login=True)
    assert access.needed(own_home, "192.168.0.2", login=False)


# Signing in


def test_strangers_get_no_further_than_the_login_page(locked: httpx.Client) -> None:
    for path in ("/health", "/api/papers", "/v1/models", "/openapi.json"):
        refused = locked.get(path)
        assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
    assert locked.post("/api/ask", json={"question": "x"}).status_code == 401
    sent_on = locked.get("/", headers=HTML)
    assert (sent_on.status_code, sent_on.headers["location"]) == (303, "/login")
    page = locked.get("/login")
    assert 'type="password"' in page.text
    assert "default-src 'self'" in page.headers["content-security-policy"]


def test_the_session_is_a_cookie_that_scripts_and_other_sites_never_see(locked: httpx.Client) -> None:
    entered = locked.post("/login", data={"password": PASSWORD})
    assert (entered.status_code, entered.headers["location"]) == (303, "/")
    flags = {part.strip().lower() for part in entered.headers["set-cookie"].split(";")[1:]}
    assert flags == {"httponly", "samesite=strict", "path=/", f"max-age={access.SESSION_SECONDS}"}
    assert locked.get("/health").status_code == 200
    left = locked.post("/logout")
    assert 'footnote_session="";' in left.headers["set-cookie"]
    assert locked.get("/health").status_code == 401


def test_who_signs_out_ends_the_session_also_for_those_who_copied_its_cookie(locked: httpx.Client) -> None:
    """And no other session."""
    cookies = []
    for _ in range(2):
        locked.post("/login", data={"password": PASSWORD})
        cookies.append({"cookie": f"{COOKIE}={locked.cookies[COOKIE]}"})
        locked.cookies.clear()
    assert [locked.get("/health", headers=cookie).status_code for cookie in cookies] == [200, 200]
    left = locked.post("/logout", headers=cookies[0])
    assert (left.status_code, left.headers["location"]) == (303, "/login")
    assert [locked.get("/health", headers=cookie).status_code for cookie in cookies] == [401, 200]


def test_an_ended_session_stays_ended_when_the_server_starts_again(own_home: Path) -> None:
    kept = access.Access.of(PASSWORD)
    ended, going = kept.session(1000.0), kept.session(1000.0)
    access.SignedOut(own_home).add(ended, 1000.0)
    again = access.SignedOut(own_home)
    assert ended in again
    assert going not in again
    path = own_home / access.SIGNED_OUT
    assert path.stat().st_mode & 0o777 == 0o600
    assert ended not in path.read_text()


def test_ended_sessions_are_kept_no_longer_than_they_would_have_lasted(own_home: Path) -> None:
    kept = access.Access.of(PASSWORD)
    access.SignedOut(own_home).add(kept.session(1000.0), 1000.0)
    access.SignedOut(own_home).add(kept.session(99_000.0), 99_000.0)
    assert len(json.loads((own_home / access.SIGNED_OUT).read_text())) == 1


def test_a_damaged_file_of_ended_sessions_lets_nobody_in_until_there_is_a_new_password(
    own_home: Path,
) -> None:
    (own_home / access.SIGNED_OUT).write_text("[1]")
    with pytest.raises(SettingsError, match="footnote access set"):
        access.SignedOut(own_home)
    access.save(access.Access.of(PASSWORD), own_home)
    access.SignedOut(own_home)


def test_whoever_signs_out_where_nothing_can_be_written_is_told(own_home: Path, footnote: Footnote) -> None:
    """The session has ended all the same, until the server starts again."""
    home = own_home / "gone"
    with served(footnote, PASSWORD, home) as address, httpx.Client(base_url=address) as client:
        client.post("/login", data={"password": PASSWORD})
        home.write_text("no folder any more")
        cookie = {"cookie": f"{COOKIE}={client.cookies[COOKIE]}"}
        left = client.post("/logout")
        assert (left.status_code, "cannot be written" in html.unescape(left.text)) == (500, True)
        assert client.get("/health", headers=cookie).status_code == 401


def test_the_page_to_sign_in_is_in_the_language_of_the_settings(locked: httpx.Client) -> None:
    language.use("fr")
    try:
        page = locked.get("/login").text
        refused = locked.post("/login", data={"password": "wrong"}).text
    finally:
        language.use(language.ENGLISH)
    assert '<html lang="fr">' in page
    assert "Mot de passe" in page
    assert "Le mot de passe est incorrect" in refused


def test_a_cookie_behind_tls_is_for_tls_alone(locked: httpx.Client) -> None:
    origin = f"https://{urlsplit(str(locked.base_url)).netloc}"
    entered = locked.post("/login", data={"password": PASSWORD}, headers={"origin": origin})
    assert "Secure" in entered.headers["set-cookie"]


@pytest.mark.parametrize("forged", ["", "x", "9999999999.abcd.00", "é.é.é"])
def test_a_session_of_ones_own_making_is_none(locked: httpx.Client, forged: str) -> None:
    cookie = f"{COOKIE}={forged}".encode()
    assert locked.get("/health", headers=[(b"cookie", cookie)]).status_code == 401


def test_a_session_ends_with_its_time_or_its_password() -> None:
    kept = access.Access.of(PASSWORD)
    session = kept.session(1000.0)
    assert kept.knows(session, 1000.0 + access.SESSION_SECONDS - 1)
    assert not kept.knows(session, 1000.0 + access.SESSION_SECONDS)
    assert not access.Access.of(PASSWORD).knows(session, 1000.0)


def test_programs_send_the_password_with_each_request(locked: httpx.Client) -> None:
    assert locked.get("/health", headers={"authorization": f"Bearer {PASSWORD}"}).status_code == 200
    assert locked.get("/health", headers={"authorization": f"bearer {PASSWORD}"}).status_code == 200
    wrong = locked.get("/health", headers={"authorization": "Bearer nonsense"})
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (401, "wrong_password")
    assert locked.get("/health", headers={"authorization": f"Basic {PASSWORD}"}).status_code == 401


def test_wrong_tries_have_to_wait(locked: httpx.Client) -> None:
    """After three, even the right password waits; a session that is there goes on."""
    locked.post("/login", data={"password": PASSWORD})
    session = {"cookie": f"{COOKIE}={locked.cookies[COOKIE]}"}
    locked.cookies.clear()
    tried = [locked.post("/login", data={"password": "wrong"}).status_code for _ in range(4)]
    assert tried == [401, 401, 401, 429]
    refused = locked.get("/health", headers={"authorization": f"Bearer {PASSWORD}"})
    assert (refused.status_code, refused.json()["error"]["type"]) == (429, "rate_limit_error")
    assert int(refused.headers["retry-after"]) >= 1
    assert locked.get("/health", headers=session).status_code == 200


def test_the_wait_doubles_and_ends_with_success() -> None:
    now = 0.0
    tries = access.Tries(lambda: now)
    waits = []
    for _ in range(14):
        assert tries.begin("10.0.0.1") == 0
        waits.append(tries.begin("10.0.0.1"))
        now += max(waits[-1], 0)
    # Below three nothing waits, so every second call is a try of its own.
    assert waits[0] == 0
    assert [w for w in waits if w][:5] == [1, 2, 4, 8, 16]
    assert max(waits) == 300
    assert tries.begin("10.0.0.2") == 0
    tries.succeeded("10.0.0.1")
    assert tries.begin("10.0.0.1") == 0


def test_one_network_is_one_source() -> None:
    """Whoever has a whole IPv6 network gains nothing by changing addresses in it."""
    tries = access.Tries(lambda: 0.0)
    for n in range(3):
        assert tries.begin(f"2001:db8::{n}") == 0
    assert tries.begin("2001:db8::ffff") == 1


# Foreign pages


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1", "https://["])
def test_pages_of_other_origins_are_refused(client: httpx.Client, method: str, origin: str) -> None:
    refused = client.request(method, "/api/ask", json={"question": "x"}, headers={"origin": origin})
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "foreign_origin")
    assert not [name for name in refused.headers if name.startswith("access-control")]


def test_ones_own_page_is_let_in(client: httpx.Client) -> None:
    origin = str(client.base_url).rstrip("/")
    assert client.get("/health", headers={"origin": origin}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:7860", "localhost.evil.example", "", "[", "10.0.0.1"]
)
def test_a_foreign_host_name_is_refused(client: httpx.Client, host: str) -> None:
    """As after DNS rebinding, where a foreign name leads to this machine."""
    refused = client.get("/health", headers={"host": host})
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "foreign_host")


@pytest.mark.parametrize("host", ["localhost:7860", "127.0.0.1", "[::1]:7860", "LOCALHOST"])
def test_names_of_loopback_are_ours(client: httpx.Client, host: str) -> None:
    assert client.get("/health", headers={"host": host}).status_code == 200


# The whole page


@pytest.fixture(scope="module")
def open_to_others(shipped_library: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebApp]:
    home = tmp_path_factory.mktemp("open")
    shutil.copytree(shipped_library, home / "library")
    access.save(access.Access.of(PASSWORD), home)
    app = WebApp(home, "extractive", before="import os\nos.environ['FOOTNOTE_HOST'] = '0.0.0.0'\n")
    yield app
    app.stop()


@pytest.mark.slow
def test_the_page_too_is_behind_the_door(open_to_others: WebApp) -> None:
    with httpx.Client(base_url=open_to_others.address) as stranger:
        for path in ("/config", "/gradio_api/queue/data?session_hash=x", "/theme.css", "/api/papers"):
            assert stranger.get(path).status_code == 401, path
    assert "open to the network at 0.0.0.0" in open_to_others.errors


@pytest.mark.slow
@pytest.mark.browser
def test_a_reader_signs_in_asks_and_signs_out(open_to_others: WebApp) -> None:
    """By keyboard alone; nothing is loaded from elsewhere."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
    path = next(filter(None, map(shutil.which, names)), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        page = browser.new_page()
        requested: list[str] = []
        page.on("request", lambda request: requested.append(request.url))
        page.goto(open_to_others.address)
        page.get_by_label("Password").fill("wrong one")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_have_text("The password is wrong.")
        page.get_by_label("Password").fill(PASSWORD)
        page.keyboard.press("Enter")
        box = page.get_by_label("Your question")
        box.fill("How many tokens per second does Sylber's tokenizer average?")
        box.press("Enter")
        expect(page.locator(".fn-answer").last).to_contain_text("4.27", timeout=60_000)
        cookies = {cookie["name"]: cookie["value"] for cookie in page.context.cookies()}
        page.get_by_role("button", name="Sign out").press("Enter")
        expect(page.get_by_label("Password")).to_be_focused()
        copied = httpx.get(f"{open_to_others.address}/health", cookies={COOKIE: cookies[COOKIE]})
        assert copied.status_code == 401
        page.go_back()
        expect(page.get_by_label("Password")).to_be_visible()
        browser.close()
    assert {urlsplit(url).netloc for url in requested if url.startswith("http")} == {
        urlsplit(open_to_others.address).netloc
    }


@pytest.mark.slow
@pytest.mark.browser
def test_another_tab_of_a_session_that_has_ended_asks_for_the_password(open_to_others: WebApp) -> None:
    """What was typed there is in the box again after signing in."""
    held = access.load(open_to_others.home)
    assert held is not None
    for browser in tab.chromium():
        context = browser.new_context()
        session = held.session(time.time())
        context.add_cookies([{"name": COOKIE, "value": session, "url": open_to_others.address}])
        first, second = context.new_page(), context.new_page()
        for page in (first, second):
            page.goto(open_to_others.address)
            expect(page.get_by_label("Your question")).to_be_visible(timeout=tab.PATIENCE)
        second.get_by_label("Your question").fill("What is Sylber?")
        first.get_by_role("button", name="Sign out").click()
        expect(first.get_by_label("Password")).to_be_visible()
        second.keyboard.press("Enter")  # a tab that is still loading something has noticed by itself
        second.get_by_label("Password").fill(PASSWORD)
        second.keyboard.press("Enter")
        expect(second.get_by_label("Your question")).to_have_value("What is Sylber?", timeout=tab.PATIENCE)


@pytest.mark.slow
@pytest.mark.browser
def test_nobody_can_sign_out_where_nobody_signs_in(tmp_path: Path) -> None:
    """Also with the cookie of another server of this machine, which browsers send here too."""
    app = WebApp(tmp_path, "extractive")
    for browser in tab.chromium():
        context = browser.new_context()
        session = access.Access.of(PASSWORD).session(time.time())
        context.add_cookies([{"name": COOKIE, "value": session, "url": app.address}])
        page = context.new_page()
        page.goto(app.address)
        expect(page.locator(".fn-greeting, #fn-greeting h2").first).to_be_visible(timeout=tab.PATIENCE)
        expect(page.locator("#fn-sign-out")).to_have_count(1)
        expect(page.get_by_role("button", name="Sign out")).to_have_count(0)
        context.close()
    assert (app.stop(), app.errors) == (0, "")
