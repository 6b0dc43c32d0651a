"""Reading a model's stream sentence by sentence: what is closed, what is still open, when to stop."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from rag.text import plain, sentences
from rag.verify import cleaned

_THOUGHT = re.compile(r"<(think|thinking|reasoning)>.*?(?:</\1>|\Z)", re.DOTALL | re.IGNORECASE)
_OPENING_TAG = re.compile(r"<[a-z]{0,9}\Z", re.IGNORECASE)
_UNOPENED_THOUGHT = re.compile(r"\A.*</(?:think|thinking|reasoning)>", re.DOTALL | re.IGNORECASE)
_LIST_MARK = re.compile(r"^\s*(?:[-*•]|\d{1,2}[.)])\s+")
_SPECIAL = re.compile(r"<\|[^|>]*\|>|</?s>|\[/?INST\]")
_LEAD = re.compile(r"^\s*(?:(?:final )?answer|response|assistant)\s*:\s*", re.IGNORECASE)


def visible(raw: str) -> str:
    """What a model wrote, without thinking aloud, special tokens and an "Answer:" in front.

    >>> visible("<think>hm, 4?</think>Answer: It is 4.<|im_end|>")
    'It is 4.'
    """
    text = _UNOPENED_THOUGHT.sub("", _THOUGHT.sub("", raw))
    text = _OPENING_TAG.sub("", _SPECIAL.sub("", text))
    return _LEAD.sub("", text).strip()


@dataclass
class Draft:
    """A growing text and how much of it was handed out as closed sentences."""

    raw: str = ""
    """Everything that the model wrote."""
    handed_out: int = 0
    """How many closed sentences were returned."""
    seen: set[str] = field(default_factory=set)
    """Sentences so far, in `plain` form, to notice repetition."""
    repeats: bool = False
    """Whether the model began to repeat itself."""

    def add(self, text: str) -> list[str]:
        """Append what arrived; return the sentences that it closed, cleaned."""
        self.raw += text
        closed = self._sentences()[:-1]
        return self._new(closed)

    def finish(self) -> list[str]:
        """Return the sentences that are left when the model has ended, cleaned.

        A last one without an end, cut at the longest answer, is dropped if all others have one.
        """
        left = self._sentences()
        if len(left) > 1 and not _ends(left[-1]) and all(map(_ends, left[:-1])):
            left = left[:-1]
        return self._new(left)

    @property
    def tail(self) -> str:
        """The sentence that is being written."""
        left = self._sentences()[self.handed_out :]
        return cleaned(left[-1]) if left else ""

    def _sentences(self) -> list[str]:
        """Sentences of all lines; list items and paragraphs end sentences too."""
        return [s for line in visible(self.raw).splitlines() for s in sentences(_LIST_MARK.sub("", line))]

    def _new(self, closed: list[str]) -> list[str]:
        new = []
        for sentence in closed[self.handed_out :]:
            self.handed_out += 1
            text = cleaned(sentence)
            self.repeats |= plain(text) in self.seen
            if text and plain(text) not in self.seen:
                self.seen.add(plain(text))
                new.append(text)
        return new


def _ends(sentence: str) -> bool:
    return sentence.rstrip("\"'”’)]*_ ").endswith((".", "!", "?", "…"))
