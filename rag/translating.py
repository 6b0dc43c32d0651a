"""A question in another language is put into English by the model, for that is what the abstracts are in."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from rag import prompts
from rag.claims import mentions, names, numbers
from rag.engines import ChatModel, Message
from rag.errors import ModelError
from rag.languages import foreign
from rag.text import content_stems
from rag.writing import visible

LONGEST = 600
"""Characters of a question that are translated; a longer one is read as it stands."""
_TOKENS = 120


@dataclass(frozen=True, slots=True)
class Translated:
    """A question as it is read."""

    text: str
    """In English, where it could be put into it."""
    said: str = ""
    """What the user should know about that; empty when nothing was done."""


def in_english(asked: str, model: ChatModel | None, stop: threading.Event) -> Translated:
    """The question in English.

    Args:
        asked: what the user typed.
        model: what translates; without one the question stays as it is.
        stop: set to end it early.
    """
    language = foreign(asked)
    if not language or len(asked) > LONGEST:
        return Translated(asked)
    english = _translated(asked, model, stop) if model else ""
    if not english:
        return Translated(
            asked, f"The question seems to be in {language}, the abstracts are in English. Ask in English."
        )
    return Translated(english, f"Read in English as: “{english}”")


def _translated(asked: str, model: ChatModel, stop: threading.Event) -> str:
    """What the model makes of it; empty when that is no English question with the same names and numbers."""
    messages = [Message("system", prompts.SYSTEM), Message("user", prompts.translation(asked))]
    try:
        raw = "".join(c.text for c in model.stream(messages, max_tokens=_TOKENS, stop=stop))
    except ModelError:
        return ""  # the answer meets the same problem and says it
    english = next((line.strip(' "“”*') for line in visible(raw).splitlines() if line.strip()), "")
    latin = [name for name in names(f"so {asked}") if name.isascii()]
    kept = numbers(asked) <= numbers(english) and all(
        mentions(english, n) for n in latin if any(map(str.isdigit, n))
    )
    return english if kept and not foreign(english) and english != asked and not _echoes(english) else ""


def _echoes(english: str) -> bool:
    """Whether a model gives back the words in which it was asked to translate."""
    words = {word for word in content_stems(english) if not word.isdigit()}
    return words <= set(content_stems(prompts.translation("")))
