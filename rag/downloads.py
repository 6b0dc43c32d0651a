"""Language models on their way to this machine: in the background, watched by whoever looks, resumed when broken."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from rag import weights
from rag.engines.ollama import pull
from rag.errors import FootnoteError

_log = logging.getLogger(__name__)

WINDOW = 12.0
"""Seconds over which the speed of a download is measured."""
STEP = 0.2
"""Seconds between two points that the speed is measured from."""
LEAVE = 5.0
"""Seconds that a download may take at the end to put down what it holds."""


@dataclass(frozen=True, slots=True)
class Progress:
    """A download at one moment."""

    done: int = 0
    """Bytes that are here."""
    total: int = 0
    """Bytes in all; 0 while that is not known."""
    rate: float = 0.0
    """Bytes a second, lately; 0 while that is not known."""
    state: str = "running"
    """running, done, stopped (by the user; what is here stays), failed."""
    problem: str = ""
    """Why it failed, in one line with the command to try again; else empty."""

    @property
    def running(self) -> bool:
        """Whether more is to come."""
        return self.state == "running"

    @property
    def seconds_left(self) -> float | None:
        """How long it will take at this speed; None while that is not known."""
        return (self.total - self.done) / self.rate if self.rate and self.total else None


class _Stopped(Exception):
    """Ends a download where it is."""


class Download:
    """One model on its way."""

    def __init__(self, name: str, folder: Path, ollama_host: str) -> None:
        """Prepare it.

        Args:
            name: `embedded/NAME` or `ollama/NAME`.
            folder: where the weights of embedded models are kept.
            ollama_host: address of the server that is to fetch the others.
        """
        self.name = name
        self.now = Progress()
        self.over = threading.Event()
        """Set at its end, however it ended, and after a model that has come has been told of."""
        self._folder = folder
        self._host = ollama_host
        self._stop = threading.Event()
        self._seen: deque[tuple[float, int]] = deque()

    def stop(self) -> None:
        """End it; what is here stays, and the next one goes on from there."""
        self._stop.set()
        if self.now.running:
            self.now = replace(self.now, state="stopped")

    def run(self) -> None:
        """Do it; whatever goes wrong is part of `now`."""
        state, problem = "done", ""
        try:
            self._fetch()
        except _Stopped:
            state = "stopped"
        except FootnoteError as error:
            state, problem = ("stopped", "") if self._stop.is_set() else ("failed", str(error))
        except Exception as error:  # noqa: BLE001  # the outermost edge: a line for the user, the rest in the log
            _log.exception("The download of %s failed", self.name)
            state, problem = "failed", f"Something unforeseen went wrong ({type(error).__name__})."
        self.now = replace(self.now, state=state, problem=problem, rate=0.0)

    def _fetch(self) -> None:
        engine, _, name = self.name.partition("/")
        if engine == "ollama":
            pull(self._host, name, self._progress, self._stop)
        else:
            weights.fetch(name, self._folder, self._progress)

    def _progress(self, done: int, total: int) -> None:
        if self._stop.is_set():
            raise _Stopped
        self.now = replace(self.now, done=done, total=total, rate=self._rate(done))

    def _rate(self, done: int) -> float:
        """Bytes a second, lately."""
        now = time.monotonic()
        if not self._seen or now - self._seen[-1][0] >= STEP:
            self._seen.append((now, done))
        while now - self._seen[0][0] > WINDOW and len(self._seen) > 2:
            self._seen.popleft()
        began, before = self._seen[0]
        return max(0, done - before) / (now - began) if now - began >= 1 else 0.0


class Downloads:
    """The downloads of this process; those that ended are remembered until they are begun anew."""

    def __init__(self, folder: Path, ollama_host: str, arrived: Callable[[], None] = lambda: None) -> None:
        """Nothing is fetched yet.

        Args:
            folder: where the weights of embedded models are kept.
            ollama_host: address of the Ollama server.
            arrived: called when a model is here, from the thread of its download.
        """
        self._folder = folder
        self._host = ollama_host
        self._arrived = arrived
        self._starting = threading.Lock()
        self._all: dict[str, Download] = {}
        self._ended = False

    @property
    def all(self) -> tuple[Download, ...]:
        """Each model's last one, in the order in which they began."""
        return tuple(self._all.values())

    @property
    def running(self) -> tuple[Download, ...]:
        """Those under way."""
        return tuple(download for download in self.all if download.now.running)

    @property
    def latest(self) -> Download | None:
        """The one that began last, whether or not it has ended."""
        return next(reversed(self.all), None)

    def of(self, name: str) -> Download | None:
        """The download of a model, if there was one."""
        return self._all.get(name)

    def start(self, name: str) -> Download:
        """Fetch a model, unless that is under way.

        Args:
            name: `embedded/NAME` or `ollama/NAME`.
        """
        with self._starting:
            before = self._all.get(name)
            if before and before.now.running:
                return before
            self._all.pop(name, None)
            download = self._all[name] = Download(name, self._folder, self._host)
            if self._ended:
                download.stop()
            thread = threading.Thread(
                target=self._run, args=(download, before), name="footnote-download", daemon=True
            )
            thread.start()
            return download

    def forget(self, name: str) -> None:
        """Remember no longer how the download of a model ended."""
        with self._starting:
            if (download := self._all.get(name)) and not download.now.running:
                del self._all[name]

    def end(self) -> None:
        """Stop all of them, and wait until they have put down what they hold."""
        self._ended = True
        downloads = self.all
        for download in downloads:
            download.stop()
        deadline = time.monotonic() + LEAVE
        for download in downloads:
            download.over.wait(max(0.0, deadline - time.monotonic()))

    def _run(self, download: Download, before: Download | None) -> None:
        if before:
            before.over.wait()  # it holds the file until it has left
        try:
            download.run()
            if download.now.state == "done":
                self._arrived()
        finally:
            download.over.set()
