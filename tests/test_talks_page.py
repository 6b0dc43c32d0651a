"""Conversations in a real browser: kept, resumed, edited, branched, judged, narrowed, and asked by many at once."""

# ruff: noqa: F811  # a fixture that is imported is named again where it is used

from __future__ import annotations

import json
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from test_browser import (  # noqa: F401  # fixtures
    NARROW,
    PATIENCE,
    SYLBER,
    WIDE,
    Seat,
    Sit,
    browser,
    dated,
    quoting,
    running,
    sit,
)
from webapp import WebApp, free_port

from rag.assemble import Footnote
from rag.conversations import Conversations
from rag.database import Database
from rag.feedback import Feedback
from rag.settings import Settings

pytestmark = [pytest.mark.browser, pytest.mark.slow]

MINILM = "What is MiniLM?"
SLOWLY = """
import os
import time
from dataclasses import replace
from pathlib import Path
from rag.assemble import Footnote
hold = Path(os.environ["FOOTNOTE_HOME"], "hold")
answer = Footnote.answer
def slowly(self, asked, history=(), stop=None, *more, **named):
    for snapshot in answer(self, asked, history, stop, *more, **named):
        if snapshot.done:
            yield replace(snapshot, done=False, stage="writing")
            end = time.monotonic() + {seconds}
            while not stop.wait(0.05) and (hold.exists() or time.monotonic() < end):
                pass
            if stop.is_set():
                snapshot = replace(snapshot, stopped=True)
        yield snapshot
Footnote.answer = slowly
"""
"""Real answers that take their time before they end, as those of a large model do, and as long as a file says so."""


@pytest.fixture(scope="module")
def slow(shipped_library: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebApp]:
    """The page with answers that take four seconds."""
    home = tmp_path_factory.mktemp("slow")
    shutil.copytree(shipped_library, home / "library")
    app = WebApp(home, "extractive", before=SLOWLY.format(seconds=4))
    yield app
    assert (app.stop(), app.errors) == (0, "")


@pytest.fixture
def hold(slow: WebApp) -> Iterator[Path]:
    """While this file is there, no answer of the slow page ends by itself."""
    path = slow.home / "hold"
    yield path
    path.unlink(missing_ok=True)


@pytest.fixture
def alone(browser: Browser) -> Iterator[Page]:
    """A tab of its own, which may see its server die."""
    context = browser.new_context(viewport=WIDE)
    yield context.new_page()
    context.close()


def asked(seat: Seat) -> list[str]:
    return seat.page.locator(".fn-asked").all_inner_texts()


def act(seat: Seat, number: int, name: str) -> None:
    """Use a button of an exchange."""
    seat.page.locator(f".fn-exchange[data-n='{number}']").get_by_role("button", name=name, exact=True).click()


def reload(seat: Seat) -> None:
    """Load the page anew; what Gradio says about requests that this breaks off is no complaint."""
    seat.page.reload()
    expect(seat.box).to_be_visible(timeout=PATIENCE)
    broken_off = ("AbortError", "Connection errored out", "Failed to fetch")
    seat.complaints[:] = [said for said in seat.complaints if not any(end in said for end in broken_off)]


def address(seat: Seat) -> str:
    """What stands after # once a conversation is kept."""
    expect(seat.page).to_have_url(re.compile("#chat=[0-9a-f]+$"))
    return seat.page.url.partition("#")[2]


def test_a_conversation_is_its_address(quoting: WebApp, sit: Sit) -> None:
    """Reload and a second tab show it; going back to an empty page and forward again does too."""
    seat = sit(quoting)
    seat.ask(SYLBER)
    seat.ask(MINILM)
    where = address(seat)
    reload(seat)
    expect(seat.page.locator(".fn-asked")).to_have_text([SYLBER, MINILM])
    expect(seat.page.locator(".fn-card").first).to_be_visible()
    other = sit(quoting)
    other.page.goto(f"{quoting.address}/#{where}")
    expect(other.page.locator(".fn-asked")).to_have_text([SYLBER, MINILM])
    seat.page.get_by_role("button", name="New conversation").click()
    expect(seat.page.locator(".fn-exchange")).to_have_count(0)
    expect(seat.page).to_have_url(re.compile("#chat$"))
    seat.page.go_back()
    expect(seat.page.locator(".fn-asked")).to_have_text([SYLBER, MINILM])


