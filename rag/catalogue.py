"""Questions that the library's own records answer: how many papers, by whom, when, where."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from rag.beyond import WHO_WROTE
from rag.cite import cited
from rag.clock import Clock
from rag.filters import said
from rag.library import Library
from rag.reading import Reading
from rag.records import Answer, CheckedSentence, EvidenceSentence, Filters, Paper, Question, Support, Turn
from rag.scene import Scene

_NOTHING = np.zeros((1, 0), dtype=np.float32)
_LISTED = 50
_MOST_AUTHORS = 12

_ASKS: tuple[tuple[str, re.Pattern[str], Callable[[Paper], str]], ...] = (
    (
        "authors",
        re.compile(rf"\b(?:{WHO_WROTE})", re.IGNORECASE),
        lambda paper: _people(paper.authors),
    ),
    (
        "year",
        re.compile(
            r"\bwhen was .{0,60}(?:published|released|submitted|written)|\bpublication (?:date|year)"
            r"|^\W*(?:and )?(?:in |from )?(?:what|which) year\W*$"
            r"|\b(?:in )?(?:what|which) year\b.{0,40}\b(?:published|written|appear\w*|from|come)\b",
            re.IGNORECASE,
        ),
        lambda paper: str(paper.year or ""),
    ),
    (
        "venue",
        re.compile(
            r"\b(?:which|what) (?:conference|journal|venue)\b|\bwhere was .{0,60}published\b", re.IGNORECASE
        ),
        lambda paper: paper.venue,
    ),
    ("DOI", re.compile(r"\bdoi\b", re.IGNORECASE), lambda paper: paper.doi),
    (
        "link",
        re.compile(r"\b(?:link|url|arxiv (?:id|number|identifier)) (?:to|of|for)\b", re.IGNORECASE),
        lambda paper: paper.url or (f"arXiv:{paper.arxiv_id}" if paper.arxiv_id else ""),
    ),
)
"""What a record is asked for, the questions that ask for it, and where it stands."""

_LIST_ALL = re.compile(r"\b(?:list|show|what papers|which papers|what(?:'s| is) in)\b", re.IGNORECASE)


def about_library(now: Answer, library: Library, question: Question, history: Sequence[Turn]) -> Answer:
    """How many papers there are, and which, when that is asked."""
    papers = library.all_papers(question.filters) if _LIST_ALL.search(question.asked) else []
    remark = _count(library, question.filters)
    if len(papers) > _LISTED:
        remark += f" The first {_LISTED} by title:"
    readings = [Reading(paper, (paper.title,), _NOTHING, (-1,)) for paper in papers[:_LISTED]]
    sentences = tuple(_stated(paper, paper.title) for paper in papers[:_LISTED])
    return cited(replace(now, remark=remark, sentences=sentences), readings, history)


def _count(library: Library, filters: Filters) -> str:
    if filters.active:
        number = len(library.matching(filters))
        return f"The library holds {number} paper{'s' * (number != 1)} {said(filters)}."
    years = library.known().years
    span = f", from {years[0]} to {years[1]}" if years and years[0] != years[1] else ""
    number = library.count()
    return f"The library holds {number} paper{'s' * (number != 1)}{span}."


def from_record(now: Answer, scene: Scene, clock: Clock) -> Answer | None:
    """What the record of a paper says; None when nothing is asked of a record, or no paper is meant."""
    asked = next(((name, read) for name, asks, read in _ASKS if asks.search(scene.asked)), None)
    paper = _meant(scene)
    if asked is None or paper is None:
        return None
    name, read = asked
    value = read(paper)
    if not value:
        remark = f"The record of “{paper.title}” in this library has no {name}."
        return replace(now, remark=remark, abstained=True, stage="done", done=True, timings=clock.finished())
    sentence = _stated(
        paper, f"{paper.title}: {name} {value}." if name != "authors" else f"{paper.title}: by {value}."
    )
    reading = scene.parts.reader.read(paper)
    now = cited(replace(now, sentences=(sentence,)), [reading], scene.history)
    return replace(now, stage="done", done=True, timings=clock.finished())


def _meant(scene: Scene) -> Paper | None:
    """The paper whose record is asked for: called by name, or that the conversation is about."""
    if called := scene.parts.called(scene.question.looked_up):
        return called[0]
    return scene.ranking[0].paper if scene.ranking and scene.question.follows_up else None


def _stated(paper: Paper, text: str) -> CheckedSentence:
    evidence = (EvidenceSentence(paper.id, -1, paper.title),)
    return CheckedSentence(text, Support.SUPPORTED, evidence, quoted=True)


def _people(names: Sequence[str]) -> str:
    if len(names) > _MOST_AUTHORS:
        return f"{', '.join(names[:_MOST_AUTHORS])} and {len(names) - _MOST_AUTHORS} others"
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else list(names))
