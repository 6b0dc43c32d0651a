"""The conversations of one library, for all its browsers: those being answered now, and those that are kept.

A conversation that is being answered lives here, so that everybody who looks at it sees the same
answer and nobody has to; whatever is finished is read from the library again. What the library cannot
keep lives here as long as the program.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from rag.conversations import Conversations
from rag.errors import FootnoteError, LibraryError
from rag.feedback import Feedback
from rag.library import Library
from rag.records import Answer, Conversation, Exchange, Filters, Turn
from ui.address import Address
from ui.conversation import Running, mark, turns
from ui.language import deferred

EVERY = 1.0
"""Seconds between two saves of an answer that grows."""
UNKEPT = 100
"""Conversations held that the library cannot keep."""
BUSY = deferred("Still answering. Press Stop first.")
ELSEWHERE = deferred("This conversation has gone on elsewhere.")

AskWithin = Callable[[str, Sequence[Turn], threading.Event, Filters], Iterator[Answer]]
"""As `Ask`, among the papers that meet conditions."""
Verdicts = dict[int, tuple[bool, str]]
"""By the number of the exchange: whether it was found good, and why."""


@dataclass
class Talk:
    """One conversation."""

    id: str
    """What its address ends in."""
    exchanges: Conversation = ()
    """What is finished, oldest first."""
    scope: Filters = Filters()
    """Conditions on the papers that it asks."""
    running: Running | None = None
    """The answer under way."""
    unkept: str = ""
    """Why it is not kept; empty when it is."""
    verdicts: Verdicts = field(default_factory=dict)
    """What the user thinks of its answers."""

    turning: threading.Lock = field(default_factory=threading.Lock, repr=False)
    """Held while the answer under way becomes a finished one."""

    @property
    def conversation(self) -> Conversation:
        """Its exchanges as they stand, the one under way included."""
        with self.turning:
            exchanges, running = self.exchanges, self.running
        return exchanges if running is None else (*exchanges, running.now)


class Overtaken(FootnoteError):
    """Another tab was faster: the conversation is not what this one shows.

    Attributes:
        talk: it, as it is now.
    """

    def __init__(self, problem: str, talk: Talk) -> None:
        super().__init__(problem)
        self.talk = talk


class Talks:
    """Finds, begins and changes conversations; safe to use from several threads.

    Raises:
        LibraryError: from every method, when the library cannot be read, or written where it must be.
    """

    def __init__(self, library: Library, ask: AskWithin) -> None:
        self._library = library
        self._ask = ask
        self._lock = threading.Lock()
        self._held: dict[str, Talk] = {}

    @cached_property
    def _kept(self) -> Conversations:
        return Conversations(self._library)

    def find(self, chat: str) -> Talk | None:
        """A conversation as it stands now; None when there is none of that id."""
        if (held := self._held.get(chat)) is not None:
            return held
        exchanges = self._kept.load(chat) if chat else ()
        if not exchanges:
            return None
        feedback = Feedback(self._library)
        verdicts = {n: feedback.verdict(chat, n) for n in range(1, len(exchanges) + 1)}
        given = {n: verdict for n, verdict in verdicts.items() if verdict is not None}
        return Talk(chat, exchanges, self._kept.scope(chat), verdicts=given)

    def running(self, chat: str) -> Running | None:
        """The answer under way in a conversation."""
        held = self._held.get(chat)
        return held.running if held else None

    def revive(self, chat: str) -> bool:
        """Bring a deleted conversation back; whether there was one."""
        if self.find(chat) is not None:
            return False
        self._kept.restore(chat)
        return self.find(chat) is not None

    def ask(self, address: Address, asked: str, keep: int | None = None, seen: str | None = None) -> Talk:
        """Ask the next question of a conversation, or the first one of a new one.

        Args:
            keep: exchanges that stay; the question takes the place of those after them. All when not given.
            seen: the `mark` of the exchanges that the asker has seen, so that nothing else is replaced.

        Raises:
            Overtaken: it is still answering, or not as it was seen.
        """
        with self._lock:  # also while it is read: what another tab has added meanwhile must not be lost
            talk = self.find(address.chat) or Talk(secrets.token_hex(8), scope=address.scope)
            if talk.running is not None:
                raise Overtaken(BUSY, talk)
            if seen is not None and seen != mark(talk.exchanges):
                raise Overtaken(ELSEWHERE, talk)
            cut = keep if keep is not None and keep < len(talk.exchanges) else None
            if cut is not None:
                talk.exchanges = talk.exchanges[:cut]
                talk.verdicts = {n: verdict for n, verdict in talk.verdicts.items() if n <= cut}
            self._hold(talk)
            keeper = _Keeper(self, talk, cut)
            talk.running = Running(asked, self._within(talk.scope), turns(talk.exchanges), keeper.keep)
        return talk

    def _within(self, scope: Filters) -> Callable[[str, Sequence[Turn], threading.Event], Iterator[Answer]]:
        return lambda asked, history, stop: self._ask(asked, history, stop, scope)

    def _hold(self, talk: Talk) -> None:
        """Hold a conversation; of those that are held for want of a better place, the oldest go."""
        self._held[talk.id] = talk
        idle = [held.id for held in self._held.values() if held.running is None and held is not talk]
        for chat in idle[: max(0, len(idle) - UNKEPT)]:
            del self._held[chat]

    def branch(self, chat: str, keep: int) -> str:
        """A new conversation with the first exchanges of this one; returns its id."""
        talk = self.find(chat)
        if talk is None or not talk.unkept:
            return self._kept.branch(chat, keep)
        new = Talk(secrets.token_hex(8), talk.exchanges[:keep], talk.scope, unkept=talk.unkept)
        with self._lock:
            self._hold(new)
        return new.id

    def set_scope(self, chat: str, scope: Filters) -> None:
        """Let the coming questions of a conversation be asked among these papers."""
        if (held := self._held.get(chat)) is not None:
            held.scope = scope
        if held is None or not held.unkept:
            self._kept.set_scope(chat, scope)

    def judge(self, chat: str, number: int, good: bool, reason: str = "") -> None:
        """Keep what the user thinks of an answer; the same verdict again without a reason takes it back."""
        talk = self.find(chat)
        if talk is None or talk.unkept or not 0 < number <= len(talk.exchanges):
            return
        feedback = Feedback(self._library)
        before = talk.verdicts.pop(number, None)
        if before is not None and before[0] is good and not reason:
            feedback.take_back(chat, number)
        else:
            feedback.give(chat, number, talk.exchanges[number - 1], good, reason)
            talk.verdicts[number] = (good, reason)

    def save(self, talk: Talk, exchange: Exchange, cut: int | None) -> None:
        """Store the exchange that follows the finished ones; before the first save of a question, cut."""
        number, kept = len(talk.exchanges) + 1, self._kept
        if cut is not None:
            kept.cut(talk.id, cut)
        kept.save(talk.id, number, exchange)
        if number == 1 and talk.scope.active:
            kept.set_scope(talk.id, talk.scope)

    def finish(self, talk: Talk, exchange: Exchange) -> None:
        """The answer under way has ended."""
        with self._lock:
            if talk.running is None:
                return
            with talk.turning:
                talk.exchanges, talk.running = (*talk.exchanges, exchange), None
            if not talk.unkept:
                self._held.pop(talk.id, None)


class _Keeper:
    """Saves one exchange: at its beginning, when writing begins, now and then while it grows, and at its end."""

    def __init__(self, talks: Talks, talk: Talk, cut: int | None) -> None:
        self._talks = talks
        self._talk = talk
        self._cut = cut
        self._next = 0.0
        self._writing = False
        self._ended = False

    def keep(self, exchange: Exchange) -> None:
        """Take the exchange as it stands."""
        writing = exchange.answer is not None and exchange.answer.stage == "writing"
        due = time.monotonic() >= self._next or (writing and not self._writing) or not exchange.running
        if self._ended or not due:
            return
        self._writing = writing
        if not self._talk.unkept:
            self._save(exchange)
        self._next = time.monotonic() + EVERY
        if not exchange.running:
            self._ended = True
            self._talks.finish(self._talk, exchange)

    def _save(self, exchange: Exchange) -> None:
        try:
            self._talks.save(self._talk, exchange, self._cut)
            self._cut = None
        except LibraryError as error:
            self._talk.unkept = error.problem
