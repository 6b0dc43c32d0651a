"""Which column of a table holds what, and how a row becomes a paper.

The headings are those of Scopus, Web of Science, PubMed, IEEE Xplore, Zotero, Dimensions and of
tables that people write themselves.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rag.importers.decoding import TEXT_KEPT
from rag.importers.names import people
from rag.importers.parsed import Rejected, paper
from rag.records import Paper

_HEADINGS = {
    "title": "article title|document title|paper title|title|titles|ti",
    "abstract": "abstract|abstracts|abstract note|ab|summary|summaries",
    "authors": "author full names|authors|author|author s|author names|af|au|creator|creators",
    "year": "year|publication year|pub year|py|publication date|date|published|year of publication|pubyear",
    "venue": "source title|journal book|journal|publication title|venue|booktitle|book title|conference name|"
    "conference|source|so|journal title|published in",
    "doi": "doi|di|doi link|digital object identifier",
    "url": "url|link|links|pdf link|paper url|source url|dimensions url",
    "arxiv_id": "arxiv id|arxiv|arxivid|eprint|arxiv number",
    "known": "pmid|pmcid|ut|ut unique wos id|eid|keywords|author keywords|cited by|times cited all databases|issn|"
    "isbn|volume|issue|pages|document type|publication type|item type|publisher|citation|id|"
    "volltext|language|tags|key",
}
"""Field of a paper to the headings that it stands under, the best first."""
FIELDS = {field: heading.split("|") for field, heading in _HEADINGS.items()}
_LONGEST_HEADING = 60
_LEAST = 2
_FEWEST_WITHOUT_ABSTRACT = 4


@dataclass(frozen=True, slots=True)
class Columns:
    """Places of the fields in a row."""

    places: Mapping[str, int]
    """Field to column, from 0."""
    count: int
    """How many columns the heading has."""
    known: int
    """How many of them have a heading that tables of papers have."""

    def paper(self, row: Sequence[str], line: int, source: str) -> Paper | Rejected:
        """The paper of a row, or why it is none."""
        if any(cell.strip() for cell in row[self.count :]):
            return _rejected(line, f"has {len(row)} fields and the heading has {self.count}", row)
        if len(row) <= max(self.places["title"], self.places.get("abstract", 0)):
            return _rejected(line, f"breaks off after {len(row)} of {self.count} fields", row)
        if not (title := self.cell(row, "title")):
            return _rejected(line, "has no title", row)
        return paper(
            title,
            self.cell(row, "abstract"),
            source,
            authors=people(self.cell(row, "authors")),
            year=self.cell(row, "year"),
            venue=self.cell(row, "venue"),
            doi=self.cell(row, "doi"),
            arxiv_id=self.cell(row, "arxiv_id"),
            url=self.cell(row, "url"),
        )

    def cell(self, row: Sequence[str], field: str) -> str:
        """What stands in a row under a field's heading."""
        place = self.places.get(field, len(row))
        return row[place].strip() if place < len(row) else ""


def columns(heading: Sequence[str]) -> Columns | None:
    """The columns of a heading; None when it is not that of a table of papers.

    There must be a title, and an abstract or several other known columns.
    """
    names = [re.sub(r"[\W_]+", " ", name).strip().casefold() for name in heading]
    if max(map(len, heading), default=0) > _LONGEST_HEADING:
        return None
    places = {
        field: names.index(found)
        for field, wanted in FIELDS.items()
        if field != "known" and (found := next((name for name in wanted if name in names), None))
    }
    every = {name for wanted in FIELDS.values() for name in wanted}
    known = sum(name in every for name in names)
    least = _LEAST if "abstract" in places else _FEWEST_WITHOUT_ABSTRACT
    if "title" not in places or known < least:
        return None
    return Columns(places, len(names), known)


def _rejected(line: int, reason: str, row: Sequence[str]) -> Rejected:
    return Rejected(line, f"the row {reason}", " | ".join(row)[:TEXT_KEPT])
