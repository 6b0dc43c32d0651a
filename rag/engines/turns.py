"""Answers of one model one after another: who waits knows how many are written first."""

from __future__ import annotations

import threading
from collections.abc import Generator, Sequence

from rag.engines import ChatModel, Chunk, Message

AT_ONCE = 2
"""Answers that a model writes at the same time. More would make each slower than waiting does."""
LOOK = 0.2
"""Seconds after which a waiting answer looks again whether it was stopped."""


class InTurn(ChatModel):
    """A model that writes few answers at once; the others wait in the order in which they came.

    Args:
        model: what writes.
        at_once: answers at the same time.
    """

    def __init__(self, model: ChatModel, at_once: int = AT_ONCE) -> None:
        self._model = model
        self._at_once = at_once
        self._changed = threading.Condition()
        self._line: list[object] = []

    @property
    def model(self) -> ChatModel:
        """What writes."""
        return self._model

    @property
    def name(self) -> str:
        """See `ChatModel.name`."""
        return self._model.name

    @property
    def engine(self) -> str:
        """See `ChatModel.engine`."""
        return self._model.engine

    @property
    def digest(self) -> str:
        """See `ChatModel.digest`."""
        return self._model.digest

    @property
    def context(self) -> int:
        """See `ChatModel.context`."""
        return self._model.context

    def stream(
        self, messages: Sequence[Message], *, max_tokens: int, stop: threading.Event
    ) -> Generator[Chunk, None, None]:
        """See `ChatModel.stream`; while it waits, empty chunks say how many answers come first."""
        ticket = object()
        with self._changed:
            self._line.append(ticket)
        try:
            yield from self._waiting(ticket, stop)
            if not stop.is_set():
                yield from self._model.stream(messages, max_tokens=max_tokens, stop=stop)
        finally:
            with self._changed:
                self._line.remove(ticket)
                self._changed.notify_all()

    def _waiting(self, ticket: object, stop: threading.Event) -> Generator[Chunk, None, None]:
        told = 0
        while (ahead := self._ahead(ticket)) and not stop.is_set():
            if ahead != told:
                yield Chunk("", ahead=ahead)
                told = ahead
            with self._changed:
                self._changed.wait(LOOK)
        if told:
            yield Chunk("")

    def _ahead(self, ticket: object) -> int:
        """How many answers have to end before this one begins."""
        with self._changed:
            return max(0, self._line.index(ticket) + 1 - self._at_once)

    def count_tokens(self, text: str) -> int:
        """See `ChatModel.count_tokens`."""
        return self._model.count_tokens(text)

    def warm_up(self, messages: Sequence[Message]) -> None:
        """See `ChatModel.warm_up`."""
        self._model.warm_up(messages)

    def close(self) -> None:
        """See `ChatModel.close`."""
        self._model.close()
