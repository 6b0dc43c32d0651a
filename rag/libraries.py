"""The libraries of one user: the default one and those with a name."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from rag import snapshot
from rag.errors import LibraryError
from rag.settings import DEFAULT_LIBRARY, LIBRARIES, Settings


@dataclass(frozen=True, slots=True)
class Known:
    """One library, as it is listed."""

    name: str
    """What `--library` calls it: a name, or its folder."""
    folder: Path
    """Where it lies."""
    papers: int | None
    """Number of papers; None when its file cannot be read."""
    size: int
    """Bytes on disk, indexes included."""
    used: bool
    """Whether questions go to it now."""


def known(settings: Settings) -> list[Known]:
    """Every library: the default one first, then by name; also one in use that lies elsewhere."""
    named = sorted((settings.home / LIBRARIES).glob("*"))
    folders = {DEFAULT_LIBRARY: settings.home / "library"} | {p.name: p for p in named if p.is_dir()}
    if settings.library not in folders.values():
        folders[str(settings.library)] = settings.library
    return [
        Known(name, folder, _papers(folder), _size(folder), folder == settings.library)
        for name, folder in folders.items()
        if folder == settings.library or (folder / "library.db").is_file()
    ]


def _papers(folder: Path) -> int | None:
    if not (folder / "library.db").is_file():
        return 0
    try:
        return snapshot.contents(folder / "library.db").papers
    except LibraryError:
        return None


def _size(folder: Path) -> int:
    return sum(_bytes(Path(place) / name) for place, _, names in os.walk(folder) for name in names)


def _bytes(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:  # gone while it was counted
        return 0
