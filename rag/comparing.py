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
        called = _of_things(scene) or called
    papers = parts.library.papers(called)
    found = [papers[paper] for paper in dict.fromkeys(called) if paper in papers]
    return [parts.reader.read(paper) for paper in found[:_MOST_SIDES]]


def _describes(thing: str, reading: Reading, near: set[str]) -> bool:
    """Whether a thing without a name is what a paper near the question is about, in most of its words."""
    words = set(content_stems(thing))
    return reading.paper.id in near and 2 * len(words & set(content_stems(reading.text))) >= len(words) > 0


def _of_things(scene: Scene) -> list[str]:
    """Ids of the papers that the compared things lead to, each another one; in the order of the things."""
    taken: dict[str, str] = {}
    for exact in (True, False):  # what is called by name first, lest a description takes it
        for thing in scene.question.things:
            if thing not in taken and (paper := _led_to(thing, scene, set(taken.values()), exact=exact)):
                taken[thing] = paper
    return [taken[thing] for thing in scene.question.things if thing in taken]


def _led_to(thing: str, scene: Scene, taken: set[str], *, exact: bool) -> str:
    """Id of the paper that a compared thing leads to; empty when it leads nowhere.

    Args:
        taken: papers that other things led to.
        exact: whether only a paper counts that the thing calls by name, or whose name it is.
    """
    parts = scene.parts
    vector = parts.embed([thing])[0]
    found = [
        c for c in parts.rank(thing, vector, _SIDE_POOL, scene.question.filters) if c.paper.id not in taken
    ]
    readings = [parts.reader.read(candidate.paper) for candidate in found]
    named = names(f"the {thing}")
    for candidate, reading in zip(found, readings, strict=True):
        if candidate.named or (named and is_about(thing, reading)):
            return candidate.paper.id
    if exact:
        return ""
    phrase = plain(_ASIDE.sub("", thing).strip())
    holding = [r.paper.id for r in readings if mentions(r.text, phrase)]
    if len(holding) == 1:
        return holding[0]
    near = {candidate.paper.id for candidate in scene.ranking}
    return next((r.paper.id for r in readings if _describes(thing, r, near)), "")
