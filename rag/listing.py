"""Lists: which papers match a "which papers …" question, decided paper by paper without a model.

The question is freed of the words that ask for a list; what is left is the topic. A paper is scored
by its place in the ranking for the topic and by how much of the topic its abstract holds, in rare
words more than in common ones, best in one sentence. Papers near the best one match.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np

from rag.claims import mentions, names
from rag.reading import Reading
from rag.records import Candidate, EvidenceSentence
from rag.text import STOP_WORDS, sentences, stem, tokens

_LIST_WORDS = re.compile(
    r"\b(?:(?:which|what|any|how many)(?: of (?:the|these|those))?|list|give(?: me)?|name|find|show(?: me)?|tell me|enumerate"
    r"|recommend|are there|every|all|each|anything|everything)\b|\b(?:papers?|abstracts?|documents?"
    r"|works?|ones|research|literature|experiments?|trials?|investigations|articles?|studies|study|publications?)\b"
    r"|\b(?:in|of|from|within) (?:the|this|your|our|that) (?:collection|library|corpus|set|archive)\b"
    r"|\b(?:have|do) (?:we|you|i)(?: have| got| know)?(?: got)?\b|\b(?:deals? with|discuss(?:es)?|mentions?|says? that|includes?"
    r"|reports?|proposes?|gives?|talks? about|about|here|there|mainly|principally|primarily|please|of them|of any kind"
    r"|their own|such|i\.e|e\.g|(?:was|were|are|been) (?:published|written|released|done|made|run|carried out))\b",
    re.IGNORECASE,
)
_NOT_MEANT = re.compile(
    r"[\s,;:(–-]*\b(?:(?:but )?not(?: about)?|except(?: for)?|other than|leav(?:e|ing) out|leave(?= [\w -]{3,30} out\b)|without"
    r"|excluding|ignor(?:e|ing)|no)\b\s+(?P<what>[^;.?!)]*)",
    re.IGNORECASE,
)
_LONG_QUESTION = 140
_KINDS = (frozenset({"survey", "overview", "review"}), frozenset({"thesi", "thesis", "dissert"}))
"""Words for one kind of paper."""
_COLLECTIVE = frozenset({"llm", "nlp", "ai", "ml", "plm", "lm"})
"""Names that half of a library goes by and that a question uses loosely."""
_EXCLUDING_WORDS = 3
_NEGATING = ("an", "un", "non", "in")
_ENDING = 7

_RANK, _MEANING, _WORDS, _ONE_SENTENCE = 0.5, 0.5, 1.0, 0.5
"""Weights of the fused score, the cosine, the topic's words in the abstract, and in one sentence of it."""
_NEAR_BEST = 0.7
_NEAR_ANY = 0.68
"""Shares of the best score from which on a paper matches; the second where one of several things is enough."""
_GAP = 0.13
"""Shares of the best score further apart than that end a list."""
_HALF_OF_BEST = 0.5
_LEAST_WORDS = 0.3
_LEAST_COSINE = 0.45
"""When the best paper holds less of the topic than the one and is further from it than the other, none matches…"""
_ALL_WORDS = 0.9
_ELSEWHERE = 0.24
"""…nor when all are about something else and none holds all of the topic."""


@dataclass(frozen=True, slots=True)
class Topic:
    """What the papers of a list have in common."""

    text: str
    """The question without the words that ask for a list and without what it excludes."""
    words: tuple[str, ...]
    """Its content words, each once."""
    names: frozenset[str]
    """Names that every paper of the list must mention."""
    excluded: frozenset[str]
    """Stems that no title of the list may hold."""

    @property
    def either(self) -> bool:
        """Whether one of several things is enough: "glioma or glioblastoma"."""
        return re.search(r"\bor\b", self.text) is not None

    @property
    def query(self) -> str:
        """What to look for: the text, with all words for the kind of paper that it asks for."""
        kinds = [sorted(kind) for kind in _KINDS if kind & {stem(word) for word in self.words}]
        return " ".join([self.text, *(word for kind in kinds for word in kind)])


def topic(question: str) -> Topic:
    """What a question for a list wants, and what it does not want.

    >>> t = topic("Which papers here are about GLUE, but not SuperGLUE?")
    >>> t.text, sorted(t.names), sorted(t.excluded)
    ('GLUE', ['glue'], ['superglu'])
    """
    first = sentences(question)[0] if len(question) > _LONG_QUESTION else question
    excluded = {
        stem(word)
        for match in _NOT_MEANT.finditer(question)
        for word in _content(match["what"])[:_EXCLUDING_WORDS]
    }
    text = " ".join(_LIST_WORDS.sub(" ", _NOT_MEANT.sub(" ", first)).split())
    text = re.sub(r"^(?:(?:are|is|were|was|that|on|the|of|in)\b\s*)+|[\s?.!,:;()\[\]–-]+$", "", text)
    words = tuple({stem(word): word for word in _content(text)}.values())
    wanted = names(f"the {text}") - _COLLECTIVE
    return Topic(text or question, words, wanted, frozenset(excluded) - set(map(stem, words)))


