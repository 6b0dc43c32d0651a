"""What every reader returns, and how a paper gets its identity."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from rag.records import Paper
from rag.text import plain, readable


@dataclass(frozen=True, slots=True)
class Rejected:
    """A record that could not become a paper."""

    line: int
    """Line of the file where it begins, from 1."""
    reason: str
    """Why, in words a user understands."""
    text: str
    """The record as it stood in the file."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """The papers of one file, and what was not one."""

    papers: tuple[Paper, ...]
    rejected: tuple[Rejected, ...] = ()


def paper(raw_title: str, raw_abstract: str, source: str) -> Paper:
    """A paper known by title and abstract alone."""
    title = readable(raw_title)
    return Paper(
        id=title_identity(title),
        title=title,
        abstract=readable(raw_abstract),
        source=source,
        raw_title=raw_title,
        raw_abstract=raw_abstract,
    )


def title_identity(title: str, year: int | None = None, first_author: str = "") -> str:
    """Identity of a paper without DOI or arXiv id: a hash of title, year and first author.

    Case, punctuation and dashes do not matter.
    """
    letters = re.sub(r"[^\w+#]+|_", " ", plain(title)).strip()
    key = f"{letters}|{year or ''}|{plain(first_author)}"
    return "title:" + hashlib.sha256(key.encode()).hexdigest()[:16]
