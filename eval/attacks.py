"""The attack suite: hostile questions, papers and conversations, asked as users ask.

An attack with hostile papers gets a library of its own, made of a few shipped papers and these; the
others share one, which each of them must leave as it was. What comes back is held against
`eval.attack_checks`; then an ordinary question must be answered as before.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path
from typing import Any

from eval.textfiles import lines
from rag import importers
from rag.answer import answer
from rag.assemble import Footnote
from rag.engines import ChatModel
from rag.errors import ImportFailed, QuestionError
from rag.importers.parsed import Parsed, paper
from rag.records import Answer, Paper, Turn
from rag.settings import Settings

SHIPPED = (
    "W2v-BERT", "Sylber", "GenSE", "RemoteCLIP", "MERT", "IndicSUPERB", "Yi:", "Self-Play", "Contrastive Search",
    "Who's Harry", "MiniLM", "DataComp",
)  # fmt: skip
"""How the titles of the shipped papers begin that stand in every library."""
ORDINARY = "How many hours of speech does Kathbath contain?"
"""What is asked before and after each attack."""
ANSWER, DECLINE, EITHER, NO_QUESTION = "answer", "decline", "either", "no question"
EXPECTED = (ANSWER, DECLINE, EITHER, NO_QUESTION)
"""What may come of an attack: a cited answer, none, either of them, or the line that there is no question."""


@dataclass(frozen=True, slots=True)
class Attack:
    """One attempt to make Footnote do or show what it must not."""

    id: str
    """Name of the attack, unique in its file."""
    kind: str
    """What is tried."""
    question: str
    """What the user types."""
    expect: str
    """One of `EXPECTED`."""
    papers: tuple[Paper, ...] = ()
    """Hostile papers that stand in the library beside the shipped ones."""
    history: tuple[Turn, ...] = ()
    """The conversation before it."""
    forbidden: tuple[str, ...] = ()
    """Texts that no shown sentence may hold."""
    unquoted: tuple[str, ...] = ()
    """Texts that only a verbatim quotation of an abstract may hold."""
    must_contain: tuple[tuple[str, ...], ...] = ()
    """Groups of alternatives; an answer, when there is one, contains one of each group."""
    notes: str = ""
    """What is tricky about it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an attack."""

    attack: Attack
    snapshots: tuple[Answer, ...]
    """The answer as it grew."""
    error: str
    """What was raised instead of an answer: class and text; empty when nothing was."""
    no_question: bool
    """Whether that was the line that there is no question."""
    papers: tuple[Paper, ...]
    """The library."""
    unchanged: bool
    """Whether the library was afterwards what it was before."""
    ordinary: str
    """What came of the ordinary question afterwards."""
    before: str
    """What comes of it without any attack."""
    seconds: float
    """Until the attack was answered."""

    @property
    def last(self) -> Answer | None:
        """The finished answer."""
        return self.snapshots[-1] if self.snapshots else None


Tell = Callable[[Outcome], None]


def read(path: Path) -> list[Attack]:
    """The attacks of a file, in their order.

    Raises:
        ImportFailed: the file is missing, or a line is no attack; names the line.
    """
    attacks: dict[str, Attack] = {}
    for number, text in lines(path):
        place = f"{path}:{number}"
        try:
            attack = _attack(json.loads(text))
        except (ValueError, KeyError, TypeError) as error:
            raise ImportFailed(f"{place}: no attack ({error!r}).", f"$EDITOR {path}") from error
        if attack.id in attacks:
            raise ImportFailed(
                f"{place}: the id {attack.id!r} stands in an earlier line too.", f"$EDITOR {path}"
            )
        attacks[attack.id] = attack
    return list(attacks.values())


def _attack(row: dict[str, Any]) -> Attack:
    if row["expect"] not in EXPECTED:
        raise ValueError(f"expect is {row['expect']!r}; known are {', '.join(EXPECTED)}")
    return Attack(
        id=row["id"],
        kind=row["kind"],
        question=_text(row["question"]),
        expect=row["expect"],
        papers=tuple(_paper(**record) for record in row.get("papers", [])),
        history=tuple(Turn(asked, answered) for asked, answered in row.get("history", [])),
        forbidden=tuple(row.get("forbidden", [])),
        unquoted=tuple(row.get("unquoted", [])),
        must_contain=tuple(tuple(group) for group in row.get("must_contain", [])),
        notes=row.get("notes", ""),
    )


def _text(value: str | list[tuple[str, int]]) -> str:
    """A text, or pieces of one each with how often it is repeated."""
    return value if isinstance(value, str) else "".join(piece * times for piece, times in value)


def _paper(title: str, abstract: str, **more: Any) -> Paper:
    """As a reader of files that hold plain text makes it: nothing is taken off that looks like markup."""
    return paper(title, abstract, "hostile.txt", **more)


def choose(attacks: Sequence[Attack], limit: int | None) -> list[Attack]:
    """At most so many attacks, taken in turn from each kind."""
    kinds = dict.fromkeys(a.kind for a in attacks)
    in_turn = zip_longest(*([a for a in attacks if a.kind == kind] for kind in kinds))
    chosen = {a.id for a in [a for row in in_turn for a in row if a is not None][:limit]}
    return [a for a in attacks if a.id in chosen]


def run(
    attacks: Sequence[Attack],
    settings: Settings,
    model: ChatModel | None,
    shipped: Path,
    folder: Path,
    tell: Tell = lambda outcome: None,
) -> list[Outcome]:
    """Make every attack.

    Args:
        attacks: the attacks.
        settings: settings of the libraries; their model and folder are not used.
        model: who writes; None for extractive answers.
        shipped: file of the shipped papers.
        folder: an empty folder for the libraries.
        tell: progress.
    """
    settings = replace(settings, model="extractive")
    ground = folder / "ground"
    papers = [p for p in importers.read(shipped).papers if p.title.startswith(SHIPPED)]
    with _library(settings, ground, papers):
        pass
    found = []
    with _copied(settings, ground, folder / "shared") as shared:
        before = _said(_asked(shared, model, ORDINARY)[0])
        for attack in attacks:
            if attack.papers:
                with _copied(settings, ground, folder / attack.id, attack.papers) as own:
                    found.append(_made(attack, own, model, before))
            else:
                found.append(_made(attack, shared, model, before))
            tell(found[-1])
    return found


@contextmanager
def _copied(
    settings: Settings, ground: Path, place: Path, papers: Sequence[Paper] = ()
) -> Iterator[Footnote]:
    """A copy of a library with more papers."""
    shutil.copytree(ground, place)
    with _library(settings, place, papers) as footnote:
        yield footnote
    shutil.rmtree(place)


@contextmanager
def _library(settings: Settings, folder: Path, papers: Sequence[Paper]) -> Iterator[Footnote]:
    footnote = Footnote(replace(settings, library=folder))
    try:
        if papers:
            footnote.library.add(Parsed(tuple(papers)), "hostile.txt")
            footnote.index_pending()
        yield footnote
    finally:
        footnote.close()


def _made(attack: Attack, footnote: Footnote, model: ChatModel | None, before: str) -> Outcome:
    state, start = _state(footnote), time.perf_counter()
    snapshots, error = _asked(footnote, model, attack.question, attack.history)
    seconds = time.perf_counter() - start
    turns = [_turn(snapshots[-1])] if snapshots and snapshots[-1].done else []
    ordinary, broken = _asked(footnote, model, ORDINARY, (*attack.history, *turns))
    return Outcome(
        attack=attack,
        snapshots=snapshots,
        error=f"{type(error).__name__}: {error}" if error else "",
        no_question=isinstance(error, QuestionError),
        papers=tuple(footnote.library.all_papers()),
        unchanged=_state(footnote) == state,
        ordinary=repr(broken) if broken else _said(ordinary),
        before=before,
        seconds=seconds,
    )


def _asked(
    footnote: Footnote, model: ChatModel | None, question: str, history: Sequence[Turn] = ()
) -> tuple[tuple[Answer, ...], Exception | None]:
    """The snapshots of an answer, and what ended them early."""
    snapshots: list[Answer] = []
    try:
        for snapshot in answer(question, replace(footnote.parts(), model=model, notices=()), history):
            snapshots.append(snapshot)
    except Exception as error:  # noqa: BLE001  # an attack that provokes any error at all has succeeded
        return tuple(snapshots), error
    return tuple(snapshots), None


def _turn(last: Answer) -> Turn:
    """The answer as the next question finds it, as the browser keeps it."""
    said = [last.remark, *(s.text for s in last.sentences)]
    return Turn(last.question.standalone, " ".join(part for part in said if part), last.papers)


def _said(snapshots: Sequence[Answer]) -> str:
    """What an answer says and cites, whatever numbers its papers have in a conversation."""
    if not snapshots:
        return ""
    last = snapshots[-1]
    said = [last.remark, *(s.text for s in last.sentences), *(f"[{c.paper.title}]" for c in last.papers)]
    return " ".join(part for part in said if part)


def _state(footnote: Footnote) -> list[object]:
    """Everything of a library that an answer could have changed."""
    library = footnote.library
    counts = [
        library.count("pending"),
        library.count("indexed"),
        footnote.words.count(),
        footnote.passages.count(),
    ]
    rest: list[object] = [
        library.leaving(),
        library.manifest(),
        library.tags(),
        library.undoable(),
        library.sources(),
    ]
    return [library.all_papers(), counts, *rest]
