"""Several libraries behind one address: each is opened when somebody first goes there.

The library of the settings is served at `/`, every other one with a name at `/libraries/NAME/`, by the
same process and with the same language model.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from rag import libraries
from rag.assemble import Footnote
from rag.errors import FootnoteError
from ui.desk import Desk
from ui.language import current, said
from ui.places import PREFIX
from ui.shelf import Shelf

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send
    from starlette.types import Message as Event

_NOTICE = (
    '<!doctype html><html lang="{language}"><meta charset="utf-8"><title>Footnote</title>'
    '<meta name="viewport" content="width=device-width"><style>:root {{ color-scheme: light dark }} body {{ '
    "font: 1rem/1.6 system-ui, sans-serif; max-width: 34rem; margin: 20vh auto; padding: 0 1rem }}</style>"
    '<h1>Footnote</h1><p>{told}</p><p><a href="/">{back}</a></p></html>'
)


Inside = Callable[[Footnote, Desk, Shelf], "ASGIApp"]
"""Makes the page over a library, with all that is served beside it, at the root."""


class Room:
    """A library that is served: its page with what works for it.

    Args:
        inside: makes its page.
        first: that of the library which the server was started for; None for that one itself.
    """

    def __init__(self, footnote: Footnote, inside: Inside, first: Room | None = None) -> None:
        self.footnote = footnote
        self.desk = Desk(footnote)
        self.shelf: Shelf = Shelf(footnote, first.shelf if first else None)
        self.app = inside(footnote, self.desk, self.shelf)
        self._owned = first is not None

    def close(self) -> None:
        """Release it, after its answers have left."""
        self.desk.end()
        self.desk.wait()
        self.shelf.close()
        if self._owned:
            self.footnote.close()


class Switching:
    """One application of many libraries.

    Args:
        footnote: the library at `/`; who opened it closes it.
        inside: makes the page over a library.
    """

    def __init__(self, footnote: Footnote, inside: Inside) -> None:
        self.first = Room(footnote, inside)
        self._inside = inside
        self._one = asyncio.Lock()
        self._ending = asyncio.Event()
        self._opening: set[asyncio.Task[Room]] = set()
        self._opened: dict[Path, tuple[Room, _Lifespan]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection, or the begin and end of all."""
        path: str = scope.get("path", "")
        if scope["type"] == "lifespan":
            await self.first.app(scope, lambda: self._leaving(receive), send)
        elif not path.startswith(PREFIX):
            await self.first.app(scope, receive, send)
        else:
            await self._named(path, scope, receive, send)

    async def _named(self, path: str, scope: Scope, receive: Receive, send: Send) -> None:
        name, slash, _ = path.removeprefix(PREFIX).partition("/")
        folder = libraries.find(name, self.first.footnote.settings)
        if folder is None:
            await _answer(send, 404, _notice(said("There is no library “{name}”.", name=escape(name))))
        elif folder == self.first.footnote.settings.library:
            await _answer(send, 307, "", "/")
        elif not slash:
            await _answer(send, 307, "", quote(path) + "/")
        else:
            try:
                room = await self._room(folder)
            except FootnoteError as error:
                await _answer(send, 503, _notice(escape(str(error))))
                return
            if room is None:
                await _answer(send, 503, _notice(said("Footnote is ending.")))
            else:
                await room.app({**scope, "root_path": PREFIX + name}, receive, send)

    async def _room(self, folder: Path) -> Room | None:
        """The library of a folder; None when the server ends before it is open.

        Opening goes on when nobody waits for it any more: what was opened is closed at the end.
        """
        if folder in self._opened:
            return self._opened[folder][0]
        opening = asyncio.create_task(self._opened_once(folder))
        self._opening.add(opening)
        opening.add_done_callback(self._left)
        ending = asyncio.create_task(self._ending.wait())
        try:
            await asyncio.wait((opening, ending), return_when=asyncio.FIRST_COMPLETED)
        finally:
            ending.cancel()
        return opening.result() if opening.done() else None

    def _left(self, opening: asyncio.Task[Room]) -> None:
        self._opening.discard(opening)
        if not opening.cancelled():
            opening.exception()  # whoever waits is told; nobody may wait any more

    async def _opened_once(self, folder: Path) -> Room:
        """A library, opened in a thread so that the others go on meanwhile."""
        async with self._one:
            if folder not in self._opened:
                room = await asyncio.to_thread(self._open, folder)
                lifespan = _Lifespan(room.app)
                await lifespan.begin()
                self._opened[folder] = room, lifespan
        return self._opened[folder][0]

    def _open(self, folder: Path) -> Room:
        first = self.first.footnote
        footnote = Footnote(replace(first.settings, library=folder), chooser=first.chooser)
        return Room(footnote, self._inside, self.first)

    async def _leaving(self, receive: Receive) -> Event:
        """The next event of the server's own lifespan; what was opened on the way leaves before its end."""
        event = await receive()
        if event["type"] == "lifespan.shutdown":
            await asyncio.gather(*self._opening, return_exceptions=True)
            for _, lifespan in self._opened.values():
                await lifespan.end()
        return event

    def end(self) -> None:
        """Stop every answer under way and those to come, and open no other library."""
        self._ending.set()
        for room in self._rooms():
            room.desk.end()

    def close(self) -> None:
        """Release every library but that at `/`, after all answers have left; imports come to an end."""
        for room in self._rooms():
            room.close()

    def _rooms(self) -> list[Room]:
        return [self.first, *(room for room, _ in tuple(self._opened.values()))]


class _Lifespan:
    """Begins and ends an application as a server does, while the server runs already."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._said: asyncio.Queue[Event] = asyncio.Queue()
        self._heard: asyncio.Queue[Event] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}
        running: Coroutine[None, None, None] = self._app(scope, self._said.get, self._heard.put)  # type: ignore[assignment]  # an async function gives one
        self._task = asyncio.create_task(running)
        await self._told("startup")

    async def end(self) -> None:
        await self._told("shutdown")
        if self._task is not None:
            await self._task

    async def _told(self, what: str) -> None:
        await self._said.put({"type": f"lifespan.{what}"})
        event = await self._heard.get()
        if event["type"] != f"lifespan.{what}.complete":
            raise RuntimeError(f"The {what} of a library's page failed: {event.get('message', '')}")


def _notice(told: str) -> str:
    """A page in place of a library, that says why; HTML."""
    return _NOTICE.format(language=current(), told=told, back=said("To the library that is open"))


async def _answer(send: Send, status: int, html: str, location: str = "") -> None:
    headers = [(b"content-type", b"text/html; charset=utf-8")]
    if location:
        headers.append((b"location", location.encode("latin-1")))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": html.encode()})