def matches(wanted: Topic, ranking: Sequence[Candidate], weight: Callable[[str], float]) -> list[int]:
    """Places in a ranking for the topic of the papers that match it.

    Args:
        wanted: the topic.
        ranking: candidates for the topic's text, best first.
        weight: how much a word tells, its inverse document frequency.
    """
    held = [_Held.of(c, wanted, weight) for c in ranking]
    most = _Held(*(max(column) for column in zip(*(h.row for h in held), strict=True))) if held else _Held()
    far = most.cosine < _LEAST_COSINE and most.words < _LEAST_WORDS
    if far or (most.cosine < _ELSEWHERE and most.words < _ALL_WORDS):
        return []
    scores = [h.score(most) for h in held]
    near = (_NEAR_ANY if wanted.either else _NEAR_BEST) * max(scores)
    words = (_LEAST_WORDS if wanted.either else _HALF_OF_BEST) * most.words
    found = [
        n
        for n, (h, score) in enumerate(zip(held, scores, strict=True))
        if score >= near > 0 and h.words >= words and _meets(wanted, ranking[n])
    ]
    least = _above_gap([scores[n] / max(scores) for n in found]) * max(scores)
    return [n for n in found if scores[n] >= least]


def _above_gap(shares: Sequence[float]) -> float:
    """The share of the best score above the first wide gap behind at least two papers; 0 without one.

    >>> _above_gap([1.0, 0.98, 0.75, 0.72])
    0.98
    """
    ordered = sorted(shares, reverse=True)
    wide = (n for n in range(2, len(ordered)) if ordered[n - 1] - ordered[n] > _GAP)
    return next((ordered[n - 1] for n in wide), 0.0)


def _meets(wanted: Topic, candidate: Candidate) -> bool:
    """Whether a paper mentions every name that is asked for and its title nothing that is excluded."""
    paper = candidate.paper
    title = {stem(word) for word in _content(paper.title)}
    return all(mentions(f"{paper.title}. {paper.abstract}", name) for name in wanted.names) and not any(
        _holds(title, word) for word in wanted.excluded
    )


@dataclass(frozen=True, slots=True)
class _Held:
    """How near a paper is to a topic."""

    fused: float = 0.0
    cosine: float = 0.0
    words: float = 0.0
    sentence: float = 0.0

    @property
    def row(self) -> tuple[float, float, float, float]:
        return self.fused, self.cosine, self.words, self.sentence

    @staticmethod
    def of(candidate: Candidate, wanted: Topic, weight: Callable[[str], float]) -> _Held:
        paper = candidate.paper
        parts = [{stem(w) for w in _content(part)} for part in (paper.title, *sentences(paper.abstract))]
        everything = set().union(*parts)
        return _Held(
            candidate.score,
            candidate.cosine,
            _share(wanted.words, everything, weight),
            max(_share(wanted.words, part, weight) for part in parts),
        )

    def score(self, most: _Held) -> float:
        weights = (_RANK, _MEANING, _WORDS, _ONE_SENTENCE)
        return sum(
            share * value / top
            for share, value, top in zip(weights, self.row, most.row, strict=True)
            if top > 0
        )


def showing(wanted: Topic, reading: Reading, vector: np.ndarray) -> EvidenceSentence:
    """The sentence that shows best why a paper is on a list: by names and words of the topic, then meaning.

    Args:
        vector: the topic's vector, float32 (dimension,).
    """

    def place(sentence: EvidenceSentence) -> tuple[int, float]:
        held = {stem(w) for w in _content(sentence.text)}
        words = sum(_holds(held, stem(word)) for word in wanted.words) / max(1, len(wanted.words))
        return sum(mentions(sentence.text, name) for name in wanted.names), words + sentence.relevance

    return max(reading.evidence(vector), key=place)


def inverse_document_frequency(count: int, papers: int) -> float:
    """How much a word tells that `count` of `papers` hold; BM25's form (Robertson and Zaragoza 2009)."""
    return math.log(1 + (papers - count + 0.5) / (count + 0.5))


def _share(words: Sequence[str], held: Collection[str], weight: Callable[[str], float]) -> float:
    whole = sum(map(weight, words))
    return sum(weight(word) for word in words if _holds(held, stem(word))) / whole if whole else 0.0


def _holds(held: Collection[str], word: str) -> bool:
    """Whether a word stands among others, in another form or under another name of its kind of paper."""
    kind = next((kind for kind in _KINDS if word in kind), frozenset({word}))
    return any(one in held for one in kind) or any(_related(word, other) for other in held)


_NOUNS = {
    "resolut": "resolv",
    "solut": "solv",
    "percept": "perceiv",
    "acquisit": "acquir",
    "descript": "describ",
}
_NOUNS |= {
    "explan": "explain",
    "decis": "decid",
    "explanatori": "explain",
    "recognit": "recognis",
    "recogniz": "recognis",
}
"""Stems of nouns that share no stem with their verb."""


def _related(one: str, other: str) -> bool:
    """Whether two stems are forms of one word: "isotropi", "isotrop", "anisotrop".

    >>> _related("isotropi", "isotrop"), _related("isotrop", "anisotrop"), _related("alpacaev", "alpaca")
    (True, True, False)
    """
    if _NOUNS.get(one, one) == _NOUNS.get(other, other):
        return True
    short = min(len(one), len(other))
    if short >= _ENDING and one[: short - 1] == other[: short - 1] and abs(len(one) - len(other)) <= 2:
        return True
    return any(
        long == prefix + rest or (long.startswith(prefix) and _related(long.removeprefix(prefix), rest))
        for long, rest in ((one, other), (other, one))
        for prefix in _NEGATING
        if len(long) > len(rest) >= _ENDING - 1
    )


def _content(text: str) -> list[str]:
    """Words that carry content; a Greek plural in its singular."""
    words = [t for t in tokens(text) if t not in STOP_WORDS and len(t) > 1]
    return [f"{w[:-4]}esis" if w.endswith("eses") else w for w in words]
