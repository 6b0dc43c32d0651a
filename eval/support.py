"""An independent check whether abstracts carry a sentence; shares no code with `rag.verify`.

A sentence is supported when all of these hold against the abstracts that it cites:

1. every number of it occurs there (thousands separators and "million" resolved, % kept apart);
2. every name of it (capitals inside, letters with digits, or capitalised in the middle) occurs there;
3. what it denies (the words after "not", "without", …), the nearest sentences deny too;
4. its content words are covered: ROUGE-1 recall (Lin 2004) of the sentence in the best three
   sentences of the abstract is at least `COVERED`; or at least `ALIGNED` with a longest common
   subsequence (ROUGE-L) of at least `IN_ORDER` of the sentence, so that loose words collected from
   everywhere do not pass.

It knows words and their order, not meaning: a fluent paraphrase in other words counts as
unsupported, and a swapped subject in the same words counts as supported. `docs/evaluation.md` has
its error rates.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

COVERED = 0.7
"""Share of content words that is enough by itself."""
ALIGNED = 0.5
"""Share of content words that is enough when they stand in the same order…"""
IN_ORDER = 0.4
"""…which means: this share of all words is a common subsequence with the abstract's sentences."""
BEYOND_TITLE = 0.5
"""Least share of the words that the title lacks which the best sentences hold."""

