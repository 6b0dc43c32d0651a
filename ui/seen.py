"""How far a browser has followed a conversation, as a short text that it gives back whenever it asks for something."""

from __future__ import annotations

from dataclasses import dataclass

from ui.conversation import mark
from ui.talks import Talk


@dataclass(frozen=True, slots=True)
class Seen:
    """What tells one state of a conversation from another."""

    chat: str = ""
    """Which conversation."""
    exchanges: str = ""
    """Which questions, and what was answered to them."""
    panel: str = ""
    """Its sources."""
    newest: str = ""
    """How far its newest answer is."""

    @classmethod
    def of(cls, talk: Talk) -> Seen:
        """How a conversation is; it may have gone on a moment later."""
        running = talk.running
        newest = f"{running.version}-{int(running.now.seconds)}" if running else "ended"
        return cls(talk.id, mark(talk.conversation), "", newest)

    @classmethod
    def read(cls, text: str) -> Seen:
        """What a browser says that it has seen."""
        parts = text.split(" ")
        return cls(*parts) if len(parts) == 4 else cls()

    @property
    def ended(self) -> bool:
        """Whether no answer was under way."""
        return self.newest == "ended"

    def __str__(self) -> str:
        return " ".join((self.chat, self.exchanges, self.panel, self.newest))
