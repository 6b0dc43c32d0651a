"""The library and evaluation pages in other languages: every word that is shown is of the catalogue or data."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import tab as tabs
from playwright.sync_api import Browser, Page, expect
from webapp import WebApp

from rag import importers
from rag.browse import Listed
from rag.duplicates import Entitled, Pair
from rag.importers import Rejected
from rag.intake import ImportReport
from rag.records import Filters, Paper
from rag.settings import CHOICES
from ui import (
    evaluation_results,
    evaluation_tables,
    evaluation_view,
    import_view,
    language,
    library_menu,
    library_view,
    library_words,
)
from ui.importing import Progress, Taken
from ui.places import Place
from ui.shelf import Opened

OTHERS = sorted(set(CHOICES["language"]) - {language.ENGLISH})
DATA = frozenset(
    "footnote default eval bibtex ris csl json lines csv arxiv doi utc min ms ndcg mrr kqvx kqvxa kqvxb kqvxc bib whole".split()
)
"""Words that are the same in every language, and those that stand for what papers and results say."""
FILE = """
@article{one, title={Kqvx}, author={Kqvxa, Kqvxb}, year={2019}, journal={Kqvxc}, doi={10.1/kqvx}, url={https://kqvx.kqvxa/},
  abstract={Kqvx kqvx.}}
@article{two, title={Kqvxa kqvx}, author={Kqvxa, Kqvxb}, year={2020}, abstract={Kqvxa.}}
@article{three, title={Kqvxa  kqvx}, author={Kqvxa, Kqvxb}, year={2021}, abstract={Kqvxb.}}
@article{four, title={}, abstract={Kqvxc.}}
"""
SEEN = """
(place) => {
  const told = [];
  for (const root of place === "" ? [document.body] : document.querySelectorAll(place)) {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
    for (let node = root; node; node = walker.nextNode()) {
      const element = node.nodeType === Node.TEXT_NODE ? node.parentElement : node;
      if (element.closest("[lang=en], script, style")) continue;
      if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && !element.closest("details")) continue;
      if (node.nodeType === Node.TEXT_NODE) told.push(node.textContent);
      else for (const name of ["aria-label", "placeholder", "title"]) told.push(node.getAttribute(name) ?? "");
      if (element.matches("input[role], input[readonly]")) told.push(element.value);
    }
  }
  return told;
}
"""
"""Every text of a part of the page, those for screen readers and those not unfolded included."""


@pytest.fixture(autouse=True)
def english_again() -> Iterator[None]:
    yield
    language.use(language.ENGLISH)


def words(text: str) -> set[str]:
    return set(re.findall(r"[^\W\d_]{2,}", text.lower()))


def left(texts: list[str], code: str) -> set[str]:
    """Texts with a word that is neither in the catalogue's translations nor data."""
    known = DATA.union(*map(words, language.catalogue(code).values()))
    return {text for text in texts if words(text) - known}


def texts(content: str) -> list[str]:
    """What HTML says outside of what is marked as English."""
    shown = re.sub(r'<(\w+)[^>]*lang="en"[^>]*>.*?</\1>', "", content)
    named = re.findall(r'(?:aria-label|title|placeholder)="([^"]*)"', shown)
    return [
        re.sub(r"&#(\d+);", lambda mark: chr(int(mark[1])), one)
        for one in [*named, *re.split(r"<[^>]*>", shown)]
    ]


PAPER = Paper(
    "doi:10.1/kqvx", "Kqvx", "", ("Kqvxa",) * 50, 2020, "Kqvx", "10.1/kqvx", "2001.00001", "https://kqvx.kqvxa/", "kqvx.bib",
)  # fmt: skip


