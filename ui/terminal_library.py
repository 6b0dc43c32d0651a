"""What the commands about a library print: imports as they go, lists, pairs, what was done by hand."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TextColumn

from rag.browse import Listed, Sort
from rag.errors import FootnoteError
from rag.importers.parsed import Rejected
from rag.library import Library
from rag.records import Candidate, Filters
from ui.terminal import Rate, index, line, report_import

if TYPE_CHECKING:
    from rag.assemble import Footnote

__all__ = [
    "delete", "import_files", "join", "list_duplicates", "list_found", "list_papers", "next_step",
    "print_rejected", "settle", "stopped_is_said", "tag", "tell_apart", "undo", "watch", "write_rejected",
]  # fmt: skip

_NAMED = 5
_HASTY = re.compile(r"^[.~]|\.(?:part|crdownload|tmp|swp)$|~$")
"""Names of files that are still being written."""

_err = Console(stderr=True, highlight=False)


def import_files(footnote: Footnote, files: Sequence[Path], *, restore_deleted: bool = False) -> None:
    """Import files with a count of the records taken, and one line on each file."""
    with _counting() as progress:
        for name, report in footnote.import_files(files, progress, restore_deleted=restore_deleted):
            report_import(Path(name), report)


@contextmanager
def _counting() -> Iterator[Callable[[int], None]]:
    columns = (SpinnerColumn(), TextColumn("Reading records"), TextColumn("{task.completed}"), Rate())
    with Progress(*columns, console=_err, transient=True, disable=not _err.is_terminal) as bar:
        task = bar.add_task("", total=None)
        yield lambda done: bar.update(task, completed=done)


@contextmanager
def stopped_is_said() -> Iterator[None]:
    """One line on a Ctrl-C in the middle of an import: what is kept, and how to go on."""
    try:
        yield
    except KeyboardInterrupt:
        _err.print("Stopped; what was read is kept. To go on, run the same command again.")
        raise


def next_step(library: Library) -> None:
    """One line on what to do after an import."""
    if rejected := len(library.rejected()):
        _err.print(f"{rejected} records were rejected; to see why: footnote papers --rejected")
    else:
        _err.print("Next: footnote ask QUESTION, or footnote chat")


def watch(footnote: Footnote, folder: Path, *, restore_deleted: bool = False) -> None:
    """Import what is in a folder, then what comes or changes there, until Ctrl-C.

    Raises:
        FootnoteError: there is no such folder.
    """
    import logging

    import watchfiles

    logging.getLogger("watchfiles").setLevel(logging.ERROR)
    if not folder.is_dir():
        raise FootnoteError(f"{folder} is no folder.", f"mkdir -p {folder}")
    _import_what_can_be(footnote, _files_in(folder), restore_deleted=restore_deleted)
    _err.print(f"Watching {escape(str(folder))}; Ctrl-C ends it.", soft_wrap=True)
    for changes in watchfiles.watch(folder, raise_interrupt=False):
        paths = sorted({Path(p) for change, p in changes if change != watchfiles.Change.deleted})
        _import_what_can_be(footnote, [p for p in paths if _is_ready(p)], restore_deleted=restore_deleted)


def _files_in(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*")) if _is_ready(path)]


def _is_ready(path: Path) -> bool:
    return path.is_file() and not _HASTY.search(path.name)


def _import_what_can_be(footnote: Footnote, files: Sequence[Path], *, restore_deleted: bool) -> None:
    """Import files one by one; one that holds no papers is said and does not end the watching."""
    for file in files:
        try:
            import_files(footnote, [file], restore_deleted=restore_deleted)
        except FootnoteError as error:
            _err.print(f"! {escape(str(error))}", style="yellow", soft_wrap=True)
    settle(footnote)


def list_found(found: Sequence[Candidate], *, ids: bool = False) -> None:
    """One line a paper of a ranking."""
    for candidate in found:
        print((f"{candidate.paper.id}  " if ids else "") + line(candidate.paper))
    _err.print(f"{len(found)} papers")


def list_papers(
    library: Library, words: str, filters: Filters, sort: Sort | str, limit: int | None, *, ids: bool = False
) -> None:
    """One line a paper that has the words and meets the conditions."""
    rows, total = library.browse(words, filters, sort, limit)  # type: ignore[arg-type]  # the command's choices
    for row in rows:
        print((f"{row.id}  " if ids else "") + _listed(row))
    _err.print(f"{len(rows)} papers" if len(rows) == total else f"{len(rows)} of {total} papers")


def _listed(row: Listed) -> str:
    tail = ", ".join(part for part in (row.first_author, str(row.year or ""), row.venue) if part)
    tags = "".join(f" #{tag}" for tag in row.tags)
    return f"{row.title} ({tail}){tags}" if tail else f"{row.title}{tags}"


def list_duplicates(library: Library) -> None:
    """Pairs of papers that may be the same, with the commands that join them or tell them apart."""
    pairs = library.duplicates()
    for pair in pairs:
        print(f"{pair.similarity:.0%}")
        for paper in (pair.first, pair.second):
            people = ", ".join(part for part in (paper.authors[:1] or ("",)) if part)
            tail = ", ".join(part for part in (people, str(paper.year or "")) if part)
            print(f"  {paper.title}" + (f" ({tail})" if tail else ""))
        print(f"  same:      footnote papers --join {pair.first.id} {pair.second.id}")
        print(f"  different: footnote papers --apart {pair.first.id} {pair.second.id}")
    _err.print(f"{len(pairs)} pairs that may be the same paper")


def join(footnote: Footnote, first: str, second: str) -> None:
    """Make two papers one."""
    a, b = (which(footnote.library, wanted) for wanted in (first, second))
    if a.id == b.id:
        raise FootnoteError(f"{first} and {second} are one paper already.", "footnote papers --duplicates")
    footnote.library.join(a.id, b.id)
    settle(footnote)
    _err.print(
        f"Joined as {escape(which(footnote.library, a.id).id)}; footnote undo takes them apart.",
        soft_wrap=True,
    )


def tell_apart(library: Library, first: str, second: str) -> None:
    """Offer two papers no longer as duplicates."""
    library.tell_apart(which(library, first).id, which(library, second).id)
    _err.print("These two will not be offered again; footnote undo offers them again.")


def print_rejected(library: Library, source: str = "") -> None:
    """Records that were rejected: as they stood on standard output, why on standard error."""
    rejected = library.rejected(source)
    for name, record in rejected:
        _err.print(_why(name, record), soft_wrap=True)
        print(record.text)
    _err.print(f"{len(rejected)} rejected records")


def write_rejected(library: Library, path: Path) -> None:
    """Write rejected records to a file, or those of several files to a folder; why is printed."""
    rejected = library.rejected()
    names = sorted({name for name, _ in rejected})
    if len(names) > 1:
        path.mkdir(parents=True, exist_ok=True)
    for name in names:
        target = path / re.sub(r"[^\w.-]+", "-", name) if len(names) > 1 else path
        texts = [record.text for source, record in rejected if source == name]
        target.write_text("\n".join(texts) + "\n", encoding="utf-8")
    for name, record in rejected:
        _err.print(_why(name, record), soft_wrap=True)
    _err.print(
        f"{len(rejected)} rejected records are in {escape(str(path))}; correct and import it.", soft_wrap=True
    )


def _why(name: str, record: Rejected) -> str:
    return escape(f"{name}, line {record.line}: {record.reason}")


def tag(library: Library, papers: Sequence[str], name: str, *, remove: bool = False) -> None:
    """Give papers a tag, or take it away.

    Raises:
        FootnoteError: the tag is empty, or a paper is not known.
    """
    if not name.strip():
        raise FootnoteError("A tag has at least one letter.", "footnote tag PAPER TAG")
    number = library.tag([which(library, wanted).id for wanted in papers], name, remove=remove)
    _err.print(f"{number} papers {'lost' if remove else 'got'} the tag {escape(name)}.")


def delete(footnote: Footnote, papers: Sequence[str], *, ask: bool) -> None:
    """Delete papers, after a question when `ask`."""
    found = [which(footnote.library, wanted) for wanted in papers]
    for row in found:
        _err.print(f"  {escape(_listed(row))}", soft_wrap=True)
    if ask and not typer.confirm(f"Delete {_papers(len(found))}?", err=True):
        _err.print("Nothing was deleted.")
        return
    number = footnote.delete([row.id for row in found])
    _err.print(f"Deleted {_papers(number)}; footnote undo brings them back.")


def settle(footnote: Footnote) -> None:
    """Bring the indexes in line with the library, with a progress bar where there is something to embed."""
    if footnote.library.count("pending"):
        index(footnote)
    else:
        footnote.index_pending()


def undo(footnote: Footnote) -> None:
    """Undo the last action and bring the indexes in line."""
    said = footnote.library.undo()
    settle(footnote)
    _err.print(f"Undone: {escape(said)}.", soft_wrap=True)


def which(library: Library, wanted: str) -> Listed:
    """The one paper that an id or words of a title mean.

    Raises:
        FootnoteError: no paper or several are meant; it names some.
    """
    if paper := library.paper(wanted.strip()):
        row = Listed(paper.id, paper.title, "", paper.year, paper.venue, (), paper.source)
        return replace(row, first_author=paper.authors[0] if paper.authors else "")
    rows, total = library.browse(wanted, limit=_NAMED) if wanted.strip() else ([], 0)
    exact = [row for row in rows if row.title.casefold() == wanted.strip().casefold()]
    if total == 1 or len(exact) == 1:
        return (exact or rows)[0]
    if not rows:
        raise FootnoteError(f"No paper is called “{wanted}” or has it as its id.", "footnote papers --ids")
    titles = "; ".join(f"{row.title} ({row.id})" for row in rows)
    raise FootnoteError(f"“{wanted}” means {total} papers: {titles}.", "footnote papers --ids")


def _papers(number: int) -> str:
    return "1 paper" if number == 1 else f"{number} papers"