def test_other_pages_lead_back_to_the_conversation(quoting: WebApp, sit: Sit) -> None:
    seat = sit(quoting)
    seat.ask(SYLBER)
    where = address(seat)
    seat.page.get_by_role("link", name="Library", exact=True).click()
    expect(seat.page.locator("#fn-library")).to_be_visible()
    seat.page.get_by_role("link", name="Chat", exact=True).click()
    expect(seat.page.locator(".fn-asked")).to_have_text([SYLBER])
    assert address(seat) == where


def test_a_conversation_that_is_not_there_says_so(quoting: WebApp, sit: Sit) -> None:
    seat = sit(quoting)
    expect(seat.page.locator("button.fn-ask")).to_have_count(4)
    seat.page.goto(f"{quoting.address}/#chat=0123456789abcdef")
    expect(seat.page.locator("#fn-said")).to_contain_text("no such conversation")
    expect(seat.page.locator("button.fn-ask")).to_have_count(4)
    expect(seat.page).to_have_url(re.compile("#chat$"))


def test_a_reload_in_the_middle_of_an_answer_resumes_it(slow: WebApp, hold: Path, sit: Sit) -> None:
    """Neither a reload nor a closed tab ends an answer, and whoever comes sees it grow."""
    seat = sit(slow)
    hold.touch()
    seat.begin(SYLBER)
    where = address(seat)
    reload(seat)
    expect(seat.page.locator(".fn-asked")).to_have_text([SYLBER])
    expect(seat.page.locator(".fn-progress")).to_be_visible()
    expect(seat.stop).to_be_visible()
    seat.page.close()
    other = sit(slow)
    other.page.goto(f"{slow.address}/#{where}")
    expect(other.page.locator(".fn-asked")).to_have_text([SYLBER])
    expect(other.stop).to_be_visible()
    hold.unlink()
    other.settle()
    expect(other.answer.locator(".fn-stopped")).to_have_count(0)
    assert "4.27" in other.answer.inner_text()


def test_stop_stops_it_for_everybody_who_looks(slow: WebApp, hold: Path, sit: Sit) -> None:
    seat, other = sit(slow), sit(slow)
    hold.touch()
    seat.begin(SYLBER)
    other.page.goto(f"{slow.address}/#{address(seat)}")
    expect(other.stop).to_be_visible()
    other.stop.click()
    for one in (seat, other):
        expect(one.answer.locator(".fn-stopped")).to_be_visible()
        one.settle()


def test_a_server_that_is_killed_leaves_a_broken_off_answer(
    shipped_library: Path, tmp_path: Path, alone: Page
) -> None:
    """The open tab comes back by itself after a restart, with what was there, and can ask again."""
    shutil.copytree(shipped_library, tmp_path / "library")
    port = free_port()
    app = WebApp(tmp_path, "extractive", before=SLOWLY.format(seconds=60), port=port)
    seat = Seat(alone, app.address)
    alone.goto(app.address, timeout=PATIENCE)
    expect(seat.box).to_be_visible(timeout=PATIENCE)
    seat.begin(SYLBER)
    expect(seat.answer).to_contain_text("4.27")
    where = address(seat)
    time.sleep(1.5)
    app.kill()
    again = WebApp(tmp_path, "extractive", port=port)
    try:
        expect(seat.answer.locator(".fn-problem")).to_contain_text("broken off", timeout=PATIENCE)
        expect(seat.answer).to_contain_text("4.27")
        act(seat, 1, "Ask again")
        expect(seat.answer.locator(".fn-problem")).to_have_count(0)
        seat.settle()
        assert "4.27" in seat.answer.inner_text()
        assert (asked(seat), address(seat)) == ([SYLBER], where)
    finally:
        assert (again.stop(), again.errors) == (0, "")


def test_a_page_whose_server_is_gone_says_so_and_goes_on_with_what_was_typed(
    shipped_library: Path, tmp_path: Path, alone: Page
) -> None:
    """One line, nothing of Gradio's; after a restart the conversation, the box and an edit are as they were."""
    shutil.copytree(shipped_library, tmp_path / "library")
    port = free_port()
    app = WebApp(tmp_path, "extractive", port=port)
    seat = Seat(alone, app.address)
    alone.goto(app.address, timeout=PATIENCE)
    expect(seat.box).to_be_visible(timeout=PATIENCE)
    seat.ask(MINILM)
    where = address(seat)
    act(seat, 1, "Edit")
    field = alone.get_by_label("The question", exact=True)
    field.fill("What is MiniLM good for?")
    seat.box.fill("And what")
    app.kill()
    line = alone.get_by_role("alert").filter(has_text="Footnote is not running any more.")
    expect(line).to_have_text(
        "Footnote is not running any more. Start it again with make chat; this page goes on by itself."
    )
    seat.box.press("Enter")
    seat.box.press("End")
    seat.box.press_sequentially(" is")
    seat.keep("light-lost")
    expect(alone.get_by_test_id("toast-body").locator("visible=true")).to_have_count(0)
    expect(alone.get_by_role("alert").locator("visible=true")).to_have_count(1)
    again = WebApp(tmp_path, "extractive", port=port)
    try:
        expect(line).to_have_count(0, timeout=PATIENCE)
        expect(seat.page.locator(".fn-asked")).to_have_count(1)
        expect(seat.box).to_have_value("And what is")
        expect(field).to_have_value("What is MiniLM good for?")
        field.press("Escape")
        seat.box.fill(SYLBER)
        seat.box.press("Enter")
        expect(seat.page.locator(".fn-asked")).to_have_text([MINILM, SYLBER])
        seat.settle()
        assert address(seat) == where
        reload(seat)
        expect(seat.page.locator(".fn-asked")).to_have_text([MINILM, SYLBER])
        expect(seat.box).to_have_value("")
    finally:
        assert (again.stop(), again.errors) == (0, "")


