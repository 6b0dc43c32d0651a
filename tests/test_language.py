"""The page in other languages: whole catalogues, texts that are really shown, and English as it always was."""

from __future__ import annotations

import ast
import json
import re
import shutil
import string
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import tab as tabs
from playwright.sync_api import Browser, Page, expect
from webapp import WebApp

from rag.judge import NOT_SAID
from rag.records import (
    Answer,
    CheckedSentence,
    CitedPaper,
    EvidenceSentence,
    Exchange,
    Filters,
    Paper,
    Question,
    Shape,
    Support,
)
from rag.settings import CHOICES
from ui import chat, history_view, language, remarks, render, scope, sources, stages

UI = Path(language.__file__).parent
OTHERS = sorted(set(CHOICES["language"]) - {language.ENGLISH})
QUESTION = Question("How heavy?", "How heavy?", Shape.FACT)
BIRD = Paper("title:1", "A Bird: A Study", "It weighs 4.2 g. It sings.")


@pytest.fixture(autouse=True)
def english_again() -> Iterator[None]:
    yield
    language.use(language.ENGLISH)


def literals() -> set[str]:
    """The English texts that the code looks up, in Python and in the scripts."""
    texts = {text for path in UI.glob("*.py") for text in _looked_up(path.read_text(encoding="utf-8"))}
    for path in (*UI.glob("*.py"), *(UI / "static").glob("*.js")):
        texts |= set(re.findall(r'fnSaid\("([^"]*)"\)', path.read_text(encoding="utf-8")))
    return texts


def _looked_up(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and _name(node.func) in {"said", "deferred"}:
            yield from (
                a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)
            )


def _name(called: ast.expr) -> str:
    """Of a function that was imported by itself, or is called as one of `language`."""
    if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name):
        return called.attr if called.value.id == "language" else ""
    return called.id if isinstance(called, ast.Name) else ""


def gaps(text: str) -> list[str]:
    return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name)


def answered(**changes: object) -> Answer:
    evidence = (EvidenceSentence(BIRD.id, 0, "It weighs 4.2 g."),)
    sentence = CheckedSentence("It weighs 4.2 g.", Support.PARTLY, evidence, citations=(1,))
    values = {"sentences": (sentence,), "papers": (CitedPaper(1, BIRD, evidence),), "done": True} | changes
    return Answer(QUESTION, **values)  # type: ignore[arg-type]


def test_the_catalogues_are_those_of_the_setting() -> None:
    assert sorted(path.stem for path in language.CATALOGUES.glob("*.json")) == OTHERS


@pytest.mark.parametrize("code", OTHERS)
def test_every_text_is_translated_and_no_translation_is_left_over(code: str) -> None:
    assert set(language.catalogue(code)) == literals()


@pytest.mark.parametrize("code", OTHERS)
def test_gaps_and_tags_are_those_of_the_english_text(code: str) -> None:
    for text, translation in language.catalogue(code).items():
        assert gaps(translation) == gaps(text), text
        assert re.findall(r"<[^>]*>", translation) == re.findall(r"<[^>]*>", text)
        assert not re.search(r'["&\'\n]|[<>](?!/?b>|[^<]*</?b>)', re.sub(r"</?b>", "", translation)), text
        assert translation.strip() == translation != ""


@pytest.mark.parametrize("code", OTHERS)
def test_catalogues_are_in_order_so_that_changes_are_easily_read(code: str) -> None:
    pairs = json.loads((language.CATALOGUES / f"{code}.json").read_text("utf-8"), object_pairs_hook=list)
    texts = [text for text, _ in pairs]
    assert texts == sorted(set(texts))


def test_what_no_catalogue_has_stays_english() -> None:
    language.use("de")
    assert language.said("{number} zebras", number=3) == "3 zebras"


@pytest.mark.parametrize(("code", "shown"), [("en", "12,345"), ("de", "12.345"), ("fr", "12\u202f345")])
def test_thousands_are_set_apart_as_the_language_has_it(code: str, shown: str) -> None:
    language.use(code)
    assert language.digits(12_345) == shown


