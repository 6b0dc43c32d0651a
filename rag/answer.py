"""The main path: from a question to an answer whose every sentence is cited.

`answer` reads top to bottom as the story: understand, retrieve, select, judge, write, verify,
finish. It yields growing snapshots; the last one has `done` set.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from rag import judge, listing, prompts
from rag.cite import cited, quotation
from rag.clock import Clock
from rag.conversation import remembered
from rag.engines import TURN_TOKENS, ChatModel, Message
from rag.errors import ModelError
from rag.filters import said
from rag.index import PassageIndex
from rag.lexical import WordIndex
from rag.library import Library
from rag.reading import Embed, Reader, Reading
from rag.records import (
    Answer,
    Candidate,
    CheckedSentence,
    Evidence,
    Filters,
    Paper,
    Question,
    Shape,
    Support,
    Turn,
)
from rag.retrieve import named, retrieve
from rag.select import (
    SIDE_CHARACTERS,
    answering,
    best_sentences,
    is_about,
    most_relevant,
    whole,
)
from rag.understand import LONGEST, understand
from rag.verify import Strictness, check, is_refusal
from rag.writing import Draft

NOT_SAID = "The abstracts do not say."
AFTER_REFUSAL = "follows a refusal: the model fills the space"
CUT_NOTICE = f"The question is long: its first {LONGEST} characters were read."
_READ_CLOSELY = 3
_SECOND_HELPING = 0.6
_LIST_POOL = 60
_SIDE_POOL = 5
_MOST_SIDES = 3
_TEMPLATE_TOKENS = 4 * TURN_TOKENS


@dataclass(frozen=True, slots=True)
class Parts:
    """What the main path works with; `rag.assemble` builds it."""

    library: Library
    passages: PassageIndex
    words: WordIndex
    embed: Embed
    reader: Reader
    model: ChatModel | None
    """None for extractive answers."""
    notices: tuple[str, ...] = ()
    """What is degraded, shown with every answer."""
    top_k: int = 10
    """How many papers retrieval returns."""
    answer_tokens: int = 220
    """Longest answer, in tokens."""
    answer_seconds: float = 120.0
    """Longest time that the model may write."""
    gates: judge.Gates = judge.Gates()
    """Thresholds for answering at all."""
    strictness: Strictness = Strictness()
    """Thresholds for showing a sentence."""
    side_characters: int = SIDE_CHARACTERS
    """Characters of each side's abstract that a comparison shows to the model."""
    evidence_tokens: int | None = None
    """Most tokens of an abstract that the model is shown; None for as many as it can read."""


@dataclass(frozen=True, slots=True)
class _Scene:
    """One question with what was found for it."""

    question: Question
    """As understood; what was asked stands there without the words that became filters."""
    vector: np.ndarray
    readings: tuple[Reading, ...]
    """The candidates read sentence by sentence, best first."""


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
    remember = remembered(history, lambda text: _called(text, parts))
    question = understand(asked, remember, parts.library.known(), filters)
    cut = (CUT_NOTICE,) if len(asked) > LONGEST else ()
    now = Answer(question, notices=(*parts.notices, *cut), model=_name(parts), engine=_engine(parts))
    yield now
    if question.shape in (Shape.SMALL_TALK, Shape.LIBRARY):
        remark = (
            _small_talk() if question.shape is Shape.SMALL_TALK else _about_library(parts.library, question)
        )
        yield replace(now, remark=remark, stage="done", done=True, timings=clock.finished())
        return

    # 2. Retrieve
    yield (now := replace(now, stage="searching"))
    vector = parts.embed([question.standalone])[0]
    ranking = _rank(question.looked_up, _blend(vector, question, parts), parts, parts.top_k, question.filters)
    clock.retrieved()
    now = replace(now, stage="reading", retrieved=tuple(ranking), timings=clock.timings)
    yield now

    # 3. Judge: is there enough to answer?
    readings = tuple(parts.reader.read(c.paper) for c in ranking[:_READ_CLOSELY])
    scene = _Scene(replace(question, asked=question.bare or question.asked), vector, readings)
    if why_not := _cannot_answer(scene, parts.gates):
        yield _abstention(now, why_not, clock)
        return

    # 4. Select, write, verify
    if question.shape is Shape.LIST:
        yield _list(now, scene, parts, history, clock)
        return
    if parts.model is None:
        yield _extract(now, scene, parts, history, clock)
        return
    for evidence in _helpings(scene, ranking, parts, history):
        for now in _write(now, scene, evidence, parts, history, stop, clock):  # noqa: B020  # each snapshot grows from the last
            yield now
        if judge.answers(question.asked, now.sentences) or stop.is_set() or now.failed:
            break

    # 5. Finish: what survived, else a quotation, else the honest line
    yield _finish(now, scene, parts, history, clock)


def _called(text: str, parts: Parts) -> list[Paper]:
    ids = named(text, parts.library, parts.words)
    papers = parts.library.papers(ids)
    return [papers[paper] for paper in ids if paper in papers]


