"""What several commands share: their options, and opening the library that they name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from rag.errors import LibraryError
from rag.settings import Settings, load

if TYPE_CHECKING:
    from rag.assemble import Footnote
    from rag.library import Library

LibraryOption = Annotated[str | None, typer.Option("--library", help="Name or folder of the library.")]
ModelOption = Annotated[
    str | None,
    typer.Option("--model", help="auto, ollama/NAME, embedded/NAME, extractive, or a bare name."),
]
FromYearOption = Annotated[int | None, typer.Option("--from-year", help="Only papers of this year or later.")]
ToYearOption = Annotated[int | None, typer.Option("--to-year", help="Only papers of this year or earlier.")]
AuthorOption = Annotated[
    str, typer.Option("--author", help="Only papers by an author of this name or part of one.")
]
VenueOption = Annotated[
    str, typer.Option("--venue", help="Only papers in a venue of this name or part of one.")
]
SourceOption = Annotated[
    str, typer.Option("--source", help="Only papers imported from the file of this name.")
]
TagOption = Annotated[str, typer.Option("--tag", help="Only papers that you gave this tag.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")]
HostOption = Annotated[str | None, typer.Option("--ollama-host", help="Address of the Ollama server.")]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


def settings(**flags: object) -> Settings:
    """The settings with the flags of a command."""
    return load(flags)


@contextmanager
def opened(*, make: bool = True, **flags: object) -> Iterator[Footnote]:
    """Footnote over the library of a command, closed at the end.

    Args:
        make: whether a library that is not there yet is made; the default one always is.

    Raises:
        LibraryError: it is not there, and not to be made.
    """
    from rag.assemble import Footnote

    chosen = settings(**flags)
    if (
        not make
        and chosen.library != chosen.home / "library"
        and not (chosen.library / "library.db").exists()
    ):
        raise LibraryError(f"There is no library at {chosen.library}.", "footnote libraries")
    footnote = Footnote(chosen)
    try:
        yield footnote
    finally:
        footnote.close()


@contextmanager
def opened_library(library: str | None) -> Iterator[Library]:
    """The library of a command without its indexes, closed at the end."""
    from rag.library import Library

    papers = Library(settings(library=library).library)
    try:
        yield papers
    finally:
        papers.close()