def join(sit: Sit, app: WebApp, seat: Seat) -> Seat:
    """A second tab at the same conversation."""
    other = sit(app)
    other.page.goto(f"{app.address}/#{address(seat)}")
    expect(other.page.locator(".fn-asked")).to_have_text(asked(seat))
    return other


def test_a_stale_tab_replaces_nothing_that_it_has_not_shown(quoting: WebApp, sit: Sit) -> None:
    """Neither a retry nor an edit; it shows what there is now, of which it can then replace something."""
    seat = sit(quoting)
    seat.ask(MINILM)
    seat.ask(SYLBER)
    other = join(sit, quoting, seat)
    for name in ("Retry", "Edit"):
        seat.ask("What is GraphGPT?")
        act(other, 1, name)
        if name == "Edit":
            other.page.get_by_label("The question", exact=True).press("Enter")
        expect(other.page.locator("#fn-said")).to_have_text("This conversation has gone on elsewhere.")
        expect(other.page.locator(".fn-asked")).to_have_text(asked(seat))
    reload(seat)
    expect(seat.page.locator(".fn-asked")).to_have_count(4)
    act(other, 3, "Retry")
    expect(other.page.locator(".fn-asked")).to_have_text(asked(seat)[:3])
    expect(other.page.locator("#fn-said p")).to_have_count(0)
    act(seat, 4, "Retry")
    expect(seat.page.locator("#fn-said")).to_have_text("This conversation has gone on elsewhere.")
    expect(seat.page.locator(".fn-asked")).to_have_count(3)


def test_a_second_tab_that_asks_meanwhile_follows_the_answer(slow: WebApp, hold: Path, sit: Sit) -> None:
    """It keeps what was typed, shows the running question with its Stop, and the line goes with the answer."""
    seat = sit(slow)
    seat.ask(MINILM)
    other = join(sit, slow, seat)
    hold.touch()
    seat.begin(SYLBER)
    other.box.fill("What is GraphGPT?")
    other.box.press("Enter")
    expect(other.page.locator("#fn-said")).to_have_text("Still answering. Press Stop first.")
    expect(other.page.locator(".fn-asked")).to_have_text([MINILM, SYLBER])
    expect(other.box).to_have_value("What is GraphGPT?")
    other.stop.click()
    for one in (seat, other):
        one.settle()
        expect(one.answer.locator(".fn-stopped")).to_be_visible()
    expect(other.page.locator("#fn-said p")).to_have_count(0)


def test_a_deleted_conversation_that_is_asked_on_comes_back(slow: WebApp, sit: Sit) -> None:
    """It stays to be read where it was open, and a follow-up has all of it before it."""
    seat = sit(slow)
    seat.ask(MINILM)
    where = address(seat)
    other = sit(slow)
    other.page.goto(f"{slow.address}/#history")
    row = other.page.locator(f".fn-talk[data-id='{where.partition('=')[2]}']")
    row.locator("summary").click()
    row.get_by_role("button", name="Delete").click()
    expect(other.page.locator("#fn-kept-notice")).to_contain_text("Deleted “")
    look_again(seat)
    expect(seat.page.locator("#fn-said")).to_contain_text("was deleted. Your next question brings it back.")
    seat.begin(SYLBER)
    expect(seat.page.locator("#fn-said")).to_contain_text("your question has brought it back")
    seat.settle()
    assert (asked(seat), address(seat)) == ([MINILM, SYLBER], where)
    reload(seat)
    expect(seat.page.locator(".fn-asked")).to_have_text([MINILM, SYLBER])


