"""What shape of answer a question wants: a list, a comparison, the library's own records, or a fact.

Patterns over the words of a question; the first that fits decides. Those of lists are in
`rag/shape_patterns.py`.
"""

from __future__ import annotations

import re

from rag.described import described
from rag.records import Shape
from rag.shape_patterns import wants_list, wants_list_even_of_comparisons
from rag.text import content_stems

__all__ = ["shape_of"]

_LIBRARY = re.compile(
    r"\bhow (?:many|much) (?:papers|abstracts|documents|articles|publications|works)\b"
    r"|\b(?:what|which) (?:papers|abstracts|documents) (?:do you (?:have|know)|are (?:there|in (?:the|this|your)))"
    r"|\blist (?:all|every)(?: of)?(?: the)? (?:papers|abstracts|documents|titles)\W*$"
    r"|\bwhat(?:'s| is) in (?:the|this|your) library\b"
)
_COMPARISON = (
    re.compile(r"\b(?:compare|contrast)\s+(?P<a>.+?)\s+(?:and|with|to|against|versus|vs\.?)\s+(?P<b>[^?.!;]+)", re.I),
    re.compile(
        r"\b(?:differences?|similarit(?:y|ies)|comparison|trade-?offs?|in common|distinguish(?:es)?)\b.*?"
        r"\b(?:between|of|do|from)\s+(?P<a>.+?)\s+(?:and|from|have)\s+(?P<b>[^?.!;]+)",
        re.I,
    ),
    re.compile(r"\bhow (?:do|does|is|are|did)\s+(?P<a>.+?)\s+(?:differ(?:ent)?|diverge)s?\s+(?:from|to)\s+(?P<b>[^?.!;]+)", re.I),
    re.compile(r"\bhow (?:do|does|did)\s+(?P<a>.+?)\s+and\s+(?P<b>.+?)\s+(?:differ|compare|diverge|relate)\b", re.I),
    re.compile(r"\bhow (?:do|does|did)\s+(?P<a>.+?)\s+compare\s+(?:to|with|against)\s+(?P<b>[^?.!;]+)", re.I),
    re.compile(r"(?P<a>[\w+~-]+(?: [\w+~-]+){0,5}?)\s+(?:versus|vs\.?|compared (?:to|with))\s+(?P<b>[^?.!;,]+)", re.I),
    re.compile(
        r"\b(?:which|who|what)\b[^?]*?\b\w+(?:er|more|most|less)\b[^?]*?[:,]\s*(?P<a>[^,?]+?),?\s+or\s+(?P<b>[^?.!;]+)", re.I
    ),
    re.compile(r"\b(?:does|do|did|is|are)\s+(?P<a>[\w+~-]+)\s+[^?]*?\bthe same\b[^?]*?\bas\s+(?P<b>[\w+~-]+)", re.I),
    re.compile(
        r"(?<![\w+~-])(?P<of>(?=[\w+~-]*[A-Z0-9])[\w+~-]+)(?: \w+)?\s+in\s+(?P<a>[^,:?]+?),?\s+and\s+(?:what |how )?in\s+"
        r"(?P<b>[^:?]+)"
    ),
    re.compile(r"^(?P<a>[^:?]+?)\s+and\s+(?P<b>[^:?]+?)\s*:\s[^?]*\b(?:each|both|either|respectively)\b", re.I),
    re.compile(r"\bboth\s+(?P<a>.+?)\s+and\s+(?P<b>[A-Z][\w+-]*)"),
    re.compile(r"^(?:do|does|did|are|is|were)\s+(?P<a>.+?)\s+and\s+(?P<b>.+?)\s+(?:both|agree|disagree|share|differ)\b", re.I),
    re.compile(r"^(?P<a>.+?)\s+and\s+(?P<b>.+?)\s+both\b", re.I),
    re.compile(r"^(?P<a>.+?)\s+or\s+(?P<b>[^:?]+?)\s*:\s*(?:which|who|what)\b", re.I),
    re.compile(r"^(?P<a>[\w+-]+)\s+against\s+(?P<b>[\w+-]+)\b", re.I),
    re.compile(r"^in\s+(?P<a>[A-Z].+?)\s+and\s+(?P<b>[A-Z](?:\S+ )+?)(?=[a-z])"),
    re.compile(r"^(?:does|do|is|are)\s+(?P<a>\S+)\s.*?\b(?:while|whereas|but)\s+(?P<b>.+?)\s+(?:do|is|are)(?:es)?(?:n['’]t)?\b",re.I),
    re.compile(r"(?P<a>['\"“‘][^'\"”’]{4,}['\"”’])\s+and\s+(?P<b>the (?:one|paper|work|study) (?:on|about|that) [^.?!;]+)", re.I),
)  # fmt: skip


def shape_of(text: str) -> tuple[Shape, tuple[str, ...]]:
    """The shape of answer that a question asks for and, for a comparison, the things compared."""
    lowered = text.casefold()
    if _LIBRARY.search(lowered) and not content_stems(_LIBRARY.sub("", lowered)):
        return Shape.LIBRARY, ()
    if wants_list_even_of_comparisons(lowered):
        return Shape.LIST, ()
    works = described(text)
    if len(works) > 1:
        return Shape.COMPARISON, works
    for pattern in _COMPARISON:
        if match := pattern.search(text):
            of = f"{match['of']} in " if "of" in pattern.groupindex else ""
            things = tuple(of + _thing(match[side]) for side in "ab")
            if all(things) and things[0].casefold() != things[1].casefold():
                return Shape.COMPARISON, things
    return (Shape.LIST if wants_list(lowered) else Shape.FACT), ()


_THING_EDGES = re.compile(
    r"^(?:one|paper|work|study) (?:on|about|that)\s+|^(?:that|those) of\s+"
    r"|^(?:the|a|an|how|what|papers?|approach(?:es)? of|methods? of|between)\s+"
    r"|\s+(?:in terms of|with respect to|regarding|when"
    r"|on|for|in|as|at|have|has|do|does|differ|handle|treat|use|approach)\b.*$|[:;]\s.*$|\s+(?:paper|work|study)$|^[\"'“‘]|[\"'“”’?.,:;]+$",
    re.IGNORECASE,
)


def _thing(text: str) -> str:
    previous = ""
    while previous != text:
        previous, text = text, _THING_EDGES.sub("", text.strip(), count=1).strip()
    return text
