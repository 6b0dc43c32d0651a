"""The panel of cited papers: one card each, the whole abstract with the supporting sentences marked."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from rag.records import CitedPaper, Conversation, EvidenceSentence, Exchange, Paper
from rag.text import sentences
from ui.markup import line, plain

AUTHORS = 6
"""Authors named in full; of more, the first five."""


def panel(conversation: Conversation) -> str:
    """The papers that the newest answer cites, and folded below those of the answers before it."""
    groups = [(n, e) for n, e in enumerate(conversation, 1) if e.answer and e.answer.papers]
    if not groups:
        return line("fn-no-sources", "The papers that an answer cites appear here.")
    newest = len(conversation)
    return "".join(_group(number, exchange, number == newest) for number, exchange in reversed(groups))


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


def link(paper: Paper) -> str:
    """Where the paper can be read: a web address, or empty. Nothing but http and https is a link."""
    known = (
        paper.url,
        f"https://doi.org/{paper.doi}" if paper.doi else "",
        f"https://arxiv.org/abs/{paper.arxiv_id}" if paper.arxiv_id else "",
    )
    return next((address.strip() for address in known if _is_web(address.strip())), "")


def _is_web(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        return False


def _group(number: int, exchange: Exchange, newest: bool) -> str:
    assert exchange.answer is not None
    cards = "".join(_card(number, cited) for cited in exchange.answer.papers)
    if newest:
        return f'<div class="fn-group">{cards}</div>'
    label = f"<summary>Cited for “{plain(exchange.asked)}”</summary>"
    return f'<details class="fn-group fn-earlier">{label}{cards}</details>'


def _card(number: int, cited: CitedPaper) -> str:
    """Number, title, who and when, the abstract, and where to read the paper."""
    anchor = source_anchor(number, cited)
    badge = f'<span class="fn-number"><span class="sr-only">Source </span>{cited.number}</span>'
    head = f"<h3>{badge}<span>{_title(number, cited)}</span></h3>"
    body = f"{head}{_record(cited.paper)}{line('fn-abstract', _abstract(number, cited))}"
    return f'<article class="fn-card" id="{anchor}" tabindex="-1">{body}{_link(cited.paper)}</article>'


def _title(number: int, cited: CitedPaper) -> str:
    support = next((e for e in cited.evidence if e.position < 0), None)
    title = plain(cited.paper.title)
    return _mark(evidence_anchor(number, cited, support), title) if support else title


def _abstract(number: int, cited: CitedPaper) -> str:
    resting = {e.position: e for e in cited.evidence}
    pieces = [
        _mark(evidence_anchor(number, cited, resting[n]), plain(text)) if n in resting else plain(text)
        for n, text in enumerate(sentences(cited.paper.abstract))
    ]
    return " ".join(pieces)


def _mark(anchor: str, content: str) -> str:
    return f'<mark id="{anchor}" tabindex="-1">{content}</mark>'


def _record(paper: Paper) -> str:
    known = [_authors(paper.authors), str(paper.year or ""), paper.venue]
    record = " · ".join(plain(part) for part in known if part)
    return line("fn-record", record) if record else ""


def _authors(names: Sequence[str]) -> str:
    if len(names) <= AUTHORS:
        return ", ".join(names)
    return f"{', '.join(names[: AUTHORS - 1])} and {len(names) - AUTHORS + 1} others"


def _link(paper: Paper) -> str:
    address = link(paper)
    if not address:
        return ""
    label = f"Open at {plain(urlsplit(address).hostname or '')}"
    return f'<a class="fn-link" href="{plain(address)}" target="_blank" rel="noopener noreferrer">{label}</a>'
