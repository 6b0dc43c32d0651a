"""Abstracts that say the opposite of each other about what is asked: both are shown, by paper and year."""

from __future__ import annotations

from collections.abc import Sequence

from rag.claims import negations
from rag.effects import OPPOSITE
from rag.reading import Reading
from rag.records import EvidenceSentence, Paper
from rag.scene import Scene
from rag.text import content_stems
from rag.understand import short_name

_SHARED = 4
"""Fewest telling words that two sentences about the same thing have in common…"""
_SHARE = 0.4
"""…which are at least this share of the shorter one's…"""
_ASKED = 0.6
"""…and hold this share of the question's."""
_LOOKED_AT = 2


Disagreement = tuple[Paper, Reading, EvidenceSentence]
"""A paper that is quoted, and another abstract with the sentence that says the opposite."""


def disagreement(scene: Scene, quoted: Sequence[EvidenceSentence]) -> Disagreement | None:
    """Where an abstract found says the opposite of a quoted sentence of another; None where none does."""
    papers = {reading.paper.id: reading.paper for reading in scene.readings}
    for reading in scene.readings:
        for _, part in scene.holding(reading)[:_LOOKED_AT]:
            for one in quoted:
                other = one.paper_id != reading.paper.id and one.paper_id in papers
                if other and contrary(one.text, part.text, scene.question.standalone):
                    return papers[one.paper_id], reading, part
    return None


def contrary(one: str, other: str, question: str) -> bool:
    """Whether two sentences speak of the same thing that a question asks for, and say opposite things of it.

    >>> asked = "Does statin therapy increase the risk of dementia?"
    >>> contrary("Statin therapy increased the risk of dementia in women.",
    ...          "In this trial statin therapy reduced the risk of dementia.", asked)
    True
    """
    first, second = set(content_stems(one)), set(content_stems(other))
    same = (first & second) - OPPOSITE.keys()
    asked = set(content_stems(question)) - OPPOSITE.keys()
    enough = len(same) >= _SHARED and len(same) >= _SHARE * min(len(first), len(second))
    if not enough or len(same & asked) < _ASKED * len(asked):
        return False
    opposite = any(OPPOSITE.get(w, set()) & (second - first) for w in first - second)
    return opposite or _denies(one, same) != _denies(other, same)


def _denies(text: str, words: set[str]) -> bool:
    return any(reach & words for reach in negations(text))


def told(one: Paper, other: Paper) -> str:
    """The line that says who disagrees.

    >>> told(Paper("a", "Statins: a trial", "", year=2001), Paper("b", "Age", "", year=2005))
    'The abstracts do not agree: compare Statins (2001) with Age (2005).'
    """
    return f"The abstracts do not agree: compare {_cited(one)} with {_cited(other)}."


def _cited(paper: Paper) -> str:
    return f"{short_name(paper)} ({paper.year})" if paper.year else short_name(paper)
