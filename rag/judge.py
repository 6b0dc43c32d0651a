"""Judging before and after the model whether the abstracts say it; abstaining is decided here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rag.beyond import asks_for_metadata, asks_otherwise
from rag.claims import implied_numbers, mentions, names, numbers, wants_number
from rag.clock import Clock
from rag.details import lacking
from rag.features import focus
from rag.filters import said
from rag.reading import Reading
from rag.records import Answer, CheckedSentence, Shape
from rag.scene import Scene
from rag.select import most_relevant
from rag.text import content_stems, plain, stem, written_words
from rag.understand import short_name

NOT_SAID = "The abstracts do not say."
_OFF_TOPIC = 0.24
"""Cosine of a question against the nearest "title: sentence" below which it is about something else.
It separated perfectly on the development questions."""


def cannot_answer(scene: Scene, compared: Sequence[Reading] = ()) -> str | None:
    """Why there is nothing to answer from, in words; None when the abstracts found may answer."""
    filters = scene.question.filters
    if not scene.readings:
        return f"The library holds no paper {said(filters)}." if filters.active else "The library is empty."
    if asks_otherwise(scene.asked):
        return "Footnote answers from the abstracts alone, and shows nothing that they do not carry."
    if asks_for_metadata(scene.asked):
        return "That stands in the record of a paper, and no paper that is named here has it in its record."
    if unheard := _unheard(scene):
        return f"None of the abstracts mentions {unheard}."
    named = [n for n in names(scene.question.standalone) if any(mentions(r.text, n) for r in scene.readings)]
    if most_relevant(scene.readings, scene.vector).relevance < _OFF_TOPIC and not named:
        return (
            f"No paper {said(filters)} is about this."
            if filters.active
            else "Nothing in the library is about this."
        )
    if len(compared) > 1:
        lacks = [lacking(scene.asked, reading.text) for reading in compared]
        return _nothing_of(lacks[0]) if all(lacks) else None
    unknown = unknown_names(scene.question.standalone, scene.readings)
    if scene.question.shape is Shape.COMPARISON and unknown:
        return missing(scene, scene.readings)
    return missing(scene, scene.readings) if scene.answerable(scene.readings[0]) < scene.least else None


def _unheard(scene: Scene) -> str:
    """The words of a follow-up when no abstract has any of them: it leans on nothing, it says nothing."""
    own = [w for w in written_words(scene.asked) if content_stems(w)] if scene.question.follows_up else []
    known = any(scene.parts.words.frequency(w) for w in own) or any(map(str.isdigit, scene.asked))
    return "" if known or not own else " ".join(own)


def missing(scene: Scene, readings: Sequence[Reading]) -> str:
    """What a question asks for that the abstracts lack, in words; empty when that is not one thing."""
    unknown = unknown_names(scene.question.standalone, readings)
    found = " ".join(f"{c.paper.title} {c.paper.abstract}" for c in scene.ranking)
    if unknown := [name for name in unknown if not mentions(found, name)]:
        return f"None of the nearest abstracts mentions {_as_written(unknown[0], scene.question.standalone)}."
    held = {s for reading in readings for s in content_stems(reading.text)}
    absent = [w for w in written_words(scene.asked) if stem(plain(w)) in focus(scene.asked) - held]
    words = " ".join(absent) or lacking(scene.asked, readings[0].text)
    return _nothing_of(words) if words else ""


def _nothing_of(words: str) -> str:
    return f"The nearest abstracts say nothing of “{words}”."


def unstated(scene: Scene, about: Sequence[Reading]) -> str:
    """Why nothing is answered from these abstracts, in words; from none, after a model has read and denied it."""
    read = "" if about else "The nearest abstracts were read, and the answer is not in them."
    return missing(scene, about or scene.readings) or read


def _as_written(name: str, question: str) -> str:
    """The word of the question that holds a name in `plain` form."""
    return next((word for word in written_words(question) if mentions(word, name)), name)


def unknown_names(question: str, readings: Sequence[Reading]) -> list[str]:
    """Names in the question that none of the abstracts mentions."""
    return sorted(n for n in names(question) if not any(mentions(r.text, n) for r in readings))


def answers(question: str, sentences: Sequence[CheckedSentence]) -> bool:
    """Whether the supported sentences say anything that the question asks for.

    A question for a number needs one that it does not hold itself, and any question needs a word
    that it does not hold.
    """
    text = " ".join(s.text for s in sentences)
    if wants_number(question) and not numbers(text) - numbers(question):
        return False
    return bool(set(content_stems(text)) - set(content_stems(question)))


def makes_up_its_number(now: Answer, question: str, about: Sequence[Reading]) -> bool:
    """Whether a model gave the number of something only as no abstract holds it, and none speaks of that thing.

    A weak model makes up numbers that are there too, so its word alone does not decide. Of development questions
    and new ones over two other libraries, this declines three of the 19 that no abstract answers and no other gate
    declined, and none of 188 that one answers.
    """
    held = {s for reading in about for s in content_stems(reading.text)}
    counts = "how many" in question.casefold() and bool(focus(question) - held)
    if not counts or not all(s.quoted for s in now.sentences):
        return False
    given = {n for s in now.removed for n in numbers(s.text)} - numbers(question)
    return bool(given) and given.isdisjoint(
        n for r in about for n in numbers(r.text) | implied_numbers(r.text)
    )


def abstention(now: Answer, why: str, clock: Clock) -> Answer:
    """The honest line, with what is missing and a question that the nearest paper answers."""
    clock.wrote(True)
    return replace(
        now,
        remark=f"{NOT_SAID} {why}".strip(),
        suggestion=_suggestion(now),
        abstained=True,
        stage="done",
        done=True,
        draft="",
        timings=clock.finished(),
    )


def _suggestion(now: Answer) -> str:
    """What the nearest paper does, asked by its name; any abstract answers that."""
    near = next((c.paper for c in now.retrieved if c.cosine >= _OFF_TOPIC), None)
    if near is None or not near.abstract:
        return ""
    name = short_name(near)
    return f"What does {name} propose?" if name != near.title else f"What is “{near.title}” about?"
