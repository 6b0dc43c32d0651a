"""The evaluation page: what `footnote eval` measured is listed, opened, and stays text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect
from tab import NARROW, PATIENCE, chromium, tab
from typer.testing import CliRunner
from webapp import WebApp

from eval.cli import app as evaluation
from rag.assemble import Footnote
from rag.settings import load
from ui import evaluation_results as results
from ui import evaluation_view as view

HOSTILE = '<img src=x onerror="window.owned=1"> ${window.owned=2} {{constructor}}'


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home folder in which six questions were asked and a fit was made, by the commands themselves."""
    home, cache = tmp_path_factory.mktemp("measured"), tmp_path_factory.mktemp("cache")
    for command in (["answers", "--limit", "6", "--model", "extractive", "--no-failures"], ["fit"]):
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("FOOTNOTE_HOME", str(home))
            told = CliRunner().invoke(evaluation, [*command, "--cache", str(cache)])
        assert told.exit_code == 0, told.output
    return home / results.FOLDER


def test_what_the_commands_measure_is_listed_the_newest_first(measured: Path) -> None:
    found, others = results.entries(measured)
    assert ([entry.kind for entry in found], others) == (["fit", "answers"], [])
    fit, answers = found
    assert (answers.title, answers.model, answers.asked) == ("Answers to 6 questions", "extractive", 6)
    assert answers.main[0].name == "right answers"
    assert answers.main[0].low <= answers.main[0].value <= answers.main[0].high
    assert [measure.name for measure in fit.main] == ["unanswerable declined", "answerable kept"]


def test_an_answers_run_shows_tables_a_drawing_and_what_went_wrong(measured: Path) -> None:
    _, answers = results.entries(measured)[0]
    run = results.run(measured, answers.file)
    table = run.tables[0]
    assert table.headings[:2] == ("", "all")
    assert {len(row) for row in table.rows} == {len(table.headings)}
    asked = json.loads((measured / answers.file).read_text())["questions"].values()
    assert len(run.failures) == sum(not q["measures"]["correct"] or bool(q["unsupported"]) for q in asked)
    assert all("answer" in dict(failure.lines) for failure in run.failures)
    shown = view.opened(run)
    assert shown.count("<svg") == 1
    assert "Where these numbers come from" in shown


def test_a_fit_shows_the_curve_of_declining(measured: Path) -> None:
    fit = results.entries(measured)[0][0]
    run = results.run(measured, fit.file)
    assert run.curve is not None
    assert "<polyline" in view.opened(run)
    assert "unanswerable questions declined" in view.opened(run)


def retrieval() -> dict[str, Any]:
    """A result of ranking two queries, as `footnote eval retrieval` writes it, with markup in every text."""
    estimate = {"value": 0.5, "low": 0.25, "high": 0.75, "n": 2}
    measures = ("nDCG@10", "R@10", "R@50", "RR@10")
    row: dict[str, Any] = dict.fromkeys(measures, estimate)
    row["latency_ms"] = {HOSTILE: {"p50": 1.0, "p95": 2.0}}
    row["per_query"] = {"1": dict.fromkeys(measures, 0.9), "2": dict.fromkeys(measures, 0.1)}
    test = {"difference": 0.1, "low": 0.0, "high": 0.2, "p": 0.04, "wins": 1, "losses": 0, "n": 2}
    asked = {"relevant": {"a": 1, "b": 0}, "top": {HOSTILE: ["b"]}}
    return {
        "kind": "retrieval",
        "provenance": {"time": "2026-01-02T03:04:05+00:00", "model": None, HOSTILE: HOSTILE},
        "collection": {"name": HOSTILE, "documents": 5000},
        "systems": {HOSTILE: row, "bm25": row},
        "tests_of": HOSTILE,
        "tests": {"bm25": dict.fromkeys(measures, test)},
        "queries": {"1": {"text": "easy", **asked}, "2": {"text": HOSTILE, **asked}},
        "titles": {"a": HOSTILE},
        "failures": [],
    }


def test_a_retrieval_run_shows_its_worst_queries_first(tmp_path: Path) -> None:
    (tmp_path / "r.json").write_text(json.dumps(retrieval()))
    run = results.run(tmp_path, "r.json")
    assert [failure.question for failure in run.failures] == [HOSTILE, "easy"]
    assert dict(run.failures[1].lines) == {"nDCG@10": "0.90", "wanted": HOSTILE, "found first": "b"}
    assert run.entry.when == "2 Jan 2026, 03:04 UTC"
    assert [table.rows[0][0] for table in run.tables] == [HOSTILE, "bm25", f"{HOSTILE}, {HOSTILE}"]


