"""Asking Footnote every question, exactly as the browser does, and keeping what happened."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from eval import provenance
from eval.answer_variants import Switch
from eval.grading import title_key
from eval.questions import Item
from eval.traces import FORMAT, Trace, TraceFile, failed, trace
from rag.answer import answer
from rag.assemble import Footnote
from rag.engines import Message
from rag.errors import FootnoteError
from rag.records import Answer

Tell = Callable[[Item, Trace], None]
"""Called with each question and its trace, also for those that were asked before."""


def run(
    items: Sequence[Item],
    footnote: Footnote,
    cache: Path,
    resume: bool = True,
    tell: Tell = lambda item, trace: None,
    switch: Switch | None = None,
) -> tuple[list[Trace], Path]:
    """Ask every question that has no trace under the same settings yet.

    Args:
        items: the questions.
        footnote: who is asked.
        cache: folder of the traces.
        resume: whether earlier traces are kept.
        tell: progress.
        switch: what is changed of the main path.

    Returns:
        The traces in the order of the questions, and the file that holds them.
    """
    file = TraceFile(cache / "traces" / f"{settings_key(footnote, switch)}.jsonl")
    if not resume:
        file.clear()
    done = file.read()
    if any(_stale(item, done) for item in items):
        warm_up(footnote)
    for item in items:
        if _stale(item, done):
            done[item.id] = ask(item, footnote, switch)
            file.append(done[item.id])
        tell(item, done[item.id])
    return [done[item.id] for item in items], file.path


def _stale(item: Item, done: dict[str, Trace]) -> bool:
    return item.id not in done or done[item.id].digest != item.digest


def ask(item: Item, footnote: Footnote, switch: Switch | None = None) -> Trace:
    """Ask one question; seconds are those that somebody before the screen waits."""
    start = time.perf_counter()
    first_words, snapshots, last = None, 0, None
    try:
        for snapshot in _stream(item, footnote, switch):
            snapshots, last = snapshots + 1, snapshot
            if first_words is None and _says_something(snapshot):
                first_words = time.perf_counter() - start
    except FootnoteError as error:
        return failed(item, f"{type(error).__name__}: {error}", time.perf_counter() - start)
    total = time.perf_counter() - start
    if last is None:
        return failed(item, "nothing was answered", total)
    return trace(item, last, first_words if first_words is not None else total, total, snapshots)


def _stream(item: Item, footnote: Footnote, switch: Switch | None) -> Iterator[Answer]:
    if switch is None or not switch.changes:
        return footnote.answer(item.question, item.history)
    return answer(item.question, switch.applied(footnote.parts()), item.history)


def _says_something(now: Answer) -> bool:
    return bool(now.draft or now.sentences or now.remark)


def warm_up(footnote: Footnote) -> None:
    """Load the model and the indexes, so that the first question does not pay for them."""
    footnote.search("warm up")
    if model := footnote.choose_model().model:
        for _ in model.stream([Message("user", "Say yes.")], max_tokens=1, stop=threading.Event()):
            pass


def model_of(footnote: Footnote) -> dict[str, str]:
    """Name, engine and digest of the model that answers."""
    model = footnote.choose_model().model
    if model is None:
        return {"name": "extractive", "engine": "none", "digest": ""}
    return {"name": model.name, "engine": model.engine, "digest": model.digest}


def settings_key(footnote: Footnote, switch: Switch | None = None) -> str:
    """Hash of everything but the question that an answer depends on, the code included."""
    settings = provenance.shown(footnote.settings)
    matters = {
        k: v
        for k, v in settings.items()
        if k not in ("home", "library", "model", "host", "port", "ollama_host")
    }
    changes = repr(sorted(switch.changes.items())) if switch and switch.changes else ""
    parts = [
        FORMAT,
        changes,
        matters,
        model_of(footnote),
        footnote.library.manifest(),
        provenance.code_digest(),
        footnote.library.count(),
    ]
    digest = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
    return digest[:16]


def unknown_titles(items: Sequence[Item], footnote: Footnote) -> list[str]:
    """Gold titles that no paper of the library has, each with its question."""
    known = {title_key(p.title) for p in footnote.library.all_papers()}
    return [f"{item.id}: {t}" for item in items for t in item.gold_titles if title_key(t) not in known]
