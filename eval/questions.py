"""Questions with known answers, one JSON object a line, as in `data/questions.jsonl`."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

from eval.textfiles import lines
from rag.errors import ImportFailed
from rag.records import Turn

ANSWERABLE = ("fact", "compare", "list", "followup")
"""Types of questions that the abstracts answer."""
TYPES = (*ANSWERABLE, "unanswerable", "adversarial")
"""Every type of question, in the order of the tables."""

_MARK = re.compile(r"\s*\[\d+\]")


@dataclass(frozen=True, slots=True)
class Item:
    """One question with what a right answer to it must be."""

    id: str
    """Name of the question, unique in its file."""
    type: str
    """One of `TYPES`."""
    question: str
    """What the user types."""
    history: tuple[Turn, ...] = ()
    """The conversation before it, without citation marks."""
    answer: str = ""
    """A right answer in somebody's words; for readers only, nothing is compared with it."""
    gold_titles: tuple[str, ...] = ()
    """Titles of the papers whose abstracts answer it, as the source has them."""
    may_titles: tuple[str, ...] = ()
    """Of a list: titles of papers of which one may say that they belong on it, or that they do not."""
    must_contain: tuple[tuple[str, ...], ...] = ()
    """Groups of alternatives; a right answer contains one of each group."""
    notes: str = ""
    """What is hard about it."""

    @property
    def answerable(self) -> bool:
        """Whether an abstract answers it."""
        return self.type in ANSWERABLE

    @property
    def to_decline(self) -> bool:
        """Whether abstaining is the only right answer."""
        return not self.answerable and not self.gold_titles

    @property
    def digest(self) -> str:
        """Hash of everything that an answer depends on."""
        asked = [self.question, [[t.question, t.answer] for t in self.history]]
        return hashlib.sha256(json.dumps(asked).encode()).hexdigest()[:16]


def read(path: Path) -> list[Item]:
    """The questions of a file, in their order.

    Raises:
        ImportFailed: the file is missing, or a line is no question; names the line.
    """
    items: dict[str, Item] = {}
    for number, text in lines(path):
        item = _item(text, f"{path}:{number}")
        if item.id in items:
            raise ImportFailed(
                f"{path}:{number}: the id {item.id!r} stands in an earlier line too.", f"$EDITOR {path}"
            )
        items[item.id] = item
    if not items:
        raise ImportFailed(f"{path} holds no questions.", f"$EDITOR {path}")
    return list(items.values())


def choose(items: Sequence[Item], types: Sequence[str] = (), limit: int | None = None) -> list[Item]:
    """Some of the questions: only these types, at most so many, taken in turn from each type."""
    if unknown := sorted(set(types) - set(TYPES)):
        raise ImportFailed(f"There is no type of question {unknown[0]!r}; known are {', '.join(TYPES)}.")
    kept = [i for i in items if not types or i.type in types]
    if limit is None:
        return kept
    by_type = [[i for i in kept if i.type == t] for t in TYPES]
    in_turn = [i for row in zip_longest(*by_type) for i in row if i is not None]
    chosen = {i.id for i in in_turn[:limit]}
    return [i for i in kept if i.id in chosen]


def _item(text: str, place: str) -> Item:
    try:
        row = json.loads(text)
    except ValueError as error:
        raise ImportFailed(f"{place}: not JSON ({error}).", f"$EDITOR {place.rpartition(':')[0]}") from error
    problems = list(_problems(row))
    if problems:
        raise ImportFailed(f"{place}: {problems[0]}.", f"$EDITOR {place.rpartition(':')[0]}")
    return Item(
        id=row["id"],
        type=row["type"],
        question=row["question"],
        history=tuple(Turn(asked, _MARK.sub("", answered)) for asked, answered in row.get("history", [])),
        answer=row.get("answer", ""),
        gold_titles=tuple(row.get("gold_titles", [])),
        may_titles=tuple(row.get("may_titles", [])),
        must_contain=tuple(tuple(group) for group in row.get("must_contain", [])),
        notes=row.get("notes", ""),
    )


def _problems(row: Any) -> Iterator[str]:
    """What is wrong with a line, in words; nothing for a good one."""
    if not isinstance(row, dict):
        yield "not a JSON object"
        return
    for key in ("id", "type", "question"):
        if not isinstance(row.get(key), str) or not row[key]:
            yield f"{key!r} is missing or no text"
    if row.get("type") not in TYPES:
        yield f"type is {row.get('type')!r}; known are {', '.join(TYPES)}"
    for key in ("gold_titles", "may_titles"):
        if not _texts(row.get(key, [])):
            yield f"{key!r} is no list of titles"
    groups = row.get("must_contain", [])
    if not isinstance(groups, list) or not all(_texts(g) and g for g in groups):
        yield "'must_contain' is no list of lists of texts"
    history = row.get("history", [])
    if not isinstance(history, list) or not all(_texts(t) and len(t) == 2 for t in history):
        yield "'history' is no list of [question, answer]"
    if row.get("type") in ANSWERABLE and not row.get("gold_titles"):
        yield "an answerable question needs 'gold_titles'"


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(v, str) for v in value)
