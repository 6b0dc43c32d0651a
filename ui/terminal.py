"""What the command line prints: answers as they grow, tables, progress bars.

Results go to standard output, everything about the work to standard error.
"""

from __future__ import annotations

import json
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.text import Text

from rag.errors import EngineUnreachable
from rag.filters import said
from rag.library import ImportReport
from rag.records import Answer, CheckedSentence, Paper
from rag.settings import Settings

if TYPE_CHECKING:
    from rag.assemble import Footnote
    from rag.doctor import Check

Ask = Callable[[threading.Event], Iterator[Answer]]

_err = Console(stderr=True, highlight=False)


class Rate(ProgressColumn):
    """How many papers a second."""

    def render(self, task: Task) -> Text:
        """Empty until it is known."""
        return Text(f"{task.speed:.0f}/s" if task.speed else "")


def as_text(ask: Ask) -> None:
    """Print what the abstracts say themselves at once, what the model writes as it is verified, the sources.

    Ctrl-C stops the model and keeps what was verified.
    """
    quoted: list[str] = []
    written, filters = "", ""
    for answer in _until_interrupted(ask):
        if not filters and (filters := said(answer.question.filters)):
            _err.print(f"Only papers {escape(filters)}", soft_wrap=True)
        if not quoted and not answer.abstained and (quotes := _quotes(answer)):
            print("\n".join(quotes), flush=True)
            quoted = quotes
        now = " ".join(_marked(s) for s in answer.sentences if not s.quoted)
        if now.startswith(written) and now != written:
            print(("" if written else "\n") + now[len(written) :], end="", flush=True)
            written = now
    if answer.remark and not quoted:
        print(answer.remark, end="")
    print("\n" if answer.papers or answer.abstained else "")
    _print_sources(answer, "\n".join(quoted))
    for notice in answer.notices:
        _err.print(f"! {escape(notice)}", style="yellow", soft_wrap=True)


def _quotes(answer: Answer) -> list[str]:
    quotes = [_marked(s) for s in answer.sentences if s.quoted]
    return [answer.remark, *quotes] if quotes and answer.remark else quotes


def _marked(sentence: CheckedSentence) -> str:
    return sentence.text + "".join(f" [{n}]" for n in sentence.citations)


def _print_sources(answer: Answer, printed: str = "") -> None:
    """The papers by number, with the sentences that are not in the answer already."""
    for cited in answer.papers:
        print(f"[{cited.number}] {line(cited.paper)}")
        for part in cited.evidence:
            if part.text not in answer.text and part.text not in printed:
                print(f"    “{part.text}”")
    if answer.abstained and answer.retrieved:
        print("Nearest papers:")
        for candidate in answer.retrieved[:3]:
            print(f"  - {line(candidate.paper)}")
    if answer.suggestion:
        print(f"You could ask: {answer.suggestion}")


def as_json(ask: Ask) -> None:
    """Print one JSON object for the finished answer."""
    answer = list(_until_interrupted(ask))[-1]
    print(json.dumps(answer_object(answer), ensure_ascii=False, indent=2))
    for notice in answer.notices:
        _err.print(f"! {escape(notice)}", style="yellow", soft_wrap=True)


def answer_object(answer: Answer) -> dict[str, Any]:
    """The answer as the object that `footnote ask --json` prints."""
    return {
        "question": answer.question.asked,
        "standalone_question": answer.question.standalone,
        "filters": asdict(answer.question.filters),
        "answer": answer.text,
        "abstained": answer.abstained,
        "sentences": [
            {"text": s.text, "support": str(s.support), "citations": list(s.citations)}
            for s in answer.sentences
        ],
        "papers": [
            {
                "number": c.number,
                "id": c.paper.id,
                "title": c.paper.title,
                "year": c.paper.year,
                "evidence": [e.text for e in c.evidence],
            }
            for c in answer.papers
        ],
        "retrieved": [
            {"id": c.paper.id, "title": c.paper.title, "score": round(c.score, 4)} for c in answer.retrieved
        ],
        "model": answer.model,
        "engine": answer.engine,
        "timings": asdict(answer.timings),
        "prompt_tokens": answer.prompt_tokens,
        "notices": list(answer.notices),
    }


def _until_interrupted(ask: Ask) -> Iterator[Answer]:
    """The snapshots of an answer; Ctrl-C asks the model to stop and lets the answer close."""
    stop = threading.Event()

    def interrupt(*_: object) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    before = signal.signal(signal.SIGINT, interrupt)
    try:
        yield from ask(stop)
    finally:
        signal.signal(signal.SIGINT, before)


def report_import(file: Path, report: ImportReport) -> None:
    """One line on what an import did."""
    _err.print(f"Papers of {escape(file.name)}: {said_of(report)}.", soft_wrap=True)


def said_of(report: ImportReport) -> str:
    """What an import did, in words."""
    counts = {
        "new": report.new, "merged": report.merged, "changed": report.changed, "unchanged": report.unchanged,
        "rejected": report.rejected,
    }  # fmt: skip
    parts = [f"{n} {what}" for what, n in counts.items() if n]
    parts += [f"deleted earlier: {report.deleted_earlier}"] if report.deleted_earlier else []
    return ", ".join(parts) or "none"


def index(footnote: Footnote, *, anew: bool = False) -> None:
    """Index what is pending, or everything anew, with a progress bar."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        Rate(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=_err, transient=False) as bar:
        task = bar.add_task("Embedding papers", total=None)
        work = footnote.reindex if anew else footnote.index_pending
        done = work(lambda done, total: bar.update(task, completed=done, total=total))
        bar.update(task, completed=done, total=done)


def line(paper: Paper) -> str:
    """A paper in one line."""
    details = [
        ", ".join(paper.authors[:3]) + (" et al." if len(paper.authors) > 3 else ""),
        str(paper.year or ""),
    ]
    tail = ", ".join(d for d in details if d)
    return f"{paper.title} ({tail})" if tail else paper.title


def report_checks(checks: Iterable[Check]) -> bool:
    """One line a check, as it is made; returns whether all are in order."""
    fine = True
    for check in checks:
        fine &= check.ok
        mend = f"  Run: {check.fix}" if check.fix and not check.ok else ""
        print(f"{'ok  ' if check.ok else 'FAIL'} {check.name:<9} {check.detail}{mend}", flush=True)
    return fine


def list_models(settings: Settings) -> None:
    """What Ollama has, and what the embedded engine has or can fetch."""
    from rag import weights
    from rag.models import ollama_models

    print(f"Ollama at {settings.ollama_host}:")
    try:
        found = ollama_models(settings.ollama_host)
        for m in found:
            print(f"  ollama/{m.name:<32} {m.size / 1e6:7.0f} MB  {'chat' if m.chats else 'no chat'}")
        if not found:
            print("  no models. Run: footnote models pull")
    except EngineUnreachable as error:
        print(f"  {error}")
    print("Embedded engine:")
    have = weights.installed(settings.weights)
    for w in weights.CATALOGUE:
        state = "installed" if w in have else f"footnote models fetch {w.name}"
        print(f"  embedded/{w.name:<30} {w.size / 1e6:7.0f} MB  {state}")


@contextmanager
def download(name: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar with size and speed; yields what to call with (done, total) bytes."""
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    both = sys.stdout.isatty()  # what is printed meanwhile goes above the bar, unless it goes elsewhere
    with Progress(*columns, TimeRemainingColumn(), console=_err, redirect_stdout=both) as bar:
        task = bar.add_task(f"Fetching {name}", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
