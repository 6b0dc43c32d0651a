"""A saved web page of papers as plain text: chrome, then titles and abstracts in turn.

Blocks are separated by blank lines. A paper is a title block directly followed by an abstract
block. Menus, dates and buttons are blocks that are neither.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rag.importers.parsed import Parsed, Rejected, paper
from rag.records import Paper
from rag.text import sentences

_SHORTEST_ABSTRACT = 300
_LONGEST_TITLE = 300
_PAIRED_SHARE = 0.5
_MARKUP = re.compile(
    r"^\s*(?:<[a-zA-Z!/]|[{\[$]|```|#|//|/\*|\||\.\. )|</[a-z]+>|^[=~\-^*_]{3,}$", re.MULTILINE
)


_LEGAL = re.compile(r"©|\bcopyright\b|\blicen[cs]e:|^files: ", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Block:
    line: int
    text: str


def parse(text: str, source: str) -> Parsed:
    """Pair titles with abstracts.

    Returns no papers when the text is not such a page: when less than half of its long blocks
    read as an abstract below a title.
    """
    papers: dict[str, Paper] = {}
    rejected: list[Rejected] = []
    previous: _Block | None = None
    for block in _blocks(text):
        if not _is_long(block):
            previous = block
            continue
        if previous and _is_title(previous) and _is_prose(block):
            found = paper(previous.text, block.text, source)
            if papers.setdefault(found.id, found) is not found:
                rejected.append(Rejected(previous.line, "the title stands in this file before", block.text))
        else:
            rejected.append(Rejected(block.line, _reason(previous, block), block.text))
        previous = None
    if len(papers) < _PAIRED_SHARE * (len(papers) + len(rejected)):
        return Parsed(())
    return Parsed(tuple(papers.values()), tuple(rejected))


def _blocks(text: str) -> Iterator[_Block]:
    first = 0
    lines: list[str] = []
    for number, line in enumerate([*text.splitlines(), ""], 1):
        if line.strip():
            first = first if lines else number
            lines.append(line)
        elif lines:
            yield _Block(first, "\n".join(lines))
            lines = []


def _is_long(block: _Block) -> bool:
    return len(block.text) >= _SHORTEST_ABSTRACT


def _is_title(block: _Block) -> bool:
    return (
        len(block.text) <= _LONGEST_TITLE
        and len(block.text.split()) >= 2
        and not _MARKUP.search(block.text)
        and not _LEGAL.search(block.text)
        and not block.text.rstrip().endswith((".", ":", ";", ","))
    )


def _is_prose(block: _Block) -> bool:
    letters = sum(c.isalpha() or c.isspace() for c in block.text)
    return (
        not _MARKUP.search(block.text)
        and letters >= 0.8 * len(block.text)
        and len(sentences(block.text)) >= 2
    )


def _reason(previous: _Block | None, block: _Block) -> str:
    if not _is_prose(block):
        return "does not read as an abstract"
    return "an abstract without a title above it" if previous is None else "the line above is not a title"
