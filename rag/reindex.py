"""Building new indexes beside those that serve, and putting them in their place.

What the new ones hold is written down batch by batch, so that a build that was killed goes on where it
ended. Papers that come or change meanwhile are found by comparing what is written down with the
library. The last comparison and the change of place happen while no process writes to an index.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from filelock import FileLock, Timeout

from rag import index, indexes, passport
from rag.embedders import Embedder
from rag.errors import LibraryError
from rag.indexes import FINISHED, PLACE, UNFINISHED, Pair
from rag.library import Library
from rag.records import Filters, Paper

Progress = Callable[[int, int], None]
"""Called with papers done and papers to do."""

BATCH = 256
"""Papers that are embedded at once: some three seconds of work, and as much to do again after a crash."""

_FEW = 2 * BATCH
"""Papers left that may be indexed while other processes wait."""


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """The one place where a process writes to the indexes of a library; others wait.

    Raises:
        LibraryError: the folder cannot be written.
    """
    with _held(folder / "indexing.lock", -1):
        yield


@contextmanager
def _held(path: Path, timeout: float) -> Iterator[None]:
    try:
        lock = FileLock(path, timeout=timeout)
        lock.acquire()
    except Timeout as error:
        raise LibraryError(
            f"Another Footnote is building the indexes of {path.parent}.", "footnote doctor"
        ) from error
    except OSError as error:
        raise LibraryError(
            f"The library folder {path.parent} cannot be written: {error.strerror}.", f"ls -ld {path.parent}"
        ) from error
    try:
        yield
    finally:
        lock.release()


def rebuild(library: Library, embedder: Embedder, progress: Progress) -> int:
    """Build both indexes of a library anew and let them serve; returns how many papers they hold.

    The earlier indexes serve until then. A rebuild that was interrupted is taken up again when the
    same embedder is asked for.

    Raises:
        LibraryError: another process is rebuilding, or the folder cannot be written.
    """
    with _held(library.folder / "reindex.lock", 0):
        indexes.sweep(library.folder, library.manifest, grace=0)
        now = passport.current(embedder)
        build = Build(library, _folder(library.folder, library.manifest(), now.manifest()), embedder)
        try:
            while build.catch_up(progress) > _FEW:
                pass
            with writing(library.folder):
                build.catch_up(progress)
                build.forget_gone()
                build.serve(now)
            return len(build.held)
        finally:
            build.pair.close()


def _folder(library: Path, manifest: dict[str, str], wanted: dict[str, str]) -> Path:
    """The folder of a build of this passport that did not end, or a new one; other unfinished ones go."""
    current = indexes.place(library, manifest)
    found = indexes.numbered(library)
    mine = None
    for folder in found.values():
        if folder == current:
            continue
        if (folder / UNFINISHED).exists() and _header(folder / UNFINISHED) == wanted and mine is None:
            mine = folder
        elif (folder / UNFINISHED).exists():
            shutil.rmtree(folder, ignore_errors=True)
    return mine or library / f"index-{max(found, default=1) + 1}"


def _header(path: Path) -> object:
    try:
        with path.open(encoding="utf-8") as file:
            return json.loads(file.readline())
    except (OSError, ValueError):
        return None


def fingerprint(paper: Paper) -> str:
    """What changes when a paper has to be indexed again."""
    return hashlib.sha256(f"{paper.title}\0{paper.abstract}".encode()).hexdigest()[:16]


class Build:
    """Indexes that are being built, with what they hold."""

    def __init__(self, library: Library, folder: Path, embedder: Embedder) -> None:
        self.library = library
        self.folder = folder
        self.log = folder / UNFINISHED
        self.held: dict[str, str] = {}
        """Fingerprints of the papers held, by id."""
        if not self._taken_up(embedder):
            self._begun(embedder)

    def _taken_up(self, embedder: Embedder) -> bool:
        """Whether an earlier build is there and whole; it is opened then."""
        if not self.log.exists():
            return False
        try:
            self.pair = Pair(self.folder, embedder)
            self.pair.words.count()
            self.pair.passages.count()
        except LibraryError:
            self.pair.close()
            return False
        self._read()
        return True

    def _begun(self, embedder: Embedder) -> None:
        index.erase(self.folder / "chroma")
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self._write([json.dumps(passport.current(embedder).manifest())])
        self.pair = Pair(self.folder, embedder)

    def _read(self) -> None:
        """What was written down; a line that the end of the process cut short does not count."""
        text = self.log.read_bytes().rpartition(b"\n")[0]
        for line in text.split(b"\n")[1:]:
            paper_id, mark = json.loads(line)
            self.held[paper_id] = mark
        self.held = {paper_id: mark for paper_id, mark in self.held.items() if mark}
        with self.log.open("r+b") as file:
            file.truncate(len(text) + 1)

    def _write(self, lines: Sequence[str]) -> None:
        with self.log.open("a", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in lines)
            file.flush()
            os.fsync(file.fileno())

    def catch_up(self, progress: Progress) -> int:
        """Index every paper that the library has and this has not, or has otherwise; returns how many."""
        ids, done = self.library.matching(Filters()), 0
        waiting: list[Paper] = []
        for start in range(0, len(ids), BATCH):
            waiting += self._behind(ids[start : start + BATCH])
            if len(waiting) >= BATCH or start + BATCH >= len(ids):
                done += len(waiting)
                self._put(waiting)
                waiting = []
                progress(min(len(self.held), len(ids)), len(ids))
        return done

    def _behind(self, ids: Sequence[str]) -> list[Paper]:
        papers = self.library.papers(ids).values()
        return [p for p in papers if self.held.get(p.id) != fingerprint(p)]

    def _put(self, papers: Sequence[Paper]) -> None:
        for start in range(0, len(papers), BATCH):
            batch = papers[start : start + BATCH]
            self.pair.put(batch)
            marks = {p.id: fingerprint(p) for p in batch}
            self._write([json.dumps(mark) for mark in marks.items()])
            self.held |= marks

    def forget_gone(self) -> None:
        """Hold no paper that the library has no more."""
        gone = sorted(self.held.keys() - set(self.library.matching(Filters())))
        for start in range(0, len(gone), BATCH):
            batch = gone[start : start + BATCH]
            self._write([json.dumps([paper_id, ""]) for paper_id in batch])
            self.pair.forget(batch)
        for paper_id in gone:
            del self.held[paper_id]

    def serve(self, made_by: passport.Passport) -> None:
        """Let these indexes serve from now on, in every process.

        One transaction of the library decides. A paper that changed after it was indexed stays pending.
        """
        (self.folder / FINISHED).write_text(json.dumps(asdict(made_by)), encoding="utf-8")
        self.library.write_manifest({**made_by.manifest(), PLACE: self.folder.name})
        self.library.mark_indexed(self._settled())
        self.log.unlink()

    def _settled(self) -> list[Paper]:
        """Papers that count as pending and are held."""
        pending = self.library.pending(self.library.count("pending"))
        return [p for p in pending if self.held.get(p.id) == fingerprint(p)]
