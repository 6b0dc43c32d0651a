"""Comparisons: which papers a question holds side by side."""

from __future__ import annotations

import re

from rag.claims import mentions, names
from rag.described import described
from rag.reading import Reading
from rag.records import Shape
from rag.scene import Scene
from rag.select import is_about
from rag.text import content_stems, plain, written_words

_SIDE_POOL = 5
_MOST_SIDES = 3
_LEAST_BEGINNING = 3
"""Fewest words of a title that call the paper."""
_LEAST_COMMON = 2
"""Fewest words of a description that its paper holds."""
_CAPITAL = re.compile(r"\b[A-Z]")
_OF_EACH = re.compile(
    r"\b(?:[Ee]ach|[Bb]oth|[Ee]ither|respectively)\b"
    r"|(?<![\w-])(?=[\w-]*[A-Z0-9])[\w-]+ (?:and|or) (?=[\w-]*[A-Z0-9])[\w-]+"
)
"""Words of a question that may ask the same of two papers."""
_SECOND_PART = re.compile(r"\band\s+(?:\w+\s+)?(?:what|which|how|who|whose|where|when)\b", re.IGNORECASE)
"""How the second part of a question begins, which may be about another paper."""
_OF_IT = re.compile(r"\b(?:it|its|they|their|them)\b", re.IGNORECASE)
"""What the second part then does not speak of."""
_TWO = re.compile(
    r"^\W*(?:there are |these |the )?(?:two|both) (?:papers|studies|trials|articles|surveys|theses)\b.*\beach\b",
    re.IGNORECASE,
)
"""Two papers that a question describes together, and asks each for something."""
_ASIDE = re.compile(r"\s*\([^()]*\)")


def sides(scene: Scene) -> list[Reading]:
    """The papers compared: those that the question names, and what the other compared things lead to.

    Fewer than two when the question compares nothing that the library has.
    """
    question, parts = scene.question, scene.parts
    called = [paper.id for paper in parts.called(question.standalone)]
    if len(called) < 2 and question.shape is Shape.COMPARISON:
        called = _of_things(scene) or called
    if len(called) < 2:
        called = _spoken_of_apart(scene, sure=not called) or called
    if len(called) < 2 and _TWO.search(question.standalone):
        called = [*called, *(candidate.paper.id for candidate in scene.ranking)][:2]
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
    common = len(words & held)
    return (
        reading.paper.id in near and 2 * common >= len(words) and common >= min(_LEAST_COMMON, len(words)) > 0
    )


def _of_things(scene: Scene) -> list[str]:
    """Ids of the papers that the compared things lead to, each another one; in the order of the things."""
    taken: dict[str, str] = {}
    for exact in (True, False):  # what is called by name first, lest a description takes it
        for thing in scene.question.things:
            if thing not in taken and (paper := _led_to(thing, scene, set(taken.values()), exact=exact)):
                taken[thing] = paper
    return [taken[thing] for thing in scene.question.things if thing in taken]


def _spoken_of_apart(scene: Scene, *, sure: bool) -> list[str]:
    """Ids of two papers or more that a question without the words of a comparison speaks of; else none.

    Args:
        sure: as for `_holder`.
    """
    text = scene.question.standalone
    if _OF_EACH.search(text):
        found = _spoken_of(text, scene, set(), sure=sure)
    elif (second := _SECOND_PART.search(text)) and not _OF_IT.search(text, second.start()):
        found = _spoken_of(text[: second.start()], scene, set(), sure=sure)[:1]
        found += _spoken_of(text[second.start() :], scene, set(found), sure=sure)[:1] if found else []
    else:
        return []
    return found if len(found) > 1 else []


def _spoken_of(text: str, scene: Scene, taken: set[str], *, sure: bool) -> list[str]:
    """Ids of the papers that a part of a question speaks of, but for those that are taken.

    Each is called by name, by the beginning of its title or by a name that no other paper mentions; or described.
    """
    parts = scene.parts
    found = [paper.id for paper in parts.called(text)]
    found += [c.paper.id for c in scene.ranking if _begins_title(c.paper.title, text)]
    words = _named(text)
    if all(map(parts.words.frequency, words)):
        found += filter(None, (_holder(word, scene, sure=sure) for word in words))
    things = described(text) if len(found) < 2 else ()
    for thing in things:
        found += filter(None, [_led_to(thing, scene, taken | set(found), exact=False)])
    return [paper for paper in dict.fromkeys(found) if paper not in taken]


def _holder(name: str, scene: Scene, *, sure: bool) -> str:
    """Id of the only paper of the library that mentions a name; empty when there is none, or several.

    Args:
        sure: whether a mention is enough, as no paper is called by name; else the paper must be about the
            name, which may be a dataset that the paper called is asked for.
    """
    parts = scene.parts
    if parts.words.frequency(name) != 1:
        return ""
    (paper, _), *_ = parts.words.search(name, 1) or [("", 0.0)]
    held = parts.library.papers([paper]).get(paper)
    if held is None or not mentions(f"{held.title} {held.abstract}", plain(name)):
        return ""
    return paper if sure or is_about(name, parts.reader.read(held)) else ""


def _named(text: str) -> list[str]:
    """The words of a text that are names, hyphens and all, as they are written."""
    return [word for word in dict.fromkeys(written_words(text)) if names(f"the {word.replace('-', '')}")]


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
    ranking = parts.rank(thing, parts.embed([thing])[0], _SIDE_POOL, scene.question.filters)
    if any(candidate.named and candidate.paper.id in taken for candidate in ranking):
        return ""
    found = [candidate for candidate in ranking if candidate.paper.id not in taken]
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
