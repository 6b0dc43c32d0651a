"""Two things that are held against each other: which one comes out ahead may not be turned round."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.text import content_stems, plain

_BETTER = re.compile(
    r"\b(?:outperform|surpass|exceed|beat)(?:s|ed|ing)?\b|\b(?:superior|inferior|preferable) to\b"
    r"|\b(?:better|worse|(?:more|less) [\w-]+|[\w-]{3,}er)(?P<inner>(?: [\w-]+){0,6}?) (?:than|compared (?:to|with))\b"
    r"|\b(?:rather than|instead of)\b",
    re.IGNORECASE,
)
_PART = re.compile(r"[,;:.()]|\b(?:that|and|but|while|whereas|which|when|because)\b", re.IGNORECASE)
_TELLING = 3
"""Words on either side of "rather than" that say what is meant."""
_FILLERS = re.compile(r"^\W*(?:(?:that|those|in|on|for|at|with|by|of|the)\b\W*)+", re.IGNORECASE)
_ANY_WORK = frozenset(
    content_stems(
        "model method system approach network algorithm result performance significantly consistently"
    )
)


def turned_round(claim: str, evidence: str) -> str:
    """The words by which a claim compares two things the other way round than the evidence; empty when it does not.

    >>> turned_round("Recurrent networks outperform Transformers on GLUE.",
    ...              "Transformers outperform models with recurrent parts on GLUE.")
    'outperform'
    """
    there = list(_compared(evidence))
    for word, winner, loser in _compared(claim):
        same = [(first, second) for other, first, second in there if _kind(word) == _kind(other)]
        straight = [(len(winner & first), len(loser & second)) for first, second in same]
        crossed = [(len(winner & second), len(loser & first)) for first, second in same]
        as_it_is = max((sum(ends) for ends in straight if all(ends)), default=0)
        for kept, turned in zip(straight, crossed, strict=True):
            clearly = sum(turned) > sum(kept) or not all(kept)
            if all(turned) and clearly and sum(turned) > as_it_is:
                return word
    return ""


def _kind(word: str) -> str:
    """What two comparisons must share to be the same one."""
    if re.match(r"better|superior|preferable|outperform|surpass|exceed|beat", word):
        return "better"
    if word in ("rather than", "instead of"):
        return "rather"
    return " ".join(word.split()[: 2 if word.startswith(("more ", "less ")) else 1])


def _compared(text: str) -> Iterator[tuple[str, set[str], set[str]]]:
    """Each comparison of a text: its words, and what tells the one before it from the one behind it."""
    text = plain(text)
    for match in _BETTER.finditer(text):
        before = f"{_PART.split(text[: match.start()])[-1]} {match['inner'] or ''}"
        behind = _PART.split(_FILLERS.sub("", text[match.end() :]))[0]
        ends = (content_stems(before), content_stems(behind))
        if _kind(match[0]) == "rather":
            ends = (ends[0][-_TELLING:], ends[1][:_TELLING])
        first, second = (set(end) - _ANY_WORK for end in ends)
        yield match[0], first - second, second - first
