"""Comparisons: which papers a question holds side by side."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.claims import mentions, names
from rag.described import described
from rag.reading import Reading
from rag.records import Shape
from rag.scene import Scene
from rag.select import is_about
from rag.text import content_stems, plain

_SIDE_POOL = 5
_MOST_SIDES = 3
_LEAST_BEGINNING = 3
"""Fewest words of a title that call the paper."""
_CAPITAL = re.compile(r"\b[A-Z]")
_APART = re.compile(
    r"\b(?:each|both|either|respectively)\b|\band\s+(?:\w+\s+)?(?:what|which|how|who|whose|where|when)\b"
    r"|(?-i:\b[\w-]*[A-Z0-9][\w-]* (?:and|or) [\w-]*[A-Z0-9][\w-]*)",
    re.IGNORECASE,
)
"""Words of a question that may ask the same of two papers."""
_ASIDE = re.compile(r"\s*\([^()]*\)")


def sides(scene: Scene) -> list[Reading]:
    """The papers compared: those that the question names, and what the other compared things lead to.

    Fewer than two when the question compares nothing that the library has.
    """
    question, parts = scene.question, scene.parts
    called = [paper.id for paper in parts.called(question.standalone)]
    if len(called) < 2 and question.shape is Shape.COMPARISON:
        called = _of_things(scene) or called
    if len(called) < 2 and _APART.search(question.standalone):
        called = _spoken_of_apart(scene, called)
    if question.filters.active:
        within = set(parts.library.matching(question.filters))
        called = [paper for paper in called if paper in within]
    papers = parts.library.papers(called)
    found = [papers[paper] for paper in dict.fromkeys(called) if paper in papers]
    return [parts.reader.read(paper) for paper in found[:_MOST_SIDES]]


def _describes(thing: str, reading: Reading, near: set[str]) -> bool:
    """Whether a thing without a name is what a paper near the question is about, in most of its words."""
    words = set(content_stems(thing))
    held = set(content_stems(reading.text if len(words) > 1 else reading.paper.title))
    return reading.paper.id in near and 2 * len(words & held) >= len(words) > 0


def _of_things(scene: Scene) -> list[str]:
    """Ids of the papers that the compared things lead to, each another one; in the order of the things."""
    taken: dict[str, str] = {}
    for exact in (True, False):  # what is called by name first, lest a description takes it
        for thing in scene.question.things:
            if thing not in taken and (paper := _led_to(thing, scene, set(taken.values()), exact=exact)):
                taken[thing] = paper
    return [taken[thing] for thing in scene.question.things if thing in taken]


def _spoken_of_apart(scene: Scene, called: Sequence[str]) -> list[str]:
    """Ids of papers that a question without the words of a comparison speaks of, none of which can answer for another.

    Each is called by name, by the beginning of its title, by a name that no other paper mentions, or described.
    """
    text = scene.question.standalone
    taken = list(called)
    for candidate in scene.ranking:
        if candidate.paper.id not in taken and _begins_title(candidate.paper.title, text):
            taken.append(candidate.paper.id)
    words = _named(text)
    for word in words if all(map(scene.parts.words.frequency, words)) else ():
        if (paper := _holder(word, scene)) and paper not in taken:
            taken.append(paper)
    if len(taken) < 2:
        for thing in described(text):
            if paper := _led_to(thing, scene, set(taken), exact=False):
                taken.append(paper)
    return taken


def _holder(name: str, scene: Scene) -> str:
    """Id of the only paper of the library that mentions a name; empty when there is none, or several."""
    parts = scene.parts
    if parts.words.frequency(name) != 1:
        return ""
    (paper, _), *_ = parts.words.search(name, 1) or [("", 0.0)]
    held = parts.library.papers([paper]).get(paper)
    return paper if held and mentions(f"{held.title} {held.abstract}", plain(name)) else ""


def _named(text: str) -> list[str]:
    """The words of a text that are names, hyphens and all, as they are written."""
    words = [word.strip("\"'“”‘’.,;:!?()[]") for word in text.split()]
    return [word for word in dict.fromkeys(words) if names(f"the {word.replace('-', '')}")]


def _begins_title(title: str, text: str) -> bool:
    """Whether a text has the beginning of a title as it is written, with two capitals or more."""
    words = title.split()
    beginnings = (" ".join(words[:n]).rstrip(":,") for n in range(_LEAST_BEGINNING, len(words) + 1))
    return any(begins in text and len(_CAPITAL.findall(begins)) > 1 for begins in beginnings)


def _led_to(thing: str, scene: Scene, taken: set[str], *, exact: bool) -> str:
    """Id of the paper that a compared thing leads to; empty when it leads nowhere.

    Args:
        taken: papers that other things led to.
        exact: whether only a paper counts that the thing calls by name, or whose name it is.
    """
    parts = scene.parts
    if taken.intersection(paper.id for paper in parts.called(thing)):
        return ""
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
