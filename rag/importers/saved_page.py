"""A saved web page of papers as plain text: chrome, then titles and abstracts in turn.

Blocks are separated by blank lines. A paper is a title block directly followed by an abstract
block. Menus, dates and buttons are blocks that are neither.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import BinaryIO

from rag.importers.blocks import CODE, Block, blocks, blocks_of_head
from rag.importers.decoding import TEXT_KEPT, as_text
from rag.importers.parsed import Rejected, paper
from rag.records import Paper
from rag.text import sentences

NAME = "a saved web page of papers (each a title, a blank line, an abstract)"

_SHORTEST_ABSTRACT = 300
_LONGEST_TITLE = 300
_PAIRED_SHARE = 0.5
_FOREIGN_SHARE = 0.1
_DECIDING = 1_000
_MARKUP = re.compile(
    r"^\s*(?:<[a-zA-Z!/]|[{\[$]|```|#|//|/\*|\||\.\. )|</[a-z]+>|^[=~\-^*_]{3,}$", re.MULTILINE
)


_LEGAL = re.compile(r"©|\bcopyright\b|\blicen[cs]e:|^files: ", re.IGNORECASE)


def recognises(head: str) -> bool:
    """Whether at least half of the long blocks of a text read as an abstract below a title, and few as code."""
    every = blocks_of_head(head)
    foreign = sum(bool(CODE.search(block.text)) for block in every)
    return foreign <= _FOREIGN_SHARE * len(every) and _is_page(list(_pairs(every, "")))


def parse(file: BinaryIO, source: str) -> Iterator[Paper | Rejected]:
    """Pair titles with abstracts.

    Yields nothing when the text is not such a page: when less than half of its long blocks (of the
    first thousand, where it has more) read as an abstract below a title.
    """
    found = _pairs(blocks(as_text(file)), source)
    first = list(islice(found, _DECIDING))
    if _is_page(first):
        yield from chain(first, found)


def _is_page(found: list[Paper | Rejected]) -> bool:
    papers = sum(isinstance(one, Paper) for one in found)
    return papers > 0 and papers >= _PAIRED_SHARE * len(found)


def _pairs(every: Iterable[Block], source: str) -> Iterator[Paper | Rejected]:
    seen: set[str] = set()
    previous: Block | None = None
    for block in every:
        if not _is_long(block):
            previous = block
            continue
        if previous and is_title(previous) and is_prose(block) and len(sentences(block.text)) >= 2:
            found = paper(previous.text, block.text, source)
            if found.id in seen:
                yield _rejected(previous.line, "the title stands in this file before", block)
            else:
                seen.add(found.id)
                yield found
        else:
            yield _rejected(block.line, _reason(previous, block), block)
        previous = None


def _rejected(line: int, reason: str, block: Block) -> Rejected:
    return Rejected(line, reason, block.text[:TEXT_KEPT])


def _is_long(block: Block) -> bool:
    return len(block.text) >= _SHORTEST_ABSTRACT


def is_title(block: Block) -> bool:
    """Whether a block can be the title of a paper: a few words without markup or a full stop."""
    return (
        len(block.text) <= _LONGEST_TITLE
        and len(block.text.split()) >= 2
        and not _MARKUP.search(block.text)
        and not _LEGAL.search(block.text)
        and not block.text.rstrip().endswith((".", ":", ";", ","))
    )


def is_prose(block: Block) -> bool:
    """Whether a block consists of words, not of markup, numbers or code."""
    letters = sum(c.isalpha() or c.isspace() for c in block.text)
    return block.whole and not _MARKUP.search(block.text) and letters >= 0.8 * len(block.text)


def _reason(previous: Block | None, block: Block) -> str:
    if not (is_prose(block) and len(sentences(block.text)) >= 2):
        return "does not read as an abstract"
    return "an abstract without a title above it" if previous is None else "the line above is not a title"
