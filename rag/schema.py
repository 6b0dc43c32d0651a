"""The tables of a library, and the numbered steps that bring an older library to them.

A step that was released is never edited; a new one is added below it.

Schema 2 keeps two things apart: `records`, what each source said as it said it, and `papers`, what
is made of them by the rules of `rag.merge`. Papers can be computed from records at any time.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable
from typing import Any

from rag.database import Connection, statements
from rag.importers.parsed import identity
from rag.merge import digest, keys_of, packed
from rag.records import Paper

FIELDS = "id, title, abstract, authors, year, venue, doi, arxiv_id, url, source, raw_title, raw_abstract"
"""Columns of a paper, in the order of `paper_row`."""

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

_SCHEMA_2 = """
ALTER TABLE papers RENAME TO papers_1;
ALTER TABLE sources RENAME TO sources_1;
ALTER TABLE aliases RENAME TO aliases_1;
ALTER TABLE rejected RENAME TO rejected_1;
DROP INDEX papers_state;
DROP INDEX papers_year;
DROP INDEX aliases_paper;

CREATE TABLE papers (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL, abstract TEXT NOT NULL, authors TEXT NOT NULL,
    year INTEGER, venue TEXT NOT NULL, doi TEXT NOT NULL, arxiv_id TEXT NOT NULL,
    url TEXT NOT NULL, source TEXT NOT NULL,
    raw_title TEXT NOT NULL, raw_abstract TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'indexed')),
    added TEXT NOT NULL
) STRICT;
-- Each order of the library page, with all that its rows show, so that no abstract is read for them.
CREATE INDEX papers_by_title ON papers (title COLLATE NOCASE, n, year, id, authors, venue, source);
CREATE INDEX papers_by_year ON papers (year DESC, n);
CREATE INDEX papers_by_added ON papers (added DESC, n DESC);
CREATE INDEX papers_pending ON papers (id) WHERE state = 'pending';
CREATE TABLE aliases (
    alias TEXT NOT NULL, paper_id TEXT NOT NULL, written TEXT NOT NULL,
    PRIMARY KEY (alias, paper_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX aliases_paper ON aliases (paper_id);

CREATE TABLE records (
    n INTEGER PRIMARY KEY,           -- in the order of arrival
    source TEXT NOT NULL,            -- the file
    given_id TEXT NOT NULL,          -- identity by the record's own fields
    nth INTEGER NOT NULL,            -- 0, or which one of several in the file with this identity
    paper_id TEXT NOT NULL,          -- the paper that it is a record of
    deleted INTEGER NOT NULL,        -- whether the user deleted that paper
    action INTEGER NOT NULL,         -- the import that brought it
    digest TEXT NOT NULL,            -- of data
    year INTEGER, author TEXT NOT NULL,
    added TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
    data TEXT NOT NULL,              -- the record's fields as JSON
    UNIQUE (source, given_id, nth)
) STRICT;
CREATE INDEX records_paper ON records (paper_id);
CREATE INDEX records_source ON records (source, paper_id);
CREATE INDEX records_action ON records (action);
-- What records are the same paper by: doi, arxiv, title, or a joining by hand.
CREATE TABLE keys (
    key TEXT NOT NULL, record INTEGER NOT NULL,
    PRIMARY KEY (key, record)
) STRICT, WITHOUT ROWID;
CREATE INDEX keys_record ON keys (record);
-- Every id that a paper ever had, with the record that it was made for.
CREATE TABLE ids (id TEXT PRIMARY KEY, record INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX ids_record ON ids (record);
CREATE TABLE tags (
    tag TEXT NOT NULL, id TEXT NOT NULL,
    PRIMARY KEY (tag, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE distinct_pairs (first TEXT NOT NULL, second TEXT NOT NULL, PRIMARY KEY (first, second)) STRICT;
CREATE TABLE rejected (
    source TEXT NOT NULL, line INTEGER NOT NULL, reason TEXT NOT NULL, text TEXT NOT NULL
) STRICT;
CREATE INDEX rejected_source ON rejected (source);
-- Papers that the indexes may still hold and must forget.
CREATE TABLE leaving (id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
-- What can be undone, latest last; `earlier` holds records as they were before an import changed them.
CREATE TABLE actions (
    n INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL, said TEXT NOT NULL, detail TEXT NOT NULL,
    done TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
) STRICT;
CREATE TABLE earlier (
    action INTEGER NOT NULL, record INTEGER NOT NULL, data TEXT NOT NULL,
    PRIMARY KEY (action, record)
) STRICT, WITHOUT ROWID;

-- Title, authors and venue of a paper as one text without case and accents, for searching as you type.
CREATE TABLE typed (n INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;
CREATE TRIGGER papers_untyped AFTER DELETE ON papers BEGIN
    DELETE FROM typed WHERE n = old.n;
END;
"""

_KEPT_FROM_1 = f"""
INSERT INTO papers ({FIELDS}, state, added) SELECT {FIELDS}, state, added FROM papers_1 ORDER BY rowid;
INSERT INTO aliases SELECT alias, paper_id, written FROM aliases_1;
INSERT INTO rejected SELECT source, line, reason, text FROM rejected_1 ORDER BY source, line;
UPDATE manifest SET value = '2' WHERE key = 'schema';
"""

_WITHOUT_1 = """
DROP TABLE aliases_1;
DROP TABLE sources_1;
DROP TABLE rejected_1;
DROP TABLE papers_1;
"""


def _run(db: Connection, script: str) -> None:
    for statement in statements(script):
        db.execute(statement)


def _to_1(db: Connection) -> None:
    _run(db, _SCHEMA_1)


def _to_2(db: Connection) -> None:
    """A record for each source of each paper; the papers, their ids and what is indexed stay."""
    _run(db, _SCHEMA_2 + _KEPT_FROM_1)
    held = db.execute(
        f"SELECT {FIELDS}, added, (SELECT json_group_array(s.source) FROM sources_1 s WHERE s.paper_id = id) "
        "FROM papers ORDER BY n"
    )
    for *row, added, sources in held:
        paper = paper_of(row)
        let_be_typed(db, paper)
        for source in json.loads(sources) or [paper.source]:
            _keep_record(db, paper, source, added)
    _run(db, _WITHOUT_1)


def _keep_record(db: Connection, paper: Paper, source: str, added: str) -> None:
    given = _given_id(paper)
    data = packed(paper)
    year, author, keys = keys_of(paper, given)
    n = db.execute(
        "INSERT OR IGNORE INTO records (source, given_id, nth, paper_id, deleted, action, digest, year, author, "
        "added, data) VALUES (?, ?, (SELECT count(*) FROM records WHERE source = ? AND given_id = ?), "
        "?, 0, 0, ?, ?, ?, ?, ?)",
        (source, given, source, given, paper.id, digest(data), year, author, added, data),
    ).lastrowid
    db.executemany("INSERT INTO keys VALUES (?, ?)", [(key, n) for key in keys])
    db.execute("INSERT OR IGNORE INTO ids VALUES (?, ?)", (paper.id, n))


def _given_id(paper: Paper) -> str:
    """The identity that an importer gives to this paper now."""
    if not paper.id.startswith(("doi:", "arxiv:", "title:")):
        return paper.id
    return identity(paper.title, paper.authors, paper.year, paper.doi, paper.arxiv_id)


def let_be_typed(db: Connection, paper: Paper) -> None:
    """Let a paper that is stored be found by its title, authors and venue as they are now."""
    text = folded(" ".join((paper.title, *paper.authors, paper.venue)))
    db.execute("INSERT OR REPLACE INTO typed SELECT n, ? FROM papers WHERE id = ?", (text, paper.id))


def folded(text: str) -> str:
    """A text without case and accents, as it is looked up while someone types.

    >>> folded("Gómez, Straße")
    'gomez, strasse'
    """
    if text.isascii():
        return text.lower()
    return "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))


_SCHEMA_3 = """
CREATE TABLE conversations (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    own_name INTEGER NOT NULL,       -- whether the user gave the name; else it is the first question
    questions INTEGER NOT NULL,      -- how many exchanges it has
    scope TEXT NOT NULL,             -- conditions on papers as JSON
    begun TEXT NOT NULL, changed TEXT NOT NULL,
    deleted TEXT                     -- when the user deleted it; it can be restored for a while
) STRICT;
CREATE INDEX conversations_changed ON conversations (changed DESC, n DESC)
    WHERE deleted IS NULL AND questions > 0;
CREATE TABLE exchanges (
    conversation INTEGER NOT NULL REFERENCES conversations (n) ON DELETE CASCADE,
    number INTEGER NOT NULL,         -- from 1
    asked TEXT NOT NULL,
    opening TEXT NOT NULL,           -- the first lines of the answer
    data TEXT NOT NULL,              -- the exchange as JSON, see rag.stored
    PRIMARY KEY (conversation, number)
) STRICT;
-- Name (number 0), questions and answers without case and accents, for searching as you type.
CREATE TABLE spoken (
    conversation INTEGER NOT NULL REFERENCES conversations (n) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (conversation, number)
) STRICT;
-- Verdicts of the user on answers, with all that a test question needs: they outlive the conversation.
CREATE TABLE feedback (
    n INTEGER PRIMARY KEY,
    conversation TEXT NOT NULL,      -- its id
    number INTEGER,                  -- the exchange; NULL when that has gone or is another one now
    good INTEGER NOT NULL,
    reason TEXT NOT NULL,
    question TEXT NOT NULL, answer TEXT NOT NULL,
    data TEXT NOT NULL,              -- what a test question has besides, as JSON
    given TEXT NOT NULL,
    UNIQUE (conversation, number)
) STRICT;
UPDATE manifest SET value = '3' WHERE key = 'schema' AND value = '2';
"""


def _to_3(db: Connection) -> None:
    """Room for conversations and feedback; papers and indexes stay."""
    _run(db, _SCHEMA_3)


STEPS: tuple[Callable[[Connection], None], ...] = (_to_1, _to_2, _to_3)
"""What brings a library from one schema version to the next."""

SCHEMA = len(STEPS)
"""Version of the tables that this program reads and writes."""


def migrate(db: Connection) -> int:
    """Bring a library to this program's schema, inside a transaction; returns the version that it had."""
    version = int(db.execute("PRAGMA user_version").fetchone()[0])
    for number, step in enumerate(STEPS[version:], version + 1):
        step(db)
        db.execute(f"PRAGMA user_version = {number}")
    return version


def paper_row(paper: Paper) -> tuple[object, ...]:
    """A paper as a row of `FIELDS`."""
    return (
        paper.id, paper.title, paper.abstract, json.dumps(paper.authors, ensure_ascii=False), paper.year,
        paper.venue, paper.doi, paper.arxiv_id, paper.url, paper.source, paper.raw_title, paper.raw_abstract,
    )  # fmt: skip


def paper_of(row: Any) -> Paper:
    """The paper of a row of `FIELDS`."""
    values = dict(zip(FIELDS.split(", "), row, strict=True))
    authors = tuple(json.loads(values.pop("authors")))
    return Paper(authors=authors, **values)
