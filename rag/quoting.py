"""Answers made of the abstracts' own sentences: lists, and quotations where no model can answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rag import judge, listing
from rag.cite import cited, quotation
from rag.clock import Clock
from rag.comparing import sides
from rag.reading import Reading
from rag.records import Answer, CheckedSentence, EvidenceSentence, Shape
from rag.scene import Scene

_LIST_POOL = 60
QUOTED = 3
"""Most sentences quoted from one abstract."""
QUOTED_OF_A_SIDE = 2
"""Most sentences quoted of each side of a comparison."""
_BEHIND_BEST = 2.0
"""Log odds behind the best sentence at which a further one is not quoted."""


def matching_papers(now: Answer, scene: Scene, clock: Clock) -> Answer:
    """The papers that match a "which papers" question, each with the sentence that shows it."""
    question, parts = scene.question, scene.parts
    topic = listing.topic(scene.asked)
    vector = parts.embed([topic.text])[0]
    wanted = f"{topic.query} {question.context}".strip()
    ranking = parts.rank(wanted, vector, _LIST_POOL, question.filters)
    places = listing.matches(topic, ranking, scene.rarity)
    if not places:
        return judge.abstention(now, "No abstract that was found matches.", clock)
    readings = [parts.reader.read(ranking[n].paper) for n in places]
    shown = [listing.showing(topic, reading, vector) for reading in readings]
    quotes = [
        quotation(part, f"{r.paper.title}: “{part.text}”") for r, part in zip(readings, shown, strict=True)
    ]
    remark = "1 paper matches." if len(quotes) == 1 else f"{len(quotes)} papers match."
    now = cited(replace(now, sentences=tuple(quotes), remark=remark), readings, scene.history)
    return replace(now, retrieved=tuple(ranking), stage="done", done=True, timings=clock.finished())


def extract(now: Answer, scene: Scene, clock: Clock) -> Answer:
    """Without a model: the sentences that answer best, of each side for a comparison."""
    compared = sides(scene)
    if len(compared) > 1:
        quotes = [quote for side in compared for quote in quotations(scene, side, QUOTED_OF_A_SIDE)]
    else:
        compared = list(scene.readings[:1])
        quotes = quotations(scene, compared[0], QUOTED)
        if not judge.quotable(scene, compared[0], quotes):
            return judge.abstention(now, judge.missing(scene, compared), clock)
    now = cited(replace(now, sentences=tuple(quotes)), compared, scene.history)
    return replace(now, stage="done", done=True, timings=clock.finished())


def quotations(scene: Scene, reading: Reading, most: int) -> list[CheckedSentence]:
    """The sentences of an abstract that likeliest hold the answer, in their order, as quotations."""
    return [quotation(part) for part in holding(scene, reading, most)]


def holding(scene: Scene, reading: Reading, most: int) -> Sequence[EvidenceSentence]:
    """At most so many sentences that likeliest hold the answer, none far behind the best, in their order."""
    likeliest = scene.holding(reading)[:most]
    near = [part for odds, part in likeliest if odds >= likeliest[0][0] - _BEHIND_BEST]
    return sorted(near, key=lambda part: part.position)


def with_quotations(now: Answer, scene: Scene, clock: Clock) -> Answer:
    """Nothing that the model wrote is carried: what the abstract says itself, or the honest line."""
    readings = [scene.parts.reader.read(part.paper) for part in now.evidence] or list(scene.readings[:1])
    if len(readings) > 1:
        quotes = [quote for side in readings for quote in quotations(scene, side, QUOTED_OF_A_SIDE)]
    else:
        readings = list(scene.readings[:1])
        quotes = quotations(scene, readings[0], QUOTED)
        if not judge.quotable(scene, readings[0], quotes):
            now = replace(now, sentences=(), papers=())
            return judge.abstention(now, judge.missing(scene, readings), clock)
    return cited(replace(now, sentences=tuple(quotes)), readings, scene.history)


def with_every_side(now: Answer, scene: Scene) -> Answer:
    """A comparison with quotations for each side that no sentence of the model speaks for."""
    compared = [scene.parts.reader.read(part.paper) for part in now.evidence]
    if scene.question.shape is not Shape.COMPARISON and len(compared) < 2:
        return now
    spoken_for = {part.paper_id for sentence in now.sentences for part in sentence.evidence}
    silent = [reading for reading in compared if reading.paper.id not in spoken_for]
    quotes = [quote for side in silent for quote in quotations(scene, side, QUOTED_OF_A_SIDE)]
    return cited(replace(now, sentences=(*now.sentences, *quotes)), compared, scene.history)
