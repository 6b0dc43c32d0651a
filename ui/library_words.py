"""What the library says in English of itself, in the language of the page: what can be undone, what was rejected."""

from __future__ import annotations

from collections.abc import Sequence

from ui.frames import fitted
from ui.language import deferred, in_english, said
from ui.markup import plain

_ACTIONS = (
    deferred("deletion of 1 paper"),
    deferred("deletion of {number} papers"),
    deferred("tag “{tag}” given to 1 paper"),
    deferred("tag “{tag}” given to {number} papers"),
    deferred("tag “{tag}” taken from 1 paper"),
    deferred("tag “{tag}” taken from {number} papers"),
    deferred("joining of 2 papers"),
    deferred("telling apart of 2 papers"),
    deferred("import of {name} and {number} more"),
    deferred("import of {name}"),
)
"""What can be undone; see rag/curation.py and rag/library.py."""
_REASONS = (
    deferred("has no title"),
    deferred("the row has no title"),
    deferred("the row has {number} fields and the heading has {all}"),
    deferred("the row breaks off after {number} of {all} fields"),
    deferred("is longer than a million characters"),
    deferred("is longer than one million characters"),
    deferred("breaks off: its closing bracket is missing"),
    deferred("is broken JSON at line {number}, column {last}: a comma or a closing bracket is missing"),
    deferred("is broken JSON at line {number}, column {last}: a name in double quotes is expected"),
    deferred("is broken JSON at line {number}, column {last}: a colon is missing"),
    deferred("is broken JSON at line {number}, column {last}: a value is expected"),
    deferred("is broken JSON at line {number}, column {last}: a text has no closing quote"),
    deferred("is not complete BibTeX: a brace, a quotation mark, a comma or an equals sign is missing"),
    deferred("is not a record"),
    deferred("does not read as a title over an abstract"),
    deferred("does not read as an abstract"),
    deferred("an abstract without a title above it"),
    deferred("the line above is not a title"),
    deferred("the title stands in this file before"),
    deferred("the list breaks off here"),
)
"""Why a record is no paper; see rag/importers. Rare ones stay English."""


def action(english: str) -> str:
    """What can be undone or was undone, as plain text."""
    return _framed(english, _ACTIONS) or english


def reason(english: str) -> str:
    """Why a record was rejected, as HTML."""
    told = _framed(english, _REASONS)
    return plain(told) if told else in_english(plain(english))


def _framed(text: str, frames: Sequence[str]) -> str:
    found = fitted(text, frames)
    return said(found[0], **found[1]) if found else ""
