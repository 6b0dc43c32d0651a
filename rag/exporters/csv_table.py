"""A table with a header, one row a paper, for spreadsheets and scripts."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from typing import TextIO

from rag.exporters.keys import citation_keys
from rag.records import Paper

COLUMNS = ("key", "title", "abstract", "authors", "year", "venue", "doi", "arxiv_id", "url", "source")


def write(papers: Sequence[Paper], file: TextIO) -> None:
    """Write the table (RFC 4180); names are separated by semicolons.

    A text that begins with "=" is written as it is: an apostrophe in front would hide it from a
    spreadsheet's formulas and would be read back as part of the title.
    """
    keys = citation_keys(papers)
    table = csv.writer(file)
    table.writerow(COLUMNS)
    for p in papers:
        names = "; ".join(p.authors)
        table.writerow(
            [
                keys[p.id],
                p.title,
                p.abstract,
                names,
                p.year or "",
                p.venue,
                p.doi,
                p.arxiv_id,
                p.url,
                p.source,
            ]
        )
