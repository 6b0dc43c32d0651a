"""Selecting evidence: as much as the question needs and nothing that a small model could blend.

A fact gets the likeliest sentences of one abstract at a time, the next one only if the first supports
nothing. A comparison gets those of each side. Short evidence makes a small model right and fast.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np

from rag.claims import mentions, names
from rag.reading import Reading
from rag.records import Evidence, EvidenceSentence
from rag.text import plain

SIDE_CHARACTERS = 800
"""Characters of each side's abstract that a comparison shows to the model."""


def most_likely(
    reading: Reading, likeliest: Sequence[EvidenceSentence], size: Callable[[str], int], budget: int
) -> Evidence:
    """The sentences of an abstract that fit a budget, the likeliest first chosen, in their order.

    Args:
        reading: the abstract.
        likeliest: all its sentences, by how likely they hold the answer.
        size: of a text, in the unit of the budget.
        budget: most that the sentences may take together; at least one is chosen.
    """
    chosen: list[EvidenceSentence] = []
    used = 0
    for sentence in likeliest:
        used += size(sentence.text)
        if chosen and used > budget:
            break
        chosen.append(sentence)
    return Evidence(reading.paper, tuple(sorted(chosen, key=lambda s: s.position)))


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
            r"(?:\(|\b(?:(?:propos|introduc|present|develop)(?:e|es|s|ing)?|call|called|termed|named|dubbed) )(?:an? |the )?"
            rf"{re.escape(name)}\b",
            text,
        )
        for name in wanted
    )
