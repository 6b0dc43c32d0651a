"""What the core says in English about an answer, in the language of the page.

Its remarks are sentences of a few fixed frames, told apart by their fixed words; one that is of no frame
stays as it is.
"""

from __future__ import annotations

import re

from rag.judge import NOT_SAID
from rag.records import Answer, Filters
from ui.frames import fitted
from ui.language import ENGLISH, current, deferred, said

_NOT_SAID = deferred("The abstracts do not say.")
_REASONS = (
    deferred("The library holds no paper {conditions}."),
    deferred("The library is empty."),
    deferred("Footnote answers from the abstracts alone, and shows nothing that they do not carry."),
    deferred("That stands in the record of a paper, and no paper that is named here has it in its record."),
    deferred("None of the abstracts mentions {name}."),
    deferred("No paper {conditions} is about this."),
    deferred("Nothing in the library is about this."),
    deferred("None of the nearest abstracts mentions {name}."),
    deferred("The nearest abstracts say nothing of “{words}”."),
    deferred("The nearest abstracts were read, and the answer is not in them."),
    deferred("No abstract that was found matches."),
)
"""Why the abstracts do not say; see rag/judge.py and rag/quoting.py."""
_REMARKS = (
    deferred("The library holds 1 paper."),
    deferred("The library holds {number} papers."),
    deferred("The library holds {number} papers, from {first} to {last}."),
    deferred("The library holds 1 paper {conditions}."),
    deferred("The library holds {number} papers {conditions}."),
    deferred("The record of “{title}” in this library has no {field}."),
    deferred("Hello! Ask me something about the papers of this library."),
    deferred("1 paper matches."),
    deferred("At least {number} papers match."),
    deferred("{number} papers match."),
    deferred("The abstracts do not agree: compare {one} with {other}."),
)
"""What stands above an answer; see rag/answer.py, rag/catalogue.py, rag/quoting.py and rag/conflicts.py."""
_FIRST = re.compile(r"(?P<remark>.*) The first (?P<number>\d+) by title:", re.DOTALL)
_FIELDS = (deferred("authors"), deferred("year"), deferred("venue"), deferred("DOI"), deferred("link"))
"""What a record can lack."""


def remark(answer: Answer) -> str:
    """The remark of an answer, as plain text."""
    if current() == ENGLISH:
        return answer.remark
    filters = answer.question.filters
    if answer.remark.startswith(NOT_SAID):
        why = answer.remark.removeprefix(NOT_SAID).strip()
        return f"{said(_NOT_SAID)} {_framed(why, _REASONS, filters)}".strip()
    if first := _FIRST.fullmatch(answer.remark):
        follows = said("The first {number} by title:", number=first["number"])
        return f"{_framed(first['remark'], _REMARKS, filters)} {follows}"
    return _framed(answer.remark, _REMARKS, filters)


def _framed(text: str, frames: tuple[str, ...], filters: Filters) -> str:
    """The text in the first frame that it fits, with what it fills the frame with."""
    if (found := fitted(text, frames)) is None:
        return text
    frame, gaps = found
    known = {"conditions": conditions(filters), "field": said(gaps.get("field", ""))}
    return said(frame, **(gaps | {name: known[name] for name in gaps.keys() & known}))


def conditions(filters: Filters) -> str:
    """Conditions on papers in words, to follow "papers"; empty without any.

    >>> conditions(Filters(year_from=2021, author="Devlin"))
    'from 2021 on, by Devlin'
    """
    parts = [
        _years(filters.year_from, filters.year_to),
        said("by {author}", author=filters.author) if filters.author else "",
        said("in {venue}", venue=filters.venue) if filters.venue else "",
        said("from the file {file}", file=filters.source) if filters.source else "",
        said("tagged {tag}", tag=filters.tag) if filters.tag else "",
        said("of {number} chosen by you", number=len(filters.papers)) if filters.papers else "",
    ]
    return ", ".join(part for part in parts if part)


def _years(first: int | None, last: int | None) -> str:
    if first is None:
        return "" if last is None else said("up to {year}", year=last)
    if last is None:
        return said("from {year} on", year=first)
    if first == last:
        return said("of {year}", year=first)
    return said("from {first} to {last}", first=first, last=last)
