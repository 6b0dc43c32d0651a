"""Conversations that are kept: saved while they grow, listed, searched, branched, deleted and restored."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from rag import stored
from rag.database import Connection
from rag.errors import FootnoteError
from rag.library import Library
from rag.records import Conversation, Exchange, Filters
from rag.schema import folded

KEPT_DAYS = 30
"""Days for which a deleted conversation can be restored."""
BROKEN_OFF = "This answer was broken off. Ask again to have it."
"""What stands under an answer that was under way when Footnote ended."""
NAME = 200
"""Characters of a name."""
OPENING = 300
"""Characters of an answer that a list shows."""
_LISTED = "deleted IS NULL AND questions > 0"
_KEPT = "id, name, questions, begun, changed"


@dataclass(frozen=True, slots=True)
class Kept:
    """One line of the list of conversations."""

    id: str
    """Its id."""
    name: str
    """What it is called: its first question, or what the user named it."""
    questions: int
    """How many questions were asked in it."""
    begun: datetime
    """When the first one was asked, in UTC."""
    changed: datetime
    """When it last changed, in UTC."""


class Conversations:
    """Conversations of a library, in its `library.db`.

    Raises:
        LibraryError: from every method, when the library cannot be read or written.
    """

    def __init__(self, library: Library) -> None:
        self._library = library
        self._purge()

    # While a conversation grows

    def begin(self) -> str:
        """A new id; nothing is stored until the first save."""
        return secrets.token_hex(8)

    def save(self, conversation: str, number: int, exchange: Exchange) -> None:
        """Store the exchange of a number (from 1), or replace it; the first one names the conversation.

        A new exchange brings back a conversation that was deleted meanwhile in another tab.
        """
        row = _row(exchange)
        with self._library.transaction() as db:
            n = _number_of(db, conversation)
            if not db.execute(
                "SELECT 1 FROM exchanges WHERE (conversation, number) = (?, ?)", (n, number)
            ).fetchone():
                db.execute("UPDATE conversations SET deleted = NULL WHERE n = ?", (n,))
            _put(db, n, number, row)
            _answered_otherwise(db, conversation, number, exchange)
            if number == 1:
                _call(db, n, exchange.asked, by_user=False)
            _recount(db, n)

    def cut(self, conversation: str, keep: int) -> None:
        """Forget the exchanges after the first `keep`."""
        with self._library.transaction() as db:
            if (n := _known(db, conversation)) is None:
                return
            for table in ("exchanges", "spoken"):
                db.execute(f"DELETE FROM {table} WHERE conversation = ? AND number > ?", (n, keep))
            db.execute(
                "UPDATE feedback SET number = NULL WHERE conversation = ? AND number > ?",
                (conversation, keep),
            )
            _recount(db, n)

    def branch(self, conversation: str, keep: int) -> str:
        """A new conversation with copies of the first `keep` exchanges, its name and its scope."""
        new = self.begin()
        with self._library.transaction() as db:
            if (old := _known(db, conversation)) is None:
                return new
            n = _number_of(db, new)
            db.execute(
                "UPDATE conversations SET (name, own_name, scope) = "
                "(SELECT name, own_name, scope FROM conversations WHERE n = ?) WHERE n = ?",
                (old, n),
            )
            for table, columns in (("exchanges", "asked, opening, data"), ("spoken", "text")):
                db.execute(
                    f"INSERT INTO {table} (conversation, number, {columns}) "
                    f"SELECT ?, number, {columns} FROM {table} WHERE conversation = ? AND number <= ?",
                    (n, old, keep),
                )
            _recount(db, n)
        return new

    def add(
        self, name: str, conversation: Conversation, scope: Filters, begun: datetime | None = None
    ) -> str:
        """Store a whole conversation, as an import brings it; returns its new id."""
        new, rows = self.begin(), [_row(exchange) for exchange in conversation]
        with self._library.transaction() as db:
            n = _number_of(db, new)
            for number, row in enumerate(rows, 1):
                _put(db, n, number, row)
            _call(db, n, name, by_user=True)
            _scope(db, n, scope)
            if begun is not None:
                db.execute("UPDATE conversations SET begun = ? WHERE n = ?", (_text(begun), n))
            _recount(db, n)
        return new

    # Looking

    def load(self, conversation: str) -> Conversation:
        """Its exchanges, oldest first; none when it is unknown or deleted.

        What was under way when it was stored is broken off, and what cannot be read says so.
        """
        rows = self._library.rows(
            "SELECT number, asked, data FROM exchanges JOIN conversations ON n = conversation "
            "WHERE id = ? AND deleted IS NULL ORDER BY number",
            (conversation,),
        )
        exchanges = {number: _exchange(asked, data) for number, asked, data in rows}
        missing = Exchange("?", problem="This question was not stored.")
        return tuple(exchanges.get(number, missing) for number in range(1, max(exchanges, default=0) + 1))

    def listed(self, words: str = "", limit: int = 50, offset: int = 0) -> tuple[list[Kept], int]:
        """Conversations that have every word in name, questions or answers, latest first, and how many.

        Args:
            words: as typed so far, parts of words too; without case and accents.
        """
        order = "ORDER BY changed DESC, n DESC"
        if needles := folded(stored.clean(words)).split():
            one = " AND EXISTS (SELECT 1 FROM spoken WHERE conversation = n AND instr(text, ?))"
            has = one * len(needles)
            found = self._library.rows(f"SELECT n FROM conversations WHERE {_LISTED}{has} {order}", needles)
            shown = json.dumps([n for (n,) in found[offset : offset + limit]])
            sql = f"SELECT {_KEPT} FROM conversations WHERE n IN (SELECT value FROM json_each(?)) {order}"
            return [_kept(row) for row in self._library.rows(sql, (shown,))], len(found)
        where = f"FROM conversations WHERE {_LISTED}"
        total = int(self._library.rows(f"SELECT count(*) {where}")[0][0])
        rows = self._library.rows(f"SELECT {_KEPT} {where} {order} LIMIT ? OFFSET ?", (limit, offset))
        return [_kept(row) for row in rows], total

    def openings(self, conversations: Sequence[str], most: int = 3) -> dict[str, list[tuple[str, str]]]:
        """The first questions of conversations, each with the first lines of its answer."""
        sql = (
            "SELECT id, asked, opening FROM exchanges JOIN conversations ON n = conversation "
            "WHERE id IN (SELECT value FROM json_each(?)) AND number <= ? ORDER BY n, number"
        )
        found: dict[str, list[tuple[str, str]]] = {}
        for conversation, asked, opening in self._library.rows(sql, (json.dumps(list(conversations)), most)):
            found.setdefault(conversation, []).append((asked, opening))
        return found

    def kept(self, conversation: str) -> Kept | None:
        """Its line in the list; None when it is unknown or deleted."""
        sql = f"SELECT {_KEPT} FROM conversations WHERE id = ? AND {_LISTED}"
        return next((_kept(row) for row in self._library.rows(sql, (conversation,))), None)

    def same(self, conversation: Conversation) -> Kept | None:
        """The one that is kept with exactly these questions and answers, whatever it is called."""
        sql = (
            f"SELECT {_KEPT} FROM conversations JOIN exchanges ON conversation = n AND number = 1 "
            f"WHERE {_LISTED} AND questions = ? AND asked = ? ORDER BY n"
        )
        first, wanted = stored.clean(conversation[0].asked), [stored.dumps(e) for e in conversation]
        found = map(_kept, self._library.rows(sql, (len(conversation), first)))
        return next((k for k in found if [stored.dumps(e) for e in self.load(k.id)] == wanted), None)

    def called(self, beginning: str) -> Kept:
        """The one conversation whose id begins so.

        Raises:
            FootnoteError: there is none, or there are several.
        """
        sql = f"SELECT {_KEPT} FROM conversations WHERE substr(id, 1, ?) = ? AND {_LISTED} LIMIT 2"
        given = stored.clean(beginning)
        found = self._library.rows(sql, (len(given), given)) if given else []
        if len(found) != 1:
            how = (
                "Several conversations have ids that begin"
                if found
                else "There is no conversation whose id begins"
            )
            raise FootnoteError(f"{how} with {given!r}.", "footnote conversations")
        return _kept(found[0])

    # By hand

    def rename(self, conversation: str, name: str) -> None:
        """Give it a name; an empty one changes nothing."""
        if name.strip():
            with self._library.transaction() as db:
                if (n := _known(db, conversation)) is not None:
                    _call(db, n, name, by_user=True)

    def delete(self, conversation: str) -> None:
        """Delete it; `restore` brings it back within 30 days."""
        self._set_deleted(conversation, _text(datetime.now(UTC)))

    def restore(self, conversation: str) -> None:
        """Undo its deletion."""
        self._set_deleted(conversation, None)

    def _set_deleted(self, conversation: str, when: str | None) -> None:
        with self._library.transaction() as db:
            db.execute("UPDATE conversations SET deleted = ? WHERE id = ?", (when, conversation))

    def scope(self, conversation: str) -> Filters:
        """The conditions on papers that its questions are asked under."""
        for (text,) in self._library.rows("SELECT scope FROM conversations WHERE id = ?", (conversation,)):
            try:
                return stored.plain_record(Filters, stored.parsed(text))
            except stored.Unreadable:  # the conditions of a newer Footnote, which its page shows as unset
                return Filters()
        return Filters()

    def set_scope(self, conversation: str, scope: Filters) -> None:
        """Set the conditions; also before the first question, where nothing is listed yet."""
        with self._library.transaction() as db:
            if scope.active or _known(db, conversation) is not None:
                _scope(db, _number_of(db, conversation), scope)

    def _purge(self) -> None:
        """Forget what was deleted long ago, and what never came to a question."""
        now = datetime.now(UTC)
        old = (_text(now - timedelta(days=KEPT_DAYS)), _text(now - timedelta(days=1)))
        which = "FROM conversations WHERE deleted < ? OR (questions = 0 AND changed < ?)"
        if self._library.rows(f"SELECT 1 {which} LIMIT 1", old):
            with self._library.transaction() as db:
                db.execute(f"DELETE {which}", old)


def _known(db: Connection, conversation: str) -> int | None:
    row = db.execute("SELECT n FROM conversations WHERE id = ?", (conversation,)).fetchone()
    return None if row is None else int(row[0])


def _number_of(db: Connection, conversation: str) -> int:
    """The number of a conversation, which is made when it is new."""
    now = _text(datetime.now(UTC))
    db.execute(
        "INSERT OR IGNORE INTO conversations (id, name, own_name, questions, scope, begun, changed) "
        "VALUES (?, '', 0, 0, '{}', ?, ?)",
        (conversation, now, now),
    )
    return int(db.execute("SELECT n FROM conversations WHERE id = ?", (conversation,)).fetchone()[0])


def _row(exchange: Exchange) -> tuple[str, str, str, str]:
    """An exchange as it is stored: question, first lines of the answer, all of it, and its words to find."""
    asked = stored.clean(exchange.asked)
    said = " ".join(stored.clean(exchange.answer.text if exchange.answer else "").split())
    opening = said if len(said) <= OPENING else said[: OPENING - 1] + "…"
    return asked, opening, stored.dumps(exchange), folded(" ".join(f"{asked} {said}".split()))


def _put(db: Connection, n: int, number: int, row: tuple[str, str, str, str]) -> None:
    *columns, words = row
    db.execute("INSERT OR REPLACE INTO exchanges VALUES (?, ?, ?, ?, ?)", (n, number, *columns))
    db.execute("INSERT OR REPLACE INTO spoken VALUES (?, ?, ?)", (n, number, words))


def _call(db: Connection, n: int, name: str, *, by_user: bool) -> None:
    """Name a conversation; its first question does not replace a name that the user gave."""
    name = " ".join(stored.clean(name).split())
    name = name if len(name) <= NAME else name[: NAME - 1] + "…"
    changed = db.execute(
        "UPDATE conversations SET (name, own_name) = (?, ?) WHERE n = ? AND own_name <= ?",
        (name, by_user, n, by_user),
    )
    if changed.rowcount:
        db.execute("INSERT OR REPLACE INTO spoken VALUES (?, 0, ?)", (n, folded(name)))


def _scope(db: Connection, n: int, scope: Filters) -> None:
    db.execute("UPDATE conversations SET scope = ? WHERE n = ?", (stored.plain_text(scope), n))


def _recount(db: Connection, n: int) -> None:
    db.execute(
        "UPDATE conversations SET changed = ?, "
        "questions = (SELECT count(*) FROM exchanges WHERE conversation = ?) WHERE n = ?",
        (_text(datetime.now(UTC)), n, n),
    )


def _answered_otherwise(db: Connection, conversation: str, number: int, exchange: Exchange) -> None:
    """A verdict on another answer than this one is no longer about the exchange of this number."""
    now = (stored.clean(exchange.asked), stored.clean(exchange.answer.text if exchange.answer else ""))
    db.execute(
        "UPDATE feedback SET number = NULL WHERE (conversation, number) = (?, ?) AND (question, answer) != (?, ?)",
        (conversation, number, *now),
    )


def _exchange(asked: str, data: str) -> Exchange:
    try:
        exchange = stored.loads(data)
    except stored.Unreadable as error:
        return Exchange(asked, problem=f"This answer {error}.")
    if not exchange.running:
        return exchange
    answer = exchange.answer and replace(exchange.answer, stopped=True, done=True, stage="done", draft="")
    return replace(exchange, running=False, answer=answer, problem=BROKEN_OFF)


def _kept(row: tuple[Any, ...]) -> Kept:
    conversation, name, questions, begun, changed = row
    return Kept(conversation, name, questions, datetime.fromisoformat(begun), datetime.fromisoformat(changed))


def _text(when: datetime) -> str:
    return when.astimezone(UTC).isoformat(timespec="microseconds")