def test_whatever_a_result_holds_stays_text(tmp_path: Path) -> None:
    (tmp_path / f"{HOSTILE.replace('/', '')}.json").write_text(json.dumps(retrieval()))
    (tmp_path / "<b>.json").write_text("{}")
    found, others = results.entries(tmp_path)
    for shown in (view.listed(found, others), view.opened(results.run(tmp_path, found[0].file))):
        assert not re.search(r"<img|<b>\.json", shown)


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "{}", "null", '{"kind": "answers"}', '{"kind": [], "provenance": {"time": ""}}', "[" * 100_000,
        '{"kind": "answers", "provenance": {"time": "yesterday"}, "questions": {}, "types": {"all": {}}}',
        '{"kind": "latency", "provenance": {"time": "2026-01-02T03:04:05+00:00"}, "latency_ms": 7, "library": 8}',
        '{"kind": "retrieval", "provenance": {"time": "2026-01-02T03:04:05+00:00", "model": []}}',
        '{"kind": "ablations", "provenance": {"time": "2026-01-02T03:04:05+00:00"}}',
    ],
)  # fmt: skip
def test_a_file_that_is_no_result_is_named_and_the_others_are_shown(tmp_path: Path, text: str) -> None:
    (tmp_path / "r.json").write_text(json.dumps(retrieval()))
    (tmp_path / "other.json").write_text(text)
    found, others = results.entries(tmp_path)
    assert ([entry.file for entry in found], others) == (["r.json"], ["other.json"])
    with pytest.raises(results.NoResult):
        results.run(tmp_path, "other.json")


def test_only_files_of_the_folder_are_opened(tmp_path: Path) -> None:
    (tmp_path / "evaluations").mkdir()
    (tmp_path / "secret.json").write_text(json.dumps(retrieval()))
    for name in ("../secret.json", str(tmp_path / "secret.json"), "none.json", ""):
        with pytest.raises(results.NoResult):
            results.run(tmp_path / "evaluations", name)


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    result = retrieval()
    (tmp_path / "r.json").write_text(json.dumps(result))
    assert results.entries(tmp_path)[0][0].title.endswith("5,000 abstracts")
    result["collection"]["documents"] = 70000
    (tmp_path / "r.json").write_text(json.dumps(result))
    assert results.entries(tmp_path)[0][0].title.endswith("70,000 abstracts")


def test_without_results_the_page_says_how_to_get_some(tmp_path: Path) -> None:
    assert "<code>footnote eval</code>" in view.listed(*results.entries(tmp_path / "nowhere"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    yield from chromium()


@pytest.mark.browser
@pytest.mark.slow
def test_a_run_is_opened_read_and_left(browser: Browser, measured: Path) -> None:
    """By keyboard; the title takes the focus, a failure unfolds, and a phone shows all of it."""
    app = WebApp(measured.parent, "extractive")
    try:
        seat = tab(browser, app.address, at="evaluation")
        page = seat.page
        expect(page.locator(".fn-runs li")).to_have_count(2, timeout=PATIENCE)
        page.get_by_role("button", name="Answers to 6 questions").press("Enter")
        expect(page.locator("#fn-run-title")).to_be_focused(timeout=PATIENCE)
        expect(page.locator(".fn-drawing svg")).to_be_visible()
        page.locator(".fn-failure summary").first.press("Enter")
        expect(page.locator(".fn-failure dl").first).to_be_visible()
        page.set_viewport_size(NARROW)
        assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
        page.get_by_role("button", name="All evaluations").press("Enter")
        expect(page.locator(".fn-runs li")).to_have_count(2, timeout=PATIENCE)
        later = retrieval()
        later["provenance"]["time"] = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
        (measured / "later.json").write_text(json.dumps(later))
        page.get_by_role("link", name="Chat", exact=True).click()
        page.get_by_role("link", name="Evaluation").click()
        expect(page.locator(".fn-runs button").first).to_contain_text(HOSTILE, timeout=PATIENCE)
        page.locator(".fn-runs button").first.click()
        expect(page.locator(".fn-failure summary").first).to_contain_text(HOSTILE, timeout=PATIENCE)
        assert page.evaluate("window.owned") is None
        seat.close()
    finally:
        (measured / "later.json").unlink(missing_ok=True)
        assert (app.stop(), app.errors) == (0, "")


def test_the_page_reads_where_the_commands_write(own_home: Path) -> None:
    from eval import kept

    footnote = Footnote(load())
    made = {"kind": "answers", "provenance": {"time": "2026-01-02T03:04:05+00:00"}}
    assert kept.place(made) == footnote.settings.home / results.FOLDER / "20260102-030405-answers.json"
    footnote.close()
