"""SQLite files of libraries that are looked at or copied, not worked with."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from rag.database import to_read
from rag.errors import LibraryError


@dataclass(frozen=True, slots=True)
class Contents:
    """What a library's file holds."""

    schema: int
    """Version of its tables."""
    papers: int
    """Number of papers."""
    pending: int
    """Those that no index holds yet."""
    manifest: dict[str, str]
    """What made its indexes."""


def copy(source: Path, target: Path) -> None:
    """Copy a library's file as it is at one moment, while others read and write it.

    Raises:
        LibraryError: it cannot be read, or the copy cannot be written.
    """
    with _mapped(source), closing(_reading(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)  # in one step: between several, a writer would make it begin again
        new.execute("PRAGMA journal_mode = DELETE")


def contents(path: Path) -> Contents:
    """What a library's file holds; nothing in it is changed, also when it is of an older schema.

    Raises:
        LibraryError: it cannot be read.
    """
    with _mapped(path), closing(_reading(path)) as db:
        schema = db.execute("PRAGMA user_version").fetchone()[0]
        papers, pending = db.execute(
            "SELECT count(*), coalesce(sum(state = 'pending'), 0) FROM papers"
        ).fetchone()
        return Contents(schema, papers, pending, dict(db.execute("SELECT key, value FROM manifest")))


def damage(path: Path) -> str:
    """What is wrong inside of a SQLite file; empty when it is whole."""
    try:
        with closing(_reading(path)) as db:
            found = db.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.Error as error:
        return str(error)
    return "" if found == "ok" else " ".join(str(found).split())


def _reading(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(to_read(path), uri=True, timeout=30)


@contextmanager
def _mapped(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise LibraryError(f"{path} cannot be read: {error}.", "footnote doctor") from error
