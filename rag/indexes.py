"""Which indexes serve a library, and the embedder that made them.

Both indexes lie side by side in one place: the library's own folder, or after a rebuild a folder
`index-N` in it. The library's manifest names the place together with the passport, so that one
transaction moves every process from one pair of indexes to the next. The pair before it is kept for
a minute, for searches that began with it.
"""

from __future__ import annotations

import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np

from rag import index, lexical, passport
from rag.database import writable
from rag.embedders import Embedder
from rag.errors import EmbedderError, LibraryError
from rag.index import PassageIndex
from rag.lexical import WordIndex
from rag.library import Library
from rag.passages import cut, embedded_text, split
from rag.reading import Reader
from rag.records import Paper, Passage
from rag.settings import DEFAULT_EMBEDDER

PLACE = "indexes"
"""Key of the manifest: folder of the indexes within the library's, absent for the library's own."""

UNFINISHED = "built.jsonl"
"""File of a folder of indexes that are being built: what they hold so far."""

FINISHED = "made"
"""File of a folder of indexes, written when they began to serve."""

_GRACE_S = 60.0

Make = Callable[[str], Embedder]
"""The embedder that a name stands for; nothing is loaded yet."""


class Pair:
    """Both indexes of one place; each is opened at first use."""

    def __init__(self, folder: Path, embedder: Embedder, reader: Reader | None = None, *, look: bool = True):
        self.folder = folder
        self.embedder = embedder
        self.reader = reader or Reader(self.embed)
        self._look = look
        self._lock = threading.RLock()
        self._copies: list[tempfile.TemporaryDirectory[str]] = []

    @property
    def words(self) -> WordIndex:
        """The word index."""
        with self._lock:
            return self._words

    @property
    def passages(self) -> PassageIndex:
        """The passage index."""
        with self._lock:
            return self._passages

    @cached_property
    def _words(self) -> WordIndex:
        return WordIndex(self._within("words"), look=self._look)

    @cached_property
    def _passages(self) -> PassageIndex:
        return PassageIndex(self._within("chroma"), look=self._look)

    def _within(self, name: str) -> Path:
        """Where an index lies; a copy where its own place cannot be written, as both write also to read.

        Raises:
            LibraryError: there is no room for the copy.
        """
        place = self.folder / name
        if not place.exists() or writable(place):
            return place
        self._copies.append(copies := tempfile.TemporaryDirectory(prefix="footnote-"))
        try:
            return Path(shutil.copytree(place, Path(copies.name) / name))
        except OSError as error:  # shutil's own error, of several files, has no strerror
            raise LibraryError(
                f"{place} cannot be written, and to read it there is no room in {copies.name}.",
                f"df -h {tempfile.gettempdir()}",
            ) from error

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """Vectors of questions and sentences; only their beginning where one exceeds the window."""
        count, window = self.embedder.count_tokens, self.embedder.window
        return self.embedder.embed([cut(text, count, window) for text in texts])

    def put(self, papers: Sequence[Paper]) -> None:
        """Hold these papers as they are now, in both indexes."""
        count = self.embedder.count_tokens
        passages: list[Passage] = []
        texts: list[str] = []
        for paper in papers:
            for passage in split(paper, count):
                passages.append(passage)
                texts.append(embedded_text(paper.title, passage, count))
        self.passages.replace(passages, self.embedder.embed(texts))
        self.words.upsert(papers)

    def forget(self, ids: Sequence[str]) -> None:
        """Hold these papers no more."""
        self.passages.remove(ids)
        self.words.remove(ids)

    def opened(self) -> bool:
        """Whether both indexes were opened, and so looked at."""
        return {"_words", "_passages"} <= self.__dict__.keys()

    def close(self) -> None:
        """Let go of the files."""
        with self._lock:
            if passages := self.__dict__.pop("_passages", None):
                passages.close()
            self.__dict__.pop("_words", None)
            while self._copies:
                self._copies.pop().cleanup()