def library_texts() -> Iterator[str]:
    """What the library page can say."""
    listed = [Listed(PAPER.id, PAPER.title, "Kqvxa", 2020, "Kqvx", ("kqvx",), "kqvx.bib")]
    many = tuple(map(str, range(200)))
    yield library_view.rows(listed, 120, 50, (), PAPER.id)
    yield from (library_view.summary(n, held, n) for n, held in ((0, 1), (1, 1), (7, 7), (7, 1200)))
    yield from (
        library_view.ask_these(some, Filters(), 9, searched=False) for some in (many, many[:1], many[:9])
    )
    yield from (library_view.nothing(True), library_view.nothing(False))
    yield library_view.paper(Opened(PAPER, ("kqvx",), ("kqvx.bib",)))
    pair = Pair(Entitled("a", "Kqvx", ("Kqvxa",), 2020), Entitled("b", "Kqvx"), 1.0)
    yield from (library_view.duplicates(()), library_view.duplicates((pair,) * 30))
    yield library_menu.in_head([Place("kqvx", "/", 1, True), Place("kqvxa", "/a", None, False)])


def import_texts() -> Iterator[str]:
    """What an import can say."""
    yield from (
        import_view.progress(Progress(stage, "kqvx.bib", 2000, 9000), 1.0)
        for stage in ("waiting", "reading", "indexing")
    )
    yield import_view.progress(Progress("indexing"), 0.0)
    one, several = ImportReport(1, 1, 1, 1, 1, 1), ImportReport(2, 2, 2, 2, 2, 2000)
    taken = (Taken("kqvx.bib", one), Taken("kqvxa.bib", several), Taken("kqvx.csv", ImportReport()))
    refused = [Rejected(1000 + n, "has no title", "") for n in range(40)]
    yield import_view.report(Progress("done", taken=taken, stopped=True), {"kqvxa.bib": refused})


RATE = {"value": 0.5, "low": 0.25, "high": 0.75}
QUESTION = {
    "question": "Kqvx?", "history": [["Kqvxa?", "Kqvxb."]], "answer": "Kqvx", "missing": ["kqvxa"], "notes": "Kqvxc",
    "measures": {"correct": 0}, "unsupported": [{"text": "Kqvx.", "reason": "Kqvxa"}],
    "trace": {"remark": "", "sentences": [], "error": "Kqvx"},
}  # fmt: skip
TIMES = {"kqvx": {"p50": 1.0, "p95": 2000.0}}
POINT = {"threshold": 0.5, "declined": 0.9, "kept": 0.8}
RESULTS: dict[str, dict[str, Any]] = {
    "answers": {
        "questions": {"1": QUESTION},
        "types": {
            name: dict.fromkeys(evaluation_tables.MEASURES, RATE)
            for name in ("all", "fact", "compare", "list", "followup", "unanswerable", "adversarial")
        },
    },
    "retrieval": {
        "collection": {"name": "Kqvx", "documents": 5000},
        "systems": {
            "kqvx": dict.fromkeys(evaluation_tables.MEASURES, RATE)
            | {"latency_ms": TIMES, "per_query": {"1": {"nDCG@10": 0.1}}}
        },
        "tests_of": "kqvx",
        "tests": {"kqvxa": {name: {"difference": 0.1, "p": 0.04} for name in evaluation_tables.MEASURES}},
        "queries": {"1": {"text": "Kqvx", "relevant": {"a": 1}, "top": {}}},
        "titles": {},
    },
    "latency": {"library": {"papers": 5000}, "latency_ms": TIMES | {"whole": TIMES["kqvx"]}},
    "fit": {
        "calibration": {"fitted on": {"answerable": 9, "unanswerable": 8}},
        "chosen": {"kqvx": POINT},
        "curve": [POINT],
    },
}
"""One result of each kind whose words are the page's own."""


def results(folder: Path) -> Path:
    """A folder of them, and of a file that is none."""
    folder.mkdir(parents=True)
    (folder / "kqvx.json").write_text("{}", encoding="utf-8")
    for month, (kind, result) in enumerate(RESULTS.items(), 1):
        made_by = {"time": f"2026-{month:02}-02T03:04:05+00:00", "git": "Kqvx"}
        text = json.dumps({"kind": kind, "provenance": made_by} | result)
        (folder / f"{kind}.json").write_text(text, encoding="utf-8")
    return folder


