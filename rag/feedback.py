"""Verdicts of the user on answers, kept as what they are good for: questions with known answers."""

from __future__ import annotations

import hashlib
import json
import shlex
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rag import stored
from rag.conversations import Conversations
from rag.errors import FootnoteError
from rag.files import write_text
from rag.filters import said
from rag.library import Library
from rag.records import Answer, Exchange, Shape

TURNS = 8
"""Earlier exchanges that a follow-up question is kept with."""
REASON = 2000
"""Characters of a reason."""
_TYPES = {Shape.FACT: "fact", Shape.COMPARISON: "compare", Shape.LIST: "list"}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a question of a question file has besides its text; see `eval/questions.py`."""

    type: str = ""
    """Its type there; empty when it names no paper, so that nothing can be measured by it."""
    gold_titles: tuple[str, ...] = ()
    """Titles of the papers that the answer cites, as their source has them."""
    history: tuple[tuple[str, ...], ...] = ()
    """For a follow-up, the questions and answers before it."""
    notes: str = ""
    """Under what conditions it was asked."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the user thinks of one answer."""

    n: int
    """Its number in the list."""
    conversation: str
    """Id of the conversation."""
    number: int | None
    """Which exchange of it; None when that has gone or was answered anew."""
    good: bool
    """Whether the answer is right."""
    reason: str
    """Why, in the user's words; may be empty."""
    question: str
    """What was asked."""
    answer: str
    """What was answered, with citation marks."""
    asked: Asked
    """What else a test question needs."""
    given: datetime
    """When, in UTC."""


class Feedback:
    """The verdicts of a library's user, in its `library.db`; they outlive their conversations.

    Raises:
        LibraryError: from every method, when the library cannot be read or written.
    """

    def __init__(self, library: Library) -> None:
        self._library = library

    def give(self, conversation: str, number: int, exchange: Exchange, good: bool, reason: str = "") -> None:
        """Keep a verdict on an exchange, in place of an earlier one."""
        answer = exchange.answer
        before = Conversations(self._library).load(conversation)[: number - 1]
        asked = _asked(answer, before) if answer else Asked()
        row = (
            conversation, number, good, stored.clean(reason.strip())[:REASON], stored.clean(exchange.asked),
            stored.clean(answer.text if answer else ""), stored.plain_text(asked), datetime.now(UTC).isoformat(),
        )  # fmt: skip
        with self._library.transaction() as db:
            db.execute(
                "INSERT OR REPLACE INTO feedback "
                "(conversation, number, good, reason, question, answer, data, given) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                row,
            )

    def verdict(self, conversation: str, number: int) -> tuple[bool, str] | None:
        """Whether an answer was found good, with the reason; None when nothing was said."""
        sql = "SELECT good, reason FROM feedback WHERE (conversation, number) = (?, ?)"
        rows = self._library.rows(sql, (conversation, number))
        return (bool(rows[0][0]), rows[0][1]) if rows else None

    def take_back(self, conversation: str, number: int) -> None:
        """Forget the verdict on an exchange."""
        with self._library.transaction() as db:
            db.execute("DELETE FROM feedback WHERE (conversation, number) = (?, ?)", (conversation, number))

    def forget(self, n: int) -> bool:
        """Forget the verdict of a number in the list; False when there is none."""
        with self._library.transaction() as db:
            return db.execute("DELETE FROM feedback WHERE n = ?", (n,)).rowcount > 0

    def listed(self) -> list[Verdict]:
        """All verdicts, latest first."""
        sql = (
            "SELECT n, conversation, number, good, reason, question, answer, data, given FROM feedback "
            "ORDER BY n DESC"
        )
        return [_verdict(row) for row in self._library.rows(sql)]


def _verdict(row: tuple[Any, ...]) -> Verdict:
    n, conversation, number, good, reason, question, answer, data, given = row
    try:
        asked = stored.plain_record(Asked, stored.parsed(data))
    except stored.Unreadable:  # of a newer Footnote; the verdict itself still counts
        asked = Asked()
    when = datetime.fromisoformat(given)
    return Verdict(n, conversation, number, bool(good), reason, question, answer, asked, when)


def _asked(answer: Answer, before: Iterable[Exchange]) -> Asked:
    question = answer.question
    titles = tuple(dict.fromkeys(c.paper.raw_title or c.paper.title for c in answer.papers))
    notes = f"Asked of papers {said(question.filters)}." if question.filters.active else ""
    if answer.abstained:
        return Asked("unanswerable", notes=notes)
    if not titles:
        return Asked(notes=notes)
    if not question.follows_up:
        return Asked(_TYPES.get(question.shape, "fact"), titles, notes=notes)
    turns = [(e.asked, e.answer.text) for e in before if e.answer is not None]
    return Asked("followup", titles, tuple(turns[-TURNS:]), notes)


# As a question file


def write_questions(verdicts: Iterable[Verdict], file: Path) -> tuple[int, int]:
    """Write verdicts as a question file that `footnote eval` reads; a file that is there is added to.

    A good answer becomes a question whose gold papers are those it cites. A bad one does too, with a
    note that says so and the reason: its papers are to be looked at. Without a paper, only a good
    abstention says what a right answer is.

    Returns:
        How many questions were written, and how many verdicts were left out.

    Raises:
        FootnoteError: the file is no question file, or cannot be written.
    """
    every = list(verdicts)
    rows = {row["id"]: row for verdict in every if (row := _row(verdict))}
    with _reading(file):
        merged = dict(_held(file)) | rows
    write_text(file, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in merged.values()))
    return len(rows), len(every) - len(rows)


def _row(verdict: Verdict) -> dict[str, Any] | None:
    asked = verdict.asked
    if not asked.type or not (verdict.good or asked.gold_titles):
        return None
    judged = "Judged good" if verdict.good else "Judged bad, check the papers and the answer"
    said = f"{judged}: {verdict.reason}" if verdict.reason else f"{judged}."
    told = f"{verdict.conversation} {verdict.question} {verdict.answer}"
    return {
        "id": f"feedback-{hashlib.sha256(told.encode()).hexdigest()[:12]}",
        "type": asked.type,
        "question": verdict.question,
        "history": [list(turn) for turn in asked.history],
        "answer": verdict.answer if verdict.good and asked.gold_titles else "",
        "gold_titles": list(asked.gold_titles),
        "must_contain": [],
        "notes": " ".join(part for part in (" ".join(said.split()), asked.notes) if part),
    }


def _held(file: Path) -> Iterator[tuple[str, Any]]:
    """The questions that a file has already, by their ids."""
    if not file.exists():
        return
    for number, line in enumerate(file.read_text(encoding="utf-8").split("\n"), 1):
        if line.strip():
            row = stored.parsed(line) if line.lstrip().startswith("{") else None
            if not isinstance(row, dict) or not isinstance(row.get("id"), str):
                raise stored.Unreadable(f"is no question file: line {number} is no question with an id")
            yield row["id"], row


@contextmanager
def _reading(file: Path) -> Iterator[None]:
    """What is wrong with a file, in one line."""
    try:
        yield
    except stored.Unreadable as error:
        raise FootnoteError(f"{file} {error}.", "footnote feedback --out questions.jsonl") from error
    except UnicodeDecodeError as error:
        fix = "footnote feedback --out questions.jsonl"
        raise FootnoteError(f"{file} is no text in UTF-8.", fix) from error
    except OSError as error:
        fix = f"ls -l {shlex.quote(str(file))}"
        raise FootnoteError(f"{file} cannot be read: {error.strerror}.", fix) from error
