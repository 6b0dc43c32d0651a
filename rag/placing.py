"""Where a number stands: what it counts, whether it is reached or gained, and which of two things it belongs to.

Pure functions on a written sentence and the sentences of the abstract that it is held against.
"""

from __future__ import annotations

import re

from rag.claims import numbers_at
from rag.text import STOP_WORDS, plain, stem, tokens

_UNIT = re.compile(r"[\s-]+([a-z]+)(?![a-z0-9])(?:[\s-]+(?:per|an|a)[\s-]+([a-z]+))?")
_STEP = re.compile(
    r"\b(from|to|by)\s+(?:about |around |approximately |nearly |almost |roughly |over |up to |~|an? |\$)*\Z"
)
_CLAUSE = re.compile(r"[;:]|, (?:and|but|while|whereas|which|who)\b|\b(?:while|whereas|but)\b")
_FURTHER = 4


def misplaced(claim: str, evidence: str) -> str:
    """How a number of the claim stands elsewhere in the evidence; empty when none does."""
    if value := other_step(claim, evidence):
        return f"{value} is reached in one and gained in the other"
    if value := of_another(claim, evidence):
        return f"{value} belongs to something else in the abstract"
    if both := exchanged(claim, evidence):
        return f"{both} are exchanged"
    if unit := other_unit(claim, evidence):
        return f"“{unit}” is not what is counted in the abstract"
    return ""


def other_unit(claim: str, evidence: str) -> str:
    """The word that a number counts in the claim and nowhere in the evidence; empty when there is none.

    >>> other_unit("4.27 syllables per second", "an average of 4.27 tokens per second")
    'syllables'
    >>> other_unit("1,684 hours of speech", "1,684 labelled hours")
    ''
    """
    claim, evidence = plain(claim), plain(evidence)
    behind: dict[str, set[str]] = {}
    for value, _, end in numbers_at(evidence):
        following = re.split(r"[.,;:()]\s|[.,;:()]$", evidence[end:])[0]
        behind.setdefault(value, set()).update(map(stem, tokens(following)[: _FURTHER + 2]))
    for value, _, end in numbers_at(claim):
        unit = _UNIT.match(claim, end)
        words: list[str] = [w for w in unit.groups("") if w] if unit and behind.get(value) else []
        for word in words:
            if word not in STOP_WORDS and stem(word) not in behind[value]:
                return word
    return ""


def other_step(claim: str, evidence: str) -> str:
    """A number that is reached in one of the two texts ("to 5%") and gained in the other ("by 5%").

    >>> other_step("improves by 46.7%", "improves from 35.6% to 46.7%")
    '46.7%'
    """
    there = _steps(evidence)
    for value, step in _steps(claim).items():
        if there.get(value) and not step & there[value]:
            return value
    return ""


def _steps(text: str) -> dict[str, set[str]]:
    text = plain(text)
    found: dict[str, set[str]] = {}
    for value, start, _ in numbers_at(text):
        if match := _STEP.search(text, 0, start):
            found.setdefault(value, set()).add(match[1])
    return found


def exchanged(claim: str, evidence: str) -> str:
    """Two numbers of the claim of which each stands with what belongs to the other in the evidence.

    >>> exchanged("6% over tuning and 35% over prompts", "improves by 35% over tuning and 6% over prompts")
    '6% and 35%'
    """
    here, there = _surroundings(claim), _surroundings(evidence)
    both = [value for value in here if value in there]
    for n, first in enumerate(both):
        for second in both[n + 1 :]:
            own = len(here[first] & there[first]) + len(here[second] & there[second])
            other = len(here[first] & there[second]) + len(here[second] & there[first])
            if other > own:
                return f"{first} and {second}"
    return ""


_INDEXED = re.compile(r"(?<=[A-Za-z])_(?=\d)")
_OWN = 2
"""Words that a number must have of its own: of "51.3% and 45.4% AP for detection and segmentation" the first has none."""
_CLEARLY = 2
"""Words by which a number's place must be more like another number's than like its own."""


def of_another(claim: str, evidence: str) -> str:
    """A number of the claim that stands there among the words of another number of the evidence; or none.

    >>> of_another("5% in accuracy for published data", "1.2% in accuracy for published data and 5% for noisy data")
    '5%'
    """
    here, there = (_surroundings(_INDEXED.sub("", text)) for text in (claim, evidence))
    for value, words in here.items():
        others = [words & there[other] for other in there if other not in here]
        if (
            len(there.get(value, ())) >= _OWN
            and max(map(len, others), default=0) >= len(words & there[value]) + _CLEARLY
        ):
            return value
    return ""


def _surroundings(text: str) -> dict[str, set[str]]:
    """The telling words between each number and the next, or the end of its clause."""
    text = plain(text)
    places = numbers_at(text)
    found: dict[str, set[str]] = {}
    for n, (value, _, end) in enumerate(places):
        until = places[n + 1][1] if n + 1 < len(places) else len(text)
        behind = _CLAUSE.split(text[end:until])[0]
        found.setdefault(value, set()).update(stem(t) for t in tokens(behind) if t not in STOP_WORDS)
    return found
