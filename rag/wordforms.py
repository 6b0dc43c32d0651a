"""Forms of one word: whether a word stands among others, in another form or under another name of its kind."""

from __future__ import annotations

from collections.abc import Collection

from rag.text import STOP_WORDS, tokens

KINDS = (frozenset({"survey", "overview", "review"}), frozenset({"thesi", "thesis", "dissert"}))
"""Words for one kind of paper."""
_NEGATING = ("an", "un", "non", "in")
_ENDING = 7


def holds(held: Collection[str], word: str) -> bool:
    """Whether a word stands among others, in another form or under another name of its kind of paper."""
    kind = next((kind for kind in KINDS if word in kind), frozenset({word}))
    return any(one in held for one in kind) or any(related(word, other) for other in held)


_NOUNS = {
    "resolut": "resolv",
    "solut": "solv",
    "percept": "perceiv",
    "acquisit": "acquir",
    "descript": "describ",
}
_NOUNS |= {
    "explan": "explain",
    "decis": "decid",
    "explanatori": "explain",
    "recognit": "recognis",
    "recogniz": "recognis",
}
"""Stems of nouns that share no stem with their verb."""


def related(one: str, other: str) -> bool:
    """Whether two stems are forms of one word: "isotropi", "isotrop", "anisotrop".

    >>> related("isotropi", "isotrop"), related("isotrop", "anisotrop"), related("alpacaev", "alpaca")
    (True, True, False)
    """
    if _NOUNS.get(one, one) == _NOUNS.get(other, other):
        return True
    short = min(len(one), len(other))
    if short >= _ENDING and one[: short - 1] == other[: short - 1] and abs(len(one) - len(other)) <= 2:
        return True
    return any(
        long == prefix + rest or (long.startswith(prefix) and related(long.removeprefix(prefix), rest))
        for long, rest in ((one, other), (other, one))
        for prefix in _NEGATING
        if len(long) > len(rest) >= _ENDING - 1
    )


def content(text: str) -> list[str]:
    """Words that carry content; a Greek plural in its singular."""
    words = [t for t in tokens(text) if t not in STOP_WORDS and len(t) > 1]
    return [f"{w[:-4]}esis" if w.endswith("eses") else w for w in words]