def _rank(text: str, vector: np.ndarray, parts: Parts, top_k: int, filters: Filters) -> list[Candidate]:
    return retrieve(text, vector, parts.library, parts.passages, parts.words, top_k, filters)


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


def _small_talk() -> str:
    return "Hello! Ask me something about the papers of this library."


def _about_library(library: Library, question: Question) -> str:
    if question.filters.active:
        return f"The library holds {len(library.matching(question.filters))} papers {said(question.filters)}."
    years = library.known().years
    span = f", from {years[0]} to {years[1]}" if years else ""
    return f"The library holds {library.count()} papers{span}."


def _cannot_answer(scene: _Scene, gates: judge.Gates) -> str:
    if not scene.readings:
        wanted = said(scene.question.filters)
        return f"The library holds no paper {wanted}." if wanted else "The library is empty."
    if judge.asks_for_metadata(scene.question.asked):
        return "The library's records hold titles and abstracts only."
    if scene.question.shape is Shape.LIST:
        return ""  # decided paper by paper
    relevance = most_relevant(scene.readings, scene.vector).relevance
    return judge.off_topic(scene.question.standalone, relevance, scene.readings, gates)


def _helpings(
    scene: _Scene, ranking: Sequence[Candidate], parts: Parts, history: Sequence[Turn]
) -> Iterator[tuple[Evidence, ...]]:
    """Evidence in the order in which it is tried: both sides at once, or one abstract after another."""
    assert parts.model is not None
    sides = _sides(scene, parts)
    if len(sides) > 1:
        yield tuple(best_sentences(r, scene.vector, parts.side_characters) for r in sides)
        return
    for reading, candidate in zip(scene.readings[:2], ranking, strict=False):
        if candidate.score >= _SECOND_HELPING * ranking[0].score:
            around = _prompt(scene.question, (Evidence(reading.paper, ()),), history)
            taken = parts.answer_tokens + parts.model.count_tokens(f"{prompts.SYSTEM} {around}")
            room = parts.model.context - taken - _TEMPLATE_TOKENS
            budget = min(room, parts.evidence_tokens or room)
            yield (whole(reading, scene.vector, parts.model.count_tokens, budget),)


def _sides(scene: _Scene, parts: Parts) -> list[Reading]:
    """The papers compared: those that the question names, else what each compared thing leads to."""
    called = named(scene.question.standalone, parts.library, parts.words)
    if scene.question.filters.active:
        within = set(parts.library.matching(scene.question.filters))
        called = [paper for paper in called if paper in within]
    if len(called) < 2 and scene.question.shape is Shape.COMPARISON:
        led_to = [_side(thing, scene.question.filters, parts) for thing in scene.question.things]
        called = [paper for paper in led_to if paper]
    papers = parts.library.papers(called)
    return [parts.reader.read(papers[paper]) for paper in dict.fromkeys(called) if paper in papers][
        :_MOST_SIDES
    ]


def _side(thing: str, filters: Filters, parts: Parts) -> str:
    """Id of the paper that a compared thing leads to; empty when it leads nowhere."""
    vector = parts.embed([thing])[0]
    for candidate in _rank(thing, vector, parts, _SIDE_POOL, filters):
        if candidate.named or is_about(thing, parts.reader.read(candidate.paper)):
            return candidate.paper.id
    return ""


def _write(
    now: Answer,
    scene: _Scene,
    evidence: tuple[Evidence, ...],
    parts: Parts,
    history: Sequence[Turn],
    stop: threading.Event,
    clock: Clock,
) -> Iterator[Answer]:
    """Stream one attempt of the model; each sentence is checked as it closes."""
    assert parts.model is not None
    prompt = _prompt(scene.question, evidence, history)
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
            now = _with_checked(now, closed, readings, scene, parts, history)
            clock.wrote(bool(draft.tail or now.sentences))
            tokens = chunk.prompt_tokens or now.prompt_tokens
            now = replace(now, draft=draft.tail, raw=draft.raw, prompt_tokens=tokens, timings=clock.timings)
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
    now = _with_checked(now, draft.finish() if complete else [], readings, scene, parts, history)
    yield replace(now, draft="", raw=draft.raw, stopped=stop.is_set())


def _prompt(question: Question, evidence: tuple[Evidence, ...], history: Sequence[Turn]) -> str:
    if len(evidence) > 1:
        return prompts.comparison(evidence, question)
    leans = question.follows_up and not question.points_to
    return prompts.fact(evidence[0], question, history[-1] if leans else None)


