"""An answer while it is under way, and what earlier answers give to the next question."""

from __future__ import annotations

import logging
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from rag.errors import FootnoteError
from rag.records import Answer, Conversation, Exchange, Turn

_log = logging.getLogger(__name__)

TURNS = 8
"""Earlier turns that a new question can lean on."""
GRACE = 1.0
"""Seconds that a stopped answer has to close itself before it is closed from here."""


Ask = Callable[[str, Sequence[Turn], threading.Event], Iterator[Answer]]
"""A question, the turns before it and an event that ends the answer, to its snapshots."""
Keep = Callable[[Exchange], None]
"""Takes an exchange each time that it has grown."""


def turns(conversation: Conversation) -> tuple[Turn, ...]:
    """The answered questions that the next one may lean on, oldest first."""
    answers = [e.answer for e in conversation if e.answer is not None and e.answer.done]
    return tuple(_turn(answer) for answer in answers[-TURNS:])


def _turn(answer: Answer) -> Turn:
    said = [answer.remark, *(s.text for s in answer.sentences)]
    return Turn(answer.question.standalone, " ".join(part for part in said if part), answer.papers)


def mark(conversation: Conversation) -> str:
    """A short text that tells these questions with their finished answers from others."""
    said = [(e.asked, "" if e.running or e.answer is None else e.answer.text) for e in conversation]
    return f"{len(said)}-{zlib.crc32(repr(said).encode('utf-8', 'replace')):x}"


class Running:
    """An answer that is being made in a thread of its own, however many look at it, or none."""

    def __init__(
        self, asked: str, ask: Ask, history: Sequence[Turn], keep: Keep = lambda exchange: None
    ) -> None:
        """Begin.

        Args:
            keep: is given the exchange whenever it has grown, in the answer's thread; the last one
                that it gets is no longer running.
        """
        self._exchange = Exchange(asked, running=True)
        self._keep = keep
        self._stop = threading.Event()
        self._stopped_at = 0.0
        self._ended = threading.Event()
        self._closing = threading.Lock()
        self._began = time.monotonic()
        self.version = 0
        """Grows with the exchange."""
        threading.Thread(target=self._run, args=(ask, history), name="footnote-answer").start()

    def stop(self) -> None:
        """End the answer, the model's work included; what was verified until then stays."""
        self._stopped_at = time.monotonic()
        self._stop.set()

    def wait(self, seconds: float) -> None:
        """Until it has ended, but no longer than this."""
        self._ended.wait(seconds)

    @property
    def now(self) -> Exchange:
        """The exchange as it stands. A stopped answer that does not end by itself is closed after a moment."""
        overdue = self._stop.is_set() and time.monotonic() - self._stopped_at > GRACE
        if overdue and self._exchange.running:
            self._end(replace(self._exchange, answer=_broken_off(self._exchange.answer)))
        exchange = self._exchange
        return replace(exchange, seconds=self._seconds()) if exchange.running else exchange

    def _seconds(self) -> float:
        return time.monotonic() - self._began

    def _run(self, ask: Ask, history: Sequence[Turn]) -> None:
        problem = ""
        try:
            self._grown(self._exchange)
            for snapshot in ask(self._exchange.asked, history, self._stop):
                self._grown(replace(self._exchange, answer=snapshot))
        except FootnoteError as error:
            problem = str(error)
        except Exception as error:  # noqa: BLE001  # the outermost edge: a line for the user, the rest in the log
            _log.exception("A question could not be answered")
            problem = f"Something unforeseen went wrong ({type(error).__name__}); the terminal shows more."
        self._end(replace(self._exchange, problem=problem))

    def _grown(self, exchange: Exchange) -> None:
        with self._closing:
            if not self._exchange.running:
                return
            self._exchange = replace(exchange, seconds=self._seconds())
            self.version += 1
            if not (exchange.answer and exchange.answer.done):
                self._keep(self._exchange)
            else:  # kept before its maker is left, which at the end of the program is waited for
                self._keep(replace(self._exchange, running=False))

    def _end(self, exchange: Exchange) -> None:
        """Nothing more is to come; only the first end counts."""
        with self._closing:
            if not self._exchange.running:
                return
            last = replace(exchange, running=False, seconds=self._seconds())
            self._keep(last)
            self._exchange = last
            self.version += 1
        self._ended.set()


def _broken_off(answer: Answer | None) -> Answer | None:
    return answer and replace(answer, draft="", stopped=True, done=True, stage="done")
