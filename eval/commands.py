"""What the commands do, apart from the command line so that `--help` need not import it."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from eval import answer_variants, cache, kept, questions, summary, tables
from eval import answers as asking
from eval.answer_variants import Switch
from eval.provenance import ROOT, provenance
from eval.questions import Item
from eval.traces import Trace
from rag import settings
from rag.assemble import Footnote
from rag.errors import ImportFailed, SettingsError

DATA = ROOT / "data"
"""Where the project's own questions and papers are."""

out = Console(width=None if sys.stdout.isatty() or "COLUMNS" in os.environ else 120)
"""Tables go there; in a file or a pipe they are so wide."""
err = Console(stderr=True)
"""Progress and remarks go there."""


class Named(Protocol):
    """Anything with a name."""

    @property
    def name(self) -> str:
        """What it is called in the tables."""


S = TypeVar("S", bound=Named)


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
    library: str | None = None
    """For a fit: name or folder of the user's library to fit for; None for the shipped calibration."""


def answers(request: Request, json_file: Path | None, show_failures: bool) -> None:
    """Ask, grade, print, and write the result."""
    items = chosen_questions(request)
    traces, made_by = ask(items, request)
    result = summary.result(items, traces, made_by)
    if show_failures:
        tables.failures(result, out)
    tables.answers(result, out)
    keep(result, json_file)


def ablations(request: Request, names: Sequence[str], json_file: Path | None) -> None:
    """The answers with one thing of the main path changed after the other."""
    items, found = chosen_questions(request), {}
    for switch in chosen_switches(names, answer_variants.SWITCHES):
        try:
            traces, made_by = ask(items, request, switch)
        except SettingsError as error:
            if names:
                raise
            err.print(f"Left out: {error}", markup=False, highlight=False, soft_wrap=True)
            continue
        made_by["switch"] = {"name": switch.name, "changes": {k: str(v) for k, v in switch.changes.items()}}
        found[switch.name] = summary.result(items, [switch.after(t) for t in traces], made_by)
    tables.answer_variants(found, out)
    if json_file:
        write_json({"kind": "ablations", "collections": found}, json_file)


def chosen_switches(names: Sequence[str], switches: Sequence[S]) -> list[S]:
    """The switches of these names behind the unchanged pipeline; all when there are no names.

    Raises:
        ImportFailed: there is no switch of a name.
    """
    known = [s.name for s in switches]
    if unknown := [n for n in names if n not in known]:
        raise ImportFailed(f"There is no switch {unknown[0]!r}; known are {', '.join(known)}.")
    return [s for n, s in enumerate(switches) if n == 0 or not names or s.name in names]


def chosen_questions(request: Request) -> list[Item]:
    """The questions that a request names."""
    read = questions.read(request.questions or DATA / "questions.jsonl")
    return questions.choose(read, request.types, request.limit)


def ask(
    items: Sequence[Item], request: Request, switch: Switch | None = None
) -> tuple[list[Trace], dict[str, Any]]:
    """The traces of these questions and what made them, with progress on the terminal."""
    folder = cache.root(request.cache)
    flags = {"model": request.model} if request.model else {}
    with progress() as tell:
        tell("Preparing", 0, len(items))
        papers = request.papers or DATA / "papers.txt"
        footnote = cache.library_of_file(papers, settings.load(flags), folder, tell)
        try:
            check_titles(items, footnote)
            if switch:
                switch.applied(footnote.parts())
            model = asking.model_of(footnote)
            seen: list[str] = []

            def count(_: Item, trace: Trace) -> None:
                seen.append(trace.id)
                tell(f"Asking {model['name']}", len(seen), len(items))

            traces, file = asking.run(items, footnote, folder, request.resume, count, switch)
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


def keep(result: Mapping[str, Any], json_file: Path | None) -> None:
    """Write a result where the evaluation page of the app finds it, and where the user wants it."""
    if json_file:
        write_json(result, json_file)
    try:
        write_json(result, kept.place(result))
    except ImportFailed as error:
        err.print(f"The app will not show this result: {error.problem}", markup=False, soft_wrap=True)


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
