"""Text cut at its blank lines."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

from rag.importers.decoding import HEAD, LONGEST, Lined, lines

CODE = re.compile(
    r"^\s*(?:[-*+•>|]\s|\d+[.)]\s|```|~~~|<|!\[|\[\w+\]:|:\w|at \w+\.)|(?<!`)`[^`\n]+`(?!`)|\]\([^)]*\)|^(?: {4}|\t)"
    r"|[{};]\s*$|^\s*(?:def|class|import|from|return|public|const|var|if|for)\b[^.]*[:;({]\s*$|==|\(\)|&&|::|\w=\w",
    re.MULTILINE,
)
"""Signs of lists, code, tables and logs, which no abstract has."""


@dataclass(frozen=True, slots=True)
class Block:
    """Lines between two blank ones."""

    line: int
    """Where it begins, from 1."""
    text: str
    """The lines."""
    whole: bool = True
    """Whether that is everything: of a block that is too long only the beginning is kept."""


def blocks(text: Lined) -> Iterator[Block]:
    """The blocks of a text."""
    first, size, whole = 0, 0, True
    held: list[str] = []
    for line in lines(text):
        if line.text.strip():
            first = first if held else line.number
            size += len(line.text) + 1
            whole = whole and line.whole and size <= LONGEST
            held += [line.text] if whole or not held else []
        elif held:
            yield Block(first, "\n".join(held), whole)
            held, size, whole = [], 0, True
    if held:
        yield Block(first, "\n".join(held), whole)


def blocks_of_head(head: str) -> list[Block]:
    """The blocks of the beginning of a file, without the last one where the beginning may cut it."""
    found = list(blocks(io.StringIO(head)))
    return found[:-1] if len(head) >= HEAD // 2 and len(found) > 1 else found