class Indexes:
    """The pair of indexes that serves a library now, whichever process put it there.

    Args:
        library: whose indexes.
        configured: name of the embedder in the settings.
        make: gives the embedder of a name.
    """

    def __init__(self, library: Library, configured: str, make: Make) -> None:
        self.library = library
        self.configured = configured
        self._make = make
        self._lock = threading.RLock()
        self._version = -1
        self._pair: Pair | None = None
        self._checked: Pair | None = None

    def now(self) -> Pair:
        """The pair that serves; opened anew when another process changed the library, which they do not notice.

        Raises:
            EmbedderError: the settings name no embedder.
        """
        with self._lock:
            version = self.library.version()
            if self._pair is None or version != self._version:
                self._pair = self._next(self._pair)
                self._version = version
            return self._pair

    def _next(self, before: Pair | None) -> Pair:
        sweep(self.library.folder, self.library.manifest)
        stored = self.library.manifest()
        folder = place(self.library.folder, stored)
        embedder = self.embedder(stored.get("embedder", self.configured))
        if before is None:
            return Pair(folder, embedder)
        known = before.folder == folder and before.opened()
        before.close()
        if before.embedder.name != embedder.name:
            return Pair(folder, embedder)
        return Pair(folder, before.embedder, before.reader, look=not known)

    def embedder(self, name: str, *, strict: bool = False) -> Embedder:
        """The embedder of a name; that of the settings where the name means nothing to this program.

        Raises:
            EmbedderError: the settings name no embedder, or strictly, the name is of none.
        """
        configured = self._make(self.configured)
        try:
            return self._make(name)
        except EmbedderError:
            if strict:
                raise
            return configured

    def wanted(self) -> str:
        """Name of the embedder that new indexes are made with: the default of the settings asks for none."""
        used = self.library.manifest().get("embedder", self.configured)
        return used if self.configured == DEFAULT_EMBEDDER else self.configured

    def reset(self) -> None:
        """Open what serves anew at the next use, after this process has changed which pair that is."""
        with self._lock:
            self.close()

    def close(self) -> None:
        """Let go of the files."""
        with self._lock:
            if self._pair is not None:
                self._pair.close()
            self._pair = None

    def checked(self) -> Pair:
        """The pair that serves.

        Raises:
            PassportMismatch: it was made by another version of the embedder, the splitter or the schema.
        """
        pair = self.now()
        if pair is not self._checked and (stored := self.library.manifest()):
            passport.check(stored, passport.current(pair.embedder), str(self.library.folder))
            self._checked = pair
        return pair

    def said(self) -> str:
        """One line when the settings ask for another embedder than the one that serves; else empty."""
        used, wanted = self.library.manifest().get("embedder", ""), self.wanted()
        if used in {"", wanted}:
            return ""
        return (
            f"This library was indexed with {used}, which is used; the settings ask for {wanted}. "
            f"Run: footnote reindex --embedder {wanted}"
        )


def place(library: Path, manifest: Mapping[str, str]) -> Path:
    """Folder of the indexes that a manifest names."""
    return library / manifest[PLACE] if manifest.get(PLACE) else library


def numbered(library: Path) -> dict[int, Path]:
    """The folders of rebuilt indexes, by their numbers."""
    found = {}
    for path in library.glob("index-*"):
        number = path.name.removeprefix("index-")
        if number.isdecimal() and path.is_dir():
            found[int(number)] = path
    return found


def sweep(library: Path, manifest: Callable[[], Mapping[str, str]], grace: float = _GRACE_S) -> None:
    """Delete indexes that served before, once the present ones have served for a minute.

    Args:
        library: folder of the library.
        manifest: reads what serves now.
        grace: seconds for which the earlier ones are kept.
    """
    found = list(numbered(library).values())
    current = place(
        library, manifest()
    )  # read after the folders were seen: what is built now is not among them
    began = current / FINISHED
    if current == library or not began.is_file() or time.time() - began.stat().st_mtime < grace:
        return
    for folder in found:
        if folder != current and not (folder / UNFINISHED).exists():
            shutil.rmtree(folder, ignore_errors=True)
    if (library / "chroma").exists():
        index.erase(library / "chroma")
    if (library / "words").exists():
        lexical.erase(library / "words")
