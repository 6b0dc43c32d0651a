"""Records of lines that each begin with a tag: the ground that RIS, EndNote and MEDLINE share."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from rag.importers.decoding import LONGEST, Line, as_text, lines


@dataclass(slots=True)
class Record:
    """The lines of one record."""

    line: int
    """Line of the file where it begins, from 1."""
    lines: list[str] = field(default_factory=list)
    """Its lines; none after it became too long."""
    size: int = 0
    """Characters of its lines."""
    too_long: bool = False
    """Whether some of it was left out."""

    @property
    def text(self) -> str:
        """The record as it stood in the file."""
        return "\n".join(self.lines)

    def add(self, line: Line) -> None:
        """Take one more line."""
        self.size += len(line.text) + 1
        self.too_long = self.too_long or not line.whole or self.size > LONGEST
        if not self.too_long or not self.lines:
            self.lines.append(line.text)


Fields = dict[str, list[str]]


def records(file: BinaryIO, begin: re.Pattern[str], end: re.Pattern[str] | None = None) -> Iterator[Record]:
    """Records from one line that begins one to the next, or to the line that ends it."""
    current: Record | None = None
    for line in lines(as_text(file)):
        if begin.match(line.text):
            if current:
                yield current
            current = Record(line.number)
        elif current and end and end.match(line.text):
            yield current
            current = None
        if current:
            current.add(line)
    if current:
        yield current


def fields(record: Record, tagged: re.Pattern[str]) -> Fields:
    """Values of each tag in their order, a value over several lines being one."""
    found: dict[str, list[list[str]]] = {}
    latest: list[str] = []
    for line in record.lines:
        match = tagged.match(line)
        if match:
            latest = [match["value"].strip()]
            found.setdefault(match["tag"].strip(), []).append(latest)
        elif line.strip():
            latest.append(line.strip())
    return {tag: [" ".join(parts) for parts in values] for tag, values in found.items()}


def first(values: Fields, *tags: str) -> str:
    """The first value that is not empty, the tags in order of preference."""
    return next(filter(None, every(values, *tags)), "")


def every(values: Fields, *tags: str) -> list[str]:
    """All values of the tags."""
    return [value for tag in tags for value in values.get(tag, [])]
