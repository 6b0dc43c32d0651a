"""The command line. Each command is a few lines; heavy parts are imported where they are used."""

from __future__ import annotations

import atexit
import os
import signal
import sys
from contextlib import nullcontext
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rag.errors import FootnoteError, ImportFailed
from rag.records import Filters
from ui import access_commands, conversation_commands, keeping_commands, library_commands, mcp_command
from ui.options import (
    AuthorOption,
    FromYearOption,
    HostOption,
    JsonOption,
    LibraryOption,
    ModelOption,
    SourceOption,
    TagOption,
    ToYearOption,
    VenueOption,
    opened,
    settings,
)

if TYPE_CHECKING:
    from rag.assemble import Footnote

app = typer.Typer(
    name="footnote",
    help="Chat with paper abstracts, offline; every sentence of an answer carries a citation.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
models_app = typer.Typer(
    help="What language models are there, and fetching more.",
    rich_markup_mode=None,
    invoke_without_command=True,
)
app.add_typer(models_app, name="models")


def main() -> None:
    """Run a command; a problem is one line on standard error and exit code 1."""
    # A Ctrl-C while the interpreter takes itself down, after all is said, is no failure.
    atexit.register(signal.signal, signal.SIGINT, signal.SIG_IGN)
    # Our products are small: a second thread of the matrix library costs more than it brings.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    if sys.argv[1:2] == ["eval"]:
        sys.argv[:2] = ["footnote eval"]
        from eval.cli import app as evaluation

        command: Any = evaluation
    else:
        command = app
    try:
        command()
    except FootnoteError as error:
        typer.echo(f"footnote: {error}", err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)


@app.command()
def chat(
    library: LibraryOption = None,
    model: ModelOption = None,
    ollama_host: HostOption = None,
    port: Annotated[int | None, typer.Option(help="First port to try.")] = None,
    browser: Annotated[bool, typer.Option(help="Open the page in the browser.")] = True,
    login: Annotated[
        bool, typer.Option("--login", help="Ask for the password of `footnote access set`, also on loopback.")
    ] = False,
    fetch: Annotated[bool, typer.Option(help="Fetch a language model when there is none.")] = True,
) -> None:
    """Open the chat in the browser; on a fresh machine, a language model is fetched meanwhile."""
    with opened(library=library, model=model, ollama_host=ollama_host, port=port) as footnote:
        try:
            _make_ready(footnote)
        except ImportFailed as error:  # the page says how papers come in
            typer.echo(f"footnote: {error}", err=True)
        typer.echo("Opening the chat…", err=True)
        from ui.obtaining import obtaining
        from ui.web import serve

        with obtaining(footnote) if fetch else nullcontext():
            serve(footnote, open_browser=browser, login=login)


@app.command()
def ask(
    question: Annotated[str, typer.Argument(help="The question, in quotation marks.")],
    library: LibraryOption = None,
    model: ModelOption = None,
    ollama_host: HostOption = None,
    top_k: Annotated[int | None, typer.Option(min=1, help="How many papers to retrieve.")] = None,
    from_year: FromYearOption = None,
    to_year: ToYearOption = None,
    author: AuthorOption = "",
    venue: VenueOption = "",
    source: SourceOption = "",
    tag: TagOption = "",
    as_json: JsonOption = False,
) -> None:
    """Answer one question from the abstracts, each sentence with its citation."""
    filters = Filters(from_year, to_year, author, venue, source, tag)
    with opened(make=False, library=library, model=model, ollama_host=ollama_host, top_k=top_k) as footnote:
        _make_ready(footnote)
        from ui import terminal

        show = terminal.as_json if as_json else terminal.as_text
        show(lambda stop: footnote.answer(question, stop=stop, filters=filters))


@app.command()
def why(
    question: Annotated[str, typer.Argument(help="The question, in quotation marks.")],
    paper: Annotated[str, typer.Argument(help="Id of a paper, or words of its title.")],
    library: LibraryOption = None,
    from_year: FromYearOption = None,
    to_year: ToYearOption = None,
    author: AuthorOption = "",
    venue: VenueOption = "",
    source: SourceOption = "",
    tag: TagOption = "",
    as_json: JsonOption = False,
) -> None:
    """Show what placed a paper in the ranking for a question, and what stands before it."""
    filters = Filters(from_year, to_year, author, venue, source, tag)
    with opened(make=False, library=library) as footnote:
        _make_ready(footnote)
        from rag.explain import which_paper
        from ui import why as page

        explanation = footnote.why(question, which_paper(paper, footnote.library), filters)
        (page.as_json if as_json else page.as_text)(explanation)


library_commands.add_to(app)
keeping_commands.add_to(app)
conversation_commands.add_to(app)
access_commands.add_to(app)
mcp_command.add_to(app)


@app.command()
def doctor(library: LibraryOption = None, model: ModelOption = None, ollama_host: HostOption = None) -> None:
    """Check each thing that an answer depends on; exit code 1 if one is not in order."""
    from rag.doctor import examine
    from ui import terminal

    if not terminal.report_checks(examine(settings(library=library, model=model, ollama_host=ollama_host))):
        raise typer.Exit(1)


@models_app.callback()
def models(context: typer.Context, ollama_host: HostOption = None) -> None:
    """List what Ollama has, and what the embedded engine has or can fetch."""
    if context.invoked_subcommand is None:
        from ui import terminal

        terminal.list_models(settings(ollama_host=ollama_host))


@models_app.command("list")
def models_list(ollama_host: HostOption = None) -> None:
    """List what Ollama has, and what the embedded engine has or can fetch."""
    from ui import terminal

    terminal.list_models(settings(ollama_host=ollama_host))


@models_app.command("fetch")
def models_fetch(
    name: Annotated[str, typer.Argument(help="Name of an embedded model.")] = "qwen2.5-coder-1.5b",
) -> None:
    """Fetch the weights of an embedded model; a broken download is taken up again."""
    from rag import weights
    from ui import terminal

    found = settings()
    weights.find(name)
    with terminal.download(name) as progress:
        path = weights.fetch(name, found.weights, progress)
    typer.echo(f"{name} is in {path}")


@models_app.command("verify")
def models_verify(name: Annotated[str, typer.Argument(help="Name of an embedded model.")]) -> None:
    """Compare the weights of an embedded model with their published SHA-256."""
    from rag import weights

    weights.verify(weights.path_of(name, settings().weights), name)
    typer.echo(f"{name} is what its publisher released.")


@models_app.command("pull")
def models_pull(
    name: Annotated[str, typer.Argument(help="Name of a model in Ollama's library.")] = "qwen2.5:1.5b",
    ollama_host: HostOption = None,
) -> None:
    """Have Ollama fetch a model."""
    from rag.models import pull
    from ui import terminal

    found = settings(ollama_host=ollama_host)
    with terminal.download(name) as progress:
        pull(found.ollama_host, name, progress)
    typer.echo(f"Ollama has {name}.")


@app.command(
    "eval",
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []},
)
def evaluate() -> None:
    """Measure retrieval, answers, citations and abstention; see `footnote eval --help`."""
    raise AssertionError("main() hands `footnote eval` to eval.cli before Typer sees it")


def _make_ready(footnote: Footnote) -> None:
    """Import the shipped papers into an empty library, and index what is pending."""
    from rag import prepare
    from ui import terminal

    if report := prepare.shipped_papers(footnote):
        terminal.report_import(prepare.CORPUS, report)
    if footnote.library.count("pending"):
        terminal.index(footnote)


if __name__ == "__main__":
    main()
