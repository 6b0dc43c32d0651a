"""An ASGI application on a real port, in a thread of this process; and a language model that takes its time."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from rag.assemble import Footnote
from rag.choosing import Chooser
from rag.engines import ChatModel, Chunk, Message
from rag.models import Choice
from ui.access import Access
from ui.api.app import api
from ui.api.counter import Counter
from ui.desk import Desk
from ui.guard import OnlyFromHere
from ui.server import listen, server
from ui.shelf import Shelf
from ui.web import guarded


@contextmanager
def served(footnote: Footnote, password: str | None = None, home: Path | None = None) -> Iterator[str]:
    """The API over a library; yields its address.

    Args:
        home: where sessions that were ended are kept.
    """
    desk, shelf = Desk(footnote), Shelf(footnote)
    access = Access.of(password) if password else None
    app = guarded(api(Counter(footnote, desk, shelf)), "127.0.0.1", access, home)
    try:
        with running(app, desk) as address:
            yield address
    finally:
        desk.end()
        desk.wait()
        shelf.close()


@contextmanager
def running(app: OnlyFromHere, desk: Desk) -> Iterator[str]:
    with listen("127.0.0.1", 17860) as listening:
        serving = server(app, desk)
        thread = threading.Thread(target=serving.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            while not serving.started:
                time.sleep(0.01)
            yield "http://{}:{}".format(*listening.getsockname()[:2])
        finally:
            serving.should_exit = True
            thread.join()


class Writes(ChatModel):
    """Writes sentences, then goes on writing until it is stopped; says when it was."""

    name, engine, digest, context = "writes", "test", "", 4096

    def __init__(self, sentences: Sequence[str], *, ends: bool = False) -> None:
        self.sentences = sentences
        self.ends = ends
        self.began = threading.Event()
        self.stopped = threading.Event()

    def stream(
        self, messages: Sequence[Message], *, max_tokens: int, stop: threading.Event
    ) -> Generator[Chunk, None, None]:
        assert messages
        assert max_tokens
        self.began.set()
        for sentence in self.sentences:
            yield Chunk(f"{sentence} ")
        while not (self.ends or stop.wait(0.05)):
            yield Chunk("")
        if stop.is_set():
            self.stopped.set()
        else:
            yield Chunk("", prompt_tokens=321)

    def count_tokens(self, text: str) -> int:
        return len(text.split())

    def warm_up(self, messages: Sequence[Message]) -> None:
        """There is nothing to load."""

    def close(self) -> None:
        """There is nothing to release."""


class Has(Chooser):
    """Chooses one model."""

    def __init__(self, settings: Any, model: ChatModel) -> None:
        super().__init__(settings)
        self._choice = Choice(model, ())


def with_model(footnote: Footnote, model: ChatModel) -> Footnote:
    """The same library with a model that writes; to be closed."""
    settings = replace(footnote.settings, model="auto")
    return Footnote(settings, Has(settings, model))
