"""The panel of cited papers: one card each, the whole abstract with the supporting sentences marked."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from rag.records import Answer, Candidate, CitedPaper, Conversation, EvidenceSentence, Exchange, Paper
from rag.text import sentences
from ui.card_actions import about, actions, link
from ui.card_why import key, why
from ui.language import current, in_english, said
from ui.markup import line, plain

__all__ = ["cited", "earlier", "evidence_anchor", "link", "newest", "panel", "source_anchor"]

AUTHORS = 6
"""Authors named in full; of more, the first five."""
GROUPS = 256
"""Answers whose cards are kept as rendered, over all conversations."""
ABSTRACTS = 1024
"""Abstracts that are kept split and escaped."""


def panel(conversation: Conversation) -> str:
    """The papers that the newest answer cites, and folded below those of the answers before it."""
    return newest(conversation) + earlier(conversation)


def newest(conversation: Conversation) -> str:
    """The papers that the newest answer cites; what it found and does not cite is folded away below."""
    last = len(conversation)
    shown = "".join(_group(last, exchange, newest=True) for exchange in conversation[-1:])
    if any(e.answer and e.answer.papers for e in conversation):
        return shown
    return line("fn-no-sources", said("The papers that an answer cites appear here.")) + shown


def earlier(conversation: Conversation) -> str:
    """The papers that the answers before the newest cite, folded: what a growing answer leaves alone."""
    groups = [_group(n, e, newest=False) for n, e in enumerate(conversation[:-1], 1)]
    return "".join(reversed(groups))


def cited(conversation: Conversation) -> tuple[str, ...]:
    """Ids of the papers that the answers cite, each once, in the order of their first citation."""
    answers = [exchange.answer for exchange in conversation if exchange.answer]
    return tuple(dict.fromkeys(one.paper.id for answer in answers for one in answer.papers))


def source_anchor(number: int, cited: CitedPaper) -> str:
    """Anchor of the card of a cited paper: which message, which paper."""
    return f"source-{number}-{cited.number}"


def evidence_anchor(number: int, cited: CitedPaper, sentence: EvidenceSentence) -> str:
    """Anchor of a supporting sentence within the card; the title counts as sentence 0."""
    return f"{source_anchor(number, cited)}-{sentence.position + 1}"


class _Same:
    """An answer as a key: the very object, for comparing all that it holds would take longer than rendering."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __hash__(self) -> int:
        return id(self.answer)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.answer is self.answer


def _group(number: int, exchange: Exchange, *, newest: bool) -> str:
    answer = exchange.answer
    if answer is None or not (answer.papers or (newest and answer.retrieved)):
        return ""
    same = _Same(answer)
    if not answer.done:
        return _cards(number, same)
    return _finished(number, exchange.asked, same, newest, current())


def _cards(number: int, of: _Same) -> str:
    """The cards of an answer that still grows: what it found is told when it is known what it cites."""
    cards = "".join(_card(number, of.answer, cited) for cited in of.answer.papers)
    return f'<div class="fn-group">{cards}</div>' if cards else ""


@lru_cache(maxsize=GROUPS)
def _finished(number: int, asked: str, of: _Same, newest: bool, language: str) -> str:  # noqa: ARG001  # part of the key
    cards = "".join(_card(number, of.answer, cited) for cited in of.answer.papers) + _found(number, of.answer)
    if newest:
        return f'<div class="fn-group">{cards}</div>'
    label = f"<summary>{said('Cited for “{question}”', question=plain(asked))}</summary>"
    fold = f'data-fold="answer-{key(of.answer.question)}"'
    return f'<details class="fn-group fn-earlier" {fold}>{label}{cards}</details>'


def _card(number: int, answer: Answer, cited: CitedPaper) -> str:
    """Number, title, who and when, the abstract, and what can be done with the paper."""
    anchor = source_anchor(number, cited)
    badge = f'<span class="fn-number"><span class="sr-only">{said("Source")} </span>{cited.number}</span>'
    head = f"<h3>{badge}<span>{in_english(_title(number, cited))}</span></h3>"
    body = f"{head}{_record(cited.paper)}{line('fn-abstract', in_english(_abstract(number, cited)))}"
    tools = f'<div class="fn-actions">{actions(cited.paper)}{why(answer, cited.paper, number)}</div>'
    return f'<article class="fn-card" id="{anchor}" tabindex="-1">{body}{tools}</article>'


def _title(number: int, cited: CitedPaper) -> str:
    support = next((e for e in cited.evidence if e.position < 0), None)
    title = plain(cited.paper.title)
    return _mark(evidence_anchor(number, cited, support), title) if support else title


def _abstract(number: int, cited: CitedPaper) -> str:
    resting = {e.position: e for e in cited.evidence}
    pieces = [
        _mark(evidence_anchor(number, cited, resting[n]), text) if n in resting else text
        for n, text in enumerate(_escaped(cited.paper.abstract))
    ]
    return " ".join(pieces)


@lru_cache(maxsize=ABSTRACTS)
def _escaped(abstract: str) -> tuple[str, ...]:
    """The sentences of an abstract as HTML."""
    return tuple(plain(sentence) for sentence in sentences(abstract))


def _mark(anchor: str, content: str) -> str:
    return f'<mark id="{anchor}" tabindex="-1">{content}</mark>'


def _found(number: int, answer: Answer) -> str:
    """What the search found and no sentence cites, folded away; it supports nothing."""
    used = {cited.paper.id for cited in answer.papers}
    unused = [candidate for candidate in answer.retrieved if candidate.paper.id not in used]
    if not unused:
        return ""
    items = "".join(_item(number, answer, candidate) for candidate in unused)
    label = f"<summary>{said('Also found')} &#40;{len(unused)}&#41;</summary>"
    told = line("fn-quiet", said("Near the question, and cited by no sentence of the answer."))
    fold = f'class="fn-also" data-fold="also-{key(answer.question)}"'
    return f'<details {fold}>{label}{told}<ul class="fn-found">{items}</ul></details>'


def _item(number: int, answer: Answer, candidate: Candidate) -> str:
    paper = candidate.paper
    year = f' <span class="fn-year">{paper.year}</span>' if paper.year else ""
    first = in_english("".join(_escaped(paper.abstract)[:1]))
    tools = f'<div class="fn-actions">{about(paper)}{why(answer, paper, number)}</div>'
    return f"<li><b>{in_english(plain(paper.title))}</b>{year}{line('fn-first', first) if first else ''}{tools}</li>"


def _record(paper: Paper) -> str:
    known = [_authors(paper.authors), str(paper.year or ""), paper.venue]
    record = " · ".join(plain(part) for part in known if part)
    return line("fn-record", record) if record else ""


def _authors(names: Sequence[str]) -> str:
    if len(names) <= AUTHORS:
        return ", ".join(names)
    first, others = ", ".join(names[: AUTHORS - 1]), len(names) - AUTHORS + 1
    return said("{names} and {number} others", names=first, number=others)
