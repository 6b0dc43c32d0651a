"""Retrieval: passages by vector and papers by words, fused into one ranking of papers.

Three steps, each worth its time (see `footnote eval ablations`):

1. Fusion. Both scores are divided by the best of their ranking and added with fixed weights (linear
   fusion; Bruch, Gai and Ingber 2023, "An Analysis of Fusion Functions for Hybrid Retrieval").
2. Names. A paper that the question calls by its own name gains a fixed amount, more by its title.
3. Smoothing. Among the best hundred, a paper's score is drawn towards the scores of the papers most
   like it (score regularisation; Diaz 2005, "Regularizing Ad Hoc Retrieval Scores").

Every paper keeps its ranks, so that a ranking can be explained.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import inf

import numpy as np

from rag.aliases import key, keys_in, means
from rag.claims import is_name, mentions
from rag.index import PassageIndex
from rag.lexical import WordIndex
from rag.library import Library
from rag.records import Candidate, Filters, Paper
from rag.text import STOP_WORDS, content_stems, plain

_POOL = 100
"""Candidates taken from each side before fusion."""


@dataclass(frozen=True, slots=True)
class Fusion:
    """Weights of the signals; only their proportions count."""

    dense: float = 1.0
    """Weight of the best passage's cosine."""
    words: float = 0.6
    """Weight of BM25."""
    named: float = 0.5
    """Added for a paper that the question calls by a name that it gives to its work."""
    titled: float = 0.8
    """Added for a paper that the question calls by its title, or by what stands there before the colon."""
    own: float = 0.6
    """In smoothing, the weight of a paper's own score; the rest comes from its neighbours."""


@dataclass(frozen=True)
class Ranking:
    """All candidates for a question with everything that placed them; scores are by paper id."""

    scores: dict[str, float]
    """Score that ranks."""
    fused: dict[str, float]
    """Score before smoothing."""
    cosines: dict[str, float]
    """Cosine of the question against the best passage, of every candidate with passages."""
    bm25: dict[str, float]
    """BM25 of the candidates that the words found."""
    called: tuple[str, ...]
    """Papers that the question calls by name."""
    words_share: float
    """Weight of the words for this question, 0 to 1; the rest is that of the vectors."""

    @cached_property
    def order(self) -> list[str]:
        """Ids, best first; equal scores by id."""
        return list(_ranks(self.scores))

    @cached_property
    def dense_ranks(self) -> dict[str, int]:
        """Places by cosine, from 1."""
        return _ranks(self.cosines)

    @cached_property
    def word_ranks(self) -> dict[str, int]:
        """Places by BM25, from 1."""
        return _ranks(self.bm25)


_SMOOTHED = 100
"""Papers whose scores are smoothed."""
_NEIGHBOURS = 5
"""Most similar papers that a paper's score is drawn towards."""
_HOLDERS = 2
_COMMON_SHARE = 0.05
_COMMON_LEAST = 5
_COMMON_TITLE = 15
_AROUND = " -–—,.:;?!"
_LONG_NAME = 5
"""Words from which on a name is a title, or the beginning of one, that few write by chance."""


def named(question: str, library: Library, words: WordIndex) -> list[str]:
    """Ids of the papers that a question calls by their own names, in the order of the question.

    A name that more than two papers go by names none, and neither does a topic: words that other abstracts use,
    though a title begins with them ("Vitamin D: …") or an abstract puts them in brackets.
    """
    runs = keys_in(question)
    called = {alias: ids for alias, ids in library.called(runs).items() if len(ids) <= _HOLDERS}
    called = _without_inner(called, runs, question)
    titles = library.papers(sorted({paper for ids in called.values() for paper in ids}))
    common = max(_COMMON_LEAST, int(_COMMON_SHARE * library.count()))
    found: dict[str, int] = {}
    for alias, holders in called.items():
        for paper in holders if means(runs[alias]) else ():
            place, name = question.find(runs[alias]), runs[alias].strip(_AROUND)
            if words.frequency(alias) <= _most(name, titles.get(paper), common, begins=place == 0):
                found.setdefault(paper, place)
    return sorted(found, key=lambda paper: (found[paper], paper))


def _most(name: str, paper: Paper | None, common: int, *, begins: bool) -> float:
    """In how many abstracts the words of a name may stand for it to mean this paper.

    Args:
        name: as it stands in the question.
        common: how many may use a name in unusual capitals with which a title begins.
        begins: whether the question begins with it, so that a capital says nothing.
    """
    title = paper.title if paper is not None else ""
    words = name.split()
    if not content_stems(name):
        return -1
    if len(words) >= _LONG_NAME or _is_written_so(name, title):
        return inf
    if re.match(rf"{re.escape(plain(name))}(?!\w)", plain(title)):
        if is_name(words[0].replace("-", ""), begins=begins or len(words) > 1):
            return common
        if len(words) > 1 and all(w[0].isupper() or w in STOP_WORDS for w in words):
            return _COMMON_TITLE
    return _COMMON_LEAST if mentions(title, plain(name)) else _HOLDERS


