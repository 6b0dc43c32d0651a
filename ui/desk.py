"""Questions on their way to a Footnote, from whatever door they came in by."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator, Sequence

from rag.assemble import Footnote
from rag.errors import FootnoteError
from rag.records import Answer, Filters, Turn

_log = logging.getLogger(__name__)

LEAVE = 10.0
"""Seconds that stopped answers may take to leave at the end."""


class Desk:
    """Takes questions to a Footnote: opens its parts once, and knows which answers are under way."""

    def __init__(self, footnote: Footnote) -> None:
        self.footnote = footnote
        self._opening = threading.Lock()
        self._stops: set[threading.Event] = set()
        self._ended = False

    def ask(
        self, asked: str, history: Sequence[Turn], stop: threading.Event, filters: Filters = Filters()
    ) -> Iterator[Answer]:
        """Answer a question; see `Footnote.answer`."""
        self._stops.add(stop)
        try:
            if self._ended:
                stop.set()
            self.open()
            yield from self.footnote.answer(asked, history, stop, filters=filters)
        finally:
            self._stops.discard(stop)

    def open(self) -> None:
        """Load the embedder and open both indexes; done once, other threads wait.

        Raises:
            FootnoteError: one of them cannot be opened.
        """
        with self._opening:
            self.footnote.embedder.embed(["Ready?"])
            _ = self.footnote.passages, self.footnote.words

    def warm_up(self) -> None:
        """Load the models. What fails here fails again, visibly, at the first question."""
        try:
            self.open()
            if not self._ended:
                self.footnote.chooser.warm_up()
        except FootnoteError as error:
            _log.info("%s", error)

    def end(self) -> None:
        """Stop every answer under way and those to come."""
        self._ended = True
        for stop in tuple(self._stops):
            stop.set()

    def wait(self) -> None:
        """Let stopped answers leave their engine and indexes, which cannot be unloaded under them."""
        deadline = time.monotonic() + LEAVE
        while self._stops and time.monotonic() < deadline:
            time.sleep(0.02)
