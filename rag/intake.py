"""Taking records into a library: each is kept as it came, and its paper is computed anew.

An import is a series of transactions, each complete in itself, so that one that is killed leaves
whole batches, and importing the same file again goes on where it ended.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, fields
from itertools import islice

from rag import settling
from rag.database import Connection, among
from rag.importers.parsed import Rejected
from rag.merge import digest, keys_of, packed
from rag.records import Paper

BATCH = 1000
"""Records of one transaction."""

ACTIONS_KEPT = 50
"""How many actions can be undone."""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did to the library."""

    new: int = 0
    """Papers that were not there."""
    changed: int = 0
    """Records of this file that say something else than before."""
    unchanged: int = 0
    """Records of this file that were there already."""
    rejected: int = 0
    """Records that are no paper; kept with the reason."""
    merged: int = 0
    """Records of papers that were there from another file, or further up in this one."""
    deleted_earlier: int = 0
    """Records of papers that the user deleted; they stay deleted."""

    def __add__(self, other: ImportReport) -> ImportReport:
        sums = {f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(self)}
        return ImportReport(**sums)


@dataclass(frozen=True, slots=True)
class _Held:
    """A record as the library has it."""

    n: int
    digest: str
    deleted: bool


@dataclass(frozen=True, slots=True)
class _Given:
    """A record as it came, with what identifies it in its file."""

    paper: Paper
    nth: int
    data: str
    digest: str

    @property
    def place(self) -> tuple[str, int]:
        return self.paper.id, self.nth


Transaction = Callable[[], AbstractContextManager[Connection]]


class Intake:
    """One import of one or more files, undone as one.

    Args:
        transaction: opens a transaction of the library.
        said: what the import is called when it is undone.
        restore_deleted: whether papers that the user deleted come back.
    """

    def __init__(self, transaction: Transaction, said: str, *, restore_deleted: bool = False) -> None:
        self._transaction = transaction
        self._said = said
        self._restore = restore_deleted
        self._action: int | None = None

    def take(
        self,
        records: Iterable[Paper | Rejected],
        source: str,
        progress: Callable[[int], None] = lambda done: None,
        batch: int = BATCH,
    ) -> ImportReport:
        """Take in the records of a file, `batch` of them in a transaction, as pending.

        Args:
            records: in the order of the file.
            source: name of the file.
            progress: called with the number of records taken so far.
        """
        report, seen, done = ImportReport(), Counter[str](), 0
        for part in _batches(records, batch):
            with self._transaction() as db:
                if not done:
                    db.execute("DELETE FROM rejected WHERE source = ?", (source,))
                report += self._take_batch(db, part, source, seen)
            done += len(part)
            progress(done)
        return report

    def _take_batch(
        self, db: Connection, part: Sequence[Paper | Rejected], source: str, seen: Counter[str]
    ) -> ImportReport:
        rejected = [r for r in part if isinstance(r, Rejected)]
        rows = [(source, r.line, r.reason, _storable(r.text)) for r in rejected]
        db.executemany("INSERT INTO rejected VALUES (?, ?, ?, ?)", rows)
        given = [_given(_clean(p), seen) for p in part if isinstance(p, Paper)]
        held = _held(db, source, given)
        fates = [_fate(g, held.get(g.place), restore=self._restore) for g in given]
        report = ImportReport(rejected=len(rejected)) + _plus(fates)
        if not set(fates) - {"unchanged", "deleted_earlier"}:
            return report
        by_fate = [(held.get(g.place), g, fate) for g, fate in zip(given, fates, strict=True)]
        back = _with_all_records(db, [h.n for h, _, fate in by_fate if h and fate == "new"])
        self._note(db, back)
        changed = [
            (g, h.n) for h, g, fate in by_fate if h and fate != "deleted_earlier" and h.digest != g.digest
        ]
        touched = set(back) | settling.neighbours(db, [n for _, n in changed])
        for g, n in changed:
            self._update(db, g, n)
        added = {self._insert(db, g, source) for h, g, _ in by_fate if h is None}
        settling.undelete(db, back)
        settling.settle(db, touched | added)
        return report + _counted(db, added)

    def _note(self, db: Connection, restored: Sequence[int]) -> None:
        """Write down once what this import is, and the records that it brings back, so that it can be undone."""
        if self._action is None:
            self._action = note(db, "import", self._said, [])
        if restored:
            was = db.execute("SELECT detail FROM actions WHERE n = ?", (self._action,)).fetchone()
            detail = [*json.loads(was[0] if was else "[]"), *restored]
            db.execute("UPDATE actions SET detail = ? WHERE n = ?", (json.dumps(detail), self._action))

    def _insert(self, db: Connection, given: _Given, source: str) -> int:
        year, author, keys = keys_of(given.paper, given.paper.id)
        n = db.execute(
            "INSERT INTO records (source, given_id, nth, paper_id, deleted, action, digest, year, author, data) "
            "VALUES (?, ?, ?, '', 0, ?, ?, ?, ?, ?)",
            (source, *given.place, self._action, given.digest, year, author, given.data),
        ).lastrowid
        assert n is not None
        db.executemany("INSERT INTO keys VALUES (?, ?)", [(key, n) for key in keys])
        return n

    def _update(self, db: Connection, given: _Given, n: int) -> None:
        db.execute(
            "INSERT OR IGNORE INTO earlier SELECT ?, n, data FROM records WHERE n = ?", (self._action, n)
        )
        rewrite(db, n, given.paper, given.data)


