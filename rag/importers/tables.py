"""Tables as text: commas, semicolons, tabs or bars between the columns, which their headings name."""

from __future__ import annotations

import csv
import itertools
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, TextIO

from rag.importers import decoding
from rag.importers.columns import Columns, columns
from rag.importers.decoding import LONGEST, TEXT_KEPT, Line, as_text
from rag.importers.parsed import Rejected
from rag.records import Paper

NAME = "CSV or TSV"

_DELIMITERS = ",;\t|"
_FIRST_LINES = 5
_MOST_TAKEN_BACK = 50


@dataclass(frozen=True, slots=True)
class _Heading:
    line: int
    delimiter: str
    columns: Columns


def recognises(head: str) -> bool:
    """Whether one of the first lines is the heading of a table of papers, with something below it."""
    lines = [Line(number, text) for number, text in enumerate(head.split("\n"), 1)]
    heading = _heading(lines[:_FIRST_LINES])
    return heading is not None and any(line.text.strip() for line in lines[heading.line :])


def _heading(lines: list[Line]) -> _Heading | None:
    """The first line that names the columns, with the delimiter that makes most sense of it."""
    for line in lines:
        found = [
            _Heading(line.number, delimiter, cells)
            for delimiter in _DELIMITERS
            if delimiter in line.text and (cells := columns(_cells(line.text, delimiter)))
        ]
        if found:
            return max(found, key=lambda heading: heading.columns.known)
    return None


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []


def parse(file: BinaryIO, source: str) -> Iterator[Paper | Rejected]:
    """The papers of a table, one per row; a row may go over several lines inside of quotes."""
    text = as_text(file)
    first = list(itertools.islice(decoding.lines(text), _FIRST_LINES))
    heading = _heading(first)
    if heading is None:
        return
    csv.field_size_limit(LONGEST)
    rows = _Rows(first[heading.line :], text, len(first), heading.delimiter)
    for line, row in rows:
        found: Paper | Rejected | None = None
        if isinstance(row, str):
            found = Rejected(line, row, rows.text)
        elif any(row):
            found = heading.columns.paper(row, line, source)
        if isinstance(found, Rejected):
            rows.take_back()
        if found:
            yield found


class _Rows:
    """The rows of a table, each with the line where it begins, or with why it is none.

    A quote that nobody closed draws the rows below it into one; they can be taken back.
    """

    def __init__(self, held: list[Line], text: TextIO, before: int, delimiter: str) -> None:
        self._held = deque(held)
        self._rest = decoding.lines(text)
        self._before = before
        self._taken: list[Line] = []
        self._delimiter = delimiter
        self._reader = csv.reader(self._lines(), delimiter=delimiter)

    @property
    def text(self) -> str:
        """The last row as it stood in the file, or the beginning of it."""
        return "\n".join(line.text for line in self._taken[:_MOST_TAKEN_BACK])[:TEXT_KEPT]

    def __iter__(self) -> Iterator[tuple[int, list[str] | str]]:
        while True:
            self._taken = []
            try:
                row: list[str] | str = next(self._reader)
            except StopIteration:
                return
            except csv.Error:
                row = "the row is longer than a million characters: a quotation mark may be missing"
            if not all(line.whole for line in self._taken):
                row = "the row is longer than a million characters"
            elif len(self._taken) > 1 and not self._closes():
                row = "the row has a quotation mark that nothing closes"
            yield self._taken[0].number if self._taken else 1, row

    def take_back(self) -> None:
        """Read the lines of the last row below its first again, as rows of their own."""
        if 1 < len(self._taken) <= _MOST_TAKEN_BACK:
            self._held.extendleft(reversed(self._taken[1:]))
            self._reader = csv.reader(self._lines(), delimiter=self._delimiter)

    def _closes(self) -> bool:
        """Whether every quotation mark of the last row has its other one."""
        try:
            list(
                csv.reader((f"{line.text}\n" for line in self._taken), delimiter=self._delimiter, strict=True)
            )
        except csv.Error:
            return False
        return True

    def _lines(self) -> Iterator[str]:
        while True:
            if self._held:
                line = self._held.popleft()
            elif (fresh := next(self._rest, None)) is not None:
                line = Line(self._before + fresh.number, fresh.text, fresh.whole)
            else:
                return
            self._taken.append(line)
            yield line.text + "\n"
