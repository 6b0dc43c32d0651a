"""What a conversation says, in the parts that every format writes, and the papers that it rests on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from rag.filters import said
from rag.records import Answer, CitedPaper, Conversation, Exchange, Paper, Shape

NEAREST = 3
"""Papers named when the abstracts do not say."""


class Kind(Enum):
    """What a part is."""

    NOTE = "note"
    """What Footnote says about the answer."""
    PARAGRAPH = "paragraph"
    """Sentences that were written."""
    ITEM = "item"
    """An entry of a list."""
    QUOTE = "quote"
    """Words of an abstract as they stand."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence with the numbers of the sources that it cites."""

    text: str
    sources: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """Sentences that stand together."""

    kind: Kind
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """A paper that the conversation cites."""

    number: int
    """As on the screen; another one where two papers came to have the same."""
    paper: Paper
    """The paper."""
    support: tuple[str, ...]
    """The sentences of it that answers rest on, in the order in which they were cited."""


def sources(conversation: Conversation) -> dict[str, Source]:
    """The papers that the answers cite, by their ids, in the order of their numbers."""
    found: dict[str, Source] = {}
    for cited in _cited(conversation):
        was = found.get(cited.paper.id)
        number = was.number if was else _free(cited.number, found)
        support = (*(was.support if was else ()), *(part.text for part in cited.evidence))
        paper = was.paper if was else cited.paper
        found[cited.paper.id] = Source(number, paper, tuple(dict.fromkeys(support)))
    return dict(sorted(found.items(), key=lambda one: one[1].number))


def _cited(conversation: Conversation) -> Iterator[CitedPaper]:
    for exchange in conversation:
        yield from exchange.answer.papers if exchange.answer else ()


def _free(number: int, found: dict[str, Source]) -> int:
    """The number itself, or the next one: in a long conversation a paper's number may be given again."""
    taken = {one.number for one in found.values()}
    return number if number not in taken else max(taken) + 1


def parts(exchange: Exchange, known: dict[str, Source]) -> Iterator[Part]:
    """The answer of an exchange, then what kept it from being complete."""
    if exchange.answer is not None:
        yield from _answered(exchange.answer, known)
    if exchange.problem:
        yield _note(exchange.problem)


def _answered(answer: Answer, known: dict[str, Source]) -> Iterator[Part]:
    if filters := said(answer.question.filters):
        yield _note(f"Only papers {filters}")
    if answer.remark:
        yield _note(answer.remark)
    yield from _sentences(answer, known)
    if answer.abstained and answer.retrieved:
        titles = "; ".join(candidate.paper.title for candidate in answer.retrieved[:NEAREST])
        yield _note(f"Nearest papers: {titles}")
    if answer.stopped:
        yield _note("Stopped.")


def _sentences(answer: Answer, known: dict[str, Source]) -> Iterator[Part]:
    ids = {cited.number: cited.paper.id for cited in answer.papers}
    every = [
        (s.quoted, Sentence(s.text, tuple(known[ids[n]].number for n in s.citations if n in ids)))
        for s in answer.sentences
    ]
    if answer.question.shape is Shape.LIST:
        yield from (Part(Kind.ITEM, (sentence,)) for _, sentence in every)
        return
    if written := tuple(sentence for quoted, sentence in every if not quoted):
        yield Part(Kind.PARAGRAPH, written)
    yield from (Part(Kind.QUOTE, (sentence,)) for quoted, sentence in every if quoted)


def _note(text: str) -> Part:
    return Part(Kind.NOTE, (Sentence(text),))


def record(paper: Paper) -> str:
    """Who, when and where, as one line; empty when nothing is known."""
    authors = ", ".join(paper.authors[:6]) + (" and others" if len(paper.authors) > 6 else "")
    return ", ".join(part for part in (authors, str(paper.year or ""), paper.venue) if part)


def single(text: str) -> str:
    """The text on one line, without characters that are none."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
