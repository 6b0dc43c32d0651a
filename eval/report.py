"""Results as a document: plots, tables, and every query or question to open and read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from eval import charts, results
from eval.blocks import Block, Chart, Fold, Grid, Heading, Text
from eval.report_answers import answers
from eval.results import Result
from eval.retrieval import biggest

_MOST_QUERIES = 400


def document(read: Sequence[Result]) -> list[Block]:
    """The blocks of a report over several results."""
    blocks: list[Block] = []
    for result in read:
        blocks.append(Heading(results.title(result)))
        blocks += _BLOCKS[result["kind"]](result)
        blocks += provenance(result)
    return blocks


def retrieval(result: Result) -> list[Block]:
    """A collection: measures, tests, times, and its queries."""
    first = result["tests_of"]
    rows = results.groups(result)
    measures = list(rows[first])
    ndcg = [(n, r["nDCG@10"]["value"], r["nDCG@10"]["low"], r["nDCG@10"]["high"]) for n, r in rows.items()]
    blocks: list[Block] = [
        Chart(charts.intervals(ndcg), "nDCG@10 by system, with 95% bootstrap intervals over the queries."),
        Grid(["system", *measures], [[n, *(_estimate(r[m]) for m in measures)] for n, r in rows.items()]),
    ]
    if result["tests"]:
        blocks.append(
            Text(f"{first} against each other system: difference and p of a paired randomisation test.")
        )
        blocks.append(
            Grid(
                ["against", *measures],
                [
                    [n, *(f"{r[m]['difference']:+.3f} (p {r[m]['p']:.4f})" for m in measures)]
                    for n, r in result["tests"].items()
                ],
            )
        )
    blocks += [block for other in result["tests"] for block in _against(result, first, other)]
    return [*blocks, *_times(result), *_problems(result), *_queries(result)]


def _estimate(e: dict[str, float]) -> str:
    return f"{e['value']:.3f} [{e['low']:.3f}, {e['high']:.3f}]"


def _against(result: Result, first: str, other: str) -> list[Block]:
    """Query by query: the picture and the biggest wins and losses."""
    mine, theirs = (result["systems"][n]["per_query"] for n in (first, other))
    deltas = [mine[q]["nDCG@10"] - theirs[q]["nDCG@10"] for q in mine]
    wins, losses = sum(d > 0 for d in deltas), sum(d < 0 for d in deltas)
    counted = f"better on {wins}, worse on {losses} of {len(deltas)}"
    caption = f"nDCG@10 of {first} minus {other}, query by query: {counted}."
    table = biggest(result, other)
    rows = [
        [f"{q}: {result['queries'][q]['text'][:100]}", f"{a:.2f}", f"{b:.2f}"]
        for q, a, b in (*table["wins"], *table["losses"])
    ]
    return [
        Chart(charts.differences(deltas), caption),
        Fold(f"Biggest wins and losses against {other}", [Grid(["query", first, other], rows)]),
    ]


def _times(result: Result) -> list[Block]:
    rows = [
        [f"{name}, {part}", f"{t['p50']:.1f}", f"{t['p95']:.1f}"]
        for name, row in result["systems"].items()
        for part, t in row["latency_ms"].items()
    ]
    return [Heading("Milliseconds for one query", 3), Grid(["system, part", "p50", "p95"], rows)]


def timing(result: Result) -> list[Block]:
    """Times of the parts of one question."""
    rows = [[part, f"{t['p50']:.1f}", f"{t['p95']:.1f}"] for part, t in result["latency_ms"].items()]
    return [Grid(["part", "p50, ms", "p95, ms"], rows)]


def fit(result: Result) -> list[Block]:
    """A calibration: what each threshold costs, and the weights."""
    chosen = result["chosen"]
    points = [(p["declined"], p["kept"]) for p in result["curve"]]
    marks = [(name, p["declined"], p["kept"]) for name, p in chosen.items()]
    names = {p["threshold"]: name for name, p in chosen.items()}
    rows = [
        [names.get(p["threshold"], ""), *(f"{p[key]:.3f}" for key in ("threshold", "declined", "kept"))]
        for p in result["curve"]
    ]
    return [
        Chart(
            charts.curve(points, marks, "unanswerable questions declined", "answerable questions kept"),
            "Answerable questions kept by unanswerable ones declined, each question by a fit without it; "
            "the thresholds of the calibration are marked.",
        ),
        Grid(["", "threshold", "unanswerable declined", "answerable kept"], rows),
        *_weights("Does a sentence hold the answer?", result["calibration"]["sentence"]),
        *_weights("Does the abstract found first answer the question?", result["calibration"]["answerable"]),
        *_weights("Does a paper belong on a list?", result["calibration"]["listed"]),
    ]


def _weights(heading: str, fitted: dict[str, Any]) -> list[Block]:
    rows = [
        [name, f"{weight:+.3f}", f"{fitted['means'][name]:.3f}", f"{fitted['deviations'][name]:.3f}"]
        for name, weight in fitted["weights"].items()
    ]
    bias = ["bias", f"{fitted['bias']:+.3f}", "", ""]
    return [Heading(heading, 3), Grid(["", "weight", "mean", "deviation"], [*rows, bias])]


def _problems(result: Result) -> list[Block]:
    """What was wrong with the collection, and where a system failed."""
    found = {
        **result["collection"]["problems"],
        **({"failed queries": result["failures"]} if result["failures"] else {}),
    }
    return [
        Fold(f"{len(places)} × {kind}", [Text(p) for p in places[:100]], good=False)
        for kind, places in found.items()
    ]


def _queries(result: Result) -> list[Block]:
    """Each query with what is relevant and what each system put first, the worst in front."""
    values = result["systems"][result["tests_of"]]["per_query"]
    worst = sorted(values, key=lambda q: (values[q]["nDCG@10"], q))[:_MOST_QUERIES]
    return [Heading("Queries, the worst first", 3), *(_query(q, result, values[q]["nDCG@10"]) for q in worst)]


def _query(query: str, result: Result, value: float) -> Fold:
    row, titles = result["queries"][query], result["titles"]
    relevant = {d for d, grade in row["relevant"].items() if grade > 0}
    blocks: list[Block] = [Text("; ".join(titles.get(d, d) for d in sorted(relevant)), "relevant")]
    for name, top in row["top"].items():
        shown = "; ".join(f"{'✓ ' if d in relevant else ''}{titles.get(d, d)}" for d in top)
        blocks.append(Text(shown or "nothing", name))
    return Fold(f"{value:.2f}  {query}: {row['text']}", blocks)


def provenance(result: Result) -> list[Block]:
    """What made the result."""
    made_by: dict[str, Any] = result["provenance"]
    rows = [[k, v if isinstance(v, str) else json.dumps(v, ensure_ascii=False)] for k, v in made_by.items()]
    return [Fold("Where these numbers come from", [Grid(["", "value"], rows)])]


_BLOCKS = {"answers": answers, "retrieval": retrieval, "latency": timing, results.FIT: fit}
