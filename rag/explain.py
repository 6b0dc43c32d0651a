"""Why a paper stands where it stands for a question: every signal of it, and of what beat it.

The numbers are those of `rag.retrieve.rank`; what it did not rank is looked up in the same indexes.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from rag.aliases import key
from rag.errors import QuestionError
from rag.index import PassageIndex
from rag.lexical import WordIndex
from rag.library import Library
from rag.records import Paper, Question
from rag.retrieve import Ranking, rank
from rag.text import STOP_WORDS, tokens

_BEFORE = 5
"""Papers shown that stand before the one explained."""
_NAMED = 4
"""Titles named when words mean several papers."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The signals of one paper for one question."""

    paper: Paper
    """The paper."""
    rank: int | None
    """Place in the ranking, from 1; None when it was not among the candidates."""
    score: float | None
    """Score that ranks; None when it was not among the candidates."""
    fused: float | None
    """Score before it was drawn towards those of similar papers; None likewise."""
    cosine: float | None
    """Cosine of the question against the best passage; None when the paper has no passage in the index."""
    dense_rank: int | None
    """Place among the candidates by cosine, from 1."""
    bm25: float
    """BM25 of the question against title and abstract."""
    word_rank: int | None
    """Place among the candidates by BM25, from 1; None when the words did not find it."""
    named: bool
    """Whether the question calls it by name."""


@dataclass(frozen=True, slots=True)
class WordHit:
    """A word of the question that a paper has."""

    word: str
    """As the question has it, in lower case."""
    bm25: float
    """What it adds to the paper's BM25."""
    in_title: bool
    """Whether it stands in the title."""
    in_abstract: bool
    """Whether it stands in the abstract."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a paper stands where it stands."""

    question: Question
    """The question as understood."""
    standing: Standing
    """The paper's own signals."""
    words: tuple[WordHit, ...]
    """The question's words that it has, those that add most first."""
    lacking: tuple[str, ...]
    """The question's words that it lacks."""
    words_share: float
    """Weight of the words for this question, 0 to 1; the rest is that of the vectors."""
    candidates: int
    """How many papers were ranked."""
    meets_filters: bool
    """Whether the paper meets the question's conditions."""
    before: tuple[Standing, ...]
    """The best papers that stand before it, best first."""


def explain(
    question: Question,
    vector: np.ndarray,
    library: Library,
    passages: PassageIndex,
    words: WordIndex,
    paper: Paper,
) -> Explanation:
    """Every signal that placed a paper in the ranking for a question, and what stands before it.

    Args:
        question: the question as understood, with its filters.
        vector: the question's vector, float32 (dimension,).
        paper: the paper to explain.
    """
    asked = question.looked_up
    ranking = rank(asked, vector, library, passages, words, question.filters)
    shares = words.shares(asked, paper.id)
    hits = tuple(
        WordHit(word, share, words.holds(paper.title, word), words.holds(paper.abstract, word))
        for word, share in shares.items()
    )
    place = ranking.order.index(paper.id) if paper.id in ranking.scores else len(ranking.order)
    ahead = ranking.order[: min(place, _BEFORE)]
    papers = library.papers(ahead)
    outside = _outside(paper, vector, passages), math.fsum(shares.values())
    return Explanation(
        question=question,
        standing=_standing(paper, ranking, *outside),
        words=hits,
        lacking=_lacking(asked, shares),
        words_share=ranking.words_share,
        candidates=len(ranking.order),
        meets_filters=not question.filters.active or paper.id in set(library.matching(question.filters)),
        before=tuple(_standing(papers[i], ranking) for i in ahead if i in papers),
    )


def _outside(paper: Paper, vector: np.ndarray, passages: PassageIndex) -> float | None:
    """Cosine of a paper whether it was ranked or not."""
    rows = passages.vectors([paper.id]).get(paper.id)
    return None if rows is None else float((rows @ vector).max())


def _standing(paper: Paper, ranking: Ranking, cosine: float | None = None, bm25: float = 0.0) -> Standing:
    """A paper's signals; cosine and BM25 are given for one that the ranking may lack."""
    ranked = paper.id in ranking.scores
    return Standing(
        paper=paper,
        rank=ranking.order.index(paper.id) + 1 if ranked else None,
        score=ranking.scores.get(paper.id),
        fused=ranking.fused.get(paper.id),
        cosine=ranking.cosines.get(paper.id, cosine),
        dense_rank=ranking.dense_ranks.get(paper.id),
        bm25=ranking.bm25.get(paper.id, bm25),
        word_rank=ranking.word_ranks.get(paper.id),
        named=paper.id in ranking.called,
    )


def _lacking(question: str, had: Iterable[str]) -> tuple[str, ...]:
    content = (word for word in tokens(question) if word not in STOP_WORDS)
    return tuple(dict.fromkeys(word for word in content if word not in set(had)))


def which_paper(wanted: str, library: Library) -> Paper:
    """The one paper that an id, a name or words of a title mean.

    Raises:
        QuestionError: no paper or several are meant; it names some.
    """
    if paper := library.paper(wanted.strip()):
        return paper
    words = set(tokens(wanted))
    called = library.called([key(wanted)]).get(key(wanted), [])
    found = list(library.papers(called).values())
    if len(found) != 1:
        found = [p for p in library.all_papers() if words and words <= set(tokens(p.title))]
    exact = [p for p in found if key(p.title) == key(wanted)]
    if len(found) == 1 or len(exact) == 1:
        return (exact or found)[0]
    if not found:
        raise QuestionError(f"No paper is called “{wanted}” or has it as its id.", "footnote papers")
    titles = "; ".join(f"{p.title} ({p.id})" for p in found[:_NAMED])
    raise QuestionError(f"“{wanted}” means {len(found)} papers: {titles}.", "footnote why QUESTION ID")
