"""The main path: from a question to an answer whose every sentence is cited.

`answer` reads top to bottom as the story: understand, retrieve, judge, select, write, verify,
finish. It yields growing snapshots; the last one has `done` set.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from rag import judge, opinion
from rag.attempt import written
from rag.beyond import asks_otherwise
from rag.catalogue import about_library, from_record
from rag.clock import Clock
from rag.comparing import sides
from rag.conversation import remembered
from rag.matching import listed
from rag.quoting import in_its_own_words
from rag.reading import Reading
from rag.records import Answer, Filters, Question, Shape, Turn
from rag.scene import Parts, Scene
from rag.translating import in_english
from rag.understand import LONGEST, understand

__all__ = ["Parts", "answer", "found"]

CUT_NOTICE = f"The question is long: its first {LONGEST} characters were read."
_READ_CLOSELY = 3


def answer(
    asked: str,
    parts: Parts,
    history: Sequence[Turn] = (),
    stop: threading.Event | None = None,
    filters: Filters = Filters(),
) -> Iterator[Answer]:
    """Answer a question from the library, as growing snapshots.

    Args:
        asked: what the user typed.
        parts: library, indexes, embedder and model.
        history: the turns of the conversation before this question.
        stop: set by another thread to end the answer; what was verified until then stays.
        filters: conditions on papers, besides those in the question's own words.

    Raises:
        QuestionError: there is no word in the question.
        LibraryError, EmbedderError: the library or the embedder cannot be used.
    """
    stop = stop or threading.Event()
    clock = Clock()
    # 1. Understand
    conversation = remembered(history, parts.called)
    english = in_english(asked, parts.model, stop)
    question = understand(english.text, conversation, parts.library.known(), filters)
    question = replace(question, foreign=bool(english.said))
    clock.understood()
    said = [note for note in (CUT_NOTICE if len(asked) > LONGEST else "", english.said) if note]
    now = Answer(question, notices=(*parts.notices, *said), model=_name(parts), engine=_engine(parts))
    now = replace(now, timings=clock.timings)
    yield now
    if question.shape is Shape.SMALL_TALK:
        now = replace(now, remark="Hello! Ask me something about the papers of this library.")
    elif question.shape is Shape.LIBRARY:
        now = about_library(now, parts.library, question, history)
    if question.shape in (Shape.SMALL_TALK, Shape.LIBRARY):
        yield replace(now, stage="done", done=True, timings=clock.finished())
        return

    # 2. Retrieve
    yield (now := replace(now, stage="searching"))
    scene = found(question, parts, history)
    clock.retrieved()
    now = replace(now, stage="reading", retrieved=scene.ranking, timings=clock.timings)
    yield now

    # 3. Judge: do the records say it, or is there enough to answer?
    if (recorded := from_record(now, scene, clock)) is not None:
        yield recorded
        return
    if question.shape is Shape.LIST and scene.ranking and not asks_otherwise(scene.asked):
        yield listed(now, scene, clock)
        return
    compared = sides(scene) if scene.readings else []
    if (why_not := judge.cannot_answer(scene, compared)) is not None:
        yield judge.abstention(now, why_not, clock)
        return

    # 4. Select: the papers that the answer is about, and what they say themselves
    about, beside = _selected(scene, compared, stop)
    now = in_its_own_words(now, scene, about, beside)
    if not judge.answers(scene.asked, now.sentences):
        why_not = judge.unstated(scene, about)
        yield judge.abstention(replace(now, sentences=(), papers=()), why_not, clock)
        return
    clock.read()
    if parts.model is not None:
        clock.wrote(True)
        yield (now := replace(now, timings=clock.timings))
        # 5. Write and verify
        for now in written(now, scene, about, stop, clock):  # noqa: B020  # each snapshot grows from the last
            yield now
        clock.written()

    # 6. Finish
    yield _finished(now, scene, about, clock)


def found(question: Question, parts: Parts, history: Sequence[Turn]) -> Scene:
    """What the library has for a question."""
    vector = parts.embed([question.standalone])[0]
    ranking = parts.rank(question.looked_up, _blend(vector, question, parts), parts.top_k, question.filters)
    readings = tuple(parts.reader.read(c.paper) for c in ranking[:_READ_CLOSELY])
    return Scene(
        question, vector, tuple(ranking), readings, tuple(history), parts, parts.rarity()
    ).best_first()


def _selected(
    scene: Scene, compared: list[Reading], stop: threading.Event
) -> tuple[list[Reading], list[Reading]]:
    """The abstracts that the answer is about, none when a model in doubt denies it, and one that stands beside."""
    if len(compared) > 1:
        return compared, []
    if not opinion.doubtful(scene):
        return [scene.readings[0]], scene.beside()
    return opinion.stating(scene, stop), []


def _finished(now: Answer, scene: Scene, about: Sequence[Reading], clock: Clock) -> Answer:
    """The last snapshot: the answer, or an abstention where the model made up the number that was asked for."""
    if not (now.stopped or now.failed) and judge.makes_up_its_number(now, scene.asked, about):
        return judge.abstention(replace(now, sentences=(), papers=()), judge.unstated(scene, []), clock)
    return replace(now, stage="done", done=True, draft="", timings=clock.finished())


def _name(parts: Parts) -> str:
    return parts.model.name if parts.model else "extractive"


def _engine(parts: Parts) -> str:
    return parts.model.engine if parts.model else "quotations from the abstracts"


def _blend(vector: np.ndarray, question: Question, parts: Parts) -> np.ndarray:
    """The question's vector, drawn towards the turn that it leans on."""
    if not question.context:
        return vector
    mixed = vector + parts.embed([question.context])[0]
    blended: np.ndarray = mixed / np.linalg.norm(mixed)
    return blended
