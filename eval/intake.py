"""How fast do papers come in? An import as a user makes it, with where its time goes.

The model's share is that of the process's own processor time: what the network takes on all threads,
against everything else, which is reading, SQLite, cutting, tokens, both indexes.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from eval.benchmarks import Table
from eval.embedding_speed import Speed
from eval.synthetic import Maker
from rag import importers
from rag.assemble import Footnote
from rag.embedders import MiniLM
from rag.errors import EmbedderError
from rag.exporters import write
from rag.settings import Settings


@dataclass(frozen=True, slots=True)
class Intake:
    """One import of a file into an empty library."""

    papers: int
    """Papers that were indexed."""
    passages: int
    """Their passages."""
    reading_s: float
    """Seconds until every record was in the library."""
    indexing_s: float
    """Seconds until the indexes held all."""
    again_s: float
    """Seconds that the same file takes when nothing has changed."""
    processor_s: float
    """Processor seconds of the import."""
    model_s: float
    """Those of them that the network took."""
    peak_mb: float
    """Most memory that the process held."""
    disk_mb: float
    """What the library takes on disk."""

    @property
    def per_second(self) -> float:
        """Papers a second on the clock, reading included."""
        return self.papers / (self.reading_s + self.indexing_s)

    @property
    def outside(self) -> float:
        """Share of the processor time that is not the model's."""
        return 1 - self.model_s / self.processor_s


def made_up(papers: Path, number: int, target: Path) -> None:
    """Write a file of made-up abstracts.

    Args:
        papers: file of the papers whose sentences they are made of.
    """
    maker = Maker(importers.read(papers).papers, np.zeros((1, 1), np.float32), [1])
    with target.open("w", encoding="utf-8") as file:
        write([maker.paper(n) for n in range(number)], "jsonl", file)


def measure(file: Path, folder: Path, tell: Callable[[int, int], None]) -> Intake:
    """Import a file into an empty library, twice.

    Args:
        folder: where the library is made.
        tell: called with papers done and papers to do.

    Raises:
        ImportFailed: the file holds no papers.
        EmbedderError: the settings name another embedder than the shipped one, whose share is not known.
    """
    footnote = Footnote(Settings(home=folder, library=folder / "library", model="extractive"))
    try:
        embedder = footnote.embedder
        if not isinstance(embedder, MiniLM):
            raise EmbedderError(f"The share of {embedder.name} in an import cannot be measured.")
        embedder.embed(["Ready?"])
        _ = footnote.words.count(), footnote.passages.count()
        return _measure(file, footnote, embedder, tell)
    finally:
        footnote.close()


def _measure(file: Path, footnote: Footnote, embedder: MiniLM, tell: Callable[[int, int], None]) -> Intake:
    before, processor = embedder.model_seconds, time.process_time()
    reading_s = _seconds(lambda: footnote.import_file(file))
    indexing_s = _seconds(lambda: footnote.index_pending(tell))
    processor = time.process_time() - processor
    size = sum(path.stat().st_size for path in footnote.library.folder.rglob("*") if path.is_file())
    return Intake(
        papers=footnote.library.count("indexed"),
        passages=footnote.passages.count(),
        reading_s=reading_s,
        indexing_s=indexing_s,
        again_s=_seconds(lambda: footnote.import_file(file)) + _seconds(footnote.index_pending),
        processor_s=processor,
        model_s=embedder.model_seconds - before,
        peak_mb=_peak_mb(),
        disk_mb=size / 2**20,
    )


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _peak_mb() -> float:
    unit = 1 if sys.platform == "darwin" else 1024  # bytes there, kibibytes elsewhere
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20


def tables(found: Intake, speeds: Sequence[Speed]) -> list[Table]:
    """What was measured, as tables.

    Args:
        speeds: of embedding alone, the first being the one that the others are held against; may be empty.
    """
    rows = [
        ("papers", f"{found.papers:,}"),
        ("passages", f"{found.passages:,}"),
        ("papers a second", f"{found.per_second:.1f}"),
        ("seconds, reading", f"{found.reading_s:.1f}"),
        ("seconds, indexing", f"{found.indexing_s:.1f}"),
        ("seconds, the same file again", f"{found.again_s:.1f}"),
        ("processor seconds", f"{found.processor_s:.1f}"),
        ("of these outside the model", f"{found.outside:.1%}"),
        ("peak memory, MB", f"{found.peak_mb:.0f}"),
        ("on disk, MB", f"{found.disk_mb:.0f}"),
    ]
    made = [Table("Import into an empty library", ("", "value"), rows)]
    if speeds:
        made.append(
            Table("Embedding alone, the ways taking turns", _HEADINGS, [_row(s, speeds[0]) for s in speeds])
        )
    return made


_HEADINGS = ("way", "abstracts a second", "ratio", "a processor second", "ratio")


def _row(speed: Speed, first: Speed) -> tuple[str, ...]:
    return (
        speed.way,
        f"{speed.per_second:.1f}",
        f"{speed.per_second / first.per_second:.2f}",
        f"{speed.per_cpu_second:.1f}",
        f"{speed.per_cpu_second / first.per_cpu_second:.2f}",
    )
