"""Ranking the papers of a collection for all its queries, by several systems, and what that is worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from eval import cache, measures, systems
from eval.cache import Progress, quiet
from eval.collections import Collection
from eval.statistics import compare, estimate
from eval.systems import Found, Ranking, System
from rag.assemble import Footnote
from rag.errors import FootnoteError, ImportFailed
from rag.importers import parsed
from rag.records import Paper
from rag.settings import Settings

SHOWN = 5
"""Papers of each ranking that the result keeps for reading; a run file has all of them."""
_PREFIX = "doc:"


@dataclass(slots=True)
class Runs:
    """What each system found, and where one failed."""

    rankings: dict[str, dict[str, Ranking]] = field(default_factory=dict)
    """System → query id → ranking, with the collection's document ids."""
    seconds: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    """System → part → seconds, one for each query."""
    failures: list[str] = field(default_factory=list)
    """One line for each query on which a system failed; it scores zero there."""


def papers_of(collection: Collection) -> tuple[Paper, ...]:
    """The documents as papers; ids get a prefix, so that none can look like an id of another kind."""
    return tuple(
        replace(parsed.paper(d.title, d.text, collection.name), id=f"{_PREFIX}{d.id}")
        for d in collection.documents
    )


def prepare(
    collection: Collection, names: Sequence[str], settings: Settings, folder: Path, progress: Progress = quiet
) -> tuple[Footnote, dict[str, System]]:
    """Index the collection, or find it indexed, and build the systems of these names.

    Raises:
        ImportFailed: there is no system of a name.
    """
    if unknown := [n for n in names if n not in systems.NAMES]:
        raise ImportFailed(f"There is no system {unknown[0]!r}; known are {', '.join(systems.NAMES)}.")
    papers = papers_of(collection)
    footnote = cache.library_of(papers, collection.name, settings, folder, progress)
    makers = {"footnote": systems.footnote, "bm25": systems.bm25, "dense": systems.dense, "rrf": systems.rrf}
    built = {name: makers[name](footnote) for name in names if name in makers}
    if "llama-index" in names:
        from eval import out_of_the_box

        name = f"llama-index-{out_of_the_box.WINDOW}"
        place = cache.baseline_place(name, settings, cache.content_hash(papers), folder)
        built["llama-index"] = out_of_the_box.build(
            papers, place, lambda done, total: progress("LlamaIndex", done, total)
        )
    return footnote, {name: built[name] for name in names}


def run(collection: Collection, built: Mapping[str, System], progress: Progress = quiet) -> Runs:
    """Every query through every system; the first query goes through once more beforehand, unmeasured."""
    runs = Runs()
    for name, system in built.items():
        for text in list(collection.queries.values())[:1]:
            _search(system, text)
        runs.rankings[name], runs.seconds[name] = {}, {}
        for number, (query, text) in enumerate(collection.queries.items(), 1):
            found, problem = _search(system, text)
            if problem:
                runs.failures.append(f"{name}, query {query}: {problem}")
            runs.rankings[name][query] = [
                (paper.removeprefix(_PREFIX), score) for paper, score in found.ranking
            ]
            for part, seconds in found.seconds.items():
                runs.seconds[name].setdefault(part, []).append(seconds)
            progress(f"Searching ({name})", number, len(collection.queries))
    return runs


def _search(system: System, text: str) -> tuple[Found, str]:
    try:
        return system(text), ""
    except FootnoteError as error:
        return Found([], {}), str(error)


def result(collection: Collection, runs: Runs, provenance: Mapping[str, Any]) -> dict[str, Any]:
    """The result of a run, as JSON.

    Layout: `systems` → name → measure → {`value`, `low`, `high`, `n`}, and there too `per_query` →
    query → measure → number, and `latency_ms` → part → {`p50`, `p95`}; `tests` → other system →
    measure → the first system against it; `queries` → id → text, judgements and first papers.
    """
    per_query = {
        name: measures.per_query(collection.qrels, {q: [d for d, _ in r] for q, r in rankings.items()})
        for name, rankings in runs.rankings.items()
    }
    first, *others = per_query
    return {
        "kind": "retrieval",
        "provenance": dict(provenance),
        "collection": _described(collection),
        "systems": {name: _system(values, runs.seconds.get(name, {})) for name, values in per_query.items()},
        "tests": {other: tests(per_query[first], per_query[other]) for other in others},
        "tests_of": first,
        "failures": runs.failures,
        "queries": {q: _query(q, collection, runs) for q in collection.qrels},
        "titles": _titles(collection, runs),
    }


def tests(
    first: Mapping[str, Mapping[str, float]], second: Mapping[str, Mapping[str, float]]
) -> dict[str, Any]:
    """Measure → the first system against the second, over the queries of both."""
    shared = [q for q in first if q in second]
    names = [m for m in next(iter(first.values()), {}) if shared and m in second[shared[0]]]
    return {m: compare([first[q][m] for q in shared], [second[q][m] for q in shared]).json() for m in names}


def _system(
    values: Mapping[str, Mapping[str, float]], seconds: Mapping[str, Sequence[float]]
) -> dict[str, Any]:
    means = {m: estimate([row[m] for row in values.values()]).json() for m in measures.RETRIEVAL}
    rounded = {q: {m: round(v, 6) for m, v in row.items()} for q, row in values.items()}
    return {**means, "per_query": rounded, "latency_ms": {part: latency(s) for part, s in seconds.items()}}


def latency(seconds: Sequence[float]) -> dict[str, float]:
    """Median and 95th percentile in milliseconds."""
    p50, p95 = np.quantile(np.asarray(seconds), (0.5, 0.95)) * 1000
    return {"p50": round(float(p50), 2), "p95": round(float(p95), 2)}


def _described(collection: Collection) -> dict[str, Any]:
    return {
        "name": collection.name,
        "content": cache.content_hash(papers_of(collection)),
        "documents": len(collection.documents),
        "queries": len(collection.qrels),
        "judgements": sum(len(row) for row in collection.qrels.values()),
        "problems": collection.problems.found,
    }


def _query(query: str, collection: Collection, runs: Runs) -> dict[str, Any]:
    top = {name: [d for d, _ in rankings.get(query, [])[:SHOWN]] for name, rankings in runs.rankings.items()}
    return {"text": collection.queries.get(query, ""), "relevant": collection.qrels[query], "top": top}


def _titles(collection: Collection, runs: Runs) -> dict[str, str]:
    """Titles of every document that is judged relevant or among the first of a system."""
    wanted = {d for row in collection.qrels.values() for d, grade in row.items() if grade > 0}
    for rankings in runs.rankings.values():
        wanted |= {d for ranking in rankings.values() for d, _ in ranking[:SHOWN]}
    return {d.id: d.title or d.text[:80] for d in collection.documents if d.id in wanted}


def biggest(
    result: Mapping[str, Any], other: str, measure: str = "nDCG@10", most: int = 5
) -> dict[str, list[Any]]:
    """The queries on which the first system wins or loses most against another.

    Returns:
        `wins` and `losses`, each a list of (query id, first's value, other's value), biggest first.
    """
    first = result["systems"][result["tests_of"]]["per_query"]
    second = result["systems"][other]["per_query"]
    rows = [(q, first[q][measure], second[q][measure]) for q in first if q in second]
    ordered = sorted(rows, key=lambda row: (row[2] - row[1], row[0]))
    return {
        "wins": [r for r in ordered[:most] if r[1] > r[2]],
        "losses": [r for r in ordered[::-1][:most] if r[1] < r[2]],
    }
