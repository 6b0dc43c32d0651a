"""Judging before and after the model whether the abstracts say it; abstaining is decided here."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.claims import mentions, names, numbers, wants_number
from rag.reading import Reading
from rag.records import CheckedSentence, Question
from rag.text import content_stems, stem


@dataclass(frozen=True, slots=True)
class Gates:
    """Thresholds for answering at all, on the cosine of a question against "title: sentence"."""

    relevance: float = 0.24
    """Below it the question is about something else."""
    relevance_of_unknown_name: float = 0.42
    """Below it, a question that names something no abstract found names is not answered."""
    coverage: float = 0.7
    """Below this share of the question's words in an abstract that lacks what the question asks for
    ("how many GPUs"), nothing is quoted from it."""
    quotation: float = 0.4
    """From it on, sentences may be quoted as they stand when nothing that the model wrote survives."""


_METADATA = re.compile(
    r"\b(?:who (?:wrote|authored|published|are the authors?|is the (?:first |lead |last )?author)|authors? of|first author"
    r"|corresponding author|affiliations?|which (?:university|institution|company|conference|journal|venue)|doi\b|licen[cs]e"
    r"|citation count|how (?:many|often).{0,20}\b(?:cited|citations)|h-index|e-?mail|phone|home ?page|github|repository url"
    r"|how much (?:did|does) it cost|when was .{0,60} (?:published|released|submitted)|publication (?:date|year)|peer.?review)",
    re.IGNORECASE,
)


def asks_for_metadata(question: str) -> bool:
    """Whether only a paper's record (authors, venue, date, links) could answer, not its abstract."""
    return _METADATA.search(question) is not None


def off_topic(question: str, relevance: float, readings: Sequence[Reading], gates: Gates) -> str:
    """Why the abstracts found cannot answer; empty when they may.

    Args:
        question: the standalone question.
        relevance: cosine of the question against the nearest "title: sentence".
        readings: the abstracts found, best first.
        gates: thresholds.
    """
    named = [n for n in names(question) if any(mentions(r.text, n) for r in readings)]
    if relevance < gates.relevance and not named:
        return "Nothing in the library is about this."
    unknown = unknown_names(question, readings)
    if unknown and relevance < gates.relevance_of_unknown_name:
        return f"No abstract that was found mentions {_as_written(unknown[0], question)}."
    return ""


def _as_written(name: str, question: str) -> str:
    """The word of the question that holds a name in `plain` form."""
    words = (word.strip("\"'“”‘’.,;:!?()[]") for word in question.split())
    return next((word for word in words if mentions(word, name)), name)


def unknown_names(question: str, readings: Sequence[Reading]) -> list[str]:
    """Names in the question that none of the abstracts mentions."""
    return sorted(n for n in names(question) if not any(mentions(r.text, n) for r in readings))


def answers(question: str, sentences: Sequence[CheckedSentence]) -> bool:
    """Whether the supported sentences say anything that the question asks for.

    A question for a number needs one that it does not hold itself, and any question needs a word
    that it does not hold.
    """
    text = " ".join(s.text for s in sentences)
    if wants_number(question) and not numbers(text) - numbers(question):
        return False
    return bool(set(content_stems(text)) - set(content_stems(question)))


_FOCUS = re.compile(
    r"\b(?:how (?:many|much)|what(?:'s| is| are| was| were)?(?: the)?|which|whose)\s+"
    r"(?P<noun>(?:(?!is\b|are\b|was\b|were\b|do\b|does\b|did\b|has\b|have\b|can\b|of\b|in\b|on\b|for\b|to\b|that\b)[\w-]+\s*){1,3})",
    re.IGNORECASE,
)
_VAGUE = frozenset(
    stem(w)
    for w in "kind type sort way method approach model thing problem paper work main key new difference".split()
)


def focus(question: str) -> frozenset[str]:
    """Stems of the noun that a question asks for: what follows "how many", "which", "what".

    >>> sorted(focus("How many GPUs were used to train it?"))
    ['gpus']
    """
    nouns = " ".join(match["noun"] for match in _FOCUS.finditer(question))
    return frozenset(content_stems(nouns)) - _VAGUE


def quotable(
    question: Question, sentences: Sequence[CheckedSentence], reading: Reading, least: float, gates: Gates
) -> bool:
    """Whether quotations answer a question: near enough in meaning, about what it asks for, and new.

    Args:
        question: the question as understood.
        sentences: the quotations.
        reading: the abstract that they are from.
        least: cosine of question and quotation from which on they are near.
        gates: thresholds.
    """
    relevance = max((e.relevance for s in sentences for e in s.evidence), default=-1.0)
    if relevance < least and not question.follows_up:
        return False
    asked, held = set(content_stems(question.asked)), set(content_stems(reading.text))
    covered = len(asked & held) / len(asked) if asked else 0.0
    astray = bool(focus(question.asked) - held) and covered < gates.coverage and not question.follows_up
    return not astray and answers(question.asked, sentences)
