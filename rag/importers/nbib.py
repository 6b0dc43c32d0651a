"""MEDLINE, the tagged format that PubMed saves (".nbib"): lines "TI  - A title".

https://pubmed.ncbi.nlm.nih.gov/help/#pubmed-format
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from rag.importers.making import TOO_LONG, arxiv_named, made, rejected
from rag.importers.parsed import Rejected
from rag.importers.tagged_lines import Fields, Record, every, fields, first, records
from rag.records import Paper

NAME = "PubMed (MEDLINE)"

_BEGIN = re.compile(r"\ufeff?PMID ?-")
_TAGGED = re.compile(r"\ufeff?(?P<tag>[A-Z][A-Z0-9 ]{3})-(?:[ \t]|$)(?P<value>.*)")
_SEEN = re.compile(r"^\ufeff?PMID ?-[ \t]*\d", re.MULTILINE)
_OTHER = re.compile(r"^(?:OWN|STAT|TI|AB|DP|FAU|AU|JT|TA|LID|AID|PT) {1,2}- ?\S", re.MULTILINE)


def recognises(head: str) -> bool:
    """Whether a text has a PubMed number and another field of MEDLINE's."""
    tagged = bool(_SEEN.search(head) and _OTHER.search(head))
    return tagged and not head.lstrip().startswith(("<", "{", "["))


def parse(file: BinaryIO, source: str) -> Iterator[Paper | Rejected]:
    """The papers of a file, one per PubMed number."""
    for record in records(file, _BEGIN):
        if record.too_long:
            yield rejected(record.line, TOO_LONG, record.text)
        else:
            yield _paper(record, source)


def _paper(record: Record, source: str) -> Paper | Rejected:
    values = fields(record, _TAGGED)
    number = first(values, "PMID")
    return made(
        record,
        source,
        title=first(values, "TI", "BTI", "TT"),
        abstract=first(values, "AB"),
        authors=[*(every(values, "FAU") or every(values, "AU")), *every(values, "CN")],
        year=first(values, "DP", "DEP"),
        venue=first(values, "JT", "TA", "BTI", "PB"),
        doi=_doi(values),
        arxiv=arxiv_named(*every(values, "LID", "AID", "SO", "JT")),
        url=f"https://pubmed.ncbi.nlm.nih.gov/{number}/" if number.isdecimal() else "",
    )


def _doi(values: Fields) -> str:
    return next((value for value in every(values, "LID", "AID") if "[doi]" in value), "")
