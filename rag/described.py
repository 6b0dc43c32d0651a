"""Works that a question describes instead of naming them: "the paper on …", "one … , another …".

Patterns over the words of a question; what they describe is for the library to find.
"""

from __future__ import annotations

import re

from rag.text import content_stems

__all__ = ["described"]

_PLAIN = (
    r"(?!(?:the|an?|one|and|or|of|in|on|at|to|that|which|what|who|how|is|are|was|were|do|does|did|with|for|by|from|same"
    r"|two|first|second|whole|other|according|compared)\b)"
)
_WORD = rf"{_PLAIN}[\"“‘']?[\w'’/+-]+[\"”’']?\s+"
_WORK = r"(?:paper|work|study|thesis|article|survey|review|trial|cohort|report|authors)"
_TOOL = r"(?:method|approach|model|system|dataset|corpus|benchmark|technique|framework|people|team|group|researchers)"
_LINK = r"(?=\s+(?:(?:\w+ed|\w+ing)\s+)?(?:on|about|of|that|which|who|where|with|for|using|by|from)\b)"
_HEAD = re.compile(
    rf"\b(?:the|an?|one|another)\s+(?P<before>(?:{_WORD}){{0,5}}?){_WORK}\b(?!['’]s)"
    rf"|\bthe\s+(?:one\b|(?P<before_tool>(?:{_WORD}){{0,5}}?){_TOOL}\b{_LINK})"
    r"|(?:(?<=[,:;] )|(?<=\band )|(?<=^))(?:one|another|the other)(?=\s+\w)",
    re.IGNORECASE,
)
"""What points to one work: "the paper", "the Swiss study", "the one", "another"."""
_END = re.compile(
    r"[?!;:]|\.(?:\s|$)|,?\s+and\s+(?:(?:on|in|of|for|with|from|to)\s+)?(?:what|which|how|who|where|when|according|do|does|did)\b"
    r"|,\s+(?:and\s+)?(?:what|which|how|who|where|when|do|does|did|is|are|compared)\b"
    r"|\s[–—-]\s",
    re.IGNORECASE,
)
_LEADING = re.compile(
    r"^(?:\W+|(?:on|about|of|that|which|who|where|with|for|in|by|from|is|are|was|were|has|have|dealing|concerned|working)\b)+",
    re.IGNORECASE,
)
_TRAILING = re.compile(
    r"(?:\W|\b(?:and|or|with|to|from|of|those|that|than|versus|vs|against|while|whereas|but|compared|what|how|does|do|did|in|on"
    r"|for|by|is|are|the|according|use|uses|each|both))+$",
    re.IGNORECASE,
)
_LEAST_WORDS = 2
_MOST = 3
_TWO = re.compile(
    r"\b(?:compar\w+|contrast(?:s|ed)?|differ(?:s|ed|ence|ences)?|versus|vs|than|each|both|the one|respectively)\b",
    re.IGNORECASE,
)
"""Words without which a method or a team is not one of two works, but a part of the one that is asked about."""


def described(text: str) -> tuple[str, ...]:
    """What a question says of each work that it describes, in their order; at most three.

    >>> described("What does the paper on whale songs measure, and what the one about bee dances?")
    ('whale songs measure', 'bee dances')
    """
    tools = _TWO.search(text) is not None
    heads = [head for head in _HEAD.finditer(text) if tools or head["before_tool"] is None]
    ends = [*(head.start() for head in heads), len(text)][1:]
    found: dict[str, str] = {}
    for head, end in zip(heads, ends, strict=True):
        behind = _END.split(text[head.end() : end], maxsplit=1)[0]
        before = head["before"] or head["before_tool"] or ""
        said = _TRAILING.sub("", " ".join(f"{before} {_LEADING.sub('', behind)}".split())).strip("\"'“”‘’ ")
        if len(set(content_stems(said))) >= _LEAST_WORDS:
            found.setdefault(said.casefold(), said)
    return tuple(found.values())[:_MOST]