def look_again(seat: Seat) -> None:
    """Come back to the tab."""
    seat.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def test_a_tab_that_is_come_back_to_shows_what_happened_meanwhile(quoting: WebApp, sit: Sit) -> None:
    """The questions of another tab, and how many papers there are."""
    seat = sit(quoting)
    seat.ask(MINILM)
    other = join(sit, quoting, seat)
    seat.ask(SYLBER)
    record = {"title": "Larks at Dawn", "abstract": "Larks sing at dawn. They sing for 9 minutes."}
    (quoting.home / "lark.jsonl").write_text(json.dumps(record), encoding="utf-8")
    before = other.page.locator(".fn-status").inner_text()
    footnote = Footnote(Settings(home=quoting.home, library=quoting.home / "library", model="extractive"))
    footnote.import_file(quoting.home / "lark.jsonl")
    footnote.close()
    look_again(other)
    expect(other.page.locator(".fn-asked")).to_have_text([MINILM, SYLBER])
    expect(other.page.locator(".fn-status")).not_to_have_text(before)


def test_ten_tabs_ask_at_once(slow: WebApp, hold: Path, browser: Browser) -> None:
    """Each gets its own right answer, and stop stops its own alone; all in one browser, which shares connections."""
    names = ["MiniLM", "GraphGPT", "Sylber", "SINC", "DataComp-LM", "IndicSUPERB"]
    questions = [f"What is {names[n % len(names)]}?" for n in range(10)]
    context = browser.new_context(viewport=WIDE)
    seats = [Seat(context.new_page(), slow.address) for _ in questions]
    for seat in seats:
        seat.page.goto(slow.address, timeout=PATIENCE)
    for seat in seats:
        expect(seat.box).to_be_visible(timeout=PATIENCE)
        expect(seat.page.locator("button.fn-ask").first).to_be_visible(timeout=PATIENCE)
    for seat, question in zip(seats, questions, strict=True):
        seat.box.fill(question)
    hold.touch()
    for seat in seats:
        seat.box.press("Enter")
    for seat in seats:
        expect(seat.stop).to_be_visible(timeout=PATIENCE)
    seats[4].stop.click()
    seats[4].settle()
    for seat in (*seats[:4], *seats[5:]):
        expect(seat.page.locator(".fn-messages")).to_have_attribute("aria-busy", "true")
    hold.unlink()
    for n, (seat, question) in enumerate(zip(seats, questions, strict=True)):
        seat.settle()
        assert asked(seat) == [question]
        expect(seat.answer.locator("a.fn-cite").first).to_be_visible()
        assert names[n % len(names)] in (
            seat.answer.locator("a.fn-cite").first.get_attribute("data-title") or ""
        )
        expect(seat.answer.locator(".fn-stopped")).to_have_count(1 if n == 4 else 0)
    assert len({address(seat) for seat in seats}) == 10
    context.close()


def test_editing_a_question_replaces_it_and_what_follows(quoting: WebApp, sit: Sit) -> None:
    """In place: Escape leaves it, Enter asks; the later question goes, and all of it is kept."""
    seat = sit(quoting)
    seat.ask(MINILM)
    seat.ask("What is GraphGPT?")
    act(seat, 1, "Edit")
    field = seat.page.get_by_label("The question", exact=True)
    expect(field).to_be_focused()
    expect(field).to_have_value(MINILM)
    seat.keep("light-edit")
    field.press("Escape")
    expect(field).to_have_count(0)
    expect(seat.page.locator(".fn-exchange").first.get_by_role("button", name="Edit")).to_be_focused()
    act(seat, 1, "Edit")
    field.fill(SYLBER)
    field.press("Enter")
    expect(seat.page.locator(".fn-asked")).to_have_text([SYLBER])
    seat.settle()
    assert "4.27" in seat.answer.inner_text()
    reload(seat)
    expect(seat.page.locator(".fn-asked")).to_have_text([SYLBER])


REFUSING = """
from rag.errors import LibraryError
from ui.talks import Talks
find = Talks.find
def refused(self, chat):
    if (self._library.folder / "refuse").exists():
        raise LibraryError("The library is busy.", "footnote doctor")
    return find(self, chat)
Talks.find = refused
"""
"""Reads no conversation while a file says so, as when the library's file is held by another program."""


@pytest.fixture(scope="module")
def refusing(shipped_library: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebApp]:
    """A page whose library can be made to refuse."""
    home = tmp_path_factory.mktemp("refusing")
    shutil.copytree(shipped_library, home / "library")
    app = WebApp(home, "extractive", before=REFUSING)
    yield app
    assert (app.stop(), app.errors) == (0, "")


