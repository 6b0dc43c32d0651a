"""Getting a language model while the page is open: asked for and shown on the terminal."""

from __future__ import annotations

import select
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape

from rag import models, prepare
from rag.assemble import Footnote
from rag.downloads import Download
from rag.errors import EngineUnreachable
from ui import terminal

console = Console(stderr=True, highlight=False)


@contextmanager
def obtaining(footnote: Footnote) -> Iterator[None]:
    """Meanwhile, see to the language model that is lacking, and show how far that is."""
    ended = threading.Event()
    thread = threading.Thread(target=_obtain, args=(footnote, ended), name="footnote-obtain")
    thread.start()
    try:
        yield
    finally:
        ended.set()
        footnote.chooser.downloads.end()
        thread.join()


def _obtain(footnote: Footnote, ended: threading.Event) -> None:
    downloads = footnote.chooser.downloads
    pulled = f"ollama/{prepare.RECOMMENDED_OLLAMA}"
    if _wants_pull(footnote, ended) and _follow(downloads.start(pulled), ended) != "failed":
        return
    if footnote.chooser.wanted != "auto" or ended.is_set():
        return
    footnote.choose_model()
    if wanted := prepare.model_to_fetch(footnote):
        _follow(downloads.start(wanted), ended)


def _follow(fetched: Download, ended: threading.Event) -> str:
    """Show a download until it ends, and say in one line how; returns its state then."""
    name = fetched.name.partition("/")[2]
    with terminal.download(name) as progress:
        while not fetched.over.wait(0.2):
            if fetched.now.total:
                progress(fetched.now.done, fetched.now.total)
    now = fetched.now
    if now.state == "done":
        console.print(f"{name} is here.", soft_wrap=True)
    elif now.state == "failed":
        console.print(f"! {escape(now.problem)}", style="yellow", soft_wrap=True)
    else:
        later = "the next start goes on from here" if ended.is_set() else "the page can go on from here"
        console.print(f"The download of {name} was stopped; {later}.", soft_wrap=True)
    return now.state


def _wants_pull(footnote: Footnote, ended: threading.Event) -> bool:
    """Ask whether an Ollama that runs and has no model that can chat is to get one."""
    host = footnote.settings.ollama_host
    try:
        lacking = footnote.chooser.wanted == "auto" and models.best(models.ollama_models(host)) is None
    except EngineUnreachable:
        return False
    name = prepare.RECOMMENDED_OLLAMA
    question = f"The Ollama at {host} has no model that can chat. Pull {name} (1 GB)? [y/N]"
    return lacking and sys.stdin.isatty() and _yes(question, ended)


def _yes(question: str, ended: threading.Event) -> bool:
    """Ask on the terminal until it is answered, or the program ends."""
    console.print(question, soft_wrap=True, markup=False)
    while not ended.is_set():
        try:
            typed, _, _ = select.select([sys.stdin], [], [], 0.2)
        except OSError:  # a system where one cannot look whether something was typed
            return False
        if typed:
            return sys.stdin.readline().strip().lower() in {"y", "yes"}
    return False
