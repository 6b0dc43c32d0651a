"""Excel workbooks (.xlsx): the first sheet whose heading names a title."""

from __future__ import annotations

import itertools
import warnings
import zipfile
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

from rag.importers.columns import Columns, columns
from rag.importers.parsed import Rejected
from rag.records import Paper

NAME = "Excel"

_FIRST_ROWS = 5
_MOST_EMPTY_ROWS = 10_000
_MOST_COLUMNS = 1_000
_LARGEST = 1 << 29
_LONGEST_CELL = 100_000


def holds_workbook(names: Iterable[str]) -> bool:
    """Whether the members of a zip are those of a workbook."""
    return "xl/workbook.xml" in names


def parse(file: BinaryIO, source: str) -> Iterator[Paper | Rejected]:
    """The papers of a workbook, one per row; formulas are text and never evaluated."""
    last = 0
    try:
        for number, found in _papers(file, source):
            last = number
            yield found
    except Exception:  # noqa: BLE001  # openpyxl raises whatever a damaged workbook makes it stumble over
        yield Rejected(last + 1, "the workbook is damaged here", "")


def _papers(file: BinaryIO, source: str) -> Iterator[tuple[int, Paper | Rejected]]:
    with zipfile.ZipFile(file) as archive:
        if sum(member.file_size for member in archive.infolist()) > _LARGEST:
            yield 0, Rejected(1, "the workbook unpacks to more than 500 MB", "")
            return
    for sheet in _sheets(file):
        rows = _rows(sheet)
        first = list(itertools.islice(rows, _FIRST_ROWS))
        for place, (_, cells) in enumerate(first):
            if found := columns(cells):
                yield from _below(found, itertools.chain(first[place + 1 :], rows), source)
                return


def _below(heading: Columns, rows: Iterable[tuple[int, list[str]]], source: str) -> Iterator[Any]:
    for number, cells in rows:
        if any(cells):
            yield number, heading.paper(cells + [""] * (heading.count - len(cells)), number, source)


def _sheets(file: BinaryIO) -> Iterator[Any]:
    import openpyxl  # late: a quarter of a second

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # styles and extensions that openpyxl does not know hold no papers
        workbook = openpyxl.load_workbook(file, read_only=True)
    for sheet in workbook.worksheets:
        sheet.reset_dimensions()
        yield sheet


def _rows(sheet: Any) -> Iterator[tuple[int, list[str]]]:
    """The rows that are not empty, with their numbers; a long gap is the end."""
    empty = 0
    for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
        cells = [_text(cell) for cell in row[:_MOST_COLUMNS]]
        empty = 0 if any(cells) else empty + 1
        if empty > _MOST_EMPTY_ROWS:
            return
        if not empty:
            yield number, cells


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)[:_LONGEST_CELL]
