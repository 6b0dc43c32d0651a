"""What the commands do, apart from the command line so that `--help` need not import it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from eval import answers as asking
from eval import cache, questions, summary, tables, variants
from eval.provenance import ROOT, provenance
from eval.questions import Item
from eval.traces import Trace
from rag import settings
from rag.assemble import Footnote
from rag.errors import ImportFailed

DATA = ROOT / "data"
"""Where the project's own questions and papers are."""

out = Console()
"""Tables go there."""
err = Console(stderr=True)
"""Progress and remarks go there."""


@dataclass(frozen=True, slots=True)
class Request:
    """What to ask, of what, with what."""

    questions: Path | None = None
    """File of questions; None for the project's own."""
    papers: Path | None = None
    """File of papers; None for the project's own."""
    model: str | None = None
    """The model setting; None as configured."""
    limit: int | None = None
    """Most questions."""
    types: Sequence[str] = ()
    """Types of questions; empty for all."""
    resume: bool = True
    """Whether to keep earlier traces of the same code and settings."""
    cache: Path | None = None
    """Folder of the cache; None for the platform's."""


def answers(request: Request, json_file: Path | None, show_failures: bool) -> None:
    """Ask, grade, print, and write the result."""
    items = chosen_questions(request)
    traces, made_by = ask(items, request)
    result = summary.result(items, traces, made_by)
    if show_failures:
        tables.failures(result, out)
    tables.answers(result, out)
    if json_file:
        write_json(result, json_file)


def ablations(request: Request, json_file: Path | None) -> None:
    """What checking the written sentences is worth: the same answers with it and without it."""
    items = chosen_questions(request)
    traces, made_by = ask(items, request)
    found = {
        "as it is": summary.result(items, traces, made_by),
        "verification off": summary.result(items, [variants.unverified(t) for t in traces], made_by),
    }
    tables.answer_variants(found, out)
    if json_file:
        write_json({"kind": "ablations", "collections": found}, json_file)


def chosen_questions(request: Request) -> list[Item]:
    """The questions that a request names."""
    read = questions.read(request.questions or DATA / "questions.jsonl")
    return questions.choose(read, request.types, request.limit)


def ask(items: Sequence[Item], request: Request) -> tuple[list[Trace], dict[str, Any]]:
    """The traces of these questions and what made them, with progress on the terminal."""
    folder = cache.root(request.cache)
    flags = {"model": request.model} if request.model else {}
    with progress() as tell:
        tell("Preparing", 0, len(items))
        papers = request.papers or DATA / "papers.txt"
        footnote = cache.library_of_file(papers, settings.load(flags), folder, tell)
        try:
            check_titles(items, footnote)
            model = asking.model_of(footnote)
            seen: list[str] = []

            def count(_: Item, trace: Trace) -> None:
                seen.append(trace.id)
                tell(f"Asking {model['name']}", len(seen), len(items))

            traces, file = asking.run(items, footnote, folder, request.resume, count)
            made_by = provenance(footnote.settings, footnote.library.manifest(), model)
        finally:
            footnote.close()
    err.print(f"Traces: {file}", highlight=False, soft_wrap=True)
    return traces, made_by


def check_titles(items: Sequence[Item], footnote: Footnote) -> None:
    """Refuse questions about papers that are not there: they would all count as failures."""
    if unknown := asking.unknown_titles(items, footnote):
        raise ImportFailed(f"{len(unknown)} gold titles are not among the papers, first {unknown[0]!r}.")


@contextmanager
def progress() -> Iterator[Callable[[str, int, int], None]]:
    """A progress bar on the error stream; called with the stage, what is done and what there is."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=err) as bar:
        stages: dict[str, Any] = {}

        def tell(stage: str, done: int, total: int) -> None:
            if stage not in stages:
                stages[stage] = bar.add_task(stage, total=total)
            bar.update(stages[stage], completed=done, total=total)

        yield tell


def write_json(result: Any, path: Path) -> None:
    """Write a result."""
    write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", path)


def write_text(text: str, path: Path) -> None:
    """Write a file, complete or not at all, and say where.

    Raises:
        ImportFailed: it cannot be written.
    """
    partial = path.with_name(path.name + ".partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(text, encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        raise ImportFailed(f"{path} cannot be written: {error.strerror}.", f"ls -ld {path.parent}") from error
    err.print(f"Written: {path}", highlight=False, soft_wrap=True)
