"""EndNote's own tagged format (".enw"): lines "%T A title"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from rag.importers.making import TOO_LONG, arxiv_named, made, rejected
from rag.importers.parsed import Rejected, doi_in
from rag.importers.tagged_lines import Record, every, fields, first, records
from rag.records import Paper

NAME = "EndNote"

_BEGIN = re.compile(r"\ufeff?%0[ \t]")
_TAGGED = re.compile(r"\ufeff?%(?P<tag>[0-9A-Z@!#$&()*+,:<=>?\[\]^~|-])(?:[ \t]|$)(?P<value>.*)")
_SEEN = re.compile(r"\A\ufeff?\s*%0[ \t]+\S")
_TITLE = re.compile(r"^%T[ \t]+\S", re.MULTILINE)


def recognises(head: str) -> bool:
    """Whether a text begins with the type of a reference and has a title."""
    return bool(_SEEN.search(head) and _TITLE.search(head))


def parse(file: BinaryIO, source: str) -> Iterator[Paper | Rejected]:
    """The papers of a file, one per reference."""
    for record in records(file, _BEGIN):
        if record.too_long:
            yield rejected(record.line, TOO_LONG, record.text)
        else:
            yield _paper(record, source)


def _paper(record: Record, source: str) -> Paper | Rejected:
    values = fields(record, _TAGGED)
    return made(
        record,
        source,
        title=first(values, "T"),
        abstract=first(values, "X"),
        authors=(name.rstrip(",") for name in every(values, "A")),
        year=first(values, "D", "8"),
        venue=first(values, "J", "B", "S", "I"),
        doi=next(filter(None, map(doi_in, every(values, "R", "U"))), ""),
        arxiv=arxiv_named(*every(values, "U", "R", "M", "J", "Z")),
        url=first(values, "U"),
    )
