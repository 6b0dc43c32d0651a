"""JSON and JSON lines: arXiv's snapshot, Semantic Scholar, OpenAlex, Crossref, BEIR, Zotero, and their like.

Any object with a title is a paper; see `rag.importers.json_fields` for the names of the rest.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import BinaryIO

from rag.importers import csl_json
from rag.importers.decoding import TEXT_KEPT, as_text
from rag.importers.json_fields import ABSTRACTS, TITLES, paper_of
from rag.importers.json_stream import objects
from rag.importers.parsed import Rejected
from rag.records import Paper

NAME = "JSON"

_START = re.compile(r'[\s\ufeff]*(?:\[\s*)?\{\s*"')
_TITLE = re.compile(rf'"(?:{"|".join(TITLES)})"\s*:\s*["\[]')
_OTHER = re.compile(
    rf'"(?:{"|".join(ABSTRACTS)}|abstract_inverted_index|authors|authorships|externalIds|paperId|corpusid|DOI|doi'
    r'|publication_year|authors_parsed|creators)"\s*:'
)
_BEIR = re.compile(r'"_id"\s*:.{0,100000}"text"\s*:', re.DOTALL)


def recognises(head: str) -> bool:
    """Whether a text begins as JSON and names a title and something else that papers have."""
    if not _START.match(head) or csl_json.recognises(head):
        return False
    return bool(_TITLE.search(head) and (_OTHER.search(head) or _BEIR.search(head)))


def parse(file: BinaryIO, source: str) -> Iterator[Paper | Rejected]:
    """The papers of JSON in any wrapping, one record at a time."""
    for found in objects(as_text(file)):
        if isinstance(found, Rejected):
            yield found
            continue
        line, record = found
        parsed = paper_of(record, line, source)
        if isinstance(parsed, Rejected):
            parsed = replace(parsed, text=json.dumps(record, ensure_ascii=False)[:TEXT_KEPT])
        yield parsed
