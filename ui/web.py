"""The browser side put together: page and API of each library, behind one port of this machine."""

from __future__ import annotations

import logging
import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from rag.assemble import Footnote
from ui import access, language
from ui.desk import Desk
from ui.guard import OnlyFromHere
from ui.look import Dressed
from ui.server import announce, listen, server
from ui.shelf import Shelf
from ui.spoken import Spoken
from ui.switching import Switching

if TYPE_CHECKING:
    import gradio as gr
    from starlette.types import ASGIApp

_log = logging.getLogger(__name__)

LARGEST = "1gb"
"""The largest file that can be uploaded."""


def serve(footnote: Footnote, *, open_browser: bool, login: bool = False) -> None:
    """Serve the page and the API until the user ends it with Ctrl-C.

    Prints `Footnote is ready: http://…` once a request is really answered. The models are loaded
    after that, while the user reads and types.

    Args:
        login: whether to ask for the password on loopback too.

    Raises:
        SettingsError: the address of the settings cannot be listened on, or others can reach it and
            no password was set.
    """
    settings = footnote.settings
    footnote.chooser.forgiving = True  # a page that says what is missing is more use than none
    with listen(settings.host, settings.port) as listening:
        host, port = listening.getsockname()[:2]
        password = access.needed(settings.home, host, login=login)
        libraries, ended = Switching(footnote, application), threading.Event()
        herald = threading.Thread(
            target=announce,
            args=(libraries.first.desk, host, port),
            kwargs={"open_browser": open_browser, "asks_password": password is not None, "ended": ended},
            name="footnote-warm",
        )
        try:
            serving = server(guarded(libraries, host, password, settings.home), libraries)
            herald.start()
            serving.run(sockets=[listening])
        except KeyboardInterrupt:
            _log.info("Ended by the user")
        finally:
            ended.set()
            libraries.end()
            libraries.close()
            if herald.ident:
                herald.join()


def guarded(
    app: ASGIApp, host: str, password: access.Access | None, home: Path | None = None
) -> OnlyFromHere:
    """What is served at an address, closed to foreign pages and, with a password, to strangers.

    Args:
        home: where sessions that were ended are kept; None to keep them until the end of the server.

    Raises:
        SettingsError: those that were ended before cannot be read.
    """
    if password is None:
        return OnlyFromHere(app, host)
    from ui.login import Door

    return OnlyFromHere(Door(app, password, access.SignedOut(home)), None)


def application(footnote: Footnote, desk: Desk, shelf: Shelf) -> ASGIApp:
    """The page and the API of one library."""
    from ui.api.app import Doors, api
    from ui.api.counter import Counter

    return Doors(page(footnote, desk, shelf), api(Counter(footnote, desk, shelf)))


def page(footnote: Footnote, desk: Desk, shelf: Shelf) -> ASGIApp:
    """The page of one library."""
    os.environ["GRADIO_TEMP_DIR"] = str(shelf.folder)  # Gradio's own folder is shared by all users
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    import fastapi
    import gradio as gr
    from fastapi.staticfiles import StaticFiles

    from ui import chat

    language.use(footnote.settings.language)
    with language.laying_out():
        blocks = build(footnote, desk, shelf)
    outer = fastapi.FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    outer.mount("/katex", StaticFiles(directory=chat.STATIC / "katex"))
    app: ASGIApp = gr.mount_gradio_app(
        outer,
        blocks,
        path="/",
        app_kwargs={"docs_url": None, "redoc_url": None, "openapi_url": None},
        footer_links=[],
        run_history=False,
        enable_monitoring=False,
        show_error=False,
        ssr_mode=False,
        pwa=False,
        mcp_server=False,
        max_file_size=LARGEST,
        theme=chat.theme(),
        css_paths=chat.styles(),
        head=chat.script(),
    )
    return Dressed(Spoken(app, blocks), blocks, lambda: footnote.settings.theme)


def build(footnote: Footnote, desk: Desk, shelf: Shelf) -> gr.Blocks:
    """The layout and the events of the page."""
    from ui import chat

    return chat.page(footnote, desk.ask, shelf)
