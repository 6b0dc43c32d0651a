"""One question with everything that its answer is made from."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache
from math import inf

import numpy as np

from rag.calibration import Calibration, shipped
from rag.details import lacking
from rag.engines import ChatModel
from rag.features import Rarity, asks_for_the_whole, of_question, of_sentences
from rag.index import PassageIndex
from rag.lexical import WordIndex
from rag.library import Library
from rag.listing import inverse_document_frequency
from rag.reading import Embed, Reader, Reading
from rag.records import Candidate, EvidenceSentence, Filters, Paper, Question, Turn
from rag.retrieve import named, retrieve
from rag.select import SIDE_CHARACTERS
from rag.verify import Strictness


@dataclass(frozen=True, slots=True)
class Parts:
    """What the main path works with; `rag.assemble` builds it."""

    library: Library
    passages: PassageIndex
    words: WordIndex
    embed: Embed
    reader: Reader
    model: ChatModel | None
    """None for extractive answers."""
    notices: tuple[str, ...] = ()
    """What is degraded, shown with every answer."""
    top_k: int = 10
    """How many papers retrieval returns."""
    answer_tokens: int = 220
    """Longest answer, in tokens."""
    answer_seconds: float = 120.0
    """Longest time that the model may write."""
    calibration: Calibration = field(default_factory=shipped)
    """Weights and thresholds for choosing sentences and for answering at all."""
    strictness: Strictness = Strictness()
    """Thresholds for showing a sentence."""
    side_characters: int = SIDE_CHARACTERS
    """Characters of each side's abstract that a comparison shows to the model."""
    evidence_tokens: int | None = None
    """Most tokens of an abstract that the model is shown; None for as many as it can read."""

    def rank(self, text: str, vector: np.ndarray, top_k: int, filters: Filters) -> list[Candidate]:
        """The papers that match a text, best first."""
        return retrieve(text, vector, self.library, self.passages, self.words, top_k, filters)

    def called(self, text: str) -> list[Paper]:
        """The papers that a text calls by name, in the order of the text."""
        ids = named(text, self.library, self.words)
        papers = self.library.papers(ids)
        return [papers[paper] for paper in ids if paper in papers]

    def rarity(self) -> Rarity:
        """How much a word tells in this library."""
        papers = self.library.count()

        @cache
        def weight(word: str) -> float:
            return inverse_document_frequency(self.words.frequency(word), papers)

        return weight


_PER_ODDS, _MOST_ODDS = 0.05, 6.0
"""What the log odds of holding the answer add to a paper's fused score, and up to which."""
_NEARLY = 0.08
"""Difference of two promises within which both abstracts are quoted."""


@dataclass(frozen=True, slots=True)
class Scene:
    """One question with what was found for it."""

    question: Question
    """As understood."""
    vector: np.ndarray
    """Of the standalone question, float32 (dimension,)."""
    ranking: tuple[Candidate, ...]
    """The papers found, best first."""
    readings: tuple[Reading, ...]
    """The first of them, read sentence by sentence."""
    history: tuple[Turn, ...]
    """The conversation before."""
    parts: Parts
    rarity: Rarity

    @property
    def asked(self) -> str:
        """The words that an answer is held against: as typed, without what became filters."""
        return self.question.bare or self.question.asked

    @property
    def least(self) -> float:
        """Least log odds for answering; fewer do where a model is asked first and the question is as it was typed."""
        known = self.parts.calibration
        asks = self.parts.model is not None and known.hardly < known.surely and not self.question.foreign
        return known.hardly if asks else known.least

    def holding(self, reading: Reading) -> tuple[tuple[float, EvidenceSentence], ...]:
        """The sentences of an abstract with the log odds that each holds the answer, the likeliest first."""
        rows = of_sentences(self.question.standalone, reading, self.vector, self.rarity)
        odds = self.parts.calibration.sentence.logit(rows)
        pairs = zip(odds.tolist(), reading.evidence(self.vector), strict=True)
        return tuple(sorted(pairs, key=lambda pair: (-pair[0], pair[1].position)))

    def best_first(self) -> Scene:
        """The same with the readings in the order of what they promise: their place, and holding the answer."""
        return replace(self, readings=tuple(sorted(self.readings, key=self._promise, reverse=True)))

    def beside(self) -> list[Reading]:
        """Another reading that promises nearly as much as the first, where none is called by name; or none."""
        best, *others = self.readings
        if not others or any(c.named for c in self.ranking):
            return []
        near = self._promise(best) - self._promise(others[0]) < _NEARLY
        answers = self.answerable(others[0]) >= self.parts.calibration.least
        return others[:1] if near and answers else []

    def _promise(self, reading: Reading) -> float:
        score = next((c.score for c in self.ranking if c.paper.id == reading.paper.id), 0.0)
        return score + _PER_ODDS * max(min(self.answerable(reading), _MOST_ODDS), -_MOST_ODDS)

    def answerable(self, reading: Reading) -> float:
        """Log odds that an abstract answers the question."""
        if lacking(self.asked, reading.text):
            return -inf
        if asks_for_the_whole(self.question.standalone, reading):
            return inf
        calls = any(c.named and c.paper.id == reading.paper.id for c in self.ranking)
        row = of_question(self.question, reading, calls, self.vector, self.rarity)
        return float(self.parts.calibration.answerable.logit(row)[0])