_GRAMMAR = frozenset(
    "a an the of in on at by for from to with and or but nor as is are was were be been being it its this "
    "that these those their they them there which who whom whose what when where how than then so such "
    "also can could may might will would shall should do does did done have has had having not no into "
    "onto over under about between both each other more most very via using used use uses if while "
    "whereas we our us i you your he she his her paper abstract authors author study work".split()
)
_DENIALS = frozenset(
    "not no never cannot without neither nor none unable fails fail lacks lack hardly nothing".split()
)
_REACH = 4
"""Content words after a denial that it is about."""
_SCALE = {
    "thousand": 1e3,
    "k": 1e3,
    "million": 1e6,
    "m": 1e6,
    "billion": 1e9,
    "b": 1e9,
    "trillion": 1e12,
    "t": 1e12,
}
_WORD = re.compile(r"[^\W_]+(?:[.,][0-9]+)*")
_NUMBER = re.compile(
    r"(?<![\w.])(\d[\d,]*(?:\.\d+)?)\s?(%|percent\b|(?:thousand|million|billion|trillion|[kmbt])(?![a-z0-9]))?"
)
_SPLIT = re.compile(r"(?<=[.!?])\s+(?=[^a-z])")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the check found."""

    supported: bool
    """Whether the abstracts carry the sentence."""
    coverage: float
    """Share of its content words in the best three sentences, 0 to 1."""
    order: float
    """Share of its words that are a common subsequence with them, 0 to 1."""
    reason: str = ""
    """Why it is not supported."""


def check(sentence: str, abstracts: Sequence[str]) -> Verdict:
    """Hold a sentence against the abstracts that it cites, each with its title in front."""
    if not abstracts:
        return Verdict(False, 0.0, 0.0, "cites nothing")
    source = " \n ".join(_folded(a) for a in abstracts)
    claim = _folded(sentence)
    best = _best_sentences(claim, source)
    coverage, order = (
        _coverage(claim, best),
        _common(_words(claim), _words(best)) / max(1, len(_words(claim))),
    )
    reason = _missing(sentence, claim, source) or _denied(claim, best)
    if not reason and not (coverage >= COVERED or (coverage >= ALIGNED and order >= IN_ORDER)):
        reason = f"only {coverage:.0%} of its words are there, {order:.0%} in order"
    if not reason and (beyond := _content(claim) - _titles(abstracts)):
        carried = len(beyond & _content(best)) / len(beyond)
        reason = (
            "" if carried >= BEYOND_TITLE else f"only {carried:.0%} of what it adds to the title is there"
        )
    return Verdict(not reason, round(coverage, 3), round(order, 3), reason)


def _titles(abstracts: Sequence[str]) -> set[str]:
    """Content words of the titles in front of the abstracts: repeating them says nothing."""
    first = (re.split(r"\n|\. ", abstract.strip(), maxsplit=1)[0] for abstract in abstracts)
    return {word for title in first for word in _content(_folded(title))}


def _folded(text: str) -> str:
    """Lower case, compatibility forms folded, plain dashes and quotes."""
    text = unicodedata.normalize("NFKC", text).lower()
    return re.sub("[\u2010-\u2015\u2212]", "-", text).replace("\\%", "%")


def _words(text: str) -> list[str]:
    return [_stem(w) for w in _WORD.findall(text)]


def _content(text: str) -> set[str]:
    return {_stem(w) for w in _WORD.findall(text) if w not in _GRAMMAR}


def _stem(word: str) -> str:
    """The word without a common English ending; crude on purpose, both sides are cut alike."""
    for ending in (
        "ization",
        "isation",
        "ations",
        "ation",
        "ings",
        "ing",
        "ies",
        "edly",
        "ely",
        "ed",
        "es",
        "ly",
        "s",
        "e",
    ):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


def _missing(sentence: str, claim: str, source: str) -> str:
    """A number or name of the claim that the source lacks."""
    if absent := sorted(_numbers(claim) - _numbers(source)):
        return f"number {absent[0]} is not there"
    letters = re.sub(r"[\W_]+", "", source)
    for name in sorted(_names(sentence)):
        if re.sub(r"[\W_]+", "", name) not in letters:
            return f"name {name} is not there"
    return ""


def _numbers(folded: str) -> set[str]:
    found = {_canonical(m[1], m[2] or "") for m in _NUMBER.finditer(folded)}
    return found | set(re.findall(r"(?<=[a-z])-?(\d+(?:\.\d+)?)", folded))


def _canonical(digits: str, unit: str) -> str:
    value = float(digits.replace(",", "") or 0) * _SCALE.get(unit, 1.0)
    return f"{value:.10g}" + ("%" if unit in ("%", "percent") else "")


def _names(sentence: str) -> set[str]:
    """Words that look like names, in lower case, plural endings cut."""
    names = set()
    for place, word in enumerate(re.findall(r"[^\W_]+(?:[-–.][^\W_]+)*", sentence)):
        for part in re.split("[-–]", word):
            inner = any(c.isupper() for c in part[1:]) or (
                any(map(str.isdigit, part)) and any(map(str.isalpha, part))
            )
            middle = place > 0 and part[:1].isupper() and part.lower() not in _GRAMMAR
            if len(part) > 1 and (inner or middle):
                names.add(_folded(re.sub(r"(?<=[A-Z])s$", "", part)))
    return names


def _best_sentences(claim: str, source: str) -> str:
    """The three sentences of the source that together hold most of the claim's words."""
    wanted = _content(claim)
    chosen: list[str] = []
    pieces = [p for line in source.split("\n") for p in _SPLIT.split(line) if p.strip()]
    for _ in range(min(3, len(pieces))):
        best = max(pieces, key=lambda p: (len(wanted & _content(p)), -len(p)))
        if chosen and not wanted & _content(best):
            break
        chosen.append(best)
        wanted -= _content(best)
        pieces.remove(best)
    return " ".join(chosen)


def _coverage(claim: str, evidence: str) -> float:
    wanted = _content(claim)
    return len(wanted & _content(evidence)) / len(wanted) if wanted else 0.0


def _common(a: Sequence[str], b: Sequence[str]) -> int:
    """Length of the longest common subsequence of words."""
    previous = [0] * (len(b) + 1)
    for word in a:
        current = [0]
        for place, other in enumerate(b, 1):
            current.append(previous[place - 1] + 1 if word == other else max(previous[place], current[-1]))
        previous = current
    return previous[-1]


def _denied(claim: str, evidence: str) -> str:
    """A denial of the claim without its like in the evidence: none that reaches one of the same words."""
    said = _reaches(evidence)
    for denial, reach in _reaches(claim):
        if not any(reach & other or not reach for _, other in said):
            return f"“{denial}” is not what they say"
    return ""


def _reaches(folded: str) -> list[tuple[str, set[str]]]:
    """Each denial with the first content words after it."""
    words = _WORD.findall(re.sub("n['’]t\\b", " not", folded))
    return [
        (word, set([_stem(w) for w in words[n + 1 :] if w not in _GRAMMAR][:_REACH]))
        for n, word in enumerate(words)
        if word in _DENIALS
    ]
