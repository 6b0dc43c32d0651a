"""Words that claim an effect: what makes better or worse, more or less, what is needed or fails.

A small model takes such words over from the question. Whatever else of its sentence the abstract
carries, an effect that the abstract claims in no word of the same sense is the question's.
"""

from __future__ import annotations

import re
from itertools import takewhile

from rag.text import STOP_WORDS, stem, tokens

_SENSES = (
    "improve improves improvement improved boost boosts enhance better best gain gains outperform outperforms surpass "
    "exceed exceeds beat beats superior advance benefit benefits effective higher increase state-of-the-art strong "
    "competitive excel success successful help helps",
    "increase increases increased raise raises grow grows growth more higher larger greater gain gains expand improve "
    "improvement enlarge scale scaling additional further up rise double",
    "reduce reduces reduction decrease lower less fewer smaller cut cuts shrink drop drops compress compression "
    "compact save saves saving cheaper small minimize decline loss lightweight efficient eliminate avoid distill down "
    "mitigate alleviate limit",
    "worse worsen degrade degrades degradation hurt hurts harm harms drop drops decline declines deteriorate fail fails "
    "poor poorly suffer suffers underperform limited loss reduce decrease lower weak negative struggle",
    "fail fails failure failed struggle struggles unable cannot limitation limited lack lacks challenge difficult "
    "problem poor suffer worse impossible insufficient not",
    "need needs needed require requires required requirement demand demands depend depends necessary essential must "
    "rely relies cost costs",
    "cause causes caused due because lead leads result results responsible induce produce produces owing trigger effect "
    "affect influence contribute mediate associated",
    "fast faster speed speedup accelerate accelerates quick quickly rapid efficient efficiency latency real-time "
    "throughput time cheap",
    "slow slower slowly latency overhead expensive cost time-consuming inefficient time",
    "prevent prevents avoid avoids protect protects inhibit inhibits block blocks suppress eliminate mitigate reduce "
    "reduces alleviate overcome solve against abrogate impair",
    "refuse refuses refused reject rejects withdraw withdrawn retract abandon abandoned deny denies",
)
"""Words by their sense; a word may have several."""

_OF: dict[str, set[int]] = {}
for _sense, _words in enumerate(_SENSES):
    for _word in _words.replace("-", " ").split():
        _OF.setdefault(stem(_word), set()).add(_sense)


def unclaimed(claim: str, abstract: str) -> frozenset[str]:
    """Words of a claim whose every sense is absent from the abstract, stemmed.

    >>> sorted(unclaimed("MiniLM fails at question answering.", "MiniLM retains 99% on question answering."))
    ['fail']
    >>> sorted(unclaimed("MiniLM beats BERT.", "MiniLM outperforms BERT."))
    []
    """
    there = {sense for token in tokens(abstract) for sense in _OF.get(stem(token), ())}
    return frozenset(s for s in map(stem, tokens(claim)) if s in _OF and not _OF[s] & there)


_OPPOSITES = (
    ("increase", "decrease"), ("increase", "reduce"), ("higher", "lower"), ("better", "worse"),
    ("outperform", "underperform"), ("faster", "slower"), ("larger", "smaller"), ("longer", "shorter"),
    ("supervised", "unsupervised"), ("isotropic", "anisotropic"), ("upper", "lower"), ("best", "worst"),
    ("increase", "reduction"), ("increase", "degradation"), ("improvement", "degradation"), ("improve", "harm"),
    ("increase", "lowering"), ("raise", "lowering"), ("improve", "worsen"), ("gain", "drop"), ("fast", "slow"),
    ("slow", "accelerate"), ("beneficial", "detrimental"), ("labelled", "unlabelled"), ("labeled", "unlabeled"),
    ("more", "less"), ("more", "fewer"),
    ("efficient", "inefficient"), ("stable", "unstable"), ("strong", "weak"), ("positive", "negative"),
    ("small", "large"), ("few", "many"), ("short", "long"), ("high", "low"), ("frozen", "trainable"), ("simple", "complex"),
    ("early", "late"), ("seen", "unseen"), ("dense", "sparse"), ("online", "offline"), ("easy", "difficult"), ("easy", "hard"),
    ("minimum", "maximum"), ("static", "dynamic"), ("linear", "quadratic"), ("local", "global"), ("male", "female"),
    ("activate", "inhibit"), ("activation", "inhibition"), ("promote", "inhibit"), ("promote", "suppress"),
    ("upregulate", "downregulate"), ("agonist", "antagonist"), ("acute", "chronic"), ("benign", "malignant"),
    ("presence", "absence"), ("gain", "loss"), ("succeed", "fail"), ("resistant", "sensitive"), ("necessary", "unnecessary"),
)  # fmt: skip
OPPOSITE: dict[str, set[str]] = {}
for _left, _right in _OPPOSITES:
    OPPOSITE.setdefault(stem(_left), set()).add(stem(_right))
    OPPOSITE.setdefault(stem(_right), set()).add(stem(_left))


