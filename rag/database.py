"""The SQLite file of a library: opening, transactions, and errors in one line with the way out."""

from __future__ import annotations

import os
import shlex
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rag.errors import LibraryError

Connection = sqlite3.Connection
"""An open library inside a transaction, as the functions that write to it get it."""

MOST = 900
"""Values asked for in one statement."""


class Database:
    """`library.db` in a folder.

    Safe to use from several threads and, through SQLite's write-ahead log, from several processes. In a
    folder that cannot be written it can be read, as long as nobody else writes there.

    Raises:
        LibraryError: from every method, when the folder cannot be read or written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.RLock()
        with mapped(folder):
            folder.mkdir(parents=True, exist_ok=True)
            self._db = _opened(folder / "library.db")

    def close(self) -> None:
        """Release the file."""
        with self._lock:
            self._db.close()

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Everything that a query finds."""
        with self._lock, mapped(self.folder):
            return self._db.execute(sql, values).fetchall()

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """All or nothing of what is done inside; other writers wait meanwhile."""
        with self._lock, mapped(self.folder), self._db:
            self._db.execute("BEGIN IMMEDIATE")
            yield self._db


def _opened(path: Path) -> Connection:
    if path.is_file() and not writable(path.parent):
        return sqlite3.connect(to_read(path), uri=True, check_same_thread=False, timeout=30)
    db = sqlite3.connect(path, check_same_thread=False, timeout=30)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA foreign_keys = ON")
    return db


def writable(folder: Path) -> bool:
    """Whether files can be made in a folder."""
    return os.access(folder, os.W_OK | os.X_OK)


def to_read(path: Path) -> str:
    """What SQLite calls a file that is only read.

    Next to one it otherwise makes files of its own, also to read. Where it cannot, it is told that
    nobody writes; unless a write-ahead log is left there, without which the file is not complete.
    """
    log = path.with_name(f"{path.name}-wal")
    complete = not (log.exists() and log.stat().st_size)
    alone = "" if writable(path.parent) or not complete else "&immutable=1"
    return f"{path.absolute().as_uri()}?mode=ro{alone}"


def statements(script: str) -> Iterator[str]:
    """The statements of a script one by one, so that they can run inside a transaction."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def among(db: Connection, sql: str, values: Sequence[object], *more: object) -> Iterator[tuple[Any, ...]]:
    """What a query with one `{}` for a list of marks finds for any number of values.

    Args:
        more: values of the marks that follow the list.
    """
    for start in range(0, len(values), MOST):
        batch = values[start : start + MOST]
        yield from db.execute(sql.format(", ".join("?" * len(batch))), (*batch, *more))


@contextmanager
def mapped(folder: Path) -> Iterator[None]:
    """What SQLite and the file system complain about, as one line and a command."""
    try:
        yield
    except sqlite3.Error as error:
        raise _library_error(folder, str(error)) from error
    except OSError as error:
        raise LibraryError(
            f"The library folder {folder} cannot be used: {error.strerror}.",
            f"ls -ld {shlex.quote(str(folder.parent))}",
        ) from error


def no_room(folder: Path, said: str) -> LibraryError | None:
    """What a full disk made SQLite, Chroma or tantivy say, in one line; None for anything else."""
    if not any(sign in said for sign in ("is full", "No space left", "os error 28")):
        return None
    return LibraryError(
        f"There is no room left for {folder} (the disk is full).", f"df -h {shlex.quote(str(folder))}"
    )


def _library_error(folder: Path, said: str) -> LibraryError:
    place = shlex.quote(str(folder))
    if "malformed" in said or "not a database" in said:
        aside = f"mv {place} {shlex.quote(f'{folder}.damaged')}"
        return LibraryError(f"{folder / 'library.db'} is damaged ({said}).", f"{aside} && make chat")
    if full := no_room(folder, said):
        return full
    if "disk I/O" in said:
        return LibraryError(f"There is no room left for the library {folder} ({said}).", f"df -h {place}")
    if "readonly" in said or "unable to open" in said:
        return LibraryError(f"The library {folder} cannot be written ({said}).", f"ls -ld {place}")
    if "locked" in said:
        return LibraryError(f"Another Footnote has been writing to {folder} for 30 s.", "footnote doctor")
    return LibraryError(f"The library {folder} cannot be used: {said}.", f"ls -ld {place}")