def evaluation_texts(folder: Path) -> Iterator[str]:
    """What the evaluation page can say."""
    yield evaluation_view.listed((), ())
    yield evaluation_view.listed(*evaluation_results.entries(folder))
    yield from (evaluation_view.opened(evaluation_results.run(folder, f"{kind}.json")) for kind in RESULTS)
    for file in ("kqvx", "kqvx.json"):
        with pytest.raises(evaluation_results.NoResult) as refused:
            evaluation_results.run(folder, file)
        yield str(refused.value)


@pytest.mark.parametrize("code", OTHERS)
def test_no_result_is_told_in_english(code: str, tmp_path: Path) -> None:
    folder = results(tmp_path / "evaluations")
    list(evaluation_texts(folder))  # what was rendered in English before is not shown again
    language.use(code)
    assert left([text for content in evaluation_texts(folder) for text in texts(content)], code) == set()


@pytest.mark.parametrize("code", OTHERS)
@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param(
            "a.bib",
            "@article{a, title={K}}\n@article{b, title={}, abstract={K}}\n@article{c, title {K}, abstract={K}}\n",
            id="bib",
        ),
        pytest.param("a.csv", "title,abstract\nKqvx,Kqvx\n,Kqvx\nKqvx\nKqvx,Kqvx,Kqvx\n", id="csv"),
        pytest.param(
            "a.jsonl",
            '{"title": "K", "abstract": "K"}\n{"title": "K", "abstract"\n{"title" 5}\n[]\n',
            id="jsonl",
        ),
        pytest.param(
            "a.json",
            '[{"title": "K", "abstract": "K"}, {"title": "", "abstract": "K"}, {"title": "K" "abstract": 5}, 7]',
            id="json",
        ),
    ],
)
def test_the_common_reasons_to_reject_a_record_are_told(
    code: str, name: str, text: str, tmp_path: Path
) -> None:
    language.use(code)
    (tmp_path / name).write_text(text, encoding="utf-8")
    found = [record for contents in importers.records(tmp_path / name) for record in contents.records]
    reasons = [record.reason for record in found if isinstance(record, Rejected)]
    assert len(reasons) > 1
    told = [library_words.reason(reason) for reason in reasons]
    assert not [one for one in told if "lang=" in one]
    assert left(texts(" ".join(told)), code) == set()


ACTIONS = {
    "deletion of 1 paper": "Löschen von 1 Paper",
    "tag “kqvx {name}” given to 12 papers": "Schlagwort „kqvx {name}“ an 12 Paper vergeben",
    "import of kqvx.bib and 2 more": "Import von kqvx.bib und 2 weiteren",
    "import of this and that.bib": "Import von this and that.bib",
    "something of another version": "something of another version",
}


@pytest.mark.parametrize("english", ACTIONS)
def test_what_can_be_undone_is_told_in_german(english: str) -> None:
    language.use("de")
    assert library_words.action(english) == ACTIONS[english]


@pytest.mark.parametrize("code", OTHERS)
@pytest.mark.parametrize("said", [library_texts, import_texts])
def test_nothing_is_left_english(code: str, said: Any) -> None:
    language.use(code)
    assert left([text for content in said() for text in texts(content)], code) == set()


def test_a_text_that_is_left_english_is_found() -> None:
    """The check itself: an English word that no translation has, in a text or in a label."""
    shown = (
        '<p aria-label="Kqvx: Hidden papers">3 Paper <span lang="en">Whole</span> und Kqvx</p><b>Rejected</b>'
    )
    assert left(texts(shown), "de") == {"Kqvx: Hidden papers", "Rejected"}


# In a browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    yield from tabs.chromium()


