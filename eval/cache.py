"""Temporary libraries, indexed once and found again by what is in them and by what indexed them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import platformdirs

from eval.provenance import code_digest, packages
from rag import passport
from rag.assemble import Footnote
from rag.embedders import embedder
from rag.errors import ImportFailed
from rag.importers import Parsed
from rag.records import Paper
from rag.settings import Settings

MADE_BY = (
    "aliases.py",
    "index.py",
    "lexical.py",
    "library.py",
    "minilm/embedder.py",
    "passages.py",
    "text.py",
)
"""Files of `rag/` that make an index. The passport has versions of most; a text cannot be forgotten."""
_BASELINE_PACKAGES = ("chromadb", "llama-index-core", "tokenizers")

Progress = Callable[[str, int, int], None]
"""Called with what is going on, how much is done, and how much there is."""


def quiet(stage: str, done: int, total: int) -> None:
    """Progress that nobody looks at."""


def root(folder: Path | None) -> Path:
    """The folder of the cache: the one given, else the platform's."""
    return (folder or platformdirs.user_cache_path("footnote") / "eval").expanduser().absolute()


def content_hash(papers: Iterable[Paper]) -> str:
    """Hash of ids and texts in their order."""
    digest = hashlib.sha256()
    for paper in papers:
        digest.update(json.dumps([paper.id, paper.title, paper.abstract]).encode() + b"\n")
    return digest.hexdigest()[:16]


def place(settings: Settings, content: str, cache: Path) -> Path:
    """Where the library of this content lies when it is indexed as the settings and this code say."""
    manifest = passport.current(embedder(settings.embedder, settings.ollama_host)).manifest()
    return cache / f"{content}-{_short([manifest, code_digest(MADE_BY)])}"


def baseline_place(name: str, settings: Settings, content: str, cache: Path) -> Path:
    """Where another system's index of this content lies; no change of Footnote's own code makes it stale."""
    e = embedder(settings.embedder, settings.ollama_host)
    versions = {package: packages()[package] for package in _BASELINE_PACKAGES}
    return cache / f"{content}-{name}-{_short([e.name, e.digest, versions])}"


def _short(made_by: object) -> str:
    return hashlib.sha256(json.dumps(made_by, sort_keys=True).encode()).hexdigest()[:8]


def library_of(
    papers: tuple[Paper, ...], source: str, settings: Settings, cache: Path, progress: Progress = quiet
) -> Footnote:
    """A Footnote over exactly these papers; a second call, or one after a crash, takes up what is there."""
    folder = place(settings, content_hash(papers), cache)
    footnote = Footnote(replace(settings, library=folder / "library"))
    if footnote.library.count() < len(papers):
        progress("Importing", 0, len(papers))
        footnote.library.add(Parsed(papers), source)
        progress("Importing", len(papers), len(papers))
    footnote.index_pending(lambda done, total: progress("Indexing", done, total))
    return footnote


def library_of_file(papers: Path, settings: Settings, cache: Path, progress: Progress = quiet) -> Footnote:
    """A Footnote over the papers of a file, imported as a user would.

    Raises:
        ImportFailed: the file holds no papers.
    """
    try:
        content = hashlib.sha256(papers.read_bytes()).hexdigest()[:16]
    except OSError as error:
        raise ImportFailed(f"{papers} cannot be read: {error.strerror}.", f"ls -l {papers}") from error
    footnote = Footnote(replace(settings, library=place(settings, content, cache) / "library"))
    footnote.import_file(papers)
    footnote.index_pending(lambda done, total: progress("Indexing", done, total))
    return footnote
