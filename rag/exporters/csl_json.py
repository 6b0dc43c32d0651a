"""CSL-JSON, the list of items that Zotero, Pandoc and citeproc read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, TextIO

from rag.exporters.keys import citation_keys
from rag.exporters.names import parts
from rag.records import Paper


def write(papers: Sequence[Paper], file: TextIO) -> None:
    """Write one JSON list, an item a line."""
    keys = citation_keys(papers)
    file.write("[")
    for number, paper in enumerate(papers):
        file.write(",\n" if number else "\n")
        file.write(json.dumps(_item(paper, keys[paper.id]), ensure_ascii=False))
    file.write("\n]\n")


def _item(paper: Paper, key: str) -> dict[str, Any]:
    arxiv = {"archive": "arXiv", "archive_location": paper.arxiv_id, "number": f"arXiv:{paper.arxiv_id}"}
    item = {
        "id": key,
        "type": "article-journal" if paper.venue else "article",
        "title": paper.title,
        "author": [_name(name) for name in paper.authors],
        "issued": {"date-parts": [[paper.year]]} if paper.year else None,
        "container-title": paper.venue,
        "DOI": paper.doi,
        **(arxiv if paper.arxiv_id else {}),
        "URL": paper.url,
        "abstract": paper.abstract,
        "source": paper.source,
    }
    return {name: value for name, value in item.items() if value}


def _name(name: str) -> dict[str, str]:
    family, given, suffix = parts(name)
    if not given:
        return {"literal": name}
    return {"family": family, "given": given} | ({"suffix": suffix} if suffix else {})
