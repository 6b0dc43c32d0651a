"""Abstracts read sentence by sentence: each sentence with its vector, remembered between questions."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from rag.orders import is_order
from rag.records import EvidenceSentence, Paper
from rag.text import sentences

Embed = Callable[[Sequence[str]], np.ndarray]
"""Texts to unit vectors, float32 (len(texts), dimension)."""

_LONGEST = 1200
"""Characters of a "title: sentence" that are embedded; far below the window of any embedder."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One abstract in sentences."""

    paper: Paper
    """The paper."""
    sentences: tuple[str, ...]
    """The abstract's sentences in their order, without orders; the title alone when there are none."""
    vectors: np.ndarray
    """Vectors of "title: sentence", float32 (len(sentences), dimension)."""
    positions: tuple[int, ...] = ()
    """Places of the sentences in the whole abstract, from 0; -1 for the title; as they come when not given."""

    @property
    def text(self) -> str:
        """Everything that the paper says: title and abstract."""
        said = " ".join(self.sentences) if self.paper.abstract else ""
        return f"{self.paper.title}. {said}"

    def relevance(self, vector: np.ndarray) -> np.ndarray:
        """Cosine of a question's vector against each sentence, float32 (len(sentences),)."""
        cosines: np.ndarray = self.vectors @ vector
        return cosines

    def evidence(self, vector: np.ndarray) -> tuple[EvidenceSentence, ...]:
        """Every sentence with its relevance to a question's vector."""
        places = self.positions or tuple(range(len(self.sentences)))
        return tuple(
            EvidenceSentence(self.paper.id, place, text, float(cosine))
            for place, text, cosine in zip(places, self.sentences, self.relevance(vector), strict=True)
        )


class Reader:
    """Reads abstracts and keeps the latest ones, so that a second question costs no embedding."""

    def __init__(self, embed: Embed, keep: int = 512) -> None:
        self._embed = embed
        self._keep = keep
        self._lock = threading.Lock()
        self._readings: OrderedDict[Paper, Reading] = OrderedDict()

    def read(self, paper: Paper) -> Reading:
        """The paper's sentences with their vectors."""
        with self._lock:
            if paper in self._readings:
                self._readings.move_to_end(paper)
                return self._readings[paper]
        told = [(n, s) for n, s in enumerate(sentences(paper.abstract)) if not is_order(s)]
        places, parts = zip(*(told or [(-1, paper.title)]), strict=True)
        texts = [f"{paper.title}: {part}"[:_LONGEST] for part in parts]
        reading = Reading(paper, parts, self._embed(texts), places)
        with self._lock:
            self._readings[paper] = reading
            while len(self._readings) > self._keep:
                self._readings.popitem(last=False)
        return reading
