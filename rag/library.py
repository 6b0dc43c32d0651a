"""The papers of a library: one SQLite file, the truth from which every index can be rebuilt."""

from __future__ import annotations

import json
import re
import shlex
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rag.aliases import aliases, key
from rag.errors import LibraryError
from rag.filters import Known
from rag.importers.parsed import Parsed
from rag.records import Filters, Paper

_FIELDS = "id, title, abstract, authors, year, venue, doi, arxiv_id, url, source, raw_title, raw_abstract"
_BATCH = 500


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did to the library."""

    new: int = 0
    """Papers that were not there."""
    changed: int = 0
    """Papers that were there with another text."""
    unchanged: int = 0
    """Papers that were there already."""
    rejected: int = 0
    """Records that are no paper; kept with the reason."""

    def __add__(self, other: ImportReport) -> ImportReport:
        return ImportReport(
            self.new + other.new,
            self.changed + other.changed,
            self.unchanged + other.unchanged,
            self.rejected + other.rejected,
        )


_SCHEMA_1 = """
CREATE TABLE papers (
    id TEXT PRIMARY KEY,
    title TEXT NOT NULL, abstract TEXT NOT NULL, authors TEXT NOT NULL,
    year INTEGER, venue TEXT NOT NULL, doi TEXT NOT NULL, arxiv_id TEXT NOT NULL,
    url TEXT NOT NULL, source TEXT NOT NULL,
    raw_title TEXT NOT NULL, raw_abstract TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'indexed')),
    added TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
) STRICT;
CREATE INDEX papers_state ON papers (state) WHERE state = 'pending';
CREATE INDEX papers_year ON papers (year);
CREATE TABLE sources (
    paper_id TEXT NOT NULL REFERENCES papers (id) ON DELETE CASCADE,
    source TEXT NOT NULL,
    PRIMARY KEY (paper_id, source)
) STRICT;
CREATE TABLE aliases (
    alias TEXT NOT NULL,
    paper_id TEXT NOT NULL REFERENCES papers (id) ON DELETE CASCADE,
    written TEXT NOT NULL,
    PRIMARY KEY (alias, paper_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX aliases_paper ON aliases (paper_id);
CREATE TABLE rejected (
    source TEXT NOT NULL, line INTEGER NOT NULL, reason TEXT NOT NULL, text TEXT NOT NULL,
    PRIMARY KEY (source, line)
) STRICT;
CREATE TABLE manifest (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
"""

_SCHEMAS = (_SCHEMA_1,)
"""Statements that bring a library from one schema version to the next; never edited once released."""

SCHEMA = len(_SCHEMAS)
"""Version of the tables that this program reads and writes."""


class Library:
    """Papers with their sources and states, in `library.db` of the library's folder.

    Safe to use from several threads and, through SQLite's write-ahead log, from several processes.

    Raises:
        LibraryError: from every method, when the folder cannot be read or written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.RLock()
        with _mapped(folder):
            folder.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(folder / "library.db", check_same_thread=False, timeout=30)
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA foreign_keys = ON")
            self._migrate()

    def close(self) -> None:
        """Release the file."""
        with self._lock:
            self._db.close()

    def add(self, parsed: Parsed, source: str) -> ImportReport:
        """Insert new papers and replace changed ones, all in one transaction, as pending.

        A paper whose title and abstract are as they were keeps its state, so that importing the
        same file again changes nothing.
        """
        with self._transaction() as db:
            report = ImportReport(rejected=len(parsed.rejected))
            for paper in parsed.papers:
                report += self._add_one(db, paper)
                db.execute("INSERT OR IGNORE INTO sources VALUES (?, ?)", (paper.id, source))
            db.execute("DELETE FROM rejected WHERE source = ?", (source,))
            db.executemany(
                "INSERT INTO rejected VALUES (?, ?, ?, ?)",
                [(source, r.line, r.reason, r.text) for r in parsed.rejected],
            )
        return report

    @staticmethod
    def _add_one(db: sqlite3.Connection, paper: Paper) -> ImportReport:
        row = db.execute("SELECT title, abstract FROM papers WHERE id = ?", (paper.id,)).fetchone()
        if row == (paper.title, paper.abstract):
            return ImportReport(unchanged=1)
        db.execute(
            f"INSERT INTO papers ({_FIELDS}, state) VALUES ({', '.join('?' * 12)}, 'pending') "
            "ON CONFLICT (id) DO UPDATE SET title = excluded.title, abstract = excluded.abstract, "
            "raw_title = excluded.raw_title, raw_abstract = excluded.raw_abstract, state = 'pending'",
            _row(paper),
        )
        db.execute("DELETE FROM aliases WHERE paper_id = ?", (paper.id,))
        db.executemany(
            "INSERT OR IGNORE INTO aliases VALUES (?, ?, ?)",
            [(key(name), paper.id, name) for name in sorted(aliases(paper))],
        )
        return ImportReport(changed=1) if row else ImportReport(new=1)

    def pending(self, limit: int) -> list[Paper]:
        """Up to `limit` papers that the indexes do not hold yet, in the order of their ids."""
        return self._papers("WHERE state = 'pending' ORDER BY id LIMIT ?", (limit,))

    def mark_indexed(self, papers: Iterable[Paper]) -> None:
        """Record that both indexes hold these texts; a paper changed meanwhile stays pending."""
        with self._transaction() as db:
            db.executemany(
                "UPDATE papers SET state = 'indexed' WHERE id = ? AND title = ? AND abstract = ?",
                [(p.id, p.title, p.abstract) for p in papers],
            )

    def mark_all_pending(self) -> None:
        """Ask for every paper to be indexed anew."""
        with self._transaction() as db:
            db.execute("UPDATE papers SET state = 'pending'")

    def count(self, state: str | None = None) -> int:
        """Number of papers, all or in one state (`pending`, `indexed`)."""
        where, values = ("WHERE state = ?", (state,)) if state else ("", ())
        return int(self._rows(f"SELECT count(*) FROM papers {where}", values)[0][0])

    def paper(self, paper_id: str) -> Paper | None:
        """The paper of that id, or None."""
        return next(iter(self._papers("WHERE id = ?", (paper_id,))), None)

    def papers(self, ids: Sequence[str]) -> dict[str, Paper]:
        """The papers of these ids that exist, by id."""
        found: dict[str, Paper] = {}
        for start in range(0, len(ids), _BATCH):
            batch = ids[start : start + _BATCH]
            rows = self._papers(f"WHERE id IN ({', '.join('?' * len(batch))})", tuple(batch))
            found.update((p.id, p) for p in rows)
        return found

    def all_papers(self, filters: Filters = Filters()) -> list[Paper]:
        """Every paper that satisfies the conditions, by title."""
        where, values = _where(filters)
        return self._papers(f"{where} ORDER BY title COLLATE NOCASE, id", values)

    def called(self, names: Iterable[str]) -> dict[str, list[str]]:
        """Ids of the papers that go by each of these names (in `aliases.key` form), by name."""
        found: dict[str, list[str]] = {}
        keys = sorted(set(names))
        for start in range(0, len(keys), _BATCH):
            batch = keys[start : start + _BATCH]
            marks = ", ".join("?" * len(batch))
            sql = (
                "SELECT alias, paper_id FROM aliases JOIN papers ON papers.id = paper_id "
                f"WHERE alias IN ({marks}) AND state = 'indexed' ORDER BY alias, paper_id"
            )
            for alias, paper_id in self._rows(sql, tuple(batch)):
                found.setdefault(alias, []).append(paper_id)
        return found

    def matching(self, filters: Filters) -> list[str]:
        """Ids of the papers that satisfy every condition, in order."""
        where, values = _where(filters)
        return [row[0] for row in self._rows(f"SELECT id FROM papers {where} ORDER BY id", values)]

    def known(self) -> Known:
        """What a question can set conditions on in this library."""
        sql = "SELECT (SELECT min(year) FROM papers), (SELECT max(year) FROM papers)"
        first, last = self._rows(sql, ())[0]
        years = None if first is None else (int(first), int(last))
        return Known(
            years,
            author=lambda name: self._has("authors", name),
            venue=lambda name: self._has("venue", name),
            source=lambda name: bool(self._rows("SELECT 1 FROM sources WHERE source = ? LIMIT 1", (name,))),
        )

    def _has(self, column: str, name: str) -> bool:
        """Whether a name stands in a column of some paper, in whole words as they are written."""
        sql = f"SELECT DISTINCT {column} FROM papers WHERE {column} LIKE ? ESCAPE '\\'"
        whole = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
        return any(whole.search(row[0]) for row in self._rows(sql, (_like(name),)))

    def records(self) -> Filters:
        """For each condition, a value that some paper has; empty where setting it would be in vain."""
        known = self.known()
        first, last = known.years or (None, None)
        sql = "SELECT {0} FROM papers WHERE {0} NOT IN ('', '[]') LIMIT 1"
        author, venue = (next(iter(self._rows(sql.format(c), ())), ("",))[0] for c in ("authors", "venue"))
        return Filters(first, last, author, venue)

    def version(self) -> int:
        """A number that changes whenever another connection, in any process, has changed the library."""
        return int(self._rows("PRAGMA data_version", ())[0][0])

    def manifest(self) -> dict[str, str]:
        """What made this library's indexes: the passport's fields as stored."""
        return {row[0]: row[1] for row in self._rows("SELECT key, value FROM manifest", ())}

    def write_manifest(self, values: dict[str, str]) -> None:
        """Store fields of the passport."""
        with self._transaction() as db:
            db.executemany("INSERT OR REPLACE INTO manifest VALUES (?, ?)", list(values.items()))

    def _papers(self, clause: str, values: tuple[object, ...]) -> list[Paper]:
        return [_paper(row) for row in self._rows(f"SELECT {_FIELDS} FROM papers {clause}", values)]

    def _rows(self, sql: str, values: tuple[object, ...]) -> list[tuple[str, ...]]:
        with self._lock, _mapped(self.folder):
            return self._db.execute(sql, values).fetchall()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock, _mapped(self.folder), self._db:
            self._db.execute("BEGIN IMMEDIATE")
            yield self._db

    def _migrate(self) -> None:
        with self._db:
            self._db.execute("BEGIN IMMEDIATE")
            version = self._db.execute("PRAGMA user_version").fetchone()[0]
            for number, schema in enumerate(_SCHEMAS[version:], version + 1):
                for statement in schema.split(";"):
                    self._db.execute(statement)
                self._db.execute(f"PRAGMA user_version = {number}")
        if version > SCHEMA:
            raise LibraryError(
                f"The library {self.folder} was written by a newer Footnote (schema {version}, "
                f"this one knows {SCHEMA}).",
                "git pull && make chat",
            )


def _where(filters: Filters) -> tuple[str, tuple[object, ...]]:
    tests: list[tuple[str, object]] = []
    if filters.year_from is not None:
        tests.append(("year >= ?", filters.year_from))
    if filters.year_to is not None:
        tests.append(("year <= ?", filters.year_to))
    if filters.author:
        tests.append(("authors LIKE ? ESCAPE '\\'", _like(filters.author)))
    if filters.venue:
        tests.append(("venue LIKE ? ESCAPE '\\'", _like(filters.venue)))
    if filters.source:
        tests.append(("id IN (SELECT paper_id FROM sources WHERE source = ?)", filters.source))
    where = f"WHERE {' AND '.join(t[0] for t in tests)}" if tests else ""
    return where, tuple(t[1] for t in tests)


def _like(part: str) -> str:
    escaped = part.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def _row(paper: Paper) -> tuple[object, ...]:
    return (
        paper.id, paper.title, paper.abstract, json.dumps(paper.authors, ensure_ascii=False), paper.year,
        paper.venue, paper.doi, paper.arxiv_id, paper.url, paper.source, paper.raw_title, paper.raw_abstract,
    )  # fmt: skip


def _paper(row: tuple[str, ...]) -> Paper:
    values = dict(zip(_FIELDS.split(", "), row, strict=True))
    authors = tuple(json.loads(values.pop("authors")))
    return Paper(authors=authors, **values)  # type: ignore[arg-type]  # the schema is STRICT: year is an integer


@contextmanager
def _mapped(folder: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.DatabaseError as error:
        if "malformed" in str(error) or "not a database" in str(error):
            aside = f"mv {shlex.quote(str(folder))} {shlex.quote(f'{folder}.damaged')}"
            raise LibraryError(
                f"{folder / 'library.db'} is damaged ({error}).",
                f"{aside} && make chat",
            ) from error
        raise LibraryError(
            f"The library {folder} cannot be used: {error}.", f"ls -ld {shlex.quote(str(folder))}"
        ) from error
    except OSError as error:
        raise LibraryError(
            f"The library folder {folder} cannot be used: {error.strerror}.",
            f"ls -ld {shlex.quote(str(folder.parent))}",
        ) from error
