"""The commands about what was asked before: conversations, feedback."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rag.errors import FootnoteError
from ui.options import LibraryOption, opened_library

if TYPE_CHECKING:
    from rag.conversations import Kept
    from rag.feedback import Verdict

SHOWN = 8
"""Characters of an id that a list shows; they are enough to name a conversation."""
IdArgument = Annotated[str, typer.Argument(metavar="ID", help="Id of the conversation, or how it begins.")]

conversations_app = typer.Typer(
    help="What was asked in the browser before: list, show, export, import, rename, delete.",
    rich_markup_mode=None,
    invoke_without_command=True,
)


def add_to(app: typer.Typer) -> None:
    """Make these commands part of the command line."""
    app.add_typer(conversations_app, name="conversations")
    app.command()(feedback)


@conversations_app.callback()
def conversations(
    context: typer.Context,
    search: Annotated[str, typer.Option(help="Only those with these words, answers included.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="How many to list.")] = 50,
    library: LibraryOption = None,
) -> None:
    """List the conversations of the library, latest first."""
    if context.invoked_subcommand is not None:
        if library is not None:
            command = f"footnote conversations {context.invoked_subcommand} --library {shlex.quote(library)}"
            raise FootnoteError("--library belongs behind the command.", command)
        return
    from rag.conversations import Conversations

    with opened_library(library) as held:
        found, total = Conversations(held).listed(search, limit)
    for kept in found:
        typer.echo(_line(kept))
    if not found:
        typer.echo(
            "No conversation has these words." if search else "Nothing was asked in the browser yet.",
            err=True,
        )
    elif total > len(found):
        typer.echo(
            f"{total - len(found)} more; to see them: footnote conversations --limit {total}", err=True
        )


def _line(kept: Kept) -> str:
    from rag.dialogues.told import single

    asked = "1 question" if kept.questions == 1 else f"{kept.questions} questions"
    return f"{kept.id[:SHOWN]}  {kept.changed.astimezone():%Y-%m-%d %H:%M}  {asked:>13}  {single(kept.name)}"


@conversations_app.command()
def show(conversation: IdArgument, library: LibraryOption = None) -> None:
    """Print a conversation with its sources."""
    from rag.conversations import Conversations
    from rag.dialogues import plain_text

    with opened_library(library) as held:
        every = Conversations(held)
        kept = every.called(conversation)
        typer.echo(plain_text.text(kept, every.load(kept.id)), nl=False)


@conversations_app.command()
def export(
    conversation: IdArgument,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="File to write; LaTeX also writes a .bib beside it.")
    ] = None,
    form: Annotated[str, typer.Option("--format", help="markdown, latex, html or json.")] = "markdown",
    force: Annotated[bool, typer.Option("--force", help="Replace files that are there.")] = False,
    library: LibraryOption = None,
) -> None:
    """Write a conversation to a file for people or other programs."""
    from rag import dialogues
    from rag.conversations import Conversations
    from rag.files import write_text

    with opened_library(library) as held:
        every = Conversations(held)
        kept = every.called(conversation)
        stem = out.stem if out else dialogues.stem(kept.name)
        texts = dialogues.files(kept, every.load(kept.id), every.scope(kept.id), form, stem)
    first, *others = texts
    paths = {first: out or Path(first)} | {name: (out or Path()).parent / name for name in others}
    for path in paths.values():
        if path.exists() and not force:
            command = f"footnote conversations export {kept.id[:SHOWN]} --format {form} --force"
            raise FootnoteError(
                f"{path} is there already.", f"{command} --out {shlex.quote(str(paths[first]))}"
            )
    for name, path in paths.items():
        write_text(path, texts[name])
        typer.echo(f"Written: {path}", err=True)


@conversations_app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="What `conversations export --format json` wrote.")],
    library: LibraryOption = None,
) -> None:
    """Take in a conversation from a JSON file, as a new one unless it is there already."""
    from rag.conversations import Conversations
    from rag.dialogues.archive import import_json

    with opened_library(library) as held:
        every = Conversations(held)
        imported = import_json(every, file)
        typer.echo(_line(every.called(imported.id)))
    if not imported.new:
        typer.echo("It is there already; nothing has changed.", err=True)


@conversations_app.command()
def rename(
    conversation: IdArgument,
    name: Annotated[str, typer.Argument(help="What it is called from now on.")],
    library: LibraryOption = None,
) -> None:
    """Give a conversation a name."""
    from rag.conversations import Conversations

    with opened_library(library) as held:
        every = Conversations(held)
        kept = every.called(conversation)
        every.rename(kept.id, name)
        typer.echo(_line(every.called(kept.id)))


@conversations_app.command()
def delete(conversation: IdArgument, library: LibraryOption = None) -> None:
    """Delete a conversation; it can be restored for 30 days."""
    from rag.conversations import Conversations

    with opened_library(library) as held:
        every = Conversations(held)
        kept = every.called(conversation)
        every.delete(kept.id)
    typer.echo(f"Deleted. To bring it back: footnote conversations restore {kept.id}", err=True)


@conversations_app.command()
def restore(
    conversation: Annotated[str, typer.Argument(metavar="ID", help="Its id, as `delete` printed it.")],
    library: LibraryOption = None,
) -> None:
    """Bring back a conversation that was deleted."""
    from rag.conversations import Conversations

    with opened_library(library) as held:
        every = Conversations(held)
        every.restore(conversation)
        typer.echo(_line(every.called(conversation)))


def feedback(
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Question file to write or add to, for `footnote eval`."),
    ] = None,
    forget: Annotated[
        int | None, typer.Option(metavar="N", help="Forget the verdict of this number.")
    ] = None,
    library: LibraryOption = None,
) -> None:
    """List the verdicts on answers, or write them as questions with known answers."""
    from rag.feedback import Feedback, write_questions

    with opened_library(library) as held:
        given = Feedback(held)
        if forget is not None and not given.forget(forget):
            raise FootnoteError(f"There is no verdict of the number {forget}.", "footnote feedback")
        verdicts = given.listed()
    if out is not None:
        written, left = write_questions(verdicts, out)
        typer.echo(f"Questions written to {out}: {written}", err=True)
        if left:
            typer.echo(f"Verdicts left out, for their answers name no paper: {left}", err=True)
        return
    for verdict in verdicts:
        typer.echo(_verdict(verdict))
    if not verdicts:
        typer.echo("No answer was judged yet; the buttons are below each answer in the browser.", err=True)


def _verdict(verdict: Verdict) -> str:
    from rag.dialogues.told import single

    reason = f"  ({single(verdict.reason)})" if verdict.reason else ""
    return f"{verdict.n:>4}  {'good' if verdict.good else 'bad ':<4}  {single(verdict.question)}{reason}"
