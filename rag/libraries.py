"""The libraries of one user: the default one and those with a name."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from rag import snapshot
from rag.errors import LibraryError
from rag.library import Library
from rag.settings import DEFAULT_LIBRARY, LIBRARIES, LIBRARY_NAME, Settings, library_folder


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


def called(settings: Settings) -> str:
    """What `--library` calls the library in use; empty for the default one."""
    folder, home = settings.library, settings.home
    if folder == home / "library":
        return ""
    return folder.name if folder.parent == home / LIBRARIES else str(folder)


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


def find(name: str, settings: Settings) -> Path | None:
    """Folder of the library of a name; None when there is none, or when what is given is no name."""
    folder = _place(name, settings)
    return folder if folder and (folder / "library.db").is_file() else None


def create(name: str, settings: Settings) -> Path:
    """Make an empty library of a name; returns its folder.

    Raises:
        LibraryError: this is no name, there is a library of this name, or it cannot be written.
    """
    fix = "footnote import FILE --library NAME"
    if (folder := _place(name, settings)) is None:
        said = "begins with a letter or a digit, and goes on with letters, digits, spaces and . + - _ alone"
        raise LibraryError(f"{name!r} is no name for a library: one {said}.", fix)
    if (folder / "library.db").exists():
        raise LibraryError(f"There is a library {name!r} already.", fix)
    Library(folder).close()
    return folder


def _place(name: str, settings: Settings) -> Path | None:
    """Where a library of this name lies, or would; None for what is no name."""
    return library_folder(name, settings.home) if LIBRARY_NAME.fullmatch(name) else None