def _with_checked(
    now: Answer,
    closed: Sequence[str],
    readings: Sequence[Reading],
    scene: _Scene,
    parts: Parts,
    history: Sequence[Turn],
) -> Answer:
    """The answer with these sentences verified: supported ones shown and cited, others kept aside."""
    if not closed:
        return now
    shown, removed = list(now.sentences), list(now.removed)
    for claim, vector in zip(closed, parts.embed(closed), strict=True):
        checked = check(claim, vector, readings, scene.question.asked, parts.strictness)
        if removed and not shown and is_refusal(removed[-1].text):
            checked = replace(checked, support=Support.UNSUPPORTED, evidence=(), reason=AFTER_REFUSAL)
        if checked.support is Support.SUPPORTED:
            shown.append(checked)
        else:
            removed.append(checked)
    return cited(replace(now, sentences=tuple(shown), removed=tuple(removed)), readings, history)


def _list(now: Answer, scene: _Scene, parts: Parts, history: Sequence[Turn], clock: Clock) -> Answer:
    """The papers that match, each with the sentence that shows it; no model involved."""
    question = scene.question
    topic = listing.topic(question.asked)
    vector = parts.embed([topic.text])[0]
    wanted = f"{topic.query} {question.context}".strip()
    ranking = _rank(wanted, vector, parts, _LIST_POOL, question.filters)
    places = listing.matches(topic, ranking, _rarity(parts))
    if not places:
        return _abstention(now, "No abstract that was found matches.", clock)
    matching = [parts.reader.read(ranking[n].paper) for n in places]
    shown = [listing.showing(topic, reading, vector) for reading in matching]
    quotes = [
        quotation(part, f"{r.paper.title}: “{part.text}”") for r, part in zip(matching, shown, strict=True)
    ]
    remark = "1 paper matches." if len(quotes) == 1 else f"{len(quotes)} papers match."
    now = cited(replace(now, sentences=tuple(quotes), remark=remark), matching, history)
    return replace(now, retrieved=tuple(ranking), stage="done", done=True, timings=clock.finished())


def _rarity(parts: Parts) -> Callable[[str], float]:
    papers = parts.library.count()

    @cache
    def rarity(word: str) -> float:
        return listing.inverse_document_frequency(parts.words.frequency(word), papers)

    return rarity


def _extract(now: Answer, scene: _Scene, parts: Parts, history: Sequence[Turn], clock: Clock) -> Answer:
    """Without a model: the sentences that answer best, of each side for a comparison."""
    readings = _sides(scene, parts) or list(scene.readings[:1])
    quotes = _quotations(scene, readings, most=2 if len(readings) == 1 else 1)
    least = _named_or(parts.gates.relevance, now)
    if not judge.quotable(scene.question, quotes, readings[0], least, parts.gates):
        return _abstention(now, "", clock)
    now = cited(replace(now, sentences=tuple(quotes)), readings, history)
    return replace(now, stage="done", done=True, timings=clock.finished())


def _named_or(least: float, now: Answer) -> float:
    """No least relevance for a paper that the question calls by its name."""
    return -1.0 if now.retrieved[0].named else least


def _quotations(scene: _Scene, readings: Sequence[Reading], most: int = 2) -> list[CheckedSentence]:
    """The sentences of each abstract that answer best, as quotations."""
    asked = scene.question.standalone
    return [quotation(part) for r in readings for part in answering(r, scene.vector, asked, most)]


def _finish(now: Answer, scene: _Scene, parts: Parts, history: Sequence[Turn], clock: Clock) -> Answer:
    """Close the answer: what survived, else quotations that answer, else abstain."""
    if now.stopped:
        return replace(now, stage="done", done=True, draft="", timings=clock.finished())
    sides = [parts.reader.read(evidence.paper) for evidence in now.evidence]
    if len(sides) > 1:
        now = _with_every_side(now, sides, scene, history)
    if not judge.answers(scene.question.asked, now.sentences):
        best = scene.readings[:1]
        quotes = _quotations(scene, best)
        refused = any(is_refusal(sentence.text) for sentence in now.removed)
        least = _named_or(parts.gates.relevance, now) if now.failed else parts.gates.quotation
        if refused or not judge.quotable(scene.question, quotes, best[0], least, parts.gates):
            return _abstention(replace(now, sentences=(), papers=()), "", clock)
        now = cited(replace(now, sentences=tuple(quotes)), best, history)
    return replace(now, stage="done", done=True, draft="", timings=clock.finished())


def _with_every_side(now: Answer, sides: Sequence[Reading], scene: _Scene, history: Sequence[Turn]) -> Answer:
    """A comparison with a quotation for each side that no sentence of the model speaks for."""
    spoken_for = {part.paper_id for sentence in now.sentences for part in sentence.evidence}
    silent = [reading for reading in sides if reading.paper.id not in spoken_for]
    quotes = _quotations(scene, silent, most=1)
    return cited(replace(now, sentences=(*now.sentences, *quotes)), sides, history)


def _abstention(now: Answer, why: str, clock: Clock) -> Answer:
    clock.wrote(True)
    remark = f"{NOT_SAID} {why}".strip()
    return replace(
        now, remark=remark, abstained=True, stage="done", done=True, draft="", timings=clock.finished()
    )