@pytest.mark.parametrize(("code", "shown"), [("en", "1,234.50"), ("de", "1.234,50"), ("es", "1\u202f234,50")])
def test_decimals_follow_the_mark_of_the_language(code: str, shown: str) -> None:
    language.use(code)
    assert language.decimal(1234.5, ",.2f") == shown


def test_an_answer_is_german_around_the_english_sentences() -> None:
    language.use("de")
    shown = render.message(Exchange("How heavy?", answered()), 1)
    assert "teilweise gestützt" in shown
    assert "Abzweigen" in shown
    assert '<span lang="en">It weighs 4&#46;2 g&#46;</span>' in shown
    side = sources.panel((Exchange("How heavy?", answered()),))
    assert "Warum dieses Paper?" in side
    assert '<span lang="en">A Bird&#58; A Study</span>' in side


def test_a_language_that_is_changed_changes_cards_that_were_shown_before() -> None:
    conversation = (Exchange("How heavy?", answered()),)
    assert "Copy citation" in sources.panel(conversation)
    language.use("fr")
    assert "Copier la référence" in sources.panel(conversation)
    language.use("en")
    assert "Copy citation" in sources.panel(conversation)
    assert "lang=" not in sources.panel(conversation)


def test_what_is_going_on_is_german() -> None:
    language.use("de")
    assert "Versteht die Frage…" in stages.progress(Exchange("How heavy?", running=True))
    waiting = Answer(QUESTION, ahead=2)
    assert "Wartet auf das Modell: 2 Antworten vorher" in stages.progress(Exchange("How heavy?", waiting))


@pytest.mark.parametrize(
    ("remark", "shown"),
    [
        pytest.param(NOT_SAID, "Die Abstracts sagen es nicht.", id="abstention"),
        pytest.param(
            f"{NOT_SAID} The nearest abstracts say nothing of “a {{nest}}”.",
            "Die Abstracts sagen es nicht. Die nächsten Abstracts sagen nichts zu „a {nest}“.",
            id="with a reason",
        ),
        pytest.param(
            f"{NOT_SAID} The library holds no paper from 2021 on, by Xu.",
            "Die Abstracts sagen es nicht. Die Bibliothek enthält kein Paper ab 2021, von Xu.",
            id="with conditions",
        ),
        pytest.param(
            "The library holds 62 papers, from 2015 to 2024. The first 20 by title:",
            "Die Bibliothek enthält 62 Paper, von 2015 bis 2024. Die ersten 20 nach Titel:",
            id="the library",
        ),
        pytest.param(
            "The library holds 1 paper from 2021 on, by Xu.",
            "Die Bibliothek enthält 1 Paper ab 2021, von Xu.",
            id="papers that meet conditions",
        ),
        pytest.param(
            "The record of “A Bird” in this library has no link.",
            "Der Eintrag von „A Bird“ in dieser Bibliothek hat keine Angabe: Link.",
            id="a record",
        ),
        pytest.param("At least 30 papers match.", "Mindestens 30 Paper passen.", id="a list"),
        pytest.param("Something else.", "Something else.", id="unknown"),
        pytest.param(f"{NOT_SAID} As ever.", "Die Abstracts sagen es nicht. As ever.", id="unknown reason"),
    ],
)
def test_a_remark_of_the_core_is_german(remark: str, shown: str) -> None:
    language.use("de")
    asked = Question("How heavy?", "How heavy?", Shape.FACT, filters=Filters(year_from=2021, author="Xu"))
    assert remarks.remark(Answer(asked, remark=remark)) == shown


def test_every_reason_of_the_core_to_abstain_is_known() -> None:
    """Each English sentence of the judge that can be shown fits a frame."""
    source = Path(remarks.__file__).parent.parent / "rag" / "judge.py"
    tree = ast.parse(source.read_text(encoding="utf-8"))
    judging = [
        n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name in {"cannot_answer", "missing"}
    ]
    returned = [n.value for f in judging for n in ast.walk(f) if isinstance(n, ast.Return) and n.value]
    texts = [text for value in returned for text in _texts(value) if text.endswith(".")]
    assert len(texts) > 6
    language.use("de")
    for text in texts:
        assert remarks.remark(Answer(QUESTION, remark=f"{NOT_SAID} {text}")).split(". ", 1)[1] != text


