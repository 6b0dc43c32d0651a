"""The browser side as a server: one port of this machine, nothing from anywhere else."""

from __future__ import annotations

import asyncio
import http.client
import logging
import os
import socket
import threading
import time
import webbrowser
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rag import prompts
from rag.assemble import Footnote
from rag.engines import Message
from rag.errors import FootnoteError, SettingsError
from rag.records import Answer, Filters, Turn
from ui.shelf import Shelf

if TYPE_CHECKING:
    import gradio as gr
    import uvicorn
    from starlette.types import ASGIApp, Receive, Scope, Send
    from starlette.types import Message as Event

_log = logging.getLogger(__name__)

PORTS = 100
"""Ports tried from the configured one upwards."""
LEAVE = 10.0
"""Seconds that stopped answers may take to leave at the end."""
LARGEST = "1gb"
"""The largest file that can be uploaded."""
POLICY = (
    "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; script-src-attr 'none'; "
    "base-uri 'self'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
)
"""What the browser may load: only what this server sends. Gradio needs inline code and `eval`."""
_HEADERS = ((b"content-security-policy", POLICY.encode()), (b"referrer-policy", b"no-referrer"))


def build(footnote: Footnote, desk: Desk, shelf: Shelf) -> gr.Blocks:
    """The page over this library; `application` makes it a server."""
    from ui import chat

    return chat.page(footnote, desk.ask, shelf)


def serve(footnote: Footnote, *, open_browser: bool) -> None:
    """Serve the page until the user ends it with Ctrl-C.

    Prints `Footnote is ready: http://…` once a request is really answered. The models are loaded
    after that, while the user reads and types.

    Raises:
        SettingsError: the address of the settings cannot be listened on.
    """
    with listen(footnote.settings.host, footnote.settings.port) as listening:
        desk, shelf, ended = Desk(footnote), Shelf(footnote), threading.Event()
        host, port = listening.getsockname()[:2]
        announcing = (desk, host, port, open_browser, ended)
        herald = threading.Thread(target=_when_ready, args=announcing, name="footnote-warm")
        try:
            server = _server(application(footnote, desk, shelf), desk)
            herald.start()
            server.run(sockets=[listening])
        except KeyboardInterrupt:
            _log.info("Ended by the user")
        finally:
            ended.set()
            desk.end()
            desk.wait()
            shelf.close()
            if herald.ident:
                herald.join()


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens at the first free port from `port` upwards.

    Raises:
        SettingsError: the host is not an address of this machine, or no port is free.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    reason = "there is no such port"
    for candidate in range(port, min(port + PORTS, 65536)):
        try:
            return socket.create_server((host, candidate), family=family, backlog=128)
        except OSError as error:
            reason = error.strerror or str(error)
    problem = f"Nothing can listen at {host}, ports {port} to {port + PORTS - 1}: {reason}."
    raise SettingsError(problem, "FOOTNOTE_HOST=127.0.0.1 FOOTNOTE_PORT=7860 footnote chat")


def application(footnote: Footnote, desk: Desk, shelf: Shelf) -> OnlyFromHere:
    """The page as an ASGI application that tells the browser to load nothing from other hosts."""
    os.environ["GRADIO_TEMP_DIR"] = str(shelf.folder)  # Gradio's own folder is shared by all users
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    import fastapi
    import gradio as gr

    from ui import chat

    return OnlyFromHere(
        gr.mount_gradio_app(
            fastapi.FastAPI(docs_url=None, redoc_url=None, openapi_url=None),
            build(footnote, desk, shelf),
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
    )


class OnlyFromHere:
    """Adds the content security policy to every response, and can end the streams to open pages."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._ending = asyncio.Event()

    def end(self) -> None:
        """Tell every open stream that its reader has gone; to be called in the event loop."""
        self._ending.set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        unfinished = False

        async def guarded(event: Event) -> None:
            nonlocal unfinished
            if event["type"] == "http.response.start":
                event["headers"] = [*event.get("headers", ()), *_HEADERS]
            unfinished = event["type"] == "http.response.start" or event.get("more_body", False)
            await send(event)

        await self._app(scope, lambda: self._receive(receive), guarded)
        if unfinished and self._ending.is_set():
            await send({"type": "http.response.body", "body": b""})

    async def _receive(self, receive: Receive) -> Event:
        hearing = asyncio.ensure_future(receive())
        ending = asyncio.ensure_future(self._ending.wait())
        await asyncio.wait((hearing, ending), return_when=asyncio.FIRST_COMPLETED)
        ending.cancel()
        if hearing.done():
            return hearing.result()
        hearing.cancel()
        return {"type": "http.disconnect"}


class Desk:
    """Takes questions to a Footnote: opens its parts once, and knows which answers are under way."""

    def __init__(self, footnote: Footnote) -> None:
        self.footnote = footnote
        self._opening = threading.Lock()
        self._stops: set[threading.Event] = set()
        self._ended = False

    def ask(
        self, asked: str, history: Sequence[Turn], stop: threading.Event, filters: Filters = Filters()
    ) -> Iterator[Answer]:
        """Answer a question; see `Footnote.answer`."""
        self._stops.add(stop)
        try:
            if self._ended:
                stop.set()
            self.open()
            yield from self.footnote.answer(asked, history, stop, filters=filters)
        finally:
            self._stops.discard(stop)

    def open(self) -> None:
        """Load the embedder and open both indexes; done once, other threads wait.

        Raises:
            FootnoteError: one of them cannot be opened.
        """
        with self._opening:
            self.footnote.embedder.embed(["Ready?"])
            _ = self.footnote.passages, self.footnote.words

    def warm_up(self) -> None:
        """Load the models. What fails here fails again, visibly, at the first question."""
        try:
            self.open()
            if not self._ended and (model := self.footnote.choose_model().model):
                model.warm_up([Message("system", prompts.SYSTEM)])
        except FootnoteError as error:
            _log.info("%s", error)

    def end(self) -> None:
        """Stop every answer under way and those to come."""
        self._ended = True
        for stop in tuple(self._stops):
            stop.set()

    def wait(self) -> None:
        """Let stopped answers leave their engine and indexes, which cannot be unloaded under them."""
        deadline = time.monotonic() + LEAVE
        while self._stops and time.monotonic() < deadline:
            time.sleep(0.02)


def _server(app: OnlyFromHere, desk: Desk) -> uvicorn.Server:
    import uvicorn

    class Server(uvicorn.Server):
        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            app.end()  # open pages hold streams that never end by themselves
            desk.end()
            await super().shutdown(sockets)

    config = uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=3, ws="none")
    return Server(config)


def _when_ready(desk: Desk, host: str, port: int, open_browser: bool, ended: threading.Event) -> None:
    """Announce the page when it answers, then load what the first question will need."""
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    while not _answers(reachable, port):
        if ended.wait(0.05):
            return
    address = f"http://{f'[{reachable}]' if ':' in reachable else reachable}:{port}"
    print(f"Footnote is ready: {address}", flush=True)
    if open_browser:
        webbrowser.open(address)
    desk.warm_up()


def _answers(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=30)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
