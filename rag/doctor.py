"""Everything that an answer depends on, checked one thing at a time."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from rag import models, snapshot, weights
from rag.assemble import Footnote
from rag.embedders import MiniLM
from rag.errors import FootnoteError
from rag.settings import Settings, settings_file

_LEAST_SPACE = 500_000_000
_OLDEST_PYTHON = (3, 11)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that an answer depends on."""

    name: str
    """What was looked at."""
    ok: bool
    """Whether answers can rest on it."""
    detail: str
    """What was found, or what is wrong."""
    fix: str = ""
    """The command that mends it."""


def examine(settings: Settings) -> Iterator[Check]:
    """Check everything, in the order in which an answer needs it; a failure does not end the list."""
    yield _python()
    yield _space(settings)
    try:
        footnote = Footnote(settings)
    except FootnoteError as error:
        yield _settings()
        yield Check("library", False, error.problem, error.fix or "")
        yield _ollama(settings)
        yield _weights(settings)
        return
    try:
        yield _settings()
        yield _try("library", lambda: _library(footnote))
        yield _try("embedder", lambda: _embedder(footnote))
        yield _try("passages", lambda: _passages(footnote))
        yield _try("words", lambda: _words(footnote))
        yield _ollama(settings)
        yield _weights(settings)
        yield _try("model", lambda: _model(footnote))
    finally:
        footnote.close()


def _try(name: str, look: Callable[[], Check]) -> Check:
    try:
        return look()
    except FootnoteError as error:
        return Check(name, False, error.problem, error.fix or "")


def _python() -> Check:
    version = ".".join(map(str, sys.version_info[:3]))
    return Check("python", sys.version_info >= _OLDEST_PYTHON, version, "make chat PYTHON=python3.11")


def _space(settings: Settings) -> Check:
    folder = next(p for p in (settings.home, *settings.home.parents) if p.exists())
    free = shutil.disk_usage(folder).free
    return Check(
        "disk", free >= _LEAST_SPACE, f"{free / 1e9:.1f} GB free at {settings.home}", f"df -h {folder}"
    )


def _settings() -> Check:
    path = settings_file()
    return Check("settings", True, str(path) if path.exists() else f"defaults (no {path})")


def _library(footnote: Footnote) -> Check:
    papers, pending = footnote.library.count(), footnote.library.count("pending")
    where = footnote.settings.library
    if problem := snapshot.damage(where / "library.db"):
        return Check("library", False, f"library.db is damaged: {problem}", "footnote restore FILE --replace")
    if not papers:
        return Check("library", False, f"{where} is empty", "footnote import data/papers.txt")
    if pending:
        return Check(
            "library", False, f"{pending} of {papers} papers are not indexed", "footnote import --continue"
        )
    return Check("library", True, f"{papers} papers in {where}")


def _embedder(footnote: Footnote) -> Check:
    if said := footnote.embedder_said():
        said, _, fix = said.partition(" Run: ")
        return Check("embedder", False, said, fix)
    e = footnote.embedder
    if isinstance(e, MiniLM):
        return Check(
            "embedder", True, f"{e.name}, {e.dimension} dimensions, reference cosine {e.check():.3f}"
        )
    return Check("embedder", True, f"{e.name}, {e.dimension} dimensions")


def _passages(footnote: Footnote) -> Check:
    if problem := snapshot.damage(footnote.passages.folder / "chroma.sqlite3"):
        return Check("passages", False, f"the passage index is damaged: {problem}", "footnote reindex")
    lacking = footnote.without_passages()
    if lacking:
        return Check("passages", False, f"{lacking} papers have no passage", "footnote reindex")
    return Check("passages", True, f"{footnote.passages.count()} passages")


def _words(footnote: Footnote) -> Check:
    held, papers = footnote.words.count(), footnote.library.count("indexed")
    return Check("words", held == papers, f"{held} of {papers} papers in the word index", "footnote reindex")


def _ollama(settings: Settings) -> Check:
    """An Ollama is welcome and not needed, unless the settings ask for one."""
    needed = settings.model.startswith("ollama/")
    try:
        found = models.ollama_models(settings.ollama_host)
    except FootnoteError as error:
        return Check(
            "ollama", not needed, f"none at {settings.ollama_host}", (error.fix or "") if needed else ""
        )
    names = ", ".join(m.name for m in found) or "no models"
    return Check("ollama", True, f"{settings.ollama_host}: {names}")


def _weights(settings: Settings) -> Check:
    held = ", ".join(w.name for w in weights.installed(settings.weights)) or "none"
    return Check("weights", True, f"{held} in {settings.weights}")


def _model(footnote: Footnote) -> Check:
    choice = footnote.choose_model()
    if choice.model is None:
        asked = footnote.settings.model == "extractive"
        return Check("model", asked, "answers are quotations", f"footnote models fetch {models.SUGGESTED}")
    return Check("model", True, f"{choice.model.name} on {choice.model.engine}")
