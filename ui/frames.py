"""Sentences of the core in the language of the page: each is of a fixed frame, told apart by its fixed words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import zip_longest

_NUMBERS = frozenset({"number", "first", "last"})
"""Gaps that only numbers fit."""


def fitted(text: str, frames: Sequence[str]) -> tuple[str, dict[str, str]] | None:
    """The first frame that a text fits, and what stands in its gaps; None when it fits none.

    >>> fitted("3 papers match.", ("1 paper matches.", "{number} papers match."))
    ('{number} papers match.', {'number': '3'})
    """
    found = ((frame, _pattern(frame).fullmatch(text)) for frame in frames)
    return next(((frame, match.groupdict()) for frame, match in found if match), None)


@lru_cache
def _pattern(frame: str) -> re.Pattern[str]:
    """What fits a frame: its words, with anything in its gaps."""
    pieces = re.split(r"\{(\w+)\}", frame)
    gaps = [f"(?P<{name}>{'[0-9,]' if name in _NUMBERS else '.'}+)" for name in pieces[1::2]]
    words = map(re.escape, pieces[::2])
    return re.compile("".join(a + b for a, b in zip_longest(words, gaps, fillvalue="")), re.DOTALL)
