"""The commands that keep libraries: export, backup, restore, reindex, libraries."""

from __future__ import annotations

import contextlib
import io
import os
import shlex
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from rag.errors import FootnoteError
from rag.records import Filters, Paper
from ui.options import (
    AuthorOption,
    FromYearOption,
    LibraryOption,
    SourceOption,
    TagOption,
    ToYearOption,
    VenueOption,
    opened,
    settings,
)

if TYPE_CHECKING:
    from rag.assemble import Footnote


def add_to(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    for command in (export, backup, restore, reindex, libraries):
        app.command()(command)


def export(
    words: Annotated[str | None, typer.Argument(help="Words to look for; all papers when missing.")] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="File to write [default: print].")
    ] = None,
    form: Annotated[
        str | None,
        typer.Option(
            "--format",
            help="bibtex, ris, csl-json, csv or jsonl [default: by the file's ending, else bibtex].",
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    library: LibraryOption = None,
    top_k: Annotated[int | None, typer.Option(min=1, help="How many papers to take for words.")] = None,
    from_year: FromYearOption = None,
    to_year: ToYearOption = None,
    year: Annotated[int | None, typer.Option(help="Only papers of this year.")] = None,
    author: AuthorOption = "",
    venue: VenueOption = "",
    source: SourceOption = "",
    tag: TagOption = "",
) -> None:
    """Write papers for other programs: the whole library, or those that match, best first."""
    from rag.exporters import FORMATS, format_of, write

    form = form or (format_of(output) if output else "bibtex")
    if form not in FORMATS:
        raise FootnoteError(
            f"There is no format {form!r}; known are {', '.join(FORMATS)}.", "footnote export --help"
        )
    if output and output.exists() and not force:
        raise FootnoteError(
            f"{output} is there already.", f"footnote export --output {_quoted(output)} --force"
        )
    filters = Filters(year or from_year, year or to_year, author, venue, source, tag)
    with opened(library=library, top_k=top_k) as footnote:
        papers = _chosen(footnote, words, filters)
    with _written(output) as file:
        write(papers, form, file)
    typer.echo(f"{len(papers)} papers{f' written to {output}' if output else ''}", err=True)


def _chosen(footnote: Footnote, words: str | None, filters: Filters) -> list[Paper]:
    if words:
        return [candidate.paper for candidate in footnote.search(words, filters=filters)]
    return footnote.library.all_papers(filters)


def backup(
    file: Annotated[Path, typer.Argument(help="The zip file to write.")],
    library: LibraryOption = None,
    with_indexes: Annotated[
        bool, typer.Option("--with-indexes", help="Put the indexes in, so that nothing is embedded again.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
) -> None:
    """Write a backup of the library, also while it is used; with a manifest and check sums."""
    from rag import backup as backups

    if file.exists() and not force:
        raise FootnoteError(f"{file} is there already.", f"footnote backup {_quoted(file)} --force")
    held = backups.backup(settings(library=library).library, file, with_indexes=with_indexes)
    typer.echo(f"{held.papers} papers are in {file} ({_size(file.stat().st_size)}).", err=True)


def restore(
    file: Annotated[Path, typer.Argument(help="What `footnote backup` wrote.")],
    library: LibraryOption = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Move the library that is there aside; it is not deleted.")
    ] = False,
) -> None:
    """Check a backup, put it into the library's folder, and index its papers."""
    from rag import backup as backups

    folder = settings(library=library).library
    if aside := backups.restore(file, folder, replace=replace):
        typer.echo(f"What was there is now in {aside}.", err=True)
    with opened(library=library) as footnote:
        pending = footnote.library.count("pending")
        typer.echo(f"{footnote.library.count()} papers are in {folder}.", err=True)
        if pending:
            from ui import terminal

            typer.echo(
                f"{pending} of them are to be indexed; Ctrl-C, and later: footnote import --continue",
                err=True,
            )
            terminal.index(footnote)


def reindex(
    library: LibraryOption = None,
    embedder: Annotated[
        str | None,
        typer.Option(
            help="minilm or ollama/NAME [default: that of the settings, or of the present indexes]."
        ),
    ] = None,
) -> None:
    """Build both indexes anew beside those that serve, then let the new ones serve; can be interrupted."""
    with opened(library=library) as footnote:
        with _progress("Building the new indexes") as progress:
            done = footnote.reindex(progress, embedder)
        typer.echo(f"{done} papers are indexed with {footnote.embedder.name}.", err=True)


def libraries(library: LibraryOption = None) -> None:
    """List the libraries, with the number of their papers and their size on disk."""
    from rag.libraries import known

    for one in known(settings(library=library)):
        papers = "unreadable" if one.papers is None else f"{one.papers} papers"
        print(f"{'*' if one.used else ' '} {one.name:<24} {papers:>14} {_size(one.size):>9}  {one.folder}")


@contextlib.contextmanager
def _progress(what: str) -> Iterator[Callable[[int, int], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    bar = Progress(*columns, console=Console(stderr=True))
    task = bar.add_task(what, total=None)

    def show(done: int, total: int) -> None:
        bar.start()  # not before: a problem that ends it at once is one line
        bar.update(task, completed=done, total=total)

    try:
        yield show
    finally:
        if bar.live.is_started:
            bar.stop()


@contextlib.contextmanager
def _written(path: Path | None) -> Iterator[TextIO]:
    """Standard output, or a file that appears when it is complete; line ends are the writer's."""
    if path is None:
        out = io.TextIOWrapper(sys.stdout.buffer, "utf-8", newline="", write_through=True)
        yield out
        out.flush()
        out.detach()
        return
    try:
        handle, name = tempfile.mkstemp(dir=path.absolute().parent, prefix=f".{path.name}-")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
                yield file
                file.flush()
                os.fsync(handle)
            Path(name).chmod(0o644)
            Path(name).replace(path)
        finally:
            Path(name).unlink(missing_ok=True)
    except OSError as error:
        raise FootnoteError(
            f"{path} cannot be written: {error.strerror}.", f"ls -ld {_quoted(path.parent)}"
        ) from error


def _size(size: int) -> str:
    return f"{size / 1e6:.1f} MB"


def _quoted(path: Path) -> str:
    return shlex.quote(str(path))
