"""Tables for the terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from eval import results
from eval.baseline import Check
from eval.comparing import Change, Row
from eval.statistics import Comparison

ANSWER_ROWS = {
    "correct": "correct",
    "Success@1": "gold in top 1",
    "Success@3": "gold in top 3",
    "R@10": "gold in top 10",
    "citation_precision": "cites, precision",
    "citation_recall": "cites, recall",
    "support": "supported",
    "wrong_refusal": "wrong refusals",
    "abstention_precision": "abstains, prec.",
    "abstention_recall": "abstains, recall",
    "followup_success": "follow-up found",
    "first_words_s": "first words, s",
    "total_s": "in total, s",
    "total_s_p90": "in total, p90, s",
    "prompt_tokens": "prompt tokens",
}
"""Measure → its name in the table of answers."""


def answers(result: Mapping[str, Any], console: Console) -> None:
    """Measures by type of question; seconds and tokens are medians."""
    table = _table(results.title(result), ["", *(SHORT.get(name, name) for name in result["types"])])
    counts = Counter(q["type"] for q in result["questions"].values())
    counts["all"] = len(result["questions"])
    table.add_row("questions", *(str(counts[name]) for name in result["types"]))
    for measure, heading in ANSWER_ROWS.items():
        table.add_row(heading, *(cell(row.get(measure), measure) for row in result["types"].values()))
    console.print(table)
    every = result["types"]["all"]
    console.print(
        f"correct {interval(every['correct'])}, supported {interval(every.get('support'))}; 95% bootstrap intervals."
    )


SHORT = {"followup": "follow", "unanswerable": "unansw", "adversarial": "advers"}
"""Types of questions as headings of narrow columns."""


def failures(result: Mapping[str, Any], console: Console, most: int = 40) -> None:
    """Each question that is not right or shows something unsupported, in a few lines."""
    bad = [(i, q) for i, q in result["questions"].items() if not q["measures"]["correct"] or q["unsupported"]]
    for name, question in bad[:most]:
        trace = question["trace"]
        wrong = "not right" if not question["measures"]["correct"] else "right"
        console.print(f"\n[bold]{name}[/bold] {wrong}", highlight=False)
        says = " ".join([trace["remark"], *(s["text"] for s in trace["sentences"])]).strip()
        lines = {"asked": question["question"], "says": says, "lacks": ", ".join(question["missing"])}
        lines["wanted"] = question["answer"] if not question["measures"]["correct"] else ""
        lines["error"] = trace["error"]
        for label, text in lines.items():
            if text:
                console.print(f"  {label}: {text}", markup=False, highlight=False)
        for part in question["unsupported"]:
            console.print(f"  unsupported ({part['reason']}): {part['text']}", markup=False, highlight=False)
    if len(bad) > most:
        console.print(f"\n… and {len(bad) - most} more; the JSON and the report have all of them.")


def cell(measure: Mapping[str, float] | None, name: str) -> str:
    """A value in as many digits as it deserves; empty where the measure does not apply."""
    if measure is None:
        return ""
    value = measure["value"]
    if name.startswith("prompt_tokens"):
        return f"{value:.0f}"
    return f"{value:.2f}" if name.startswith(("first_words_s", "total_s")) else f"{value:.3f}"


def interval(measure: Mapping[str, float] | None) -> str:
    """A value with its interval."""
    if measure is None:
        return "–"
    return f"{measure['value']:.3f} [{measure['low']:.3f}, {measure['high']:.3f}]"


def retrieval(result: Mapping[str, Any], console: Console) -> None:
    """Measures with intervals by system, tests of the first against the others, seconds."""
    names = list(result["systems"])
    measures = [m for m in result["systems"][names[0]] if m not in ("per_query", "latency_ms")]
    table = _table(results.title(result), ["", *measures])
    for name, row in result["systems"].items():
        table.add_row(
            name, *(f"{row[m]['value']:.3f}\n{row[m]['low']:.3f}–{row[m]['high']:.3f}" for m in measures)
        )
    console.print(table)
    if result["tests"]:
        table = _table(
            f"{result['tests_of']} against the others: difference, p of the paired randomisation test",
            ["", *measures],
        )
        for other, row in result["tests"].items():
            table.add_row(other, *(f"{row[m]['difference']:+.3f}, {row[m]['p']:.4f}" for m in measures))
        console.print(table)
    latencies(result, console)


def latencies(result: Mapping[str, Any], console: Console) -> None:
    """Milliseconds for one query by system, with the parts that were measured."""
    table = _table("Milliseconds for one query", ["", "part", "p50", "p95"])
    for name, row in result["systems"].items():
        for part, times in row["latency_ms"].items():
            table.add_row(name, part, f"{times['p50']:.1f}", f"{times['p95']:.1f}")
    console.print(table)


def timing(result: Mapping[str, Any], target: float, console: Console) -> None:
    """Milliseconds of the parts of one question, and which part takes most."""
    table = _table(results.title(result), ["", "p50", "p95"])
    rows = result["latency_ms"]
    for part, times in rows.items():
        table.add_row(part, f"{times['p50']:.1f}", f"{times['p95']:.1f}")
    console.print(table)
    *parts, whole = rows
    most = max(parts, key=lambda part: rows[part]["p50"])
    verdict = "within" if rows[whole]["p95"] < target else "over"
    share = rows[most]["p50"] / (rows[whole]["p50"] or 1.0)
    console.print(
        f"p95 {rows[whole]['p95']:.1f} ms, {verdict} {target:.0f} ms; most goes to {most} ({share:.0%})."
    )


def fit(result: Mapping[str, Any], console: Console) -> None:
    """What was fitted on, the weights, the heaviest first, and what each threshold would do."""
    calibration = result["calibration"]
    on = calibration["fitted on"]
    console.print(
        f"{results.title(result)} of {on['file']} ({on['sha256'][:12]}), cosines of {calibration['embedder']}",
        highlight=False,
    )
    for model, heading in (
        ("sentence", "Does a sentence hold the answer?"),
        ("answerable", "Does the abstract found first answer the question?"),
        ("listed", "Does a paper belong on a list?"),
    ):
        table = _table(heading, ["", "weight", "mean", "deviation"])
        fitted = calibration[model]
        for name, weight in sorted(fitted["weights"].items(), key=lambda pair: -abs(pair[1])):
            table.add_row(
                name, f"{weight:+.3f}", f"{fitted['means'][name]:.3f}", f"{fitted['deviations'][name]:.3f}"
            )
        table.add_row("bias", f"{fitted['bias']:+.3f}", "", "")
        console.print(table)
    _curve(result, console)


def _curve(result: Mapping[str, Any], console: Console) -> None:
    names = {point["threshold"]: name for name, point in result["chosen"].items()}
    points = {p["threshold"]: p for p in (*result["curve"], *result["chosen"].values())}
    table = _table(
        "What a threshold does to questions that were left out of the fit",
        ["", "threshold", "unanswerable declined", "answerable kept"],
    )
    for threshold, p in sorted(points.items()):
        shares = (f"{p['declined']:.3f}", f"{p['kept']:.3f}")
        table.add_row(names.get(threshold, ""), f"{threshold:+.3f}", *shares)
    console.print(table)


def wins_and_losses(
    rows: Mapping[str, list[Any]], texts: Mapping[str, Any], other: str, console: Console
) -> None:
    """The queries on which the first system is better or worse by most."""
    table = _table(
        f"Biggest wins and losses against {other}, nDCG@10", ["query", "first", other, "text"], justify="left"
    )
    for kind in ("wins", "losses"):
        for query, first, second in rows[kind]:
            table.add_row(query, f"{first:.2f}", f"{second:.2f}", texts[query]["text"][:50])
    console.print(table)


def comparison(rows: Sequence[Row], console: Console) -> None:
    """Two results side by side."""
    table = _table(
        "Second result against the first",
        ["", "measure", "first", "second", "difference", "95% interval", "p"],
    )
    for row in rows:
        t = row.test
        tested = (f"[{t.low:+.3f}, {t.high:+.3f}]", f"{t.p:.4f}") if t else ("", "")
        values = (f"{row.before:.3f}", f"{row.after:.3f}", f"{row.after - row.before:+.3f}")
        table.add_row(row.group, row.measure, *values, *tested)
    console.print(table)


def gate(checks: Sequence[Check], console: Console) -> None:
    """Each measure with its verdict."""
    table = _table("Gate", ["measure", "value", "expected", "tolerance", "verdict"])
    for check in checks:
        value = "missing" if check.value is None else f"{check.value:.4f}"
        table.add_row(check.measure, value, f"{check.expected:.4f}", f"{check.tolerance:.4f}", check.verdict)
    console.print(table)


def grid(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    """A table of cells that are text already."""
    table = _table("", headings)
    for row in rows:
        table.add_row(*row)
    return table


def _table(title: str, headings: Sequence[str], justify: Literal["left", "right"] = "right") -> Table:
    table = Table(title=title, title_justify="left", header_style="bold", box=SIMPLE, pad_edge=False)
    for number, heading in enumerate(headings):
        table.add_column(heading, justify="left" if number == 0 else justify)
    return table


def pooled(
    rows: Mapping[str, tuple[float, Comparison]],
    read: Sequence[Mapping[str, Any]],
    measure: str,
    console: Console,
) -> None:
    """Systems over the queries of several collections together."""
    names = [r["collection"]["name"] for r in read]
    table = _table(
        f"{measure}, {', '.join(names)} and all queries pooled",
        ["", *names, "pooled", "difference", "95% interval", "p"],
    )
    for name, (mean, test) in rows.items():
        each = (f"{r['systems'][name][measure]['value']:.3f}" for r in read)
        tested = (f"{test.difference:+.3f}", f"[{test.low:+.3f}, {test.high:+.3f}]", f"{test.p:.4f}")
        table.add_row(name, *each, f"{mean:.3f}", *(tested if test.difference or test.wins else ("", "", "")))
    console.print(table)


def changes(
    found: Sequence[Change], measure: str, a: Mapping[str, Any], console: Console, most: int = 20
) -> None:
    """Queries on which two results differ, the losses first."""
    texts = {
        q: row.get("text") or row.get("question") or ""
        for q, row in a["queries" if a["kind"] == "retrieval" else "questions"].items()
    }
    table = _table(
        f"{measure}: {len(found)} queries differ", ["query", "first", "second", "text"], justify="left"
    )
    for change in found if len(found) <= most else [*found[: most // 2], *found[-most // 2 :]]:
        table.add_row(change.query, f"{change.before:.2f}", f"{change.after:.2f}", texts[change.query][:50])
    console.print(table)


def answer_variants(found: Mapping[str, Mapping[str, Any]], console: Console) -> None:
    """Measures over all questions, one column a variant."""
    table = _table("Answers with one thing changed", ["", *found])
    for measure, heading in ANSWER_ROWS.items():
        table.add_row(heading, *(cell(r["types"]["all"].get(measure), measure) for r in found.values()))
    console.print(table)
