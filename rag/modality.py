"""What is only meant: goals, questions and possibilities, which a sentence may not give as done or found."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.text import content_stems

_ONLY_MEANT = re.compile(
    r"(?P<modal>\b(?:may|might|could|should|would)\b)"
    r"|\b(?:[Ii]ntends? to|[Aa]ims? (?:to|at)|[Aa]imed at|[Hh]opes? (?:to|that)|[Hh]ope that|unclear (?:whether|if)|whether"
    r"|[Hh]ypothesi[sz]ed? (?:that)?|devised for|[Ii]n order to|remains? to be|[Ff]uture (?:work|research))\b"
)
_ENDS = re.compile(r"[.;:,]|\b(?:and|but|while|whereas|which)\b")
_UNSURE = re.compile(
    r"\b(?:may|might|could|should|would|can|intend\w*|aim\w*|hope\w*|unclear|whether|hypothes\w+|likely|possibl[ey]|potential\w*"
    r"|suggest\w*|propos\w+|devis\w+|design\w*|future|goal|purpose|objective|want\w*|plan\w*|seek\w*|tr(?:y|ies|ied)"
    r"|ask\w*|investigat\w+|stud(?:y|ies|ied)|examin\w+|explor\w+|evaluat\w+|test\w*|assess\w*|need\w*|to \w+)\b",
    re.IGNORECASE,
)
_MEANT = 0.6
"""Share of a claim's words from which on it is what is meant."""


def only_meant(claim: str, evidence: Sequence[str]) -> str:
    """The word that makes what a claim says as done or found a goal, a question or a possibility in the evidence; or none.

    >>> only_meant("Early treatment enhances the impact.", ["Early treatment may enhance the impact."])
    'may'
    """
    if _UNSURE.search(claim):
        return ""
    said = set(content_stems(claim))
    for part in evidence:
        for match in _ONLY_MEANT.finditer(part):
            scope = _scope(match)
            rest = " ".join([part.replace(scope, " "), *(other for other in evidence if other != part)])
            meant = said & set(content_stems(scope)) - set(content_stems(rest))
            if len(meant) >= _MEANT * len(said):
                return match[0].casefold()
    return ""


def _scope(match: re.Match[str]) -> str:
    """What is only meant: the clause of a modal verb, and what follows anything else in its clause."""
    ends = _ENDS.search(match.string, match.end())
    before = [end.end() for end in _ENDS.finditer(match.string, 0, match.start())]
    begins = max(before, default=0) if match["modal"] else match.end()
    return match.string[begins : ends.start() if ends else len(match.string)]
