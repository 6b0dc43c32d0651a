"""What the commands about results do: comparing, judging, reporting."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from eval import baseline, blocks, comparing, report, results, tables
from eval.commands import err, out, write_json, write_text
from rag.errors import ImportFailed


def compare(first: Path, second: Path, measure: str) -> None:
    """Print two results side by side and the queries on which they differ."""
    a, b = results.read(first), results.read(second)
    rows = comparing.rows(a, b)
    tables.comparison(rows, out)
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
