"""Judging before and after the model whether the abstracts say it; abstaining is decided here."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.claims import mentions, names, numbers, wants_number
from rag.reading import Reading
from rag.records import CheckedSentence
from rag.text import content_stems


@dataclass(frozen=True, slots=True)
class Gates:
    """Thresholds for answering at all, on the cosine of a question against "title: sentence"."""

    relevance: float = 0.24
    """Below it the question is about something else."""
    relevance_of_unknown_name: float = 0.42
    """Below it, a question that names something no abstract found names is not answered."""
    quotation: float = 0.55
    """From it on, a sentence may be quoted as it stands when nothing the model wrote survives."""


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
    named = [n for n in names(question) if readings and mentions(readings[0].text, n)]
    if relevance < gates.relevance and not named:
        return "Nothing in the library is about this."
    unknown = unknown_names(question, readings)
    if unknown and relevance < gates.relevance_of_unknown_name:
        return f"No abstract that was found mentions {unknown[0]}."
    return ""


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