@pytest.fixture
def refuse(refusing: WebApp) -> Iterator[Path]:
    """The file that makes it refuse."""
    path = refusing.home / "library" / "refuse"
    yield path
    path.unlink(missing_ok=True)


def test_an_edit_that_is_refused_is_still_there(refusing: WebApp, refuse: Path, sit: Sit) -> None:
    """In its field, with the focus; once nothing is in the way, Enter asks it."""
    seat = sit(refusing)
    seat.ask(MINILM)
    seat.ask("What is GraphGPT?")
    act(seat, 1, "Edit")
    field = seat.page.get_by_label("The question", exact=True)
    field.fill(SYLBER)
    refuse.touch()
    for _ in range(2):
        field.press("Enter")
        expect(seat.page.locator("#fn-said")).to_contain_text("The library is busy.")
        expect(field).to_be_editable()
        expect(field).to_be_focused()
        expect(field).to_have_value(SYLBER)
    refuse.unlink()
    field.press("Enter")
    expect(field).to_have_count(0)
    expect(seat.page.locator(".fn-asked")).to_have_text([SYLBER])
    expect(seat.page.locator("#fn-said p")).to_have_count(0)
    seat.settle()


def test_a_question_that_is_refused_is_still_in_the_box(refusing: WebApp, refuse: Path, sit: Sit) -> None:
    seat = sit(refusing)
    seat.ask(MINILM)
    refuse.touch()
    seat.box.fill(SYLBER)
    seat.box.press("Enter")
    expect(seat.page.locator("#fn-said")).to_contain_text("The library is busy.")
    expect(seat.box).to_have_value(SYLBER)
    refuse.unlink()
    seat.box.press("Enter")
    expect(seat.page.locator(".fn-asked")).to_have_text([MINILM, SYLBER])
    expect(seat.box).to_have_value("")
    seat.settle()


def test_how_a_question_was_understood_is_still_there_when_the_edit_is_refused(
    refusing: WebApp, refuse: Path, sit: Sit
) -> None:
    seat = sit(refusing)
    seat.ask("What is GraphGPT?")
    seat.ask("And how does it compare to Sylber?")
    seat.answer.locator(".fn-standalone").get_by_role("button", name="Edit").click()
    field = seat.page.get_by_label("How it was understood")
    field.fill(SYLBER)
    refuse.touch()
    field.press("Enter")
    expect(seat.page.locator("#fn-said")).to_contain_text("The library is busy.")
    expect(field).to_be_editable()
    expect(field).to_have_value(SYLBER)


def test_an_edit_stays_while_another_tab_is_faster(slow: WebApp, hold: Path, sit: Sit) -> None:
    """Through an answer that comes to its end meanwhile, and through each refusal."""
    seat = sit(slow)
    seat.ask(MINILM)
    other = join(sit, slow, seat)
    act(other, 1, "Edit")
    field = other.page.get_by_label("The question", exact=True)
    field.fill(SYLBER)
    hold.touch()
    seat.begin("What is GraphGPT?")
    field.press("Enter")
    expect(other.page.locator("#fn-said")).to_have_text("Still answering. Press Stop first.")
    expect(other.page.locator(".fn-asked:visible")).to_have_text(["What is GraphGPT?"])
    expect(field).to_have_value(SYLBER)
    hold.unlink()
    other.settle()
    seat.settle()
    expect(field).to_be_focused()
    expect(field).to_have_value(SYLBER)
    seat.ask(MINILM)
    field.press("Enter")
    expect(other.page.locator("#fn-said")).to_have_text("This conversation has gone on elsewhere.")
    expect(field).to_have_value(SYLBER)
    field.press("Enter")
    expect(field).to_have_count(0)
    expect(other.page.locator(".fn-asked")).to_have_text([SYLBER])
    other.settle()


def test_an_edit_of_a_question_that_is_gone_is_in_the_box(quoting: WebApp, sit: Sit) -> None:
    seat = sit(quoting)
    seat.ask(MINILM)
    seat.ask("What is GraphGPT?")
    other = join(sit, quoting, seat)
    act(other, 2, "Edit")
    other.page.get_by_label("The question", exact=True).fill(SYLBER)
    act(seat, 1, "Retry")
    expect(seat.page.locator(".fn-asked")).to_have_count(1)
    seat.settle()
    other.page.get_by_label("The question", exact=True).press("Enter")
    expect(other.page.locator("#fn-said")).to_have_text("This conversation has gone on elsewhere.")
    expect(other.page.locator(".fn-asked")).to_have_text([MINILM])
    expect(other.box).to_have_value(SYLBER)


