"""Reports, comparisons and the gate, on results made by the real code from made-up answers."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from eval import answer_variants, baseline, blocks, results, retrieval, summary
from eval.cli import app
from eval.collections import Collection, Document, Problems
from eval.questions import Item
from eval.traces import Cited, Sentence, Shown, Trace
from rag.errors import ImportFailed

PROVENANCE = {"time": "2026", "git": {"commit": "c"}, "passport": {}, "model": {"name": "m"}, "seed": 1}
EVIL = '<script>alert("x")</script> & `code` [link](http://elsewhere)'
ABSTRACT = "Cats.\nCats sleep for 16 hours a day."


def trace(item: Item, text: str) -> Trace:
    shown = (
        (Sentence(text, "supported", "", False, (1,), ("Cats sleep for 16 hours a day.",)),) if text else ()
    )
    return Trace(
        item.id, item.digest, item.question, item.question, "fact", {}, ({"id": "c", "title": "Cats", "score": 1.0},),
        (Shown("c", "Cats", ("Cats sleep for 16 hours a day.",)),),
        f"Paper: Cats\n{ABSTRACT}\n\nQuestion: {item.question}", text, shown,
        (Sentence("Cats eat 9 mice.", "unsupported", "number 9", False, (), ()),),
        (Cited(1, "c", "Cats", ABSTRACT),), "" if text else "The abstracts do not say.", not text, (), "m", "e",
        0.1, 0.5, 1.0, 300,
    )  # fmt: skip


def answered(*texts: str) -> dict[str, Any]:
    items = [
        Item(
            f"q{n}", "fact", f"How long do cats sleep? {EVIL}", gold_titles=("Cats",), must_contain=(("16",),)
        )
        for n in range(len(texts))
    ]
    return summary.result(items, [trace(i, t) for i, t in zip(items, texts, strict=True)], PROVENANCE)


def ranked(first: str) -> dict[str, Any]:
    collection = Collection(
        f"made up {EVIL}", (Document("a", f"A {EVIL}", "text"), Document("b", "B", "text")),
        {"q1": f"which? {EVIL}", "q2": "what?"}, {"q1": {"a": 1}, "q2": {"a": 1}}, Problems(),
    )  # fmt: skip
    mine = {"q1": [("a", 1.0)], "q2": [(first, 1.0), ("a", 0.5)]}
    theirs = {"q1": [("b", 1.0), ("a", 0.9)], "q2": [("b", 1.0)]}
    runs = retrieval.Runs({"footnote": mine, "bm25": theirs}, {"footnote": {"total": [0.01, 0.02]}})
    return retrieval.result(collection, runs, PROVENANCE)


GOOD = "Cats sleep for 16 hours a day."


def write(path: Path, result: dict[str, Any]) -> str:
    path.write_text(json.dumps(result))
    return str(path)


def invoke(*arguments: str) -> tuple[int, str]:
    told = CliRunner().invoke(app, list(arguments), env={"COLUMNS": "160"})
    return told.exit_code, told.output


def test_the_page_loads_nothing_and_runs_nothing(tmp_path: Path):
    """Whatever questions, titles and answers hold, the page stays text."""
    a = write(tmp_path / "a.json", answered(GOOD, f"Dogs bark. {EVIL}", ""))
    b = write(tmp_path / "b.json", ranked("b"))
    code, output = invoke("report", a, b, "-o", str(tmp_path / "report.html"))
    assert code == 0, output
    page = (tmp_path / "report.html").read_text()
    assert "<script" not in page
    assert not re.search(r"<[^>]*\b(?:src|href|on\w+)\s*=", page)
    assert "default-src 'none'" in page
    assert "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;" in page
    for wanted in (
        "q1",
        "removed:",
        "Cats eat 9 mice.",
        "unsupported:",
        "searched for:",
        "nDCG@10 by system",
        "<svg",
    ):
        assert wanted in page


def test_the_markdown_says_the_same(tmp_path: Path):
    a = write(tmp_path / "a.json", answered(GOOD, ""))
    invoke("report", a, "-o", str(tmp_path / "report.html"))
    text = (tmp_path / "report.md").read_text()
    assert "| correct | 0.500 | 0.500 | 0.500 \\[0.000, 1.000\\] |" in text
    assert "**✗ q1: How long do cats sleep?" in text
    assert "\n<script" not in text


@pytest.mark.parametrize(
    "block", [blocks.Text("*a* <b> `c`"), blocks.Grid(["a|b"], [["c|d"]]), blocks.Heading("#x")]
)
def test_markdown_escapes(block: blocks.Block):
    assert not re.search(r"(?<!\\)[*<>`]", blocks.markdown("t", [block]))


def test_the_layout_of_a_retrieval_result():
    result = ranked("b")
    assert result["systems"]["footnote"]["RR@10"]["value"] == 0.75
    assert result["systems"]["footnote"]["per_query"]["q2"]["RR@10"] == 0.5
    assert result["tests"]["bm25"]["RR@10"]["difference"] == 0.5
    assert retrieval.biggest(result, "bm25")["wins"][0][0] == "q2"


def test_verification_off_shows_what_was_removed():
    item = Item("q", "fact", "How long?", gold_titles=("Cats",))
    off = answer_variants.unverified(trace(item, GOOD))
    assert [s.text for s in off.sentences] == ["Cats eat 9 mice.", GOOD]
    result = summary.result([item], [off], PROVENANCE)
    assert result["types"]["all"]["support"]["value"] == 0.5


def test_comparing_two_results(tmp_path: Path):
    a, b = write(tmp_path / "a.json", answered("", GOOD)), write(tmp_path / "b.json", answered(GOOD, GOOD))
    code, output = invoke("compare", a, b)
    assert code == 0, output
    assert re.search(r"correct\s+0\.500\s+1\.000\s+\+0\.500", output)
    assert re.search(r"q0\s+0\.00\s+1\.00", output)


def test_results_of_different_kinds_are_not_compared(tmp_path: Path):
    code, output = invoke(
        "compare", write(tmp_path / "a.json", answered(GOOD)), write(tmp_path / "b.json", ranked("a"))
    )
    assert (code, "cannot be compared" in output) == (1, True)


def test_pooling_collections(tmp_path: Path):
    a, b = write(tmp_path / "a.json", ranked("a")), write(tmp_path / "b.json", ranked("b"))
    code, output = invoke("pool", a, b, "--measure", "RR@10")
    assert code == 0, output
    assert re.search(r"bm25\s+0\.250\s+0\.250\s+0\.250\s+\+0\.625", output)


@pytest.mark.parametrize(
    ("texts", "verdict", "code"),
    [((GOOD, ""), "ok", 0), ((GOOD, GOOD), "drift", 0), (("", ""), "fail", 1)],
    ids=["as expected", "better", "worse"],
)
def test_the_gate_against_a_baseline(tmp_path: Path, texts: tuple[str, ...], verdict: str, code: int):
    base = tmp_path / "base.json"
    usual = write(tmp_path / "usual.json", answered(GOOD, ""))
    accepted, output = invoke("gate", usual, "--baseline", str(base), "--accept", "--measure", "correct")
    assert accepted == 0, output
    found, output = invoke("gate", write(tmp_path / "now.json", answered(*texts)), "--baseline", str(base))
    assert found == code
    assert re.search(rf"correct .*{verdict}", output)


def test_less_is_better_for_refusals_and_seconds():
    result = answered(GOOD, "")
    checks = baseline.against_floors(
        result, [("wrong_refusal", 0.4), ("total_s", 2.0), ("fact/correct", 0.5)]
    )
    assert [c.verdict for c in checks] == ["fail", "ok", "ok"]
    old = {"measures": {"wrong_refusal": {"value": 0.0, "tolerance": 0.1}}}
    assert baseline.against_baseline(result, old)[0].verdict == "fail"
    assert (
        baseline.against_baseline(
            answered(GOOD), {"measures": {"wrong_refusal": {"value": 0.5, "tolerance": 0.1}}}
        )[0].verdict
        == "drift"
    )


@pytest.mark.parametrize("floor", ["correct=0.9", "nonsense=0.1"])
def test_a_floor_that_does_not_hold_ends_with_1(tmp_path: Path, floor: str):
    code, output = invoke("gate", write(tmp_path / "a.json", answered(GOOD, "")), "--fail-under", floor)
    assert (code, "fail" in output) == (1, True)


def test_latency_can_be_gated(tmp_path: Path):
    path = write(tmp_path / "a.json", ranked("a"))
    assert invoke("gate", path, "--fail-under", "footnote/latency_ms/total/p95=40")[0] == 0
    assert invoke("gate", path, "--fail-under", "footnote/latency_ms/total/p95=4")[0] == 1


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"kind": "other"}', '{"measures": {"a": {"value": "x"}}}'], ids=repr
)
def test_files_that_are_no_results(tmp_path: Path, text: str):
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(ImportFailed, match=r"x\.json is no result"):
        results.read(tmp_path / "x.json")
    with pytest.raises(ImportFailed, match=r"x\.json is no baseline"):
        baseline.read(tmp_path / "x.json")


@pytest.mark.parametrize("text", ["correct", "=0.5", "correct=high"])
def test_floors_that_are_none(text: str):
    with pytest.raises(ImportFailed, match="is no floor"):
        baseline.floor(text)


def test_estimates_survive_a_result_without_answers():
    item = replace(Item("q", "unanswerable", "Why?"), id="u")
    result = summary.result([item], [trace(item, "")], PROVENANCE)
    assert result["types"]["all"]["abstention_recall"]["value"] == 1.0
    assert "citation_recall" not in result["types"]["all"]


def test_help_answers_at_once():
    """No command's help waits for a heavy import."""
    start = time.perf_counter()
    told = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "eval", "retrieval", "--help"],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parent.parent,
    )
    assert time.perf_counter() - start < 5  # the machine may be busy; what counts is what is not imported
    for heavy in ("numpy", "chromadb", "llama_index", "ir_measures", "rag.assemble"):
        assert not re.search(rf"\| +{heavy}$", told.stderr, re.MULTILINE), heavy
