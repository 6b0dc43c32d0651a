"""Making a fresh machine ready to answer: the shipped papers in the library, a model that fits."""

from __future__ import annotations

import os
from pathlib import Path

from rag import models, weights
from rag.assemble import Footnote
from rag.errors import ImportFailed
from rag.library import ImportReport

CORPUS = Path(__file__).resolve().parent.parent / "data" / "papers.txt"
"""The papers that Footnote ships."""

RECOMMENDED_OLLAMA = "qwen2.5:1.5b"
"""What to pull into an Ollama that has no chat model."""

_SPARE_MEMORY = 1.5
"""A model is chosen only if the machine has this many times the memory that it takes."""


def shipped_papers(footnote: Footnote) -> ImportReport | None:
    """Import the shipped papers into a new library; None when it has, or had, papers of its own.

    Raises:
        ImportFailed: the shipped file is not where the checkout has it.
    """
    if footnote.library.count() or footnote.library.was_used():
        return None
    if not CORPUS.is_file():
        raise ImportFailed("The library is empty.", "footnote import FILE")
    return footnote.import_file(CORPUS)


def model_to_fetch(footnote: Footnote) -> str:
    """The embedded model, as `Settings.model` takes it, that is lacking; empty when none is.

    Where the model was left to Footnote and it found none, it is the one that fits this machine. Nothing is
    offered to who wants quotations, or a model of an Ollama. Nothing is looked for: see `Chooser.choose`.
    """
    wanted = footnote.chooser.wanted
    named = [f"embedded/{w.name}" for w in weights.CATALOGUE if wanted in (w.name, f"embedded/{w.name}")]
    if wanted == "auto":
        return "" if footnote.chooser.current else f"embedded/{fitting(_memory()).name}"
    return (
        named[0]
        if named and not weights.has(named[0].removeprefix("embedded/"), footnote.settings.weights)
        else ""
    )


def fitting(memory: int) -> weights.Weights:
    """The best model of the catalogue that runs well in so many bytes of memory."""
    able = [w for w in weights.CATALOGUE if w.name in models.AUTOMATIC and w.ram * _SPARE_MEMORY <= memory]
    return able[0] if able else weights.find(models.AUTOMATIC[-1])


def _memory() -> int:
    """Bytes of memory of this machine; plenty where the system does not say."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return 1 << 40
