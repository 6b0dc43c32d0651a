"""Comparisons: which papers a question holds side by side."""

from __future__ import annotations

import re

from rag.claims import mentions, names
from rag.reading import Reading
from rag.records import Shape
from rag.scene import Scene
from rag.select import is_about
from rag.text import content_stems, plain

_SIDE_POOL = 5
_MOST_SIDES = 3
_ASIDE = re.compile(r"\s*\([^()]*\)")


def sides(scene: Scene) -> list[Reading]:
    """The papers compared: those that the question names, and what the other compared things lead to.

    Fewer than two when the question compares nothing that the library has.
    """
    question, parts = scene.question, scene.parts
    called = [paper.id for paper in parts.called(question.standalone)]
    if question.filters.active:
        within = set(parts.library.matching(question.filters))
        called = [paper for paper in called if paper in within]
    if question.shape is Shape.COMPARISON and len(called) < 2:
        called = [paper for paper in (_led_to(thing, scene) for thing in question.things) if paper] or called
    papers = parts.library.papers(called)
    found = [papers[paper] for paper in dict.fromkeys(called) if paper in papers]
    return [parts.reader.read(paper) for paper in found[:_MOST_SIDES]]


def _describes(thing: str, reading: Reading, near: set[str]) -> bool:
    """Whether a thing without a name is what a paper near the question is about, in most of its words."""
    words = set(content_stems(thing))
    return reading.paper.id in near and 2 * len(words & set(content_stems(reading.text))) >= len(words) > 0


def _led_to(thing: str, scene: Scene) -> str:
    """Id of the paper that a compared thing leads to; empty when it leads nowhere."""
    parts = scene.parts
    vector = parts.embed([thing])[0]
    found = parts.rank(thing, vector, _SIDE_POOL, scene.question.filters)
    near = {candidate.paper.id for candidate in scene.ranking}
    for candidate in found:
        reading = parts.reader.read(candidate.paper)
        if candidate.named or (
            is_about(thing, reading) and (names(f"the {thing}") or _describes(thing, reading, near))
        ):
            return candidate.paper.id
    phrase = plain(_ASIDE.sub("", thing).strip())
    holding = [c.paper.id for c in found if mentions(parts.reader.read(c.paper).text, phrase)]
    return holding[0] if len(holding) == 1 else ""
