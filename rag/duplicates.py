"""Pairs of papers that may be the same one: titles nearly equal, authors not against it. Pure.

Not every title is compared with every other: two that are nearly equal have one of their rarest parts
in common (as in prefix filtering; Bayardo, Ma and Srikant 2007, "Scaling up all pairs similarity
search", here with fewer parts than would find every pair without exception).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import nsmallest

from rag.importers.parsed import family_name, title_key
from rag.text import plain

SIMILAR = 0.75
"""Share of the parts of two titles that both have (Jaccard) from which they are offered."""

_PART = 4
"""Characters of a part."""
_RAREST = 10
"""Parts of a title, those that no other title has left out, of which two titles must share some."""
_AGREEING = 3
"""How many of these they must share."""
_COMMON = 120
"""Titles in which a part may occur to be one of these."""
_TELLING = 4
"""Words from which an equal title alone is worth an offer, whoever wrote it."""
_CROWD = 30
"""Papers of one title from which it says nothing ("Introduction")."""


@dataclass(frozen=True, slots=True)
class Entitled:
    """What is compared of a paper."""

    id: str
    title: str
    authors: tuple[str, ...] = ()
    year: int | None = None


@dataclass(frozen=True, slots=True)
class Pair:
    """Two papers that may be the same."""

    first: Entitled
    second: Entitled
    similarity: float
    """Of the titles, up to 1."""


def pairs(papers: Iterable[Entitled]) -> list[Pair]:
    """Pairs to offer, most similar first, then by title.

    Titles that differ in a number ("Part 1", "Part 2") are not offered.
    """
    held = [(paper, title) for paper in papers if (title := title_key(paper.title))]
    found = [
        Pair(held[one][0], held[other][0], round(similarity, 3))
        for one, other, similarity in _similar([title for _, title in held])
        if _plausible(*held[one], *held[other])
    ]
    return sorted(found, key=lambda pair: (-pair.similarity, pair.first.title, pair.first.id, pair.second.id))


def _similar(titles: Sequence[str]) -> Iterator[tuple[int, int, float]]:
    """All pairs of places whose titles are similar, the smaller place first."""
    places: dict[str, list[int]] = {}
    for place, title in enumerate(titles):
        places.setdefault(title, []).append(place)
    distinct = list(places)
    for one, other, similarity in _similar_sets([_parts(title) for title in distinct]):
        for a in places[distinct[one]][:_CROWD]:
            for b in places[distinct[other]][:_CROWD]:
                yield min(a, b), max(a, b), similarity
    for same in places.values():
        if len(same) <= _CROWD:
            yield from ((a, b, 1.0) for n, a in enumerate(same) for b in same[n + 1 :])


def _parts(title: str) -> frozenset[str]:
    padded = f" {title} "
    return frozenset(padded[n : n + _PART] for n in range(max(1, len(padded) - _PART + 1)))


def _similar_sets(sets: Sequence[frozenset[str]]) -> Iterator[tuple[int, int, float]]:
    frequency = Counter(part for parts in sets for part in parts)
    holders: dict[str, list[int]] = {}
    for n, parts in enumerate(sets):
        rarest = nsmallest(_RAREST, ((f, part) for part in parts if (f := frequency[part]) > 1))
        near = Counter(other for f, part in rarest if f <= _COMMON for other in holders.get(part, ()))
        for other, agreeing in near.items():
            if agreeing >= _AGREEING:
                shared = len(parts & sets[other])
                similarity = shared / (len(parts) + len(sets[other]) - shared)
                if similarity >= SIMILAR:
                    yield other, n, similarity
        for _, part in rarest:
            holders.setdefault(part, []).append(n)


def _plausible(one: Entitled, title: str, other: Entitled, other_title: str) -> bool:
    if _numbers(title) != _numbers(other_title):
        return False
    if not one.authors or not other.authors or _families(one) & _families(other):
        return True
    return title == other_title and len(title.split()) >= _TELLING


_NUMBER = re.compile(
    r"\d+|\b(?:[ivx]{1,4}|one|two|three|first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth)\b"
)


def _numbers(title: str) -> list[str]:
    return _NUMBER.findall(title)


def _families(paper: Entitled) -> set[str]:
    return {plain(family_name(author)) for author in paper.authors}