def test_retry_asks_the_same_again(quoting: WebApp, sit: Sit) -> None:
    seat = sit(quoting)
    seat.ask(MINILM)
    seat.ask(SYLBER)
    act(seat, 1, "Retry")
    expect(seat.page.locator(".fn-asked")).to_have_text([MINILM])
    seat.settle()
    expect(seat.answer.locator("a.fn-cite").first).to_be_visible()


def test_how_a_question_was_understood_can_be_edited(quoting: WebApp, sit: Sit) -> None:
    """The rewritten question turns into a field, and what is written there is asked instead."""
    seat = sit(quoting)
    seat.ask("What is GraphGPT?")
    seat.ask("And how does it compare to Sylber?")
    reworded = seat.answer.locator(".fn-standalone", has_text="Understood as")
    expect(reworded).to_be_visible()
    reworded.get_by_role("button", name="Edit").click()
    field = seat.page.get_by_label("How it was understood")
    field.fill(SYLBER)
    field.press("Enter")
    expect(seat.page.locator(".fn-asked").last).to_have_text(SYLBER)
    seat.settle()
    assert "4.27" in seat.answer.inner_text()


def test_a_branch_is_a_conversation_of_its_own(quoting: WebApp, sit: Sit) -> None:
    """It has everything up to the exchange; the first one keeps what follows, and is one step back."""
    seat = sit(quoting)
    seat.ask(MINILM)
    seat.ask(SYLBER)
    before = address(seat)
    act(seat, 1, "Branch")
    expect(seat.page.locator(".fn-asked")).to_have_text([MINILM])
    assert address(seat) != before
    seat.ask("What is GraphGPT?")
    assert asked(seat) == [MINILM, "What is GraphGPT?"]
    seat.page.go_back()
    expect(seat.page.locator(".fn-asked")).to_have_text([MINILM, SYLBER])
    assert address(seat) == before


def test_an_answer_is_copied_as_text_with_its_sources(quoting: WebApp, sit: Sit) -> None:
    seat = sit(quoting)
    seat.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    seat.ask(SYLBER)
    act(seat, 1, "Copy")
    expect(seat.page.locator("#fn-tell")).to_have_text("Copied.")
    text = seat.page.evaluate("navigator.clipboard.readText()")
    assert re.search(r"4\.27 tokens per second.*\[1\]", text)
    assert text.endswith("[1] Sylber: Syllabic Embedding Representation of Speech from Raw Audio")


def test_a_verdict_is_kept_with_its_reason_and_taken_back(quoting: WebApp, sit: Sit) -> None:
    """Good, then bad with a reason: pressed, kept, there after a reload; once more takes it back."""
    seat = sit(quoting)
    seat.ask(SYLBER)
    chat = address(seat).partition("=")[2]
    good = seat.page.get_by_role("button", name="Good answer")
    bad = seat.page.get_by_role("button", name="Bad answer")
    good.click()
    expect(good).to_have_attribute("aria-pressed", "true")
    bad.click()
    expect(bad).to_have_attribute("aria-pressed", "true")
    reason = seat.page.get_by_label("What is wrong with answer 1?")
    expect(reason).to_be_focused()
    seat.keep("light-verdict")
    reason.fill("It <b>misses</b> the year.")
    reason.press("Enter")
    expect(seat.page.locator(".fn-why-said")).to_have_text("Bad answer: It <b>misses</b> the year.")
    reload(seat)
    expect(bad).to_have_attribute("aria-pressed", "true")
    footnote = Footnote(Settings(home=quoting.home, library=quoting.home / "library", model="extractive"))
    assert Feedback(footnote.library).verdict(chat, 1) == (False, "It <b>misses</b> the year.")
    bad.click()
    expect(bad).to_have_attribute("aria-pressed", "false")
    assert Feedback(footnote.library).verdict(chat, 1) is None
    footnote.close()


def test_a_citation_shows_its_sentence_to_the_pointer_and_the_keyboard(quoting: WebApp, sit: Sit) -> None:
    """In a note of our own that stays while pointed at, and that Escape closes."""
    seat = sit(quoting)
    seat.ask(SYLBER)
    mark, note = seat.answer.locator("a.fn-cite").last, seat.page.get_by_role("tooltip")
    mark.hover()
    expect(note).to_contain_text("4.27 tokens per second")
    expect(note).to_contain_text("Quoted word for word")
    note.hover()
    seat.page.wait_for_timeout(400)
    expect(note).to_be_visible()
    seat.page.mouse.move(0, 0)
    expect(note).to_be_hidden()
    seat.answer.locator(".fn-timed summary").focus()
    seat.page.keyboard.press("Shift+Tab")
    expect(mark).to_be_focused()
    expect(note).to_be_visible()
    expect(mark).to_have_attribute("aria-describedby", "fn-note")
    seat.page.keyboard.press("Escape")
    expect(note).to_be_hidden()


