"""Looking through the papers of a library: conditions, search as you type, and light rows to show.

What is typed is looked for in a narrow table of titles, authors and venues: reading all of it takes
30 ms at 100,000 papers, an index of words takes longer where a letter or two begin many of them. The
rows come from indexes that hold no abstracts.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from rag.records import Filters
from rag.schema import folded

Rows = Callable[[str, Sequence[object]], list[tuple[Any, ...]]]
"""Runs a query."""
Sort = Literal["title", "year", "added"]

_ORDERS: dict[str, str] = {
    "title": "title COLLATE NOCASE, n",
    "year": "year DESC, n",
    "added": "added DESC, n DESC",
}
_SHOWN = "n, id, title, json_extract(authors, '$[0]'), year, venue, source"
# Up to so many papers found are sorted; of more, walking along an index finds the first ones sooner.
_SORTED = 3000


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of a list of papers."""

    id: str
    """Id of the paper."""
    title: str
    """Its title."""
    first_author: str
    """Its first author; empty when it has none."""
    year: int | None
    """Its year."""
    venue: str
    """Its venue."""
    tags: tuple[str, ...]
    """Its tags in order."""
    source: str
    """Name of the file that it came from."""


def where(filters: Filters) -> tuple[str, tuple[object, ...]]:
    """A WHERE clause for conditions on papers, with its values."""
    tests = _tests(filters)
    clause = f"WHERE {' AND '.join(test for test, _ in tests)}" if tests else ""
    return clause, tuple(value for _, value in tests)


def _tests(filters: Filters) -> list[tuple[str, object]]:
    tests: list[tuple[str, object]] = []
    if filters.year_from is not None:
        tests.append(("year >= ?", filters.year_from))
    if filters.year_to is not None:
        tests.append(("year <= ?", filters.year_to))
    if filters.author:
        tests.append(("authors LIKE ? ESCAPE '\\'", like(filters.author)))
    if filters.venue:
        tests.append(("venue LIKE ? ESCAPE '\\'", like(filters.venue)))
    if filters.source:
        tests.append(("id IN (SELECT paper_id FROM records WHERE source = ?)", filters.source))
    if filters.tag:
        tests.append((f"id IN (SELECT r.paper_id {_TAGS} WHERE t.tag = ? COLLATE NOCASE)", filters.tag))
    if filters.papers:
        tests.append(("id IN (SELECT value FROM json_each(?))", json.dumps(filters.papers)))
    return tests


_TAGS = "FROM tags t JOIN ids i ON i.id = t.id JOIN records r ON r.n = i.record"


def like(part: str) -> str:
    """A pattern of LIKE for texts that contain a part as it is."""
    escaped = part.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def browse(
    rows: Rows, words: str, filters: Filters, sort: Sort, limit: int | None, offset: int
) -> tuple[list[Listed], int]:
    """Lines of the papers that have every word in title, authors or venue, and how many there are."""
    needles = tuple(folded(words).split())
    clause, values = where(filters)
    found = _found(rows, needles, filters)
    total = int(rows(f"SELECT count(*) FROM papers {clause}", values)[0][0]) if found is None else len(found)
    if found is not None and total <= _SORTED:
        clause, values = "WHERE n IN (SELECT value FROM json_each(?))", (json.dumps(list(found)),)
    elif needles:
        has = " AND ".join(["(SELECT instr(text, ?) FROM typed WHERE typed.n = papers.n)"] * len(needles))
        clause, values = f"{clause} {'AND' if clause else 'WHERE'} {has}", (*values, *needles)
    sql = f"SELECT {_SHOWN} FROM papers {clause} ORDER BY {_ORDERS[sort]} LIMIT ? OFFSET ?"
    shown = rows(sql, (*values, -1 if limit is None else limit, offset))
    tags = tags_of(rows, [row[1] for row in shown])
    return [_listed(row, tags) for row in shown], total


def _found(rows: Rows, needles: Sequence[str], filters: Filters) -> set[int] | None:
    """Numbers of the papers that have the words and meet the conditions; None without words."""
    if not needles:
        return None
    has = " AND ".join(["instr(text, ?)"] * len(needles))
    found = {n for (n,) in rows(f"SELECT n FROM typed WHERE {has}", needles)}
    if filters.active:
        clause, values = where(filters)
        found &= {n for (n,) in rows(f"SELECT n FROM papers {clause}", values)}
    return found


def _listed(row: tuple[Any, ...], tags: dict[str, tuple[str, ...]]) -> Listed:
    _, paper, title, author, year, venue, source = row
    return Listed(paper, title, author or "", year, venue, tags.get(paper, ()), source)


def tags_of(rows: Rows, papers: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Tags in order of those of these papers that have any."""
    sql = (
        f"SELECT DISTINCT r.paper_id, t.tag {_TAGS} WHERE r.paper_id IN (SELECT value FROM json_each(?)) "
        "ORDER BY t.tag COLLATE NOCASE, t.tag"
    )
    found: dict[str, list[str]] = {}
    for paper, tag in rows(sql, (json.dumps(list(papers)),)):
        found.setdefault(paper, []).append(tag)
    return {paper: tuple(tags) for paper, tags in found.items()}
