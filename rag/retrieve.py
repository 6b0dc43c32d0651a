"""Retrieval: passages by vector and papers by words, fused into one ranking of papers.

Both scores are divided by the best of their ranking and mixed with fixed weights (max-normalised
linear fusion; compare Bruch, Gai and Ingber 2023, "An Analysis of Fusion Functions for Hybrid
Retrieval"). Every paper keeps its ranks, so that a ranking can be explained.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rag.aliases import keys_in, means
from rag.index import Hit, PassageIndex
from rag.lexical import WordIndex
from rag.library import Library
from rag.records import Candidate, Filters

_POOL = 100
"""Candidates taken from each side before fusion."""


@dataclass(frozen=True, slots=True)
class Fusion:
    """Weights of the two sides; they sum to 1."""

    dense: float = 0.6
    """Weight of the best passage's cosine."""
    words: float = 0.4
    """Weight of BM25."""
    named: float = 0.3
    """Added for a paper that the question calls by its name."""


_HOLDERS = 2
_COMMON_SHARE = 0.05
_COMMON_LEAST = 5


def named(question: str, library: Library, words: WordIndex) -> list[str]:
    """Ids of the papers that a question calls by their own names, in the order of the question.

    A name that more than two papers go by names none; nor does a single word that many abstracts use.
    """
    runs = keys_in(question)
    common = max(_COMMON_LEAST, int(_COMMON_SHARE * library.count()))
    found: dict[str, int] = {}
    for alias, holders in library.called(runs).items():
        rare = " " in alias or words.frequency(alias) <= common
        if rare and len(holders) <= _HOLDERS and means(runs[alias]):
            for paper in holders:
                found.setdefault(paper, question.find(runs[alias]))
    return sorted(found, key=lambda paper: (found[paper], paper))


def retrieve(
    question: str,
    vector: np.ndarray,
    library: Library,
    passages: PassageIndex,
    words: WordIndex,
    top_k: int,
    filters: Filters = Filters(),
    fusion: Fusion = Fusion(),
) -> list[Candidate]:
    """The papers that match a question, best first, at most `top_k`; equal scores by id.

    Args:
        question: words to look for.
        vector: the question's vector, float32 (dimension,).
        filters: conditions that papers must meet before they are ranked.
    """
    within = library.matching(filters) if filters.active else None
    by_words = words.search(question, _POOL, within)
    hits = passages.search(vector, _POOL, within)
    cosines = _cosines(hits, [paper for paper, _ in by_words], vector, passages)
    called = [p for p in named(question, library, words) if within is None or p in set(within)]
    cosines |= _cosines([], [p for p in called if p not in cosines], vector, passages)
    scored = _fused(cosines, dict(by_words), called, fusion)[:top_k]
    papers = library.papers([paper for paper, _ in scored])
    dense_ranks = {paper: n for n, paper in enumerate(_best_first(cosines), 1)}
    word_ranks = {paper: n for n, (paper, _) in enumerate(by_words, 1)}
    return [
        Candidate(
            paper=papers[paper],
            score=score,
            cosine=cosines.get(paper, 0.0),
            bm25=dict(by_words).get(paper, 0.0),
            dense_rank=dense_ranks.get(paper),
            word_rank=word_ranks.get(paper),
            named=paper in called,
        )
        for paper, score in scored
        if paper in papers
    ]


def _cosines(
    hits: Sequence[Hit], by_words: Sequence[str], vector: np.ndarray, passages: PassageIndex
) -> dict[str, float]:
    """Best passage cosine of every candidate, also of those that only the words found."""
    cosines: dict[str, float] = {}
    for hit in hits:
        cosines.setdefault(hit.paper_id, hit.cosine)
    missing = [paper for paper in by_words if paper not in cosines]
    for paper, rows in passages.vectors(missing).items():
        cosines[paper] = float((rows @ vector).max())
    return cosines


def _fused(
    cosines: dict[str, float], bm25: dict[str, float], called: Sequence[str], fusion: Fusion
) -> list[tuple[str, float]]:
    papers = cosines.keys() | bm25.keys()  # a paper whose passages are lost is still found by its words
    best_cosine = max((c for c in cosines.values() if c > 0), default=1.0)
    best_bm25 = max(bm25.values(), default=1.0)
    scores = {
        paper: fusion.dense * max(cosines.get(paper, 0.0), 0.0) / best_cosine
        + fusion.words * bm25.get(paper, 0.0) / best_bm25
        + fusion.named * (paper in called)
        for paper in papers
    }
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))


def _best_first(cosines: dict[str, float]) -> list[str]:
    return sorted(cosines, key=lambda paper: (-cosines[paper], paper))
