"""Selecting evidence: as much as the question needs and nothing that a small model could blend.

A fact gets one whole abstract at a time, the next one only if the first supports nothing. A
comparison gets the best sentences of each side. Short evidence makes a small model right and fast.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from rag.reading import Reading
from rag.records import Evidence, EvidenceSentence

SIDE_CHARACTERS = 800
"""Characters of each side's abstract that a comparison shows to the model."""


def whole(reading: Reading, vector: np.ndarray, count_tokens: Callable[[str], int], budget: int) -> Evidence:
    """The whole abstract, or its most relevant sentences where it exceeds `budget` tokens."""
    return _cut(reading, vector, count_tokens, budget)


def best_sentences(reading: Reading, vector: np.ndarray, characters: int = SIDE_CHARACTERS) -> Evidence:
    """The most relevant sentences of an abstract, up to so many characters, in their order."""
    return _cut(reading, vector, len, characters)


def _cut(reading: Reading, vector: np.ndarray, size: Callable[[str], int], budget: int) -> Evidence:
    sentences = reading.evidence(vector)
    chosen: list[EvidenceSentence] = []
    used = 0
    for sentence in sorted(sentences, key=lambda s: (-s.relevance, s.position)):
        used += size(sentence.text)
        if chosen and used > budget:
            break
        chosen.append(sentence)
    return Evidence(reading.paper, tuple(sorted(chosen, key=lambda s: s.position)))


def most_relevant(readings: Sequence[Reading], vector: np.ndarray) -> EvidenceSentence:
    """The one sentence of these abstracts that is nearest to the question."""
    return max((s for r in readings for s in r.evidence(vector)), key=lambda s: s.relevance)
