"""What can be seen of a question and an abstract before any model writes.

Two sets of features: of each sentence (does it hold the answer?) and of the question against the
abstracts found (can they answer it at all?). `rag/calibration.py` weighs them; `footnote eval fit`
finds the weights.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np

from rag.aliases import aliases
from rag.claims import mentions, names, numbers, wants_number
from rag.reading import Reading
from rag.records import Question
from rag.text import content_stems, stem, tokens

Rarity = Callable[[str], float]
"""How much a word tells: its inverse document frequency in the library."""

_RESULT = re.compile(
    r"\b(?:results?|experiments?|shows?|demonstrate\w*|achiev\w*|outperform\w*|improv\w*)\b", re.IGNORECASE
)
_REASON = re.compile(
    r"\b(?:because|due|since|therefore|thus|suffer\w*|however|limit\w*|problem|as a result|leads? to)\b",
    re.IGNORECASE,
)
_WHY = re.compile(r"\bwhy\b|\bwhat (?:reason|problem|is wrong)", re.IGNORECASE)
_OVERVIEW = re.compile(
    r"\bwhat(?:'s| is| are)(?! the\b)|\bwhat (?:does|do|did) .{0,80}\b(?:propose|introduce|present|do|contribute|suggest|about)\b"
    r"|\b(?:compare|contrast|differences? between)\b|\btell me about\b|\bsummar\w+|\bmain (?:idea|contribution|point)"
    r"|\bwhat is .{0,80}\babout\b|\bexplain\b|\bdescribe\b",
    re.IGNORECASE,
)
_PROPOSES = re.compile(
    r"\b(?:(?:we|this (?:paper|work|study|thesis|survey|article)|(?:authors?|paper)) (?:\w+ ){0,2}(?:propos|introduc|present"
    r"|develop|describ|study|studi|investigat|explor|review|survey|build|buil|releas|examin|provid|argu|formulat|design)\w*"
    r"|is a (?:novel|new))",
    re.IGNORECASE,
)
_LONG = 200.0
_TOP = 3

SENTENCE = (
    "relevance",
    "relevance against the best",
    "question's words",
    "rare words among those the abstract holds",
    "rare words in the sentence before",
    "a number asked for",
    "a number",
    "length",
    "place in the abstract",
    "reports a result",
    "a reason asked for",
    "says what the paper does, asked for",
)
"""Names of the columns of `of_sentences`."""

QUESTION = (
    "relevance of the best sentence",
    "question's words in the abstract",
    "rare words in one sentence",
    "calls the paper by name",
    "names something the abstract lacks",
    "asks for a thing the abstract lacks",
    "asks for a number the abstract lacks",
    "words in the question",
    "leans on the turn before",
)
"""Names of the columns of `of_question`."""


def of_sentences(question: str, reading: Reading, vector: np.ndarray, rarity: Rarity) -> np.ndarray:
    """Features of each sentence of an abstract, float64 (sentences, len(SENTENCE)).

    Args:
        question: the standalone question.
        vector: its vector, float32 (dimension,).
        rarity: how much a word tells.
    """
    relevance = reading.relevance(vector)
    words = _asked(question, reading.paper.title)
    held = [set(content_stems(text)) for text in reading.sentences]
    share = _shares(words, held, rarity)
    wanted = wants_number(question)
    reason, overview = bool(_WHY.search(question)), bool(_OVERVIEW.search(question))
    rows = [
        (
            relevance[n],
            relevance[n] / max(float(relevance.max()), 1e-6),
            len(words.keys() & held[n]) / max(1, len(words)),
            share[n],
            share[n - 1] if n else 0.0,
            wanted and bool(numbers(text) - numbers(question)),
            bool(numbers(text) - numbers(question)),
            len(text) / _LONG,
            n / len(reading.sentences),
            bool(_RESULT.search(text)),
            reason and bool(_REASON.search(text)),
            overview and bool(_PROPOSES.search(text)),
        )
        for n, text in enumerate(reading.sentences)
    ]
    return np.array(rows, dtype=float)


def says_what_it_does(sentence: str) -> bool:
    """Whether a sentence of an abstract says what the paper proposes, presents or studies."""
    return _PROPOSES.search(sentence) is not None


_GENERAL = frozenset(
    stem(w)
    for w in "propose introduce present tell explain describe summarise summarize summary idea main contribution contribute paper"
    " abstract work study method approach model article about do overview detail suggest please say discuss problem solve try"
    " address tackle aim goal purpose objective motivation find finding conclude conclusion result show".split()
)


def asks_for_the_whole(question: str, reading: Reading) -> bool:
    """Whether a question names what a paper is about and asks for nothing in particular: "What is Sylber?"."""
    asked = set(content_stems(question))
    names_of_it = (set(content_stems(name)) for name in aliases(reading.paper))
    if any(name and name <= asked and asked - name <= _GENERAL for name in names_of_it):
        return True
    wanted = asked - _GENERAL
    return len(wanted) > 1 and wanted <= set(content_stems(reading.paper.title))


def of_question(
    question: Question, reading: Reading, named: bool, vector: np.ndarray, rarity: Rarity
) -> np.ndarray:
    """Features of a question against the abstract found first, float64 (len(QUESTION),).

    Args:
        question: as understood.
        reading: the abstract.
        named: whether the question calls the paper by its name.
        vector: the standalone question's vector, float32 (dimension,).
        rarity: how much a word tells.
    """
    text = question.standalone
    asked = set(content_stems(text))
    held = set(content_stems(reading.text))
    words = _asked(text, reading.paper.title)
    in_one = _shares_of_all(words, [set(content_stems(s)) for s in reading.sentences], rarity)
    sought = focus(question.bare or question.asked)
    fresh = any(
        numbers(s) - numbers(text) and (not sought & held or sought & set(content_stems(s)))
        for s in reading.sentences
    )
    return np.array(
        [
            float(reading.relevance(vector).max()),
            len(asked & held) / max(1, len(asked)),
            max(in_one, default=0.0),
            named,
            any(not mentions(reading.text, name) for name in names(text)),
            bool(sought - held),
            wants_number(text) and not fresh,
            len(asked),
            question.follows_up,
        ],
        dtype=float,
    )


_FOCUS = re.compile(
    r"\b(?:how (?:many|much)|what(?:'s| is| are| was| were)?(?: the)?|which|whose)\s+"
    r"(?P<noun>(?:(?!is\b|are\b|was\b|were\b|do\b|does\b|did\b|has\b|have\b|can\b|of\b|in\b|on\b|for\b|to\b|that\b)[\w-]+\s*){1,3})",
    re.IGNORECASE,
)
_VAGUE = frozenset(
    stem(w)
    for w in "kind type sort way method approach model thing problem paper work main key new difference".split()
)


_DETERMINER = re.compile(r"(?:the|an?|its|their|this|these|that|those|each|every|all|both)", re.IGNORECASE)


def focus(question: str) -> frozenset[str]:
    """Stems of the noun that a question asks for: what follows "how many", "which", "what".

    >>> sorted(focus("How many GPUs were used to train it?"))
    ['gpus']
    >>> sorted(focus("Which layer keeps the timbre?"))
    ['layer']
    """
    nouns = " ".join(_noun(match, question) for match in _FOCUS.finditer(question))
    return frozenset(content_stems(nouns)) - _VAGUE


def _noun(match: re.Match[str], question: str) -> str:
    """The noun of a match, without the verb before an object; nothing where either of two nouns would do."""
    words = match["noun"].split()
    if "or" in words:
        return ""
    around = question[match.start("noun") :].split()[: len(words) + 1]
    ends = next((n for n, word in enumerate(around) if n and _DETERMINER.fullmatch(word)), len(words) + 1)
    return " ".join(words[: max(1, ends - 1)])


def _asked(question: str, title: str) -> dict[str, str]:
    """The question's content words that the title does not hold, by stem."""
    entitled = set(content_stems(title))
    stems = set(content_stems(question)) - entitled
    return {stem(token): token for token in tokens(question) if stem(token) in stems}


def _shares(words: dict[str, str], held: Sequence[set[str]], rarity: Rarity) -> list[float]:
    """For each sentence, the share of the words that some sentence holds, rare words counting more."""
    anywhere = {s: w for s, w in words.items() if any(s in sentence for sentence in held)}
    return _shares_of_all(anywhere, held, rarity)


def _shares_of_all(words: dict[str, str], held: Sequence[set[str]], rarity: Rarity) -> list[float]:
    weight = {s: rarity(w) for s, w in words.items()}
    whole = sum(weight.values()) or 1.0
    return [sum(weight[s] for s in words.keys() & sentence) / whole for sentence in held]
