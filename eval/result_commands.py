"""What the commands about results do: comparing, judging, reporting."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from eval import baseline, blocks, comparing, report, results, summary, tables
from eval.commands import Request, ask, chosen_questions, err, out, write_json, write_text
from eval.provenance import ROOT
from rag.errors import ImportFailed

BASELINE = ROOT / "eval" / "baselines" / "quick.json"
"""What the quick check expects."""
QUICK = (
    "correct", "fact/correct", "nDCG@10", "RR@10", "R@10", "Success@1", "Success@3", "fact/Success@1", "fact/Success@3",
    "support", "citation_precision", "citation_recall", "wrong_refusal", "abstention_recall", "abstention_precision",
    "followup_success",
)  # fmt: skip
"""Measures that a baseline of the quick check always has."""


def compare(first: Path, second: Path, measure: str) -> None:
    """Print two results side by side and the queries on which they differ."""
    a, b = results.read(first), results.read(second)
    rows = comparing.rows(a, b)
    tables.comparison(rows, out)
    if a["kind"] not in results.BY_QUERY:
        return
    group = "all" if a["kind"] == "answers" else a["tests_of"]
    chosen = measure or ("correct" if a["kind"] == "answers" else "nDCG@10")
    tables.changes(comparing.changes(a, b, chosen, group), chosen, a, out)


def gate(result_file: Path, baseline_file: Path | None, floors: Sequence[str]) -> bool:
    """Print the verdicts; whether none is a failure.

    Raises:
        ImportFailed: there is neither a baseline nor a floor.
    """
    if baseline_file is None and not floors:
        raise ImportFailed(
            "There is nothing to judge by.", "footnote eval gate RESULT --fail-under correct=0.8"
        )
    result = results.read(result_file)
    checks = baseline.against_floors(result, [baseline.floor(text) for text in floors])
    if baseline_file:
        checks = baseline.against_baseline(result, baseline.read(baseline_file)) + checks
    tables.gate(checks, out)
    if any(c.verdict == baseline.DRIFT for c in checks):
        err.print(
            f"Better than the baseline; renew it: footnote eval gate {result_file} --baseline {baseline_file} --accept"
        )
    return all(c.verdict != baseline.FAIL for c in checks)


def accept(result_file: Path, baseline_file: Path, measures: Sequence[str]) -> None:
    """Write a result's values into a baseline."""
    old = baseline.read(baseline_file) if baseline_file.exists() else None
    write_json(baseline.renewed(results.read(result_file), old, measures), baseline_file)


def quick(baseline_file: Path, renew: bool, cache: Path | None) -> bool:
    """Ask every question of the project without a language model and judge; whether nothing failed."""
    request = Request(model="extractive", cache=cache)
    items = chosen_questions(request)
    traces, made_by = ask(items, request)
    result = summary.result(items, traces, made_by)
    if renew:
        old = baseline.read(baseline_file) if baseline_file.exists() else None
        write_json(baseline.renewed(result, old, QUICK), baseline_file)
    checks = baseline.against_baseline(result, baseline.read(baseline_file))
    tables.gate(checks, out)
    if any(c.verdict == baseline.DRIFT for c in checks):
        err.print("Better than the baseline; renew it: footnote eval quick --accept")
    return all(c.verdict != baseline.FAIL for c in checks)


def write_report(result_files: Sequence[Path], output: Path) -> None:
    """Write the report in HTML and, beside it, in Markdown."""
    read = [result for path in result_files for result in results.read_all(path)]
    title = "Footnote: " + ("; ".join(dict.fromkeys(r["kind"] for r in read)))
    document = report.document(read)
    for path, text in (
        (output, blocks.html(title, document)),
        (output.with_suffix(".md"), blocks.markdown(title, document)),
    ):
        write_text(text, path)
