"""Answers to "which papers …": the papers that belong on a list, decided one by one without a model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from rag import judge, listing
from rag.calibration import Logistic
from rag.catalogue import about_library
from rag.cite import cited, quotation
from rag.clock import Clock
from rag.listing import Topic
from rag.records import Answer, Candidate, Question
from rag.scene import Parts, Scene

_POOL = 60
_BEHIND_BEST = 4.5
"""Log odds behind the best paper from which on a paper is on no list."""


def listed(now: Answer, scene: Scene, clock: Clock) -> Answer:
    """The papers that belong on a list, each with the sentence that shows it."""
    question, parts = scene.question, scene.parts
    topic = listing.topic(scene.asked)
    if question.filters.active and not topic.words:
        now = about_library(now, parts.library, question, scene.history)
        return replace(now, stage="done", done=True, timings=clock.finished())
    vector = parts.embed([topic.text])[0]
    ranking = near(topic, vector, parts, question)
    known = parts.calibration
    odds = log_odds(known.listed, *listing.of_papers(topic, ranking, scene.rarity))
    members = [ranking[n] for n in chosen(odds, known.on_list)]
    if not members:
        return judge.abstention(now, "No abstract that was found matches.", clock)
    now = _shown(replace(now, retrieved=tuple(ranking)), topic, vector, members, scene)
    return replace(now, stage="done", done=True, timings=clock.finished())


def near(topic: Topic, vector: np.ndarray, parts: Parts, question: Question) -> list[Candidate]:
    """The papers that may be on a list, best first.

    Args:
        vector: of the topic's text, float32 (dimension,).
    """
    return parts.rank(f"{topic.query} {question.context}".strip(), vector, _POOL, question.filters)


def log_odds(fitted: Logistic, rows: np.ndarray, may: np.ndarray) -> np.ndarray:
    """Log odds that each paper belongs on the list, float64 (papers,); -inf for those that cannot."""
    odds: np.ndarray = np.where(may, fitted.logit(rows), -np.inf)
    return odds


def chosen(odds: np.ndarray, least: float) -> list[int]:
    """The places of the papers on the list, the likeliest first."""
    if not len(odds):
        return []
    enough = max(least, float(odds.max()) - _BEHIND_BEST)
    return [int(n) for n in np.argsort(-odds, kind="stable") if odds[n] >= enough]


def _shown(
    now: Answer, topic: Topic, vector: np.ndarray, papers: Sequence[Candidate], scene: Scene
) -> Answer:
    """The papers on the list, each with the sentence that shows best why."""
    readings = [scene.parts.reader.read(candidate.paper) for candidate in papers]
    showing = [listing.showing(topic, reading, vector) for reading in readings]
    quotes = [
        quotation(part, f"{r.paper.title}: “{part.text}”") for r, part in zip(readings, showing, strict=True)
    ]
    least = "At least " if len(quotes) == _POOL else ""
    remark = "1 paper matches." if len(quotes) == 1 else f"{least}{len(quotes)} papers match."
    return cited(replace(now, sentences=tuple(quotes), remark=remark), readings, scene.history)
