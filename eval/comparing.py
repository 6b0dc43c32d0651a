"""Two results over the same queries or questions, side by side, with tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from eval.results import Result, groups, per_query
from eval.statistics import Comparison, compare
from eval.summary import COSTS
from rag.errors import ImportFailed


@dataclass(frozen=True, slots=True)
class Row:
    """One measure of one system or type of question in both results."""

    group: str
    """System or type of question."""
    measure: str
    """The measure."""
    before: float
    """Its value in the first result."""
    after: float
    """Its value in the second result."""
    test: Comparison | None
    """Second minus first, query by query; None when the measure is no mean or nothing pairs."""


@dataclass(frozen=True, slots=True)
class Change:
    """A query on which the results differ."""

    group: str
    """System or type of question."""
    query: str
    """Its id."""
    before: float
    """The measure in the first result."""
    after: float
    """The measure in the second result."""


def rows(a: Result, b: Result) -> list[Row]:
    """Every measure that both results have.

    Raises:
        ImportFailed: the results are of different kinds or share nothing.
    """
    if a["kind"] != b["kind"]:
        raise ImportFailed(
            f"One result is of {a['kind']}, the other of {b['kind']}; they cannot be compared."
        )
    first, second = groups(a), groups(b)
    found = [
        Row(g, m, first[g][m]["value"], second[g][m]["value"], _test(a, b, g, m))
        for g in first
        if g in second
        for m in first[g]
        if m in second[g]
    ]
    if not found:
        raise ImportFailed("The two results have no system and no type of question in common.")
    return found


def _test(a: Result, b: Result, group: str, measure: str) -> Comparison | None:
    if measure.startswith((*COSTS, "p50", "p95")):
        return None
    before, after = _paired(a, b, group, measure)
    return compare(after, before) if before else None


def _paired(a: Result, b: Result, group: str, measure: str) -> tuple[list[float], list[float]]:
    """The measure's values on the queries where both results have one."""
    first, second = per_query(a, group), per_query(b, group)
    pairs = [(row.get(measure), second[q].get(measure)) for q, row in first.items() if q in second]
    both = [(x, y) for x, y in pairs if x is not None and y is not None]
    return [x for x, _ in both], [y for _, y in both]


def changes(a: Result, b: Result, measure: str, group: str) -> list[Change]:
    """Queries of one group on which a measure differs, biggest loss first."""
    first, second = per_query(a, group), per_query(b, group)
    found = []
    for query, row in first.items():
        before, after = row.get(measure), second.get(query, {}).get(measure)
        if before is not None and after is not None and before != after:
            found.append(Change(group, query, before, after))
    return sorted(found, key=lambda c: (c.after - c.before, c.query))


def pooled(results: Sequence[Result], measure: str) -> dict[str, tuple[float, Comparison]]:
    """Several collections as one set of queries: other system → its mean, and the first system against it."""
    first = results[0]["tests_of"]
    names = [n for n in results[0]["systems"] if all(n in r["systems"] for r in results)]
    values = {
        n: [v[measure] for r in results for v in r["systems"][n]["per_query"].values()]
        for n in (first, *names)
    }
    return {n: (sum(values[n]) / len(values[n]), compare(values[first], values[n])) for n in names}