def _without_inner(called: dict[str, list[str]], runs: dict[str, str], question: str) -> dict[str, list[str]]:
    """The names without those that stand in the question only as part of a longer one: "Sylber" of "Sylber 2"."""
    return {
        name: ids
        for name, ids in called.items()
        if not any(
            name != other
            and f" {name} " in f" {other} "
            and question.count(runs[name]) <= question.count(runs[other])
            for other in called
        )
    }


def _is_written_so(name: str, title: str) -> bool:
    """Whether a title begins with a name in the same unusual capitals ("QuALITY", "SELF-GUIDE"): no common words."""
    mixed = any(c.isupper() for c in name[1:]) and any(c.islower() for c in name)
    unusual = name.replace("-", "").isalpha() and (mixed or ("-" in name and name.isupper()))
    return unusual and re.match(rf"{re.escape(name)}(?!\w)", title) is not None


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
    ranking = rank(question, vector, library, passages, words, filters, fusion)
    papers = library.papers(ranking.order[:top_k])
    called = set(ranking.called)
    return [
        Candidate(
            paper=papers[paper],
            score=ranking.scores[paper],
            cosine=ranking.cosines.get(paper, 0.0),
            bm25=ranking.bm25.get(paper, 0.0),
            dense_rank=ranking.dense_ranks.get(paper),
            word_rank=ranking.word_ranks.get(paper),
            named=paper in called,
        )
        for paper in ranking.order[:top_k]
        if paper in papers
    ]


def rank(
    question: str,
    vector: np.ndarray,
    library: Library,
    passages: PassageIndex,
    words: WordIndex,
    filters: Filters = Filters(),
    fusion: Fusion = Fusion(),
) -> Ranking:
    """The ranking of all candidates for a question; arguments as for `retrieve`."""
    within = library.matching(filters) if filters.active else None
    met = None if within is None else set(within)
    by_words = dict(words.search(question, _POOL, within))
    hits = passages.search(vector, _POOL, within)
    called = [p for p in named(question, library, words) if met is None or p in met]
    found = list(dict.fromkeys([hit.paper_id for hit in hits] + list(by_words) + called))
    vectors = passages.vectors(found)
    cosines = {paper: float((rows @ vector).max()) for paper, rows in vectors.items()}
    gains = _gains(called, question, library, fusion)
    fused = _fused(found, cosines, by_words, gains, fusion)
    return Ranking(
        scores=_smoothed(fused, vectors, fusion.own),
        fused=fused,
        cosines=cosines,
        bm25=by_words,
        called=tuple(called),
        words_share=fusion.words / ((fusion.dense + fusion.words) or 1.0),
    )


def _fused(
    found: Sequence[str],
    cosines: dict[str, float],
    bm25: dict[str, float],
    gains: Mapping[str, float],
    fusion: Fusion,
) -> dict[str, float]:
    """Fused score of every paper found; one whose passages are lost is still found by its words."""
    best_cosine = max((c for c in cosines.values() if c > 0), default=1.0)
    best_bm25 = max(bm25.values(), default=1.0)
    whole = (fusion.dense + fusion.words) or 1.0
    return {
        paper: (
            fusion.dense * max(cosines.get(paper, 0.0), 0.0) / best_cosine
            + fusion.words * bm25.get(paper, 0.0) / best_bm25
        )
        / whole
        + gains.get(paper, 0.0)
        for paper in found
    }


def _gains(called: Sequence[str], question: str, library: Library, fusion: Fusion) -> dict[str, float]:
    """What each paper that the question calls by name gains: most when its title begins with that name."""
    runs = keys_in(question)
    return {
        paper: fusion.titled if key(record.title.partition(":")[0]) in runs else fusion.named
        for paper, record in library.papers(called).items()
    }


def _smoothed(scores: dict[str, float], vectors: dict[str, np.ndarray], own: float) -> dict[str, float]:
    """Scores of the best papers, each mixed with the mean of its neighbours' weighted by cosine squared."""
    best = sorted((p for p in scores if p in vectors), key=lambda p: (-scores[p], p))[:_SMOOTHED]
    if own >= 1.0 or len(best) <= _NEIGHBOURS:
        return scores
    centres = np.stack([vectors[paper].mean(axis=0) for paper in best])
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    likeness = np.maximum(centres @ centres.T, 0.0) ** 2
    np.fill_diagonal(likeness, 0.0)
    cut = -np.sort(-likeness, axis=1)[:, _NEIGHBOURS - 1 : _NEIGHBOURS]
    weights = np.where(likeness >= cut, likeness, 0.0)
    plain = np.array([scores[paper] for paper in best])
    around = weights @ plain / np.maximum(weights.sum(axis=1), 1e-9)
    return scores | {p: float(s) for p, s in zip(best, own * plain + (1 - own) * around, strict=True)}


def _ranks(scores: dict[str, float]) -> dict[str, int]:
    """Place of every paper by score, from 1; equal scores by id."""
    return {paper: n for n, paper in enumerate(sorted(scores, key=lambda p: (-scores[p], p)), 1)}
