"""Where the libraries of one server are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from rag import libraries
from rag.settings import Settings

PREFIX = "/libraries/"
"""What the addresses of libraries with a name begin with."""


@dataclass(frozen=True, slots=True)
class Place:
    """A library as the others link to it."""

    name: str
    """What it is called."""
    address: str
    """Where its page is, from the root of the server."""
    papers: int | None
    """How many papers it holds; None when its file cannot be read."""
    here: bool
    """Whether it is the one that is looked at."""


class Places:
    """Where the libraries of one server are.

    Args:
        first: settings of the library at `/`.
    """

    def __init__(self, first: Settings) -> None:
        self.first = first

    def all(self, here: Path) -> list[Place]:
        """Every library that can be gone to, the default one first.

        Args:
            here: folder of the library that is looked at.
        """
        return [
            Place(known.name, self._address(known.name, known.folder), known.papers, known.folder == here)
            for known in libraries.known(self.first)
        ]

    def create(self, name: str) -> str:
        """Make an empty library; returns its address.

        Raises:
            LibraryError: this is no name, there is a library of this name, or it cannot be written.
        """
        return self._address(name, libraries.create(name, self.first))

    def _address(self, name: str, folder: Path) -> str:
        return "/" if folder == self.first.library else f"{PREFIX}{quote(name)}/"