def test_an_answer_says_where_its_time_went(quoting: WebApp, sit: Sit) -> None:
    seat = sit(quoting)
    seat.ask(SYLBER)
    fold = seat.answer.locator(".fn-timed")
    expect(fold.locator("summary")).to_have_text(re.compile(r"^[\d.]+ s$"))
    fold.locator("summary").click()
    expect(fold).to_contain_text(re.compile(r"understood [\d.]+ · found [\d.]+ · read [\d.]+, extractive"))


def test_the_box_stays_usable_while_an_answer_runs(slow: WebApp, hold: Path, sit: Sit) -> None:
    """Enter says what to do and keeps what was typed; Shift+Enter is a new line; up brings the last question."""
    seat = sit(slow)
    hold.touch()
    seat.begin(SYLBER)
    expect(seat.box).to_have_value("")
    seat.box.fill(MINILM)
    seat.box.press("Enter")
    expect(seat.page.locator("#fn-said")).to_have_text("Still answering. Press Stop first.")
    expect(seat.box).to_have_value(MINILM)
    assert asked(seat) == [SYLBER]
    hold.unlink()
    seat.settle()
    expect(seat.page.locator("#fn-said p")).to_have_count(0)
    seat.box.fill("one")
    seat.box.press("Shift+Enter")
    seat.box.press_sequentially("two")
    expect(seat.box).to_have_value("one\ntwo")
    seat.box.fill("")
    seat.box.press("ArrowUp")
    expect(seat.box).to_have_value(SYLBER)
    seat.box.press("Enter")
    expect(seat.page.locator(".fn-asked")).to_have_text([SYLBER, SYLBER])


def test_a_scope_comes_from_the_address_and_stays_with_the_conversation(dated: WebApp, sit: Sit) -> None:
    """A link begins a conversation with one paper; it is said, holds, survives a reload, and can be left."""
    seat = sit(dated)
    seat.page.goto(f"{dated.address}/#chat?paper=a")
    scope = seat.page.locator("#fn-scope")
    expect(scope).to_have_text("Asking the paper “Songs of Humpback Whales”")
    seat.keep("light-scope")
    text = seat.ask("How many phrases of humpback whales are counted?")
    assert "12 phrases" in text
    assert "77" not in text
    address(seat)
    reload(seat)
    expect(scope).to_have_text("Asking the paper “Songs of Humpback Whales”")
    seat.page.get_by_role("button", name="Ask all").click()
    expect(scope).to_have_text("Asking all 2 papers")
    reload(seat)
    expect(seat.page.locator(".fn-asked")).to_have_count(1)
    expect(scope).to_have_text("Asking all 2 papers")


def test_a_scope_of_a_new_conversation_is_in_its_address(dated: WebApp, sit: Sit) -> None:
    """Years and authors filled in survive a reload before anything is asked."""
    seat = sit(dated)
    seat.page.get_by_role("button", name="Change").click()
    only = seat.page.locator("#fn-only")
    only.get_by_label("From year").fill("2015")
    expect(seat.page).to_have_url(re.compile(r"#chat\?from=2015$"))
    only.get_by_label("Author").fill("Grace & Co")
    scope = seat.page.locator("#fn-scope")
    expect(scope).to_have_text("Asking papers from 2015 on, by Grace & Co (no such paper)")
    only.get_by_label("Author").fill("Hopper")
    expect(scope).to_have_text("Asking papers from 2015 on, by Hopper (1 of 2)")
    expect(seat.page).to_have_url(re.compile(r"#chat\?from=2015&author=Hopper$"))
    reload(seat)
    expect(scope).to_have_text("Asking papers from 2015 on, by Hopper (1 of 2)")
    seat.page.get_by_role("button", name="Change").click()
    expect(only.get_by_label("Author")).to_have_value("Hopper")


def test_a_tag_is_chosen_from_a_list(dated: WebApp, sit: Sit) -> None:
    seat = sit(dated)
    seat.page.get_by_role("button", name="Change").click()
    seat.page.locator("#fn-only").get_by_label("Tag").click()
    seat.page.get_by_role("option", name="thesis").click()
    expect(seat.page.locator("#fn-scope")).to_have_text("Asking papers tagged thesis (1 of 2)")
    expect(seat.page).to_have_url(re.compile(r"#chat\?tag=thesis$"))
    seat.keep("light-scope-fields")
    assert "77 phrases" in seat.ask("How many phrases of humpback whales are counted?")


