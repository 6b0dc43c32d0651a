"""The papers of a library: one SQLite file, the truth from which every index can be rebuilt.

What an import does is told in `rag.intake`, how papers come from records in `rag.settling` and
`rag.merge`, what a user does by hand in `rag.curation`; here they meet behind one door.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from rag import browse, curation, duplicates
from rag.browse import Listed, Sort
from rag.database import Database, among
from rag.duplicates import Pair
from rag.errors import LibraryError
from rag.filters import Known
from rag.importers.parsed import Parsed, Rejected
from rag.intake import ImportReport, Intake
from rag.records import Filters, Paper
from rag.schema import FIELDS, SCHEMA, migrate, paper_of

__all__ = ["SCHEMA", "ImportReport", "Library", "Listed"]


class Library(Database):
    """Papers with their sources and states, in `library.db` of the library's folder.

    Raises:
        LibraryError: from every method, when the folder cannot be read or written.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        version = int(self.rows("PRAGMA user_version")[0][0])
        if version < SCHEMA:
            with self.transaction() as db:
                version = migrate(db)
        if version > SCHEMA:
            self.close()
            raise LibraryError(
                f"The library {folder} was written by a newer Footnote (schema {version}, "
                f"this one knows {SCHEMA}).",
                "git pull && make chat",
            )

    # Taking in

    def add(self, parsed: Parsed, source: str) -> ImportReport:
        """Take in records of one file, all in one transaction, as pending; see `importing` for a stream."""
        records: list[Paper | Rejected] = [*parsed.papers, *parsed.rejected]
        return self.importing(f"import of {source}").take(records, source, batch=max(len(records), 1))

    def importing(self, said: str, *, restore_deleted: bool = False) -> Intake:
        """An import of files, to be undone as one.

        Args:
            said: what `undo` calls it.
            restore_deleted: whether papers that the user deleted come back.
        """
        return Intake(self.transaction, said, restore_deleted=restore_deleted)

    def rejected(self, source: str = "") -> list[tuple[str, Rejected]]:
        """Records that the last import of each file, or of one, could not make a paper of, with its name."""
        clause, values = ("WHERE source = ?", (source,)) if source else ("", ())
        sql = f"SELECT source, line, reason, text FROM rejected {clause} ORDER BY source, line, rowid"
        return [(name, Rejected(*record)) for name, *record in self.rows(sql, values)]

    # Following with the indexes

    def pending(self, limit: int) -> list[Paper]:
        """Up to `limit` papers that the indexes do not hold yet, in the order of their ids."""
        return self._papers("WHERE state = 'pending' ORDER BY id LIMIT ?", (limit,))

    def mark_indexed(self, papers: Iterable[Paper]) -> None:
        """Record that both indexes hold these texts; a paper changed meanwhile stays pending."""
        with self.transaction() as db:
            db.executemany(
                "UPDATE papers SET state = 'indexed' WHERE id = ? AND title = ? AND abstract = ?",
                [(p.id, p.title, p.abstract) for p in papers],
            )

    def mark_all_pending(self) -> None:
        """Ask for every paper to be indexed anew."""
        with self.transaction() as db:
            db.execute("UPDATE papers SET state = 'pending'")

    def leaving(self) -> list[str]:
        """Ids that the indexes may hold and must forget."""
        return [row[0] for row in self.rows("SELECT id FROM leaving ORDER BY id")]

    def mark_left(self, ids: Sequence[str]) -> None:
        """Record that the indexes hold these ids no more; a paper that came back meanwhile is pending."""
        with self.transaction() as db:
            list(among(db, "DELETE FROM leaving WHERE id IN ({})", ids))
            list(among(db, "UPDATE papers SET state = 'pending' WHERE id IN ({})", ids))

    # Looking up

    def count(self, state: str | None = None) -> int:
        """Number of papers, all or in one state (`pending`, `indexed`)."""
        where, values = ("WHERE state = ?", (state,)) if state else ("", ())
        return int(self.rows(f"SELECT count(*) FROM papers {where}", values)[0][0])

    def paper(self, paper_id: str) -> Paper | None:
        """The paper of an id that it has or had, or of its `doi:…` or `arxiv:…`; None without one."""
        return self.papers([paper_id]).get(paper_id)

    def papers(self, ids: Sequence[str]) -> dict[str, Paper]:
        """The papers that exist of these ids, by the id asked for; former ids lead to their papers."""
        found = self._by_id(ids)
        if lacking := [i for i in ids if i not in found]:
            homes = self._homes(lacking)
            papers = self._by_id(sorted(set(homes.values())))
            found.update((i, papers[home]) for i, home in homes.items() if home in papers)
        return found

    def _by_id(self, ids: Sequence[str]) -> dict[str, Paper]:
        sql = f"SELECT {FIELDS} FROM papers WHERE id IN (SELECT value FROM json_each(?))"
        return {row[0]: paper_of(row) for row in self.rows(sql, (json.dumps(list(ids)),))}

    def _homes(self, ids: Sequence[str]) -> dict[str, str]:
        """The present ids of papers by ids that they had and by identifiers of their records."""
        sql = (
            "SELECT {0}, r.paper_id FROM {1} k JOIN records r ON r.n = k.record "
            "WHERE {0} IN (SELECT value FROM json_each(?))"
        )
        named = [i for i in ids if i.startswith(("doi:", "arxiv:"))]
        by_key = self.rows(sql.format("k.key", "keys"), (json.dumps(named),))
        return dict(by_key) | dict(self.rows(sql.format("k.id", "ids"), (json.dumps(list(ids)),)))

    def all_papers(self, filters: Filters = Filters()) -> list[Paper]:
        """Every paper that satisfies the conditions, by title."""
        where, values = browse.where(filters)
        return self._papers(f"{where} ORDER BY title COLLATE NOCASE, id", values)

    def browse(
        self,
        words: str = "",
        filters: Filters = Filters(),
        sort: Sort = "title",
        limit: int | None = 50,
        offset: int = 0,
    ) -> tuple[list[Listed], int]:
        """Lines of the papers that have every word in title, authors or venue, and how many there are.

        Args:
            words: as typed so far, parts of words too; all papers when there are none.
            sort: `title`, `year` (latest first) or `added` (latest first).
        """
        return browse.browse(self.rows, words, filters, sort, limit, offset)

    def called(self, names: Iterable[str]) -> dict[str, list[str]]:
        """Ids of the papers that go by each of these names (in `aliases.key` form), by name."""
        sql = (
            "SELECT alias, paper_id FROM aliases JOIN papers ON papers.id = paper_id WHERE state = 'indexed' "
            "AND alias IN (SELECT value FROM json_each(?)) ORDER BY alias, paper_id"
        )
        found: dict[str, list[str]] = {}
        for alias, paper_id in self.rows(sql, (json.dumps(sorted(set(names))),)):
            found.setdefault(alias, []).append(paper_id)
        return found

    def matching(self, filters: Filters) -> list[str]:
        """Ids of the papers that satisfy every condition, in order."""
        where, values = browse.where(filters)
        return [row[0] for row in self.rows(f"SELECT id FROM papers {where} ORDER BY id", values)]

    def known(self) -> Known:
        """What a question can set conditions on in this library."""
        sql = "SELECT (SELECT min(year) FROM papers), (SELECT max(year) FROM papers)"
        first, last = self.rows(sql)[0]
        years = None if first is None else (int(first), int(last))
        return Known(
            years,
            author=lambda name: self._has("authors", name),
            venue=lambda name: self._has("venue", name),
            source=lambda name: bool(self.rows("SELECT 1 FROM records WHERE source = ? LIMIT 1", (name,))),
        )

    def _has(self, column: str, name: str) -> bool:
        """Whether a name stands in a column of some paper, in whole words as they are written."""
        sql = f"SELECT DISTINCT {column} FROM papers WHERE {column} LIKE ? ESCAPE '\\'"
        whole = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
        return any(whole.search(row[0]) for row in self.rows(sql, (browse.like(name),)))

    def records(self) -> Filters:
        """For each condition, a value that some paper has; empty where setting it would be in vain."""
        known = self.known()
        first, last = known.years or (None, None)
        sql = "SELECT {0} FROM papers WHERE {0} NOT IN ('', '[]') LIMIT 1"
        author, venue = (next(iter(self.rows(sql.format(c))), ("",))[0] for c in ("authors", "venue"))
        return Filters(first, last, author, venue, tag=next(iter(self.tags()), ""))

    def sources(self, paper_id: str = "") -> list[str]:
        """Names of the files that papers came from, or one paper, in order."""
        clause, values = ("WHERE paper_id = ? AND NOT deleted", (paper_id,)) if paper_id else ("", ())
        return [
            row[0] for row in self.rows(f"SELECT DISTINCT source FROM records {clause} ORDER BY 1", values)
        ]

    # By hand

    def tags_of(self, paper_id: str) -> tuple[str, ...]:
        """The tags of one paper, in order."""
        return browse.tags_of(self.rows, [paper_id]).get(paper_id, ())

    def was_used(self) -> bool:
        """Whether anything was ever imported, whatever became of it."""
        return bool(self.rows("SELECT 1 FROM sqlite_sequence WHERE name = 'actions' AND seq > 0"))

    def undoable(self) -> str:
        """What `undo` would undo; empty when there is nothing."""
        return str(next(iter(self.rows("SELECT said FROM actions ORDER BY n DESC LIMIT 1")), ("",))[0])

    def tags(self) -> dict[str, int]:
        """Every tag with the number of its papers, in order."""
        sql = (
            "SELECT t.tag, count(DISTINCT r.paper_id) FROM tags t JOIN ids i ON i.id = t.id "
            "JOIN records r ON r.n = i.record JOIN papers p ON p.id = r.paper_id "
            "GROUP BY t.tag ORDER BY t.tag COLLATE NOCASE, t.tag"
        )
        return dict(self.rows(sql))

    def tag(self, ids: Sequence[str], tag: str, *, remove: bool = False) -> int:
        """Give papers a tag, or take it away; returns for how many this changed something."""
        with self.transaction() as db:
            return curation.tag(db, ids, " ".join(tag.split()), remove=remove)

    def delete(self, ids: Sequence[str]) -> int:
        """Delete papers, also from later imports; the indexes follow. Returns how many there were."""
        if not ids:
            return 0
        with self.transaction() as db:
            said = f"deletion of {len(ids)} papers" if len(ids) > 1 else f"deletion of {ids[0]}"
            return curation.delete(db, ids, said)

    def duplicates(self) -> list[Pair]:
        """Pairs of papers that may be the same, without those that the user told apart."""
        rows = self.rows("SELECT id, title, authors, year FROM papers INDEXED BY papers_by_title")
        apart = set(self.rows("SELECT first, second FROM distinct_pairs"))
        entitled = (duplicates.Entitled(i, title, tuple(json.loads(a)), year) for i, title, a, year in rows)
        found = duplicates.pairs(entitled)
        return [p for p in found if tuple(sorted((p.first.id, p.second.id))) not in apart]

    def join(self, first: str, second: str) -> None:
        """Make two papers one; the older id stays, the other leads to it."""
        with self.transaction() as db:
            curation.join(db, first, second)

    def tell_apart(self, first: str, second: str) -> None:
        """Offer two papers no longer as duplicates."""
        with self.transaction() as db:
            curation.tell_apart(db, first, second)

    def undo(self) -> str:
        """Undo the last import, deletion, tagging, joining or telling apart; returns what it was.

        Raises:
            LibraryError: there is nothing to undo.
        """
        with self.transaction() as db:
            return curation.undo(db)

    # What made it

    def version(self) -> int:
        """A number that changes whenever another connection, in any process, has changed the library."""
        return int(self.rows("PRAGMA data_version")[0][0])

    def manifest(self) -> dict[str, str]:
        """What made this library's indexes: the passport's fields as stored."""
        return {row[0]: row[1] for row in self.rows("SELECT key, value FROM manifest")}

    def write_manifest(self, values: dict[str, str]) -> None:
        """Store fields of the passport."""
        with self.transaction() as db:
            db.executemany("INSERT OR REPLACE INTO manifest VALUES (?, ?)", list(values.items()))

    def _papers(self, clause: str, values: tuple[object, ...]) -> list[Paper]:
        return [paper_of(row) for row in self.rows(f"SELECT {FIELDS} FROM papers {clause}", values)]
