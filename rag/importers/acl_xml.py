"""XML of the ACL Anthology: a collection of volumes of papers.

https://github.com/acl-org/acl-anthology/blob/master/data/xml/schema.rnc
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO
from xml.etree.ElementTree import Element

from rag.importers.making import arxiv_named, made
from rag.importers.parsed import Rejected
from rag.importers.xml_records import Found, elements, flat
from rag.records import Paper

NAME = "ACL Anthology XML"

_SEEN = re.compile(r"<collection\s[^<>]*>\s*(?:<!--[^<>]*-->\s*)*<(?:volume|event)\s")
_ID = re.compile(r"[A-Z]\d{2}-\d{4,5}|\d{4}\.[\w-]+\.\d+")


def recognises(head: str) -> bool:
    """Whether a text is XML with a collection of volumes."""
    return head.lstrip("\ufeff \t\r\n").startswith("<") and bool(_SEEN.search(head))


def parse(file: BinaryIO, source: str) -> Iterator[Paper | Rejected]:
    """The papers of a file; year and venue are those of their volume."""
    volume = Found(0, Element("meta"), ())
    for found in elements(file, ("meta", "paper")):
        if isinstance(found, Rejected):
            yield found
        elif found.element.tag == "meta":
            volume = found
        else:
            meta = volume.element if volume.inside == found.inside else Element("meta")
            yield _paper(found, meta, source)


def _paper(found: Found, meta: Element, source: str) -> Paper | Rejected:
    record = found.element
    for formula in record.iter("tex-math"):
        formula.text = f"${formula.text or ''}$"
    doi, address = flat(record.find("doi")), flat(record.find("url"))
    return made(
        found,
        source,
        title=flat(record.find("title")),
        abstract=flat(record.find("abstract")),
        authors=[_name(author) for author in record.iterfind("author")],
        year=flat(record.find("year")) or flat(meta.find("year")),
        venue=flat(meta.find("booktitle")) or flat(meta.find("journal-title")),
        doi=doi,
        arxiv=arxiv_named(address, doi),
        url=f"https://aclanthology.org/{address}" if _ID.fullmatch(address) else address,
    )


def _name(author: Element) -> str:
    return " ".join(filter(None, (flat(author.find("first")), flat(author.find("last")))))
