"""What an abstract says of others: clauses about a rival that a sentence may not take for the paper's own."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.claims import mentions, names
from rag.text import content_stems

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
