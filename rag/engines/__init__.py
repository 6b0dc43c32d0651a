"""What every engine of language models offers, whatever runs it."""

from __future__ import annotations

import threading
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from rag.errors import ModelError

SEED = 0
"""Sampling is greedy; the seed is fixed for engines that want one all the same."""
BRIEF = 3
"""Tokens of the longest answer whose beginning is weighed: a yes or a no."""
LIKELIEST = 20
"""How many beginnings of such an answer are weighed."""
TURN_TOKENS = 8
"""Tokens that a chat template puts around one message, rounded up."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a chat prompt."""

    role: Literal["system", "user", "assistant"]
    """Who speaks."""
    content: str
    """What is said."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A stretch of an answer as it comes out of the model."""

    text: str
    """The next characters; may be empty."""
    prompt_tokens: int | None = None
    """In the last chunk: how many tokens the prompt had. None before."""
    ahead: int = 0
    """While the answer waits for its turn: how many others are written first."""
    beginnings: tuple[tuple[str, float], ...] = ()
    """Of an answer of at most `BRIEF` tokens: the likeliest tokens in the place of this one, with their log
    probabilities, where the engine tells them."""


class ChatModel(Protocol):
    """A language model ready to be asked. Safe to use from several threads."""

    @property
    def name(self) -> str:
        """What the user calls the model."""
        ...

    @property
    def engine(self) -> str:
        """What runs it, for the screen."""
        ...

    @property
    def digest(self) -> str:
        """Which weights exactly: `sha256:` and hexadecimal digits; empty when not known."""
        ...

    @property
    def context(self) -> int:
        """Tokens that prompt and answer share."""
        ...

    def stream(
        self, messages: Sequence[Message], *, max_tokens: int, stop: threading.Event
    ) -> Generator[Chunk, None, None]:
        """Write an answer, greedily (temperature 0).

        Setting `stop` from any thread ends the stream within a tenth of a second and makes the
        engine stop too; so does closing the iterator.

        Args:
            messages: the prompt; it must fit the context together with the answer.
            max_tokens: longest answer.
            stop: set it to end the answer early; the last chunk is then not sent.

        Raises:
            ModelMissing: the model is not there.
            EngineUnreachable: nothing answers, or not in time.
            ModelBrokeOff: the engine went away in the middle; the chunks until then stand.
            ModelError: the prompt does not fit, or the engine refuses it.
        """
        ...

    def count_tokens(self, text: str) -> int:
        """Tokens of a text: exact in the embedded engine, rounded up elsewhere."""
        ...

    def warm_up(self, messages: Sequence[Message]) -> None:
        """Load the model and read a prefix that later prompts begin with. Failing is not an error."""
        ...

    def close(self) -> None:
        """Free what the model holds here. Answers under way are ended."""
        ...


def ensure_fits(model: ChatModel, messages: Sequence[Message], max_tokens: int) -> None:
    """Refuse a prompt that an engine would cut by itself.

    Raises:
        ModelError: the prompt and the longest answer do not fit the context.
    """
    prompt = sum(model.count_tokens(m.content) + TURN_TOKENS for m in messages)
    if prompt + max_tokens > model.context:
        raise too_long(prompt, max_tokens, model.context)


def too_long(prompt: int, answer: int, context: int) -> ModelError:
    """The error for a prompt (tokens) that leaves no room for the answer in the context."""
    problem = f"A prompt of {prompt} tokens and an answer of {answer} do not fit the context of {context}."
    return ModelError(problem, f"export FOOTNOTE_NUM_CTX={max(4096, 2 * context)}")
