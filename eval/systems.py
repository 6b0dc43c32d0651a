"""The systems that are compared: Footnote, its two halves, their plain fusion, and LlamaIndex as it comes.

Each ranks papers for a query. All of them see the same texts through the same embedder.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.assemble import Footnote
from rag.embedders import Embedder

DEPTH = 100
"""Papers in a ranking."""
RRF_K = 60
"""The constant of reciprocal rank fusion: Cormack, Clarke and Büttcher 2009."""
NAMES = ("footnote", "bm25", "dense", "rrf", "llama-index")
"""Every system, in the order of the tables; the first is held against the others."""

_PASSAGES_PER_PAPER = 3

Ranking = list[tuple[str, float]]
"""(paper id, score), best first."""


@dataclass(frozen=True, slots=True)
class Found:
    """What one system found for one query."""

    ranking: Ranking
    """At most `DEPTH` papers."""
    seconds: dict[str, float]
    """Part → seconds; `total` is the whole."""


System = Callable[[str], Found]
"""A query's text to what it finds."""


def footnote(parts: Footnote) -> System:
    """Footnote's own retrieval, as the browser uses it, without a language model."""

    def search(query: str) -> Found:
        start = time.perf_counter()
        candidates = parts.search(query, DEPTH)
        seconds = {"total": time.perf_counter() - start}
        return Found([(c.paper.id, c.score) for c in candidates], seconds)

    return search


def bm25(parts: Footnote) -> System:
    """The word index alone."""

    def search(query: str) -> Found:
        start = time.perf_counter()
        ranking = parts.words.search(query, DEPTH)
        return Found(ranking, {"total": time.perf_counter() - start})

    return search


def dense(parts: Footnote) -> System:
    """The passage index alone; a paper is as near as its nearest passage."""

    def search(query: str) -> Found:
        start = time.perf_counter()
        vector = query_vector(query, parts.embedder)
        embedded = time.perf_counter()
        best: dict[str, float] = {}
        for hit in parts.passages.search(vector, DEPTH * _PASSAGES_PER_PAPER):
            best.setdefault(hit.paper_id, hit.cosine)
        end = time.perf_counter()
        seconds = {"embed": embedded - start, "vectors": end - embedded, "total": end - start}
        return Found(list(best.items())[:DEPTH], seconds)

    return search


def query_vector(query: str, embedder: Embedder) -> NDArray[np.float32]:
    """The vector of a query; the end of one that is longer than the embedder's window is left out."""
    vector: NDArray[np.float32] = embedder.embed([cut(query, embedder.count_tokens, embedder.window)])[0]
    return vector


def cut(text: str, count_tokens: Callable[[str], int], window: int) -> str:
    """The longest beginning of whole words that has at most so many tokens."""
    if count_tokens(text) <= window:
        return text
    words = text.split(" ")
    low, high = 0, len(words)
    while high - low > 1:
        middle = (low + high) // 2
        fits = count_tokens(" ".join(words[:middle])) <= window
        low, high = (middle, high) if fits else (low, middle)
    return " ".join(words[:low]) or text[:window]


def rrf(parts: Footnote) -> System:
    """Reciprocal rank fusion of the two halves."""
    halves = bm25(parts), dense(parts)

    def search(query: str) -> Found:
        found = [half(query) for half in halves]
        start = time.perf_counter()
        ranking = fused([f.ranking for f in found])
        total = sum(f.seconds["total"] for f in found) + time.perf_counter() - start
        return Found(ranking, {"total": total})

    return search


def fused(rankings: Sequence[Ranking], k: int = RRF_K) -> Ranking:
    """Reciprocal rank fusion: the sum of 1 / (k + place) over the rankings, equal sums by id."""
    scores: dict[str, float] = {}
    for ranking in rankings:
        for place, (paper, _) in enumerate(ranking, 1):
            scores[paper] = scores.get(paper, 0.0) + 1 / (k + place)
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))[:DEPTH]
