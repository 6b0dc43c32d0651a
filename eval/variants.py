"""Ablations: the same pipeline with one thing changed, so that every stage earns its place."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import Literal

from eval import systems
from eval.systems import DEPTH, Found, System
from eval.traces import Cited, Sentence, Trace
from rag.assemble import Footnote
from rag.index import PassageIndex
from rag.records import Paper, Passage
from rag.retrieve import Fusion, retrieve

_BATCH = 512


@dataclass(frozen=True, slots=True)
class Variant:
    """One switch of retrieval; the defaults are Footnote as it is."""

    name: str
    """Its name in the table."""
    fusion: Fusion = field(default_factory=Fusion)
    """Weights of the two sides."""
    kind: Literal["scores", "ranks"] = "scores"
    """Whether scores are fused, or only places (reciprocal rank fusion)."""
    vectors: Literal["passages", "whole abstracts"] = "passages"
    """Whether a paper has a vector for each passage, or one for its whole text."""


VARIANTS = (
    Variant("as it is"),
    Variant("dense off", fusion=Fusion(dense=0.0, words=1.0)),
    Variant("words off", fusion=Fusion(dense=1.0, words=0.0)),
    Variant("fusion of ranks", kind="ranks"),
    Variant("fusion half and half", fusion=Fusion(dense=0.5, words=0.5)),
    Variant("whole abstracts", vectors="whole abstracts"),
)
"""Every switch, the unchanged one first."""


def system(variant: Variant, footnote: Footnote) -> System:
    """The retrieval of a Footnote with this switch turned."""
    if variant.kind == "ranks":
        return systems.rrf(footnote)
    passages = footnote.passages if variant.vectors == "passages" else whole_abstracts(footnote)

    def search(query: str) -> Found:
        start = time.perf_counter()
        vector = systems.query_vector(query, footnote.embedder)
        found = retrieve(
            query, vector, footnote.library, passages, footnote.words, DEPTH, fusion=variant.fusion
        )
        total = time.perf_counter() - start
        return Found([(c.paper.id, c.score) for c in found], {"total": total})

    return search


def whole_abstracts(footnote: Footnote) -> PassageIndex:
    """An index with one vector a paper, beside the library; texts end where the embedder's window does."""
    index = PassageIndex(footnote.settings.library.parent / "whole-abstracts")
    papers = footnote.library.all_papers()
    if index.count() < len(papers):
        for start in range(0, len(papers), _BATCH):
            batch = papers[start : start + _BATCH]
            texts = [_text(paper, footnote) for paper in batch]
            index.replace([Passage(p.id, 0, "") for p in batch], footnote.embedder.embed(texts))
    return index


def _text(paper: Paper, footnote: Footnote) -> str:
    e = footnote.embedder
    return systems.cut(f"{paper.title}\n{paper.abstract}", e.count_tokens, e.window)


def unverified(trace: Trace) -> Trace:
    """The answer as it would be without verification: everything that the model wrote is shown.

    Each sentence cites the papers of the prompt, and is graded against what the prompt says of
    them. Nothing is asked again; answers that no model wrote stay as they are.
    """
    written = [s for s in (*trace.sentences, *trace.removed) if not s.quoted]
    if not trace.prompt or not written:
        return trace
    read = trace.prompt.partition("\n\nQuestion:")[0]
    titles = [c for c in trace.ranking if c["title"] in read]
    papers = tuple(Cited(n, c["id"], c["title"], read) for n, c in enumerate(titles, 1))
    numbers = tuple(p.number for p in papers)
    ordered = sorted(written, key=lambda s: trace.raw.find(s.text))
    shown = tuple(Sentence(s.text, "unchecked", "", False, numbers, s.evidence) for s in ordered)
    return replace(trace, sentences=shown, removed=(), papers=papers, remark="", abstained=False)
