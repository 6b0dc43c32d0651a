"""Selecting evidence: as much as the question needs and nothing that a small model could blend.

A fact gets one whole abstract at a time, the next one only if the first supports nothing. A
comparison gets the best sentences of each side. Short evidence makes a small model right and fast.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np

from rag.claims import mentions, names, numbers, wants_number
from rag.reading import Reading
from rag.records import Evidence, EvidenceSentence
from rag.text import content_stems, plain

_OVERLAP = 0.4
_NUMBER = 0.2
_NEAR_BEST = 0.9
_BRINGS = 0.7
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


def answering(
    reading: Reading, vector: np.ndarray, question: str, most: int = 2
) -> tuple[EvidenceSentence, ...]:
    """The sentences of an abstract that answer a question best, at most `most`, in their order.

    Beside the cosine count the question's words that the title does not hold, and a number where
    one is asked for. A further sentence must come near the best one or bring words that it lacks.
    """
    asked = set(content_stems(question)) - set(content_stems(reading.paper.title))
    sentences = reading.evidence(vector)
    scores = [_answer_score(s, asked, question) for s in sentences]
    order = sorted(range(len(sentences)), key=lambda n: (-scores[n], n))
    chosen, covered = [order[0]], asked & set(content_stems(sentences[order[0]].text))
    for n in order[1:most]:
        brings = (asked & set(content_stems(sentences[n].text))) - covered
        if scores[n] >= _NEAR_BEST * scores[order[0]] or (brings and scores[n] >= _BRINGS * scores[order[0]]):
            chosen.append(n)
    return tuple(sentences[n] for n in sorted(chosen))


def _answer_score(sentence: EvidenceSentence, asked: set[str], question: str) -> float:
    held = set(content_stems(sentence.text))
    overlap = len(asked & held) / len(asked) if asked else 0.0
    number = wants_number(question) and bool(numbers(sentence.text) - numbers(question))
    return sentence.relevance + _OVERLAP * overlap + _NUMBER * number


def most_relevant(readings: Sequence[Reading], vector: np.ndarray) -> EvidenceSentence:
    """The one sentence of these abstracts that is nearest to the question."""
    return max((s for r in readings for s in r.evidence(vector)), key=lambda s: s.relevance)


def is_about(thing: str, reading: Reading) -> bool:
    """Whether a paper is about a thing that a question compares.

    A named thing must stand in the title, or be introduced by the abstract ("…, called SPO,", "(DSE)");
    "w2v-BERT" is not "BERT". A thing without a name is what the ranking says it is.
    """
    # Without hyphens a compound is one word.
    wanted = names(f"the {thing.replace('-', '')}")
    title, text = reading.paper.title.replace("-", ""), plain(reading.paper.abstract).replace("-", "")
    return all(
        mentions(title, name)
        or re.search(
            rf"(?:\(|\b(?:propose|introduce|present|develop|call|called|termed|named|dubbed) )(?:an? |the )?{re.escape(name)}\b",
            text,
        )
        for name in wanted
    )
