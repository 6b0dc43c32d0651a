"""CSL-JSON, and the JSON of Zotero: its web interface's and that of Better BibTeX.

https://citeproc-js.readthedocs.io/en/latest/csl-json/markup.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from rag.importers.decoding import as_text
from rag.importers.json_stream import objects
from rag.importers.making import arxiv_named, made, rejected
from rag.importers.parsed import Rejected
from rag.records import Paper

NAME = "CSL-JSON or Zotero"

_CSL_TYPE = re.compile(
    r'"type"\s*:\s*"(?:article(?:-journal|-magazine|-newspaper)?|paper-conference|chapter|book|thesis|report|'
    r'manuscript|webpage|dataset|software|speech|review|preprint|entry(?:-\w+)?|post(?:-weblog)?|document)"'
)
_CSL_FIELD = re.compile(
    r'"issued"\s*:\s*\{|"(?:author|editor)"\s*:\s*\[\s*\{\s*"(?:family|given|literal)"|"container-title"\s*:\s*"'
)
_ZOTERO = re.compile(r'"itemType"\s*:\s*"[a-zA-Z]+"')
_CROSSREF = re.compile(r'"title"\s*:\s*\[|"message-type"\s*:')
_INDEXED = re.compile(r'"(?:indexed|member|prefix)"\s*:')
_TITLE = re.compile(r'"title"\s*:\s*"')
_NO_PAPERS = frozenset(("attachment", "note", "annotation"))


@dataclass(frozen=True, slots=True)
class _Item:
    line: int
    fields: dict[str, Any]

    @property
    def text(self) -> str:
        return json.dumps(self.fields, ensure_ascii=False)


def recognises(head: str) -> bool:
    """Whether a text is JSON with the fields of CSL or Zotero, and not Crossref's."""
    if not head.lstrip("\ufeff \t\r\n").startswith(("[", "{")):
        return False
    if _ZOTERO.search(head):
        return True
    crossref = _CROSSREF.search(head) or (_INDEXED.search(head) and not _TITLE.search(head))
    return bool(not crossref and _CSL_TYPE.search(head) and _CSL_FIELD.search(head) and _TITLE.search(head))


def parse(file: BinaryIO, source: str) -> Iterator[Paper | Rejected]:
    """The papers of a file, one per item; attachments and notes are no papers."""
    for found in objects(as_text(file)):
        if isinstance(found, Rejected):
            yield rejected(found.line, found.reason, found.text)
            continue
        item = _Item(found[0], _fields(found[1]))
        if _text(item.fields.get("itemType") or item.fields.get("type")) not in _NO_PAPERS:
            yield _paper(item, source)


def _fields(item: dict[str, Any]) -> dict[str, Any]:
    """The fields of an item; Zotero's web interface keeps them one level below."""
    data = item.get("data")
    return data if isinstance(data, dict) and "itemType" in data else item


def _paper(item: _Item, source: str) -> Paper | Rejected:
    record = item.fields
    extra = [_text(record.get(name)) for name in ("note", "extra", "archiveID", "number", "URL", "url")]
    archive = _text(record.get("archive"))
    return made(
        item,
        source,
        title=_text(record.get("title")),
        abstract=_first(record, "abstract", "abstractNote"),
        authors=_people(record),
        year=_date(record.get("issued")) or _first(record, "date", "year"),
        venue=_first(record, *_VENUES),
        doi=_first(record, "DOI", "doi"),
        arxiv=arxiv_named(*extra, f"{archive} {_first(record, 'archive_location', 'archiveLocation')}"),
        url=_first(record, "URL", "url"),
    )


_VENUES = (
    "container-title publicationTitle proceedingsTitle bookTitle conferenceName event-title event repository "
    "university institution publisher"
).split()


def _first(record: dict[str, Any], *names: str) -> str:
    return next(filter(None, (_text(record.get(name)) for name in names)), "")


def _text(value: object) -> str:
    """A text or a number as text; nothing for anything else."""
    if isinstance(value, list):
        value = value[0] if value else ""
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _date(issued: object) -> str:
    if not isinstance(issued, dict):
        return _text(issued)
    parts = issued.get("date-parts")
    first = parts[0] if isinstance(parts, list) and parts else ""
    return _text(first) or _first(issued, "raw", "literal", "year")


def _people(record: dict[str, Any]) -> list[str]:
    people = record.get("author") or record.get("creators")
    listed = people if isinstance(people, list) else [people]
    return [_name(person) for person in listed if isinstance(person, dict) and _writes(person)]


def _writes(person: dict[str, Any]) -> bool:
    return person.get("creatorType", "author") not in (
        "editor",
        "seriesEditor",
        "translator",
        "reviewedAuthor",
    )


def _name(person: dict[str, Any]) -> str:
    names = (
        "given",
        "firstName",
        "dropping-particle",
        "non-dropping-particle",
        "family",
        "lastName",
        "suffix",
    )
    parts = [_text(person.get(name)) for name in names]
    whole = " ".join(filter(None, parts)) or _first(person, "literal", "name")
    return whole.replace(",", "")
