"""RIS, as reference managers exchange it: one tag a line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TextIO

from rag.exporters.keys import citation_keys
from rag.exporters.names import inverted
from rag.records import Paper


def write(papers: Sequence[Paper], file: TextIO) -> None:
    """Write one record a paper; lines end as the standard wants it."""
    keys = citation_keys(papers)
    for paper in papers:
        for tag, value in (*_fields(paper), ("ID", keys[paper.id])):
            if value:
                file.write(f"{tag}  - {_one_line(value)}\r\n")
        file.write("ER  - \r\n\r\n")


def _fields(paper: Paper) -> Iterator[tuple[str, str]]:
    yield "TY", "JOUR" if paper.venue else "GEN"
    yield "TI", paper.title
    yield from (("AU", inverted(name)) for name in paper.authors)
    yield "PY", str(paper.year or "")
    yield "JO", paper.venue
    yield "DO", paper.doi
    yield "UR", paper.url
    yield "AB", paper.abstract
    # RIS has no tag for arXiv; M1 ("number") is where Zotero and EndNote put it.
    yield "M1", f"arXiv:{paper.arxiv_id}" if paper.arxiv_id else ""
    yield "DB", paper.source


def _one_line(value: str) -> str:
    """A line break would begin a new tag or be lost; texts of the library have none of their own."""
    return " ".join(value.split())