def reversed_words(claim: str, evidence: str) -> frozenset[str]:
    """Words of the claim whose opposite stands in the evidence while they themselves do not.

    >>> sorted(reversed_words("LMs are isotropic.", "Are LMs anisotropic?"))
    ['isotrop']
    """
    said = {stem(t) for t in tokens(claim)}
    written = {stem(t) for t in tokens(evidence)}
    return frozenset(w for w in said - written if OPPOSITE.get(w, set()) & written)


_NEAR = 7
"""Tokens on either side of an effect that say what is affected."""


_PASSIVE = re.compile(r"\b(?:outperformed|beaten|surpassed|exceeded) by\b")
_WHOLE = {
    "all": "all every each any entire whole both",
    "every": "all every each any",
    "always": "always all every",
}
_WHOLE |= {"only": "only solely merely exclusively just alone", "solely": "only solely exclusively alone"}
_WHOLE |= {"never": "never no not none", "none": "none no not", "entirely": "entirely fully completely whole"}


def passive(claim: str, evidence: str) -> bool:
    """Whether something is outperformed in the claim that nothing outperforms so in the evidence.

    >>> passive("It is outperformed by BERT.", "It outperforms BERT.")
    True
    """
    return bool(_PASSIVE.search(claim.casefold())) and not _PASSIVE.search(evidence.casefold())


def widened(claim: str, evidence: str) -> str:
    """A word such as "all" or "only" of the claim that the evidence says in no form; empty when none is.

    >>> widened("It holds for all models.", "It holds for small models.")
    'all'
    """
    there = set(tokens(evidence))
    return next((t for t in tokens(claim) if t in _WHOLE and not there & set(_WHOLE[t].split())), "")


def turned(claim: str, evidence: str) -> str:
    """An effect that the evidence has on something else, while this has the opposite effect there.

    >>> turned("It decreases the risk of bleeding.", "It decreased the risk of fever but increased that of bleeding.")
    'decreas'
    >>> turned("It decreases the risk of fever.", "It decreased the risk of fever but increased that of bleeding.")
    ''
    """
    said, written = [stem(t) for t in tokens(claim)], [stem(t) for t in tokens(evidence)]
    for place, word in enumerate(said):
        against = OPPOSITE.get(word, set()) & set(written)
        if not against or word not in written:
            continue
        affected = _around(said, place)
        same = max(_shared(affected, written, n) for n, other in enumerate(written) if other == word)
        opposite = max(_shared(affected, written, n) for n, other in enumerate(written) if other in against)
        if opposite > same:
            return word
    return ""


def _shared(affected: frozenset[str], written: list[str], place: int) -> int:
    return len(affected & _around(written, place))


def _around(words: list[str], place: int) -> frozenset[str]:
    """Telling words near a place, as far as the next effect."""
    before, after = words[max(0, place - _NEAR) : place][::-1], words[place + 1 : place + 1 + _NEAR]
    return frozenset(
        w
        for side in (before, after)
        for w in takewhile(lambda w: w not in OPPOSITE, side)
        if w not in STOP_WORDS
    )
