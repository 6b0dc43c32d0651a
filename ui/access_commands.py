"""The commands that set and forget the password of a server that others can reach."""

from __future__ import annotations

import secrets
from typing import Annotated

import typer

from ui.options import settings

access_app = typer.Typer(
    help="The password for a page that others can reach; see docs/api.md.",
    rich_markup_mode=None,
    no_args_is_help=True,
)


def add_to(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.add_typer(access_app, name="access")


@access_app.command("set")
def access_set(
    generate: Annotated[
        bool, typer.Option("--generate", help="Make a long random one, for programs too, and print it once.")
    ] = False,
) -> None:
    """Set the password; who is signed in has to sign in again."""
    from ui import access

    password = secrets.token_urlsafe(24) if generate else _asked()
    access.save(access.Access.of(password), settings().home)
    if generate:
        print(password)
    typer.echo("The password is set. A server that runs asks for it from its next start on.", err=True)


def _asked() -> str:
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt="The same again", err=True))


@access_app.command("status")
def access_status() -> None:
    """Say whether a password is set."""
    from ui import access

    print("A password is set." if access.load(settings().home) else "No password is set.")


@access_app.command("remove")
def access_remove() -> None:
    """Forget the password: from then on the page is served to this machine alone."""
    from ui import access

    removed = access.remove(settings().home)
    typer.echo("The password is forgotten." if removed else "No password was set.", err=True)