def test_a_tag_that_no_paper_has_is_said_and_can_be_left(dated: WebApp, sit: Sit) -> None:
    seat = sit(dated)
    expect(seat.page.locator("button.fn-ask").first).to_be_visible()
    seat.page.goto(f"{dated.address}/#chat?tag=my%20%3Cb%3Ethesis&from=2015")
    scope = seat.page.locator("#fn-scope")
    expect(scope).to_have_text("Asking papers from 2015 on, tagged my <b>thesis (no such paper)")
    seat.page.get_by_role("button", name="Ask all").click()
    expect(scope).to_have_text("Asking all 2 papers")
    expect(seat.page).to_have_url(re.compile("#chat$"))


@pytest.mark.parametrize("what", ["run/predict", "queue/join"], ids=["the page", "what there is to ask"])
def test_what_comes_after_its_successor_gives_way_to_it(dated: WebApp, sit: Sit, what: str) -> None:
    """Both were asked for at the first address, and come when another one is looked at."""
    seat = sit(dated)
    late: list[Route] = []

    def hold(route: Route) -> None:
        if not late and '["chat"]' in (route.request.post_data or ""):
            late.append(route)
        else:
            route.continue_()

    page = seat.page.context.new_page()
    page.route(f"**/gradio_api/{what}*", hold)
    page.goto(dated.address)
    while not late:
        page.wait_for_timeout(50)
    page.goto(f"{dated.address}/#chat?from=2015")
    scope = page.locator("#fn-scope")
    expect(scope).to_have_text("Asking papers from 2015 on (1 of 2)")
    with page.expect_response(lambda response: response.request == late[0].request):
        late[0].continue_()
    page.wait_for_timeout(1500)
    expect(scope).to_have_text("Asking papers from 2015 on (1 of 2)")
    expect(page.get_by_role("button", name="Ask all")).to_be_visible()


def test_a_library_that_cannot_be_written_still_chats(
    shipped_library: Path, tmp_path: Path, sit: Sit
) -> None:
    """It answers, says in one line that the conversation is not kept, and goes on."""
    shutil.copytree(shipped_library, tmp_path / "library")
    footnote = Footnote(Settings(home=tmp_path, library=tmp_path / "library", model="extractive"))
    Conversations(footnote.library)
    footnote.close()
    database = Database(tmp_path / "library")
    refusing = "BEFORE INSERT ON {} BEGIN SELECT RAISE(ABORT, 'attempt to write a readonly database'); END"
    with database.transaction() as db:
        for table in ("conversations", "exchanges"):
            db.execute(f"CREATE TRIGGER refuse_{table} {refusing.format(table)}")
    database.close()
    for app in running(tmp_path, "extractive"):
        seat = sit(app)
        assert "4.27" in seat.ask(SYLBER)
        expect(seat.page.locator("#fn-said")).to_contain_text("This conversation is not kept: ")
        expect(seat.page.get_by_role("button", name="Good answer")).to_have_count(0)
        seat.ask(MINILM)
        reload(seat)
        expect(seat.page.locator(".fn-asked")).to_have_text([SYLBER, MINILM])
        seat.page.close()


def test_a_growing_answer_does_not_move_what_is_read(slow: WebApp, sit: Sit) -> None:
    """A new question goes to the top and stays there until its answer has ended."""
    seat = sit(slow)
    seat.ask(SYLBER)
    seat.begin("Compare GraphGPT and Sylber.")
    question = seat.page.locator(".fn-asked").last
    seat.answer.locator(".fn-sentence").first.wait_for()
    places = set()
    for _ in range(12):
        places.add(round((question.bounding_box() or {"y": -1})["y"]))
        seat.page.wait_for_timeout(200)
    seat.settle()
    places.add(round((question.bounding_box() or {"y": -1})["y"]))
    assert max(places) - min(places) <= 4, "a hair's breadth, when the answer's buttons come"
    assert 60 <= min(places) <= 110


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_a_conversation_on_a_narrow_screen(quoting: WebApp, sit: Sit, dark: bool) -> None:
    """Nothing is cut off, and the buttons of every answer are there without a pointer that hovers."""
    seat = sit(quoting, NARROW, dark=dark)
    seat.ask("Compare GraphGPT and Sylber.")
    seat.keep(f"narrow-talk-{'dark' if dark else 'light'}")
    assert seat.page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    expect(seat.page.locator(".fn-acts").last).to_be_visible()
