"""A conversation as the browser side keeps it, and an answer while it is under way."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from rag.errors import FootnoteError
from rag.records import Answer, Conversation, Exchange, Turn

_log = logging.getLogger(__name__)

TURNS = 8
"""Earlier turns that a new question can lean on."""
TICK = 0.5
"""Seconds after which a waiting user sees the clock move."""
BREATH = 0.06
"""Seconds in which snapshots are gathered into one repaint."""
GRACE = 1.0
"""Seconds that a stopped answer has to close itself before it is closed from here."""


Ask = Callable[[str, Sequence[Turn], threading.Event], Iterator[Answer]]
"""A question, the turns before it and an event that ends the answer, to its snapshots."""


def turns(conversation: Conversation) -> tuple[Turn, ...]:
    """The answered questions that the next one may lean on, oldest first."""
    answers = [e.answer for e in conversation if e.answer is not None and e.answer.done]
    return tuple(_turn(answer) for answer in answers[-TURNS:])


def _turn(answer: Answer) -> Turn:
    said = [answer.remark, *(s.text for s in answer.sentences)]
    return Turn(answer.question.standalone, " ".join(part for part in said if part), answer.papers)


class Running:
    """An answer that is being made in a thread of its own, so that watching it never blocks making it."""

    def __init__(self, asked: str, ask: Ask, history: Sequence[Turn]) -> None:
        self._exchange = Exchange(asked, running=True)
        self._stop = threading.Event()
        self._changed = threading.Event()
        self._began = time.monotonic()
        arguments = (ask, history)
        threading.Thread(target=self._run, args=arguments, name="footnote-answer").start()

    def stop(self) -> None:
        """End the answer, the model's work included; what was verified until then stays."""
        self._stop.set()
        self._changed.set()

    def watch(self) -> Iterator[Exchange]:
        """The exchange each time that it or the clock has moved; the last one is no longer running.

        Closing the iterator stops the answer: nobody is looking any more.
        """
        try:
            while (now := self._look()).running:
                yield now
                self._changed.wait(TICK)
                time.sleep(BREATH)
                self._changed.clear()
            yield now
        finally:
            self.stop()

    def _look(self) -> Exchange:
        now = replace(self._exchange, seconds=time.monotonic() - self._began)
        if now.running and self._stop.is_set() and not self._closes_itself():
            return replace(now, running=False, answer=_broken_off(now.answer))
        return now

    def _closes_itself(self) -> bool:
        """Wait a moment for a stopped answer to end in its own way."""
        deadline = time.monotonic() + GRACE
        while self._exchange.running and time.monotonic() < deadline:
            time.sleep(0.02)
        return not self._exchange.running

    def _run(self, ask: Ask, history: Sequence[Turn]) -> None:
        problem = ""
        try:
            for snapshot in ask(self._exchange.asked, history, self._stop):
                self._exchange = replace(self._exchange, answer=snapshot)
                self._changed.set()
        except FootnoteError as error:
            problem = str(error)
        except Exception as error:  # noqa: BLE001  # the outermost edge: a line for the user, the rest in the log
            _log.exception("A question could not be answered")
            problem = f"Something unforeseen went wrong ({type(error).__name__}); the terminal shows more."
        self._exchange = replace(self._exchange, problem=problem, running=False)
        self._changed.set()


def _broken_off(answer: Answer | None) -> Answer | None:
    return answer and replace(answer, draft="", stopped=True, done=True, stage="done")
