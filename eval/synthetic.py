"""A library of made-up abstracts in any number, to measure times on: nothing is embedded for it.

Each abstract strings together sentences of real ones. Rare words get endings of their own, so that
the vocabulary grows with the library as it does in a real one. Each vector is a mixture of real
passages' vectors with noise. Answers from such a library mean nothing; its sizes are real.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eval import cache
from eval.cache import Progress, quiet
from eval.provenance import ROOT
from rag import importers, passport
from rag.assemble import Footnote
from rag.importers import Parsed
from rag.passages import embedded_text, split
from rag.records import Paper, Passage
from rag.settings import Settings
from rag.text import sentences

_VERSION = "1"
_SEED = 20_261
_BATCH = 5_000
_RARE = 2
"""Words in at most so many of the real abstracts get endings."""
_AS_WRITTEN = 0.01
"""Share of rare words that keep their form, so that questions find some."""
_ENDINGS = 2_000
"""How many endings there are; a rare word becomes so many rarer ones."""
_SENTENCES = (5, 10)
_MIXED = 3
_NOISE = 0.7
"""Length of the noise beside a vector of length 1."""
_WORD = re.compile(r"[A-Za-z]{3,}")


class Maker:
    """Makes papers and their vectors, each from its number alone.

    Args:
        papers: real ones.
        vectors: vectors of their passages, float32 (passages, dimension).
        counts: numbers of passages of real abstracts.
    """

    def __init__(self, papers: Sequence[Paper], vectors: NDArray[np.float32], counts: Sequence[int]) -> None:
        self._titles = [p.title for p in papers]
        self._sentences = [s for p in papers for s in sentences(p.abstract)]
        held = Counter(w for p in papers for w in set(_WORD.findall(p.abstract.lower())))
        self._rare = {word for word, count in held.items() if count <= _RARE}
        self._vectors, self._counts = vectors, counts

    def paper(self, number: int) -> Paper:
        """The paper of this number."""
        random = np.random.default_rng((_SEED, number))
        chosen = random.integers(0, len(self._sentences), random.integers(*_SENTENCES))
        title = self._titles[random.integers(0, len(self._titles))]
        abstract = " ".join(self._sentences[n] for n in chosen)
        title, abstract = self._varied(title, random), self._varied(abstract, random)
        year = int(random.integers(1990, 2026))
        return Paper(f"made-up:{number:07}", title, abstract, ("A. Nobody",), year, source="made-up")

    def _varied(self, text: str, random: np.random.Generator) -> str:
        def ending(match: re.Match[str]) -> str:
            word = match[0]
            if word.lower() not in self._rare or random.random() < _AS_WRITTEN:
                return word
            return word + _letters(int(random.integers(0, _ENDINGS)))

        return _WORD.sub(ending, text)

    def passages(self, number: int) -> tuple[list[Passage], NDArray[np.float32]]:
        """The passages of the paper of this number, without text, and their vectors."""
        random = np.random.default_rng((_SEED, number, 1))
        count = self._counts[int(random.integers(0, len(self._counts)))]
        weights = random.dirichlet(np.ones(_MIXED))
        mixture = weights @ self._vectors[random.integers(0, len(self._vectors), _MIXED)]
        mixture /= np.linalg.norm(mixture)
        size = self._vectors.shape[1]
        rows = mixture + random.normal(0.0, _NOISE / np.sqrt(size), (count, size))
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        name = f"made-up:{number:07}"
        return [Passage(name, n, "") for n in range(count)], rows.astype(np.float32)


def _letters(number: int) -> str:
    """A number as letters.

    >>> _letters(0), _letters(27)
    ('qa', 'qbb')
    """
    digits = ""
    while number or not digits:
        number, digit = divmod(number, 26)
        digits = chr(97 + digit) + digits
    return f"q{digits}"


def library(size: int, settings: Settings, folder: Path, progress: Progress = quiet) -> Footnote:
    """A Footnote over so many made-up papers; made once, and taken up where it was left."""
    place = cache.place(settings, f"made-up-{_VERSION}-{size}", folder)
    footnote = Footnote(replace(settings, library=place / "library"))
    if footnote.library.count() == size and not footnote.library.count("pending"):
        return footnote
    maker = _maker(footnote)
    footnote.library.write_manifest(passport.current(footnote.embedder).manifest())
    for start in range(footnote.library.count("indexed") // _BATCH * _BATCH, size, _BATCH):
        _add(range(start, min(start + _BATCH, size)), maker, footnote)
        progress("Making up abstracts", min(start + _BATCH, size), size)
    return footnote


def _maker(footnote: Footnote) -> Maker:
    """From the papers that Footnote ships."""
    papers = importers.read(ROOT / "data" / "papers.txt").papers
    e = footnote.embedder
    cut = [split(paper, e.count_tokens) for paper in papers]
    texts = [
        embedded_text(p.title, passage, e.count_tokens)
        for p, own in zip(papers, cut, strict=True)
        for passage in own
    ]
    return Maker(papers, e.embed(texts), [len(own) for own in cut])


def _add(numbers: range, maker: Maker, footnote: Footnote) -> None:
    papers = [maker.paper(n) for n in numbers]
    made = [maker.passages(n) for n in numbers]
    footnote.library.add(Parsed(tuple(papers)), "made-up")
    footnote.passages.replace([p for own, _ in made for p in own], np.concatenate([rows for _, rows in made]))
    footnote.words.upsert(papers)
    footnote.library.mark_indexed(papers)
