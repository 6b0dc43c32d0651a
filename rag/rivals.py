"""What an abstract says of others, that a sentence may not take for the paper's own.

A small model confuses who did it: a rival's clause becomes the paper's, earlier work's way the paper's way.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

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


_OTHERS = (
    r"(?:previous|prior|existing|earlier|past|traditional|conventional|most|many|majority of|several|recent|current|similar)"
    r"(?: [\w-]+){0,4}? (?:works?|approach(?:es)?|methods?|study|studies|research|models?|systems?|techniques?|efforts|attempts"
    r"|solutions?|algorithms?|frameworks?|papers|literature|evaluations?)\b"
)
_EARLIER = re.compile(
    r"(?:^|,\s)(?:(?:however|while|although|though|since|as|because|but|whereas|unfortunately|typically|to date|among|the"
    rf"|training|in)\b,? ){{0,3}}{_OTHERS}|^(?:[\w-]+ ){{1,8}}?(?:is|are) (?:commonly|usually|typically|often|traditionally)\b",
    re.IGNORECASE,
)
"""How a sentence, or a clause of it, begins that says what others do."""
_OF_OTHERS = re.compile(rf"\b{_OTHERS}|\b(?:commonly|usually|typically|often|traditionally)\b", re.IGNORECASE)
"""What a claim or a question says that speaks of others itself."""
_OURS = re.compile(r"\b(?:we|our|this (?:paper|work|study|article))\b", re.IGNORECASE)
_OF_THE_PAPER = re.compile(
    r"(?:it(?! (?:is|was|remains|seems)\b)|they|we|(?:the|this|their|our) (?:[\w-]+ ){0,2}?(?:authors?|paper|study|work|method"
    r"|model|approach|framework|system|algorithm|technique|corpus|dataset|benchmark|engine|tool|survey|thesis))\b",
    re.IGNORECASE,
)
"""How a claim about the paper itself begins."""
_TAKEN = 2
"""Words of it from which on a claim rests on such a sentence."""


def of_earlier_work(claim: str, question: str, evidence: Sequence[str], own: frozenset[str]) -> bool:
    """Whether a claim about the paper rests on a sentence that says it of earlier work.

    Args:
        claim: the sentence.
        question: one about earlier work may be answered with it.
        evidence: the sentences of the abstract that the claim is held against.
        own: names of the paper itself, in `plain` form.

    >>> of_earlier_work("SELF-GUIDE trains on data from larger models.", "",
    ...                 ["Previous work has explored to train on data from larger models.", "We propose SELF-GUIDE."],
    ...                 frozenset({"guide"}))
    True
    """
    about = _OF_THE_PAPER.match(claim) or names(f"so {' '.join(claim.split()[:6])}") & own
    if not about or any(_OF_OTHERS.search(text) for text in (claim, question)):
        return False
    said = set(content_stems(claim))
    for part in evidence:
        cue = _EARLIER.search(part)
        if cue is None or _OURS.search(part) or names(f"so {part}") & own:
            continue
        theirs = set(content_stems(part[cue.start() :]))
        others = {stem for other in evidence if other != part for stem in content_stems(other)}
        if len(said & (theirs - others)) >= max(_TAKEN, len(said & (others - theirs))):
            return True
    return False
