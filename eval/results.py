"""Results on disk: reading them back, and looking at both kinds in one way."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rag.errors import ImportFailed

Result = Mapping[str, Any]
"""A result as `eval.retrieval.result` or `eval.summary.result` made it."""

FIT = "fit"
"""Kind of what `footnote eval fit` writes."""
KINDS = ("answers", "retrieval", "latency", FIT)
"""Kinds of results."""
BY_QUERY = ("answers", "retrieval")
"""Kinds of results that hold every measure for each query or question."""
_NO_MEASURES = ("per_query", "latency_ms")


def read(path: Path) -> Result:
    """A result file.

    Raises:
        ImportFailed: it is missing or no result.
    """
    result = _loaded(path)
    if not isinstance(result, dict) or result.get("kind") not in KINDS:
        raise ImportFailed(f"{path} is no result of footnote eval.", f"head -c 300 {path}")
    return dict(result)


def _loaded(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ImportFailed(f"{path} does not exist.", f"ls {path.parent}") from error
    except (OSError, ValueError) as error:
        raise ImportFailed(
            f"{path} is no result of footnote eval: {error}.", f"head -c 300 {path}"
        ) from error


def read_all(path: Path) -> list[Result]:
    """The results of a file: one, or those of each collection in a table of ablations."""
    result = _loaded(path)
    if isinstance(result, dict) and result.get("kind") == "ablations":
        return list(result["collections"].values())
    return [read(path)]


def groups(result: Result) -> dict[str, dict[str, dict[str, float]]]:
    """Systems of a retrieval result, types of an answers result: name → measure → estimate.

    Of times, part → quantile; of a fit, threshold → what it declines and keeps.
    """
    if result["kind"] == FIT:
        points = result["chosen"].items()
        return {name: {m: {"value": value} for m, value in point.items()} for name, point in points}
    if result["kind"] == "latency":
        parts = result["latency_ms"].items()
        return {part: {p: {"value": ms} for p, ms in times.items()} for part, times in parts}
    rows = result["systems"] if result["kind"] == "retrieval" else result["types"]
    return {name: {m: e for m, e in row.items() if m not in _NO_MEASURES} for name, row in rows.items()}


def flat(result: Result) -> dict[str, float]:
    """Every value under one name, `group/measure`.

    Of answers, those of `all` also stand under the bare measure; of systems, also
    `system/latency_ms/part/p95`; of times alone, `latency_ms/part/p95`; of a fit, `least/kept`.
    """
    if result["kind"] == "latency":
        return _times("latency_ms", result["latency_ms"])
    values = {
        f"{name}/{m}": float(e["value"]) for name, row in groups(result).items() for m, e in row.items()
    }
    if result["kind"] == "answers":
        return {m.removeprefix("all/"): v for m, v in values.items() if m.startswith("all/")} | values
    for name, row in result.get("systems", {}).items():
        values |= _times(f"{name}/latency_ms", row["latency_ms"])
    return values


def _times(name: str, parts: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    return {f"{name}/{part}/{p}": float(v) for part, times in parts.items() for p, v in times.items()}


def per_query(result: Result, group: str) -> dict[str, dict[str, float | None]]:
    """Query or question id → measure → value, of one system, or of one type of question; else nothing."""
    if result["kind"] not in BY_QUERY:
        return {}
    if result["kind"] == "retrieval":
        found: dict[str, dict[str, float | None]] = result["systems"][group]["per_query"]
        return found
    chosen = {i: q for i, q in result["questions"].items() if group in ("all", q["type"])}
    return {i: q["measures"] for i, q in chosen.items()}


def title(result: Result) -> str:
    """What the result is of, in a few words."""
    if result["kind"] == "latency":
        size, passages = result["library"]["papers"], result["library"]["passages"]
        return f"Milliseconds of one question: {size:,} abstracts, {passages:,} passages"
    if result["kind"] == "retrieval":
        c = result["collection"]
        return f"Retrieval on {c['name']}: {c['documents']:,} abstracts, {c['queries']:,} queries"
    if result["kind"] == FIT:
        on = result["calibration"]["fitted on"]
        return f"Calibration fitted on {on['answerable']} answerable, {on['unanswerable']} unanswerable questions"
    model = (result["provenance"].get("model") or {}).get("name", "")
    return f"Answers to {len(result['questions'])} questions with {model}"
