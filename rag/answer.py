"""The main path: from a question to an answer whose every sentence is cited.

`answer` reads top to bottom as the story: understand, retrieve, judge, select, write, verify,
finish. It yields growing snapshots; the last one has `done` set.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from rag import judge, prompts
from rag.catalogue import about_library, from_record
from rag.cite import cited
from rag.clock import Clock
from rag.comparing import sides
from rag.conversation import remembered
from rag.engines import TURN_TOKENS, Message
from rag.errors import ModelError
from rag.quoting import in_its_own_words, matching_papers, unsaid
from rag.reading import Reading
from rag.records import Answer, Evidence, EvidenceSentence, Filters, Question, Shape, Support, Turn
from rag.scene import Parts, Scene
from rag.select import most_likely
from rag.translating import in_english
from rag.understand import LONGEST, understand
from rag.verify import check, is_refusal
from rag.writing import Draft

__all__ = ["Parts", "answer", "found"]

AFTER_REFUSAL = "follows a refusal: the model fills the space"
CUT_NOTICE = f"The question is long: its first {LONGEST} characters were read."
_READ_CLOSELY = 3
_TEMPLATE_TOKENS = 4 * TURN_TOKENS


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
    if question.shape is Shape.LIST and scene.ranking and not judge.asks_otherwise(scene.asked):
        yield matching_papers(now, scene, clock)
        return
    compared = sides(scene) if scene.readings else []
    if (why_not := judge.cannot_answer(scene, compared)) is not None:
        yield judge.abstention(now, why_not, clock)
        return

    # 4. Select: the papers that the answer is about, and what they say themselves
    about = compared if len(compared) > 1 else [scene.readings[0]]
    now = in_its_own_words(now, scene, about)
    if not judge.answers(scene.asked, now.sentences):
        yield judge.abstention(replace(now, sentences=(), papers=()), judge.missing(scene, about), clock)
        return
    clock.read()
    if parts.model is not None:
        clock.wrote(True)
        yield (now := replace(now, timings=clock.timings))
        # 5. Write and verify
        for now in _write(now, scene, _evidence(scene, about), stop, clock):  # noqa: B020  # each snapshot grows from the last
            yield now
        clock.written()

    # 6. Finish
    yield replace(now, stage="done", done=True, draft="", timings=clock.finished())


def found(question: Question, parts: Parts, history: Sequence[Turn]) -> Scene:
    """What the library has for a question."""
    vector = parts.embed([question.standalone])[0]
    ranking = parts.rank(question.looked_up, _blend(vector, question, parts), parts.top_k, question.filters)
    readings = tuple(parts.reader.read(c.paper) for c in ranking[:_READ_CLOSELY])
    return Scene(
        question, vector, tuple(ranking), readings, tuple(history), parts, parts.rarity()
    ).best_first()


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


def _evidence(scene: Scene, about: Sequence[Reading]) -> tuple[Evidence, ...]:
    """What the model is shown of each paper: the sentences that likeliest hold the answer."""
    parts = scene.parts
    assert parts.model is not None
    if len(about) > 1:
        return tuple(most_likely(r, _likeliest(scene, r), len, parts.side_characters) for r in about)
    around = _prompt(scene, (Evidence(about[0].paper, ()),))
    taken = parts.answer_tokens + parts.model.count_tokens(f"{prompts.SYSTEM} {around}")
    room = parts.model.context - taken - _TEMPLATE_TOKENS
    budget = min(room, parts.evidence_tokens or room)
    return (most_likely(about[0], _likeliest(scene, about[0]), parts.model.count_tokens, budget),)


def _likeliest(scene: Scene, reading: Reading) -> list[EvidenceSentence]:
    return [part for _, part in scene.holding(reading)]


def _write(
    now: Answer,
    scene: Scene,
    evidence: tuple[Evidence, ...],
    stop: threading.Event,
    clock: Clock,
) -> Iterator[Answer]:
    """Stream one attempt of the model; each sentence is checked as it closes."""
    parts = scene.parts
    assert parts.model is not None
    prompt = _prompt(scene, evidence)
    now = replace(now, stage="writing", evidence=evidence, prompt=prompt, raw="", draft="")
    yield now
    readings = [parts.reader.read(e.paper) for e in evidence]
    draft, deadline = Draft(), time.monotonic() + parts.answer_seconds
    messages = [Message("system", prompts.SYSTEM), Message("user", prompt)]
    stream = parts.model.stream(messages, max_tokens=parts.answer_tokens, stop=stop)
    complete = False
    try:
        for chunk in stream:
            closed = draft.add(chunk.text)
            now = _with_checked(now, closed, readings, scene, clock)
            clock.wrote(bool(draft.tail or now.sentences))
            tokens = chunk.prompt_tokens or now.prompt_tokens
            now = replace(now, draft=draft.tail, raw=draft.raw, prompt_tokens=tokens)
            now = replace(now, ahead=chunk.ahead, timings=clock.timings)
            if chunk.ahead:
                deadline = time.monotonic() + parts.answer_seconds
            yield now
            if draft.repeats or stop.is_set() or time.monotonic() > deadline:
                break
        else:
            complete = not stop.is_set()
    except ModelError as error:
        now = replace(now, notices=(*now.notices, str(error)), failed=True)
    finally:
        stream.close()
    # A sentence that was cut off is no statement of the model's.
    now = _with_checked(now, draft.finish() if complete else [], readings, scene, clock)
    yield replace(now, draft="", raw=draft.raw, stopped=stop.is_set())


def _prompt(scene: Scene, evidence: tuple[Evidence, ...]) -> str:
    question = scene.question
    if len(evidence) > 1:
        return prompts.comparison(evidence, question)
    leans = question.follows_up and not question.points_to
    return prompts.fact(evidence[0], scene.asked, scene.history[-1] if leans else None)


def _with_checked(
    now: Answer,
    closed: Sequence[str],
    readings: Sequence[Reading],
    scene: Scene,
    clock: Clock,
) -> Answer:
    """The answer with these sentences verified: supported ones shown and cited, others kept aside."""
    if not closed:
        return now
    with clock.checking():
        return _checked(now, closed, readings, scene)


def _checked(now: Answer, closed: Sequence[str], readings: Sequence[Reading], scene: Scene) -> Answer:
    written = [sentence for sentence in now.sentences if not sentence.quoted]
    quotes = [sentence for sentence in now.sentences if sentence.quoted]
    removed = list(now.removed)
    for claim, vector in zip(closed, scene.parts.embed(closed), strict=True):
        checked = check(claim, vector, readings, scene.asked, scene.parts.strictness)
        if removed and not written and is_refusal(removed[-1].text):
            checked = replace(checked, support=Support.UNSUPPORTED, evidence=(), reason=AFTER_REFUSAL)
        if checked.support is Support.SUPPORTED:
            written.append(checked)
        else:
            removed.append(checked)
    shown = (*written, *unsaid(quotes, written))
    return cited(replace(now, sentences=shown, removed=tuple(removed)), readings, scene.history)
