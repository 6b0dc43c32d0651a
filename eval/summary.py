"""From graded questions to a result: each measure by type of question, with intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from eval.grading import Grade, grade
from eval.questions import TYPES, Item
from eval.statistics import Estimate, Statistic, estimate, mean, quantile
from eval.traces import Trace

ALL = "all"
"""Name of the row over every type."""
MEANS = (
    "correct", "support", "wrong_refusal", "abstention_precision", "abstention_recall", "citation_precision",
    "citation_recall", "nDCG@10", "R@10", "RR@10", "Success@1", "Success@3", "followup_success",
)  # fmt: skip
"""Measures whose mean over questions is reported."""
COSTS = ("first_words_s", "total_s", "prompt_tokens")
"""Measures whose median is reported under their own name, and whose 90th percentile under `…_p90`."""
LOWER_IS_BETTER = ("wrong_refusal", *COSTS, "p50", "p95")
"""Beginnings of the names of measures of which less is better."""

_STATISTICS: dict[str, tuple[str, Statistic]] = {
    **{name: (name, mean) for name in MEANS},
    **{name: (name, quantile(0.5)) for name in COSTS},
    **{f"{name}_p90": (name, quantile(0.9)) for name in COSTS},
}


def result(items: Sequence[Item], traces: Sequence[Trace], provenance: Mapping[str, Any]) -> dict[str, Any]:
    """The result of a run over questions, as JSON.

    Layout: `types` → type or `all` → measure → {`value`, `low`, `high`, `n`}; `questions` → id → the
    question, its measures, what is missing or unsupported, and the whole trace.
    """
    grades = {item.id: grade(item, trace) for item, trace in zip(items, traces, strict=True)}
    types = {ALL: items} | {t: [i for i in items if i.type == t] for t in TYPES}
    return {
        "kind": "answers",
        "provenance": dict(provenance),
        "types": {
            name: _row(name, [grades[i.id] for i in chosen]) for name, chosen in types.items() if chosen
        },
        "questions": {i.id: _question(i, grades[i.id], t) for i, t in zip(items, traces, strict=True)},
    }


def _row(name: str, grades: Sequence[Grade]) -> dict[str, dict[str, float]]:
    """Estimates of one type; how precise abstaining is can only be said over all types."""
    found = {m: e.json() for m, e in estimates(grades).items()}
    if name != ALL:
        found.pop("abstention_precision", None)
    return found


def estimates(grades: Sequence[Grade]) -> dict[str, Estimate]:
    """Every measure that applies to at least one of the answers."""
    found = {}
    for name, (source, statistic) in _STATISTICS.items():
        values = [v for g in grades if (v := g.values[source]) is not None]
        if values:
            found[name] = estimate(values, statistic)
    return found


def lower_is_better(measure: str) -> bool:
    """Whether less of a measure is better."""
    return measure.rpartition("/")[2].startswith(LOWER_IS_BETTER)


def _question(item: Item, graded: Grade, trace: Trace) -> dict[str, Any]:
    return {
        "type": item.type,
        "question": item.question,
        "history": [[t.question, t.answer] for t in item.history],
        "answer": item.answer,
        "gold_titles": list(item.gold_titles),
        "must_contain": [list(g) for g in item.must_contain],
        "notes": item.notes,
        "measures": graded.values,
        "missing": list(graded.missing),
        "unsupported": [{"text": text, "reason": reason} for text, reason in graded.unsupported],
        "trace": asdict(trace),
    }
