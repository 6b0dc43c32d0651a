"""Settings to a ready Footnote: only wiring, and the import that feeds the indexes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path

import numpy as np

from rag import importers, index, lexical, models, passport
from rag.answer import Parts, answer
from rag.embedders import Embedder, embedder
from rag.explain import Explanation, explain
from rag.index import PassageIndex
from rag.lexical import WordIndex
from rag.library import ImportReport, Library
from rag.passages import cut, embedded_text, split
from rag.reading import Reader
from rag.records import Answer, Candidate, Filters, Paper, Passage, Turn
from rag.retrieve import retrieve
from rag.settings import Settings
from rag.understand import understand

Progress = Callable[[int, int], None]
"""Called with papers done and papers to do."""

_INDEX_BATCH = 128


class Footnote:
    """A library with its indexes, an embedder and, when asked to write, a language model.

    Everything heavy is built at first use, so that a command pays for what it needs.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.library = Library(settings.library)
        self._version = self.library.version()
        self._opening = threading.RLock()
        self._indexing = threading.Lock()
        self._choosing = threading.Lock()
        self._choice: models.Choice | None = None

    @cached_property
    def embedder(self) -> Embedder:
        """The embedder of the settings."""
        return embedder(self.settings.embedder, self.settings.ollama_host)

    @property
    def words(self) -> WordIndex:
        """The word index of the library."""
        with self._opening:
            self._follow()
            return self._words

    @property
    def passages(self) -> PassageIndex:
        """The passage index of the library.

        Raises:
            PassportMismatch: it was made by another embedder, splitter or schema.
        """
        with self._opening:
            self._follow()
            return self._passages

    def _follow(self) -> None:
        """Open the indexes anew when another process changed the library; they do not notice by themselves."""
        version = self.library.version()
        if version != self._version:
            self._version = version
            if opened := self.__dict__.pop("_passages", None):
                opened.close()
            self.__dict__.pop("_words", None)

    @cached_property
    def _words(self) -> WordIndex:
        return WordIndex(self.settings.library / "words")

    @cached_property
    def _passages(self) -> PassageIndex:
        self._check_passport()
        return PassageIndex(self.settings.library / "chroma")

    @cached_property
    def _reader(self) -> Reader:
        return Reader(self._embed)

    def _embed(self, texts: Sequence[str]) -> np.ndarray:
        """Vectors of questions and sentences; only their beginning where one exceeds the window."""
        count, window = self.embedder.count_tokens, self.embedder.window
        return self.embedder.embed([cut(text, count, window) for text in texts])

    def choose_model(self, name: str | None = None) -> models.Choice:
        """The language model that answers now, with what is degraded; asked again when none was found."""
        with self._choosing:
            if name is not None or self._choice is None or self._choice.model is None:
                settings = replace(self.settings, model=name) if name else self.settings
                self._choice = models.choose(settings, settings.weights)
            return self._choice

    def close(self) -> None:
        """Release files, connections and the model."""
        if self._choice and self._choice.model:
            self._choice.model.close()
        if "_passages" in self.__dict__:
            self._passages.close()
        self.library.close()

    def answer(
        self,
        asked: str,
        history: Sequence[Turn] = (),
        stop: threading.Event | None = None,
        top_k: int | None = None,
        filters: Filters = Filters(),
    ) -> Iterator[Answer]:
        """Answer a question as growing snapshots; see `rag.answer.answer`."""
        return answer(asked, self.parts(top_k), history, stop, filters)

    def parts(self, top_k: int | None = None) -> Parts:
        """What the main path works with now, the language model included."""
        choice = self.choose_model()
        return Parts(
            library=self.library,
            passages=self.passages,
            words=self.words,
            embed=self._embed,
            reader=self._reader,
            model=choice.model,
            notices=(*choice.notices, *self.stale()),
            top_k=top_k or self.settings.top_k,
            answer_tokens=self.settings.answer_tokens,
            answer_seconds=self.settings.answer_seconds,
        )

    def search(self, text: str, top_k: int | None = None, filters: Filters = Filters()) -> list[Candidate]:
        """Papers that match a text, best first."""
        vector = self._embed([text])[0]
        limit = top_k or self.settings.top_k
        return retrieve(text, vector, self.library, self.passages, self.words, limit, filters)

    def why(self, asked: str, paper: Paper, filters: Filters = Filters()) -> Explanation:
        """Where a paper stands in the ranking for a question, and what stands before it.

        Raises:
            QuestionError: there is no word in the question.
        """
        question = understand(asked, (), self.library.known(), filters)
        vector = self._embed([question.standalone])[0]
        return explain(question, vector, self.library, self.passages, self.words, paper)

    def import_file(self, path: Path) -> ImportReport:
        """Add the papers of a file to the library as pending; `index_pending` makes them findable.

        Raises:
            ImportFailed: the file holds no papers.
        """
        return self.library.add(importers.read(path), path.name)

    def index_pending(self, progress: Progress = lambda done, total: None) -> int:
        """Embed and index every paper that is pending; returns how many there were.

        A batch counts as done only when both indexes hold it, so a crash leaves it pending.
        """
        with self._indexing:
            if not self.library.manifest():
                self.library.write_manifest(passport.current(self.embedder).manifest())
            total, done = self.library.count("pending"), 0
            while batch := self.library.pending(_INDEX_BATCH):
                self._index(batch)
                self.library.mark_indexed(batch)
                done += len(batch)
                progress(done, max(total, done))
            return done

    def _index(self, papers: Sequence[Paper]) -> None:
        count = self.embedder.count_tokens
        passages: list[Passage] = []
        texts: list[str] = []
        for paper in papers:
            for passage in split(paper, count):
                passages.append(passage)
                texts.append(embedded_text(paper.title, passage, count))
        self.passages.replace(passages, self.embedder.embed(texts))
        self.words.upsert(papers)

    def reindex(self, progress: Progress = lambda done, total: None) -> int:
        """Build both indexes anew from the library with the embedder of the settings."""
        self.library.mark_all_pending()
        self.library.write_manifest(passport.current(self.embedder).manifest())
        lexical.erase(self.settings.library / "words")
        index.erase(self.settings.library / "chroma")
        self.__dict__.pop("_words", None)
        self.__dict__.pop("_passages", None)
        return self.index_pending(progress)

    def stale(self) -> tuple[str, ...]:
        """What the indexes lack against the library, one line each; empty when they agree."""
        notes = []
        if pending := self.library.count("pending"):
            notes.append(f"{pending} papers are not indexed yet. Run: footnote import --continue")
        held = self.words.count()
        if held != (indexed := self.library.count("indexed")) and not pending:
            notes.append(f"The word index holds {held} of {indexed} papers. Run: footnote reindex")
        if (passages := self.passages.count()) < indexed:
            notes.append(
                f"The passage index holds {passages} passages of {indexed} papers. Run: footnote reindex"
            )
        return tuple(notes)

    def without_passages(self) -> int:
        """How many indexed papers have no passage in the index."""
        ids = self.library.matching(Filters())
        held = self.passages.vectors(ids)
        return sum(paper not in held for paper in ids)

    def _check_passport(self) -> None:
        if stored := self.library.manifest():
            passport.check(stored, passport.current(self.embedder), str(self.settings.library))
