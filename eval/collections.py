"""Test collections: documents, queries and judgements, in the layout of BEIR or TREC.

    DIR/corpus.jsonl     {"_id": …, "title": …, "text": …} a line
    DIR/queries.jsonl    {"_id": …, "text": …} a line; or queries.tsv, topics.tsv: id, tab, text
    DIR/qrels.tsv        query-id, tab, corpus-id, tab, score; with or without header
    DIR/qrels/test.tsv   the same; or qrels.txt in TREC's form: query, iteration, document, grade

Every file may be gzipped (`….gz`). What is wrong with a collection is collected with file and line;
nothing is left out in silence.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eval.textfiles import lines
from rag.errors import ImportFailed

CORPUS = ("corpus.jsonl",)
QUERIES = ("queries.jsonl", "queries.tsv", "topics.tsv")
QRELS = ("qrels.tsv", "qrels/test.tsv", "qrels/test.qrels", "qrels.txt", "qrels.qrels", "qrels")
"""Where each part is looked for, in this order, plain or with `.gz`."""

_TOLD = 10
"""Places of one kind of problem that are told on the terminal; a result has all."""


@dataclass(frozen=True, slots=True)
class Document:
    """One abstract of a collection."""

    id: str
    """Its id in the collection."""
    title: str
    """Its title, perhaps empty."""
    text: str
    """Its abstract, perhaps empty."""


@dataclass(slots=True)
class Problems:
    """What is wrong with a collection, by kind, each with its place; in the order of appearance."""

    found: dict[str, list[str]] = field(default_factory=dict)
    """Kind → one line each."""

    def add(self, kind: str, place: str, what: str) -> None:
        """Note one."""
        self.found.setdefault(kind, []).append(f"{place}: {what}")

    def lines(self, most: int = _TOLD) -> list[str]:
        """For people: each kind with its number, what is done about it, and the first few."""
        told = []
        for kind, places in self.found.items():
            told.append(f"{len(places)} × {kind}")
            told.extend(f"  {p}" for p in places[:most])
            if len(places) > most:
                told.append(f"  … and {len(places) - most} more")
        return told


BROKEN = "broken line"
NO_TEXT = "document with neither title nor abstract; it is indexed and can hardly be found"
EMPTY = "empty abstract, indexed by title"
DUPLICATE_DOCUMENT = "duplicate document id; the first is kept"
DUPLICATE_QUERY = "duplicate query id; the first is kept"
DUPLICATE_QREL = "judged twice; the higher grade is kept"
UNKNOWN_DOCUMENT = "judged document that is not in the corpus; it counts as not found"
UNKNOWN_QUERY = "judged query without a text; it cannot be asked and scores zero"
UNJUDGED = "query without a judgement; it is not asked"
NOTHING_RELEVANT = "query without a relevant document; it scores zero"


@dataclass(frozen=True, slots=True)
class Collection:
    """A test collection in memory."""

    name: str
    """Name of its folder."""
    documents: tuple[Document, ...]
    """Every document, each id once, in the order of the file."""
    queries: dict[str, str]
    """Query id → text, of the judged queries that have one, in the order of the file."""
    qrels: dict[str, dict[str, int]]
    """Query id → document id → grade."""
    problems: Problems
    """What was wrong."""


def read(folder: Path, qrels_file: Path | None = None, skip_broken: bool = False) -> Collection:
    """Read a collection.

    Args:
        folder: its folder.
        qrels_file: judgements to use instead of the folder's own.
        skip_broken: go on without lines that are broken; they are problems of the collection then.

    Raises:
        ImportFailed: a file is missing or holds nothing, or lines are broken; names file and lines.
    """
    if not folder.is_dir():
        raise ImportFailed(
            f"{folder} is no folder; expected a collection with {CORPUS[0]}, {QUERIES[0]}, {QRELS[0]}."
        )
    corpus, asked = _find(folder, CORPUS), _find(folder, QUERIES)
    judged = qrels_file or _find(folder, QRELS)
    problems = Problems()
    documents = _documents(corpus, problems)
    queries = _queries(asked, problems)
    qrels = _qrels(judged, problems)
    if BROKEN in problems.found and not skip_broken:
        _refuse(problems.found[BROKEN])
    for path, content in ((corpus, documents), (asked, queries), (judged, qrels)):
        if not content:
            raise ImportFailed(f"{path} holds nothing.", f"head {path}")
    _cross_check(documents, queries, qrels, problems)
    judged_queries = {q: text for q, (text, _) in queries.items() if q in qrels}
    grades = {q: {d: grade for d, (grade, _) in row.items()} for q, row in qrels.items()}
    return Collection(folder.resolve().name, tuple(documents.values()), judged_queries, grades, problems)


def _refuse(broken: list[str]) -> None:
    more = f" (and {len(broken) - _TOLD} more)" if len(broken) > _TOLD else ""
    raise ImportFailed(
        f"{'; '.join(broken[:_TOLD])}{more}. Mend the lines, or go on without them: add --skip-broken."
    )


def _find(folder: Path, names: tuple[str, ...]) -> Path:
    for name in names:
        for path in (folder / name, folder / f"{name}.gz"):
            if path.is_file():
                return path
    raise ImportFailed(
        f"{folder} has no {names[0]} (nor {', '.join(names[1:]) or names[0] + '.gz'}).", f"ls {folder}"
    )


def _rows(path: Path, problems: Problems) -> Iterator[tuple[str, dict[str, Any]]]:
    """JSON objects of a file with their places; broken lines become problems."""
    for number, line in lines(path):
        place = f"{path}:{number}"
        try:
            row = json.loads(line)
        except ValueError as error:
            what = f" ({error.msg}, column {error.colno})" if isinstance(error, json.JSONDecodeError) else ""
            problems.add(BROKEN, place, f"not JSON{what}")
            continue
        if not isinstance(row, dict) or row.get("_id") in (None, ""):
            problems.add(BROKEN, place, "not a JSON object with an _id")
        elif not all(isinstance(row.get(key) or "", str) for key in ("title", "text")):
            problems.add(BROKEN, place, "title or text is no text")
        else:
            yield place, row


def _documents(path: Path, problems: Problems) -> dict[str, Document]:
    found: dict[str, Document] = {}
    for place, row in _rows(path, problems):
        document = Document(str(row["_id"]), row.get("title") or "", row.get("text") or "")
        if document.id in found:
            same = "the same text" if found[document.id] == document else "another text"
            problems.add(DUPLICATE_DOCUMENT, place, f"{document.id} ({same})")
            continue
        if not document.text.strip():
            problems.add(EMPTY if document.title.strip() else NO_TEXT, place, document.id)
        found[document.id] = document
    return found


def _queries(path: Path, problems: Problems) -> _Texts:
    read_rows = _rows if path.name.removesuffix(".gz").endswith(".jsonl") else _tabbed
    found: _Texts = {}
    for place, row in read_rows(path, problems):
        query, text = str(row["_id"]), (row.get("text") or "").strip()
        if query in found:
            problems.add(DUPLICATE_QUERY, place, query)
        elif not text:
            problems.add(BROKEN, place, f"query {query} has no text")
        else:
            found[query] = (text, place)
    return found


def _tabbed(path: Path, problems: Problems) -> Iterator[tuple[str, dict[str, Any]]]:
    for number, line in lines(path):
        query, tab, text = line.partition("\t")
        if tab:
            yield f"{path}:{number}", {"_id": query.strip(), "text": text}
        else:
            problems.add(BROKEN, f"{path}:{number}", "not a query id, a tab, and a text")


_Texts = dict[str, tuple[str, str]]
"""Query id → text and the place where it stands."""
_Judgements = dict[str, dict[str, tuple[int, str]]]
"""Query id → document id → grade and the place that says so."""


def _qrels(path: Path, problems: Problems) -> _Judgements:
    found: _Judgements = {}
    for number, line in lines(path):
        place = f"{path}:{number}"
        fields = line.split("\t") if "\t" in line else line.split()
        judgement = _judgement([f.strip() for f in fields])
        if judgement is None:
            if number > 1 or _looks_judged(fields):
                problems.add(
                    BROKEN, place, "not query, document, grade (tabs), nor query, 0, document, grade"
                )
            continue
        query, document, grade = judgement
        row = found.setdefault(query, {})
        if document in row:
            problems.add(
                DUPLICATE_QREL, place, f"query {query}, document {document}, {row[document][0]} and {grade}"
            )
            grade = max(grade, row[document][0])
        row[document] = (grade, place)
    return found


def _judgement(fields: list[str]) -> tuple[str, str, int] | None:
    """Query, document and grade of a line in BEIR's three columns or TREC's four; None for neither."""
    if len(fields) not in (3, 4) or not all(fields):
        return None
    try:
        grade = float(fields[-1])
    except ValueError:
        return None
    return (fields[0], fields[-2], int(grade)) if grade == int(grade) else None


def _looks_judged(fields: list[str]) -> bool:
    """Whether a first line is a judgement gone wrong and not a header."""
    return any(any(c.isdigit() for c in f) for f in fields)


def _cross_check(
    documents: dict[str, Document], queries: _Texts, qrels: _Judgements, problems: Problems
) -> None:
    for query, row in qrels.items():
        if query not in queries:
            problems.add(UNKNOWN_QUERY, next(iter(row.values()))[1], f"query {query}")
        if not any(grade > 0 for grade, _ in row.values()):
            problems.add(NOTHING_RELEVANT, next(iter(row.values()))[1], f"query {query}")
        for document, (_, place) in row.items():
            if document not in documents:
                problems.add(UNKNOWN_DOCUMENT, place, f"document {document} of query {query}")
    for query, (_, place) in queries.items():
        if query not in qrels:
            problems.add(UNJUDGED, place, f"query {query}")


def read_qrels(path: Path) -> dict[str, dict[str, int]]:
    """Judgements of one file, in BEIR's or TREC's form."""
    problems = Problems()
    qrels = _qrels(path, problems)
    if BROKEN in problems.found:
        _refuse(problems.found[BROKEN])
    return {q: {d: grade for d, (grade, _) in row.items()} for q, row in qrels.items()}


def read_run(path: Path) -> dict[str, list[str]]:
    """Rankings of a run in TREC's six columns (query, Q0, document, rank, score, name), best first."""
    scored: dict[str, dict[str, tuple[float, int]]] = {}
    for number, line in lines(path):
        fields = line.split()
        try:
            query, _, document, _, score, *_ = fields
            row = scored.setdefault(query, {})
            if document in row:
                raise ImportFailed(f"{path}:{number}: document {document} stands twice for query {query}.")
            row[document] = (-float(score), number)
        except ValueError as error:
            raise ImportFailed(
                f"{path}:{number}: not query, Q0, document, rank, score, name.", f"head {path}"
            ) from error
    return {query: sorted(row, key=lambda d: row[d]) for query, row in scored.items()}


def write_run(rankings: dict[str, list[tuple[str, float]]], path: Path, name: str) -> None:
    """Write rankings as a run in TREC's form."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        for query, ranking in rankings.items():
            for place, (document, score) in enumerate(ranking, 1):
                file.write(f"{query} Q0 {document} {place} {score:.6f} {name}\n")
