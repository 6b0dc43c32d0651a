"""What the model writes: the evidence that it is shown, its stream, and each closed sentence verified."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

from rag import prompts
from rag.cite import cited
from rag.clock import Clock
from rag.engines import TURN_TOKENS, Message
from rag.errors import ModelError
from rag.quoting import says_again, unsaid
from rag.reading import Reading
from rag.records import Answer, Evidence, EvidenceSentence, Support, Turn
from rag.scene import Scene
from rag.select import most_likely
from rag.verify import check, is_refusal
from rag.writing import Draft

SAID_BEFORE = "says again what was said"
AFTER_REFUSAL = "follows a refusal: the model fills the space"
_TEMPLATE_TOKENS = 4 * TURN_TOKENS


def written(
    now: Answer, scene: Scene, about: Sequence[Reading], stop: threading.Event, clock: Clock
) -> Iterator[Answer]:
    """Stream what the model writes about some papers; each sentence is checked as it closes.

    Args:
        now: the answer as it stands, with its quotations.
        about: the one paper that is asked about, or those that are compared.
        stop: set by another thread to end it.
        clock: of the question.
    """
    parts = scene.parts
    assert parts.model is not None
    evidence = shown(scene, about)
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
    if len(evidence) > 1:
        return prompts.comparison(evidence, scene.question)
    return prompts.fact(evidence[0], scene.asked, before(scene))


def before(scene: Scene) -> Turn | None:
    """The turn that the question leans on, for the prompt."""
    leans = scene.question.follows_up and not scene.question.points_to
    return scene.history[-1] if leans else None


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
        if checked.support is Support.SUPPORTED and says_again(claim, written):
            checked = replace(checked, support=Support.UNSUPPORTED, evidence=(), reason=SAID_BEFORE)
        if checked.support is Support.SUPPORTED:
            written.append(checked)
        else:
            removed.append(checked)
    sentences = (*written, *unsaid(quotes, written))
    return cited(replace(now, sentences=sentences, removed=tuple(removed)), readings, scene.history)


def shown(scene: Scene, about: Sequence[Reading]) -> tuple[Evidence, ...]:
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
