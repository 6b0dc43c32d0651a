"""Cutting an abstract into passages that fit the embedder's window together with the title."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rag.records import Paper, Passage
from rag.text import sentences

SPLITTER = "sentences/1"
"""Name and version of this splitter, part of a library's passport."""

PASSAGE_TOKENS = 256
"""Most tokens of a passage with its title: what the embedder was trained to read at once."""

_TITLE_SHARE = 0.5
_SPECIAL = 2
"""Special tokens of a text that is counted by itself."""


def split(paper: Paper, count_tokens: Callable[[str], int], limit: int = PASSAGE_TOKENS) -> list[Passage]:
    """Whole sentences in their order, in as few passages as fit, of about equal length.

    A sentence that does not fit by itself is cut at words. A paper without abstract has one
    passage, its title alone.
    """
    title, told = shown_title(paper.title, count_tokens, limit), sentences(paper.abstract)
    whole = Passage(paper.id, 0, " ".join(told))
    # Tokens do not reach over blanks: those of the parts are those of the whole, and two special ones each.
    # Most abstracts fit, and are counted by the same text as is embedded afterwards.
    if not told or count_tokens(_text(title, whole)) + _SPECIAL * len(told) <= limit:
        return [whole]
    room = limit - count_tokens(title)
    sized = [pair for sentence in told for pair in _sized(sentence, count_tokens, room)]
    groups = _balanced([piece for piece, _ in sized], [size for _, size in sized], room)
    return [Passage(paper.id, n, " ".join(group)) for n, group in enumerate(groups)]


def embedded_text(title: str, passage: Passage, count_tokens: Callable[[str], int]) -> str:
    """What is embedded for a passage: the title, then its sentences."""
    return _text(shown_title(title, count_tokens), passage)


def _text(title: str, passage: Passage) -> str:
    return f"{title}\n{passage.text}".strip()


def shown_title(title: str, count_tokens: Callable[[str], int], limit: int = PASSAGE_TOKENS) -> str:
    """The title, cut at words where it would take over half of a passage."""
    return _sized(title, count_tokens, int(limit * _TITLE_SHARE))[0][0] if title else ""


def cut(text: str, count_tokens: Callable[[str], int], limit: int) -> str:
    """The beginning of a text, in whole words, that an embedder reads at once; for questions, not papers."""
    return _sized(text, count_tokens, limit)[0][0] if text else ""


def _sized(text: str, count_tokens: Callable[[str], int], limit: int) -> list[tuple[str, int]]:
    """The text in pieces of at most `limit` tokens, with their tokens, cut at words, or inside one that is too long."""
    if (size := count_tokens(text)) <= limit:
        return [(text, size)]
    words = text.split()
    if len(words) == 1:
        middle = len(text) // 2
        halves = text[:middle], text[middle:]
    else:
        middle = len(words) // 2
        halves = " ".join(words[:middle]), " ".join(words[middle:])
    return [pair for half in halves for pair in _sized(half, count_tokens, limit)]


def _balanced(pieces: Sequence[str], sizes: Sequence[int], room: int) -> list[list[str]]:
    """Group pieces in order into as few groups of at most `room` tokens as a greedy filling needs."""
    count = len(_filled(sizes, room))
    target = room
    while target > max(sizes) and len(_filled(sizes, target - 4)) == count:
        target -= 4
    groups, start = [], 0
    for length in _filled(sizes, target):
        groups.append(list(pieces[start : start + length]))
        start += length
    return groups


def _filled(sizes: Sequence[int], room: int) -> list[int]:
    """How many pieces go into each group when every group is filled up to `room`."""
    lengths, used = [0], 0
    for size in sizes:
        if lengths[-1] and used + size > room:
            lengths.append(0)
            used = 0
        lengths[-1] += 1
        used += size
    return lengths
