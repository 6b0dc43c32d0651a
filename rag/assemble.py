"""Settings to a ready Footnote: only wiring, and the import that feeds the indexes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from rag import importers, models, passport
from rag.answer import Parts, answer
from rag.calibration import Calibration, of_library, uncalibrated
from rag.choosing import Chooser
from rag.embedders import Embedder, embedder
from rag.explain import Explanation, explain
from rag.index import PassageIndex
from rag.indexes import Indexes
from rag.lexical import WordIndex
from rag.library import ImportReport, Library
from rag.records import Answer, Candidate, Filters, Paper, Turn
from rag.reindex import BATCH, Progress, rebuild, writing
from rag.retrieve import retrieve
from rag.settings import Settings, load
from rag.understand import understand
from rag.verify import STRICTNESS

__all__ = ["Footnote", "Progress"]


class Footnote:
    """A library with its indexes, an embedder and, when asked to write, a language model.

    Everything heavy is built at first use, so that a command pays for what it needs.
    """

    def __init__(self, settings: Settings, chooser: Chooser | None = None) -> None:
        """Open a library.

        Args:
            chooser: the language model that it shares with other libraries; one of its own when not given.
        """
        self._settings = settings
        self._own_chooser = chooser is None
        self.chooser = chooser or Chooser(settings)
        self.library = Library(settings.library)
        self._indexes = Indexes(
            self.library, settings.embedder, lambda name: embedder(name, settings.ollama_host)
        )

    @classmethod
    def open(cls, library: str | Path | None = None, model: str | None = None) -> Footnote:
        """Footnote with the user's settings, ready to answer; to be closed, or used in a `with` block.

        As for `footnote ask`, an empty library gets the shipped papers, and what is pending is indexed.

        Args:
            library: name or folder; that of the settings when not given.
            model: what the setting `model` takes; that of the settings when not given.

        Raises:
            SettingsError, LibraryError: a setting or the library cannot be used.
        """
        from rag.prepare import shipped_papers

        footnote = cls(load({"library": library, "model": model}))
        try:
            shipped_papers(footnote)
            footnote.index_pending()
        except BaseException:
            footnote.close()
            raise
        return footnote

    def __enter__(self) -> Footnote:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def embedder(self) -> Embedder:
        """The embedder that indexed the library; that of the settings for a library without indexes."""
        return self._indexes.now().embedder

    @property
    def words(self) -> WordIndex:
        """The word index of the library."""
        return self._indexes.now().words

    @property
    def passages(self) -> PassageIndex:
        """The passage index of the library.

        Raises:
            PassportMismatch: it was made by another embedder, splitter or schema.
        """
        return self._indexes.checked().passages

    def choose_model(self, name: str | None = None) -> models.Choice:
        """The language model that answers now, with what is degraded; asked again when none was found."""
        return self.chooser.choose(name)

    @property
    def settings(self) -> Settings:
        """The settings as they are now."""
        return replace(self._settings, **self.chooser.changes)

    def configure(self, **changes: Any) -> None:
        """Work with other settings from now on, and so all libraries that share the language model.

        Answers under way keep theirs.

        Args:
            changes: fields of `Settings`, as `rag.settings.checked` gives them.
        """
        self.chooser.configure(**changes)

    def close(self) -> None:
        """Release files, connections and the model."""
        if self._own_chooser:
            self.chooser.close()
        self._indexes.close()
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
        with self.chooser.lent() as choice:
            yield from answer(asked, self.parts(top_k, choice=choice), history, stop, filters)

    def ask(self, asked: str, history: Sequence[Turn] = (), filters: Filters = Filters()) -> Answer:
        """The finished answer to a question.

        Raises:
            FootnoteError: see `rag.answer.answer`.
        """
        return list(self.answer(asked, history, filters=filters))[-1]

    def parts(
        self,
        top_k: int | None = None,
        calibration: Calibration | None = None,
        choice: models.Choice | None = None,
    ) -> Parts:
        """What the main path works with now, the language model included.

        Args:
            top_k: how many papers retrieval returns; as in the settings when not given.
            calibration: weights and thresholds; the library's own, else those shipped, when not given.
            choice: the language model; the one that answers now when not given.
        """
        choice = choice or self.choose_model()
        pair = self._indexes.checked()
        degraded: tuple[str, ...] = ()
        if calibration is None:
            calibration, degraded = of_library(self.library.manifest())
        notices = (*choice.notices, *self.stale(), *degraded, *uncalibrated(calibration, pair.embedder.name))
        return Parts(
            library=self.library,
            passages=pair.passages,
            words=pair.words,
            embed=pair.embed,
            reader=pair.reader,
            model=choice.model,
            notices=notices,
            calibration=calibration,
            top_k=top_k or self.settings.top_k,
            answer_tokens=self.settings.answer_tokens,
            answer_seconds=self.settings.answer_seconds,
            evidence_tokens=self.settings.evidence_tokens,
            strictness=STRICTNESS[self.settings.strictness],
        )

    def search(self, text: str, top_k: int | None = None, filters: Filters = Filters()) -> list[Candidate]:
        """Papers that match a text, best first."""
        pair = self._indexes.checked()
        vector = pair.embed([text])[0]
        limit = top_k or self.settings.top_k
        return retrieve(text, vector, self.library, pair.passages, pair.words, limit, filters)

    def why(self, asked: str, paper: Paper, filters: Filters = Filters()) -> Explanation:
        """Where a paper stands in the ranking for a question, and what stands before it.

        Raises:
            QuestionError: there is no word in the question.
        """
        question = understand(asked, (), self.library.known(), filters)
        pair = self._indexes.checked()
        vector = pair.embed([question.standalone])[0]
        return explain(question, vector, self.library, pair.passages, pair.words, paper)

    def import_file(self, path: Path) -> ImportReport:
        """Add the papers of a file to the library as pending; `index_pending` makes them findable.

        Raises:
            ImportFailed: the file holds no papers.
        """
        return sum((report for _, report in self.import_files([path])), ImportReport())

    def import_files(
        self,
        paths: Sequence[Path],
        progress: Callable[[int], None] = lambda done: None,
        *,
        restore_deleted: bool = False,
    ) -> Iterator[tuple[str, ImportReport]]:
        """Add the papers of files as one import, in batches; yields each file's name and report when it is in.

        Args:
            progress: called with the number of records of the present file taken so far.
            restore_deleted: whether papers that were deleted earlier come back.

        Raises:
            ImportFailed: a file cannot be read or holds no papers; those before it are in.
        """
        said = f"import of {paths[0].name}" + (f" and {len(paths) - 1} more" if len(paths) > 1 else "")
        intake = self.library.importing(said, restore_deleted=restore_deleted)
        for path in paths:
            for contents in importers.records(path):
                yield contents.name, intake.take(contents.records, contents.name, progress)

    def delete(self, ids: Sequence[str]) -> int:
        """Delete papers from the library and both indexes; returns how many there were."""
        number = self.library.delete(ids)
        self.forget_deleted()
        return number

    def forget_deleted(self) -> None:
        """Take out of both indexes what left the library."""
        with writing(self.library.folder):
            self._forget()

    def _forget(self) -> None:
        if leaving := self.library.leaving():
            if self.library.manifest():
                self.passages.remove(leaving)
                self.words.remove(leaving)
            self.library.mark_left(leaving)

    def index_pending(self, progress: Progress = lambda done, total: None) -> int:
        """Embed and index every paper that is pending, forget those that left; returns how many were pending.

        A batch counts as done only when both indexes hold it, so a crash leaves it pending.
        """
        with writing(self.library.folder):
            if not self.library.manifest():
                self.library.write_manifest(passport.current(self.embedder).manifest())
            self._forget()
        total, done = self.library.count("pending"), 0
        while indexed := self._index_batch():
            done += indexed
            progress(done, max(total, done))
        return done

    def _index_batch(self) -> int:
        """Index some of what is pending; between two batches, another process may write."""
        with writing(self.library.folder):
            if batch := self.library.pending(BATCH):
                self._index(batch)
                self.library.mark_indexed(batch)
            return len(batch)

    def _index(self, papers: Sequence[Paper]) -> None:
        self._indexes.checked().put(papers)

    def reindex(self, progress: Progress = lambda done, total: None, embedder: str | None = None) -> int:
        """Build both indexes anew beside those that serve, then let the new ones serve; see `rag.reindex`.

        Args:
            embedder: name of the embedder; when not given that of the settings, or where they have the
                default, the one that indexed the library.

        Returns:
            How many papers the indexes hold.
        """
        name = embedder or self._indexes.wanted()
        done = rebuild(self.library, self._indexes.embedder(name, strict=bool(embedder)), progress)
        self._indexes.reset()
        return done

    def stale(self) -> tuple[str, ...]:
        """What the indexes lack against the library, one line each; empty when they agree."""
        notes = [note] if (note := self.embedder_said()) else []
        if pending := self.library.count("pending"):
            notes.append(f"{pending} papers are not indexed yet. Run: footnote import --continue")
        if leaving := len(self.library.leaving()):
            notes.append(f"{leaving} deleted papers are still indexed. Run: footnote import --continue")
        held = self.words.count()
        if held != (indexed := self.library.count("indexed")) and not (pending or leaving):
            notes.append(f"The word index holds {held} of {indexed} papers. Run: footnote reindex")
        if (passages := self.passages.count()) < indexed:
            notes.append(
                f"The passage index holds {passages} passages of {indexed} papers. Run: footnote reindex"
            )
        return tuple(notes)

    def embedder_said(self) -> str:
        """One line when the settings ask for another embedder than the one that is used; else empty."""
        return self._indexes.said()

    def without_passages(self) -> int:
        """How many indexed papers have no passage in the index."""
        ids = self.library.matching(Filters())
        held = self.passages.vectors(ids)
        return sum(paper not in held for paper in ids)
