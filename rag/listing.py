"""Lists: what a "which papers …" question wants, and how near each paper is to it.

The question is freed of the words that ask for a list; what is left is the topic. A paper is near it by its
score in the ranking for the topic and by how much of the topic its abstract holds, in rare words more than in
common ones, best in one sentence. What these features count is fitted (`footnote eval fit`).
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
from rag.text import sentences, stem
from rag.wordforms import KINDS, content, holds

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
_OPENING = re.compile(
    r"^[^:?]*:\s*(?=(?:please )?(?:show|find|list|give|name|collect|gather)\b)"
    r"|^\W*(?:(?:please|can you|could you|would you|tell me|do you know(?: of)?)\W+)*"
    r"(?:i(?: am|['’]m)?(?: (?:looking|searching) for| interested in)"
    r"|i(?: would|['’]d)? (?:need|want|like)(?: to (?:see|read|find))?"
    r"|(?:point me|send me|pull up|dig up|gather|collect|suggest)(?: (?:to|at|towards?)\b)?"
    r"|(?:is|are|was|were|has|have) there(?: been)?|(?:have|do) (?:you|we)(?: got| have| know(?: of)?)?"
    r"|what(?: else)?(?: has been|['’]s been|['’]s| is)? (?:(?:out )?there|done|written|published|tried|available)"
    r"|(?:has|have|did|does|do|is|are) (?:any|some)(?:one|body)(?: (?:ever|already|yet))?|any(?:one|body)\b(?: who)?"
    r"|(?:in )?whose|who(?: else| all)?(?: (?:ever|already|has|have|is|are|been))*"
    r"(?: (?:us(?:es?|ed|ing)|appl(?:y|ies|ied)|stud(?:y|ies|ied)|work(?:s|ed|ing)? (?:on|with)"
    r"|look(?:s|ed|ing)? (?:at|into)|built|made)\b)?"
    r")(?![\w-])",
    re.IGNORECASE,
)
"""How a wish for papers begins; with an introduction before a colon."""
_LEFT_OVER = re.compile(
    r"\b(?:something|whatever|(?:attempts?|efforts?)(?= (?:to|at|in)\b)|showing|deal(?:s|ing)? with|dealt with"
    r"|look(?:s|ed|ing)? (?:at|into)|mak(?:es?|ing) use of|(?:systems|methods|models|approaches) that do|whose)\b"
    r"|^\W*(?:(?:that|which|who|to|,|\.|:)\s+)*(?:us(?:es?|ed|ing)|(?:are )?based on|take|present)\b|(?<=\s)\.(?=\s)",
    re.IGNORECASE,
)
"""What then still stands around the topic."""
_NOT_MEANT = re.compile(
    r"[\s,;:(–-]*\b(?:(?:but )?(?<!did )(?<!does )(?<!do )not(?: about)?|except(?: for)?|other than|leav(?:e|ing) out"
    r"|leave(?= [\w -]{3,30} out\b)|without|excluding|ignor(?:e|ing)|no)\b\s+(?P<what>[^;.?!)]*)",
    re.IGNORECASE,
)
_LONG_QUESTION = 140
_COLLECTIVE = frozenset({"llm", "nlp", "ai", "ml", "plm", "lm"})
"""Names that half of a library goes by and that a question uses loosely."""
_EXCLUDING_WORDS = 3
LISTED = (
    "score",
    "score against the best",
    "topic's words",
    "topic's words against the best",
    "topic's words in one sentence",
    "topic's words in one sentence against the best",
)
"""Names of the features that tell whether a paper belongs on a list, in the order of `of_papers`."""
_LEAST_WORDS = 0.3
_LEAST_COSINE = 0.45
"""When the best paper holds less of the topic than the one and is further from it than the other, none matches…"""
_HALF = 0.5
_ELSEWHERE = 0.24
"""…nor when all are about something else and none holds half of the topic."""


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
        kinds = [sorted(kind) for kind in KINDS if kind & {stem(word) for word in self.words}]
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
        for word in content(match["what"])[:_EXCLUDING_WORDS]
    }
    asked = _LIST_WORDS.sub(" ", _OPENING.sub(" ", _NOT_MEANT.sub(" ", first)))
    text = " ".join(_LEFT_OVER.sub(" ", " ".join(asked.split())).split())
    text = re.sub(r"^(?:(?:are|is|were|was|that|on|the|of|in)\b\s*)+|[\s?.!,:;()\[\]–-]+$", "", text)
    words = tuple({stem(word): word for word in content(text)}.values())
    wanted = names(f"the {text}") - _COLLECTIVE
    return Topic(text or question, words, wanted, frozenset(excluded) - set(map(stem, words)))


def of_papers(
    wanted: Topic, ranking: Sequence[Candidate], weight: Callable[[str], float]
) -> tuple[np.ndarray, np.ndarray]:
    """The features of the papers of a ranking, and which of them may be on the list at all.

    Args:
        wanted: the topic.
        ranking: candidates for the topic's text, best first.
        weight: how much a word tells, its inverse document frequency.

    Returns:
        float64 (papers, features), in the order of `LISTED`; and bool (papers,): it mentions the names that
        are asked for, any of them where one of several things is enough, and its title nothing that is excluded.
    """
    if not ranking:
        return np.empty((0, len(LISTED))), np.empty(0, dtype=bool)
    parts = [_parts(c) for c in ranking]
    scores = np.array([c.score for c in ranking])
    words = np.array([_share(wanted.words, set().union(*stems), weight) for stems in parts])
    together = np.array([max(_share(wanted.words, part, weight) for part in stems) for stems in parts])
    columns = [column for values in (scores, words, together) for column in (values, _against_best(values))]
    may = np.array([_meets(wanted, c) for c in ranking], dtype=bool)
    cosine, most = max(c.cosine for c in ranking), words.max()
    if (cosine < _LEAST_COSINE and most < _LEAST_WORDS) or (cosine < _ELSEWHERE and most < _HALF):
        may[:] = False
    return np.stack(columns, axis=1), may


def _parts(candidate: Candidate) -> list[set[str]]:
    """The stems of title and sentences."""
    paper = candidate.paper
    return [{stem(word) for word in content(part)} for part in (paper.title, *sentences(paper.abstract))]


def _against_best(values: np.ndarray) -> np.ndarray:
    best = values.max()
    shares: np.ndarray = values / best if best > 0 else values
    return shares


def _meets(wanted: Topic, candidate: Candidate) -> bool:
    """Whether a paper mentions what is asked for by name, and its title nothing that is excluded."""
    paper = candidate.paper
    title = {stem(word) for word in content(paper.title)}
    mentioned = [mentions(f"{paper.title}. {paper.abstract}", name) for name in wanted.names]
    enough = any(mentioned) or not mentioned if wanted.either else all(mentioned)
    return enough and not any(holds(title, word) for word in wanted.excluded)


def showing(wanted: Topic, reading: Reading, vector: np.ndarray) -> EvidenceSentence:
    """The sentence that shows best why a paper is on a list: by names and words of the topic, then meaning.

    Args:
        vector: the topic's vector, float32 (dimension,).
    """

    def place(sentence: EvidenceSentence) -> tuple[int, float]:
        held = {stem(w) for w in content(sentence.text)}
        words = sum(holds(held, stem(word)) for word in wanted.words) / max(1, len(wanted.words))
        return sum(mentions(sentence.text, name) for name in wanted.names), words + sentence.relevance

    return max(reading.evidence(vector), key=place)


def inverse_document_frequency(count: int, papers: int) -> float:
    """How much a word tells that `count` of `papers` hold; BM25's form (Robertson and Zaragoza 2009)."""
    return math.log(1 + (papers - count + 0.5) / (count + 0.5))


def _share(words: Sequence[str], held: Collection[str], weight: Callable[[str], float]) -> float:
    whole = sum(map(weight, words))
    return sum(weight(word) for word in words if holds(held, stem(word))) / whole if whole else 0.0
