"""What a user does to papers by hand: delete, tag, join, tell apart; and undoing it, imports included.

Each function runs inside a transaction. What is done is written down as the records that it
touched, so that undoing it is doing the reverse and computing those papers anew.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from rag import settling
from rag.database import Connection, among
from rag.errors import LibraryError
from rag.intake import note, rewrite
from rag.merge import unpacked


def delete(db: Connection, papers: Sequence[str], said: str) -> int:
    """Delete papers; their records stay, so that they are known when they come again. Returns how many."""
    sql = "SELECT n, paper_id FROM records WHERE paper_id IN ({}) AND NOT deleted"
    found = list(among(db, sql, list(dict.fromkeys(papers))))
    records = [n for n, _ in found]
    if records:
        note(db, "delete", said, records)
        _set_deleted(db, records, deleted=True)
    return len({paper for _, paper in found})


def tag(db: Connection, papers: Sequence[str], name: str, *, remove: bool = False) -> int:
    """Give papers a tag, or take it away; returns for how many this changed something."""
    before = _tagged(db, papers, name)
    pairs = [(name, paper) for paper in dict.fromkeys(papers) if remove == (paper in before)]
    pairs = [(t, i) for _, paper in pairs for t, i in before[paper]] if remove else pairs
    if not pairs:
        return 0
    said = f"tag “{name}” {'taken from' if remove else 'given to'} {_papers(len(pairs))}"
    note(db, "untag" if remove else "tag", said, pairs)
    (_untag if remove else _retag)(db, 0, pairs)
    return len(pairs)


def _tagged(db: Connection, papers: Sequence[str], name: str) -> dict[str, list[tuple[str, str]]]:
    """Which of the papers have a tag, each with the rows that say so, under former ids too."""
    sql = (
        "SELECT r.paper_id, t.tag, t.id FROM tags t JOIN ids i ON i.id = t.id JOIN records r ON r.n = i.record "
        "WHERE r.paper_id IN ({}) AND t.tag = ? COLLATE NOCASE"
    )
    found: dict[str, list[tuple[str, str]]] = {}
    for paper, written, under in among(db, sql, list(papers), name):
        found.setdefault(paper, []).append((written, under))
    return found


def join(db: Connection, first: str, second: str) -> None:
    """Make two papers one; the older id stays, the other leads to it."""
    founders = [n for (n,) in among(db, "SELECT record FROM ids WHERE id IN ({})", [first, second])]
    n = note(db, "join", f"joining of {first} and {second}", founders)
    db.executemany("INSERT INTO keys VALUES (?, ?)", [(f"joined:{n}", record) for record in founders])
    settling.settle(db, set(founders))


def tell_apart(db: Connection, first: str, second: str) -> None:
    """Offer two papers no longer as duplicates."""
    pair = sorted((first, second))
    db.execute("INSERT OR IGNORE INTO distinct_pairs VALUES (?, ?)", pair)
    note(db, "apart", f"telling apart of {first} and {second}", pair)


def undo(db: Connection) -> str:
    """Undo the last action; returns what it was.

    Raises:
        LibraryError: there is nothing that could be undone.
    """
    last = db.execute("SELECT n, kind, said, detail FROM actions ORDER BY n DESC LIMIT 1").fetchone()
    if last is None:
        raise LibraryError("There is nothing to undo in this library.", "footnote papers")
    n, kind, said, detail = last
    _REVERSES[kind](db, n, json.loads(detail))
    db.execute("DELETE FROM actions WHERE n = ?", (n,))
    return str(said)


def _set_deleted(db: Connection, records: Sequence[int], *, deleted: bool) -> None:
    settling.undelete(db, records, deleted=deleted)
    settling.settle(db, set(records))


def _unjoin(db: Connection, n: int, founders: Sequence[int]) -> None:
    db.execute("DELETE FROM keys WHERE key = ?", (f"joined:{n}",))
    settling.settle(db, set(founders))


def _untag(db: Connection, n: int, pairs: Sequence[Sequence[str]]) -> None:  # noqa: ARG001  # one of _REVERSES
    db.executemany("DELETE FROM tags WHERE tag = ? AND id = ?", pairs)


def _retag(db: Connection, n: int, pairs: Sequence[Sequence[str]]) -> None:  # noqa: ARG001  # one of _REVERSES
    db.executemany("INSERT OR IGNORE INTO tags VALUES (?, ?)", pairs)


def _offer_again(db: Connection, n: int, pair: Sequence[str]) -> None:  # noqa: ARG001  # one of _REVERSES
    db.execute("DELETE FROM distinct_pairs WHERE first = ? AND second = ?", pair)


def _unimport(db: Connection, n: int, restored: Sequence[int]) -> None:
    """Records as they were before an import: new ones gone, changed ones as before, deleted ones deleted."""
    was = db.execute(
        "SELECT r.n, r.given_id, e.data FROM earlier e JOIN records r ON r.n = e.record WHERE e.action = ?",
        (n,),
    ).fetchall()
    changed = {record for record, _, _ in was}
    touched = settling.neighbours(db, changed)
    for record, given_id, data in was:
        rewrite(db, record, unpacked(given_id, data), data)
    settling.undelete(db, restored, deleted=True)
    settling.settle(db, touched | changed | set(restored))
    db.execute("DELETE FROM earlier WHERE action = ?", (n,))
    settling.forget(db, [r for (r,) in db.execute("SELECT n FROM records WHERE action = ?", (n,))])


_REVERSES: dict[str, Callable[[Connection, int, Any], None]] = {
    "delete": lambda db, _, records: _set_deleted(db, records, deleted=False),
    "tag": _untag,
    "untag": _retag,
    "join": _unjoin,
    "apart": _offer_again,
    "import": _unimport,
}


def _papers(number: int) -> str:
    return "1 paper" if number == 1 else f"{number} papers"
