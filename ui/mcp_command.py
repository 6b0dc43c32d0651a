"""The command that serves a library to an assistant over the Model Context Protocol."""

from __future__ import annotations

import typer

from ui.options import HostOption, LibraryOption, ModelOption, opened


def add_to(app: typer.Typer) -> None:
    """Add this command to the command line."""
    app.command("mcp")(serve)


def serve(library: LibraryOption = None, model: ModelOption = None, ollama_host: HostOption = None) -> None:
    """Serve the library to an assistant that starts this command (Model Context Protocol over stdio)."""
    from ui import mcp_server

    with opened(library=library, model=model, ollama_host=ollama_host) as footnote:
        mcp_server.serve(footnote)
