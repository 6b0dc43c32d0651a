"""A library that an earlier Footnote wrote is brought to the present tables with nothing lost."""

import json
import sqlite3
from pathlib import Path

import pytest

from rag.conversations import Conversations
from rag.feedback import Feedback
from rag.importers.parsed import Parsed, Rejected, paper
from rag.library import SCHEMA, ImportReport, Library
from rag.records import Exchange, Filters, Paper

# The statements of schema 1 as they were released.
SCHEMA_1 = """
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
PRAGMA user_version = 1;
"""
PAPERS = [
    paper("A Zebra Paper", "Zebras run fast.", "page.txt"),
    paper("Ünï -- title", "We propose ZebraNet.", "page.txt", authors=["Ana Gómez"], year=2021, venue="ACL"),
    Paper("own-7", "By another hand", "", source="other"),
]


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """Folder of a library of schema 1; the last paper is pending, the first came from two files."""
    (tmp_path / "library").mkdir()
    db = sqlite3.connect(tmp_path / "library" / "library.db")
    db.executescript(SCHEMA_1)
    for n, p in enumerate(PAPERS):
        row = (
            p.id, p.title, p.abstract, json.dumps(p.authors), p.year, p.venue, p.doi, p.arxiv_id, p.url, p.source,
            p.raw_title, p.raw_abstract, "pending" if n == 2 else "indexed", f"2024-01-0{n + 1} 10:00:00",
        )  # fmt: skip
        db.execute(f"INSERT INTO papers VALUES ({', '.join('?' * 14)})", row)
        db.execute("INSERT INTO sources VALUES (?, ?)", (p.id, p.source))
    db.execute("INSERT INTO sources VALUES (?, 'copy.txt')", (PAPERS[0].id,))
    db.execute("INSERT INTO aliases VALUES ('zebranet', ?, 'ZebraNet')", (PAPERS[1].id,))
    db.execute("INSERT INTO rejected VALUES ('page.txt', 7, 'no title', 'text')")
    db.execute("INSERT INTO manifest VALUES ('schema', '1'), ('embedder', 'minilm')")
    db.commit()
    db.close()
    return tmp_path / "library"


def test_papers_ids_states_and_everything_else_are_kept(old: Path) -> None:
    library = Library(old)
    assert library.papers([p.id for p in PAPERS]) == {p.id: p for p in PAPERS}
    assert [p.id for p in library.pending(9)] == ["own-7"]
    assert library.called(["zebranet"]) == {"zebranet": [PAPERS[1].id]}
    assert library.rejected() == [("page.txt", Rejected(7, "no title", "text"))]
    assert library.matching(Filters(source="copy.txt")) == [PAPERS[0].id]
    assert [row.title for row in library.browse(sort="added")[0]] == [p.title for p in reversed(PAPERS)]
    assert library.browse("gomez")[1] == 1
    library.close()


def test_the_indexes_still_serve(old: Path) -> None:
    library = Library(old)
    assert library.manifest() == {"schema": str(SCHEMA), "embedder": "minilm"}
    library.close()


def test_importing_the_same_file_again_changes_nothing(old: Path) -> None:
    library = Library(old)
    assert library.add(Parsed(tuple(PAPERS[:2])), "page.txt") == ImportReport(unchanged=2)
    assert library.count("pending") == 1
    library.close()


def test_a_record_with_a_doi_merges_into_a_paper_that_was_there(old: Path) -> None:
    library = Library(old)
    better = paper("A zebra paper", "Zebras run fast. Very.", "b.bib", doi="10.1000/z")
    assert library.add(Parsed((better,)), "b.bib") == ImportReport(merged=1)
    found = library.paper("doi:10.1000/z")
    assert found is not None
    assert (found.id, found.abstract) == (PAPERS[0].id, better.abstract)
    library.close()


def second(folder: Path) -> None:
    """Take an empty library back to what schema 2 was: without the tables of schema 3."""
    Library(folder).close()
    with sqlite3.connect(folder / "library.db") as db:
        for table in ("exchanges", "spoken", "conversations", "feedback"):
            db.execute(f"DROP TABLE {table}")
        db.execute("PRAGMA user_version = 2")
    db.close()


def test_a_library_of_schema_2_gets_room_for_conversations_and_keeps_its_indexes(tmp_path: Path) -> None:
    """The passport names the schema; without its step the indexes would have to be built anew."""
    second(tmp_path)
    with sqlite3.connect(tmp_path / "library.db") as db:
        db.execute("INSERT INTO manifest VALUES ('schema', '2'), ('embedder', 'minilm')")
    db.close()
    library = Library(tmp_path)
    assert library.manifest() == {"schema": str(SCHEMA), "embedder": "minilm"}
    conversations = Conversations(library)
    conversation = conversations.begin()
    conversations.save(conversation, 1, Exchange("Why?"))
    Feedback(library).give(conversation, 1, Exchange("Why?"), good=False)
    library.close()
    again = Library(tmp_path)
    assert Conversations(again).load(conversation) == (Exchange("Why?"),)
    assert Feedback(again).verdict(conversation, 1) == (False, "")
    again.close()


def test_papers_of_schema_2_are_left_as_they_are(tmp_path: Path) -> None:
    second(tmp_path)
    with sqlite3.connect(tmp_path / "library.db") as db:
        before = "SELECT sql FROM sqlite_master WHERE name NOT IN ({}) ORDER BY name"
        held = db.execute(before.format("''")).fetchall()
    db.close()
    library = Library(tmp_path)
    new = "'conversations', 'exchanges', 'spoken', 'feedback', 'conversations_changed'"
    kept = [row for row in library.rows(before.format(new)) if row[0]]
    assert kept == [row for row in held if row[0]]
    library.close()


def test_the_step_runs_once(old: Path) -> None:
    Library(old).close()
    again = Library(old)
    assert again.count() == 3
    with sqlite3.connect(old / "library.db") as db:
        assert db.execute("PRAGMA user_version").fetchone() == (SCHEMA,)
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        tables = {name for (name,) in db.execute("SELECT name FROM sqlite_master")}
    assert not [name for name in tables if name.endswith("_1") and not name.startswith("sqlite_")]
    db.close()
    again.close()
