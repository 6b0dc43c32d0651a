"""Imports of the browser side: one after the other in the background, watched by whoever looks."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rag import importers
from rag.assemble import Footnote
from rag.errors import FootnoteError, ImportFailed
from rag.intake import ImportReport, Intake
from ui.language import said

_log = logging.getLogger(__name__)

LEAVE = 30.0
"""Seconds that an import may take at the end for what it has begun: one batch of papers."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one file."""

    name: str
    """Its name."""
    report: ImportReport = ImportReport()
    """What it did to the library."""
    problem: str = ""
    """Why nothing could be read from it; empty when something could."""


@dataclass(frozen=True, slots=True)
class Progress:
    """An import at one moment."""

    stage: str = "waiting"
    """waiting (for the import before it), reading, indexing, done."""
    file: str = ""
    """The file that is read."""
    done: int = 0
    """Records read, or papers indexed, in this stage."""
    total: int = 0
    """Papers to index; 0 while that is not known."""
    began: float = 0.0
    """When the stage began, in seconds of the monotonic clock."""
    taken: tuple[Taken, ...] = ()
    """The files that are in, or could not be read."""
    problem: str = ""
    """What ended it before its time; empty when nothing did."""
    stopped: bool = False
    """Whether the user stopped it."""

    @property
    def running(self) -> bool:
        """Whether more is to come."""
        return self.stage != "done"


class _Stopped(Exception):
    """Ends an import between two batches."""


class Job:
    """One import, or, without files, indexing what waits for it."""

    def __init__(self, footnote: Footnote, paths: Sequence[Path]) -> None:
        self.now = Progress()
        self.paths = tuple(paths)
        self._footnote = footnote
        self._stop = threading.Event()

    def stop(self) -> None:
        """End it after the batch under way; what is in stays."""
        self._stop.set()

    def run(self) -> None:
        """Do it; whatever goes wrong is part of `now`."""
        problem, stopped = "", False
        try:
            self._work()
        except _Stopped:
            stopped = True
        except FootnoteError as error:
            problem = error.problem
        except Exception as error:  # noqa: BLE001  # the outermost edge: a line for the user, the rest in the log
            _log.exception("An import failed")
            problem = said(
                "Something unforeseen went wrong ({error}); the terminal shows more.",
                error=type(error).__name__,
            )
        finally:
            for path in self.paths:
                path.unlink(missing_ok=True)
        self.now = replace(self.now, stage="done", problem=problem, stopped=stopped)

    def _work(self) -> None:
        if self.paths:
            more = f" and {len(self.paths) - 1} more" if len(self.paths) > 1 else ""
            intake = self._footnote.library.importing(f"import of {self.paths[0].name}{more}")
            for path in self.paths:
                self._take(intake, path)
        self._begin("indexing", total=self._footnote.library.count("pending"))
        self._footnote.index_pending(self._indexed)

    def _take(self, intake: Intake, path: Path) -> None:
        """Take in one file; one that cannot be read is said and the next one follows."""
        self._begin("reading", file=path.name)
        try:
            for contents in importers.records(path):
                self._begin("reading", file=contents.name)
                report = intake.take(contents.records, contents.name, self._read)
                self._add(Taken(contents.name, report))
        except ImportFailed as error:
            problem = error.problem.partition(" Footnote reads ")[0]  # the page says that beside the field
            problem = problem.replace(str(path), path.name)  # where uploads lie is nobody's business
            self._add(Taken(path.name, problem=problem))

    def _begin(self, stage: str, file: str = "", total: int = 0) -> None:
        self._check()
        self.now = replace(self.now, stage=stage, file=file, done=0, total=total, began=time.monotonic())

    def _read(self, done: int) -> None:
        self.now = replace(self.now, done=done)
        self._check()

    def _indexed(self, done: int, total: int) -> None:
        self.now = replace(self.now, done=done, total=total)
        self._check()

    def _add(self, taken: Taken) -> None:
        self.now = replace(self.now, taken=(*self.now.taken, taken))

    def _check(self) -> None:
        if self._stop.is_set():
            raise _Stopped


class Imports:
    """The imports of one server, one at a time."""

    def __init__(self, footnote: Footnote) -> None:
        self._footnote = footnote
        self._turn = threading.Lock()
        self._jobs: dict[Job, threading.Thread] = {}
        self._ended = False

    @property
    def current(self) -> Job | None:
        """The import under way, the first of several."""
        return next(iter(tuple(self._jobs)), None)

    @property
    def taking(self) -> bool:
        """Whether files are being taken in."""
        return any(job.paths and job.now.stage in {"waiting", "reading"} for job in tuple(self._jobs))

    def start(self, paths: Sequence[Path] = ()) -> Job:
        """Import files, or index what waits for it, after what was started before. The files are deleted."""
        job = Job(self._footnote, paths)
        thread = threading.Thread(target=self._run, args=(job,), name="footnote-import")
        self._jobs[job] = thread
        thread.start()
        return job

    def end(self) -> None:
        """Stop all of them and wait until they have left the library."""
        self._ended = True
        for job, thread in tuple(self._jobs.items()):
            job.stop()
            thread.join(LEAVE)

    def _run(self, job: Job) -> None:
        try:
            with self._turn:
                if self._ended:
                    job.stop()
                job.run()
        finally:
            self._jobs.pop(job, None)
