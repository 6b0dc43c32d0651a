"""The commands that fill a library and keep it clean: import, papers, tag, delete, undo."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from rag.errors import FootnoteError
from rag.records import Filters
from ui.options import (
    AuthorOption,
    FromYearOption,
    LibraryOption,
    SourceOption,
    TagOption,
    ToYearOption,
    VenueOption,
    YesOption,
    opened,
    opened_library,
)

PapersArgument = Annotated[list[str], typer.Argument(help="Ids of papers, or words of a title.")]


class Order(Enum):
    """How papers are sorted."""

    TITLE = "title"
    YEAR = "year"
    ADDED = "added"


def import_(
    files: Annotated[list[Path] | None, typer.Argument(help="Files, archives or folders of papers.")] = None,
    library: LibraryOption = None,
    go_on: Annotated[bool, typer.Option("--continue", help="Only index what is pending.")] = False,
    rejected_to: Annotated[
        Path | None,
        typer.Option(
            "--rejected-to", help="Write what was rejected to this file, to be corrected and imported."
        ),
    ] = None,
    restore_deleted: Annotated[
        bool, typer.Option("--restore-deleted", help="Bring back papers that were deleted earlier.")
    ] = False,
    watch: Annotated[
        Path | None, typer.Option(help="Import what comes into this folder, until Ctrl-C.")
    ] = None,
) -> None:
    """Add the papers of files to the library; what is there already changes nothing."""
    if not (files or go_on or watch):
        raise FootnoteError("No file was named.", "footnote import FILE")
    with opened(library=library) as footnote:
        from ui import terminal_library as terminal

        with terminal.stopped_is_said():
            if files:
                terminal.import_files(footnote, files, restore_deleted=restore_deleted)
            terminal.settle(footnote)
            if rejected_to:
                terminal.write_rejected(footnote.library, rejected_to)
            if watch:
                terminal.watch(footnote, watch, restore_deleted=restore_deleted)
            else:
                terminal.next_step(footnote.library)


def papers(
    query: Annotated[str | None, typer.Argument(help="Words to look for; all papers when missing.")] = None,
    library: LibraryOption = None,
    top_k: Annotated[int | None, typer.Option(min=1, help="How many papers to show for a query.")] = None,
    sort: Annotated[
        Order | None, typer.Option(help="Papers that have the words, in this order, not by relevance.")
    ] = None,
    from_year: FromYearOption = None,
    to_year: ToYearOption = None,
    year: Annotated[int | None, typer.Option(help="Only papers of this year.")] = None,
    author: AuthorOption = "",
    venue: VenueOption = "",
    source: SourceOption = "",
    tag: TagOption = "",
    ids: Annotated[bool, typer.Option("--ids", help="Begin each line with the paper's id.")] = False,
    duplicates: Annotated[bool, typer.Option(help="List pairs that may be the same paper.")] = False,
    join: Annotated[tuple[str, str] | None, typer.Option(help="Make two papers one.", metavar="A B")] = None,
    apart: Annotated[
        tuple[str, str] | None, typer.Option(help="Do not offer two papers as duplicates.", metavar="A B")
    ] = None,
    rejected: Annotated[bool, typer.Option(help="Print records that were rejected, as they stood.")] = False,
) -> None:
    """List the papers of the library, or those that match some words, best first."""
    from ui import terminal_library as terminal

    if query and sort is None:
        filters = Filters(year or from_year, year or to_year, author, venue, source, tag)
        with opened(library=library, top_k=top_k) as footnote:
            terminal.list_found(footnote.search(query, filters=filters), ids=ids)
        return
    if join:
        with opened(library=library) as footnote:
            terminal.join(footnote, *join)
        return
    with opened_library(library) as held:
        if duplicates:
            terminal.list_duplicates(held)
        elif apart:
            terminal.tell_apart(held, *apart)
        elif rejected:
            terminal.print_rejected(held, source)
        else:
            filters = Filters(year or from_year, year or to_year, author, venue, source, tag)
            terminal.list_papers(held, query or "", filters, (sort or Order.TITLE).value, top_k, ids=ids)


def tag(
    papers: PapersArgument,
    tag: Annotated[str, typer.Argument(help="The tag.")],
    remove: Annotated[bool, typer.Option("--remove", help="Take the tag away.")] = False,
    library: LibraryOption = None,
) -> None:
    """Give papers a tag, by which they can be listed and asked for."""
    from ui import terminal_library as terminal

    with opened_library(library) as held:
        terminal.tag(held, papers, tag, remove=remove)


def delete(papers: PapersArgument, library: LibraryOption = None, yes: YesOption = False) -> None:
    """Delete papers; importing their file again does not bring them back, `footnote undo` does."""
    with opened(library=library) as footnote:
        from ui import terminal_library as terminal

        terminal.delete(footnote, papers, ask=not yes)


def undo(library: LibraryOption = None) -> None:
    """Undo the last import, deletion, tagging or joining of papers; the one before it when repeated."""
    with opened(library=library) as footnote:
        from ui import terminal_library as terminal

        terminal.undo(footnote)


def add_to(app: typer.Typer) -> None:
    """Make these commands part of the command line."""
    app.command("import")(import_)
    for command in (papers, tag, delete, undo):
        app.command()(command)
