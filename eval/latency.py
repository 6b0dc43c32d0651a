"""How long finding papers takes for one question, part by part, without a language model."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np

from rag.answer import Parts
from rag.index import PassageIndex
from rag.lexical import WordIndex
from rag.library import Library
from rag.retrieve import retrieve

TARGET_MS = 40.0
"""Milliseconds in which 95 of 100 questions should have their papers, at 50,000 abstracts."""
EMBED, WORDS, SEARCH, FETCH = "embed", "words", "vectors, search", "vectors, fetch"
NAMES, FUSION, READING, WHOLE = "names", "fusion, smoothing", "reading papers", "whole"
PARTS = (EMBED, WORDS, SEARCH, FETCH, NAMES, FUSION, READING, WHOLE)
"""What one question consists of, in the order of the table; the last is the sum."""

_WARM_UP = 10


@dataclass(slots=True)
class Spent:
    """Seconds of one question by part."""

    seconds: dict[str, float] = field(default_factory=lambda: dict.fromkeys(PARTS, 0.0))

    def timed(self, part: str, call: Callable[..., Any]) -> Callable[..., Any]:
        """The same call, with its time added to a part."""

        def run(*args: Any, **kwargs: Any) -> Any:
            start = time.perf_counter()
            try:
                return call(*args, **kwargs)
            finally:
                self.seconds[part] += time.perf_counter() - start

        return run


class Watched:
    """An object whose methods are timed; those that are not listed go to the first part.

    Args:
        inner: the object.
        spent: where times go.
        other: part of methods that are not listed.
        parts: method → part.
    """

    def __init__(self, inner: object, spent: Spent, other: str, parts: Mapping[str, str]) -> None:
        self._inner, self._spent, self._other, self._parts = inner, spent, other, parts

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._inner, name)
        return self._spent.timed(self._parts.get(name, self._other), value) if callable(value) else value


def measure(
    questions: Sequence[str], parts: Parts, rounds: int, tell: Callable[[int, int], None]
) -> dict[str, list[float]]:
    """Part → seconds, one for each question and round; the rounds have different orders.

    Some questions are asked beforehand without being measured, so that files are in memory.
    """
    random = np.random.default_rng(0)
    for text in questions[:_WARM_UP]:
        one(text, parts)
    found: dict[str, list[float]] = {part: [] for part in PARTS}
    for turn in range(rounds):
        for done, number in enumerate(random.permutation(len(questions)), 1):
            for part, seconds in one(questions[number], parts).items():
                found[part].append(seconds)
            tell(turn * len(questions) + done, rounds * len(questions))
    return found


def one(text: str, parts: Parts) -> dict[str, float]:
    """Seconds of each part of finding papers for one question; what is in no other part is fusion."""
    spent = Spent()
    library = Watched(parts.library, spent, NAMES, {"papers": READING})
    passages = Watched(parts.passages, spent, SEARCH, {"vectors": FETCH})
    words = Watched(parts.words, spent, WORDS, {"frequency": NAMES})
    start = time.perf_counter()
    vector = spent.timed(EMBED, parts.embed)([text])[0]
    retrieve(
        text,
        vector,
        cast(Library, library),
        cast(PassageIndex, passages),
        cast(WordIndex, words),
        parts.top_k,
    )
    whole = time.perf_counter() - start
    return spent.seconds | {FUSION: whole - sum(spent.seconds.values()), WHOLE: whole}