def _texts(value: ast.expr) -> Iterator[str]:
    """The texts that an expression may be, with something in their gaps."""
    if isinstance(value, ast.IfExp):
        yield from (*_texts(value.body), *_texts(value.orelse))
    elif isinstance(value, ast.JoinedStr):
        yield "".join(str(p.value) if isinstance(p, ast.Constant) else "x" for p in value.values)
    elif isinstance(value, ast.Constant) and value.value:
        yield str(value.value)


def test_the_scope_any_is_none_in_any_language() -> None:
    for code in CHOICES["language"]:
        language.use(code)
        assert not scope.filled((), "", "", "", "", language.said(scope.ANY), scope.ANY).active


def test_what_is_laid_out_stays_open_until_it_is_sent() -> None:
    language.use("es")
    with language.laying_out():
        laid = {"props": [f"<h2>{language.said('Sources')}</h2>", ("{name}", 3)]}
        laid["props"].append(language.said("Kept in {place}", place='&#60;a "b"'))
    assert language.spoken(laid) == {"props": ["<h2>Fuentes</h2>", ["{name}", 3], 'Guardado en &#60;a "b"']}
    language.use("en")
    assert language.spoken(laid)["props"][0] == "<h2>Sources</h2>"


def test_a_day_is_written_as_the_language_has_it() -> None:
    language.use("es")
    assert history_view.questions(1) == "1 pregunta"
    assert len(language.said(history_view._MONTHS).split()) == 12


def test_the_pages_are_named_in_every_language() -> None:
    assert len(chat.PAGES) == len(chat._NAMES)


# In a browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    yield from tabs.chromium()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[[str], Page]]:
    opened: list[Page] = []
    complaints: list[str] = []

    def go(address: str) -> Page:
        page = browser.new_context(viewport=tabs.WIDE).new_page()
        page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
        page.goto(address)
        expect(page.locator(".fn-status")).to_be_visible(timeout=tabs.PATIENCE)
        opened.append(page)
        return page

    yield go
    for page in opened:
        page.context.close()
    assert [c for c in complaints if not any(broken in c for broken in tabs.BROKEN_OFF)] == []


@pytest.fixture
def app(tmp_path: Path, shipped_library: Path) -> Iterator[WebApp]:
    """The page of someone who chose German."""
    shutil.copytree(shipped_library, tmp_path / "german" / "library")
    (tmp_path / "german" / "settings.toml").write_text('language = "de"\n', encoding="utf-8")
    app = WebApp(tmp_path / "german", "extractive")
    yield app
    assert (app.stop(), app.errors) == (0, "")


@pytest.mark.browser
@pytest.mark.slow
def test_a_german_page_becomes_a_spanish_one_by_its_setting(
    app: WebApp, open_page: Callable[[str], Page]
) -> None:
    page = open_page(app.address)
    expect(page.locator("html")).to_have_attribute("lang", "de")
    names = ["Chat", "Bibliothek", "Verlauf", "Evaluation", "Einstellungen"]
    expect(page.locator("#fn-pages a")).to_have_text(names)
    page.get_by_label("Frage", exact=True).fill("What do whales eat?")
    page.get_by_role("button", name="Fragen", exact=True).click()
    expect(page.locator(".fn-remark")).to_contain_text("Die Abstracts sagen es nicht.", timeout=tabs.PATIENCE)
    page.get_by_role("button", name="Bearbeiten").click()
    expect(page.locator(".fn-edit p")).to_contain_text("Enter fragt erneut")
    page.goto(f"{app.address}/#settings")
    page.get_by_label("Español").check()
    expect(page.locator("html")).to_have_attribute("lang", "es", timeout=tabs.PATIENCE)
    expect(page.locator("#fn-settings-name")).to_have_text("Ajustes", timeout=tabs.PATIENCE)
    expect(page.locator("#fn-new")).to_have_text("Nueva conversación")
    expect(page.locator("#fn-add-name")).to_have_text("Añadir artículos")
    expect(page.locator("#fn-measured h2")).to_have_text("Evaluación")
    assert "\ue000" not in page.content()
    assert (app.home / "settings.toml").read_text(encoding="utf-8") == 'language = "es"\n'