def note(db: Connection, kind: str, said: str, detail: object) -> int:
    """Write down an action that can be undone; the oldest is forgotten. Returns its number."""
    values = (kind, said, json.dumps(detail))
    n = db.execute("INSERT INTO actions (kind, said, detail) VALUES (?, ?, ?)", values).lastrowid
    assert n is not None
    kept = "SELECT n FROM actions ORDER BY n DESC LIMIT ?"
    for table, column in (("actions", "n"), ("earlier", "action")):
        db.execute(f"DELETE FROM {table} WHERE {column} NOT IN ({kept})", (ACTIONS_KEPT,))
    return n


def rewrite(db: Connection, n: int, paper: Paper, data: str) -> None:
    """Let a record say something else; what the user joined by hand stays joined."""
    year, author, keys = keys_of(paper, paper.id)
    values = (digest(data), year, author, data, n)
    db.execute("UPDATE records SET digest = ?, year = ?, author = ?, data = ? WHERE n = ?", values)
    db.execute("DELETE FROM keys WHERE record = ? AND key NOT LIKE 'joined:%'", (n,))
    db.executemany("INSERT INTO keys VALUES (?, ?)", [(key, n) for key in keys])


def _batches(records: Iterable[Paper | Rejected], size: int) -> Iterator[list[Paper | Rejected]]:
    """Parts of the records; one empty part when there are none, so that old rejected records go."""
    left = iter(records)
    part = list(islice(left, size))
    yield part
    while part := list(islice(left, size)):
        yield part


def _given(paper: Paper, seen: Counter[str]) -> _Given:
    nth = seen[paper.id]
    seen[paper.id] += 1
    data = packed(paper)
    return _Given(paper, nth, data, digest(data))


def _held(db: Connection, source: str, given: Sequence[_Given]) -> dict[tuple[str, int], _Held]:
    """What the library has of these records from this file."""
    sql = (
        "SELECT given_id, nth, n, digest, deleted AND paper_id NOT IN (SELECT id FROM papers) "
        "FROM records WHERE given_id IN ({}) AND source = ?"
    )
    rows = among(db, sql, sorted({g.paper.id for g in given}), source)
    return {(i, nth): _Held(n, d, bool(gone)) for i, nth, n, d, gone in rows}


def _fate(given: _Given, held: _Held | None, *, restore: bool) -> str:
    """What becomes of a record, as the report calls it; empty when its keys decide."""
    if held is None:
        return ""
    if held.deleted:
        return "new" if restore else "deleted_earlier"
    return "unchanged" if held.digest == given.digest else "changed"


def _plus(fates: Iterable[str]) -> ImportReport:
    return ImportReport(**{fate: n for fate, n in Counter(fates).items() if fate})


def _with_all_records(db: Connection, records: Sequence[int]) -> list[int]:
    """The deleted records of the papers that these are records of."""
    sql = "SELECT n FROM records WHERE deleted AND paper_id IN (SELECT paper_id FROM records WHERE n IN ({}))"
    return [n for (n,) in among(db, sql, records)]


def _counted(db: Connection, added: set[int]) -> ImportReport:
    """What became of the records that are new to the library."""
    sql = (
        "SELECT r.deleted, i.record IS NOT NULL FROM records r "
        "LEFT JOIN ids i ON i.record = r.n AND i.id = r.paper_id WHERE r.n IN ({})"
    )
    fates = (
        "deleted_earlier" if deleted else "new" if founds else "merged"
        for deleted, founds in among(db, sql, sorted(added))
    )
    return _plus(fates)


def _clean(paper: Paper) -> Paper:
    """A paper that SQLite can hold: halves of surrogate pairs, which no text has, replaced."""
    texts = {f.name: value for f in fields(paper) if isinstance(value := getattr(paper, f.name), str)}
    try:
        "".join((*texts.values(), *paper.authors)).encode()
    except UnicodeEncodeError:
        clean = {name: _storable(text) for name, text in texts.items()}
        return Paper(authors=tuple(map(_storable, paper.authors)), year=paper.year, **clean)
    return paper


def _storable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
