"""What the card of a paper offers: its reference and BibTeX to take along, and a question about it alone."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from urllib.parse import quote, urlsplit

from rag.exporters import bibtex
from rag.records import Paper
from ui.language import current, said
from ui.markup import exact, kept, plain

NAMED = 20
"""Authors named in a reference; of more, the first nineteen and the last, as APA has it."""
CARDS = 1024
"""Papers whose actions are kept as rendered."""


def actions(paper: Paper) -> str:
    """The row below an abstract, without its end: what to take along, then a question about it."""
    return _actions(paper, current())


@lru_cache(maxsize=CARDS)
def _actions(paper: Paper, language: str) -> str:  # noqa: ARG001  # part of the key
    name = said("Copy citation")
    copy = _button(name, f'data-copy="{exact(reference(paper))}"', f"{name}: {paper.title}")
    return f"{web_link(paper)}{copy}{_entry(paper)}{about(paper)}"


def about(paper: Paper) -> str:
    """A link that begins a conversation about one paper."""
    address = f"#chat?paper={quote(paper.id, safe='', errors='replace')}"
    name = said("Ask about this paper")
    label = f"{name}: {plain(paper.title)}"
    return f'<a class="fn-offer" href="{exact(address)}" aria-label="{label}">{name}</a>'


def reference(paper: Paper) -> str:
    """A plain reference: authors, year, title, venue, address.

    >>> reference(Paper("x", "Singing Birds", "", ("Ada Li", "Bo Xu"), 2024, "BirdConf", "10.1/bird"))
    'Ada Li and Bo Xu (2024). Singing Birds. BirdConf. https://doi.org/10.1/bird'
    """
    who = _people(paper.authors)
    dated = " ".join(filter(None, (who, f"({paper.year})" if paper.year else "")))
    parts = (dated, paper.title, paper.venue)
    said = " ".join(part if part[-1] in ".?!" else f"{part}." for part in parts if part)
    return " ".join(filter(None, (said, link(paper))))


def entry(paper: Paper) -> str:
    """The BibTeX entry of a paper, without the abstract, as people paste it into a bibliography."""
    file = io.StringIO()
    bibtex.write([replace(paper, abstract="", source="")], file)
    return file.getvalue().strip()


def link(paper: Paper) -> str:
    """Where the paper can be read: a web address, or empty. Nothing but http and https is a link."""
    known = (
        paper.url,
        f"https://doi.org/{paper.doi}" if paper.doi else "",
        f"https://arxiv.org/abs/{paper.arxiv_id}" if paper.arxiv_id else "",
    )
    return next((address.strip() for address in known if _is_web(address.strip())), "")


def web_link(paper: Paper) -> str:
    """The link to where the paper can be read; empty when that is not known."""
    address = link(paper)
    if not address:
        return ""
    label = said("Open at {site}", site=plain(urlsplit(address).hostname or ""))
    return f'<a class="fn-link" href="{plain(address)}" target="_blank" rel="noopener noreferrer">{label}</a>'


def _is_web(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        return False


def _people(names: Sequence[str]) -> str:
    if len(names) > NAMED:
        return f"{', '.join(names[: NAMED - 1])}, … {names[-1]}"
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def _entry(paper: Paper) -> str:
    label = f"BibTeX: {paper.title}"
    summary = f'<summary class="fn-offer" aria-label="{plain(label)}">BibTeX</summary>'
    copy = _button(said("Copy"), "data-copy-entry", said("Copy {what}", what=label))
    text = f'<pre tabindex="0" aria-label="{plain(label)}">{kept(entry(paper))}</pre>'
    return f'<details class="fn-fold" data-fold="bibtex">{summary}{text}{copy}</details>'


def _button(name: str, attributes: str, label: str) -> str:
    return f'<button type="button" class="fn-offer" {attributes} aria-label="{plain(label)}">{name}</button>'
