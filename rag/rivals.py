"""What an abstract says of others, that a sentence may not take for the paper's own, or turn round.

A small model confuses who did it: a rival's clause becomes the paper's, earlier work's way becomes the paper's way,
and of two things that are compared the loser wins.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rag.claims import mentions, names
from rag.text import content_stems, plain

_CLAUSE = re.compile(r"(?P<whose>[^,;.()]*?),? (?:which|that|who) (?P<what>[^,;.()]*)")
_OWN = 0.6


def of_a_rival(claim: str, evidence: str, own: frozenset[str]) -> str:
    """The rival whose clause in the evidence a claim repeats without naming it; empty when there is none.

    Args:
        own: names of the paper itself, in `plain` form.

    >>> of_a_rival("It relies on re-clustering.", "Unlike HuBERT, which relies on re-clustering, we do not.", frozenset())
    'hubert'
    """
    said = set(content_stems(claim))
    for rivals, what in _clauses(evidence):
        theirs = set(content_stems(what))
        if rivals & own or any(mentions(claim, name) for name in rivals) or not said & theirs:
            continue
        elsewhere = set(content_stems(evidence.replace(what, " ")))
        predicate = said - elsewhere
        if len(predicate & theirs) >= max(2, _OWN * len(theirs)):
            return min(rivals)
    return ""


def _clauses(text: str) -> Iterator[tuple[frozenset[str], str]]:
    """Each relative clause behind a name, with the names right before it."""
    for match in _CLAUSE.finditer(text):
        before = names(f"so {' '.join(match['whose'].split()[-3:])}")
        if before:
            yield before, match["what"]


_EARLIER = re.compile(
    r"(?:(?:however|while|although|though|unfortunately|typically|traditionally|conventionally|to date|in the past)\b,? )?"
    r"(?:the |most |many |some |several )?(?:previous|prior|existing|earlier|past|traditional|conventional|most|current|recent)"
    r"(?: [\w-]+){0,4}? (?:works?|approach(?:es)?|methods?|studies|research|models?|systems?|techniques?|efforts|attempts"
    r"|solutions?|algorithms?|frameworks?|papers|literature)\b",
    re.IGNORECASE,
)
"""How a sentence about what others did begins."""
_TAKEN = 2
"""Words of it from which on a claim rests on such a sentence."""


def of_earlier_work(claim: str, question: str, evidence: Sequence[str]) -> bool:
    """Whether a claim about the paper rests on a sentence that says it of earlier work.

    Args:
        claim: the sentence.
        question: one about earlier work may be answered with it.
        evidence: the sentences of the abstract that the claim is held against.

    >>> of_earlier_work("SELF-GUIDE trains on data from larger models.", "",
    ...                 ["Previous work has explored to train on data from larger models.", "We propose SELF-GUIDE."])
    True
    """
    if any(_EARLIER.search(text) for text in (claim, question)):
        return False
    said = set(content_stems(claim))
    for part in filter(_EARLIER.match, evidence):
        theirs = set(content_stems(part))
        own = {stem for other in evidence if other != part for stem in content_stems(other)}
        if len(said & (theirs - own)) >= max(_TAKEN, len(said & (own - theirs))):
            return True
    return False


_BETTER = re.compile(
    r"\b(?:outperform|surpass|exceed|beat)(?:s|ed|ing)?\b|\b(?:superior|inferior|preferable) to\b"
    r"|\b(?:better|worse|(?:more|less) [\w-]+|[\w-]{3,}er)(?: [\w-]+){0,3}? than\b",
    re.IGNORECASE,
)
_PART = re.compile(
    r"[,;:.()]|\b(?:that|and|but|while|whereas|which|on|in|for|at|when|by|because)\b", re.IGNORECASE
)


def turned_round(claim: str, evidence: str) -> str:
    """The words by which a claim compares two things the other way round than the evidence; empty when it does not.

    >>> turned_round("Recurrent networks outperform Transformers on GLUE.",
    ...              "Transformers outperform models with recurrent parts on GLUE.")
    'outperform'
    """
    for word, winner, loser in _compared(claim):
        for other, first, second in _compared(evidence):
            if _kind(word) != _kind(other):
                continue
            straight = len(winner & first) + len(loser & second)
            crossed = len(winner & second) + len(loser & first)
            if winner & second and loser & first and crossed > straight:
                return word
    return ""


def _kind(word: str) -> str:
    """What two comparisons must share to be the same one."""
    better = re.match(r"better|superior|preferable|outperform|surpass|exceed|beat", word)
    return "better" if better else word.split()[0]


def _compared(text: str) -> Iterator[tuple[str, set[str], set[str]]]:
    """Each comparison of a text: its words, and the telling words right before and right behind it."""
    text = plain(text)
    for match in _BETTER.finditer(text):
        before = _PART.split(text[: match.start()])[-1]
        behind = _PART.split(text[match.end() :])[0]
        yield match[0], set(content_stems(before)), set(content_stems(behind))
