"""Papers written down by hand: a title, a blank line, an abstract; or Markdown headings over abstracts.

Strict, because any text has lines and paragraphs: from the first block to the last, titles and
abstracts must take turns, or every heading must stand over paragraphs of prose, or over nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import BinaryIO

from rag.importers.blocks import CODE, Block, blocks, blocks_of_head
from rag.importers.decoding import TEXT_KEPT, as_text
from rag.importers.parsed import Rejected, paper
from rag.importers.saved_page import is_prose, is_title
from rag.records import Paper

NAME = "plain text or Markdown (titles over abstracts)"

_DECIDING = 400
_FEWEST_PAPERS = 2
_SHORTEST_ABSTRACT = 60
_LEAST_WORDS = 3
_HEADING = re.compile(r"(#{1,3})\s+(\S.*?)\s*#*")
_PARTS_OF_A_TEXT = re.compile(
    r"(?:\d+[.\s]+)*(?:table of contents|contents|introduction|installation|install|usage|getting started|quick ?start|"
    r"license|licence|contributing|requirements|examples?|overview|background|conclusions?|references|faq|abstract|"
    r"methods?|results|discussion|related work|chapter .*|changelog|acknowledge?ments?|notes?|summary|how to .*)\W*",
    re.IGNORECASE,
)
_STAMP = re.compile(r"\d{4}-\d\d-\d\d|\d\d:\d\d|\b(?:ERROR|WARN|INFO|DEBUG)\b")
_END = re.compile(r"[.!?…。]['\"”’)\]$]*\s*$")

Pair = tuple[Block, Block | None]
"""A title, and the abstract below it."""


def recognises(head: str) -> bool:
    """Whether titles and abstracts take turns in a text, without anything else."""
    return _is_clean(list(_pairs(blocks_of_head(head))))


def parse(file: BinaryIO, source: str) -> Iterator[Paper | Rejected]:
    """The papers of a text; nothing when its first few hundred blocks are not clean."""
    pairs = _pairs(blocks(as_text(file)))
    first = list(islice(pairs, _DECIDING))
    if not _is_clean(first):
        return
    for title, abstract in chain(first, pairs):
        if not _is_abstract(abstract) or not is_title(title):
            text = f"{title.text}\n{abstract.text if abstract else ''}"
            yield Rejected(title.line, "does not read as a title over an abstract", text[:TEXT_KEPT])
        else:
            yield paper(title.text, abstract.text if abstract else "", source)


def _is_clean(pairs: list[Pair]) -> bool:
    return (
        len(pairs) >= _FEWEST_PAPERS
        and len({title.text for title, _ in pairs}) == len(pairs)
        and all(_is_named(title) and _is_abstract(abstract) for title, abstract in pairs)
    )


def _is_named(title: Block) -> bool:
    return (
        is_title(title)
        and len(title.text.split()) >= _LEAST_WORDS
        and not _PARTS_OF_A_TEXT.fullmatch(title.text)
        and not CODE.search(title.text)
        and not _STAMP.search(title.text)
        and not _END.search(title.text.removesuffix("?").removesuffix("!"))
    )


def _is_abstract(block: Block | None) -> bool:
    return bool(
        block
        and len(block.text) >= _SHORTEST_ABSTRACT
        and is_prose(block)
        and not CODE.search(block.text)
        and _END.search(block.text)
    )


def _pairs(every: Iterable[Block]) -> Iterator[Pair]:
    """Titles with what stands below them, in the manner that the first block shows."""
    rest = iter(every)
    first = next(rest, None)
    if first is None:
        return
    whole = chain([first], rest)
    yield from _below_headings(whole) if _HEADING.match(first.text) else _in_turns(whole)


def _in_turns(every: Iterator[Block]) -> Iterator[Pair]:
    for title in every:
        yield title, next(every, None)


def _below_headings(every: Iterable[Block]) -> Iterator[Pair]:
    """Each heading with its paragraphs; a heading right above a deeper one names a part of the list."""
    title: Block | None = None
    level = 0
    paragraphs: list[str] = []
    for block in _with_headings_apart(every):
        heading = _HEADING.fullmatch(block.text)
        if not heading:
            paragraphs.append(block.text)
            continue
        if title and (paragraphs or len(heading[1]) <= level):
            yield title, _joined(title, paragraphs)
        title, level, paragraphs = Block(block.line, heading[2]), len(heading[1]), []
    if title:
        yield title, _joined(title, paragraphs)


def _joined(title: Block, paragraphs: list[str]) -> Block | None:
    return Block(title.line, "\n\n".join(paragraphs)) if paragraphs else None


def _with_headings_apart(every: Iterable[Block]) -> Iterator[Block]:
    for block in every:
        heading, _, below = block.text.partition("\n")
        if below and block.whole and _HEADING.fullmatch(heading):
            yield Block(block.line, heading)
            yield Block(block.line + 1, below)
        else:
            yield block
