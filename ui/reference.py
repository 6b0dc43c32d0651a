"""The command line reference: `python -m ui.reference > docs/cli.md` writes it from the help texts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer.main

INTRODUCTION = """# The command line

Written by `python -m ui.reference > docs/cli.md`; a test compares it with `--help`.
"""


def reference() -> str:
    """The help of every command, as Markdown."""
    from eval.cli import app as evaluation
    from ui.cli import app

    parts = [INTRODUCTION]
    for path, command in _commands("footnote", typer.main.get_command(app)):
        if path != "footnote eval":
            parts.append(_section(path, command))
    parts += [_section(path, c) for path, c in _commands("footnote eval", typer.main.get_command(evaluation))]
    return "\n".join(parts)


def _commands(path: str, command: Any) -> Iterator[tuple[str, Any]]:
    yield path, command
    commands: dict[str, Any] = getattr(command, "commands", {})
    for name in sorted(commands):
        yield from _commands(f"{path} {name}", commands[name])


def _section(path: str, command: Any) -> str:
    context = command.context_class(command, info_name=path, max_content_width=100, terminal_width=100)
    return f"## `{path}`\n\n```text\n{command.get_help(context).rstrip()}\n```\n"


if __name__ == "__main__":
    print(reference(), end="")
