"""Writers of papers to files that other programs read, one module per format.

Every writer takes papers and a text file, and writes record by record. What is read back by the
importer of the same format has the same title, abstract, authors, year, venue, identifiers and
address.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TextIO

from rag.errors import FootnoteError
from rag.exporters import bibtex, csl_json, csv_table, jsonl, ris
from rag.records import Paper

__all__ = ["FORMATS", "format_of", "write"]

FORMATS: dict[str, Callable[[Sequence[Paper], TextIO], None]] = {
    "bibtex": bibtex.write,
    "ris": ris.write,
    "csl-json": csl_json.write,
    "csv": csv_table.write,
    "jsonl": jsonl.write,
}
"""What can be written, by the name that a user gives."""

_ENDINGS = {
    ".bib": "bibtex",
    ".ris": "ris",
    ".json": "csl-json",
    ".csv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
}


def write(papers: Sequence[Paper], form: str, file: TextIO) -> None:
    """Write papers in the format of a name.

    Raises:
        FootnoteError: there is no such format.
    """
    if form not in FORMATS:
        raise FootnoteError(
            f"There is no format {form!r}; known are {', '.join(FORMATS)}.", "footnote export --help"
        )
    FORMATS[form](papers, file)


def format_of(path: Path) -> str:
    """The format that a file's ending stands for.

    >>> format_of(Path("refs.bib"))
    'bibtex'

    Raises:
        FootnoteError: the ending says nothing.
    """
    if form := _ENDINGS.get(path.suffix.lower()):
        return form
    raise FootnoteError(
        f"The ending of {path.name} names no format; known are {', '.join(_ENDINGS)}.",
        "footnote export --format bibtex",
    )
