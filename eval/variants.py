"""Ablations of retrieval: the same pipeline with one thing changed, so that every stage earns its place.

Those of answers are in `eval.answer_variants`.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Literal

from eval import systems
from eval.cache import Progress, quiet
from eval.systems import DEPTH, RRF_K, Found, System
from rag.assemble import Footnote
from rag.index import PassageIndex
from rag.passages import PASSAGE_TOKENS
from rag.records import Candidate, Paper, Passage
from rag.retrieve import Fusion, retrieve

_BATCH = 512
_EVERY = 10_000
"""More papers than the two sides together find."""


@dataclass(frozen=True, slots=True)
class Variant:
    """One switch of retrieval; the defaults are Footnote as it is."""

    name: str
    """Its name in the table."""
    fusion: Fusion = field(default_factory=Fusion)
    """Weights of the signals."""
    kind: Literal["scores", "ranks"] = "scores"
    """Whether scores are fused, or only places (reciprocal rank fusion, then the names, no smoothing)."""
    vectors: Literal["passages", "whole abstracts"] = "passages"
    """Whether a paper has a vector for each passage, or one for title and abstract up to 256 tokens."""


VARIANTS = (
    Variant("as it is"),
    Variant("dense off", fusion=Fusion(dense=0.0, own=1.0)),
    Variant("words off", fusion=Fusion(words=0.0)),
    Variant("ranks fused, no smoothing", kind="ranks"),
    Variant("smoothing off", fusion=Fusion(own=1.0)),
    Variant("names off", fusion=Fusion(named=0.0, titled=0.0)),
    Variant("whole abstracts", vectors="whole abstracts"),
)
"""Every switch, the unchanged one first. Without the dense side there are no vectors to smooth by."""


def system(variant: Variant, footnote: Footnote, progress: Progress = quiet) -> System:
    """The retrieval of a Footnote with this switch turned."""
    whole = variant.vectors == "whole abstracts"
    passages = whole_abstracts(footnote, progress) if whole else footnote.passages
    depth = _EVERY if variant.kind == "ranks" else DEPTH

    def search(query: str) -> Found:
        start = time.perf_counter()
        vector = systems.query_vector(query, footnote.embedder)
        found = retrieve(
            query, vector, footnote.library, passages, footnote.words, depth, fusion=variant.fusion
        )
        ranking = [(c.paper.id, c.score) for c in found]
        if variant.kind == "ranks":
            ranking = _by_ranks(found, variant.fusion.named)
        return Found(ranking, {"total": time.perf_counter() - start})

    return search


def _by_ranks(found: list[Candidate], named: float) -> systems.Ranking:
    """Reciprocal rank fusion of the places that the two sides gave, the best 1, and the bonus for names."""
    scores = {c.paper.id: _reciprocal(c.dense_rank) + _reciprocal(c.word_rank) for c in found}
    best = max(scores.values(), default=0.0) or 1.0
    bonus = {c.paper.id: named * c.named for c in found}
    ranking = [(paper, score / best + bonus[paper]) for paper, score in scores.items()]
    return sorted(ranking, key=lambda item: (-item[1], item[0]))[:DEPTH]


def _reciprocal(rank: int | None) -> float:
    return 1 / (RRF_K + rank) if rank else 0.0


def whole_abstracts(footnote: Footnote, progress: Progress = quiet) -> PassageIndex:
    """An index with one vector a paper, beside the library: title and abstract up to 256 tokens."""
    index = PassageIndex(footnote.settings.library.parent / f"whole-abstracts-{PASSAGE_TOKENS}")
    papers = footnote.library.all_papers()
    if index.count() < len(papers):
        for start in range(0, len(papers), _BATCH):
            batch = papers[start : start + _BATCH]
            texts = [_text(paper, footnote) for paper in batch]
            index.replace([Passage(p.id, 0, "") for p in batch], footnote.embedder.embed(texts))
            progress("Whole abstracts", start + len(batch), len(papers))
    return index


def _text(paper: Paper, footnote: Footnote) -> str:
    return systems.cut(
        f"{paper.title}\n{paper.abstract}".strip(), footnote.embedder.count_tokens, PASSAGE_TOKENS
    )
