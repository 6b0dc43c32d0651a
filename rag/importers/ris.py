"""RIS, the exchange format of reference managers and publishers: lines "TI  - A title".

https://en.wikipedia.org/wiki/RIS_(file_format)
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from rag.importers.making import TOO_LONG, arxiv_named, made, rejected
from rag.importers.parsed import Rejected, doi_in
from rag.importers.tagged_lines import Record, every, fields, first, records
from rag.records import Paper

NAME = "RIS"

_BEGIN = re.compile(r"\ufeff?[ \t]*TY {1,2}-")
_END = re.compile(r"[ \t]*ER {1,2}-")
_TAGGED = re.compile(r"\ufeff?[ \t]{0,3}(?P<tag>[A-Z][A-Z0-9]) {1,2}-(?:[ \t]|$)(?P<value>.*)")
_SEEN = re.compile(r"^\ufeff?[ \t]*TY {1,2}-[ \t]*\w+\s+[A-Z][A-Z0-9] {1,2}-(?:\s|$)", re.MULTILINE)


def recognises(head: str) -> bool:
    """Whether a text begins like RIS: a type of reference, then another tag."""
    return not head.lstrip().startswith(("<", "{", "[")) and bool(_SEEN.search(head))


def parse(file: BinaryIO, source: str) -> Iterator[Paper | Rejected]:
    """The papers of a file, one per reference; a reference may lack its end."""
    for record in records(file, _BEGIN, _END):
        if record.too_long:
            yield rejected(record.line, TOO_LONG, record.text)
        else:
            yield _paper(record, source)


def _paper(record: Record, source: str) -> Paper | Rejected:
    values = fields(record, _TAGGED)
    return made(
        record,
        source,
        title=first(values, "TI", "T1", "CT", "BT"),
        abstract=first(values, "AB", "N2"),
        authors=every(values, "A1", "AU"),
        year=first(values, "PY", "Y1", "DA"),
        venue=first(values, "JF", "T2", "JO", "JA", "J2", "T3", "PB"),
        doi=next(filter(None, map(doi_in, every(values, "DO", "M3", "UR"))), ""),
        arxiv=arxiv_named(*every(values, "UR", "AN", "M3", "M1", "DO", "JO", "T2", "N1")),
        url=first(values, "UR", "L2"),
    )
