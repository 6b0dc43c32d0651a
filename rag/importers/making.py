"""A record of a bibliographic file as a paper, or why it is none."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Protocol

from rag.importers.decoding import TEXT_KEPT
from rag.importers.markup import untagged
from rag.importers.parsed import Rejected, arxiv_in, paper
from rag.records import Paper

TOO_LONG = "is longer than one million characters"
_LONGEST_NAME = 500  # of an identifier and what stands around it
_SURROGATE = re.compile("[\ud800-\udfff]")


class Origin(Protocol):
    """Where a paper comes from."""

    @property
    def line(self) -> int:
        """Line of the file where the record begins, from 1."""

    @property
    def text(self) -> str:
        """The record as it stood in the file."""


def rejected(line: int, reason: str, text: str) -> Rejected:
    """A rejected record with the beginning of its text."""
    return Rejected(line, reason, clean(text[:TEXT_KEPT]))


def made(
    origin: Origin,
    source: str,
    *,
    title: str,
    abstract: str,
    authors: Iterable[str] = (),
    year: str = "",
    venue: str = "",
    doi: str = "",
    arxiv: str = "",
    url: str = "",
    reading: Callable[[str], str] = untagged,
) -> Paper | Rejected:
    """A paper of the fields of a record, which are read as the format has them; rejected without title.

    No half of a character remains: no database stores it.
    """
    found = paper(
        clean(reading(title)),
        clean(reading(abstract)),
        source,
        authors=(clean(reading(name)) for name in authors),
        year=year,
        venue=clean(reading(venue)),
        doi=clean(doi),
        arxiv_id=clean(arxiv[:_LONGEST_NAME]),
        url=clean(url),
    )
    if not found.title:
        return rejected(origin.line, "has no title", origin.text)
    return replace(found, raw_title=clean(title), raw_abstract=clean(abstract))


def clean(text: str) -> str:
    """The text without halves of characters."""
    return _SURROGATE.sub("\ufffd", text)


def arxiv_named(*texts: str) -> str:
    """The arXiv identifier in the first of the texts that names arXiv; empty when none does.

    >>> arxiv_named("Volume 2020.10001", "arXiv:1810.04805v2 [cs]")
    '1810.04805'
    """
    named = (text[:_LONGEST_NAME] for text in texts if "arxiv" in text.lower())
    return next(filter(None, map(arxiv_in, named)), "")
