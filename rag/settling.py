"""Computing papers from the records that a change has touched, and from those that hang together with them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from rag.aliases import aliases, key
from rag.database import Connection, among
from rag.merge import Entry, merged, partition, unpacked
from rag.records import Paper
from rag.schema import FIELDS, let_be_typed, paper_of, paper_row


@dataclass(frozen=True, slots=True)
class _Now:
    """A record as it stands in the library."""

    entry: Entry
    paper_id: str
    deleted: bool


def settle(db: Connection, touched: AbstractSet[int]) -> None:
    """Bring papers in line with their records after these records came, changed, or got other keys.

    A paper keeps the id of the earliest of its records that ever had one. A record that comes to a
    deleted paper is deleted with it.
    """
    if not touched:
        return
    near = _near(db, touched)
    groups = partition(now.entry for now in near.values())
    founders: dict[int, str] = {
        n: i for i, n in among(db, "SELECT id, record FROM ids WHERE record IN ({})", list(near))
    }
    homes = {_home(db, group, founders): [entry.record for entry in group] for group in groups}
    moved = {n for home, members in homes.items() for n in members if near[n].paper_id != home}
    left = {near[n].paper_id for n in moved} - {""}
    stale = {
        home: ns for home, ns in homes.items() if home in left or any(n in touched or n in moved for n in ns)
    }
    moves = [(home, n) for home, ns in homes.items() for n in ns if n in moved]
    db.executemany("UPDATE records SET paper_id = ? WHERE n = ?", moves)
    alive = {home: ns for home, ns in stale.items() if not _deleted(db, ns, near)}
    _remove(db, sorted((left - homes.keys()) | (stale.keys() - alive.keys())))
    _write(db, alive)


def neighbours(db: Connection, records: Iterable[int]) -> set[int]:
    """Records with a key in common with these, themselves included."""
    sql = (
        "SELECT DISTINCT other.record FROM keys JOIN keys AS other ON other.key = keys.key "
        "WHERE keys.record IN ({})"
    )
    wanted = list(records)
    return {n for (n,) in among(db, sql, wanted)} | set(wanted)


def undelete(db: Connection, records: Sequence[int], *, deleted: bool = False) -> None:
    """Mark records as no longer deleted, or as deleted; `settle` them afterwards."""
    db.executemany("UPDATE records SET deleted = ? WHERE n = ?", [(int(deleted), n) for n in records])


def forget(db: Connection, records: Sequence[int]) -> None:
    """Remove records as if they had never come."""
    papers = [row[0] for row in among(db, "SELECT DISTINCT paper_id FROM records WHERE n IN ({})", records)]
    rest = neighbours(db, records) | _records_of(db, papers)
    for table, column in (("keys", "record"), ("ids", "record"), ("records", "n")):
        list(among(db, f"DELETE FROM {table} WHERE {column} IN ({{}})", records))
    settle(db, rest - set(records))
    held = {row[0] for row in among(db, "SELECT paper_id FROM records WHERE paper_id IN ({})", papers)}
    _remove(db, [paper for paper in papers if paper not in held])


def _records_of(db: Connection, papers: Sequence[str]) -> set[int]:
    return {n for (n,) in among(db, "SELECT n FROM records WHERE paper_id IN ({})", papers)}


def _near(db: Connection, touched: AbstractSet[int]) -> dict[int, _Now]:
    """All records that hang together with these by keys or by being one paper now."""
    sql = "SELECT n, paper_id, deleted, year, author FROM records WHERE n IN ({})"
    found: dict[int, _Now] = {}
    front = set(touched)
    while front:
        keys: dict[int, set[str]] = {}
        for n, name in among(db, "SELECT record, key FROM keys WHERE record IN ({})", sorted(front)):
            keys.setdefault(n, set()).add(name)
        for n, paper_id, deleted, year, author in list(among(db, sql, sorted(front))):
            found[n] = _Now(Entry(n, frozenset(keys[n]), year, author), paper_id, bool(deleted))
        papers = sorted({found[n].paper_id for n in front if n in found} - {""})
        front = (neighbours(db, front) | _records_of(db, papers)) - found.keys()
    return found


def _home(db: Connection, group: Sequence[Entry], founders: dict[int, str]) -> str:
    """Id of the paper that a group of records is; a new one when none of them ever had one."""
    for entry in group:
        if entry.record in founders:
            return founders[entry.record]
    first = group[0].record
    given = str(db.execute("SELECT given_id FROM records WHERE n = ?", (first,)).fetchone()[0])
    while db.execute("SELECT 1 FROM ids WHERE id = ?", (given,)).fetchone():
        given += "~"
    db.execute("INSERT INTO ids VALUES (?, ?)", (given, first))
    return given


def _deleted(db: Connection, records: Sequence[int], near: dict[int, _Now]) -> bool:
    """Whether the user deleted the paper of these records; those new to it share its fate."""
    known = [n for n in records if near[n].paper_id]
    gone = bool(known) and all(near[n].deleted for n in known)
    if gone:
        undelete(db, records, deleted=True)
    return gone


def _remove(db: Connection, papers: Sequence[str]) -> None:
    """Take papers out of the library; the indexes still have to forget them."""
    held = [row[0] for row in among(db, "SELECT id FROM papers WHERE id IN ({})", papers)]
    db.executemany("INSERT OR IGNORE INTO leaving VALUES (?)", [(paper,) for paper in held])
    db.executemany("DELETE FROM aliases WHERE paper_id = ?", [(paper,) for paper in held])
    db.executemany("DELETE FROM papers WHERE id = ?", [(paper,) for paper in held])


def _write(db: Connection, homes: dict[str, list[int]]) -> None:
    """Compute these papers from their records and store those that differ from what is there."""
    given: dict[int, tuple[Paper, str]] = {}
    records = [n for ns in homes.values() for n in ns]
    for n, given_id, data, added in among(
        db, "SELECT n, given_id, data, added FROM records WHERE n IN ({})", records
    ):
        given[n] = unpacked(given_id, data), added
    held = {
        row[0]: paper_of(row)
        for row in among(db, f"SELECT {FIELDS} FROM papers WHERE id IN ({{}})", list(homes))
    }
    for home, ns in homes.items():
        paper = merged([given[n][0] for n in ns], home)
        was = held.get(home)
        if was is None:
            _insert(db, paper, min(given[n][1] for n in ns))
        elif paper != was:
            _update(db, paper, anew=(paper.title, paper.abstract) != (was.title, was.abstract))


def _insert(db: Connection, paper: Paper, added: str) -> None:
    marks = ", ".join("?" * 13)
    db.execute(
        f"INSERT INTO papers ({FIELDS}, added, state) VALUES ({marks}, 'pending')", (*paper_row(paper), added)
    )
    db.execute("DELETE FROM leaving WHERE id = ?", (paper.id,))
    let_be_typed(db, paper)
    _name(db, paper)


def _update(db: Connection, paper: Paper, *, anew: bool) -> None:
    """Store a paper that differs; only another text has to be indexed anew."""
    pairs = ", ".join(f"{name} = ?" for name in FIELDS.split(", "))
    db.execute(f"UPDATE papers SET {pairs} WHERE id = ?", (*paper_row(paper), paper.id))
    let_be_typed(db, paper)
    if anew:
        db.execute("UPDATE papers SET state = 'pending' WHERE id = ?", (paper.id,))
        db.execute("DELETE FROM aliases WHERE paper_id = ?", (paper.id,))
        _name(db, paper)


def _name(db: Connection, paper: Paper) -> None:
    names = [(key(name), paper.id, name) for name in sorted(aliases(paper))]
    db.executemany("INSERT OR IGNORE INTO aliases VALUES (?, ?, ?)", names)