@pytest.fixture
def app(tmp_path: Path) -> Iterator[WebApp]:
    """The page of someone who chose German, over an empty library, with evaluations."""
    home = tmp_path / "kqvx"
    results(home / "evaluations")
    (home / "settings.toml").write_text('language = "de"\n', encoding="utf-8")
    (home / "kqvx.bib").write_text(FILE, encoding="utf-8")
    (home / "kqvxa.bib").write_text("@article{kqvx, title={Kqvx", encoding="utf-8")
    app = WebApp(home, "extractive")
    yield app
    assert (app.stop(), app.errors) == (0, "")


def is_german(page: Page, place: str, holding: str) -> None:
    """A part of the page has come to hold a text, and says nothing in English."""
    expect(page.locator(place)).to_contain_text(holding, timeout=tabs.PATIENCE)
    assert left(page.evaluate(SEEN, place), "de") == set()


@pytest.mark.browser
@pytest.mark.slow
def test_the_library_page_is_german_whatever_is_done_on_it(browser: Browser, app: WebApp) -> None:
    page = browser.new_context(viewport=tabs.WIDE).new_page()
    page.goto(f"{app.address}/#library")
    shelf = "#fn-library"
    is_german(page, shelf, "Die Bibliothek ist leer")
    files = [str(app.home / name) for name in ("kqvx.bib", "kqvxa.bib")]
    page.locator("#fn-files input[type=file]").set_input_files(files)
    is_german(page, shelf, "Warum abgelehnt")
    is_german(page, shelf, "hat keinen Titel")
    expect(page.locator(".fn-row")).to_have_count(3, timeout=tabs.PATIENCE)
    page.get_by_role("button", name="Filter").click()
    page.get_by_label("Sortieren nach").click()
    is_german(page, shelf, "Neueste")
    page.keyboard.press("Escape")
    page.locator(".fn-row button").first.click()
    is_german(page, shelf, "Aus kqvx.bib")
    page.get_by_role("button", name="Nach Dubletten suchen").click()
    is_german(page, shelf, "Verschiedene")
    page.get_by_role("checkbox", name="Auswählen: Kqvx").first.check()
    is_german(page, shelf, "Dieses Paper fragen")
    page.get_by_label("Schlagwort für die ausgewählten Paper").fill("kqvx")
    page.get_by_role("button", name="Schlagwort geben").click()
    is_german(page, shelf, "Rückgängig: Schlagwort „kqvx“ an 1 Paper vergeben")
    page.get_by_role("button", name="Löschen…").click()
    is_german(page, shelf, "1 Paper löschen? Das lässt sich rückgängig machen.")
    page.get_by_role("button", name="Löschen", exact=True).click()
    is_german(page, shelf, "1 Paper gelöscht.")
    page.get_by_role("button", name="Rückgängig: Löschen von 1 Paper").click()
    is_german(page, shelf, "Rückgängig gemacht: Löschen von 1 Paper.")
    page.get_by_label("Die Bibliothek durchsuchen").fill("xyz")
    is_german(page, shelf, "Auf kein Paper trifft das alles zu.")
    page.get_by_label("Name einer neuen Bibliothek").first.fill("kqvxb")
    page.get_by_role("button", name="Anlegen").click()
    is_german(page, "#fn-head", "Neue Bibliothek…")
    page.goto(f"{app.address}/libraries/kqvxc/")
    is_german(page, "body", "Es gibt keine Bibliothek „kqvxc“.")
    page.context.close()


@pytest.mark.browser
@pytest.mark.slow
def test_the_evaluation_page_is_german(browser: Browser, app: WebApp) -> None:
    page = browser.new_context(viewport=tabs.WIDE).new_page()
    page.goto(f"{app.address}/#evaluation")
    is_german(page, "#fn-evaluation", "Nicht gezeigt, weil diese Version es nicht lesen kann: kqvx.json")
    for title, shown in (("Antworten auf 1", "Woher diese Zahlen kommen"), ("Wann abzulehnen", "Schwelle")):
        page.get_by_role("button", name=title).click()
        is_german(page, "#fn-evaluation", shown)
        page.get_by_role("button", name="Alle Evaluationen").click()
        is_german(page, "#fn-evaluation", "gefragt")
    page.context.close()
