"""What is only meant: goals, questions and possibilities, which a sentence may not give as done or found."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.text import content_stems

_ONLY_MEANT = re.compile(
    r"\b(?:may|might|could|should|would|intends? to|aims? (?:to|at)|aimed at|hopes? (?:to|that)|hope that"
    r"|unclear (?:whether|if)|whether|hypothesi[sz]ed? (?:that)?|devised for|in order to|remains? to be|future work"
    r"|future research)\b(?P<what>[^.;:]*)",
    re.IGNORECASE,
)
_UNSURE = re.compile(
    r"\b(?:may|might|could|should|would|can|intend\w*|aim\w*|hope\w*|unclear|whether|hypothes\w+|likely|possibl[ey]|potential\w*"
    r"|suggest\w*|propos\w+|devis\w+|design\w*|future|goal|purpose|objective|want\w*|plan\w*|seek\w*|tr(?:y|ies|ied)"
    r"|ask\w*|investigat\w+|stud(?:y|ies|ied)|examin\w+|explor\w+|evaluat\w+|test\w*|assess\w*|need\w*|to \w+)\b",
    re.IGNORECASE,
)
_MODALS = frozenset({"may", "might", "could", "should", "would"})
"""Words that make a whole sentence only possible; the others, what follows them."""
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
            word, _, _ = match[0].casefold().partition(" ")
            scope = part if word in _MODALS else match["what"]
            rest = " ".join([part.replace(scope, " "), *(other for other in evidence if other != part)])
            meant = said & set(content_stems(scope)) - set(content_stems(rest))
            if len(meant) >= _MEANT * len(said):
                return word
    return ""
